"""The views of a run: mentions, entities, relationships, communities, reports and the retrieval arrays.

Each is a pure function of the facts and of the decisions of people; this module reads the inputs, calls the step and
writes the rows that changed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa

from graphrag_lite.errors import CorruptStoreError
from graphrag_lite.graph.communities import detect_communities
from graphrag_lite.index.claims import claim_rows
from graphrag_lite.index.describe_entities import Described, EntityDescriptions
from graphrag_lite.index.entities import MentionColumns, entities_of
from graphrag_lite.index.fingerprints import REPORTS, step_fingerprints
from graphrag_lite.index.hashing import fingerprint, text_id
from graphrag_lite.index.mapped_view import ChunkParts, ViewParts, chunk_parts, ordered_chunks
from graphrag_lite.index.relate import Relationships, StatedRelationship, describe, relate
from graphrag_lite.index.report_enrich import Beside, ReportSources, is_by_model, reports_by_model
from graphrag_lite.index.report_view import ExtractiveReports, ReportInputs
from graphrag_lite.index.run import Run
from graphrag_lite.index.update_mentions import Names, update_mentions
from graphrag_lite.index.vocabulary import Vocabulary
from graphrag_lite.llm.dispatch import Dispatcher
from graphrag_lite.records import Community, Entity, Facts
from graphrag_lite.store.rows import row_to_community, tables, to_table
from graphrag_lite.store.schema import SCHEMAS
from graphrag_lite.store.tables import Reader
from graphrag_lite.store.writer import Writer

_EDGE = ["source_id", "target_id", "weight"]


def update(
    run: Run,
    facts: Sequence[Facts],
    names: Names,
    documents: Collection[str],
    of_chunks: Callable[[], ChunkParts] | None = None,
) -> ViewParts:
    """Bring every view in line with the facts; returns what the retrieval arrays are made of.

    What the calls of a model depend on comes first, and what can wait is done while they are under way.

    Args:
        run: The run.
        facts: What models and people stated.
        names: What `resolve_names` decided.
        documents: Documents to match again whatever the vocabulary says.
        of_chunks: Gives what is being made of the chunks beside; None: it is made last, and takes no memory before.
    """
    writer = run.writer
    with Dispatcher[str, object](1) as beside:
        described = EntityDescriptions(run, facts, names.vocabulary, beside)
        ready = of_chunks() if of_chunks else None
        chunks = ready.chunks if ready else ordered_chunks(writer)
        columns, write_names = update_mentions(run, chunks, facts, names, documents)
        with run.step("graph"):
            later = partial(chunk_parts, writer, chunks, run.settings.query.metadata)
            parts = ViewParts(writer, names.vocabulary, columns, chunks, (lambda: ready) if ready else later)
            graph = _make_graph(parts, facts, described.best(chunks))
        with run.step("communities"):
            earlier = _where_to_start(run)
            communities, write_communities = _update_communities(run, graph, earlier)
        described.write(writer, graph.entities, columns)
        write_graph = _write_graph(writer, parts, graph, facts, prepare=run.chat is not None)
        rest = chain(write_names, write_communities, write_graph)
        _update_reports(run, parts, graph, communities, earlier, rest, described.calls)
        deque(rest, 0)
        described.wait()
    return parts


@dataclass(frozen=True, slots=True)
class _Graph:
    """Entities, with what describes them by index, and relationships of this run, with the mentions that link."""

    entities: list[Entity]
    described: list[Sequence[Described]]
    relationships: Relationships
    descriptions: list[str]
    mentions: MentionColumns


def _make_graph(parts: ViewParts, facts: Sequence[Facts], described: Mapping[str, Sequence[Described]]) -> _Graph:
    """Entities and relationships."""
    chunks, columns, vocabulary = parts.chunks, parts.columns, parts.vocabulary
    linking = columns.where(_is_linking(columns, vocabulary) & _is_named(columns, vocabulary, facts, chunks))
    _, document_of_chunk = np.unique(chunks["document_id"].to_numpy(zero_copy_only=False), return_inverse=True)
    stated = _stated_relationships(facts, columns, vocabulary, chunks)
    relationships = relate(linking, document_of_chunk.astype(np.int64), len(columns.entity_keys), stated=stated)
    texts = chunks["text"]
    descriptions = describe(relationships, lambda row: texts[row].as_py(), stated=stated)
    degrees = np.bincount(
        np.concatenate([relationships.source, relationships.target]), minlength=len(columns.entity_keys)
    )
    shown = {key: " ".join(one.text for one in found) for key, found in described.items()}
    entities = entities_of(columns, vocabulary, degrees, shown)
    of_entity = [described.get(key, ()) for key in columns.entity_keys]
    return _Graph(entities, of_entity, relationships, descriptions, linking)


def _write_graph(
    writer: Writer, parts: ViewParts, graph: _Graph, facts: Sequence[Facts], *, prepare: bool
) -> Iterator[None]:
    """Write what no report waits for, a part at a time; with `prepare`, then make what the commit will need."""
    columns, ids = parts.columns, [entity.id for entity in graph.entities]
    rows = _relationship_rows(graph.relationships, graph.descriptions, ids, columns.chunk_ids)
    made = [SCHEMAS["relationships"].empty_table()]
    for table in tables("relationships", rows):
        made.append(table)
        yield
    writer.update_view("relationships", pa.concat_tables(made))
    yield
    _update_claims(writer, parts.chunks, columns, parts.vocabulary, facts)
    if prepare:
        yield
        yield from parts.prepare(graph.entities)
        for name in (name for name in SCHEMAS if name not in ("entities", "reports")):  # written beside, and at the end
            yield
            writer.table(name)  # made, though it may be empty
            writer.compact([name])


def _update_claims(
    writer: Writer, chunks: pa.Table, columns: MentionColumns, vocabulary: Vocabulary, facts: Sequence[Facts]
) -> None:
    chunks_of: dict[str, list[str]] = {}
    if any(one.claims for one in facts):
        pairs = zip(chunks["text_hash"].to_pylist(), chunks["chunk_id"].to_pylist(), strict=True)
        for text_hash, chunk_id in pairs:
            chunks_of.setdefault(text_hash, []).append(chunk_id)
    rows = claim_rows(facts, vocabulary, columns.entity_keys, chunks_of)
    writer.update_view("claims", to_table("claims", rows))


def _is_linking(columns: MentionColumns, vocabulary: Vocabulary) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Mentions in a sentence, but for dates: those are said of a thing and link no two."""
    entries = vocabulary.entries
    is_date = np.array([k in entries and entries[k].kind == "date" for k in columns.entity_keys] or [False])
    return ~is_date[columns.entity] & (columns.sentence_end > 0) if len(columns.entity) else np.zeros(0, bool)


