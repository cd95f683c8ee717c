"""One snapshot, open for questions: its retrieval arrays, and what is shown of its passages and reports.

`contents` lists the rest.
"""

from __future__ import annotations

import bisect
import json
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrag_lite.errors import (
    CorruptStoreError,
    MissingDependencyError,
    ModelError,
    QuestionError,
    VersionMismatchError,
    as_sentence,
)
from graphrag_lite.llm.protocols import EmbeddingModel
from graphrag_lite.query.filters import Filter, matches, parse_filter
from graphrag_lite.query.paths import path_steps, without_foreign_names
from graphrag_lite.query.retrieve import DENSE_TOP, ROUNDS, Ranking, Retriever
from graphrag_lite.records import CommunityReport, Passage, PathStep, Usage
from graphrag_lite.settings import EmbeddingSettings, Settings
from graphrag_lite.store.mapped import Mapped, read_mapped
from graphrag_lite.store.rows import row_to_report
from graphrag_lite.store.snapshots import Manifest, Snapshots
from graphrag_lite.text.language import language_of

if TYPE_CHECKING:
    from graphrag_lite.store.tables import Reader

Vector = np.ndarray[Any, Any]
_REPORTS_SEARCHED = 100
_FILTERED_FACTOR = 20
_LANGUAGE_SAMPLE = 200
_BETWEEN_SENTENCES = 2  # blanks at most
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Doors:
    """How a session opens what it may not need.

    Attributes:
        open_reader: The tables of a snapshot, by id.
        rebuild_view: Writes the mapped view of a snapshot that has none.
        open_embedding: The embedding model of the settings, or None.
    """

    open_reader: Callable[[str], Reader]
    rebuild_view: Callable[[Reader], None]
    open_embedding: Callable[[EmbeddingSettings], EmbeddingModel | None]


class Ranked(Protocol):
    """Chunks in order, each with the way to it."""

    def top(self, k: int) -> list[tuple[int, float]]:
        """(row, score) of the k best."""

    def path(self, row: int) -> list[tuple[int | None, int]]:
        """(entity, row) from the question to a row."""


