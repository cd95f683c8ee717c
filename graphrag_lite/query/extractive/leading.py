"""What a sentence that ends in a colon leads to: the items of a list, the rows of a table, a line of code."""

from __future__ import annotations

import re
from collections.abc import Sequence

from graphrag_lite.query.extractive.units import units
from graphrag_lite.query.headings import heading_of
from graphrag_lite.text.normalize import has_cjk, terms

_LONGEST = 600  # characters, with the sentence
_LEADS = re.compile(r"[:：][*_]*$")
_GOES_ON = re.compile(r"[；;]$")  # an item of a Chinese list
_ITEM = re.compile(
    r"[-*+•] |#?\d{1,3}[.)、．] ?|#\. |[（(]?[A-Za-z\d]{1,3}[)）] ?|[（(]?[一二三四五六七八九十]{1,3}[)）、.．]"
)
_ROW = re.compile(r"\|")


def led_to(text: str, start: int, end: int) -> int:
    """Where what `text[start:end]` leads to ends, as much of it as can be quoted; `end` where it leads to nothing."""
    sentence = text[start:end]
    is_item = bool(_GOES_ON.search(sentence)) and has_cjk(sentence)
    if not (is_item or _LEADS.search(sentence)) or heading_of(sentence):
        return end
    following = [span for span in units(text) if span[0] >= end]
    if not following or heading_of(text[slice(*following[0])]):
        return end
    each = next((mark for mark in (_ITEM, _ROW) if mark.match(text, following[0][0])), None)
    return end if is_item and each is not _ITEM else _end(text, start, end, following, each)


def list_headed(asked: frozenset[str], text: str, start: int) -> tuple[int, int] | None:
    """The list one of whose items begins at a place, as much as can be quoted, where the heading above it is asked.

    Args:
        asked: Terms of the question, all those of the heading among them.
        text: Of a passage.
        start: Where the item begins.
    """
    if not _ITEM.match(text, start):
        return None
    first = start
    for begins, stop in reversed([span for span in units(text) if span[0] < start]):
        if heading := heading_of(text[begins:stop]):
            named = frozenset(terms(heading[1]))
            following = [span for span in units(text) if span[0] >= first]
            end = _end(text, first, first, following, _ITEM)
            return (first, end) if named and named <= asked and end > start else None
        if not _ITEM.match(text, begins):
            return None
        first = begins
    return None


def _end(text: str, start: int, end: int, following: Sequence[tuple[int, int]], each: re.Pattern[str] | None) -> int:
    """Where a list, a table or a paragraph ends that is quoted from `start` and goes on at `end`, whole parts."""
    reached = end
    for begins, stop in following:
        is_apart = reached > end and "\n\n" in text[reached:begins]
        if stop - start > _LONGEST or (is_apart and not (each is _ITEM and _ITEM.match(text, begins))):
            break
        reached = stop
    return reached