def _is_named(
    columns: MentionColumns, vocabulary: Vocabulary, facts: Sequence[Facts], chunks: pa.Table
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Mentions but for what a model, having read the chunk, named neither there nor elsewhere.

    A capital that it took for no name ("English", "Heading") would join communities that have nothing in common.
    """
    read = {one.text_hash for one in facts if one.extractor.startswith("llm/")}
    if not read:
        return np.ones(len(columns.entity), bool)
    entries = (vocabulary.named(entity.name) for one in facts for entity in one.entities)
    named = {entry.entity_key for entry in entries if entry}
    is_read = np.array([text_hash in read for text_hash in chunks["text_hash"].to_pylist()], bool)
    is_named = np.array([key in named for key in columns.entity_keys], bool)
    keep: np.ndarray[Any, np.dtype[np.bool_]] = ~is_read[columns.chunk] | is_named[columns.entity]
    return keep


def _stated_relationships(
    facts: Sequence[Facts], columns: MentionColumns, vocabulary: Vocabulary, chunks: pa.Table
) -> list[StatedRelationship]:
    """What facts state of two entities, for every chunk with the text."""
    index = {key: i for i, key in enumerate(columns.entity_keys)}
    rows_of: dict[str, list[int]] = {}
    if any(one.relationships for one in facts):
        for row, text_hash in enumerate(chunks["text_hash"].to_pylist()):
            rows_of.setdefault(text_hash, []).append(row)

    def entity(name: str) -> int:
        entry = vocabulary.named(name)
        return index.get(entry.entity_key, -1) if entry else -1

    found = []
    for one in facts:
        for link in one.relationships:
            source, target = entity(link.source), entity(link.target)
            if source >= 0 and target >= 0 and source != target:
                for row in rows_of.get(one.text_hash, ()):
                    found.append(StatedRelationship(source, target, row, link.description, max(link.weight, 0.1)))
    return found


def _relationship_rows(
    relationships: Relationships, descriptions: Sequence[str], entity_ids: Sequence[str], chunk_ids: Sequence[str]
) -> Iterator[dict[str, Any]]:
    for number, description in enumerate(descriptions):
        ends = relationships.source[number], relationships.target[number]
        source, target = sorted(entity_ids[end] for end in ends)
        evidence = relationships.chunk[relationships.offsets[number] : relationships.offsets[number + 1]]
        row = {
            "relationship_id": text_id("relationship", source, target),
            "source_id": source,
            "target_id": target,
            "description": description,
            "weight": round(float(relationships.weight[number]), 4),
            "chunk_ids": [chunk_ids[chunk] for chunk in evidence.tolist()],
        }
        yield row | {"fingerprint": fingerprint(list(row.values()))}


def _update_communities(run: Run, graph: _Graph, earlier: Reader | None) -> tuple[list[Community], Iterator[None]]:
    """Communities, and what writes them when drawn.

    They start from those of an earlier snapshot, if any; where the graph is the same, they are these.
    """
    writer = run.writer
    if earlier is not None and _is_same_graph(earlier, graph):
        communities = _read_communities(earlier)
        return communities, iter(()) if earlier is writer else _write_communities(writer, communities)
    links = graph.relationships
    communities = detect_communities(
        links.source,
        links.target,
        links.weight,
        [entity.id for entity in graph.entities],
        max_size=run.settings.communities.max_size,
        seed=run.settings.communities.seed,
        previous=dict(earlier.rows("communities", ("community_id", "entity_ids"))) if earlier is not None else None,
    )
    return communities, _write_communities(writer, communities)


def _write_communities(writer: Writer, communities: Sequence[Community]) -> Iterator[None]:
    rows = []
    for community in communities:
        row = {
            "community_id": community.id,
            "level": community.level,
            "parent_id": community.parent_id,
            "child_ids": list(community.child_ids),
            "entity_ids": list(community.entity_ids),
        }
        rows.append(row | {"fingerprint": fingerprint(row)})
    writer.update_view("communities", to_table("communities", rows))
    yield


def _is_same_graph(earlier: Reader, graph: _Graph) -> bool:
    """True where a snapshot has the same relationships. Even a start from its partition would move a few."""
    links, ids = graph.relationships, np.array([entity.id for entity in graph.entities], dtype=object)
    if earlier.table("relationships").count_rows() != len(links.source):
        return False
    old = earlier.read("relationships", _EDGE).sort_by([(name, "ascending") for name in _EDGE])
    ends = np.sort(np.stack([ids[links.source], ids[links.target]]), axis=0)
    weights = [round(weight, 4) for weight in links.weight.tolist()]  # as they are stored
    new = pa.table([pa.array(ends[0], pa.string()), pa.array(ends[1], pa.string()), weights], names=_EDGE)
    return bool(old.equals(new.cast(old.schema).sort_by([(name, "ascending") for name in _EDGE])))


def _read_communities(reader: Reader) -> list[Community]:
    return sorted(
        map(row_to_community, reader.read("communities").to_pylist()), key=lambda c: (c.level, -len(c.entity_ids), c.id)
    )


def _where_to_start(run: Run) -> Reader | None:
    """The snapshot whose communities, and reports by a model, are gone on from; None: communities are cut anew.

    Communities from before a model's facts are worth nothing to it. So where a model shall write the reports, it is
    the last snapshot that has any of them, perhaps one from before a run that did without.
    """
    writer = run.writer
    if writer.is_new:
        return None  # nothing is looked up between the last reading and the first report
    if run.settings.reports.method != "llm" or _has_reports_by_model(writer):
        return None if run.is_stale("graph") else writer
    wanted = step_fingerprints(run.settings)["graph"]
    for manifest in reversed(writer.store.snapshots.readable()):
        if manifest.id < writer.manifest.id and manifest.fingerprints.get("graph") == wanted:
            with suppress(CorruptStoreError):
                if _has_reports_by_model(earlier := Reader(writer.store, manifest)):
                    return earlier
    return None


def _has_reports_by_model(reader: Reader) -> bool:
    return any(map(is_by_model, reader.read("reports", ["extractor"]).to_pylist()))


def _update_reports(
    run: Run,
    parts: ViewParts,
    graph: _Graph,
    communities: Sequence[Community],
    earlier: Reader | None,
    meanwhile: Iterator[object],
    calls_beside: int,
) -> None:
    writer, chunks = run.writer, parts.chunks
    texts = chunks["text"]
    inputs = ReportInputs(
        graph.entities,
        graph.relationships,
        graph.mentions,
        lambda row: texts[row].as_py(),
        chunks["document_id"].to_pylist(),
    )
    known = {row["community_id"]: row for row in writer.read("reports").to_pylist()}
    written = known
    if earlier is not None and earlier is not writer:
        written = {row["community_id"]: row for row in earlier.read("reports").to_pylist()}
    extractive = ExtractiveReports(
        communities,
        inputs,
        {key: row for key, row in known.items() if not is_by_model(row)},
        max_findings=run.settings.reports.max_findings,
        version=REPORTS,
    )
    sources = ReportSources(communities, extractive, inputs, graph.described, graph.descriptions)
    beside = Beside(meanwhile, calls_beside, parts.count_report)
    by_model = reports_by_model(run, sources, written, beside)  # first: calls take the longest
    rows = []
    with run.step("reports", len(extractive.order)) as task:
        for key in extractive.order:
            rows.append(by_model.get(key) or extractive.row(key))
            task.advance()
        parts.reports = to_table("reports", rows)
        writer.update_view("reports", parts.reports)
