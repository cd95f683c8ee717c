"""From chunks to mentions: facts of new texts, the vocabulary over all facts, and matches where they can differ.

Facts are content-keyed and kept as long as a chunk has their text. The vocabulary is a view over all of them, so a
new document can change what is a name in an old one; only documents that contain a changed name are matched again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrag_lite.index.extract import Candidates, extract_candidates
from graphrag_lite.index.fingerprints import EXTRACTOR
from graphrag_lite.index.hashing import fingerprint
from graphrag_lite.index.match import match_document
from graphrag_lite.index.vocabulary import Vocabulary
from graphrag_lite.records import Mention, Merge
from graphrag_lite.settings import ResolveSettings
from graphrag_lite.store.schema import SCHEMAS
from graphrag_lite.store.tables import KEYS_IN_ONE_FILTER, Reader
from graphrag_lite.text.normalize import title_keys

_DOCUMENTS_AT_ONCE = 1000
_TEXTS_AT_ONCE = 4096
_MOST_CHANGED_KEYS = 2000  # beyond, looking for them costs more than matching everything again


def statistical_facts(text_hash: str, text: str) -> dict[str, Any]:
    """The row of `facts` with the candidates of a text."""
    return {"text_hash": text_hash, "extractor": EXTRACTOR, "payload": extract_candidates(text).to_json()}


def texts_of(reader: Reader, hashes: Collection[str]) -> Iterator[tuple[str, str]]:
    """The chunk texts with these hashes, each once."""
    left = set(hashes)
    if len(left) <= KEYS_IN_ONE_FILTER:
        parts: Iterable[Any] = [reader.read_keys("chunks", left, ["text_hash", "text"], by="text_hash")]
    else:
        parts = reader.batches("chunks", ["text_hash", "text"])
    for part in parts:
        for text_hash, text in zip(part["text_hash"].to_pylist(), part["text"].to_pylist(), strict=True):
            if text_hash in left:
                left.remove(text_hash)
                yield text_hash, text


def hashes_with_facts(reader: Reader, extractor: str) -> set[str]:
    """Hashes of the texts that have facts by an extractor."""
    return set(reader.distinct("facts", "text_hash", f"extractor = '{extractor}'").to_pylist())


def read_candidates(reader: Reader) -> Iterator[Candidates]:
    """The statistical facts of all texts."""
    for batch in reader.batches("facts", ["payload"], where=f"extractor = '{EXTRACTOR}'"):
        yield from map(Candidates.from_json, batch["payload"].to_pylist())


def documents_to_match(chunks: pa.Table, vocabulary: Vocabulary, previous: Vocabulary) -> set[str] | None:
    """Ids of the documents whose mentions a changed name can have changed; None means all.

    Args:
        chunks: Of all documents.
        vocabulary: That of this run.
        previous: That of the last snapshot.
    """
    changed = vocabulary.changed_keys(previous)
    if len(changed) > _MOST_CHANGED_KEYS:
        return None
    found: set[str] = set()
    if changed:
        pattern = _pattern_of_first_words(changed)
        for batch in chunks.select(["document_id", "text"]).to_batches(_TEXTS_AT_ONCE):
            hits = pc.match_substring_regex(_fold(batch["text"]), pattern)
            found.update(batch["document_id"].filter(hits).to_pylist())
    return found


def match_documents(
    chunks: pa.Table,
    vocabulary: Vocabulary,
    documents: pa.Array,
    stated: Mapping[str, Iterable[str]],
    settings: ResolveSettings,
    undone: Collection[str],
) -> Iterator[tuple[int, list[dict[str, Any]], list[Merge]]]:
    """Number of documents, rows of `mentions` and document-scoped merges, some hundred documents at a time.

    Args:
        chunks: By document and position, those of other documents among them.
        vocabulary: Names to find.
        documents: Ids of those to match.
        stated: Keys of the entities that facts state, by text hash.
        settings: Which merges are made.
        undone: Ids of merges without effect.
    """
    columns = ["document_id", "ordinal", "chunk_id", "text_hash", "title", "text"]
    is_wanted, wanted = pc.is_in(chunks["document_id"], value_set=documents), chunks.select(columns)
    if not pc.all(is_wanted).as_py():  # else it would be a copy of every text
        wanted = wanted.filter(is_wanted)
    for part in _some_documents(wanted):
        grouped = list(group_by_document(part))
        rows: list[dict[str, Any]] = []
        merges: list[Merge] = []
        for document_id, members in grouped:
            found, scoped = match_document(
                vocabulary,
                members[0]["title"],
                [chunk["text"] for chunk in members],
                scope=document_id,
                settings=settings,
                undone=undone,
            )
            merges.extend(scoped)
            own = title_keys(members[0]["title"] or "")
            for chunk, mentions in zip(members, found, strict=True):
                known = {mention.key for mention in mentions}
                keys = [*stated.get(chunk["text_hash"], ()), *(own if chunk["ordinal"] == 0 else ())]
                added = _stated_mentions(vocabulary, chunk["text"], keys, known)
                rows.extend(_mention_row(document_id, chunk["chunk_id"], mention) for mention in [*mentions, *added])
        yield len(grouped), rows, merges


def _some_documents(chunks: pa.Table) -> Iterator[pa.Table]:
    """Those of some hundred documents at a time, from chunks by document."""
    ids = chunks["document_id"].to_numpy(zero_copy_only=False)
    starts = np.flatnonzero(np.append(True, ids[1:] != ids[:-1])).tolist() if len(ids) else []
    for start, end in pairwise([*starts[::_DOCUMENTS_AT_ONCE], len(ids)]):
        yield chunks.slice(start, end - start)


def _stated_mentions(vocabulary: Vocabulary, text: str, keys: Sequence[str], known: Collection[str]) -> list[Mention]:
    """Mentions of what facts or the title state and matching did not find; 0:0 where the text words it otherwise."""
    found = []
    lowered = text.lower()
    is_aligned = len(lowered) == len(text)  # false where a capital has two small letters, as in Turkish
    for key in dict.fromkeys(keys):
        entry = vocabulary.entries.get(key)
        if entry is not None and key not in known:
            name = entry.name.lower() if is_aligned else entry.name
            start = (lowered if is_aligned else text).find(name)
            found.append(Mention(key, entry.entity_key, max(start, 0), start + len(name) if start >= 0 else 0, 0, 0))
    return found


def group_by_document(chunks: pa.Table) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The chunks of each document in order."""
    rows = chunks.sort_by([("document_id", "ascending"), ("ordinal", "ascending")]).to_pylist()
    start = 0
    for end in range(1, len(rows) + 1):
        if end == len(rows) or rows[end]["document_id"] != rows[start]["document_id"]:
            yield rows[start]["document_id"], rows[start:end]
            start = end


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


