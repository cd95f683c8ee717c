"""What one question may look at: the ranking, the passages and the reports that are open to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from graphrag_lite.query.retrieve import Array, Ranking
from graphrag_lite.query.session import Permitted, Session, Vector
from graphrag_lite.records import CommunityReport, Passage, Usage
from graphrag_lite.text.normalize import terms

_STATEMENTS = 20
_WEIGHED = 1000  # of the statements, the weightiest: of an entity that is everywhere there are too many to read
_EVIDENCE = 3  # passages behind the description of an entity
_WHOLE = 0.5  # how much a whole question counts beside the best of its parts, of which it is one itself


@dataclass(slots=True)
class MergedRanking:
    """Rows by the best of several rankings; the path to each is that of the ranking which spoke loudest for it."""

    rows: Array
    score: Array
    asked: list[int]
    best: dict[int, Ranking]

    def top(self, k: int) -> list[tuple[int, float]]:
        """(row, score) of the k best."""
        return list(zip(self.rows[:k].tolist(), self.score[:k].tolist(), strict=True))

    def path(self, row: int) -> list[tuple[int | None, int]]:
        """(entity, row) from the question to a row."""
        return self.best[row].path(row)


AnyRanking = Ranking | MergedRanking


@dataclass(frozen=True, slots=True)
class Search:
    """A session as one question sees it.

    Attributes:
        session: The open snapshot.
        permitted: What a filter leaves; None where there is no filter.
        embedded: What each call of an embedding model behind a server has cost.
    """

    session: Session
    permitted: Permitted | None = field(default=None)
    embedded: list[Usage] = field(default_factory=list)
    _vectors: dict[str, Vector] = field(default_factory=dict)

    @property
    def document_count(self) -> int:
        """Documents that may be looked at; under a filter no more is told of the others."""
        if self.permitted is None:
            return self.session.document_count
        return len(self.session.passages_table["document_id"].take(pa.array(self.rows, pa.int64())).unique())

    @property
    def rows(self) -> Array:
        """The passages that may be looked at."""
        return np.arange(self.session.retriever.size) if self.permitted is None else np.flatnonzero(self.permitted.mask)

    def rank(self, question: str, *, hops: bool = True) -> Ranking:
        """Scores of all permitted chunks."""
        return self.session.rank(question, hops=hops, permitted=self.permitted, embed=self._embed)

    def _embed(self, question: str) -> Vector:
        """Each wording is embedded, and paid, once."""
        if question not in self._vectors:
            self._vectors[question] = self.session.embed(question, self.embedded.append)
        return self._vectors[question]

    def passages(self, ranking: AnyRanking, k: int) -> list[Passage]:
        """The k best as passages."""
        return self.session.passages(ranking, k, is_filtered=self.permitted is not None)

    def reports(self, question: str) -> list[tuple[CommunityReport, float, str, list[Passage]]]:
        """Reports for a question: (report, relevance, parent id, passages of its evidence)."""
        return self.session.search_reports(question, self.permitted)

    def passage(self, chunk_id: str) -> Passage | None:
        """A chunk; None when there is none or it is not permitted."""
        found = self.session.passage_of_chunk(chunk_id)
        return found if found is not None and self._allows(found) else None

    def descriptions(self, entities: Sequence[int]) -> list[tuple[str, str, list[Passage]]]:
        """(name, description, strongest passages) of entities that are described.

        A filter leaves out what any other document names too, since it may have worded the description.
        """
        own = [
            e for e in entities if self.permitted is None or self.permitted.mask[self.session.rows_of_entity(e)].all()
        ]
        ids = dict(zip(self.session.entity_ids(own), own, strict=True))
        if not ids:
            return []
        columns = ["entity_id", "name", "description"]
        rows = {row["entity_id"]: row for row in self.session.reader.read_keys("entities", ids, columns).to_pylist()}
        found = []
        for entity_id, entity in ids.items():
            row = rows.get(entity_id)
            evidence = [p for c in self.session.passages_of_entity(entity, _EVIDENCE) if (p := self.passage(c))]
            if row and row["description"] and evidence:
                found.append((row["name"], row["description"], evidence))
        return found

    def statements(self, entities: Sequence[int], question: str) -> list[tuple[Passage, str]]:
        """What relationships and claims say of some entities, with the chunk behind each.

        First comes what says most of the question, then claims, then the weightiest: of a country, most of what is
        stated has nothing to do with it.
        """
        ids = self.session.entity_ids(entities)
        if not ids:
            return []
        reader = self.session.reader
        ends = ["description", "weight", "chunk_ids"]
        links = [
            row
            for end in ("source_id", "target_id")
            for row in reader.read_keys("relationships", ids, ends, by=end).to_pylist()
        ]
        links.sort(key=lambda row: (-row["weight"], row["description"]))
        said = [
            ([row["chunk_id"]], f"{row['description']} ({row['status']})" if row["status"] else row["description"])
            for row in sorted(
                reader.read_keys("claims", ids, by="subject_id").to_pylist(), key=lambda row: str(row["claim_id"])
            )
        ]
        said += [(row["chunk_ids"], row["description"]) for row in links]
        weight = {term: self.session.retriever.term_weight(term) for term in set(terms(question))}
        said = sorted(said[:_WEIGHED], key=lambda one: -sum(weight.get(term, 0.0) for term in set(terms(one[1]))))
        found = ((self._supported(chunk_ids), text) for chunk_ids, text in said[:_STATEMENTS] if text)
        return [(passage, text) for passage, text in found if passage is not None]

    def _supported(self, chunk_ids: Sequence[str]) -> Passage | None:
        """The first chunk behind a statement; None where one is not permitted, since it may have worded it."""
        passages = [self.passage(chunk_id) for chunk_id in chunk_ids]
        return passages[0] if passages and None not in passages else None

    def _allows(self, passage: Passage) -> bool:
        return self.permitted is None or passage.document_id in self.permitted.document_ids


def merge_rankings(whole: Ranking, parts: Sequence[tuple[Ranking, float]], size: int) -> AnyRanking:
    """One ranking: the best score over the parts and the whole, each on its own scale, and half of the whole's.

    Args:
        whole: Of the question as asked.
        parts: Of the questions that it consists of, with their weights.
        size: Number of chunks.
    """
    found = [(ranking, weight) for ranking, weight in (*parts, (whole, 1.0)) if len(ranking.rows)]
    if not found:
        return whole
    total, winner = np.zeros(size), np.full(size, -1)
    for number, (ranking, weight) in enumerate(found):
        score = weight * ranking.score / ranking.score[0]
        better = score > total[ranking.rows]
        winner[ranking.rows[better]] = number
        total[ranking.rows] = np.maximum(total[ranking.rows], score)
    if len(whole.rows):
        total[whole.rows] += _WHOLE * whole.score / whole.score[0]
    rows: Array = np.flatnonzero(total)
    rows = rows[np.lexsort((rows, -total[rows]))]
    best = {row: found[winner[row]][0] for row in rows.tolist()}
    asked = list(dict.fromkeys(entity for ranking in (whole, *(part for part, _ in parts)) for entity in ranking.asked))
    return MergedRanking(rows, total[rows] / (1 + _WHOLE), asked, best)
