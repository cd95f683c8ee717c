"""A few chunks that together show what a collection is about."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from graphrag_lite.errors import InputError
from graphrag_lite.index.chunk import chunk_document
from graphrag_lite.index.clean import clean_document
from graphrag_lite.index.discover import discover
from graphrag_lite.index.load import read_source
from graphrag_lite.records import Chunk, Document
from graphrag_lite.settings import Settings
from graphrag_lite.store.tables import Reader
from graphrag_lite.text.boilerplate import work_spans
from graphrag_lite.text.normalize import terms
from graphrag_lite.text.tokens import estimate_tokens

MOST_CANDIDATES = 2000
_MOST_FILES = 400
_SHORTEST_TOKENS = 30  # headings and stubs show nothing


def every_nth(count: int, most: int = MOST_CANDIDATES) -> int:
    """The step at which at most `most` of `count` things are taken, evenly."""
    return max(1, -(-count // most))


def choose_sample(chunks: Sequence[Chunk], *, most: int, budget_tokens: int) -> list[Chunk]:
    """At most `most` chunks within the budget, in document order, that cover the words the collection shares.

    Chosen one by one: each time the chunk whose words say most that none before it said, where a word counts more the
    rarer it is, and not at all where only one chunk has it. A document that has its turn waits behind the others.
    """
    usable = [c for c in _of_works(chunks) if estimate_tokens(c.text) >= _SHORTEST_TOKENS] or list(chunks)
    candidates = usable[:: every_nth(len(usable))]
    words = [frozenset(terms(chunk.text)) for chunk in candidates]
    weights = _weights(words)
    taken: list[int] = []
    turns: Counter[str] = Counter()
    covered: set[str] = set()
    left = budget_tokens
    while len(taken) < most:
        fitting = [i for i in range(len(candidates)) if i not in taken and estimate_tokens(candidates[i].text) <= left]
        if not fitting:
            break
        best = max(
            fitting,
            key=lambda i: (sum(weights[w] for w in words[i] - covered) / (1 + turns[candidates[i].document_id]), -i),
        )
        taken.append(best)
        turns[candidates[best].document_id] += 1
        covered |= words[best]
        left -= estimate_tokens(candidates[best].text)
    return [candidates[i] for i in sorted(taken)]


def _of_works(chunks: Sequence[Chunk]) -> Iterator[Chunk]:
    """The chunks without licences and the like."""
    for _, group in groupby(chunks, key=lambda chunk: chunk.document_id):
        document = list(group)
        for chunk, span in zip(document, work_spans([c.text for c in document]), strict=True):
            if 2 * (span[1] - span[0]) > len(chunk.text):
                yield chunk


def _weights(words: Sequence[frozenset[str]]) -> dict[str, float]:
    frequency = Counter(word for found in words for word in sorted(found))
    least = 2 if len(words) > 10 else 1
    return {w: math.log(1 + len(words) / n) if n >= least else 0.0 for w, n in frequency.items()}


def chunks_of_base(reader: Reader) -> tuple[list[Chunk], dict[str, str]]:
    """Chunks of a knowledge base, taken evenly where there are many, and the titles of its documents."""
    columns = ["chunk_id", "document_id", "ordinal", "start", "end", "text", "text_hash", "title"]
    step = every_nth(reader.table("chunks").count_rows(), 2 * MOST_CANDIDATES)
    rows = [row for n, row in enumerate(_rows(reader, columns)) if n % step == 0]
    rows.sort(key=lambda row: (row["document_id"], row["ordinal"]))
    titles = {row["document_id"]: row["title"] or "" for row in rows}
    return [Chunk(*(row[name] for name in columns[:-1])) for row in rows], titles


def _rows(reader: Reader, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    for batch in reader.batches("chunks", columns):
        yield from batch.to_pylist()


def chunks_of_sources(
    sources: Sequence[str | Path | Document], settings: Settings
) -> tuple[list[Chunk], dict[str, str]]:
    """The same of documents that need not be indexed; files that cannot be read are left out.

    Raises:
        InputError: A source does not exist.
    """
    paths = [source for source in sources if not isinstance(source, Document)]
    files = list(discover(paths, settings.load)) if paths else []
    documents = [source for source in sources if isinstance(source, Document)]
    for file in files[:: every_nth(len(files), _MOST_FILES)]:
        with suppress(InputError):
            documents += [item for item in read_source(file, settings.load) if isinstance(item, Document)]
    chunks: list[Chunk] = []
    titles: dict[str, str] = {}
    for number, document in enumerate(documents[:: every_nth(len(documents), MOST_CANDIDATES)]):
        clean = clean_document(document, settings.clean)
        clean = replace(clean, id=clean.id or f"{number:06}")
        titles[clean.id] = clean.title
        chunks += chunk_document(clean, settings.chunk)
    return chunks, titles
