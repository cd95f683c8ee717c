"""What a chat model is shown of a community: its best sentences, entities and relationships, each with its evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, partial

import numpy as np

from graphrag_lite.index.describe_entities import Described
from graphrag_lite.index.extract import sentences_of
from graphrag_lite.index.report_plan import Fact, ReportMaterial, distinct, in_turn
from graphrag_lite.index.report_view import ExtractiveReports, ReportInputs
from graphrag_lite.records import Community, Entity, Evidence
from graphrag_lite.text.normalize import terms

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
    chunks = _Chunks(inputs)
    links = _Links(inputs, descriptions, chunks)
    found = []
    for community in communities:
        members = [index[entity_id] for entity_id in community.entity_ids]
        inside = links.inside(members)
        strength = links.strength(inside)
        central = sorted(members, key=lambda i: (-strength[i], -inputs.entities[i].frequency, inputs.entities[i].id))
        told = [r for r in inside[:_RELATIONSHIPS] if descriptions[r]]
        linked = [Fact(descriptions[r], find=partial(links.evidence, r)) for r in told]
        stated_of = [(inputs.entities[i], described[i]) for i in central[:_ENTITIES]]
        first, rest = (_of_entities(stated_of, chunks, which) for which in (slice(1), slice(1, None)))
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
    entities: Iterable[tuple[Entity, Sequence[Described]]], chunks: _Chunks, which: slice
) -> Iterator[Fact]:
    for entity, described in entities:
        for one in described[which]:
            shown = one.text if entity.name.lower() in one.text.lower() else f"{entity.name}: {one.text}"
            yield Fact(shown, find=partial(chunks.evidence, one.text, one.chunk))


class _Chunks:
    """The sentences of chunks, to find what bears out a statement of one."""

    def __init__(self, inputs: ReportInputs) -> None:
        self._inputs = inputs
        self._sentences: dict[int, list[tuple[int, int, frozenset[str]]]] = {}

    def evidence(self, text: str, chunk: int) -> tuple[Evidence, ...]:
        """The sentence of a chunk that says most of what is stated there; the first of equals."""
        if chunk not in self._sentences:
            whole = self._inputs.text_of(chunk)
            spans = sentences_of(whole) or [(0, len(whole))]
            self._sentences[chunk] = [(start, end, frozenset(terms(whole[start:end]))) for start, end in spans]
        stated = frozenset(terms(text))
        start, end, _ = max(self._sentences[chunk], key=lambda one: len(one[2] & stated))
        return (Evidence(self._inputs.mentions.chunk_ids[chunk], start, end),)


class _Links:
    """Relationships by the entities that they join."""

    def __init__(self, inputs: ReportInputs, descriptions: Sequence[str], chunks: _Chunks) -> None:
        self._inputs = inputs
        self._descriptions = descriptions
        self._chunks = chunks
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
        """The best sentence behind a relationship; of one that was only stated, that which says most of it."""
        links = self._relationships
        places = range(int(links.offsets[row]), int(links.offsets[row + 1]))
        for place in places:
            if links.sentence_end[place] > 0:
                chunk_id = self._inputs.mentions.chunk_ids[int(links.chunk[place])]
                return (Evidence(chunk_id, int(links.sentence_start[place]), int(links.sentence_end[place])),)
        if not places:
            return ()
        return self._chunks.evidence(self._descriptions[row], int(links.chunk[places[0]]))
