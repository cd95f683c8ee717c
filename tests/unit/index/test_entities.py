"""Mentions as numbers: the same however the table is cut into batches."""

import numpy as np
import pyarrow as pa
import pytest

from graphrag_lite.index.entities import encode_mentions, entities_of, entity_rows, read_mentions
from graphrag_lite.index.vocabulary import Entry, Vocabulary
from graphrag_lite.store.schema import SCHEMAS

CHUNKS = ["c2", "c0", "c1"]
NAMED = [("c1", "pell", "josiah pell", 9), ("c0", "dock", "dock", 4), ("c0", "pell", "josiah pell", 0)]
NAMED += [("c2", "anna", "anna", 3), ("gone", "dock", "dock", 1), ("c1", "anna", "anna", 2)]


def table() -> pa.Table:
    rows = [
        {"chunk_id": chunk, "key": key, "entity_key": entity, "start": start, "sentence_start": 0, "sentence_end": 50}
        for chunk, key, entity, start in NAMED
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMAS["mentions"])


class Mentions:
    """A reader of the table in batches of a size."""

    def __init__(self, size: int) -> None:
        self._size = size

    def batches(self, name, columns, size):
        return table().select(columns).to_batches(max_chunksize=self._size)


def test_mentions_are_ordered_by_chunk_and_place_and_those_of_other_chunks_left_out():
    found = encode_mentions(table().to_batches(), CHUNKS)
    assert found.keys == ["anna", "dock", "pell"]
    assert found.entity_keys == ["anna", "dock", "josiah pell"]
    assert [(CHUNKS[c], found.keys[k]) for c, k in zip(found.chunk, found.key, strict=True)] == [
        ("c2", "anna"),
        ("c0", "pell"),
        ("c0", "dock"),
        ("c1", "anna"),
        ("c1", "pell"),
    ]


@pytest.mark.parametrize("size", [1, 2, 4])
def test_batches_do_not_change_the_result(size):
    whole, parts = encode_mentions(table().to_batches(), CHUNKS), encode_mentions(read_mentions(Mentions(size)), CHUNKS)
    assert (parts.keys, parts.entity_keys) == (whole.keys, whole.entity_keys)
    for name in ("chunk", "key", "entity", "start", "sentence_start", "sentence_end"):
        assert np.array_equal(getattr(parts, name), getattr(whole, name)), name


def test_no_mentions_are_no_columns():
    found = encode_mentions(SCHEMAS["mentions"].empty_table().to_batches(), CHUNKS)
    assert len(found.chunk) == 0
    assert found.entity_keys == []


@pytest.mark.parametrize(
    ("entity", "keys", "shown"),
    [
        ("ebenezer scrooge", ["scrooge"] * 9 + ["mr scrooge"] * 3 + ["ebenezer scrooge"], "Ebenezer Scrooge"),
        ("mrs dilber", ["mrs dilber"] * 3, "Mrs Dilber"),
        ("acme", ["acme"] * 2 + ["acme inc"] * 3, "Acme Inc"),
    ],
)
def test_an_entity_is_shown_by_its_usual_whole_name(entity, keys, shown):
    rows = [
        {"chunk_id": "c0", "key": key, "entity_key": entity, "start": n, "sentence_start": 0, "sentence_end": 50}
        for n, key in enumerate(keys)
    ]
    columns = encode_mentions(pa.Table.from_pylist(rows, schema=SCHEMAS["mentions"]).to_batches(), CHUNKS)
    names = Vocabulary({key: Entry(key.title(), "person", entity) for key in (*keys, entity)})
    assert [found.name for found in entities_of(columns, names, np.zeros(1, np.int64), {})] == [shown]


def test_rows_hold_every_key_and_the_description_that_replaces_another():
    columns = encode_mentions(table().to_batches(), CHUNKS)
    names = Vocabulary({"pell": Entry("Pell", "person", "josiah pell"), "anna": Entry("Anna", "", "anna")})
    entities = entities_of(columns, names, np.arange(3), {"anna": "Long.", "josiah pell": "A captain."})
    rows = entity_rows(entities, columns, {"anna": "Short."}).to_pylist()
    shown = [(row["name"], row["description"], row["keys"], row["aliases"], row["frequency"]) for row in rows]
    assert shown == [
        ("Anna", "Short.", ["anna"], [], 2),
        ("dock", "", ["dock"], [], 1),
        ("josiah pell", "A captain.", ["josiah pell", "pell"], ["Pell"], 2),
    ]
    assert [row["degree"] for row in rows] == [0, 1, 2]
