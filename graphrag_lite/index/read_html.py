"""HTML to readable text: headings, paragraphs, lists and tables; no navigation, scripts or forms.

The standard library's parser never fails on broken markup and loses nothing; kreuzberg 4.10 drops quotations and
definition lists from the structure it returns.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from textwrap import indent

from graphrag_lite.index.render import Table, heading, list_item, render_table

_SKIP = frozenset(
    "script style noscript template svg canvas nav iframe object select button head dialog".split()  # noqa: SIM905
)  # one string reads better than a column of quoted words
_SITE = frozenset(("header", "footer"))  # of the page, unless inside an article
_CONTENT = frozenset(("article", "main"))
_BLOCK = frozenset(
    "p div section article main aside blockquote figure figcaption address details summary dl dt dd ul ol form "  # noqa: SIM905
    "fieldset body hr header footer table tr caption".split()
)
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())  # noqa: SIM905
_META = {
    "author": "author",
    "date": "date",
    "article:published_time": "date",
    "dc.date": "date",
    "dc.creator": "author",
}
_DECLARED = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_COMMENT = re.compile(r"^ {0,3}#{1,6} ", re.MULTILINE)
_SPACE = re.compile(r"\s+")


def declared_encoding(data: bytes) -> str:
    """The encoding that the page names, or an empty string."""
    match = _DECLARED.search(data[:4096])
    return match[1].decode("ascii") if match else ""


def read_html(markup: str, *, is_book: bool = False) -> tuple[str, str, dict[str, str]]:
    """Text, title and metadata of a page.

    Args:
        markup: Of the page, however broken.
        is_book: Whether headers, footers and asides are part of the text (headings, notes), not of a website's frame.
    """
    reader = _Reader(is_book)
    reader.feed(markup)
    reader.close()
    reader.flush()
    blocks = reader.blocks if is_book else reader.own_blocks()
    return "\n\n".join(blocks).strip(), reader.title or reader.first_heading, reader.metadata


class _Reader(HTMLParser):
    def __init__(self, is_book: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._is_book = is_book
        self.blocks: list[str] = []
        self.title = ""
        self.first_heading = ""
        self.metadata: dict[str, str] = {}
        self._main: list[tuple[int, int]] = []  # blocks inside <main>
        self._main_at = -1
        self._words: list[str] = []
        self._level = 0  # of the heading that is open
        self._skipping: list[str] = []
        self._content = 0
        self._in_title = False
        self._preformatted = 0
        self._in_item = False
        self._tables: list[Table] = []
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title" and not self.title:
            self._in_title = True
        elif tag == "meta":
            self._meta(dict(attrs))
        elif self._skipping or self._is_skipped(tag, dict(attrs)):
            if tag == "body":  # a head that was never closed
                self._skipping.clear()
            elif tag not in _VOID:
                self._skipping.append(tag)
        else:
            self._open(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        elif self._skipping:
            if tag in self._skipping:
                del self._skipping[len(self._skipping) - 1 - self._skipping[::-1].index(tag) :]
        else:
            self._close(tag)

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title = " ".join((self.title + data).split())
        elif not self._skipping:
            self._words.append(data if self._preformatted else _SPACE.sub(" ", data))

    def flush(self) -> None:
        """End the open block."""
        text = "".join(self._words)
        lines = (line.rstrip() if self._preformatted else " ".join(line.split()) for line in text.split("\n"))
        text = "\n".join(lines).strip("\n") if self._preformatted else "\n".join(lines).strip()
        self._words.clear()
        if not text.strip():
            return
        if self._cell is not None:
            self._cell.append(" ".join(text.split()))
        elif self._level:
            self.first_heading = self.first_heading or text
            self.blocks.append(heading(text, self._level))
        elif self._in_item:
            self._append_item(text)
        elif self._preformatted and _COMMENT.search(text):
            self.blocks.append(indent(text, "    "))  # else a comment of the code would read as a heading
        else:
            self.blocks.append(text)

    def own_blocks(self) -> list[str]:
        """The blocks inside <main>, where that is most of the page: the others are the frame of its website."""
        if self._main_at >= 0:  # never closed
            self._main.append((self._main_at, len(self.blocks)))
        inside = [block for start, end in self._main for block in self.blocks[start:end]]
        return inside if 2 * sum(map(len, inside)) > sum(map(len, self.blocks)) else self.blocks

    def _append_item(self, text: str) -> None:
        item = list_item(text)
        if len(self.blocks) > max(0, self._main_at) and self.blocks[-1].startswith("- "):
            self.blocks[-1] += "\n" + item
        else:
            self.blocks.append(item)

    def _is_skipped(self, tag: str, attrs: dict[str, str | None]) -> bool:
        hidden = "hidden" in attrs or attrs.get("aria-hidden") == "true" or attrs.get("role") == "navigation"
        if tag in _SKIP or (hidden and tag not in _VOID and tag != "body"):
            return True
        return not self._is_book and (tag == "aside" or (tag in _SITE and not self._content))

    def _open(self, tag: str) -> None:
        if tag in _BLOCK or tag in ("li", "pre") or _heading_level(tag):
            self.flush()
        if tag == "main" and self._main_at < 0:
            self._main_at = len(self.blocks)
        if tag in _CONTENT:
            self._content += 1
        elif tag == "br":
            self._words.append("\n")
        elif tag == "pre":
            self._preformatted += 1
        elif tag == "li":
            self._in_item = True
        elif tag == "table":
            self._tables.append(Table([], False))
        elif tag == "tr" and self._tables:
            self._tables[-1].rows.append([])
        elif tag in ("td", "th") and self._tables:
            self._end_cell()
            self._cell = []
            if tag == "th" and len(self._tables[-1].rows) == 1:
                self._tables[-1].has_header = True
        self._level = _heading_level(tag) or self._level

    def _close(self, tag: str) -> None:
        if tag in _BLOCK or tag in ("li", "pre") or _heading_level(tag):
            self.flush()
        if tag == "main" and self._main_at >= 0:
            self._main.append((self._main_at, len(self.blocks)))
            self._main_at = -1
        if tag in _CONTENT:
            self._content = max(self._content - 1, 0)
        elif tag == "pre":
            self._preformatted = max(self._preformatted - 1, 0)
        elif tag in ("li", "ul", "ol"):  # often the only end of an item
            self._in_item = False
        elif tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag == "table" and self._tables:
            self._end_cell()
            text = render_table(self._tables.pop())
            if text and self._tables and self._tables[-1].rows:
                self._tables[-1].rows[-1].append(text.replace("\n", "; "))
            elif text:
                self.blocks.append(text)
        elif _heading_level(tag):
            self._level = 0

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        self.flush()
        cell, self._cell = " ".join(self._cell), None
        if self._tables:
            rows = self._tables[-1].rows
            if not rows:
                rows.append([])
            rows[-1].append(cell)

    def _meta(self, attrs: dict[str, str | None]) -> None:
        key = _META.get((attrs.get("name") or attrs.get("property") or "").lower())
        if key and attrs.get("content"):
            self.metadata.setdefault(key, str(attrs["content"]).strip())


def _heading_level(tag: str) -> int:
    return int(tag[1]) if len(tag) == 2 and tag[0] == "h" and tag[1] in "123456" else 0
