"""Answers by a whole section: the steps under "How to roll back a service", the entries under "4.19.0".

Where a heading says what a question asks, what stands below it answers, in words that need not be the question's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from graphrag_lite.query.asked import Asked
from graphrag_lite.query.extractive.quotations import said_around
from graphrag_lite.query.extractive.units import units
from graphrag_lite.query.headings import HeadingPath, headings_among, label_of
from graphrag_lite.query.identifiers import is_other_identifier
from graphrag_lite.query.options import has_options_of
from graphrag_lite.records import Passage
from graphrag_lite.text.normalize import terms

Span = tuple[Passage, int, int]

_KINDS = ("", "reason")  # one who asks for a date, number, name or place wants no section
_PASSAGES = 8
_LONGEST = 600  # characters of it that are quoted, whole sentences
_SAID, _SAID_ITSELF = 0.85, 0.5  # of the question: by all headings above it, by the innermost one
_LEAST_ABOVE = 0.5  # how far a heading has to say a term to count
# "What changed in 4.19.0?": what a list of changes is, its entries need not say.
_CHANGES = re.compile(
    r"(?i)^\s*what(?:'s| is| was| has| are| were)?\b.{0,20}?\b(?:new|changed?|changes|different|added|fixed)\b"
)
_CHANGING = frozenset(terms("new change changed changes different added fixed"))


@dataclass(frozen=True, slots=True)
class _Section:
    passage: Passage
    start: int
    end: int
    said: float
    itself: float
    meant: float  # how much of the innermost heading is asked: of "find_package", all; of "find_package options", less


def section_asked(asked: Asked, passages: Sequence[Passage], weights: Mapping[str, float]) -> Span | None:
    """The beginning of the section whose headings say what is asked; None where none does.

    Args:
        asked: The question.
        passages: Best first.
        weights: How much each term of the question tells; sum 1.
    """
    if asked.kind not in _KINDS:
        return None
    if _CHANGES.search(asked.text):
        weights = {t: w for t, w in weights.items() if t not in _CHANGING} or weights
        weights = {t: w / math.fsum(weights.values()) for t, w in weights.items()}
    may_be_far_down = asked.is_definition or asked.instruction  # a heading that says just that
    read = passages if may_be_far_down else passages[:_PASSAGES]
    found = [section for passage in read for section in _sections(asked, passage, weights)]
    best = max(found, key=lambda s: (round(s.said, 2), s.itself, s.meant), default=None)
    return (best.passage, best.start, best.end) if best else None


def _sections(asked: Asked, passage: Passage, weights: Mapping[str, float]) -> Iterator[_Section]:
    above = HeadingPath(passage.headings)
    spans = units(passage.text)
    levels = headings_among(passage.text, spans)
    for at, heading in enumerate(levels):
        if heading is None:
            continue
        above.enter(*heading)
        said = _said(weights, asked.with_forms(said_around(asked, label_of(passage), above)))
        itself = _said(weights, asked.with_forms(dict.fromkeys(terms(heading[1]), 1.0)))
        if (
            said >= _SAID
            and has_options_of(asked.text, "\n".join(above.names))
            and not is_other_identifier(asked.text, heading[1])
            and itself >= _SAID_ITSELF
            and (end := _end(_before_table(passage.text, spans) if asked.is_definition else spans, levels, at))
        ):
            named = frozenset(terms(heading[1]))
            yield _Section(passage, spans[at + 1][0], end, said, itself, len(named & asked.reach) / max(1, len(named)))


def _said(weights: Mapping[str, float], says: Mapping[str, float]) -> float:
    return math.fsum(weight for term, weight in weights.items() if says.get(term, 0.0) >= _LEAST_ABOVE)


def _before_table(text: str, spans: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """The spans up to the first row of a table, which defines nothing."""
    return list(takewhile(lambda span: not text.startswith("|", span[0]), spans))


def _end(spans: Sequence[tuple[int, int]], levels: Sequence[tuple[int, str] | None], at: int) -> int:
    """Where what is quoted of a section ends, under its heading at `at`; 0 where nothing stands there."""
    heading = levels[at]
    end = 0
    for span, other in zip(spans[at + 1 :], levels[at + 1 :], strict=False):  # levels may go on
        if (other and heading and other[0] <= heading[0]) or span[1] - spans[at + 1][0] > _LONGEST:
            break
        end = end if other else span[1]
    return end
