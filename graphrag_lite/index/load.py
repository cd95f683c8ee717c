"""Sources to documents: files, directories, globs and streams of every format we know.

Whatever is wrong with a file becomes an `InputError` that says what and what to do; one bad record among many
becomes a `Failure` in the stream.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO

from graphrag_lite.errors import InputError
from graphrag_lite.index import formats
from graphrag_lite.index.convert import convert
from graphrag_lite.index.decode import decode, detect_encoding
from graphrag_lite.index.discover import SourceFile, source_name
from graphrag_lite.index.read_html import declared_encoding, read_html
from graphrag_lite.index.read_markdown import read_markdown
from graphrag_lite.index.read_records import file_title, jsonable, read_csv, read_json, read_jsonl
from graphrag_lite.index.read_rst import read_rst
from graphrag_lite.records import Document, Failure
from graphrag_lite.settings import LoadSettings
from graphrag_lite.text.chapters import without_markup

STDIN = "stdin"
_BLOCK = 1 << 20
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(\S.*?)[ \t]*#*[ \t]*$|^(\S.{0,200})\n={3,}[ \t]*$", re.MULTILINE)
_TITLE_REACH = 2000  # a heading further down is that of a section
_JUNK_TITLE = re.compile(
    r"(?:untitled|no title|title|document|presentation|powerpoint presentation|slide|sheet|book|microsoft \w+|"
    r"无标题|未命名|文档|演示文稿|unspecified|unknown|none|null|n/?a)[\s\-_(]*\d*\)?"
    r"|microsoft \w+ ?-.*|.*[\\/].*\.\w{2,5}"
    r"|[\w.-]+\.(?:docx?|pptx?|xlsx?|pdf|indd|tex|dvi|ps|html?|rtf|odt|txt|qxd)|[\W\d_]*",
    re.IGNORECASE,
)
_PROGRAM = re.compile(r"\(?anonymous\)?|openpyxl|python-docx|unknown|user|admin", re.IGNORECASE)
_MAX_TITLE = 300
_KEPT = {"authors": "authors", "created_at": "created", "modified_at": "modified", "language": "language"}
FILE_PROPERTIES = frozenset(_KEPT.values())  # metadata that Office files, PDFs and books hold of themselves


def read_source(file: SourceFile, settings: LoadSettings) -> Iterator[Document | Failure]:
    """The documents of a file; JSON Lines stream, line by line.

    Raises:
        InputError: The file cannot be read: the message names it, the reason and a remedy.
    """
    try:
        size = _size(file.path)
        _check_size(size, settings)
        with file.path.open("rb") as stream:
            if formats.suffix_format(file.path.name) == "jsonl" and _streams(stream, settings):
                yield from _documents(read_jsonl(_decoded_lines(stream), file.source))
                return
            data = stream.read(size + 1)
        yield from _documents(_read(data, file.path.name, file.source, settings))
    except InputError as error:
        raise InputError(f"{file.source}: {error}") from error
    except OSError as error:
        raise InputError(f"{file.source}: {_explain(error)}") from error


def read_bytes(data: bytes, name: str, settings: LoadSettings) -> Iterator[Document | Failure]:
    """The documents of a file that lies in memory; `name` is its source, and its ending tells the format.

    Raises:
        InputError: As `read_source`.
    """
    try:
        yield from _documents(_read(data, name, name, settings))
    except InputError as error:
        raise InputError(f"{name}: {error}") from error


def read_stdin(stream: BinaryIO, settings: LoadSettings) -> Iterator[Document | Failure]:
    """The documents of standard input, of any format; JSON Lines are told by their first line.

    Raises:
        InputError: As `read_source`.
    """
    data = stream.read()
    first = data.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")[0]
    name = (
        f"{STDIN}.jsonl" if first.startswith(b"{") and b'"text"' in first and first.rstrip().endswith(b"}") else STDIN
    )
    try:
        yield from _documents(_read(data, name, STDIN, settings))
    except InputError as error:
        raise InputError(f"{STDIN}: {error}") from error


def file_hash(path: Path, settings: LoadSettings) -> str:
    """32 hex digits of the content of a file.

    Raises:
        InputError: The file cannot be read, or is larger than the settings allow.
    """
    digest = blake2b(digest_size=16)
    try:
        _check_size(_size(path), settings)
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
    except InputError as error:
        raise InputError(f"{source_name(path)}: {error}") from error
    except OSError as error:
        raise InputError(f"{source_name(path)}: {_explain(error)}") from error
    return digest.hexdigest()


def hash_if_readable(path: Path, settings: LoadSettings) -> str:
    """The same; "" for a file that cannot be read, which the run itself lists as failed."""
    try:
        return file_hash(path, settings)
    except InputError:
        return ""


def _size(path: Path) -> int:
    """The size of a regular file; opening anything else could wait for ever."""
    if path.is_dir():
        if path.is_symlink():
            raise InputError("is a symbolic link to a folder that holds it. Remove the link, or exclude it")
        os.listdir(path)
        raise InputError("is a folder, not a file. Name the folder itself as a source")
    size = path.stat().st_size
    if not path.is_file():
        raise InputError("is not a regular file. Pipe its content in: … | grl index -")
    return size


def _check_size(size: int, settings: LoadSettings) -> None:
    if size > settings.max_file_mb * 1e6:
        limit = f"load.max_file_mb = {settings.max_file_mb:g}"
        raise InputError(f"has {size / 1e6:.1f} MB, over {limit}. Raise it, or split the file")


def _explain(error: OSError) -> str:
    if error.errno == errno.ELOOP:
        return "is a symbolic link that leads back to itself. Remove it, or exclude it"
    if error.errno == errno.ENOENT:
        return "does not exist any more, or is a symbolic link to nothing. Remove it, or exclude it"
    if error.errno in (errno.EACCES, errno.EPERM):
        return "cannot be read: permission denied. Grant read access, or exclude it"
    return f"cannot be read: {error.strerror or error}. Check the disk, or exclude it"


def _read(data: bytes, name: str, source: str, settings: LoadSettings) -> Iterator[Document | Failure]:
    if not data.strip():
        raise InputError("is empty. Fill it, or exclude it")
    kind = formats.detect_format(data, name)
    if formats.is_encrypted(data):
        raise InputError("is protected by a password. Save a copy without one, or exclude it")
    foreign = formats.foreign_kind(data[: formats.HEAD])
    if foreign or not kind:
        raise InputError(
            f"is {foreign or 'an archive or an unknown binary file'}, not a document. Unpack or exclude it"
        )
    if kind in formats.MIME and (kind in formats.BINARY or formats.looks_like_text(data[: formats.HEAD])):
        if kind in formats.BINARY and not formats.is_container(data[: formats.HEAD]):
            raise InputError(
                f"is not a {kind} file though its name says so: damaged, or misnamed. Rename or restore it"
            )
        yield from _converted(data, kind, source)
        return
    if kind == "html":
        yield _page(data, source, settings)
        return
    text = decode(data, settings.encoding)
    if kind == "jsonl":
        yield from read_jsonl(iter(text.split("\n")), source)
    elif kind == "json":
        yield from read_json(text, source)
    elif kind == "csv":
        yield from read_csv(text.splitlines(keepends=True), source)
    elif kind == "rst":
        yield _plain(read_rst(text), formats.MARKDOWN, source)
    else:
        yield _plain(read_markdown(text) if kind == formats.MARKDOWN else text, kind, source)


def _documents(found: Iterator[Document | Failure]) -> Iterator[Document | Failure]:
    """The stream, as long as it holds anything."""
    is_empty = True
    for item in found:
        if isinstance(item, Document) and not item.text.strip():
            raise InputError("holds no text. Check it, or exclude it")
        is_empty = False
        yield item
    if is_empty:
        raise InputError("holds no records. Check it, or exclude it")


def _streams(stream: BinaryIO, settings: LoadSettings) -> bool:
    """True for UTF-8, whose lines can be decoded one by one; else the file is read whole."""
    head = stream.read(_BLOCK)
    stream.seek(0)
    if not head.strip() or formats.is_container(head) or formats.foreign_kind(head):
        return False
    cut = head[: head.rfind(b"\n") + 1] or head
    return (settings.encoding or detect_encoding(cut)).lower().replace("_", "-") in ("utf-8", "utf-8-sig", "utf8")


def _decoded_lines(stream: BinaryIO) -> Iterator[str | UnicodeDecodeError]:
    for line in stream:
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError as error:
            yield error


def _plain(text: str, kind: str, source: str) -> Document:
    metadata: dict[str, Any] = {}
    match = _FRONT_MATTER.match(text) if text.startswith("---") else None
    if match:
        metadata = _front_matter(match[1])
        text = text[match.end() :].lstrip("\n") if metadata else text
    title = metadata.pop("title", "")
    title = " ".join(str(title).split()) if isinstance(title, (str, int, float)) else ""
    return Document(text, title=title or _heading_title(text, kind), source=source, metadata=metadata)


def _front_matter(block: str) -> dict[str, Any]:
    """The YAML mapping at the top of a file; empty when it is none, as a rule between paragraphs."""
    import yaml

    try:
        value = yaml.safe_load(block)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    safe = jsonable(value) if isinstance(value, Mapping) else {}
    return safe if isinstance(safe, dict) else {}


def _heading_title(text: str, kind: str) -> str:
    """The first heading near the top; in plain text only on the first line, since # may be a comment."""
    head = text[:_TITLE_REACH]
    if kind != formats.MARKDOWN:
        head = "\n".join(head.lstrip().split("\n", 2)[:2])
        head = head if head.startswith("# ") or re.search(r"\n={3,}[ \t]*\Z", head) else ""
    match = _HEADING.search(head)
    return " ".join(without_markup(match[1] or match[2]).split()) if match else ""


