"""From chunks to mentions: facts of new texts, the vocabulary over all facts, and matches where they can differ.

Facts are content-keyed and kept as long as a chunk has their text. The vocabulary is a view over all of them, so a
new document can change what is a name in an old one; only documents that contain a changed name are matched again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from graphrag_lite.index.extract import EXTRACTOR, Candidates, extract_candidates
from graphrag_lite.index.hashing import fingerprint
from graphrag_lite.index.match import match_document
from graphrag_lite.index.vocabulary import Vocabulary
from graphrag_lite.progress import Task
from graphrag_lite.records import Mention, Merge
from graphrag_lite.store.schema import SCHEMAS
from graphrag_lite.store.tables import Reader, Writer

_DOCUMENTS_IN_ONE_READ = 500
_MOST_CHANGED_KEYS = 2000  # beyond, looking for them costs more than matching everything again


def write_statistical_facts(writer: Writer, texts: Mapping[str, str], known: set[str]) -> None:
    """Extract the candidates of every text that has none yet.

    Args:
        writer: Receives rows of `facts`.
        texts: Chunk texts by hash.
        known: Hashes that have facts; the new ones are added.
    """
    rows = []
    for text_hash, text in texts.items():
        if text_hash not in known:
            known.add(text_hash)
            payload = extract_candidates(text).to_json()
            rows.append({"text_hash": text_hash, "extractor": EXTRACTOR, "payload": payload})
    writer.add("facts", rows)


def hashes_with_facts(reader: Reader, extractor: str = EXTRACTOR) -> set[str]:
    """Hashes of the texts that have facts by an extractor."""
    return set(reader.read("facts", ["text_hash"], where=f"extractor = '{extractor}'")["text_hash"].to_pylist())


def read_candidates(reader: Reader, live: Collection[str]) -> Iterator[Candidates]:
    """The statistical facts of all live texts, each once."""
    seen: set[str] = set()
    for batch in reader.batches("facts", ["text_hash", "payload"], where=f"extractor = '{EXTRACTOR}'"):
        for text_hash, payload in zip(batch["text_hash"].to_pylist(), batch["payload"].to_pylist(), strict=True):
            if text_hash in live and text_hash not in seen:
                seen.add(text_hash)
                yield Candidates.from_json(payload)


def documents_to_match(
    writer: Writer, vocabulary: Vocabulary, previous: Mapping[str, str], new_documents: Collection[str]
) -> set[str] | None:
    """Ids of the documents whose mentions can have changed; None means all.

    Args:
        writer: Holds the chunks.
        vocabulary: That of this run.
        previous: Key to entity key in the last snapshot.
        new_documents: Documents without mentions so far.
    """
    entries = vocabulary.entries
    changed = {key for key, entry in entries.items() if previous.get(key) != entry.entity_key}
    changed |= previous.keys() - entries.keys()
    if len(changed) > _MOST_CHANGED_KEYS:
        return None
    found = set(new_documents)
    if changed:
        pattern = _pattern_of_first_words(changed)
        for batch in writer.batches("chunks", ["document_id", "text"]):
            hits = pc.match_substring_regex(_fold(batch["text"]), pattern)
            found.update(batch["document_id"].filter(hits).to_pylist())
    return found


def match_documents(
    writer: Writer, vocabulary: Vocabulary, documents: Collection[str] | None, task: Task
) -> Iterator[tuple[list[dict[str, Any]], list[Merge]]]:
    """Rows of `mentions` and the document-scoped merges, some hundred documents at a time.

    Args:
        writer: Holds the chunks.
        vocabulary: Names to find.
        documents: Ids; None means all.
        task: Counts documents.
    """
    ids = sorted(documents if documents is not None else set(writer.read("chunks", ["document_id"])["document_id"].to_pylist()))
    for start in range(0, len(ids), _DOCUMENTS_IN_ONE_READ):
        part = ids[start : start + _DOCUMENTS_IN_ONE_READ]
        chunks = writer.read_keys("chunks", part, ["document_id", "ordinal", "chunk_id", "title", "text"])
        rows: list[dict[str, Any]] = []
        merges: list[Merge] = []
        for document_id, members in group_by_document(chunks):
            found, scoped = match_document(vocabulary, members[0]["title"], [c["text"] for c in members])
            merges.extend(_scoped(merge, document_id) for merge in scoped)
            for chunk, mentions in zip(members, found, strict=True):
                rows.extend(_mention_row(document_id, chunk["chunk_id"], mention) for mention in mentions)
        yield rows, merges
        task.advance(len(part))


def group_by_document(chunks: pa.Table) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The chunks of each document in order."""
    rows = chunks.sort_by([("document_id", "ascending"), ("ordinal", "ascending")]).to_pylist()
    start = 0
    for end in range(1, len(rows) + 1):
        if end == len(rows) or rows[end]["document_id"] != rows[start]["document_id"]:
            yield rows[start]["document_id"], rows[start:end]
            start = end


def _scoped(merge: Merge, document_id: str) -> Merge:
    return Merge(fingerprint(document_id, merge.key, merge.into), merge.key, merge.into, merge.reason, document_id)


def _mention_row(document_id: str, chunk_id: str, mention: Mention) -> dict[str, Any]:
    return {
        "document_id": document_id,
        "chunk_id": chunk_id,
        "key": mention.key,
        "entity_key": mention.entity_key,
        "start": mention.start,
        "end": mention.end,
        "sentence_start": mention.sentence_start,
        "sentence_end": mention.sentence_end,
    }


def decision_rows(merges: Collection[Merge], undone: Collection[str]) -> pa.Table:
    """Rows of `decisions`; those undone by a person stay, also when the rule no longer proposes them."""
    rows = {
        merge.id: {
            "merge_id": merge.id,
            "key": merge.key,
            "into": merge.into,
            "reason": merge.reason,
            "scope": merge.scope,
            "undone": merge.id in undone,
        }
        for merge in merges
    }
    table = [row | {"fingerprint": fingerprint(row)} for _, row in sorted(rows.items())]
    return pa.Table.from_pylist(table, schema=SCHEMAS["decisions"])


def _fold(texts: pa.Array) -> pa.Array:
    """Lower case without accents, as keys are."""
    return pc.replace_substring_regex(pc.utf8_lower(pc.utf8_normalize(texts, "NFKD")), r"\p{Mn}", "")


def _pattern_of_first_words(keys: Collection[str]) -> str:
    words = sorted({key.split(" ")[0] for key in keys if key})
    return "|".join(re.escape(word) if not word.isascii() else rf"\b{re.escape(word)}" for word in words)
