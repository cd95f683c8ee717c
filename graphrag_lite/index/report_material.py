"""What a chat model is shown of a community: its best sentences, entities and relationships, each with its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial

import numpy as np

from graphrag_lite.index.extract import sentences_of
from graphrag_lite.index.report_plan import Fact, ReportMaterial, distinct
from graphrag_lite.index.report_view import ExtractiveReports, ReportInputs
from graphrag_lite.records import Community, Entity, Evidence

_ENTITIES = 15
_RELATIONSHIPS = 30


def report_materials(
    communities: Sequence[Community],
    extractive: ExtractiveReports,
    inputs: ReportInputs,
    descriptions: Sequence[str],
) -> list[ReportMaterial]:
    """The material of some communities, in order.

    Args:
        communities: Of any level.
        extractive: Among others their extractive reports.
        inputs: Entities (with descriptions), relationships and mentions.
        descriptions: Of the relationships, by index.
    """
    index = {entity.id: i for i, entity in enumerate(inputs.entities)}
    links = _Links(inputs)
    first_mention = _first_mentions(inputs)
    found = []
    for community in communities:
        members = [index[entity_id] for entity_id in community.entity_ids]
        facts = list(_of_entities(members, inputs, first_mention))
        facts += [Fact(descriptions[r], links.evidence(r)) for r in links.inside(members) if descriptions[r]]
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


def _of_entities(members: Sequence[int], inputs: ReportInputs, first_mention: Mapping[int, Evidence]) -> Iterable[Fact]:
    central = sorted(members, key=lambda i: (-inputs.entities[i].frequency, inputs.entities[i].id))
    for i in central[:_ENTITIES]:
        entity = inputs.entities[i]
        if entity.description:
            yield Fact(f"{entity.name}: {entity.description}", (first_mention[i],) if i in first_mention else ())


def _first_mentions(inputs: ReportInputs) -> dict[int, Evidence]:
    """The sentence that first names each entity."""
    mentions = inputs.mentions
    entities, first = np.unique(mentions.entity, return_index=True)
    spans = zip(
        entities.tolist(),
        mentions.chunk[first].tolist(),
        mentions.sentence_start[first].tolist(),
        mentions.sentence_end[first].tolist(),
        strict=True,
    )
    return {entity: Evidence(mentions.chunk_ids[chunk], start, end) for entity, chunk, start, end in spans}


class _Links:
    """Relationships by the entities that they join."""

    def __init__(self, inputs: ReportInputs) -> None:
        self._inputs = inputs
        self._relationships = inputs.relationships
        source = self._relationships.source
        self._order = np.argsort(source, kind="stable")
        self._starts = np.searchsorted(source[self._order], np.arange(len(inputs.entities) + 1))
        self._cut: dict[int, tuple[str, list[tuple[int, int]]]] = {}

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
        return sorted(rows, key=lambda r: (-float(weight[r]), r))[:_RELATIONSHIPS]

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
        chunk = int(links.chunk[places[0]])
        text, spans = self._sentences(chunk)
        name = self._inputs.entities[int(links.source[row])].name.lower()
        start, end = next(
            ((a, b) for a, b in spans if name in text[a:b].lower()), spans[0] if spans else (0, len(text))
        )
        return (Evidence(self._inputs.mentions.chunk_ids[chunk], start, end),)

    def _sentences(self, chunk: int) -> tuple[str, list[tuple[int, int]]]:
        """The text of a chunk and its sentences; many relationships are stated in one chunk."""
        if chunk not in self._cut:
            text = self._inputs.text_of(chunk)
            self._cut[chunk] = text, sentences_of(text)
        return self._cut[chunk]
