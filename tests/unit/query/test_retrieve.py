"""Ranking over small indexes that are built in memory, as `index` builds them."""

import numpy as np
import pyarrow as pa
import pytest

from graphrag_lite.index.arrays import lexical_arrays, row_arrays
from graphrag_lite.index.entities import encode_mentions
from graphrag_lite.index.extract import extract_candidates
from graphrag_lite.index.links import ChunkLabels, link_arrays
from graphrag_lite.index.match import match_document
from graphrag_lite.index.vocabulary import Counts, build_vocabulary
from graphrag_lite.query.retrieve import Retriever
from graphrag_lite.text.topic import topic_key

HARBOUR = [
    ("Gannet Head lighthouse", "The Gannet Head lighthouse was designed by Josiah Pell. It stands on a cliff."),
    ("Josiah Pell", "Josiah Pell was an engineer. He was trained by Ann Marrow in Thorsby."),
    ("Ann Marrow", "Ann Marrow was born in Wexmouth. She taught at the Thorsby School."),
    ("Swing bridge", "The swing bridge opens at noon. The bridge is painted every year."),
    ("Ferry", "The ferry leaves at nine. A ticket for the ferry costs four pounds."),
    ("Hungary", "Hungary is a country. Its capital is Budapest."),
    ("Otto Brandt", "Otto Brandt was a Hungarian painter. He painted ships."),
]


def build(documents):
    columns = ["document_id", "chunk_id", "key", "entity_key", "start", "end", "sentence_start", "sentence_end"]
    titles, texts = [t for t, _ in documents], [x for _, x in documents]
    vocabulary = build_vocabulary(Counts(map(extract_candidates, texts), titles))
    rows = []
    for n, (title, text) in enumerate(documents):
        for m in match_document(vocabulary, title, [text])[0][0]:
            span = (m.start, m.end, m.sentence_start, m.sentence_end)
            rows.append(dict(zip(columns, (f"d{n}", f"c{n}", m.key, m.entity_key, *span), strict=True)))
    ids = [f"c{n}" for n in range(len(documents))]
    mentions = encode_mentions(pa.Table.from_pylist(rows).to_batches(), ids)
    labels = ChunkLabels(titles, [""] * len(texts), [topic_key(t) for t in texts], [True] * len(texts))
    links, keys = link_arrays(mentions, vocabulary, labels)
    searched = [f"{title}\n{text}" for title, text in documents]
    return Retriever(lexical_arrays(searched, len(texts)) | links | row_arrays("chunk", ids), len(texts)), keys


@pytest.fixture(scope="module")
def harbour():
    return build(HARBOUR)


def rows(ranking, k=8):
    return [row for row, _ in ranking.top(k)]


def test_a_single_fact_is_first(harbour):
    assert rows(harbour[0].search("When does the ferry leave?"))[0] == 4


def test_two_hops_reach_the_passage_that_shares_no_word_with_the_question(harbour):
    found = rows(harbour[0].search("Who trained the designer of the Gannet Head lighthouse?"), 3)
    assert {0, 1} <= set(found)


def test_misspelt_name_is_found_and_led_on_from(harbour):
    right, wrong = (harbour[0].search(f"Who trained the designer of the {name} lighthouse?") for name in
                    ("Gannet Head", "Ganet Head"))  # fmt: skip
    assert rows(right) == rows(wrong)
    assert right.asked == wrong.asked


def test_the_second_round_goes_on_from_the_first(harbour):
    question = "Where was the teacher of the designer of the Gannet Head lighthouse born?"
    with_one, with_two = harbour[0].search(question, rounds=(0.8,)), harbour[0].search(question)
    score = lambda ranking: dict(ranking.top(10)).get(2, 0.0)  # noqa: E731
    assert score(with_two) > score(with_one)


def test_the_path_names_the_entities_between_passages(harbour):
    retriever, keys = harbour
    ranking = retriever.search("Who trained the designer of the Gannet Head lighthouse?")
    path = ranking.path(1)
    assert path[-1][1] == 1
    assert path[0][1] == 0
    assert keys[path[-1][0]] == "josiah pell"


def test_without_rounds_only_direct_matches_count(harbour):
    ranking = harbour[0].search("Who designed the Gannet Head lighthouse?", rounds=())
    assert 2 not in rows(ranking)


def test_a_demonym_means_its_country(harbour):
    assert 6 in rows(harbour[0].search("Which painters came from Hungary?"), 3)


def test_a_lower_case_question_finds_names(harbour):
    retriever, keys = harbour
    assert [keys[e] for e in retriever.question_entities("who trained josiah pell")] == ["josiah pell"]


def test_a_capital_is_asked_for_where_the_question_has_some(harbour):
    retriever, keys = harbour
    assert "ferry" not in [keys[e] for e in retriever.question_entities("Did Ann Marrow take a ferry?")]


def test_a_mask_keeps_rows_out_of_results_and_paths(harbour):
    mask = np.ones(len(HARBOUR), bool)
    mask[0] = False
    ranking = harbour[0].search("Who trained the designer of the Gannet Head lighthouse?", mask=mask)
    assert 0 not in rows(ranking)
    assert all(row != 0 for r in rows(ranking) for _, row in ranking.path(r))


def test_vectors_decide_where_words_say_nothing(harbour):
    near = (np.array([3, 4]), np.array([0.9, 0.1], np.float32))
    assert rows(harbour[0].search("xyzzy", dense=near)) == [3]


def test_nothing_found_is_an_empty_ranking(harbour):
    assert rows(harbour[0].search("xyzzy plugh")) == []


def test_an_empty_index_ranks_nothing():
    retriever = Retriever(
        lexical_arrays([], 0)
        | {name: np.zeros(1, np.int64) for name in ("chunk_start", "entity_start", "name_start")}
        | {name: np.zeros(0, np.int32) for name in ("chunk_entity", "entity_row", "name_entity")}
        | {"entity_strength": np.zeros(0, np.float32), "name_hash": np.zeros(0, np.uint64)}
        | {"name_is_free": np.zeros(0, bool)},
        0,
    )
    assert retriever.search("anything at all").top(8) == []


def test_chinese_names_and_words_are_found():
    retriever, keys = build(
        [
            ("", "海星研究所位于凯尔德港。顾婉婷是海星研究所的所长。"),
            ("", "潮汐发电站建于1998年，由宁川公司负责运营。"),
            ("", "顾婉婷出生于宁川，曾在潮汐发电站工作。"),
        ]
    )
    assert rows(retriever.search("潮汐发电站什么时候建成？"))[0] == 1
    assert retriever.cjk_names("海星研究所的所长是谁？")[0] == "海星研究所"
    assert "海星研究所" in [keys[e] for e in retriever.question_entities("海星研究所的所长是谁？")]


def test_rows_of_vectors_repeat_for_equal_texts():
    retriever = Retriever(row_arrays("embedded", ["a", "b", "a"]), 3)
    found, similarity = retriever.rows_of_vectors(["a", "x", "b"], np.array([0.9, 0.5, 0.1]))
    assert found.tolist() == [0, 2, 1]
    assert similarity.tolist() == [0.9, 0.9, 0.1]