class Session:
    """One snapshot, open for questions; threads may share it.

    Questions are answered from the mapped view alone; the tables are opened when somebody looks at what it lacks.

    Args:
        snapshots: Of the knowledge base.
        manifest: The snapshot.
        settings: Those of the knowledge base.
        doors: How to open what takes time to load.

    Attributes:
        misses_vectors: True while the embedding model does not answer, so that questions do without.
    """

    def __init__(self, snapshots: Snapshots, manifest: Manifest, settings: Settings, doors: Doors) -> None:
        self.snapshots = snapshots
        self.manifest = manifest
        self.settings = settings
        self.misses_vectors = False
        self._doors = doors

    @cached_property
    def reader(self) -> Reader:
        """The tables of the snapshot."""
        return self._doors.open_reader(self.manifest.id)

    @cached_property
    def _mapped(self) -> Mapped:
        folder = self.snapshots.view_folder(self.manifest.id)
        found = read_mapped(folder)
        if found is None:  # as after a rollback to a snapshot whose view was dropped
            self._doors.rebuild_view(self.reader)
            found = read_mapped(folder)
        if found is None or found.tables["passages"].num_rows != self.manifest.counts["chunks"]:
            raise CorruptStoreError(f"{folder}: does not fit the tables. Delete this folder; it is made anew")
        return found

    @cached_property
    def passages_table(self) -> pa.Table:
        """What is shown of every chunk, by row."""
        return self._mapped.tables["passages"]

    @cached_property
    def languages(self) -> Mapping[str, float]:
        """Share of the chunks, 0 to 1, that are of a language for certain, in a sample."""
        texts = self.passages_table["text"]
        sample = [texts[row].as_py() for row in range(0, len(texts), max(1, len(texts) // _LANGUAGE_SAMPLE))]
        counts = Counter(map(language_of, sample))
        return {language: counts[language] / max(1, len(sample)) for language in ("en", "zh")}

    @cached_property
    def reports_table(self) -> pa.Table:
        """Community reports, those that cover most first."""
        return self._mapped.tables["reports"]

    @cached_property
    def retriever(self) -> Retriever:
        """The search over the arrays."""
        return Retriever(self._mapped.arrays, self.passages_table.num_rows)

    @cached_property
    def _report_search(self) -> Retriever:
        arrays = self._mapped.arrays
        own = {name.removeprefix("report_"): array for name, array in arrays.items() if name.startswith("report_")}
        return Retriever(own, self.reports_table.num_rows)

    @cached_property
    def embedding_model(self) -> EmbeddingModel | None:
        """The model that embeds questions: the one of the stored vectors; None where there are none or it is absent."""
        if self.manifest.models.get("embedding", "none") == "none":
            return None
        try:
            model = self._doors.open_embedding(self.settings.embedding)
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
                f"the knowledge base holds vectors of {self.manifest.models['embedding']}, the settings name "
                f"{model.name}. Set embedding.model back, or embed everything anew: grl reembed"
            )
        return model

    def embed(self, question: str, told: Callable[[Usage], None] | None = None) -> Vector:
        """The vector of a question; `told` hears what each call of a server cost.

        Raises:
            ModelError: The model does not answer.
        """
        model = self.embedding_model
        assert model is not None, "who has no model embeds nothing"
        from graphrag_lite.llm.embedding import OpenAIEmbeddingModel  # whoever has a model has loaded it

        if told is not None and isinstance(model, OpenAIEmbeddingModel):
            model = model.told_to(told)
        return np.asarray(model.embed([question], "query")[0])

    def _dense(
        self, question: str, permitted: Permitted | None, embed: Callable[[str], Vector]
    ) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]] | None:
        """Rows of the nearest chunks and their cosines; None without vectors, or where their model does not answer."""
        if self.embedding_model is None:
            return None
        try:
            vector = embed(question)
        except ModelError as error:
            log.warning("%s The question is answered by words and links alone.", as_sentence(str(error)))
            self.misses_vectors = True
            return None
        self.misses_vectors = False
        found = self.retriever.nearest(vector, DENSE_TOP, permitted.mask if permitted else None)
        if found is None:
            from graphrag_lite.store.vectors import nearest

            # The index knows no documents, so more is asked of it where a filter will drop some.
            wanted = DENSE_TOP * (_FILTERED_FACTOR if permitted else 1)
            rows, similarity = self.retriever.rows_of_vectors(*nearest(self.reader, vector, wanted))
            keep = permitted.mask[rows] if permitted else np.ones(len(rows), bool)
            found = rows[keep], similarity[keep]
        return found

    # Asking

    @cached_property
    def _document_rows(self) -> tuple[list[dict[str, Any]], np.ndarray[Any, Any]]:
        """Documents with parsed metadata, and for each chunk the index of its document."""
        rows = self._mapped.tables["documents"].to_pylist()
        for row in rows:
            row["metadata"] = json.loads(row["metadata"] or "{}")
        ids = pa.array([row["document_id"] for row in rows], pa.string())
        return rows, pc.index_in(self.passages_table["document_id"], value_set=ids).to_numpy()

    def permitted(self, where: Filter | None) -> Permitted | None:
        """What a filter leaves; None where there is no filter."""
        conditions = parse_filter(where)
        if not conditions:
            return None
        rows, document_of = self._document_rows
        passes = np.array([matches(conditions, row) for row in rows] or [False], bool)
        ids = frozenset(row["document_id"] for row, is_in in zip(rows, passes.tolist(), strict=False) if is_in)
        return Permitted(ids, passes[document_of] if len(document_of) else np.zeros(0, bool))

    def only(self, document_id: str) -> Permitted:
        """One document, as if a filter left no other."""
        return Permitted(frozenset([document_id]), pc.equal(self.passages_table["document_id"], document_id).to_numpy())

    def rank(
        self,
        question: str,
        *,
        hops: bool = True,
        permitted: Permitted | None = None,
        embed: Callable[[str], Vector] | None = None,
    ) -> Ranking:
        """Scores of all chunks for a question; without hops, what a passage says itself is all that counts.

        `embed` is asked for the vector in place of the session.

        Raises:
            QuestionError: The question is empty.
        """
        if not isinstance(question, str) or not question.strip():
            raise QuestionError("a question is a text that is not empty")
        mask = permitted.mask if permitted else None
        dense = self._dense(question, permitted, embed or self.embed)
        return self.retriever.search(question, dense, mask, ROUNDS if hops else ())

    def retrieve(
        self, question: str, *, top_k: int | None = None, where: Filter | None = None, hops: bool = True
    ) -> list[Passage]:
        """The best permitted passages, with the path to each."""
        if top_k is not None and (not isinstance(top_k, int) or top_k < 1):
            raise QuestionError(f"top_k is {top_k!r}; ask for a whole number of passages, at least 1")
        permitted = self.permitted(where)
        ranking = self.rank(question, hops=hops, permitted=permitted)
        return self.passages(ranking, top_k or self.settings.query.top_k, is_filtered=permitted is not None)

    def passages(self, ranking: Ranked, k: int, *, is_filtered: bool = False) -> list[Passage]:
        """The k best of a ranking as passages.

        `is_filtered` hides names of entities that no passage of a path spells so: another document may have.
        """
        table, names = self.passages_table, self._mapped.tables["entities"]["name"]
        found = []
        best = ranking.top(k)
        rows = table.take(pa.array([row for row, _ in best], pa.int64())).to_pylist()
        for (row, score), values in zip(best, rows, strict=True):
            steps = path_steps(ranking.path(row), names, table)
            if is_filtered:
                steps = without_foreign_names(steps, [table["text"][r].as_py() for _, r in ranking.path(row)])
            found.append(self._passage(values, round(score, 6), steps))
        return found

    def search_reports(
        self, question: str, permitted: Permitted | None
    ) -> list[tuple[CommunityReport, float, str, list[Passage]]]:
        """Reports for a question: (report, relevance, id of the parent community, passages of its evidence).

        Full text decides; what is left of the places goes to the reports that cover most.
        """
        score = self._report_search.lexical(question)
        if permitted:
            provenance = self.reports_table["document_ids"].to_pylist()
            score[[row for row, ids in enumerate(provenance) if not permitted.document_ids.issuperset(ids)]] = -1.0
        best = np.lexsort((np.arange(len(score)), -score))[:_REPORTS_SEARCHED]
        best = best[score[best] >= 0]
        rows = self.reports_table.take(pa.array(best)).to_pylist()
        found = []
        for row, relevance in zip(rows, score[best].tolist(), strict=True):
            evidence = [p for chunk_id in row["chunk_ids"] if (p := self.passage_of_chunk(chunk_id))]
            found.append((row_to_report(row), relevance, row["parent_id"], evidence))
        return found

    def passage_of_chunk(self, chunk_id: str) -> Passage | None:
        """A chunk as a passage without a score; None when there is no such chunk."""
        row = self.retriever.row_of_chunk(chunk_id)
        if row < 0:
            return None
        values = self.passages_table.slice(row, 1).to_pylist()[0]
        return self._passage(values, 0.0, ())

    def first_text(self, chunk_id: str) -> str:
        """The text of the first chunk of the document that a chunk is of: those of one stand in order."""
        documents = self.passages_table["document_id"]
        row = documents.index(documents[self.retriever.row_of_chunk(chunk_id)]).as_py()
        return str(self.passages_table["text"][row].as_py())

    def _passage(self, values: Mapping[str, Any], score: float, path: tuple[PathStep, ...]) -> Passage:
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
            values["headings"] or "",
            self._metadata(values["document_id"]),
        )

    def _metadata(self, document_id: str) -> Mapping[str, Any]:
        """That of one document, found by bisection: reading all of them takes a second where there are a million."""
        documents = self._mapped.tables["documents"]
        ids = documents["document_id"]
        row = bisect.bisect_left(range(len(ids)), document_id, key=lambda row: str(ids[row].as_py()))
        stated = documents["metadata"][row].as_py() if row < len(ids) and ids[row].as_py() == document_id else ""
        return dict(json.loads(stated or "{}"))

    def entity_ids(self, entities: Sequence[int]) -> list[str]:
        """Ids of entities by index, as `Ranking.asked` has them."""
        column = self._mapped.tables["entities"]["entity_id"]
        return [column[entity].as_py() for entity in entities]

    def frequent_entities(self, rows: np.ndarray[Any, Any], type_: str = "", most: int = 40) -> list[tuple[int, str]]:
        """(entity, name) of those that most of some chunks hold; of one type, if it is given."""
        arrays, table = self._mapped.arrays, self._mapped.tables["entities"]
        is_in = np.zeros(self.retriever.size, bool)
        is_in[rows] = True
        held = arrays["chunk_entity"][np.repeat(is_in, np.diff(arrays["chunk_start"]))]
        count = np.bincount(held.astype(np.int64), minlength=table.num_rows)
        if type_:
            count = count * pc.equal(table["type"], type_).to_numpy()
        best = np.argsort(-count, kind="stable")[:most].tolist()
        return [(entity, table["name"][entity].as_py()) for entity in best if count[entity] > 0]

    def rows_of_entity(self, entity: int) -> np.ndarray[Any, Any]:
        """Rows of all chunks that an entity leads to, the strongest first."""
        starts = self._mapped.arrays["entity_start"]
        return self._mapped.arrays["entity_row"][int(starts[entity]) : int(starts[entity + 1])]

    def passages_of_entity(self, entity: int, most: int) -> list[str]:
        """Ids of the chunks that an entity leads to most strongly."""
        rows = self.rows_of_entity(entity)[:most].tolist()
        return [self.passages_table["chunk_id"][row].as_py() for row in rows]

    @cached_property
    def document_count(self) -> int:
        """Documents that stand for themselves."""
        return len(self.passages_table["document_id"].unique())

    def document_text(self, document_id: str) -> str | None:
        """The stored text of a document, put together from its chunks; None when there is none.

        Chunks hold all but the white space between them, which stands as blanks here, at the same offsets: behind a
        line end where there is room for more than stands between two sentences, so that what begins a line does.
        """
        rows = self.passages_table.filter(pc.field("document_id") == document_id).select(["start", "text"])
        parts: list[str] = []
        end = 0
        for start, text in zip(rows["start"].to_pylist(), rows["text"].to_pylist(), strict=True):
            gap = start - end
            parts += ["\n".ljust(gap) if gap > _BETWEEN_SENTENCES else " " * gap, text]
            end = start + len(text)
        return "".join(parts) if parts else None


@dataclass(frozen=True, slots=True)
class Permitted:
    """What a filter leaves: documents by id, and chunks as a mask [chunks]."""

    document_ids: frozenset[str]
    mask: np.ndarray[Any, Any]