def decision_rows(merges: Iterable[Merge]) -> pa.Table:
    """Rows of `decisions`, by id."""
    rows = []
    for merge in sorted({merge.id: merge for merge in merges}.values(), key=lambda merge: merge.id):
        row = {name: getattr(merge, name) for name in ("key", "into", "reason", "scope", "undone")}
        rows.append(row | {"merge_id": merge.id, "fingerprint": fingerprint(row)})
    return pa.Table.from_pylist(rows, schema=SCHEMAS["decisions"])


def vocabulary_rows(vocabulary: Vocabulary) -> pa.Table:
    """Rows of `vocabulary`."""
    columns = vocabulary.to_columns()
    names = sorted(columns)
    prints = [fingerprint(row) for row in zip(*(columns[name] for name in names), strict=True)]
    return pa.table(columns | {"fingerprint": prints}).select(SCHEMAS["vocabulary"].names).cast(SCHEMAS["vocabulary"])


def read_vocabulary(reader: Reader) -> Vocabulary:
    """The vocabulary of the last snapshot."""
    return Vocabulary.from_columns(reader.read("vocabulary").to_pydict())


def _fold(texts: pa.Array) -> pa.Array:
    """Lower case without accents, as keys are."""
    return pc.replace_substring_regex(pc.utf8_lower(pc.utf8_normalize(texts, "NFKD")), r"\p{Mn}", "")


def _pattern_of_first_words(keys: Collection[str]) -> str:
    words = sorted({key.split(" ")[0] for key in keys if key})
    return "|".join(re.escape(word) if not word.isascii() else rf"\b{re.escape(word)}" for word in words)
