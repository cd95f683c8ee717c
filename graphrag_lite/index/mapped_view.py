"""Build the memory-mapped view of a snapshot from its tables (see `store.mapped`)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrag_lite.index import arrays, mentions
from graphrag_lite.index.embed import embedded_hash
from graphrag_lite.index.entities import MentionColumns, encode_mentions, entity_id, read_mentions
from graphrag_lite.index.links import ChunkLabels, entity_name, link_arrays
from graphrag_lite.index.postings import Postings, bag_of, count_terms
from graphrag_lite.index.vocabulary import Vocabulary
from graphrag_lite.records import Entity
from graphrag_lite.store.mapped import Mapped, read_mapped, write_mapped
from graphrag_lite.store.schema import SCHEMAS
from graphrag_lite.store.tables import Reader
from graphrag_lite.store.vectors import MOST_BY_BRUTE_FORCE, read_vectors
from graphrag_lite.text.metadata import searched_metadata
from graphrag_lite.text.topic import topic_key

_SHOWN = ["chunk_id", "document_id", "ordinal", "start", "end", "page", "title", "headings", "text", "text_hash"]
TERMS = 4  # changes with what `text.normalize.terms` makes of a text
_VALUES_AT_ONCE = 4096
_DOCUMENTS_IN_ONE_READ = 20_000
_NOTHING_STATED = pa.table({"document_id": pa.array([], pa.string()), "metadata": pa.array([], pa.string())})
# What is searched of a chunk is made of these; the hash stands for the text.
_SEARCHED = ("title", "headings", "text_hash")


@dataclass(frozen=True, slots=True)
class ChunkParts:
    """What a view holds that the chunks and the metadata of their documents decide.

    `chunks` is what `ordered_chunks` gave; `stated` are the documents with metadata that is searched, and what that is.
    """

    chunks: pa.Table
    labels: ChunkLabels
    stated: pa.Table
    arrays: dict[str, np.ndarray[Any, Any]]


def chunk_parts(reader: Reader, chunks: pa.Table, keys: Sequence[str]) -> ChunkParts:
    """Make those parts, from what `ordered_chunks` gave and the metadata of some keys."""
    labels, stated = _labels(chunks), _stated(reader, keys)
    postings = _postings(previous_view(reader), chunks, labels, _of_chunks(stated, chunks))
    found = arrays.weighted(postings, chunks.num_rows)
    found["terms_version"] = np.array([TERMS], np.int32)
    return ChunkParts(chunks, labels, stated, found | arrays.row_arrays("chunk", chunks["chunk_id"].to_pylist()))


class ViewParts:
    """What a view is made of, in memory; what takes time is made when it is first asked for.

    Args:
        reader: The tables.
        vocabulary: Their names.
        columns: Their mentions.
        chunks: What `ordered_chunks` gave.
        of_chunks: Gives what `chunk_parts` makes of the chunks.
    """

    def __init__(
        self,
        reader: Reader,
        vocabulary: Vocabulary,
        columns: MentionColumns,
        chunks: pa.Table,
        of_chunks: Callable[[], ChunkParts],
    ) -> None:
        self.reader = reader
        self.vocabulary = vocabulary
        self.columns = columns
        self.chunks = chunks
        self.counted: dict[str, Counter[str]] = {}
        self._of_chunks = of_chunks

    @cached_property
    def of_chunks(self) -> ChunkParts:
        """What the chunks alone decide."""
        return self._of_chunks()

    @cached_property
    def links(self) -> tuple[dict[str, np.ndarray[Any, Any]], list[str]]:
        """The arrays of `link_arrays`, and the keys of the entities that link."""
        return link_arrays(self.columns, self.vocabulary, self.of_chunks.labels)

    @cached_property
    def tables(self) -> dict[str, pa.Table]:
        """What is shown of passages, documents and sources."""
        reader, chunks = self.reader, self.chunks
        return {
            "passages": chunks.append_column("source", _of_documents(reader, chunks, "source")),
            "documents": _documents(reader, self.of_chunks.stated),
            "sources": reader.read("sources").sort_by("source"),
        }

    @cached_property
    def named_in(self) -> dict[str, list[str]]:
        """By community id the documents that name a member; the communities must have been written."""
        return _documents_of_communities(self.reader, self.columns, self.chunks)

    @cached_property
    def entities(self) -> pa.Table:
        """Ids, shown names and types of the entities that link; they must have been written."""
        return _entities(self.reader.rows("entities", ["entity_id", "name", "type"]), self.links[1], self.vocabulary)

    @cached_property
    def reports(self) -> pa.Table:
        """Rows of `reports`; they must have been written."""
        return self.reader.read("reports")

    def count_report(self, row: Mapping[str, Any]) -> None:
        """Count the terms of a report before all are there."""
        self.counted[row["text"]] = bag_of(row["text"])

    def prepare(self, entities: Sequence[Entity]) -> Iterator[None]:
        """Make what waits for neither reports nor summaries, a part at a time; `entities` are about to be written."""
        for name in ("links", "tables", "named_in"):
            getattr(self, name)
            yield
        self.entities = _entities(((e.id, e.name, e.type) for e in entities), self.links[1], self.vocabulary)
        yield


def write_view(parts: ViewParts, folder: Path) -> None:
    """Write everything that questions need of a snapshot.

    Args:
        parts: What it is made of.
        folder: Where the view goes.
    """
    reader, (links, _) = parts.reader, parts.links
    reports = _with_parents(reader, parts.reports)
    found = links | parts.of_chunks.arrays
    found |= _prefixed("report_", arrays.lexical_arrays(_each(reports["text"]), reports.num_rows, parts.counted))
    found |= _vector_arrays(reader, parts.chunks, parts.of_chunks.labels)
    named_in = [parts.named_in.get(community_id, []) for community_id in reports["community_id"].to_pylist()]
    tables = parts.tables | {
        "entities": parts.entities,
        # With every document that names a member of the community: none but these went into the report.
        "reports": reports.drop_columns(["text", "fingerprint"]).append_column(
            "document_ids", pa.array(named_in, pa.list_(pa.string()))
        ),
    }
    write_mapped(folder, Mapped(found, tables))


def previous_view(reader: Reader) -> Mapped | None:
    """The view of the last snapshot, where it is there: what did not change since is taken over."""
    return read_mapped(reader.store.snapshots.view_folder(reader.manifest.id)) if reader.manifest.id else None


def _labels(chunks: pa.Table) -> ChunkLabels:
    return ChunkLabels(
        [title or "" for title in _each(chunks["title"])],
        [(path or "").rpartition(" > ")[2] for path in _each(chunks["headings"])],
        list(map(topic_key, _each(chunks["text"]))),
        (chunks["ordinal"].to_numpy() == 0).tolist(),
    )


def _postings(previous: Mapped | None, chunks: pa.Table, labels: ChunkLabels, stated: pa.ChunkedArray) -> Postings:
    """Postings of all chunks: counted anew only for those that the last snapshot did not hold as they are."""
    n = chunks.num_rows
    if previous is not None and int(previous.arrays.get("terms_version", [1])[0]) != TERMS:
        previous = None
    old_row = _same_rows(previous, chunks, stated) if previous else np.full(n, -1)
    new = np.flatnonzero(old_row < 0)
    texts = _each(chunks["text"] if len(new) == n else chunks["text"].take(pa.array(new)))
    paths = _each(chunks["headings"] if len(new) == n else chunks["headings"].take(pa.array(new)))
    told = _each(stated if len(new) == n else stated.take(pa.array(new)))
    labelled = zip(new.tolist(), paths, told, texts, strict=True)
    searched = (_searched_text(labels.titles[row], path or "", said or "", text) for row, path, said, text in labelled)
    fresh = count_terms(searched, new)
    if previous is None or len(new) == n:
        return fresh
    new_row = np.full(previous.tables["passages"].num_rows, -1, np.int32)
    new_row[old_row[old_row >= 0]] = np.flatnonzero(old_row >= 0)
    return arrays.postings_of(previous.arrays).moved(new_row).with_others(fresh, n)


def _each(column: pa.ChunkedArray) -> Iterator[Any]:
    """The values of a column, converted some at a time."""
    for start in range(0, len(column), _VALUES_AT_ONCE):
        yield from column.slice(start, _VALUES_AT_ONCE).to_pylist()


def _same_rows(previous: Mapped, chunks: pa.Table, stated: pa.ChunkedArray) -> np.ndarray[Any, Any]:
    """For each chunk the row that it had; -1 where it is new, or its text, labels or metadata are others."""
    old = previous.tables["passages"]
    row = pc.index_in(chunks["chunk_id"], value_set=old["chunk_id"])
    is_same = pc.is_valid(row)
    stated_before = _of_chunks(previous.tables["documents"], old)
    for was, now in [*((old[name], chunks[name]) for name in _SEARCHED), (stated_before, stated)]:
        is_same = pc.and_(is_same, pc.equal(pc.fill_null(was.take(row), ""), pc.fill_null(now, "")))
    return np.where(is_same.to_numpy(), pc.fill_null(row, -1).to_numpy(), -1)


def _stated(reader: Reader, keys: Sequence[str]) -> pa.Table:
    """Documents with metadata of some keys, and what of it is searched."""
    documents = reader.read("documents", ["document_id", "metadata"]) if keys else _NOTHING_STATED
    documents = documents.filter(pc.not_equal(documents["metadata"], "{}"))
    said = [searched_metadata(json.loads(metadata), keys) for metadata in _each(documents["metadata"])]
    table = pa.table({"document_id": documents["document_id"], "stated": pa.array(said, pa.string())})
    return table.filter(pc.not_equal(table["stated"], ""))


def _of_chunks(stated: pa.Table, chunks: pa.Table) -> pa.ChunkedArray:
    """What is stated of the document of each chunk; null where nothing is."""
    if "stated" not in stated.column_names:  # a view from before metadata was searched
        return pa.chunked_array([pa.nulls(chunks.num_rows, pa.string())])
    return stated["stated"].take(pc.index_in(chunks["document_id"], value_set=stated["document_id"]))


def rebuild_view(reader: Reader, keys: Sequence[str]) -> None:
    """Write the view of a snapshot that has lost it, from its tables alone; metadata of some keys is searched."""
    chunks = ordered_chunks(reader)
    columns = encode_mentions(read_mentions(reader), chunks["chunk_id"].to_pylist())
    of_chunks = partial(chunk_parts, reader, chunks, keys)
    parts = ViewParts(reader, mentions.read_vocabulary(reader), columns, chunks, of_chunks)
    write_view(parts, reader.store.snapshots.view_folder(reader.manifest.id))


def ordered_chunks(reader: Reader) -> pa.Table:
    """Chunks by document and position; sorted a part at a time, so that their text is in memory once."""
    order = [("document_id", "ascending"), ("ordinal", "ascending")]
    ids = reader.distinct("chunks", "document_id")
    parts = reader.read_by_key("chunks", ids, _SHOWN, size=_DOCUMENTS_IN_ONE_READ)
    sorted_ = [rows.sort_by(order) for _, rows in parts]
    return pa.concat_tables(sorted_ or [SCHEMAS["chunks"].empty_table().select(_SHOWN)])


def _of_documents(reader: Reader, rows: pa.Table, column: str) -> pa.ChunkedArray:
    """A column of `origins` for rows with a document_id."""
    origins = reader.read("origins", ["document_id", column])
    return origins[column].take(pc.index_in(rows["document_id"], value_set=origins["document_id"]))


def _with_parents(reader: Reader, reports: pa.Table) -> pa.Table:
    """Reports with the parents of their communities, those that cover most first."""
    communities = reader.read("communities", ["community_id", "parent_id"]).to_pylist()
    parent_of = {row["community_id"]: row["parent_id"] for row in communities}
    order = [("level", "ascending"), ("rating", "descending"), ("community_id", "ascending")]
    reports = reports.sort_by(order)
    parents = [parent_of.get(community_id, "") for community_id in reports["community_id"].to_pylist()]
    return reports.append_column("parent_id", pa.array(parents, pa.string()))


def _entities(rows: Iterable[tuple[Any, ...]], keys: Sequence[str], vocabulary: Vocabulary) -> pa.Table:
    """Ids, shown names and types of the entities with these keys, from those of all.

    A name that is mentioned nowhere is the vocabulary's.
    """
    shown = {id_: (name, type_) for id_, name, type_ in rows}
    ids = [entity_id(key) for key in keys]
    found = [shown.get(id_) or (entity_name(key, vocabulary.entries), "") for id_, key in zip(ids, keys, strict=True)]
    names, types = [name for name, _ in found], [type_ for _, type_ in found]
    return pa.table({"name": names, "entity_id": ids, "type": pa.array(types, pa.string())})


def _documents(reader: Reader, stated: pa.Table) -> pa.Table:
    """What filters ask of documents, and what of their metadata is searched."""
    documents = reader.read("documents", ["document_id", "title", "metadata"]).sort_by("document_id")
    documents = documents.append_column("stated", _of_chunks(stated, documents))
    return documents.append_column("sources", _of_documents(reader, documents, "sources"))


def _documents_of_communities(reader: Reader, columns: MentionColumns, chunks: pa.Table) -> dict[str, list[str]]:
    """By community id the documents that name a member."""
    index = {entity_id(key): i for i, key in enumerate(columns.entity_keys)}
    document_ids = chunks["document_id"].to_numpy(zero_copy_only=False)
    order = np.argsort(columns.entity, kind="stable")
    bounds = np.searchsorted(columns.entity[order], np.arange(len(columns.entity_keys) + 1))
    named = {}
    for community_id, members in reader.rows("communities", ["community_id", "entity_ids"]):
        own = [index[e] for e in members if e in index]
        rows = [columns.chunk[order[bounds[e] : bounds[e + 1]]] for e in own]
        found = set(document_ids[np.unique(np.concatenate(rows))].tolist()) if rows else set()
        named[community_id] = sorted(found)
    return named


def _vector_arrays(reader: Reader, chunks: pa.Table, labels: ChunkLabels) -> dict[str, np.ndarray[Any, Any]]:
    """`vectors` [chunks, dimensions] while brute force is quickest; beyond, the rows of each embedded text."""
    if not reader.vector_table:
        return {}
    hashes = list(map(embedded_hash, labels.titles, _each(chunks["text"])))
    if len(hashes) > MOST_BY_BRUTE_FORCE:
        return arrays.row_arrays("embedded", hashes)
    known, matrix = read_vectors(reader)
    row_of = {text_hash: row for row, text_hash in enumerate(known)}
    rows = np.array([row_of.get(text_hash, -1) for text_hash in hashes], np.int64)
    aligned = np.zeros((len(hashes), matrix.shape[1]), np.float32)
    aligned[rows >= 0] = matrix[rows[rows >= 0]]
    return {"vectors": aligned}


def _prefixed(prefix: str, found: Mapping[str, np.ndarray[Any, Any]]) -> dict[str, np.ndarray[Any, Any]]:
    return {prefix + name: array for name, array in found.items()}


def _searched_text(title: str, headings: str, stated: str, text: str) -> str:
    """What full text sees of a chunk: also the labels above it, each once, and who wrote it, and when.

    A section's part is about its section.
    """
    above = (heading for heading in headings.split(" > ") if heading not in text)
    return "\n".join(dict.fromkeys(part for part in (title, *above, stated, text) if part))
