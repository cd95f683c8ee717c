"""Documents cut into chunks along their own structure, with exact offsets.

Borders are chosen as a typesetter chooses line breaks: a text is a row of units (headings, paragraphs, sentences of
long paragraphs), and the cheapest row of chunks wins. A chunk costs more the emptier it is and the more headings it
straddles, a border costs more inside a paragraph than between two. So chunks come out even, without tiny tails.

A long text is first cut at landmarks that its own words choose, and each stretch is laid out by itself: a line put in
at the top would else move every border of a log or a list, and all of it would be read, and paid for, again.

Sources of the ideas: Knuth and Plass 1981, Breaking paragraphs into lines, https://doi.org/10.1002/spe.4380111102
Bjørner, Blass and Gurevich 2010, Content-dependent chunking for differential compression, the local maximum approach,
https://doi.org/10.1016/j.jcss.2009.06.004
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise, takewhile

from graphrag_lite.index.hashing import text_id
from graphrag_lite.records import Chunk, Document
from graphrag_lite.settings import ChunkSettings
from graphrag_lite.text.chapters import CHAPTER, is_sentence, without_markup
from graphrag_lite.text.sentences import sentence_spans
from graphrag_lite.text.tokens import WEIGHT_PER_TOKEN, token_weight

WINDOW = 1_000_000  # characters that are laid out at once: bounds memory on documents of any size
_WHOLE = 1.15  # a document this little over the limit is better whole than cut
_LANDMARK_REACH = 8  # chunks on either side in which no other place is as fit for a landmark
_UNIT_SHARE = 16  # smaller neighbours are joined before the search, which is quadratic in units per chunk

# Costs, in units of an empty chunk. A section of half a chunk stands alone, smaller ones share one.
_STRADDLED_HEADING = 0.6
_AT_HEADING, _AT_PARAGRAPH, _AT_SENTENCE, _AT_WORD = 0.0, 0.05, 0.3, 0.6
_AFTER_HEADING = 10.0

_LINE = re.compile(r"[^\n]+")
_BLOCK = re.compile(r"\S.*(?:\n[^\S\n]*+\S.*)*")
_HEADING = re.compile(
    r"^[ ]{0,3}(?P<marks>\#{1,6})[ \t]+(?P<atx>\S[^\n]*)$"
    r"|^(?P<setext>\S.{0,200})\n[ ]{0,3}(?P<rule>={3,}|-{3,})[ \t]*$"
    rf"|^[ \t]*(?P<chapter>{CHAPTER})$",
    re.MULTILINE | re.IGNORECASE,
)
_FENCE = re.compile(r"^[ ]{0,3}(?:```|~~~)", re.MULTILINE)
_CUTS = (re.compile(r"\n"), re.compile(r"[;；,，:：、)）](?=\s|[^\x00-\u2fff])|[；，：、）]"), re.compile(r"\s"))


@dataclass(frozen=True, slots=True)
class _Unit:
    """A piece that is not cut: `text[start:end]`. `cost` is that of a border before it, `level` that of a heading."""

    start: int
    end: int
    cost: float
    level: int = 0
    heading: str = ""


def chunk_document(document: Document, settings: ChunkSettings) -> Iterator[Chunk]:
    """The chunks of one document, in order; all its text but white space lies in exactly one of them.

    The same text, document id and settings give the same chunks. A chunk holds at most `max_tokens` by
    `estimate_tokens`; a whole document may hold 15% more.
    """
    text = document.text
    limit = settings.max_tokens * WEIGHT_PER_TOKEN
    path: list[tuple[int, str]] = []
    ordinal = 0
    for start, end in _windows(text, limit):
        is_whole = start == 0 and end == len(text) and token_weight(text.strip()) <= limit * _WHOLE
        for units in _stretches(text, list(_raw_units(text, start, end, limit)), limit):
            for first, last in [(0, len(units))] if is_whole and units else _layout(text, units, limit):
                body_at = next((i for i in range(first, last) if not units[i].level), last)
                for unit in units[first:body_at]:
                    _enter(path, unit)
                span = units[first].start, units[last - 1].end
                yield _chunk(document, ordinal, span, " > ".join(name for _, name in path))
                ordinal += 1
                for unit in units[body_at:last]:
                    _enter(path, unit)


def _chunk(document: Document, ordinal: int, span: tuple[int, int], headings: str) -> Chunk:
    start, end = span
    text = document.text[start:end]
    page = max(bisect_right(document.pages, start), 1) if document.pages else None
    chunk_id = text_id(document.id, str(start), text)
    return Chunk(chunk_id, document.id, ordinal, start, end, text, text_id(text), headings, page)


def _enter(path: list[tuple[int, str]], unit: _Unit) -> None:
    if unit.level:
        while path and path[-1][0] >= unit.level:
            path.pop()
        path.append((unit.level, unit.heading))


def _windows(text: str, limit: int) -> Iterator[tuple[int, int]]:
    """Spans of about `WINDOW` characters that end between paragraphs, or failing that lines, words, characters."""
    start = 0
    size = max(WINDOW, 16 * limit)
    while start < len(text):
        end = start + size
        if end < len(text):
            found = (text.rfind(mark, start + size // 2, end) for mark in ("\n\n", "\n", " "))
            end = next((position for position in found if position > 0), end)
        yield start, min(end, len(text))
        start = end


def _stretches(text: str, raw: Sequence[_Unit], limit: int) -> Iterator[list[_Unit]]:
    """The units between landmarks, tiny neighbours joined."""
    for first, last in pairwise([0, *_landmarks(text, raw, limit), len(raw)]):
        yield list(_joined(text, raw[first:last], limit))


def _landmarks(text: str, units: Sequence[_Unit], limit: int) -> list[int]:
    """Units that a border shall precede whatever stands further off: fitter for one than all others in reach.

    Of equally fit ones the hash of their words decides, so an edit moves landmarks in its own neighbourhood only.
    """
    begins, ends = _measure(text, units)
    reach = _LANDMARK_REACH * limit
    if not units or ends[-1] < 2 * reach:
        return []
    fitness = [(unit.cost, text_id(text[unit.start : unit.end])) for unit in units]

    def is_fittest(k: int) -> bool:
        before = takewhile(lambda j: begins[k] - begins[j] < reach, range(k - 1, -1, -1))
        after = takewhile(lambda j: begins[j] - begins[k] < reach, range(k + 1, len(units)))
        return all(fitness[j] > fitness[k] for j in chain(before, after))

    far = range(bisect_right(begins, reach), bisect_right(begins, ends[-1] - reach))
    return [k for k in far if not units[k - 1].level and is_fittest(k)]


def _joined(text: str, raw: Sequence[_Unit], limit: int) -> Iterator[_Unit]:
    held: _Unit | None = None
    for unit in raw:
        if held is None or unit.level or held.level or token_weight(text[held.start : unit.end]) * _UNIT_SHARE > limit:
            if held is not None:
                yield held
            held = unit
        else:
            held = _Unit(held.start, unit.end, held.cost)
    if held is not None:
        yield held


def _raw_units(text: str, start: int, end: int, limit: int) -> Iterator[_Unit]:
    is_code = False
    for block in _BLOCK.finditer(text, start, end):
        fences = len(_FENCE.findall(block.group()))
        at = block.start()
        if not is_code and not fences:
            for match in _HEADING.finditer(text, block.start(), block.end()):
                if not _is_heading(match, block):
                    continue
                yield from _body(text, at, match.start(), limit)
                yield _heading(text, match)
                at = match.end()
        yield from _body(text, at, block.end(), limit)
        is_code ^= fences % 2 == 1


def _is_heading(match: re.Match[str], block: re.Match[str]) -> bool:
    """True unless it only looks like one: a rule under the last line of a paragraph, a sentence on a chapter."""
    if match["setext"] is not None:
        return match.start() == block.start() and "|" not in match["setext"]
    if match["chapter"] is not None:
        stands_alone = match.start() == block.start() and (match["chapter"][0] == "第" or match.end() == block.end())
        return stands_alone and not is_sentence(match["chapter"])
    return True


def _heading(text: str, match: re.Match[str]) -> _Unit:
    name = match["atx"] or match["setext"] or match["chapter"]
    level = len(match["marks"]) if match["marks"] else 2 if (match["rule"] or "").startswith("-") else 1
    words = without_markup(name).split()
    if match["atx"] and len(words) > 1 and not words[-1].strip("#"):
        words.pop()  # closing marks
    name = " ".join(words)
    start, end = _strip(text, match.start(), match.end())
    return _Unit(start, end, _AT_HEADING, level, name)


def _body(text: str, start: int, end: int, limit: int) -> Iterator[_Unit]:
    """A paragraph as one unit, or where it exceeds a chunk its sentences, or their pieces."""
    start, end = _strip(text, start, end)
    if start == end:
        return
    if token_weight(text[start:end]) <= limit:
        yield _Unit(start, end, _AT_PARAGRAPH)
        return
    cost = _AT_PARAGRAPH
    for begin, after in _sentences(text, start, end, limit):
        for span in _pieces(text, *_strip(text, begin, after), limit):
            yield _Unit(*span, cost)
            cost = _AT_WORD
        cost = _AT_SENTENCE


def _sentences(text: str, start: int, end: int, limit: int) -> Iterator[tuple[int, int]]:
    """The sentences of a paragraph; the lines of one that exceeds a chunk, such as a log that has none."""
    for begin, after in pairwise([start, *(start + begin for begin, _ in sentence_spans(text[start:end])[1:]), end]):
        if token_weight(text[begin:after]) <= limit:
            yield begin, after
        else:
            yield from (line.span() for line in _LINE.finditer(text, begin, after))


def _pieces(text: str, start: int, end: int, limit: int) -> Iterator[tuple[int, int]]:
    """Spans of a sentence, each within the limit and of about equal weight, cut where it hurts least."""
    weight = token_weight(text[start:end])
    share = -(-weight // -(-weight // limit)) if weight else limit
    while start < end:
        reach = _reach(text, start, min(end, start + limit), min(limit, share + share // 8))
        cut = reach if reach == end else _cut(text, start, reach)
        span = _strip(text, start, cut)
        if span[0] < span[1]:
            yield span
        start = cut


def _reach(text: str, start: int, end: int, weight: int) -> int:
    """The furthest offset with at most that weight after `start`; one character at least."""
    offsets = range(start + 1, end + 1)
    return start + max(bisect_right(offsets, weight, key=lambda offset: token_weight(text[start:offset])), 1)


def _cut(text: str, start: int, reach: int) -> int:
    """Where to cut before `reach`: after a line, a clause, a word, and only then inside one."""
    floor = (start + reach) // 2
    for mark in _CUTS:
        found = [match.end() for match in mark.finditer(text, floor, reach)]
        if found:
            return found[-1]
    cut = reach
    while cut > floor and _joins(text[cut]):
        cut -= 1
    return cut if cut > floor else reach


def _joins(character: str) -> bool:
    """True for what must not be parted from the character before it: accents, emoji modifiers, joiners."""
    return unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf", "Sk", "Cs")


def _layout(text: str, units: Sequence[_Unit], limit: int) -> list[tuple[int, int]]:
    """The cheapest partition of the units into chunks, as index spans."""
    begins, ends = _measure(text, units)
    straddled = [0]  # headings before unit k that begin a section, not those right under another heading
    for k, unit in enumerate(units):
        straddled.append(straddled[-1] + (1 if unit.level and k and not units[k - 1].level else 0))
    best = [0.0] * (len(units) + 1)
    origin = [0] * (len(units) + 1)
    for j in range(1, len(units) + 1):
        border = 0.0
        if j < len(units):
            border = units[j].cost + (_AFTER_HEADING if units[j - 1].level else 0.0)
        lowest = float("inf")
        for i in range(j - 1, -1, -1):
            weight = ends[j - 1] - begins[i]
            if weight > limit and i < j - 1:
                break
            empty = 1 - weight / limit
            cost = best[i] + empty * empty + _STRADDLED_HEADING * (straddled[j] - straddled[i + 1])
            if cost < lowest:
                lowest, origin[j] = cost, i
        best[j] = lowest + border
    spans = []
    j = len(units)
    while j:
        spans.append((origin[j], j))
        j = origin[j]
    return spans[::-1]


def _measure(text: str, units: Sequence[_Unit]) -> tuple[list[int], list[int]]:
    """Running weight at the beginning and at the end of each unit."""
    begins, ends = [], []
    weight = 0
    for k, unit in enumerate(units):
        weight += token_weight(text[units[k - 1].end : unit.start]) if k else 0
        begins.append(weight)
        weight += token_weight(text[unit.start : unit.end])
        ends.append(weight)
    return begins, ends


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    bare = piece.lstrip()
    return end - len(bare), end - len(bare) + len(bare.rstrip())
