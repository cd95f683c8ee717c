"""The columns of every table of a knowledge base.

`documents`, `sources`, `facts` and `decisions` are facts; all others are views, rebuilt from them. `KEYS` names the
column that identifies a row (or the group of rows that is replaced as one).
"""

from __future__ import annotations

import pyarrow as pa

_STRINGS = pa.list_(pa.string())

SCHEMAS: dict[str, pa.Schema] = {
    # What was read from where: one row a file, stream or SDK source, also for those that failed.
    "sources": pa.schema(
        [
            ("source", pa.string()),
            ("root", pa.string()),
            ("content_hash", pa.string()),
            ("fingerprint", pa.string()),
            ("document_ids", _STRINGS),
            ("failures", _STRINGS),
        ]
    ),
    "documents": pa.schema(
        [
            ("document_id", pa.string()),
            ("content_hash", pa.string()),
            ("title", pa.string()),
            ("text", pa.large_string()),
            ("characters", pa.int64()),
            ("metadata", pa.string()),
            ("pages", pa.list_(pa.int64())),
            ("offset_map", pa.list_(pa.int64())),
            ("has_given_id", pa.bool_()),
            ("signature", pa.binary()),
        ]
    ),
    # Where a document came from, and which of several near copies stands for all of them.
    "origins": pa.schema(
        [
            ("document_id", pa.string()),
            ("source", pa.string()),
            ("sources", _STRINGS),
            ("duplicate_of", pa.string()),
            ("fingerprint", pa.string()),
        ]
    ),
    "chunks": pa.schema(
        [
            ("chunk_id", pa.string()),
            ("document_id", pa.string()),
            ("ordinal", pa.int32()),
            ("start", pa.int64()),
            ("end", pa.int64()),
            ("text", pa.string()),
            ("text_hash", pa.string()),
            ("title", pa.string()),
            ("headings", pa.string()),
            ("page", pa.int32()),
        ]
    ),
    # What a chunk text says according to one extractor; content-keyed and immutable.
    "facts": pa.schema([("text_hash", pa.string()), ("extractor", pa.string()), ("payload", pa.string())]),
    "mentions": pa.schema(
        [
            ("document_id", pa.string()),
            ("chunk_id", pa.string()),
            ("key", pa.string()),
            ("entity_key", pa.string()),
            ("start", pa.int32()),
            ("end", pa.int32()),
            ("sentence_start", pa.int32()),
            ("sentence_end", pa.int32()),
        ]
    ),
    # Merges of names into entities; `undone` is set by a person and outlives every re-run.
    "decisions": pa.schema(
        [
            ("merge_id", pa.string()),
            ("key", pa.string()),
            ("into", pa.string()),
            ("reason", pa.string()),
            ("scope", pa.string()),
            ("undone", pa.bool_()),
            ("fingerprint", pa.string()),
        ]
    ),
    # The accepted names with their entity; kept so that a re-run knows which names changed.
    "vocabulary": pa.schema(
        [
            ("key", pa.string()),
            ("entity_key", pa.string()),
            ("name", pa.string()),
            ("type", pa.string()),
            ("kind", pa.string()),
            ("is_common", pa.bool_()),
            ("fingerprint", pa.string()),
        ]
    ),
    "entities": pa.schema(
        [
            ("entity_id", pa.string()),
            ("name", pa.string()),
            ("type", pa.string()),
            ("description", pa.string()),
            ("aliases", _STRINGS),
            ("keys", _STRINGS),
            ("frequency", pa.int32()),
            ("degree", pa.int32()),
            ("fingerprint", pa.string()),
        ]
    ),
    "relationships": pa.schema(
        [
            ("relationship_id", pa.string()),
            ("source_id", pa.string()),
            ("target_id", pa.string()),
            ("description", pa.string()),
            ("weight", pa.float32()),
            ("chunk_ids", _STRINGS),
            ("fingerprint", pa.string()),
        ]
    ),
    "claims": pa.schema(
        [
            ("claim_id", pa.string()),
            ("subject_id", pa.string()),
            ("object_id", pa.string()),
            ("type", pa.string()),
            ("status", pa.string()),
            ("description", pa.string()),
            ("chunk_id", pa.string()),
            ("fingerprint", pa.string()),
        ]
    ),
    "communities": pa.schema(
        [
            ("community_id", pa.string()),
            ("level", pa.int32()),
            ("parent_id", pa.string()),
            ("child_ids", _STRINGS),
            ("entity_ids", _STRINGS),
            ("fingerprint", pa.string()),
        ]
    ),
    "reports": pa.schema(
        [
            ("community_id", pa.string()),
            ("level", pa.int32()),
            ("title", pa.string()),
            ("summary", pa.string()),
            ("findings", pa.string()),
            ("rating", pa.float32()),
            ("extractor", pa.string()),
            ("text", pa.string()),
            ("chunk_ids", _STRINGS),
            ("fingerprint", pa.string()),
        ]
    ),
}

KEYS: dict[str, str] = {
    "sources": "source",
    "documents": "document_id",
    "origins": "document_id",
    "chunks": "document_id",
    "facts": "text_hash",
    "mentions": "document_id",
    "decisions": "merge_id",
    "vocabulary": "key",
    "entities": "entity_id",
    "relationships": "relationship_id",
    "claims": "claim_id",
    "communities": "community_id",
    "reports": "community_id",
}
# There is a table of vectors for each embedding model; their names begin so (see `store.vectors`).
VECTORS = "vectors"


def key_of(name: str) -> str:
    """The column that identifies the rows of a table."""
    return "text_hash" if name.startswith(VECTORS) else KEYS[name]
