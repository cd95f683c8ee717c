"""EPUB books to text: the pages of the spine in reading order, read as HTML.

kreuzberg 4.10 drops definition lists and quotations, of which books have many.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from urllib.parse import unquote
from xml.etree import ElementTree

from graphrag_lite.errors import InputError
from graphrag_lite.index.decode import decode
from graphrag_lite.index.read_html import read_html

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
_MOST_BYTES = 1 << 30  # of unpacked pages: a book that unpacks to more is a bomb
_DAMAGED = "is damaged or cut short: not a readable epub file ({}). Restore it from the original"


def read_epub(data: bytes) -> tuple[str, dict[str, object]]:
    """Text and metadata (title, authors, language, created_at) of a book.

    Raises:
        InputError: Damaged, or under a copy protection; the message lacks the name of the file.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            path, package = _package(archive)
            pages = list(_spine(package, posixpath.dirname(path)))
            if set(pages) & _encrypted(archive):
                raise InputError("is under copy protection (DRM). Take an unprotected copy, or exclude it")
            texts = [text for page in _contents(archive, pages) if (text := read_html(page, is_book=True)[0])]
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, EOFError, OSError, ValueError) as error:
        raise InputError(_DAMAGED.format(" ".join(str(error).split())[:160])) from error
    except (NotImplementedError, RuntimeError) as error:  # what zipfile raises for passwords and rare compressions
        raise InputError("is protected by a password. Save a copy without one, or exclude it") from error
    return "\n\n".join(texts), _metadata(package)


def _package(archive: zipfile.ZipFile) -> tuple[str, ElementTree.Element]:
    """Path and root of the file that lists the parts of the book."""
    container = ElementTree.fromstring(archive.read(_CONTAINER))
    path = next((e.get("full-path") or "" for e in container.iter() if _name(e) == "rootfile"), "")
    return path, ElementTree.fromstring(archive.read(path))


def _spine(package: ElementTree.Element, folder: str) -> Iterator[str]:
    """Paths of the pages in reading order, without the table of contents."""
    items = {e.get("id"): e for e in package.iter() if _name(e) == "item"}
    for reference in (e for e in package.iter() if _name(e) == "itemref"):
        item = items.get(reference.get("idref"))
        if item is None or item.get("media-type") not in _PAGES or "nav" in (item.get("properties") or "").split():
            continue
        yield posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or "")))


def _contents(archive: zipfile.ZipFile, pages: list[str]) -> Iterator[str]:
    here = set(archive.namelist())
    left = _MOST_BYTES
    for page in pages:
        if page in here:  # books that list a page they lack are common
            left -= archive.getinfo(page).file_size
            if left < 0:
                raise InputError(f"unpacks to over {_MOST_BYTES >> 20:,} MB of text. Split it, or exclude it")
            yield decode(archive.read(page))


def _encrypted(archive: zipfile.ZipFile) -> set[str]:
    """Paths that cannot be read without a key; of many books only the fonts."""
    if _ENCRYPTION not in archive.namelist():
        return set()
    root = ElementTree.fromstring(archive.read(_ENCRYPTION))
    return {unquote(e.get("URI") or "") for e in root.iter() if _name(e) == "CipherReference"}


def _metadata(package: ElementTree.Element) -> dict[str, object]:
    found: dict[str, list[str]] = {}
    for element in package.iter():
        text = " ".join((element.text or "").split())
        if text and element.tag.startswith("{http://purl.org/dc/"):
            found.setdefault(_name(element), []).append(text)
    metadata: dict[str, object] = {"authors": found.get("creator", [])}
    for ours, theirs in (("title", "title"), ("language", "language"), ("created_at", "date")):
        metadata[ours] = found.get(theirs, [""])[0]
    return {key: value for key, value in metadata.items() if value}


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]
