"""Entries of a change log, a diary, a history or a list of things: what stands in one is of what its beginning names.

An entry begins with a heading "3.4.0 (2023-05-09)", with a paragraph "Lamp 3 (May 2004): …", or with the fields of a
record, above which stands what they tell of.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace

from graphrag_lite.query.asked import Asked
from graphrag_lite.query.extractive.quotations import Quotation, most_said
from graphrag_lite.query.extractive.units import records_of, units
from graphrag_lite.query.headings import heading_of, headings_among
from graphrag_lite.query.numbered import is_of_other_number, without_numbers_of_others
from graphrag_lite.query.values import value_spans
from graphrag_lite.records import Passage
from graphrag_lite.text.fields import field_of
from graphrag_lite.text.lexicon import word_set
from graphrag_lite.text.normalize import terms, words
from graphrag_lite.text.sentences import BLANK_LINE

_VERSION = re.compile(r"\bv?\d+(?:\.\d+)+(?:[-.]?(?:alpha|beta|rc|dev|post)[-.]?\d*)?\b", re.IGNORECASE)
_DATE = re.compile(r"\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b")
_BESIDE_VERSION = word_set("version release released releases unreleased yanked on v latest")  # 2.1 Pumps is a section
_MOST_BESIDE_DATE = 2  # words: "Weekly meeting, 13 February 2024"
_RUN_IN = re.compile(r"[^\W_](?:[^\n:：!?()（）.]|\.(?=\w)){0,60}?[ \t]*[(（]([^()（）\n]{3,40})[)）](?=[:：])")
_BEGINS = re.compile(r"(?:\n[ \t]*\n|\A)[ \t]*\Z")
_MAY_BEGIN = re.compile(r"^#{1,6} [^\n]*\d|^[^\n]*\d{4}[)）][:：]|^[^\n:]{1,40}: [^\n]*\n[^\n:]{1,40}: ", re.MULTILINE)
_REACH = 2_500  # characters before a passage in which its entry may begin
_SAID_OF_ENTRY = 0.8  # how far what an entry says is said of what its beginning names
_RELEASED = frozenset(terms("release publish 发布 发行"))  # is what a version with a date tells
_OF_OTHER = 0.3  # … and what that of another number says, of anything that is asked


class Releases:
    """The entries of a text.

    Args:
        text: In which something begins each.
        before: What stands before it in its document, where one may have begun that goes on.
    """

    def __init__(self, text: str, before: str = "") -> None:
        self._starts: list[int] = []
        self._entries: list[tuple[int, int] | None] = []
        self._level = 0  # of the heading that began the entry; 0 of an entry that any heading ends
        if _MAY_BEGIN.search(before):
            self._read(before, -len(before))
        self._read(text, 0)

    @property
    def are_some(self) -> bool:
        """Whether something begins an entry."""
        return any(self._entries)

    def at(self, place: int) -> tuple[int, int] | None:
        """The beginning of the entry that a place is in, below 0 where that stands before; None outside of all."""
        before = bisect_right(self._starts, place)
        return self._entries[before - 1] if before else None

    def _read(self, text: str, base: int) -> None:
        spans = units(text)
        records = records_of(text)
        for at, (span, heading) in enumerate(zip(spans, headings_among(text, spans), strict=True)):
            here = span[0] + base, span[1] + base
            if heading:
                self._under(here, *heading)
            elif (begins := _RUN_IN.match(text, *span)) and _BEGINS.search(text, 0, span[0]) and _has_date(begins[1]):
                self._add(here[0], (here[0], begins.end() + base))
                self._level = 0
            elif (
                records[at]
                and records[at] not in records[:at]
                and not self._is_headed
                and not field_of(text[slice(*span)])
            ):
                fields = [other for other, of in zip(spans, records, strict=True) if of == records[at]]
                self._add(here[0], None)  # its fields are told apart as such
                self._add(fields[-1][1] + base, here)
                self._level = 0
                if blank := BLANK_LINE.search(text, fields[-1][1]):
                    self._add(blank.end() + base, None)

    @property
    def _is_headed(self) -> bool:
        return self._level > 0 and self._entries[-1] is not None

    def _under(self, span: tuple[int, int], level: int, name: str) -> None:
        if _is_key(name):
            self._add(span[1], span)
            self._level = level
        elif level <= self._level or not self._level:
            self._add(span[1], None)

    def _add(self, start: int, entry: tuple[int, int] | None) -> None:
        self._starts.append(start)
        self._entries.append(entry)


def in_releases(
    asked: Asked,
    offered: Iterable[Quotation],
    document_text: Callable[[str], str | None] = lambda document_id: None,
) -> Iterator[Quotation]:
    """Quotations, each with what its entry begins with, whose date is when it was, where that is asked."""
    offered = list(offered)
    known = _read_all({q.passage.chunk_id: q.passage for q in offered}.values(), document_text)
    for q in offered:
        before, releases = known[q.passage.chunk_id]
        span = releases.at(q.start)
        entry = _entry(q.passage, before, span) if span else None
        if entry is None:
            yield q
            continue
        named = entry[0].text[slice(*entry[1:])]
        dates = asked.values(named) if asked.kind == "date" else frozenset()
        of_it = frozenset(terms(named)) & asked.reach if heading_of(named) is None else frozenset()  # else it is read
        of_it = without_numbers_of_others(asked.text, of_it, named)
        if dates and _VERSION.search(_DATE.sub(" ", named)):
            of_it |= _RELEASED & asked.reach
        says = most_said([q.says, asked.with_forms(dict.fromkeys(of_it, _SAID_OF_ENTRY))])
        if is_of_other_number(asked.text, named):
            says = {term: _OF_OTHER * share for term, share in says.items()}
        yield replace(q, entry=entry, values=q.values | dates, says=says)


def _read_all(
    passages: Collection[Passage], document_text: Callable[[str], str | None]
) -> dict[str, tuple[str, Releases]]:
    """By chunk id what stands before each passage of a document with entries, as far as one reads, and its entries."""
    known = {passage.chunk_id: ("", Releases(passage.text)) for passage in passages}
    with_some = {
        p.document_id for p in passages if known[p.chunk_id][1].are_some or any(map(_is_key, p.headings.split(" > ")))
    }
    texts = {document_id: document_text(document_id) or "" for document_id in sorted(with_some)}
    for passage in passages:
        if passage.document_id in texts and passage.start and not passage.page:  # of another page, none could be told
            before = texts[passage.document_id][: passage.start][-_REACH:]
            known[passage.chunk_id] = before, Releases(passage.text, before)
    return known


def _entry(passage: Passage, before: str, span: tuple[int, int]) -> tuple[Passage, int, int] | None:
    """What an entry begins with, as it can be cited; None of one that is the whole document: its title says it."""
    if span[0] >= 0:
        return passage, *span
    named = before[len(before) + span[0] : len(before) + span[1]]
    if named.lstrip("# ") == passage.title:
        return None
    start = passage.start + span[0]
    return replace(passage, text=named, start=start, end=start + len(named)), 0, len(named)


def _has_date(bracketed: str) -> bool:
    return bool(value_spans("date", bracketed)) or _DATE.search(bracketed) is not None


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