def _page(data: bytes, source: str, settings: LoadSettings) -> Document:
    encoding = settings.encoding
    if not encoding and detect_encoding(data) not in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"):
        encoding = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252", "shift_jis": "cp932"}.get(
            declared_encoding(data).lower(), declared_encoding(data)
        )
    try:
        markup = decode(data, encoding)
    except InputError:
        if settings.encoding:
            raise
        markup = decode(data)  # the page names a wrong encoding
    text, title, metadata = read_html(markup)
    if not text:
        raise InputError("holds no text outside of navigation and scripts. Check it, or exclude it")
    return Document(text, title=_good_title(title), source=source, metadata=metadata)


def _converted(data: bytes, kind: str, source: str) -> Iterator[Document | Failure]:
    text, pages, found, unread = convert(data, kind)
    title = _good_title(found.get("title") or found.get("subject" if kind == "eml" else "") or "")
    if not title:
        title = file_title(source) if kind == "xlsx" else _good_title(_heading_title(text, formats.MARKDOWN))
    metadata = jsonable({ours: found[theirs] for theirs, ours in _KEPT.items() if found.get(theirs)})
    metadata["authors"] = [a for a in metadata.get("authors", ()) if not _PROGRAM.fullmatch(a)]
    metadata = {key: value for key, value in metadata.items() if value}
    yield Document(text, title=title, source=source, metadata=metadata, pages=pages)
    if unread:
        yield Failure(source, f"has no text but images on {unread}: run OCR on it first. The rest was read")


def _good_title(title: object) -> str:
    """A title that a person wrote, or an empty string."""
    text = " ".join(str(title).split())
    return "" if len(text) > _MAX_TITLE or _JUNK_TITLE.fullmatch(text) else text
