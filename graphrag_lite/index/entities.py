"""From mentions to entities: one row per real thing, counted over the whole knowledge base."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrag_lite.index.hashing import fingerprint, text_id
from graphrag_lite.index.vocabulary import Vocabulary
from graphrag_lite.records import Entity
from graphrag_lite.store.rows import to_table
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


def read_mentions(reader: Reader) -> Iterator[pa.RecordBatch]:
    """The mentions of a snapshot, to be encoded as they are read: as strings they would take ten times the memory."""
    return reader.batches("mentions", _ENCODED, size=_MENTIONS_IN_ONE_READ)


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


def entities_of(
    columns: MentionColumns, vocabulary: Vocabulary, degrees: np.ndarray[Any, Any], stated: Mapping[str, str]
) -> list[Entity]:
    """Entities in the order of `columns.entity_keys`.

    Args:
        columns: All mentions.
        vocabulary: Names and types.
        degrees: Number of relationships of each entity.
        stated: Descriptions by entity key, from a model or an import.
    """
    entries, n = vocabulary.entries, len(columns.entity_keys)
    pairs = np.unique(columns.chunk * n + columns.entity)
    frequency = np.bincount(pairs % max(1, n), minlength=n)

    def entity(key: str, uses: Mapping[str, int], frequency: int, degree: int) -> Entity:
        # Shown as most mentions have it, so a translation in one place does not rename it everywhere. A short form
        # stands for the whole name; it does not rename it.
        whole = {k: times if k in entries and _is_whole(k, key) else 0 for k, times in uses.items()}
        shown = max(whole.keys() | {key}, key=lambda k: (whole.get(k, 0), k == key, k))
        name = entries[shown].name if shown in entries else key
        aliases = {entries[k].name for k in uses if k in entries} - {name}
        type_ = entries[key].type if key in entries else ""
        return Entity(entity_id(key), name, type_, stated.get(key, ""), tuple(sorted(aliases)), frequency, degree)

    rows = (columns.entity_keys, _uses(columns), frequency.tolist(), degrees.tolist())
    return list(map(entity, *rows))


def _uses(columns: MentionColumns) -> list[dict[str, int]]:
    """For each entity how many mentions have each of its keys."""
    uses: list[dict[str, int]] = [{} for _ in columns.entity_keys]
    keys, n = columns.keys, max(1, len(columns.keys))
    pairs, counts = np.unique(columns.entity * n + columns.key, return_counts=True)
    for pair, times in zip(pairs.tolist(), counts.tolist(), strict=True):
        uses[pair // n][keys[pair % n]] = times
    return uses


def entity_rows(
    entities: Sequence[Entity], columns: MentionColumns, descriptions: Mapping[str, str] | None = None
) -> pa.Table:
    """Rows of `entities`.

    Args:
        entities: As `entities_of` gave them for `columns`.
        columns: All mentions.
        descriptions: Those that some have instead, by entity key.
    """
    other = descriptions or {}

    def row(entity: Entity, key: str, uses: Mapping[str, int]) -> dict[str, Any]:
        values = {
            "entity_id": entity.id,
            "name": entity.name,
            "type": entity.type,
            "description": other.get(key, entity.description),
            "aliases": list(entity.aliases),
            "keys": sorted(uses.keys() | {key}),
            "frequency": entity.frequency,
            "degree": entity.degree,
        }
        return values | {"fingerprint": fingerprint(values)}

    return to_table("entities", map(row, entities, columns.entity_keys, _uses(columns)))


def _is_whole(key: str, entity_key: str) -> bool:
    """False for a short form, and for "Mr Scrooge" of Ebenezer Scrooge."""
    title = key.partition(" ")[0]
    if title in PERSON_TITLES and not entity_key.startswith(f"{title} "):
        return False
    return " " in key or " " not in entity_key or len(key) > len(entity_key)
