"""What of a text can be quoted as one: a sentence, a row of a table, a piece of a sentence that is too long."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from graphrag_lite.query.headings import heading_of
from graphrag_lite.text.fields import records_among
from graphrag_lite.text.normalize import fold, has_cjk
from graphrag_lite.text.sentences import sentence_spans

_LONGEST = 600
_LONGEST_JOINED = 300  # characters of pieces that one quotation mark or bracket holds together
_PIECE = 240  # of a sentence that is too long to be quoted whole
_PLACEHOLDER = re.compile(r"\[[^\]\n]{0,40}\]")  # "[Illustration]"
_PICTURE = re.compile(r"\[!\[[^\]\n]*\]\([^)\n]*\)\]\([^)\n]*\)|!\[[^\]\n]*\]\([^)\n]*\)|<[^<>]*>")
_PAIRS = {"“": "”", "「": "」", "『": "』", "《": "》", "（": "）", "(": ")"}
_ROW = re.compile(r"[^:：;\n]{1,40}[:：][^;\n]*; [^:：;\n]{1,40}[:：]")  # "name: value; name: value", a row of a table
_VALUE = re.compile(r"[:：]\s*([^:：;\n]{2,60}?)\s*(?:;|$)", re.MULTILINE)
_PIPED = re.compile(r"\|.*\|\s*")  # "| value | value |"
_WHOLE_LINE = re.compile(r"\||#{1,6}[ \t]")
_INDENTED = re.compile(r"[ \t]*\n([ \t]+)")
_TERM = re.compile(r"[^\n|]{1,59}[^\n|.!?:;,]")
_DEEPER = 2  # columns
_CLAUSE_END = re.compile(r"[;，、；]\s*|,\s+|\s+")
_CLAUSE_ENDS = ("；", "，", "、", "：", ":")


@lru_cache(maxsize=2_000)
def units(text: str) -> tuple[tuple[int, int], ...]:
    """Spans of what can be quoted: sentences, the pieces of one put together again, very long ones in pieces."""
    found: list[tuple[int, int]] = []
    for start, end in sentence_spans(text):
        if _PLACEHOLDER.fullmatch(text, start, end) or _is_all_pictures(text[start:end]):
            continue
        if (found and _names_entry(text, found[-1], start) and end - found[-1][0] <= _LONGEST_JOINED) or (
            found and (_goes_on_in_line(text, found[-1], start) or _is_one(text, found[-1], (start, end)))
        ):
            found[-1] = (found[-1][0], end)
        elif _is_table(text[start:end]):
            found += [(start + m.start(), start + m.end()) for m in re.finditer(r"\S[^\n]*", text[start:end])]
        elif end - start <= _LONGEST:
            found.append((start, end))
        else:
            found += _pieces(text, start, end)
    return tuple(found)


@lru_cache(maxsize=2_000)
def records_of(text: str) -> tuple[int, ...]:
    """For each of its units the number of the record that it is a line of, or 0; see `text.fields`."""
    return tuple(records_among(text, units(text)))


def _is_all_pictures(text: str) -> bool:
    """Whether `text` shows no word of its own: badges and logos at the top of a README."""
    return text[:1] in "[!<" and not any(map(str.isalnum, _PICTURE.sub("", text)))


def _goes_on_in_line(text: str, last: tuple[int, int], start: int) -> bool:
    """Whether the last unit begins a row "| value | value |" or a heading "## 3. What it is" of several sentences."""
    return _WHOLE_LINE.match(text, last[0]) is not None and "\n" not in text[last[0] : start]


def _names_entry(text: str, last: tuple[int, int], start: int) -> bool:
    """Whether the last unit is what an entry of a list explains: a line, and more deeply indented what it is."""
    line = text[slice(*last)]
    before = text[text.rfind("\n", 0, last[0]) + 1 : last[0]]
    gap = _INDENTED.fullmatch(text, last[1], start)
    if text.startswith("-", start) and not line.startswith("-"):
        return False  # below a title, the first of several options
    if not gap or before.strip() or not _TERM.fullmatch(line) or has_cjk(line) or heading_of(line):
        return False
    return len(gap[1].expandtabs()) >= len(before.expandtabs()) + _DEEPER


def _is_table(text: str) -> bool:
    """Whether `text` is several rows, most of which name their values."""
    lines = text.split("\n")
    return len(lines) > 1 and 2 * sum(map(is_row, lines)) > len(lines)


def _is_one(text: str, last: tuple[int, int], span: tuple[int, int]) -> bool:
    return _is_broken(text, last, span[0]) and span[1] - last[0] <= _LONGEST_JOINED


def _is_broken(text: str, last: tuple[int, int], start: int) -> bool:
    """Whether the last unit ends inside a quotation, a bracket or a Chinese list of clauses."""
    if "\n" in text[last[1] : start]:
        return False
    bare = text[slice(*last)]
    return (
        (bare.endswith(_CLAUSE_ENDS) and has_cjk(bare))
        or bare.count('"') % 2 == 1
        or any(bare.count(opening) > bare.count(closing) for opening, closing in _PAIRS.items())
    )


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > _PIECE:
        cuts = [m for m in _CLAUSE_END.finditer(text, start + _PIECE // 2, start + _PIECE) if m.end() < end]
        cut = max(cuts, key=lambda m: (not m.group().isspace(), m.end()), default=None)
        if cut is None:
            break
        yield start, cut.start() + len(cut.group().rstrip())
        start = cut.end()
    if end - start <= _LONGEST:
        yield start, end


def is_row(text: str) -> bool:
    """Whether `text` is one row of a table that names its values: "name: value; name: value"."""
    return "\n" not in text and _ROW.search(text) is not None


def first_cell(text: str) -> str:
    """What a row begins with, which names what it tells of; "" of other text."""
    if _PIPED.fullmatch(text):
        return text.split("|")[1].strip(" *`_")
    match = _VALUE.search(text) if is_row(text) else None
    return match[1] if match else ""


def whole_cells(question: str, text: str) -> int:
    """How many values of a row the question says from end to end: "TS-85" is not what asks for "TS-85S"."""
    if _PIPED.fullmatch(text):
        values = {fold(cell).strip(" *`_") for cell in text.split("|")}
    elif _ROW.search(text):
        values = {fold(m[1]).strip() for m in _VALUE.finditer(text)}
    else:
        return 0
    asked = fold(question)
    return sum(1 for value in values if re.search(r"[^\W\d]", value) and _stands_in(value, asked))


def _stands_in(value: str, text: str) -> bool:
    edges = r"(?<![a-z0-9])", r"(?![a-z0-9])"
    return re.search(edges[0] + re.escape(value) + edges[1], text) is not None
