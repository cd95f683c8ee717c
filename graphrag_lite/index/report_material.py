"""What a chat model is shown of a community: its best sentences, entities and relationships, each with its evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial

import numpy as np

from graphrag_lite.index.describe_entities import Described
from graphrag_lite.index.extract import sentences_of
from graphrag_lite.index.report_plan import Fact, ReportMaterial, distinct, in_turn
from graphrag_lite.index.report_view import ExtractiveReports, ReportInputs
from graphrag_lite.records import Community, Entity, Evidence

_ENTITIES = 15
_RELATIONSHIPS = 30


def report_materials(
    communities: Sequence[Community],
    extractive: ExtractiveReports,
    inputs: ReportInputs,
    described: Sequence[Sequence[Described]],
    descriptions: Sequence[str],
) -> list[ReportMaterial]:
    """The material of some communities, in order.

    What the most central entities are and the strongest relationships come in turn: of few facts, most of the group is
    told so. What else is stated of the entities follows.

    Args:
        communities: Of any level.
        extractive: Among others their extractive reports.
        inputs: Entities, relationships and mentions.
        described: What is stated of the entities, by index.
        descriptions: Of the relationships, by index.
    """
    index = {entity.id: i for i, entity in enumerate(inputs.entities)}
    naming = _Naming(inputs)
    links = _Links(inputs, naming)
    found = []
    for community in communities:
        members = [index[entity_id] for entity_id in community.entity_ids]
        inside = links.inside(members)
        strength = links.strength(inside)
        central = sorted(members, key=lambda i: (-strength[i], -inputs.entities[i].frequency, inputs.entities[i].id))
        told = [r for r in inside[:_RELATIONSHIPS] if descriptions[r]]
        linked = [Fact(descriptions[r], links.evidence(r)) for r in told]
        first = _of_entities(central[:_ENTITIES], described, naming, slice(1))
        rest = _of_entities(central[:_ENTITIES], described, naming, slice(1, None))
        facts = [*in_turn(first, linked), *rest]
        importance = _importance(community, inputs.entities, index)
        best = cache(partial(_findings, extractive, community.id))  # the plan asks, and then the call
        found.append(ReportMaterial(community, distinct(facts), importance, best))
    return found


def _findings(extractive: ExtractiveReports, community_id: str) -> list[Fact]:
    """What the extractive report says; it takes time to choose."""
    return [Fact(finding.text, finding.evidence) for finding in extractive.findings(community_id)]


def most_important(communities: Sequence[Community], inputs: ReportInputs, limit: int) -> list[Community]:
    """The communities whose members are named most often, coarse before fine."""
    index = {entity.id: i for i, entity in enumerate(inputs.entities)}
    return sorted(communities, key=lambda c: (-_importance(c, inputs.entities, index), c.level, c.id))[:limit]


def _importance(community: Community, entities: Sequence[Entity], index: Mapping[str, int]) -> float:
    return float(sum(entities[index[entity_id]].frequency for entity_id in community.entity_ids))


def _of_entities(
    entities: Sequence[int], described: Sequence[Sequence[Described]], naming: _Naming, which: slice
) -> Iterator[Fact]:
    for entity in entities:
        for stated in described[entity][which]:
            name = naming.name(entity)
            text = stated.text if name.lower() in stated.text.lower() else f"{name}: {stated.text}"
            yield Fact(text, (naming.evidence(entity, stated.chunk),))


class _Naming:
    """The sentences that name an entity."""

    def __init__(self, inputs: ReportInputs) -> None:
        self._inputs = inputs
        self._starts = np.searchsorted(inputs.mentions.chunk, np.arange(len(inputs.mentions.chunk_ids) + 1))
        self._cut: dict[int, tuple[str, list[tuple[int, int]]]] = {}

    def name(self, entity: int) -> str:
        """The name of an entity."""
        return self._inputs.entities[entity].name

    def evidence(self, entity: int, chunk: int) -> Evidence:
        """The first sentence of a chunk that names an entity; its first one where none seems to."""
        mentions = self._inputs.mentions
        rows = slice(int(self._starts[chunk]), int(self._starts[chunk + 1]))
        own = np.flatnonzero(mentions.entity[rows] == entity)
        if len(own):
            row = rows.start + int(own[0])
            start, end = int(mentions.sentence_start[row]), int(mentions.sentence_end[row])
        else:
            text, spans = self._sentences(chunk)
            name = self.name(entity).lower()
            start, end = next(
                ((a, b) for a, b in spans if name in text[a:b].lower()), spans[0] if spans else (0, len(text))
            )
        return Evidence(mentions.chunk_ids[chunk], start, end)

    def _sentences(self, chunk: int) -> tuple[str, list[tuple[int, int]]]:
        """The text of a chunk and its sentences; much is stated in one chunk."""
        if chunk not in self._cut:
            text = self._inputs.text_of(chunk)
            self._cut[chunk] = text, sentences_of(text)
        return self._cut[chunk]


class _Links:
    """Relationships by the entities that they join."""

    def __init__(self, inputs: ReportInputs, naming: _Naming) -> None:
        self._inputs = inputs
        self._naming = naming
        self._relationships = inputs.relationships
        source = self._relationships.source
        self._order = np.argsort(source, kind="stable")
        self._starts = np.searchsorted(source[self._order], np.arange(len(inputs.entities) + 1))

    def inside(self, members: Sequence[int]) -> list[int]:
        """Indices of the relationships among some entities, heaviest first."""
        among = set(members)
        target, weight = self._relationships.target, self._relationships.weight
        rows = [
            r
            for entity in members
            for r in self._order[self._starts[entity] : self._starts[entity + 1]].tolist()
            if int(target[r]) in among
        ]
        return sorted(rows, key=lambda r: (-float(weight[r]), r))

    def strength(self, rows: Sequence[int]) -> Mapping[int, float]:
        """By entity the weight of its relationships among some."""
        links, found = self._relationships, defaultdict[int, float](float)
        for row in rows:
            for end in (int(links.source[row]), int(links.target[row])):
                found[end] += float(links.weight[row])
        return found

    def evidence(self, row: int) -> tuple[Evidence, ...]:
        """The best sentence behind a relationship; of one that was only stated, the first that names its source."""
        links = self._relationships
        places = range(int(links.offsets[row]), int(links.offsets[row + 1]))
        for place in places:
            if links.sentence_end[place] > 0:
                chunk_id = self._inputs.mentions.chunk_ids[int(links.chunk[place])]
                return (Evidence(chunk_id, int(links.sentence_start[place]), int(links.sentence_end[place])),)
        if not places:
            return ()
        return (self._naming.evidence(int(links.source[row]), int(links.chunk[places[0]])),)
