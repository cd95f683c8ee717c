"""The retrieval index of one snapshot: flat arrays over all chunks and terms, ready to be memory-mapped.

`query.retrieve` explains how they are used, `index.links` adds those of entities. Rows of chunks are ordered by
document and position, so the same tables give the same arrays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from graphrag_lite.index.postings import Postings, count_terms
from graphrag_lite.text.keys import key_hash

K1, B = 1.2, 0.5
_POSTINGS_AT_ONCE = 4_000_000


def lexical_arrays(
    texts: Iterable[str], n: int, known: Mapping[str, Counter[str]] | None = None
) -> dict[str, np.ndarray[Any, Any]]:
    """What full-text search needs of `n` texts, in row order; see `weighted`, and `count_terms` for `known`."""
    return weighted(count_terms(texts, np.arange(n), known), n)


def weighted(postings: Postings, n: int) -> dict[str, np.ndarray[Any, Any]]:
    """Postings of every term, with BM25 weights.

    Args:
        postings: How often each term occurs in which row.
        n: Number of rows.

    Returns:
        `term_hash` [terms] sorted, `term_start` [terms + 1], `term_idf` [terms], and for each posting `posting_row`,
        `posting_count` and `posting_weight`.

    Source: Robertson and Zaragoza 2009, The Probabilistic Relevance Framework, https://doi.org/10.1561/1500000019
    """
    df, parts = np.diff(postings.start), list(_slices(len(postings.row)))
    length = np.zeros(n)
    for part in parts:
        length += np.bincount(postings.row[part], postings.count[part], n)
    mean = float(length.mean()) if n else 1.0
    norm = (K1 * (1 - B + B * length / max(mean, 1e-9))).astype(np.float32)
    idf = np.log(1 + (n - df + 0.5) / (df + 0.5)).astype(np.float32)
    weight = np.repeat(idf, df)
    for part in parts:
        frequency = postings.count[part].astype(np.float32)
        weight[part] = weight[part] * frequency * np.float32(K1 + 1) / (frequency + norm[postings.row[part]])
    return {
        "term_hash": postings.hashes,
        "term_idf": idf,
        "term_start": postings.start,
        "posting_row": postings.row,
        "posting_count": postings.count,
        "posting_weight": weight,
    }


def _slices(length: int) -> Iterator[slice]:
    return (slice(start, start + _POSTINGS_AT_ONCE) for start in range(0, length, _POSTINGS_AT_ONCE))


def postings_of(arrays: Mapping[str, np.ndarray[Any, Any]]) -> Postings:
    """What `weighted` was given."""
    return Postings(*(arrays[name] for name in ("term_hash", "term_start", "posting_row", "posting_count")))


def row_arrays(name: str, keys: Sequence[str]) -> dict[str, np.ndarray[Any, Any]]:
    """`NAME_hash`, sorted, and `NAME_hash_row`: the rows that have a key."""
    hashes = np.fromiter((key_hash(key) for key in keys), np.uint64, len(keys))
    order = np.argsort(hashes, kind="stable")
    return {f"{name}_hash": hashes[order], f"{name}_hash_row": order.astype(np.int32)}
