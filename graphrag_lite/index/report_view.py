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
from graphrag_lite.index.report import Sentence, SentencePlaces, rating, sentences_to_read, write_report
from graphrag_lite.records import Community, Entity, Relationship
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


def report_rows(
    communities: Sequence[Community],
    inputs: ReportInputs,
    known: Mapping[str, Mapping[str, Any]],
    *,
    max_findings: int,
    version: str,
    advance: Callable[[], None],
) -> list[dict[str, Any]]:
    """Rows of `reports`; those in `known` (by community id) whose fingerprint still holds are taken over.

    Children come before their parents, which may quote them. The rating is a share of the corpus and moves with it,
    so it is kept apart from the inputs in the fingerprint.
    """
    index = {entity.id: i for i, entity in enumerate(inputs.entities)}
    members = [np.array([index[e] for e in community.entity_ids], np.int64) for community in communities]
    places = sentences_to_read(inputs.mentions, members, limit=_SENTENCES, entity_count=len(inputs.entities))
    named = _entities_by_sentence(inputs.mentions)
    links = list(_inner_relationships(members, inputs))
    chunk_sets = _chunks_by_entity(inputs)
    works = _Works(inputs)
    rows: dict[str, dict[str, Any]] = {}
    for number in sorted(range(len(communities)), key=lambda n: -communities[n].level):
        community = communities[number]
        children = [rows[child] for child in community.child_ids]
        found = list(_spans(places, number))
        spans = [span for span in found if works.holds(*span)]
        if 2 * len(spans) < len(found):  # it is about a licence or the like, whatever else it names
            spans = []
        covered = np.unique(np.concatenate([chunk_sets(i) for i in members[number].tolist()]))
        share = len(covered) / max(1, len(inputs.mentions.chunk_ids)) if spans or not found else 0.0
        print_ = fingerprint(
            version,
            max_findings,
            community.id,
            [inputs.entities[i].name for i in members[number].tolist()],
            [(r.source_id, r.target_id, r.weight) for r in links[number]],
            [(inputs.mentions.chunk_ids[chunk], start, end) for chunk, start, end in spans],
            [child["fingerprint"].partition(":")[0] for child in children],
        )
        old = known.get(community.id)
        if old is not None and old["fingerprint"].partition(":")[0] == print_:
            rows[community.id] = dict(old) | {"rating": rating(share)}
        else:
            report = write_report(
                community,
                {inputs.entities[i].id: inputs.entities[i] for i in members[number].tolist()},
                links[number],
                [_sentence(inputs, named, span) for span in spans],
                share=share,
                children=[row_to_report(child) for child in children],
                max_findings=max_findings,
            )
            rows[community.id] = report_to_row(report)
        rows[community.id]["fingerprint"] = f"{print_}:{rows[community.id]['rating']}"
        advance()
    return list(rows.values())


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


def _inner_relationships(members: Sequence[np.ndarray[Any, Any]], inputs: ReportInputs) -> Iterator[list[Relationship]]:
    """The relationships inside each community."""
    links = inputs.relationships
    order = np.argsort(links.source, kind="stable")
    starts = np.searchsorted(links.source[order], np.arange(len(inputs.entities) + 1))
    for group in members:
        inside = set(group.tolist())
        rows = [r for e in group.tolist() for r in order[starts[e] : starts[e + 1]].tolist()]
        yield [
            Relationship(
                "",
                inputs.entities[links.source[r]].id,
                inputs.entities[links.target[r]].id,
                weight=round(float(links.weight[r]), 4),
            )
            for r in rows
            if int(links.target[r]) in inside
        ]


def _entities_by_sentence(mentions: MentionColumns) -> Callable[[int, int], list[int]]:
    """A function from (chunk, sentence start) to the entities that the sentence names."""
    bounds = np.searchsorted(mentions.chunk, np.arange(len(mentions.chunk_ids) + 1))

    def entities(chunk: int, start: int) -> list[int]:
        rows = slice(int(bounds[chunk]), int(bounds[chunk + 1]))
        found: list[int] = np.unique(mentions.entity[rows][mentions.sentence_start[rows] == start]).tolist()
        return found

    return entities


def _chunks_by_entity(inputs: ReportInputs) -> Callable[[int], np.ndarray[Any, Any]]:
    order = np.argsort(inputs.mentions.entity, kind="stable")
    starts = np.searchsorted(inputs.mentions.entity[order], np.arange(len(inputs.entities) + 1))
    chunk = inputs.mentions.chunk[order]
    return lambda entity: chunk[starts[entity] : starts[entity + 1]]


def _spans(places: SentencePlaces, number: int) -> Iterator[tuple[int, int, int]]:
    rows = slice(int(places.offsets[number]), int(places.offsets[number + 1]))
    yield from zip(places.chunk[rows].tolist(), places.start[rows].tolist(), places.end[rows].tolist(), strict=True)


def _sentence(inputs: ReportInputs, named: Callable[[int, int], list[int]], span: tuple[int, int, int]) -> Sentence:
    chunk, start, end = span
    ids = tuple(inputs.entities[i].id for i in named(chunk, start))
    text = inputs.text_of(chunk)[start:end]
    return Sentence(inputs.mentions.chunk_ids[chunk], start, end, text, ids, inputs.document_of[chunk])
