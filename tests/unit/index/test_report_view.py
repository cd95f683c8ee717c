"""What reports are written from, looked up in columns."""

from types import SimpleNamespace

import numpy as np

from graphrag_lite.index import report_view


def test_a_sentence_names_each_entity_once_in_order() -> None:
    mentions = SimpleNamespace(
        chunk=np.array([0, 0, 0, 0, 1]),
        chunk_ids=["a", "b"],
        entity=np.array([2, 1, 2, 4, 3]),
        sentence_start=np.array([5, 5, 5, 9, 5]),
    )
    named = report_view._entities_by_sentence(mentions)
    assert [named(0, 5), named(0, 9), named(1, 5), named(1, 9)] == [[1, 2], [4], [3], []]
