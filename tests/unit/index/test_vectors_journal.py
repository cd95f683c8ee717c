from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from graphrag_lite.index.vectors_journal import forget_vectors, keep_vectors, kept_vectors
from graphrag_lite.llm.cache import ReplyCache

VECTORS = np.asarray([[0.25, -1.0], [1e-30, 3.0]], np.float32)


@pytest.fixture
def journal() -> Iterator[ReplyCache]:
    with closing(ReplyCache(":memory:")) as opened:
        keep_vectors(opened, "vectors-1", ["a", "b"], VECTORS)
        yield opened


def test_vectors_come_back_bit_by_bit(journal: ReplyCache) -> None:
    kept = kept_vectors(journal, "vectors-1", {"b", "a", "c"})
    assert kept.keys() == {"a", "b"}
    assert np.array_equal(kept["a"], VECTORS[0])
    assert np.array_equal(kept["b"], VECTORS[1])


def test_vectors_of_another_table_are_others(journal: ReplyCache) -> None:
    keep_vectors(journal, "vectors-2", ["a"], VECTORS[1:])
    assert kept_vectors(journal, "vectors-2", ["a"])["a"][1] == 3.0
    forget_vectors(journal, "vectors-2")
    assert kept_vectors(journal, "vectors-2", ["a"]) == {}
    assert len(kept_vectors(journal, "vectors-1", ["a", "b"])) == 2


def test_only_what_a_table_holds_is_forgotten(journal: ReplyCache) -> None:
    forget_vectors(journal, "vectors-1", ["a"])
    assert kept_vectors(journal, "vectors-1", ["a", "b"]).keys() == {"b"}
