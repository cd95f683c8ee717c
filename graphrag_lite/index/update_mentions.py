"""From facts to names and mentions: the vocabulary over all facts, and matches in the documents where it changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from graphrag_lite.index import mentions
from graphrag_lite.index.resolve_doubts import resolve_doubts
from graphrag_lite.index.run import Run
from graphrag_lite.index.vocabulary import Vocabulary, build_vocabulary
from graphrag_lite.records import Facts, Merge
from graphrag_lite.store.schema import SCHEMAS
from graphrag_lite.store.tables import without
from graphrag_lite.store.writer import Writer
from graphrag_lite.text.normalize import name_key


def update_mentions(run: Run, facts: Sequence[Facts], documents: Collection[str]) -> Vocabulary:
    """Bring the names, their merges and the mentions in line with the facts; returns the names.

    Args:
        run: The run.
        facts: What models and people stated.
        documents: Documents to match again whatever the vocabulary says.
    """
    writer = run.writer
    previous = mentions.read_vocabulary(writer)
    decisions = [
        Merge(*row) for row in writer.rows("decisions", ("merge_id", "key", "into", "reason", "scope", "undone"))
    ]
    undone = {merge.id for merge in decisions if merge.undone}
    titles = sorted(set(writer.distinct("chunks", "title").to_pylist()) - {"", None})
    with run.step("resolve", writer.table("facts").count_rows()) as task:
        candidates = (_counted(task, one) for one in mentions.read_candidates(writer))
        stated = [entity for one in facts for entity in one.entities]
        vocabulary = build_vocabulary(candidates, titles, stated, run.settings.resolve, undone)
    vocabulary = resolve_doubts(run, vocabulary, facts, decisions)
    chunked = writer.distinct("chunks", "document_id")
    todo = _documents_to_match(run, chunked, vocabulary, previous, documents)
    keys = {one.text_hash: list(dict.fromkeys(name_key(e.name) for e in one.entities)) for one in facts}
    scopes = without(pa.array(sorted({m.scope for m in decisions}), pa.string()), todo)
    standing = set(scopes.filter(pc.is_in(scopes, value_set=chunked)).to_pylist())
    merges = [m for m in decisions if m.scope in standing]
    with run.step("match", len(todo)) as task:
        found = mentions.match_documents(writer, vocabulary, todo, keys, run.settings.resolve, undone)
        for count, rows, scoped in found:
            writer.add("mentions", rows)
            merges.extend(scoped)
            task.advance(count)
    kept = [m for m in decisions if m.undone]  # a person's word outlives the rule that proposed the merge
    writer.update_view("decisions", mentions.decision_rows([*kept, *vocabulary.merges, *merges]))
    writer.update_view("vocabulary", mentions.vocabulary_rows(vocabulary))
    return vocabulary


def _documents_to_match(
    run: Run, chunked: pa.Array, vocabulary: Vocabulary, previous: Vocabulary, documents: Collection[str]
) -> pa.Array:
    """Documents whose mentions can have changed; their old ones are deleted."""
    writer = run.writer
    changed = None if run.is_stale("mentions") else mentions.documents_to_match(writer, vocabulary, previous)
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


def _counted(task: Any, one: Any) -> Any:
    task.advance()
    return one


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
