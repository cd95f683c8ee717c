"""Entries of a change log or a diary: what stands under a heading "3.4.0 (2023-05-09)" is of that version and date."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace

from graphrag_lite.query.asked import Asked
from graphrag_lite.query.extractive.quotations import Quotation
from graphrag_lite.query.extractive.units import units
from graphrag_lite.query.headings import headings_among
from graphrag_lite.query.values import value_spans
from graphrag_lite.text.lexicon import word_set
from graphrag_lite.text.normalize import words

_VERSION = re.compile(r"\bv?\d+(?:\.\d+)+(?:[-.]?(?:alpha|beta|rc|dev|post)[-.]?\d*)?\b", re.IGNORECASE)
_DATE = re.compile(r"\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b")
_BESIDE_VERSION = word_set("version release released releases unreleased yanked on v latest")  # 2.1 Pumps is a section
_MOST_BESIDE_DATE = 2  # words: "Weekly meeting, 13 February 2024"


class Releases:
    """The entries of a text.

    Args:
        text: In which a heading begins each.
    """

    def __init__(self, text: str) -> None:
        self._starts: list[int] = []
        self._entries: list[tuple[int, int] | None] = []
        entry, entry_level = None, 0
        spans = units(text)
        for span, heading in zip(spans, headings_among(text, spans), strict=True):
            if heading is None:
                continue
            level, name = heading
            if _is_key(name):
                entry, entry_level = span, level
            elif level <= entry_level:
                entry = None
            self._starts.append(span[1])
            self._entries.append(entry)

    def at(self, place: int) -> tuple[int, int] | None:
        """The heading of the entry that a place is in; None outside of all."""
        before = bisect_right(self._starts, place)
        return self._entries[before - 1] if before else None


def in_releases(asked: Asked, offered: Iterable[Quotation]) -> Iterator[Quotation]:
    """Quotations, each with the heading of its entry, whose date is when it was, where that is asked."""
    known: dict[str, Releases] = {}
    for q in offered:
        releases = known.get(q.passage.chunk_id) or known.setdefault(q.passage.chunk_id, Releases(q.passage.text))
        if entry := releases.at(q.start):
            dates = asked.values(q.passage.text[slice(*entry)]) if asked.kind == "date" else frozenset()
            yield replace(q, entry=entry, values=q.values | dates)
        else:
            yield q


def _is_key(heading: str) -> bool:
    rest = words(_VERSION.sub(" ", _DATE.sub(" ", heading)))
    if _VERSION.search(_DATE.sub(" ", heading)):
        return _BESIDE_VERSION.issuperset(rest)
    spans = value_spans("date", heading)
    if not spans and not _DATE.search(heading):
        return False
    for start, end in reversed(spans):
        heading = f"{heading[:start]} {heading[end:]}"
    return len(words(_DATE.sub(" ", heading))) <= _MOST_BESIDE_DATE
