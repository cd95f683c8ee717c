"""The table of community reports: written for the communities whose inputs changed, kept for all others."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphrag_lite.index.entities import MentionColumns
from graphrag_lite.index.hashing import fingerprint
from graphrag_lite.index.relate import Relationships
from graphrag_lite.index.report import (
    Sentence,
    SentencesToRead,
    centrality,
    choose_findings,
    rating,
    write_report,
)
from graphrag_lite.records import Community, CommunityReport, Entity, Finding, Relationship
from graphrag_lite.store.rows import report_to_row, row_to_report
from graphrag_lite.text.boilerplate import work_spans

_SENTENCES = 60  # read for one report, at most


@dataclass(frozen=True, slots=True)
class ReportInputs:
    """What reports are written from.

    Attributes:
        entities: By index.
        relationships: As columns over entity indices.
        mentions: Those that link.
        text_of: The text of a chunk, by row.
        document_of: The document id of a chunk, by row.
    """

    entities: Sequence[Entity]
    relationships: Relationships
    mentions: MentionColumns
    text_of: Callable[[int], str]
    document_of: Sequence[str]


class ExtractiveReports:
    """The extractive report of each community, written when it is first asked for.

    Args:
        communities: Of all levels.
        inputs: What they are written from.
        known: Extractive rows of the last snapshot, by community id; those whose fingerprint holds are taken over.
        max_findings: Findings of a report at most.
        version: Of the writing.

    Attributes:
        order: The ids of the communities, children before their parents.
    """

    def __init__(
        self,
        communities: Sequence[Community],
        inputs: ReportInputs,
        known: Mapping[str, Mapping[str, Any]],
        *,
        max_findings: int,
        version: str,
    ) -> None:
        index = {entity.id: i for i, entity in enumerate(inputs.entities)}
        self.order = [c.id for c in sorted(communities, key=lambda c: -c.level)]
        self._number = {community.id: n for n, community in enumerate(communities)}
        self._communities = communities
        self._members = [[index[entity_id] for entity_id in c.entity_ids] for c in communities]
        self._inputs = inputs
        self._known = known
        self._max_findings = max_findings
        self._version = version
        self._to_read = SentencesToRead(inputs.mentions, len(inputs.entities), limit=_SENTENCES)
        self._named = _entities_by_sentence(inputs.mentions)
        self._chunks_of = _chunks_by_entity(inputs)
        self._links = _InnerRelationships(inputs)
        self._works = _Works(inputs)
        # What is made of a community on the way to its row, each kept no longer than needed.
        self._bases: dict[str, _Basis] = {}
        self._prints: dict[str, str] = {}
        self._reports: dict[str, CommunityReport] = {}
        self._rows: dict[str, dict[str, Any]] = {}

    def __contains__(self, community_id: object) -> bool:
        return community_id in self._number

    def report(self, community_id: str) -> CommunityReport:
        """The report of a community."""
        if community_id in self._rows:
            return row_to_report(self._rows[community_id])
        if community_id not in self._reports:
            is_kept = self._is_kept(community_id)
            old = row_to_report(self._known[community_id]) if is_kept else None
            self._reports[community_id] = old or self._write(community_id)
        return self._reports[community_id]

    def findings(self, community_id: str) -> Sequence[Finding]:
        """What the report says, which is all that a model is shown of it; the whole report takes twice the time."""
        if community_id in self._rows or community_id in self._reports or self._is_kept(community_id):
            return self.report(community_id).findings
        community, basis = self._communities[self._number[community_id]], self._basis(community_id)
        return choose_findings(
            self._sentences(basis),
            centrality(community, self._named_entities(basis), basis.links),
            children=lambda: [self.report(child) for child in community.child_ids],
            max_findings=self._max_findings,
        )

    def row(self, community_id: str) -> dict[str, Any]:
        """A row of `reports`.

        The rating is a share of the corpus and moves with it, so it is kept apart from the inputs in the fingerprint.
        """
        if community_id not in self._rows:
            row = report_to_row(self.report(community_id)) | {"rating": rating(self._basis(community_id).share)}
            self._rows[community_id] = row | {"fingerprint": f"{self.inputs_of(community_id)}:{row['rating']}"}
            del self._reports[community_id], self._bases[community_id]
        return self._rows[community_id]

    def inputs_of(self, community_id: str) -> str:
        """A fingerprint of everything that shapes the report."""
        if community_id not in self._prints:
            community, basis = self._communities[self._number[community_id]], self._basis(community_id)
            self._prints[community_id] = fingerprint(
                self._version,
                self._max_findings,
                community.id,
                [self._inputs.entities[i].name for i in basis.members],
                [(r.source_id, r.target_id, r.weight) for r in basis.links],
                [(self._inputs.mentions.chunk_ids[chunk], start, end) for chunk, start, end in basis.spans],
                [self.inputs_of(child) for child in community.child_ids],
            )
        return self._prints[community_id]

    def _is_kept(self, community_id: str) -> bool:
        """True where the report of the last snapshot holds."""
        old = self._known.get(community_id)
        return old is not None and inputs_of(old) == self.inputs_of(community_id)

    def _named_entities(self, basis: _Basis) -> dict[str, Entity]:
        return {self._inputs.entities[i].id: self._inputs.entities[i] for i in basis.members}

    def _sentences(self, basis: _Basis) -> list[Sentence]:
        return [_sentence(self._inputs, self._named, span) for span in basis.spans]

    def _write(self, community_id: str) -> CommunityReport:
        community, basis = self._communities[self._number[community_id]], self._basis(community_id)
        return write_report(
            community,
            self._named_entities(basis),
            basis.links,
            self._sentences(basis),
            share=basis.share,
            children=lambda: [self.report(child) for child in community.child_ids],
            max_findings=self._max_findings,
        )

    def _basis(self, community_id: str) -> _Basis:
        if community_id not in self._bases:
            self._bases[community_id] = self._read(self._number[community_id])
        return self._bases[community_id]

    def _read(self, number: int) -> _Basis:
        members = self._members[number]
        found = self._to_read.of(members)
        spans = [span for span in found if self._works.holds(*span)]
        if 2 * len(spans) < len(found):  # it is about a licence or the like, whatever else it names
            spans = []
        covered = np.unique(np.concatenate([self._chunks_of(i) for i in members]))
        share = len(covered) / max(1, len(self._inputs.mentions.chunk_ids)) if spans or not found else 0.0
        return _Basis(members, list(self._links.inside(members)), spans, share)


@dataclass(frozen=True, slots=True)
class _Basis:
    """What one report is written from: entities and relationships, places of sentences, share of the corpus."""

    members: list[int]
    links: list[Relationship]
    spans: list[tuple[int, int, int]]
    share: float


def inputs_of(row: Mapping[str, Any]) -> str:
    """The fingerprint of the inputs of a stored report."""
    return str(row["fingerprint"]).partition(":")[0]


class _Works:
    """Tells which sentences belong to the work of a document, and not to a licence or the like around it."""

    def __init__(self, inputs: ReportInputs) -> None:
        self._inputs = inputs
        ids = inputs.document_of
        self._first = [row for row in range(len(ids)) if not row or ids[row] != ids[row - 1]]
        self._spans: dict[int, list[tuple[int, int]]] = {}

    def holds(self, chunk: int, start: int, end: int) -> bool:
        """Whether a sentence lies in the work."""
        place = bisect_right(self._first, chunk) - 1
        first = self._first[place]
        spans = self._spans.get(first)
        if spans is None:
            stop = self._first[place + 1] if place + 1 < len(self._first) else len(self._inputs.document_of)
            spans = self._spans[first] = work_spans([self._inputs.text_of(row) for row in range(first, stop)])
        low, high = spans[chunk - first]
        return low <= start < end <= high


class _InnerRelationships:
    """The relationships inside communities."""

    def __init__(self, inputs: ReportInputs) -> None:
        self._inputs = inputs
        source = inputs.relationships.source
        self._order = np.argsort(source, kind="stable")
        self._starts = np.searchsorted(source[self._order], np.arange(len(inputs.entities) + 1))

    def inside(self, members: Sequence[int]) -> Iterator[Relationship]:
        """Those that join two of `members`."""
        links, entities = self._inputs.relationships, self._inputs.entities
        among = set(members)
        for entity in members:
            for r in self._order[self._starts[entity] : self._starts[entity + 1]].tolist():
                if int(links.target[r]) in among:
                    weight = round(float(links.weight[r]), 4)
                    yield Relationship("", entities[entity].id, entities[links.target[r]].id, weight=weight)


def _entities_by_sentence(mentions: MentionColumns) -> Callable[[int, int], list[int]]:
    """A function from (chunk, sentence start) to the entities that the sentence names."""
    bounds = np.searchsorted(mentions.chunk, np.arange(len(mentions.chunk_ids) + 1))

    def entities(chunk: int, start: int) -> list[int]:
        rows = slice(int(bounds[chunk]), int(bounds[chunk + 1]))
        return sorted(set(mentions.entity[rows][mentions.sentence_start[rows] == start].tolist()))

    return entities


def _chunks_by_entity(inputs: ReportInputs) -> Callable[[int], np.ndarray[Any, Any]]:
    order = np.argsort(inputs.mentions.entity, kind="stable")
    starts = np.searchsorted(inputs.mentions.entity[order], np.arange(len(inputs.entities) + 1))
    chunk = inputs.mentions.chunk[order]
    return lambda entity: chunk[starts[entity] : starts[entity + 1]]


def _sentence(inputs: ReportInputs, named: Callable[[int, int], list[int]], span: tuple[int, int, int]) -> Sentence:
    chunk, start, end = span
    ids = tuple(inputs.entities[i].id for i in named(chunk, start))
    text = inputs.text_of(chunk)[start:end]
    return Sentence(inputs.mentions.chunk_ids[chunk], start, end, text, ids, inputs.document_of[chunk])
