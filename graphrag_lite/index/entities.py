"""From mentions to entities: one row per real thing, counted over the whole knowledge base."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrag_lite.index.hashing import fingerprint, text_id
from graphrag_lite.index.vocabulary import Vocabulary
from graphrag_lite.store.rows import to_table
from graphrag_lite.store.schema import SCHEMAS
from graphrag_lite.store.tables import Reader
from graphrag_lite.text.lexicon import PERSON_TITLES

_MENTIONS_IN_ONE_READ = 1_000_000
_ENCODED = ("chunk_id", "key", "entity_key", "start", "sentence_start", "sentence_end")


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


def read_mentions(reader: Reader, chunk_ids: list[str]) -> MentionColumns:
    """The mentions of a snapshot, encoded as they are read: as strings they would take ten times the memory."""
    return encode_mentions(reader.batches("mentions", _ENCODED, size=_MENTIONS_IN_ONE_READ), chunk_ids)


def encode_mentions(batches: Iterable[pa.RecordBatch], chunk_ids: list[str]) -> MentionColumns:
    """Encode mentions.

    Args:
        batches: All rows.
        chunk_ids: The order of chunks; mentions of others are left out.
    """
    order_of = pa.array(chunk_ids, pa.string())
    keys, entity_keys = _Codes(), _Codes()
    parts: list[list[np.ndarray[Any, Any]]] = [[np.zeros(0, np.int64)] for _ in _ENCODED]
    for batch in batches:
        chunk = pc.index_in(batch["chunk_id"], value_set=order_of)
        known = pc.is_valid(chunk)
        kept = batch.filter(known)
        coded = [chunk.filter(known).to_numpy(), keys.of(kept["key"]), entity_keys.of(kept["entity_key"])]
        for part, column in zip(parts, [*coded, *(kept[name].to_numpy() for name in _ENCODED[3:])], strict=True):
            part.append(column.astype(np.int32))
    row, key, entity, start, *sentence = (np.concatenate(part).astype(np.int64) for part in parts)
    order = np.lexsort((start, row))
    columns = (row, keys.ranks()[key], entity_keys.ranks()[entity], start, *sentence)
    return MentionColumns(chunk_ids, sorted(keys.known), sorted(entity_keys.known), *(c[order] for c in columns))


class _Codes:
    """Numbers for the values of a column that comes in parts."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def of(self, column: pa.Array) -> np.ndarray[Any, np.dtype[np.int64]]:
        """A number for each value, in the order of first sight."""
        coded = column.dictionary_encode()
        codes = [self.known.setdefault(value, len(self.known)) for value in coded.dictionary.to_pylist()]
        indices: np.ndarray[Any, np.dtype[np.int64]] = np.array(codes, np.int64)[coded.indices.to_numpy()]
        return indices

    def ranks(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """The place of each number among the sorted values."""
        found = np.zeros(len(self.known), np.int64)
        found[[self.known[value] for value in sorted(self.known)]] = np.arange(len(self.known))
        return found


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
    for pair, times in zip(named.tolist(), counts.tolist(), strict=True):
        entity, key = pair // len(columns.keys), columns.keys[pair % len(columns.keys)]
        keys_of[entity].add(key)
        # A short form stands for the whole name; it does not rename it.
        uses[entity, key] = times if vocabulary.entries.get(key) and _is_whole(key, columns.entity_keys[entity]) else 0

    def row(index: int, key: str) -> dict[str, Any]:
        entry = vocabulary.entries.get(key)
        # Shown as most mentions have it, so a translation in one place does not rename it everywhere.
        shown = max(keys_of[index] | {key}, key=lambda k: (uses.get((index, k), 0), k == key, k))
        name = vocabulary.entries[shown].name if shown in vocabulary.entries else key
        aliases = {vocabulary.entries[k].name for k in keys_of[index] if k in vocabulary.entries} - {name}
        values = {
            "entity_id": entity_id(key),
            "name": name,
            "type": entry.type if entry else "",
            "description": stated.get(key, ""),
            "aliases": sorted(aliases),
            "keys": sorted(keys_of[index] | {key}),
            "frequency": int(frequency[index]),
            "degree": int(degrees[index]),
        }
        return values | {"fingerprint": fingerprint(values)}

    return to_table("entities", map(row, count(), columns.entity_keys))


def with_descriptions(entities: pa.Table, descriptions: Mapping[str, str]) -> pa.Table:
    """Rows of `entities` with other descriptions, by entity key."""
    by_id = {entity_id(key): text for key, text in descriptions.items()}
    is_other = pc.is_in(entities["entity_id"], value_set=pa.array(by_id, pa.string()))
    rows = entities.filter(is_other).to_pylist()
    for row in rows:
        row["description"] = by_id[row["entity_id"]]
        row["fingerprint"] = fingerprint({name: row[name] for name in row if name != "fingerprint"})
    others = pa.Table.from_pylist(rows, schema=SCHEMAS["entities"])
    return pa.concat_tables([entities.filter(pc.invert(is_other)), others])


def _is_whole(key: str, entity_key: str) -> bool:
    """False for a short form, and for "Mr Scrooge" of Ebenezer Scrooge."""
    title = key.partition(" ")[0]
    if title in PERSON_TITLES and not entity_key.startswith(f"{title} "):
        return False
    return " " in key or " " not in entity_key or len(key) > len(entity_key)
