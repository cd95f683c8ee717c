"""Relationships: which entities are named together, how strongly, and which sentence says it best.

Everything is columnar: an entity and a chunk are integers, and 15 million mentions pass through in slices of bounded
size. The text is read only for the few sentences that become descriptions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from graphrag_lite.errors import as_sentence
from graphrag_lite.text.informative import informativeness, quotable

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]

_MENTIONS_IN_ONE_SLICE = 500_000
_WINDOW = 8  # a name is paired with the next names of its sentence, up to this many apart
_EVIDENCE = 20  # chunks kept for one relationship, best first
_TRIED = 3  # sentences that are read to choose a description
_LONGEST_DESCRIPTION = 400


class Mentions(Protocol):
    """One row per mention, ordered by chunk and place; `entity` and `chunk` are indices."""

    @property
    def chunk(self) -> Ints: ...  # noqa: D102
    @property
    def entity(self) -> Ints: ...  # noqa: D102
    @property
    def start(self) -> Ints: ...  # noqa: D102
    @property
    def sentence_start(self) -> Ints: ...  # noqa: D102
    @property
    def sentence_end(self) -> Ints: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class StatedRelationship:
    """A relationship that a model or a person stated about one chunk; `source` and `target` are entity indices."""

    source: int
    target: int
    chunk: int
    description: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Relationships:
    """Undirected relationships as columns, ordered by (source, target); `source < target`.

    The evidence of row i lies at `offsets[i]:offsets[i + 1]` of the columns `chunk`, `sentence_start`,
    `sentence_end`: one sentence a chunk, the best first. A stated relationship has the span 0:0.
    """

    source: Ints
    target: Ints
    weight: Floats
    offsets: Ints
    chunk: Ints
    sentence_start: Ints
    sentence_end: Ints

    def __len__(self) -> int:
        return len(self.source)


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Co-mentions, one row for a pair of entities in a chunk."""

    pair: Ints
    chunk: Any
    sentence_start: Any
    sentence_end: Any
    weight: Any
    quality: Any


def relate(
    mentions: Mentions,
    document_of_chunk: Ints,
    entity_count: int,
    *,
    stated: Sequence[StatedRelationship] = (),
) -> Relationships:
    """Relationships of entities that share a sentence, together with those that were stated.

    A sentence that names n entities gives each pair 1/(n-1), so that a long list says no more about its parts than
    a plain statement does (Newman 2001, https://arxiv.org/abs/cond-mat/0011144). Within a document the sum s counts
    as log2(1+s): what one text repeats is no new evidence.

    Args:
        mentions: Ordered by chunk, then by place.
        document_of_chunk: Index of the document of each chunk.
        entity_count: Entity indices are below this.
        stated: Facts from a model or an import.
    """
    parts = [_co_mentions(mentions, rows, entity_count) for rows in _slices(mentions.chunk)]
    parts.append(_stated_pairs(stated, entity_count))
    table = _Pairs(*(np.concatenate([getattr(p, name) for p in parts]) for name in _Pairs.__slots__))
    del parts
    order = np.lexsort((table.chunk, -table.quality, table.pair))
    table = _Pairs(*(getattr(table, name)[order] for name in _Pairs.__slots__))
    starts = _run_starts(table.pair)
    pairs = table.pair[starts]
    weight = _weights(table, document_of_chunk, starts)
    rank = np.arange(len(table.pair)) - np.repeat(starts, np.diff(np.append(starts, len(table.pair))))
    kept = rank < _EVIDENCE
    counts = np.add.reduceat(kept.astype(np.int64), starts) if len(starts) else np.zeros(0, np.int64)
    return Relationships(
        pairs // max(1, entity_count),
        pairs % max(1, entity_count),
        weight,
        np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]),
        table.chunk[kept].astype(np.int64),
        table.sentence_start[kept].astype(np.int64),
        table.sentence_end[kept].astype(np.int64),
    )


