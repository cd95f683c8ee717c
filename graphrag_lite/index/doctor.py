"""The invariants of a knowledge base: no orphans, no double keys, exact offsets, arrays that fit the tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from graphrag_lite.errors import CorruptStoreError
from graphrag_lite.index.embed import embedded_hashes
from graphrag_lite.index.mentions import group_by_document
from graphrag_lite.store.mapped import read_mapped
from graphrag_lite.store.schema import KEYS
from graphrag_lite.store.tables import Reader

_UNIQUE = (
    "sources",
    "documents",
    "origins",
    "decisions",
    "vocabulary",
    "entities",
    "relationships",
    "communities",
    "reports",
)
_SHOWN = 3


def find_problems(reader: Reader) -> list[str]:
    """What is wrong with a snapshot, each in one line; empty when it is sound."""
    problems: list[str] = []
    for check in (_double_keys, _orphans, _vectors, _wrong_offsets, _arrays):
        try:
            problems += check(reader)
        except CorruptStoreError as error:  # a table that cannot be read is one of the things looked for
            problems.append(str(error))
    return list(dict.fromkeys(problems))


def _double_keys(reader: Reader) -> Iterator[str]:
    for table in _UNIQUE:
        counts = Counter(_column(reader, table, KEYS[table]))
        double = sorted(key for key, count in counts.items() if count > 1)
        if double:
            yield f"{table}: {len(double)} keys occur twice, for example {_some(double)}"


def _orphans(reader: Reader) -> Iterator[str]:
    """Rows that refer to something that is not there."""
    documents = set(_column(reader, "documents", "document_id"))
    held = {d for ids in _column(reader, "sources", "document_ids") for d in ids}
    chunks, hashes = set(_column(reader, "chunks", "chunk_id")), set(_column(reader, "chunks", "text_hash"))
    entities, communities = (set(_column(reader, t, KEYS[t])) for t in ("entities", "communities"))
    mentioned = set(_column(reader, "mentions", "entity_key"))
    members = {e for ids in _column(reader, "communities", "entity_ids") for e in ids}
    evidence = {c for ids in _column(reader, "relationships", "chunk_ids") for c in ids}
    cited = {c for ids in _column(reader, "reports", "chunk_ids") for c in ids}
    ends = {*_column(reader, "relationships", "source_id"), *_column(reader, "relationships", "target_id")}
    keys = {key for keys in _column(reader, "entities", "keys") for key in keys}
    for what, found, known in (
        ("documents without a source", documents, held),
        ("sources with a missing document", held, documents),
        ("documents without an origin", documents, set(_column(reader, "origins", "document_id"))),
        ("chunks of a missing document", set(_column(reader, "chunks", "document_id")), documents),
        ("facts of a text that no chunk has", set(_column(reader, "facts", "text_hash")), hashes),
        ("texts without facts", hashes, set(_column(reader, "facts", "text_hash"))),
        ("mentions in a missing chunk", set(_column(reader, "mentions", "chunk_id")), chunks),
        ("mentions of a missing entity", mentioned, keys),
        ("relationships of a missing entity", ends, entities),
        ("relationships on a missing chunk", evidence, chunks),
        ("communities with a missing entity", members, entities),
        ("communities without a report", communities, set(_column(reader, "reports", "community_id"))),
        ("reports of a missing community", set(_column(reader, "reports", "community_id")), communities),
        ("reports that cite a missing chunk", cited, chunks),
    ):
        missing = sorted(found - known)
        if missing:
            yield f"{len(missing)} {what}, for example {_some(missing)}"


def _vectors(reader: Reader) -> Iterator[str]:
    """Vectors of texts that are gone, of any model; texts without one of the model in use."""
    live = set(embedded_hashes(reader).to_pylist()) if reader.manifest.vectors else set()
    for table, held in sorted(reader.manifest.vectors.items()):
        counts = Counter(_column(reader, table, "text_hash"))
        double = sorted(key for key, count in counts.items() if count > 1)
        is_due = table == reader.vector_table and reader.manifest.is_whole
        for what, found in (
            ("keys occur twice", double),
            ("vectors of a text that no chunk has", sorted(counts.keys() - live)),
            ("texts without a vector", sorted(live - counts.keys()) if is_due else []),
        ):
            if found:
                yield f"vectors of {held['model']}: {len(found)} {what}, for example {_some(found)}"


def _wrong_offsets(reader: Reader) -> Iterator[str]:
    """Chunks whose text is not at their offsets."""
    ids = sorted({str(document_id) for document_id in _column(reader, "chunks", "document_id")})
    for start in range(0, len(ids), 100):
        part = ids[start : start + 100]
        with reader.reading("documents", ValueError):
            rows = reader.read_keys("documents", part, ["document_id", "text"]).to_pylist()
        texts = {row["document_id"]: row["text"] for row in rows}
        columns = ["document_id", "ordinal", "chunk_id", "start", "end", "text"]
        with reader.reading("chunks", ValueError):
            chunked = list(group_by_document(reader.read_keys("chunks", part, columns)))
        for document_id, chunks in chunked:
            text = texts.get(document_id, "")
            wrong = [c["chunk_id"] for c in chunks if text[c["start"] : c["end"]] != c["text"]]
            if wrong:
                yield f"document {document_id}: {len(wrong)} chunks not at their offsets, for example {_some(wrong)}"


def _arrays(reader: Reader) -> Iterator[str]:
    found = read_mapped(reader.store.snapshots.view_folder(reader.manifest.id))
    if found is not None:  # one that is not there or damaged is made anew when it is wanted
        rows = found.tables["passages"]["chunk_id"].to_pylist()
        if set(rows) != set(_column(reader, "chunks", "chunk_id")):
            yield f"the mapped view of snapshot {reader.manifest.id} do not fit its chunks; delete their folder"


def _column(reader: Reader, table: str, column: str) -> list[Any]:
    with reader.reading(table, ValueError):
        values: list[Any] = reader.read(table, [column])[column].to_pylist()
    return values


def _some(values: Collection[object]) -> str:
    return ", ".join(map(str, list(values)[:_SHOWN]))
