"""Postings taken over from text to text are those that a fresh count gives."""

import numpy as np
import pytest

from graphrag_lite.index import postings as module
from graphrag_lite.index.arrays import lexical_arrays, postings_of, weighted
from graphrag_lite.index.postings import bag_of, count_terms

TEXTS = ["the pump drains the dock", "tea at noon, tea at four", "", "a lamp and a dock", "泵站 pump 泵站"]


def postings(texts):
    return count_terms(texts, np.arange(len(texts)))


def same(left, right):
    return all(np.array_equal(getattr(left, name), getattr(right, name)) for name in left.__slots__)


def test_a_term_is_counted_by_row():
    found = postings(["tea tea pump", "tea"])
    assert found.row.tolist() in ([0, 1, 0], [0, 0, 1])
    assert sorted(zip(found.row.tolist(), found.count.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 1)]


@pytest.mark.parametrize("new_row", [[0, 1, 2, 3, 4], [-1, 0, 1, 2, 3], [0, -1, 2, -1, 3], [-1] * 5])
def test_moved_rows_give_what_a_fresh_count_of_them_gives(new_row):
    kept = [text for text, row in zip(TEXTS, new_row, strict=True) if row >= 0]
    fresh = count_terms(kept, np.array([row for row in new_row if row >= 0], np.int64))
    assert same(postings(TEXTS).moved(np.array(new_row)), fresh)


@pytest.mark.parametrize("first", [[0], [1, 3], [0, 2, 4], [], [0, 1, 2, 3, 4]])
def test_two_parts_give_what_the_whole_gives(first):
    second = [row for row in range(5) if row not in first]
    parts = [count_terms([TEXTS[row] for row in rows], np.array(rows, np.int64)) for rows in (first, second)]
    assert same(parts[0].with_others(parts[1], 5), postings(TEXTS))


@pytest.mark.parametrize("size", [1, 2, 4])
def test_blocks_do_not_change_the_result(monkeypatch, size):
    whole = postings(TEXTS)
    monkeypatch.setattr(module, "_ROWS_AT_ONCE", size)
    assert same(postings(TEXTS), whole)
    rows = np.array([3, 5, 6, 20, 21])
    assert count_terms(TEXTS, rows).row.tolist() == rows[whole.row].tolist()


def test_weights_come_out_the_same_from_stored_counts():
    arrays = lexical_arrays(TEXTS, 5)
    again = weighted(postings_of(arrays), 5)
    assert all(np.array_equal(arrays[name], again[name]) for name in arrays)


def test_what_was_counted_before_gives_the_same_and_is_not_read_again(monkeypatch):
    whole = postings(TEXTS)
    known = {text: bag_of(text) for text in TEXTS if text}
    monkeypatch.setattr(module, "terms", lambda text: [] if not text else pytest.fail(f"read again: {text}"))
    assert same(count_terms(TEXTS, np.arange(5), known), whole)
