"""What of the documents belongs to the works that an overview tells of: no notices about copying, no licence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

import numpy as np

from graphrag_lite.query.retrieve import Array
from graphrag_lite.query.search import Search
from graphrag_lite.text.boilerplate import is_licence, work_spans
from graphrag_lite.text.normalize import terms

_MOST_READ = 5_000  # passages of documents that may hold notices
_NOTICE_TERMS = tuple(
    sorted(
        {
            t
            for w in ("copyright", "licence", "license", "trademark", "ebook", "版权", "许可")
            for t in terms(w)
            if len(t) > 1
        }
    )
)


def spans_of_works(search: Search, rows: Array) -> dict[int, tuple[int, int]]:
    """Which part of a passage belongs to its work, by row; (0, 0): none of it. Of those that are not named, all.

    A licence is no work, unless most documents are such.
    """
    table = search.session.passages_table
    starts = np.flatnonzero(table["ordinal"].to_numpy() == 0)
    spans: dict[int, tuple[int, int]] = {}
    licences: list[range] = []
    for document in _with_notices(search, rows, starts):
        texts = table["text"].slice(document.start, len(document)).to_pylist()
        name = PurePath(table["source"][document.start].as_py()).name
        if is_licence(texts, f"{table['title'][document.start].as_py()} {name}"):
            licences.append(document)
        found = zip(document, texts, work_spans(texts), strict=True)
        spans.update({row: span for row, text, span in found if span != (0, len(text))})
    if 2 * len(licences) <= len(np.unique(np.searchsorted(starts, rows, "right"))):
        spans.update({row: (0, 0) for licence in licences for row in licence})
    return spans


def _with_notices(search: Search, rows: Array, starts: Array) -> Iterator[range]:
    """The rows of each document that has words of notices, of so many as can be read; `starts` are their first."""
    retriever = search.session.retriever
    hits = retriever.rows_of_terms(_NOTICE_TERMS)
    is_open = np.zeros(retriever.size, bool)
    is_open[rows] = True
    bounds = np.append(starts, retriever.size)
    read = 0
    for number in np.unique(np.searchsorted(starts, hits[is_open[hits]], "right")).tolist():
        document = range(int(bounds[number - 1]), int(bounds[number]))
        read += len(document)
        if read > _MOST_READ:
            return
        yield document