def describe(
    relationships: Relationships,
    text_of: Callable[[int], str],
    *,
    stated: Sequence[StatedRelationship] = (),
) -> list[str]:
    """A description of each relationship: what was stated, else the sentence that says most.

    Args:
        relationships: What `relate` gave.
        text_of: The text of a chunk, by index; asked in ascending order, a chunk at a time.
        stated: As given to `relate`.
    """
    told = _stated_descriptions(stated)
    best: dict[int, tuple[float, str]] = {}
    last, text, telling = (-1, -1), "", 0.0
    for row, rank, chunk, start, end in _evidence_by_sentence(relationships):
        if (chunk, start) != last:  # read once for all pairs that it links
            last = chunk, start
            text = quotable(text_of(chunk)[start:end])[:_LONGEST_DESCRIPTION]
            telling = informativeness(text)
        score = telling * (1 - 0.1 * rank)
        if row not in best or score > best[row][0]:
            best[row] = (score, text)
    pairs = zip(relationships.source.tolist(), relationships.target.tolist(), strict=True)
    return [told.get(pair) or best.get(row, (0.0, ""))[1] for row, pair in enumerate(pairs)]


def _slices(chunk: Ints) -> Iterator[slice]:
    """Slices of about equal size that cut no chunk in two."""
    start = 0
    while start < len(chunk):
        end = min(start + _MENTIONS_IN_ONE_SLICE, len(chunk))
        end = int(np.searchsorted(chunk, chunk[end - 1], side="right"))
        yield slice(start, end)
        start = end


def _co_mentions(mentions: Mentions, rows: slice, entity_count: int) -> _Pairs:
    chunk, entity, start = mentions.chunk[rows], mentions.entity[rows], mentions.start[rows]
    first, last = mentions.sentence_start[rows], mentions.sentence_end[rows]
    is_new = np.ones(len(chunk), bool)
    is_new[1:] = (chunk[1:] != chunk[:-1]) | (first[1:] != first[:-1])
    sentence = np.cumsum(is_new) - 1
    # An entity counts once in a sentence, at its first place.
    _, kept = np.unique(sentence * entity_count + entity, return_index=True)
    kept.sort()
    chunk, entity, start, first, last, sentence = (a[kept] for a in (chunk, entity, start, first, last, sentence))
    named = np.bincount(sentence)[sentence]
    found = []
    for distance in range(1, min(_WINDOW, int(named.max(initial=1)) - 1) + 1):
        left = np.flatnonzero(sentence[distance:] == sentence[:-distance])
        right = left + distance
        low, high = np.minimum(entity[left], entity[right]), np.maximum(entity[left], entity[right])
        weight = 1.0 / (named[left] - 1)
        quality = _quality(last[left] - first[left], start[right] - start[left], named[left])
        found.append((low * entity_count + high, *_narrow(chunk[left], first[left], last[left], weight, quality)))
    if not found:
        return _no_pairs()
    return _one_per_chunk(_Pairs(*(np.concatenate(column) for column in zip(*found, strict=True))))


def _narrow(chunk: Ints, first: Ints, last: Ints, weight: Floats, quality: Floats) -> tuple[Any, ...]:
    """Columns of half the width: with millions of pairs they are what fills the memory."""
    return (*(c.astype(np.int32) for c in (chunk, first, last)), *(c.astype(np.float32) for c in (weight, quality)))


def _quality(length: Ints, gap: Ints, named: Ints) -> Floats:
    """How well a sentence may describe a pair: neither curt nor long, names close, few others beside them."""
    size = np.clip(length / 60, 0.3, 1) * np.clip(220 / np.maximum(length, 1), 0.2, 1)
    return size * np.clip(100 / np.maximum(gap, 1), 0.4, 1) / np.sqrt(np.maximum(named - 1, 1))


