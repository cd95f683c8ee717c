"""Everything that reads one snapshot: rows of its tables as records, and the retrieval arrays."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from graphrag_lite.errors import (
    CorruptStoreError,
    InputError,
    MissingDependencyError,
    NotFoundError,
    VersionMismatchError,
)
from graphrag_lite.llm.protocols import EmbeddingModel
from graphrag_lite.query.retrieve import DENSE_TOP, ROUNDS, Ranking, Retriever, path_steps
from graphrag_lite.records import (
    Chunk,
    Community,
    CommunityReport,
    Document,
    Entity,
    Merge,
    Passage,
    PathStep,
    Relationship,
)
from graphrag_lite.settings import EmbeddingSettings, Settings
from graphrag_lite.store.arrays import read_arrays
from graphrag_lite.store.rows import row_to_report
from graphrag_lite.store.schema import SCHEMAS
from graphrag_lite.store.tables import Reader, quote
from graphrag_lite.store.vectors import VectorIndex

_REPORTS_SEARCHED = 100
log = logging.getLogger(__name__)


class Session:
    """One snapshot, open for questions; threads may share it.

    Args:
        reader: The snapshot.
        settings: Those of the knowledge base.
        rebuild: Writes the retrieval arrays of a snapshot that has none, as after a rollback.
        open_embedding: Gives the embedding model of the settings, or None.
    """

    def __init__(
        self,
        reader: Reader,
        settings: Settings,
        rebuild: Callable[[Reader], None],
        open_embedding: Callable[[EmbeddingSettings], EmbeddingModel | None],
    ) -> None:
        self.reader = reader
        self.settings = settings
        self.manifest = reader.manifest
        self._rebuild = rebuild
        self._open_embedding = open_embedding

    @cached_property
    def _index(self) -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, pa.Table]]:
        found = read_arrays(self.reader.store.snapshots.arrays_folder(self.manifest.id))
        if found is None:
            self._rebuild(self.reader)
            found = read_arrays(self.reader.store.snapshots.arrays_folder(self.manifest.id))
        if found is None or found[1]["passages"].num_rows != self.manifest.counts["chunks"]:
            raise CorruptStoreError(
                f"{self.reader.store.folder}: the retrieval arrays do not fit the tables: grl doctor"
            )
        return found

    @cached_property
    def passages_table(self) -> pa.Table:
        """What is shown of every chunk, by row."""
        return self._index[1]["passages"]

    @cached_property
    def retriever(self) -> Retriever:
        """The search over the arrays."""
        return Retriever(self._index[0], self.passages_table.num_rows)

    @cached_property
    def embedding_model(self) -> EmbeddingModel | None:
        """The model that embeds questions: the one of the stored vectors; None where there are none or it is absent."""
        if self.manifest.models.get("embedding", "none") == "none":
            return None
        try:
            model = self._open_embedding(self.settings.embedding)
        except MissingDependencyError as error:
            log.warning("%s Questions are answered by words and links alone.", error)
            return None
        if model is None:
            log.warning(
                "the embedding model %s is not installed here; questions are answered by words and links alone",
                self.manifest.models["embedding"],
            )
        elif model.name != self.manifest.models["embedding"]:
            raise VersionMismatchError(
                f"the knowledge base holds vectors of {self.manifest.models['embedding']}, the settings name {model.name}. "
                "Set embedding.model back, or embed everything anew: grl reembed"
            )
        return model

    @cached_property
    def _vectors(self) -> VectorIndex:
        return VectorIndex(self.reader)

    def _dense(self, question: str) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]] | None:
        """Rows of the nearest chunks and their cosines; None without vectors."""
        if self.embedding_model is None:
            return None
        vector = self.embedding_model.embed([question], "query")[0]
        hashes, similarity = self._vectors.nearest(vector, DENSE_TOP)
        return self.retriever.rows_of_vectors(hashes, similarity)

    # Asking

    def rank(self, question: str, *, hops: bool = True) -> Ranking:
        """Scores of all chunks for a question; without hops, what a passage says itself is all that counts.

        Raises:
            InputError: The question is empty.
        """
        if not question.strip():
            raise InputError("the question is empty")
        return self.retriever.search(question, self._dense(question), rounds=ROUNDS if hops else ())

    def retrieve(self, question: str, *, top_k: int | None = None) -> list[Passage]:
        """The best passages, with the path to each."""
        return self.passages(self.rank(question), top_k or self.settings.query.top_k)

    def passages(self, ranking: Ranking, k: int) -> list[Passage]:
        """The k best of a ranking as passages."""
        table, names = self.passages_table, self._index[1]["entities"]["name"]
        found = []
        best = ranking.top(k)
        rows = table.take(pa.array([row for row, _ in best], pa.int64())).to_pylist()
        for (row, score), values in zip(best, rows, strict=True):
            steps = path_steps(ranking.path(row), names, table["chunk_id"], table["title"])
            found.append(_passage(values, round(score, 6), steps))
        return found

    def search_reports(self, question: str) -> list[tuple[CommunityReport, float, str, list[Passage]]]:
        """Reports for a question: (report, relevance, id of the parent community, passages of its evidence).

        Full text decides; a question that full text finds nothing for gets the reports that cover most.
        """
        columns = [name for name in SCHEMAS["reports"].names if name != "text"]
        rows = self.reader.search_text("reports", "text", question, columns, _REPORTS_SEARCHED).to_pylist()
        if len(rows) < _REPORTS_SEARCHED:
            rows += self._top_reports({row["community_id"] for row in rows}, _REPORTS_SEARCHED - len(rows))
        ids = [row["community_id"] for row in rows]
        parents = self.reader.read_keys("communities", ids, ["community_id", "parent_id"]).to_pylist()
        parent_of = {row["community_id"]: row["parent_id"] for row in parents}
        found = []
        for row in rows:
            evidence = [p for chunk_id in row["chunk_ids"] if (p := self.passage_of_chunk(chunk_id))]
            parent_id = parent_of.get(row["community_id"], "")
            found.append((row_to_report(row), float(row.get("_score", 0.0)), parent_id, evidence))
        return found

    def _top_reports(self, without: set[str], limit: int) -> list[dict[str, Any]]:
        table = self.reader.read("reports", ["community_id", "level", "rating"], where="level <= 1").to_pylist()
        best = sorted(table, key=lambda r: (-r["rating"], r["level"], r["community_id"]))
        ids = [row["community_id"] for row in best if row["community_id"] not in without][:limit]
        rows = {r["community_id"]: r for r in self.reader.read_keys("reports", ids).to_pylist()}
        return [rows[id_] for id_ in ids]

    def passage_of_chunk(self, chunk_id: str) -> Passage | None:
        """A chunk as a passage without a score; None when there is no such chunk."""
        row = self.retriever.row_of_chunk(chunk_id)
        if row < 0:
            return None
        values = self.passages_table.slice(row, 1).to_pylist()[0]
        return _passage(values, 0.0, ())

    @cached_property
    def document_count(self) -> int:
        """Documents that stand for themselves."""
        count: int = self.reader.table("origins").count_rows("duplicate_of = ''")
        return count

    def document_text(self, document_id: str) -> str | None:
        """The stored text of a document."""
        rows = self.reader.read("documents", ["text"], where=f"document_id = {quote(document_id)}").to_pylist()
        return rows[0]["text"] if rows else None

    # Looking

    def document(self, document_id: str) -> Document:
        """A stored document with its text."""
        rows = self.reader.read("documents", where=f"document_id = {quote(document_id)}").to_pylist()
        if not rows:
            raise NotFoundError(f"no document {document_id!r}. grl status counts them, grl retrieve names some")
        origin = self.reader.read("origins", ["source"], where=f"document_id = {quote(document_id)}").to_pylist()
        return _document(rows[0], origin[0]["source"] if origin else "")

    def documents(self) -> list[Document]:
        """All documents without their text."""
        names = ["document_id", "title", "metadata"]
        sources = dict(self._rows("origins", "document_id", "source"))
        rows = self.reader.read("documents", names).to_pylist()
        return [_document(row, sources.get(row["document_id"], "")) for row in sorted(rows, key=_by("document_id"))]

    def chunk(self, chunk_id: str) -> Chunk:
        """A stored chunk."""
        rows = self.reader.read("chunks", where=f"chunk_id = {quote(chunk_id)}").to_pylist()
        if not rows:
            raise NotFoundError(f"no chunk {chunk_id!r}. grl retrieve names some")
        row = rows[0]
        names = ("document_id", "ordinal", "start", "end", "text", "text_hash", "headings", "page")
        return Chunk(chunk_id, *(row[name] for name in names))

    def entities(self) -> list[Entity]:
        """All entities, most frequent first."""
        rows = self.reader.read("entities").to_pylist()
        found = [
            Entity(
                r["entity_id"], r["name"], r["type"], r["description"], tuple(r["aliases"]), r["frequency"], r["degree"]
            )
            for r in rows
        ]
        return sorted(found, key=lambda e: (-e.frequency, e.name, e.id))

    def relationships(self) -> list[Relationship]:
        """All relationships, heaviest first."""
        rows = self.reader.read("relationships").to_pylist()
        found = [
            Relationship(
                r["relationship_id"],
                r["source_id"],
                r["target_id"],
                r["description"],
                r["weight"],
                tuple(r["chunk_ids"]),
            )
            for r in rows
        ]
        return sorted(found, key=lambda r: (-r.weight, r.source_id, r.target_id))

    def communities(self, level: int | None = None) -> list[Community]:
        """Communities, largest first."""
        where = None if level is None else f"level = {int(level)}"
        rows = self.reader.read("communities", where=where).to_pylist()
        found = [
            Community(r["community_id"], r["level"], tuple(r["entity_ids"]), r["parent_id"], tuple(r["child_ids"]))
            for r in rows
        ]
        return sorted(found, key=lambda c: (c.level, -len(c.entity_ids), c.id))

    def reports(self, level: int | None = None) -> list[CommunityReport]:
        """Community reports, highest rating first."""
        where = None if level is None else f"level = {int(level)}"
        rows = self.reader.read("reports", where=where).to_pylist()
        return sorted(map(row_to_report, rows), key=lambda r: (r.level, -r.rating, r.community_id))

    def merges(self) -> list[Merge]:
        """Every merge of names."""
        return sorted(
            (Merge(*row) for row in self._rows("decisions", "merge_id", "key", "into", "reason", "scope", "undone")),
            key=lambda merge: (merge.scope, merge.into, merge.key),
        )

    def status(self) -> dict[str, Any]:
        """Counts, size, snapshot, models and failures as plain values."""
        sources = self._rows("sources", "source", "failures")
        return {
            "path": str(self.reader.store.folder),
            "snapshot": self.manifest.id,
            "created_at": self.manifest.created_at,
            "snapshots": len(self.reader.store.snapshots.ids()),
            "recipe": self.manifest.recipe.get("name", ""),
            "counts": dict(self.manifest.counts),
            "disk_bytes": self.reader.store.disk_bytes(),
            "models": dict(self.manifest.models),
            "failures": [
                {"source": source, "reason": reason} for source, reasons in sorted(sources) for reason in reasons or ()
            ],
        }

    def _rows(self, table: str, *names: str) -> list[tuple[Any, ...]]:
        columns = self.reader.read(table, names)
        return list(zip(*(columns[name].to_pylist() for name in names), strict=True))


def _passage(values: Mapping[str, Any], score: float, path: tuple[PathStep, ...]) -> Passage:
    return Passage(
        values["document_id"],
        values["chunk_id"],
        values["text"],
        values["start"],
        values["end"],
        score,
        path,
        values["title"] or "",
        values["source"],
        values["page"],
    )


def _by(name: str) -> Any:
    return lambda row: row[name]


def _document(row: Mapping[str, Any], source: str) -> Document:
    offsets = row.get("offset_map") or []
    return Document(
        row.get("text", ""),
        row["document_id"],
        row["title"] or "",
        source,
        json.loads(row["metadata"] or "{}"),
        tuple(row.get("pages") or ()),
        tuple(zip(offsets[::2], offsets[1::2], strict=True)),
    )
