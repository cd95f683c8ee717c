"""From facts to names and mentions: the vocabulary over all facts, and matches in the documents where it changed."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import pyarrow as pa
import pyarrow.compute as pc

from graphrag_lite.index import mentions
from graphrag_lite.index.entities import MentionColumns, encode_mentions, read_mentions
from graphrag_lite.index.extract import forget_readings
from graphrag_lite.index.resolve_doubts import resolve_doubts
from graphrag_lite.index.run import Run
from graphrag_lite.index.vocabulary import Counts, Vocabulary, build_vocabulary
from graphrag_lite.records import Facts, Merge
from graphrag_lite.store.rows import to_table
from graphrag_lite.store.schema import SCHEMAS
from graphrag_lite.store.tables import without
from graphrag_lite.store.writer import Writer
from graphrag_lite.text.normalize import name_key

_MOST_UNWRITTEN = 20_000  # mentions that wait for a quiet moment, some 3 MB


@dataclass(frozen=True, slots=True)
class Names:
    """The names of this run, those of the last snapshot, and the merges that it had decided."""

    vocabulary: Vocabulary
    previous: Vocabulary
    decisions: tuple[Merge, ...]

    @property
    def undone(self) -> set[str]:
        """Ids of the merges that a person has taken back."""
        return {merge.id for merge in self.decisions if merge.undone}


def resolve_names(run: Run, facts: Sequence[Facts], counts: Counts) -> Names:
    """Decide what the names are and which of them are one thing.

    Args:
        run: The run.
        facts: What models and people stated.
        counts: Of the names that statistics found in all texts and titles.
    """
    writer = run.writer
    previous = mentions.read_vocabulary(writer)
    columns = ("merge_id", "key", "into", "reason", "scope", "undone")
    decisions = tuple(Merge(*row) for row in writer.rows("decisions", columns))
    undone = {merge.id for merge in decisions if merge.undone}
    with run.step("resolve"):
        stated = (entity for one in facts for entity in one.entities)
        vocabulary = build_vocabulary(counts, stated, run.settings.resolve, undone)
    return Names(resolve_doubts(run, vocabulary, facts, decisions), previous, decisions)


def update_mentions(
    run: Run, chunks: pa.Table, facts: Sequence[Facts], names: Names, documents: Collection[str]
) -> tuple[MentionColumns, Iterator[None]]:
    """Bring the mentions in line with the names.

    Args:
        run: The run.
        chunks: All of them, by document and position.
        facts: What models and people stated.
        names: What `resolve_names` decided.
        documents: Documents to match again whatever the vocabulary says.

    Returns:
        All mentions, and what writes the last of them, the merges and the vocabulary when drawn.
    """
    writer, vocabulary, decisions = run.writer, names.vocabulary, names.decisions
    chunked = pc.unique(chunks["document_id"])
    changed = None if run.is_stale("mentions") else mentions.documents_to_match(chunks, vocabulary, names.previous)
    todo = _documents_to_match(writer, chunked, changed, documents)
    keys: dict[str, dict[str, None]] = {}
    for one in facts:  # a text may have several: a model's beside a person's
        keys.setdefault(one.text_hash, {}).update(dict.fromkeys(name_key(entity.name) for entity in one.entities))
    scopes = without(pa.array(sorted({m.scope for m in decisions}), pa.string()), todo)
    standing = set(scopes.filter(pc.is_in(scopes, value_set=chunked)).to_pylist())
    merges = [m for m in decisions if m.scope in standing]
    unwritten: list[pa.Table] = []

    def matched() -> Iterator[pa.RecordBatch]:
        for count, rows, scoped in mentions.match_documents(
            chunks, vocabulary, todo, keys, run.settings.resolve, names.undone
        ):
            unwritten.append(to_table("mentions", rows))
            yield from unwritten[-1].to_batches()
            if sum(table.num_rows for table in unwritten) > _MOST_UNWRITTEN:
                deque(_write_mentions(writer, unwritten), 0)
            merges.extend(scoped)
            task.advance(count)

    with run.step("match", len(todo)) as task:
        columns = encode_mentions(chain(read_mentions(writer), matched()), chunks["chunk_id"].to_pylist())
    if run.chat is None:  # nobody asks for those again, and they would be there at the peak of memory
        forget_readings()
    kept = [m for m in decisions if m.undone]  # a person's word outlives the rule that proposed the merge
    write_names = _write_names(writer, vocabulary, [*kept, *vocabulary.merges, *merges])
    return columns, chain(_write_mentions(writer, unwritten), write_names)


def _write_mentions(writer: Writer, tables: list[pa.Table]) -> Iterator[None]:
    while tables:
        writer.add("mentions", tables.pop(0))
        yield


def _write_names(writer: Writer, vocabulary: Vocabulary, merges: Sequence[Merge]) -> Iterator[None]:
    writer.update_view("decisions", mentions.decision_rows(merges))
    yield
    writer.update_view("vocabulary", mentions.vocabulary_rows(vocabulary))
    yield


def _documents_to_match(
    writer: Writer, chunked: pa.Array, changed: set[str] | None, documents: Collection[str]
) -> pa.Array:
    """Documents whose mentions can have changed; their old ones are deleted. `changed` None means all."""
    if changed is None:
        writer.overwrite("mentions", SCHEMAS["mentions"].empty_table())
        return chunked
    new = without(chunked, writer.distinct("mentions", "document_id")).to_pylist()
    wanted = {*changed, *new, *documents, *_documents_with_new_facts(writer)}
    todo = chunked.filter(pc.is_in(chunked, value_set=pa.array(sorted(wanted), pa.string())))
    if len(todo) == len(chunked):
        writer.overwrite("mentions", SCHEMAS["mentions"].empty_table())
    else:
        writer.delete_keys("mentions", todo.to_pylist())
    return todo


def _documents_with_new_facts(writer: Writer) -> set[str]:
    """Documents about which stated facts came or went since the last snapshot."""
    if not writer.manifest.tables:
        return set()
    names = ("text_hash", "extractor", "payload")
    where = "extractor NOT LIKE 'statistical/%'"
    changed = {*writer.rows("facts", names, where)} ^ {*writer.store.reader().rows("facts", names, where)}
    hashes = {row[0] for row in changed}
    if not hashes:
        return set()
    return set(writer.read_keys("chunks", hashes, ["document_id"], by="text_hash")["document_id"].to_pylist())