def _one_per_chunk(pairs: _Pairs) -> _Pairs:
    """The best sentence of each pair in each chunk; weights summed."""
    order = np.lexsort((pairs.sentence_start, -pairs.quality, pairs.chunk, pairs.pair))
    pair, chunk = pairs.pair[order], pairs.chunk[order]
    is_new = np.ones(len(pair), bool)
    is_new[1:] = (pair[1:] != pair[:-1]) | (chunk[1:] != chunk[:-1])
    starts = np.flatnonzero(is_new)
    weight = np.add.reduceat(pairs.weight[order], starts) if len(starts) else np.zeros(0)
    best = order[starts]
    return _Pairs(
        pair[starts], chunk[starts], pairs.sentence_start[best], pairs.sentence_end[best], weight, pairs.quality[best]
    )


def _stated_pairs(stated: Sequence[StatedRelationship], entity_count: int) -> _Pairs:
    rows = [s for s in stated if s.source != s.target]
    if not rows:
        return _no_pairs()
    low = np.array([min(s.source, s.target) for s in rows], np.int64)
    high = np.array([max(s.source, s.target) for s in rows], np.int64)
    none = np.zeros(len(rows), np.int32)
    weight = np.array([s.weight for s in rows], np.float32)
    chunk = np.array([s.chunk for s in rows], np.int32)
    # Ranked behind sentences: a sentence of the text is the better evidence for a reader.
    return _one_per_chunk(_Pairs(low * entity_count + high, chunk, none, none, weight, np.zeros(len(rows), np.float32)))


def _no_pairs() -> _Pairs:
    none, nothing = np.zeros(0, np.int32), np.zeros(0, np.float32)
    return _Pairs(np.zeros(0, np.int64), none, none, none, nothing, nothing)


def _weights(table: _Pairs, document_of_chunk: Ints, starts: Ints) -> Floats:
    if not len(starts):
        return np.zeros(0)
    document = document_of_chunk[table.chunk]
    order = np.lexsort((document, table.pair))
    pair, document = table.pair[order], document[order]
    is_new = np.ones(len(pair), bool)
    is_new[1:] = (pair[1:] != pair[:-1]) | (document[1:] != document[:-1])
    first = np.flatnonzero(is_new)
    in_document = np.log2(1 + np.add.reduceat(table.weight[order].astype(np.float64), first))
    return np.add.reduceat(in_document, _run_starts(pair[first]))


def _run_starts(values: Ints) -> Ints:
    if not len(values):
        return np.zeros(0, np.int64)
    return np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))


def _evidence_by_sentence(relationships: Relationships) -> Iterator[tuple[int, int, int, int, int]]:
    """(row, rank, chunk, start, end) of the first few sentences of each row, ordered by chunk and sentence."""
    rows = np.arange(len(relationships))
    found_rows, places = [], []
    for rank in range(_TRIED):
        place = relationships.offsets[rows] + rank
        inside = place < relationships.offsets[rows + 1]
        found_rows.append(rows[inside])
        places.append(place[inside])
    row, place = np.concatenate(found_rows), np.concatenate(places)
    is_sentence = relationships.sentence_end[place] > relationships.sentence_start[place]
    row, place = row[is_sentence], place[is_sentence]
    chunk, start = relationships.chunk[place], relationships.sentence_start[place]
    order = np.lexsort((place, start, chunk))
    columns = (row, place - relationships.offsets[row], chunk, start, relationships.sentence_end[place])
    yield from zip(*(column[order].tolist() for column in columns), strict=True)


def _stated_descriptions(stated: Sequence[StatedRelationship]) -> dict[tuple[int, int], str]:
    """Up to three different descriptions of each pair, the most informative first."""
    told: dict[tuple[int, int], set[str]] = {}
    for one in stated:
        if one.description.strip():
            pair = (min(one.source, one.target), max(one.source, one.target))
            told.setdefault(pair, set()).add(" ".join(one.description.split()))
    return {pair: _joined(sorted(texts, key=lambda t: (-len(t), t))[:3]) for pair, texts in told.items()}


def _joined(texts: Iterable[str]) -> str:
    """Texts behind one another, which may be sentences or not."""
    return " ".join(text if text == as_sentence(text) else f"{text};" for text in texts).rstrip(";")
