from types import SimpleNamespace

import numpy as np
import pytest

from graphrag_lite.index import relate as module
from graphrag_lite.index.relate import StatedRelationship, describe, relate


def mentions(rows):
    """Rows of (chunk, sentence start, sentence end, place, entity)."""
    table = np.array(sorted(rows, key=lambda r: (r[0], r[3])), np.int64).reshape(-1, 5)
    return SimpleNamespace(
        chunk=table[:, 0], sentence_start=table[:, 1], sentence_end=table[:, 2], start=table[:, 3], entity=table[:, 4]
    )


def related(rows, documents=(0, 1, 2, 3), **options):
    found = relate(mentions(rows), np.array(documents), 50, **options)
    pairs = zip(found.source.tolist(), found.target.tolist(), strict=True)
    return dict(zip(pairs, found.weight.tolist(), strict=True)), found


def test_two_names_in_a_sentence_are_related_with_weight_one():
    assert related([(0, 0, 60, 3, 7), (0, 0, 60, 30, 2)])[0] == {(2, 7): pytest.approx(1.0)}


def test_names_of_different_sentences_are_not_related():
    assert related([(0, 0, 60, 3, 7), (0, 61, 90, 70, 2), (1, 0, 60, 3, 5)])[0] == {}


def test_a_sentence_of_n_names_gives_each_pair_a_fraction():
    weights, _ = related([(0, 0, 80, 10 * i, i) for i in range(5)])
    assert len(weights) == 10
    assert set(np.round(list(weights.values()), 6)) == {round(float(np.log2(1.25)), 6)}


def test_a_name_that_is_repeated_counts_once():
    assert related([(0, 0, 60, 3, 1), (0, 0, 60, 13, 1), (0, 0, 60, 30, 2)])[0] == {(1, 2): pytest.approx(1.0)}


def test_repetition_in_one_document_saturates_and_other_documents_add():
    rows = [(chunk, 0, 60, place, entity) for chunk in range(3) for place, entity in ((3, 1), (30, 2))]
    assert related(rows, (0, 0, 0))[0][1, 2] == pytest.approx(2.0)
    assert related(rows, (0, 1, 2))[0][1, 2] == pytest.approx(3.0)


def test_a_long_list_is_windowed():
    weights, _ = related([(0, 0, 400, 10 * i, i) for i in range(40)])
    assert (0, 8) in weights
    assert (0, 9) not in weights


def test_slices_do_not_change_the_result(monkeypatch):
    rows = [(chunk, 0, 90, 10 * i, (chunk + i) % 9) for chunk in range(4) for i in range(4)]
    whole, _ = related(rows)
    monkeypatch.setattr(module, "_MENTIONS_IN_ONE_SLICE", 3)
    assert related(rows)[0] == whole


def test_the_best_sentence_comes_first_and_describes():
    texts = [
        "Lists: Ann, Bob, Cid, Dan, Eve, Fay.",
        "Ann Archer taught the young Bob Baker how to repair lamps in the old tower.",
    ]
    listed = [(0, 0, len(texts[0]), 7 + 5 * i, i) for i in range(6)]
    _, found = related([*listed, (1, 0, len(texts[1]), 0, 0), (1, 0, len(texts[1]), 28, 1)])
    assert found.chunk[found.offsets[0]] == 1
    assert describe(found, texts.__getitem__)[0] == texts[1]


def test_evidence_is_capped(monkeypatch):
    monkeypatch.setattr(module, "_EVIDENCE", 2)
    rows = [(chunk, 0, 60, place, entity) for chunk in range(4) for place, entity in ((3, 1), (30, 2))]
    assert len(related(rows)[1].chunk) == 2


def test_stated_relationships_are_merged_and_their_words_win():
    stated = [StatedRelationship(2, 1, 0, "employs"), StatedRelationship(3, 4, 1, "founded", 2.0)]
    weights, found = related([(0, 0, 60, 3, 1), (0, 0, 60, 30, 2)], stated=stated)
    assert weights[1, 2] == pytest.approx(np.log2(3))
    assert weights[3, 4] == pytest.approx(np.log2(3))
    assert describe(found, lambda _: "x" * 60, stated=stated) == ["employs", "founded"]


def test_no_mentions_give_no_relationships():
    weights, found = related([])
    assert weights == {}
    assert describe(found, lambda _: "") == []
