"""From mentions to entities: one row per real thing, counted over the whole knowledge base."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrag_lite.index.hashing import fingerprint, text_id
from graphrag_lite.index.vocabulary import Vocabulary
from graphrag_lite.store.schema import SCHEMAS


@dataclass(frozen=True, slots=True)
class MentionColumns:
    """All mentions as integers, ordered by chunk and position.

    `chunk_ids`, `keys` and `entity_keys` translate the indices in `chunk`, `key` and `entity`; all are sorted, so
    that the same tables give the same indices.
    """

    chunk_ids: list[str]
    keys: list[str]
    entity_keys: list[str]
    chunk: np.ndarray[Any, np.dtype[np.int64]]
    key: np.ndarray[Any, np.dtype[np.int64]]
    entity: np.ndarray[Any, np.dtype[np.int64]]
    start: np.ndarray[Any, np.dtype[np.int64]]
    sentence_start: np.ndarray[Any, np.dtype[np.int64]]
    sentence_end: np.ndarray[Any, np.dtype[np.int64]]

    def where(self, keep: np.ndarray[Any, np.dtype[np.bool_]]) -> MentionColumns:
        """Only some of the mentions; indices keep their meaning."""
        names = ("chunk", "key", "entity", "start", "sentence_start", "sentence_end")
        return replace(self, **{name: getattr(self, name)[keep] for name in names})


def mention_columns(mentions: pa.Table, chunk_ids: list[str]) -> MentionColumns:
    """Encode a table of mentions.

    Args:
        mentions: All rows.
        chunk_ids: The order of chunks; mentions of others are left out.
    """
    chunk = pc.index_in(mentions["chunk_id"], value_set=pa.array(chunk_ids, pa.string()))
    known = pc.is_valid(chunk)
    mentions, chunk = mentions.filter(known), chunk.filter(known)
    columns = {name: mentions[name].to_numpy().astype(np.int64) for name in ("start", "sentence_start", "sentence_end")}
    keys, key = _encode(mentions["key"])
    entity_keys, entity = _encode(mentions["entity_key"])
    row = chunk.to_numpy().astype(np.int64)
    order = np.lexsort((columns["start"], row))
    return MentionColumns(
        chunk_ids,
        keys,
        entity_keys,
        row[order],
        key[order],
        entity[order],
        *(columns[name][order] for name in ("start", "sentence_start", "sentence_end")),
    )


def entity_id(entity_key: str) -> str:
    """The id of the entity with a canonical key; it does not depend on the order of runs."""
    return text_id("entity", entity_key)


def entity_rows(
    columns: MentionColumns, vocabulary: Vocabulary, degrees: np.ndarray[Any, Any], stated: Mapping[str, str]
) -> pa.Table:
    """Rows of `entities` in the order of `columns.entity_keys`.

    Args:
        columns: All mentions.
        vocabulary: Names and types.
        degrees: Number of relationships of each entity.
        stated: Descriptions by entity key, from a model or an import.
    """
    pairs = np.unique(columns.chunk * len(columns.entity_keys) + columns.entity)
    frequency = np.bincount(pairs % max(1, len(columns.entity_keys)), minlength=len(columns.entity_keys))
    keys_of: list[set[str]] = [set() for _ in columns.entity_keys]
    uses: dict[tuple[int, str], int] = {}
    named, counts = np.unique(columns.entity * max(1, len(columns.keys)) + columns.key, return_counts=True)
    for pair, count in zip(named.tolist(), counts.tolist(), strict=True):
        entity, key = pair // len(columns.keys), columns.keys[pair % len(columns.keys)]
        keys_of[entity].add(key)
        # A short form stands for the whole name; it does not rename it.
        uses[entity, key] = count if vocabulary.entries.get(key) and _is_whole(key, columns.entity_keys[entity]) else 0
    rows = []
    for index, key in enumerate(columns.entity_keys):
        entry = vocabulary.entries.get(key)
        # Shown as most mentions have it, so a translation in one place does not rename it everywhere.
        shown = max(keys_of[index] | {key}, key=lambda k: (uses.get((index, k), 0), k == key, k))
        name = vocabulary.entries[shown].name if shown in vocabulary.entries else key
        aliases = {vocabulary.entries[k].name for k in keys_of[index] if k in vocabulary.entries} - {name}
        row = {
            "entity_id": entity_id(key),
            "name": name,
            "type": entry.type if entry else "",
            "description": stated.get(key, ""),
            "aliases": sorted(aliases),
            "keys": sorted(keys_of[index] | {key}),
            "frequency": int(frequency[index]),
            "degree": int(degrees[index]),
        }
        rows.append(row | {"fingerprint": fingerprint(row)})
    return pa.Table.from_pylist(rows, schema=SCHEMAS["entities"])


def with_descriptions(entities: pa.Table, descriptions: Mapping[str, str]) -> pa.Table:
    """Rows of `entities` with other descriptions, by entity key."""
    if not descriptions:
        return entities
    by_id = {entity_id(key): text for key, text in descriptions.items()}
    rows = entities.to_pylist()
    for row in rows:
        if row["entity_id"] in by_id:
            row["description"] = by_id[row["entity_id"]]
            row["fingerprint"] = fingerprint({name: row[name] for name in row if name != "fingerprint"})
    return pa.Table.from_pylist(rows, schema=SCHEMAS["entities"])


def _is_whole(key: str, entity_key: str) -> bool:
    return " " in key or " " not in entity_key or len(key) > len(entity_key)


def _encode(column: pa.ChunkedArray) -> tuple[list[str], np.ndarray[Any, np.dtype[np.int64]]]:
    values = sorted(pc.unique(column).to_pylist())
    index = pc.index_in(column, value_set=pa.array(values, pa.string()))
    return values, index.to_numpy().astype(np.int64)
