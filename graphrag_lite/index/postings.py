"""Which terms occur how often in which texts: counted once for each text, and taken over while the text stays."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from graphrag_lite.text.keys import key_hash
from graphrag_lite.text.normalize import terms

Array = np.ndarray[Any, Any]
_ROWS_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Postings:
    """Occurrences of terms, by term and row.

    Those of the term `hashes[i]` are at `start[i]:start[i + 1]` of `row` and `count`. Hashes are sorted, no term is
    without a posting.
    """

    hashes: Array
    start: Array
    row: Array
    count: Array

    def moved(self, new_row: Array) -> Postings:
        """With other rows, in the same order: `new_row[row]`; what has -1 there is left out."""
        row = new_row[self.row]
        kept = row >= 0
        before = np.concatenate([[0], np.cumsum(kept)])[self.start]
        used = np.flatnonzero(np.diff(before))
        return Postings(
            self.hashes[used], np.append(before[used], before[-1]), row[kept].astype(np.int32), self.count[kept]
        )

    def with_others(self, others: Postings, rows: int) -> Postings:
        """Together with those of other rows; all are below `rows`."""
        hashes = np.union1d(self.hashes, others.hashes)
        own, theirs = _places(self, hashes, rows), _places(others, hashes, rows)
        at = np.searchsorted(own, theirs)
        df = np.bincount(np.concatenate([own, theirs]) // max(rows, 1), minlength=len(hashes))
        return Postings(
            hashes,
            np.concatenate([np.zeros(1, np.int64), np.cumsum(df)]),
            np.insert(self.row, at, others.row),
            np.insert(self.count, at, others.count),
        )


def bag_of(text: str) -> Counter[str]:
    """How often each term is in a text."""
    return Counter(terms(text))


def count_terms(texts: Iterable[str], rows: Array, known: Mapping[str, Counter[str]] | None = None) -> Postings:
    """Postings of texts, each with its row; the rows ascend. `known` are the bags of some texts."""
    bags = known or {}
    each = (bags.get(text) or bag_of(text) for text in texts)
    parts = [
        _count_terms(islice(each, _ROWS_AT_ONCE), rows[start : start + _ROWS_AT_ONCE])
        for start in range(0, max(len(rows), 1), _ROWS_AT_ONCE)
    ]
    return parts[0] if len(parts) == 1 else _stacked(parts)


def _count_terms(bags: Iterable[Counter[str]], rows: Array) -> Postings:
    known: dict[str, int] = {}
    columns, counts, sizes = array("i"), array("i"), array("i")
    for bag in bags:
        columns.extend([known.setdefault(term, len(known)) for term in bag])
        counts.extend(bag.values())
        sizes.append(len(bag))
    hashes = np.fromiter(map(key_hash, known), np.uint64, len(known))
    by_hash = np.argsort(hashes)
    position = np.empty(len(known), np.int32)
    position[by_hash] = np.arange(len(known), dtype=np.int32)
    term = position[np.frombuffer(columns, np.int32)]
    order = np.argsort(term, kind="stable")
    df = np.bincount(term, minlength=len(known))
    return Postings(
        hashes[by_hash],
        np.concatenate([np.zeros(1, np.int64), np.cumsum(df)]),
        np.repeat(rows.astype(np.int32), np.frombuffer(sizes, np.int32))[order],
        np.minimum(np.frombuffer(counts, np.int32), np.iinfo(np.uint16).max).astype(np.uint16)[order],
    )


def _stacked(parts: list[Postings]) -> Postings:
    """Parts together, of which each has the rows after those of the one before; the list is empty in the end."""
    hashes = np.unique(np.concatenate([part.hashes for part in parts]))
    places = [np.searchsorted(hashes, part.hashes) for part in parts]
    df = np.zeros(len(hashes), np.int64)
    for place, part in zip(places, parts, strict=True):
        df[place] += np.diff(part.start)
    start = np.concatenate([np.zeros(1, np.int64), np.cumsum(df)])
    row, count = np.empty(start[-1], np.int32), np.empty(start[-1], np.uint16)
    free = start[:-1].copy()
    for place in places:
        part = parts.pop(0)
        own = np.diff(part.start)
        at = np.repeat(free[place] - part.start[:-1], own) + np.arange(len(part.row))
        row[at], count[at] = part.row, part.count
        free[place] += own
    return Postings(hashes, start, row, count)


def _places(postings: Postings, hashes: Array, rows: int) -> Array:
    """A number for each posting that orders them by term and row."""
    return np.repeat(np.searchsorted(hashes, postings.hashes), np.diff(postings.start)) * rows + postings.row
