"""Office files, PDF and mail to text by kreuzberg, books by our own reader."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from graphrag_lite.errors import InputError
from graphrag_lite.index.formats import MIME
from graphrag_lite.index.read_epub import read_epub
from graphrag_lite.index.render import Table, heading, list_item, names_columns, render_table

_RUNS_SHOWN = 5
_TIMEOUT_S = 600  # for one file: a hostile one must not stop the run
_HEADING = re.compile(r"^#{1,6} +(.+)$", re.MULTILINE)
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~$&-])")
_EMPHASIS = re.compile(r"\*{1,3}(\S(?:[^*\n]*\S)?)\*{1,3}")
_IMAGE = re.compile(r"!\[([^\]\n]*)\]\([^)\n]*\)")
_LINK = re.compile(r"\[([^\]\n]+)\]\((?:[a-z]+:|/|#|\.)[^)\s]*\)")
_END = re.compile(r"[.!?:;。！？：；…\"”’」』)）|]$")
_ITEM = re.compile(r"(?:[-*•·▪◦–—]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s|[一二三四五六七八九十]{1,3}、|#")
_CJK_EDGE = re.compile(r"[\u3000-\u9fff\uf900-\ufaff\uff00-\uffef]")
_MOST_UNREAD = 0.2  # of the pages: covers and plates are images and lack nothing


class Converted(NamedTuple):
    """A file as text.

    `pages` are where each page starts, `metadata` has a `title`; `unread` tells which pages are images, where these are
    many.
    """

    text: str
    pages: tuple[int, ...]
    metadata: dict[str, Any]
    unread: str = ""


def convert(data: bytes, kind: str) -> Converted:
    """A file of one of the kinds in `formats.MIME`.

    Raises:
        InputError: Damaged, protected by a password, or without text; the message lacks the name of the file.
    """
    if kind == "epub":
        text, metadata = read_epub(data)
        return _with_text(Converted(text, (), metadata), "Check it, or exclude it")
    remedy = "Its pages are probably images: run OCR on it first" if kind == "pdf" else "Check it, or exclude it"
    return _with_text(_convert(data, kind), remedy)


def _with_text(converted: Converted, remedy: str) -> Converted:
    if not converted.text.strip():
        raise InputError(f"holds no text. {remedy}")
    return converted


def _convert(data: bytes, kind: str) -> Converted:
    result = _extract(data, kind)
    metadata = {key: value for key, value in dict(result.metadata).items() if value}
    if kind == "pdf":
        return Converted(*_pdf_text(result), metadata, _unread(data, result.pages or []))
    if kind == "pptx":
        return Converted(*_slides(result, _extract(data, kind, output="markdown")), metadata)
    blocks = _blocks(result)
    return Converted("\n\n".join(blocks) if blocks else str(result.content), (), metadata)


def _unread(data: bytes, pages: Sequence[Mapping[str, Any]]) -> str:
    """Which pages of a PDF are images, of text perhaps; "" where they are few."""
    if sum(page["is_blank"] for page in pages) <= _MOST_UNREAD * len(pages):
        return ""
    shown = _extract(data, "pdf", output="plain", with_images=True).pages
    images = [page["page_number"] for page in shown if page["images"] and not page["content"].strip()]
    if len(images) <= _MOST_UNREAD * len(pages):
        return ""
    runs = [[n for _, n in run] for _, run in groupby(enumerate(images), lambda pair: pair[1] - pair[0])]
    some = ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs[:_RUNS_SHOWN])
    return f"{'page' if len(images) == 1 else 'pages'} {some}{', …' if len(runs) > _RUNS_SHOWN else ''}"


def _extract(data: bytes, kind: str, output: str = "", *, with_images: bool = False) -> Any:
    import kreuzberg

    config = kreuzberg.ExtractionConfig(  # type: ignore[call-arg]  # its stub lacks disable_ocr
        use_cache=False,
        disable_ocr=True,  # it would call programs and models that are not part of this package
        output_format=output or ("markdown" if kind == "pdf" else "plain"),
        include_document_structure=kind != "pdf" and not output,
        pages=kreuzberg.PageConfig(extract_pages=True) if kind in ("pdf", "pptx") else None,
        images=kreuzberg.ImageExtractionConfig(extract_images=True) if with_images else None,
        extraction_timeout_secs=_TIMEOUT_S,
    )
    try:
        return kreuzberg.extract_bytes_sync(data, MIME[kind], config)
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException as error:
        raise InputError(_explain(str(error), kind)) from error


def _explain(message: str, kind: str) -> str:
    lower = message.lower()
    if "password" in lower or "encrypt" in lower:
        return "is protected by a password. Save a copy without one, or exclude it"
    if "timeout" in lower or "timed out" in lower:
        return f"takes longer than {_TIMEOUT_S} s to convert. Split it, or exclude it"
    parts = [" ".join(part.split()) for part in message.removeprefix("ParsingError: ").split(": ")]
    detail = ": ".join(dict.fromkeys(parts))[:160]  # libraries below each repeat what the next one said
    return f"is damaged or cut short: not a readable {kind} file ({detail}). Restore it from the original"


def _pdf_text(result: Any) -> tuple[str, tuple[int, ...]]:
    """The pages, their lines joined to paragraphs; lines that the layout shows to be headings are marked."""
    pages = [page["content"] if isinstance(page, dict) else page.content for page in result.pages or []]
    if not pages:
        return str(result.content), ()
    headings = {_plain(match) for match in _HEADING.findall(result.content)}
    lines = sum(page.count("\n") + 1 for page in pages)
    if len(headings) * 5 > lines:  # a layout that is all headings has none
        headings = set()
    text, starts = "", []
    parts: list[str] = []
    length = 0
    for page in pages:
        body = _join_lines(page, headings)
        if parts and body:
            gap = "\n" if not _END.search(text) and body[0].islower() else "\n\n"
            parts.append(gap)
            length += len(gap)
        starts.append(length)
        parts.append(body)
        length += len(body)
        text = body or text
    return "".join(parts), tuple(starts)


def _plain(markdown: str) -> str:
    return " ".join(_ESCAPE.sub(r"\1", _EMPHASIS.sub(r"\1", markdown)).split())


def _join_lines(page: str, headings: set[str]) -> str:
    """Lines as long as their page's longest go on in the next one; a hyphen at their end is that of a broken word."""
    lines = [" ".join(line.replace("\ufffe", "-").replace("\x02", "-").split()) for line in page.splitlines()]
    widths = sorted(len(line) for line in lines if line)
    full = 0.7 * widths[len(widths) * 9 // 10] if widths else 0
    blocks: list[str] = []
    is_open = False  # whether the last line runs on
    for line in lines:
        if not line:
            is_open = False
        elif line in headings:
            blocks.append(heading(line, 1 if not blocks else 2))
            is_open = False
        else:
            if is_open and not _ITEM.match(line):
                blocks[-1] = _joined(blocks[-1], line)
            else:
                blocks.append(line)
            # A last word of a sentence may end a paragraph or not; the next line's width cannot tell either.
            is_open = len(line) >= full and not (_END.search(line) and len(line) < full / 0.7 * 0.9)
    return "\n\n".join(blocks)


def _joined(first: str, second: str) -> str:
    if first.endswith("-") and first[-2:-1].isalpha() and second[:1].islower():
        return first[:-1] + second
    is_cjk = _CJK_EDGE.match(first[-1:]) and _CJK_EDGE.match(second)
    return first + ("" if is_cjk else " ") + second


def _slides(result: Any, markdown: Any) -> tuple[str, tuple[int, ...]]:
    """Slides under their titles; page starts where each slide has a title to tell it by."""
    titles = [_plain(title) for title in _HEADING.findall(markdown.content)]
    count = dict(result.metadata.get("pages") or {}).get("total_count", 0)
    starts: list[int] = []
    blocks: list[str] = []
    length = 0
    for block in _blocks(result):
        if len(starts) < len(titles) and " ".join(block.split()) == titles[len(starts)]:
            starts.append(length)
            block = heading(block, 2)
        blocks.append(block)
        length += len(block) + 2
    return "\n\n".join(blocks), tuple(starts) if len(starts) == count and starts and not starts[0] else ()


def _blocks(result: Any) -> list[str]:
    """One text a heading, paragraph, list or table of the document."""
    blocks: list[str] = []
    is_sheet = False
    for node in (result.document or {}).get("nodes", ()):
        content = node["content"]
        kind = content["node_type"]
        text = _unmarked(str(content.get("text") or ""))
        if kind in ("heading", "title") and text:
            blocks.append(heading(text, int(content.get("level") or 1)))
            is_sheet = result.mime_type.endswith(("sheet", "excel"))
        elif kind == "list_item" and text:
            item = list_item(text)
            if blocks and blocks[-1].startswith("- "):
                blocks[-1] += "\n" + item
            else:
                blocks.append(item)
        elif kind == "table":
            blocks.append(render_table(_table(content.get("grid") or {}, is_sheet)))
        elif kind == "metadata_block":
            blocks.append("\n".join(f"{key}: {value}" for key, value in content.get("entries") or ()))
        elif text:
            blocks.append(text)
    return [block for block in blocks if block.strip()]


def _unmarked(text: str) -> str:
    """Text without the Markdown of links and images, which no reader of the document saw."""
    return _LINK.sub(r"\1", _IMAGE.sub(r"\1", text)).strip() if "](" in text else text.strip()


def _table(grid: dict[str, Any], is_sheet: bool) -> Table:
    rows: list[list[str]] = [[""] * int(grid.get("cols", 0)) for _ in range(int(grid.get("rows", 0)))]
    for cell in grid.get("cells", ()):
        rows[cell["row"]][cell["col"]] = str(cell["content"])
    # kreuzberg calls every first row a header; in a sheet of several columns that is the rule.
    width = max((sum(1 for c in row if c) for row in rows), default=0)
    return Table(rows, bool(is_sheet and width > 1 and names_columns([c for c in rows[0] if c])))
