"""What kind of file this is: by its first bytes, then by its name."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePath

TEXT = "text"
MARKDOWN = "markdown"
UNKNOWN = ""

_BY_SUFFIX = {
    **dict.fromkeys((".txt", ".text", ".log", ".adoc", ".tex"), TEXT),
    **dict.fromkeys((".md", ".markdown", ".mdown", ".mkd", ".mdx", ".qmd", ".rmd"), MARKDOWN),
    **dict.fromkeys((".html", ".htm", ".xhtml"), "html"),
    **dict.fromkeys((".jsonl", ".ndjson"), "jsonl"),
    **dict.fromkeys((".csv", ".tsv"), "csv"),
    **{f".{name}": name for name in ("json", "pdf", "docx", "pptx", "xlsx", "xls", "doc", "ppt", "odt", "epub", "rtf")},
    **{f".{name}": name for name in ("eml", "rst", "org", "ipynb", "fb2")},
}
# What kreuzberg is asked to read, and as what.
MIME = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xls": "application/vnd.ms-excel",
    "doc": "application/msword",
    "ppt": "application/vnd.ms-powerpoint",
    "odt": "application/vnd.oasis.opendocument.text",
    "epub": "application/epub+zip",
    "rtf": "application/rtf",
    "eml": "message/rfc822",
    "org": "text/x-org",
    "ipynb": "application/x-ipynb+json",
    "fb2": "application/x-fictionbook+xml",
}
BINARY = frozenset(("pdf", "docx", "pptx", "xlsx", "xls", "doc", "ppt", "odt", "epub"))
_ZIPPED = frozenset(("docx", "pptx", "xlsx", "odt", "epub"))
_ZIP_MEMBERS = {
    "word/document.xml": "docx",
    "ppt/presentation.xml": "pptx",
    "xl/workbook.xml": "xlsx",
    "META-INF/container.xml": "epub",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAGIC = {
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
    b"II*\x00": "an image",
    b"MM\x00*": "an image",
    b"\x1f\x8b": "a compressed archive",
    b"BZh": "a compressed archive",
    b"\xfd7zXZ": "a compressed archive",
    b"7z\xbc\xaf": "a compressed archive",
    b"Rar!": "a compressed archive",
    b"\x28\xb5\x2f\xfd": "a compressed archive",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
    b"\xca\xfe\xba\xbe": "a program",
    b"SQLite format 3": "a database",
    b"PAR1": "a Parquet table",
    b"ID3": "a sound",
    b"OggS": "a sound",
}
HEAD = 4096
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_STRAY = 3  # control bytes that a short text may hold


def suffix_format(name: str) -> str:
    """The format that a file name promises; empty when its ending is not known."""
    return _BY_SUFFIX.get(PurePath(name).suffix.lower(), UNKNOWN)


def foreign_kind(head: bytes) -> str:
    """What a file is that can hold no text for us, as "an image"; empty when it may hold some."""
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), "")


def is_container(head: bytes) -> bool:
    """True for bytes that begin like PDF, Office, OpenDocument or EPUB."""
    return head.startswith((b"PK\x03\x04", _OLE, b"{\\rtf")) or b"%PDF-" in head[:1024]


def looks_like_text(head: bytes) -> bool:
    """True for the beginning of a text in any encoding."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not is_binary(head) and not foreign_kind(head)


def is_binary(sample: bytes) -> bool:
    """True where over 1% are control bytes; some strayed into many a text."""
    return (len(_CONTROL.findall(sample)) - _STRAY) * 100 > len(sample)


def detect_format(data: bytes, name: str) -> str:
    """The true format of a file: its first bytes overrule its name.

    Empty for an archive, or an old Office file that cannot be told apart.
    """
    head = data[:HEAD]
    promised = suffix_format(name)
    if b"%PDF-" in head[:1024] and promised not in ("eml",):
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _zip_format(data) or (promised if promised in _ZIPPED else UNKNOWN)
    if head.startswith(_OLE):
        return promised if promised in MIME else "doc" if "WordDocument".encode("utf-16-le") in data else UNKNOWN
    if head.startswith(b"{\\rtf"):
        return "rtf"
    begin = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower()
    if begin.startswith((b"<!doctype html", b"<html")) and promised in (TEXT, MARKDOWN, UNKNOWN, *BINARY):
        return "html"
    return promised or TEXT


def is_encrypted(data: bytes) -> bool:
    """True for an Office file under a password: an OLE container around the encrypted package."""
    return data.startswith(_OLE) and "EncryptedPackage".encode("utf-16-le") in data


def _zip_format(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            if "content.xml" in names and "mimetype" in names:
                return "odt"
    except (zipfile.BadZipFile, OSError, ValueError):
        return UNKNOWN
    return next((kind for member, kind in _ZIP_MEMBERS.items() if member in names), UNKNOWN)
