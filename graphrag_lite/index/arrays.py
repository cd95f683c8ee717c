"""The retrieval index of one snapshot: flat arrays over all chunks and terms, ready to be memory-mapped.

`query.retrieve` explains how they are used, `index.links` adds those of entities. Rows of chunks are ordered by
document and position, so the same tables give the same arrays.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp

from graphrag_lite.text.keys import key_hash
from graphrag_lite.text.normalize import terms

K1, B = 1.2, 0.5


def lexical_arrays(texts: Iterable[str], n: int) -> dict[str, np.ndarray[Any, Any]]:
    """Postings of every term, with BM25 weights.

    Args:
        texts: Title and text of every chunk, in row order.
        n: Their number.

    Returns:
        `term_hash` [terms] sorted, `term_start` [terms + 1], `term_idf` [terms], and for each posting `posting_row`
        and `posting_weight`.

    Source: Robertson and Zaragoza 2009, The Probabilistic Relevance Framework, https://doi.org/10.1561/1500000019
    """
    known: dict[str, int] = {}
    columns, counts, ends = array("i"), array("f"), array("q", [0])
    for text in texts:
        bag = Counter(terms(text))
        columns.extend(known.setdefault(term, len(known)) for term in bag)
        counts.extend(bag.values())
        ends.append(len(columns))
    indices, frequency = np.frombuffer(columns, np.int32), np.frombuffer(counts, np.float32)
    start = np.frombuffer(ends, np.int64)
    rows = np.repeat(np.arange(n, dtype=np.int32), np.diff(start))
    length = np.bincount(rows, frequency, n)
    mean = float(length.mean()) if n else 1.0
    norm = (K1 * (1 - B + B * length / max(mean, 1e-9))).astype(np.float32)
    df = np.bincount(indices, minlength=len(known))
    idf = np.log(1 + (n - df + 0.5) / (df + 0.5)).astype(np.float32)
    weight = idf[indices] * frequency * (K1 + 1) / (frequency + norm[rows])
    hashes = np.fromiter((key_hash(term) for term in known), np.uint64, len(known))
    by_hash = np.argsort(hashes)
    position = np.empty(len(known), np.int32)
    position[by_hash] = np.arange(len(known), dtype=np.int32)
    by_term = sp.csr_matrix((weight, position[indices], start), shape=(n, len(known))).tocsc()
    return {
        "term_hash": hashes[by_hash],
        "term_idf": idf[by_hash],
        "term_start": by_term.indptr.astype(np.int64),
        "posting_row": by_term.indices.astype(np.int32),
        "posting_weight": by_term.data.astype(np.float32),
    }


def row_arrays(name: str, keys: Sequence[str]) -> dict[str, np.ndarray[Any, Any]]:
    """`NAME_hash`, sorted, and `NAME_hash_row`: the rows that have a key."""
    hashes = np.fromiter((key_hash(key) for key in keys), np.uint64, len(keys))
    order = np.argsort(hashes, kind="stable")
    return {f"{name}_hash": hashes[order], f"{name}_hash_row": order.astype(np.int32)}
