import numpy as np
import pytest

from graphrag_lite.index.arrays import lexical_arrays
from graphrag_lite.query.extractive.topics import Sample, find_parts, find_topics, sampled

PUMP = (
    "The pump lifts water from the dock. A pump without a valve lets the water back; the valve of the pump is bronze."
)
LAMP = "The lamp burns oil in the tower. A lamp in the tower is seen far off; the oil of the lamp is dear."
PLAIN = "Somebody came by on Monday and asked again whether it would take much longer than last year."


def sample(texts, works=None):
    rows = np.arange(len(texts))
    numbers = np.array(works if works is not None else range(len(texts)))
    return lexical_arrays(texts, len(texts)), Sample(rows, numbers, lambda wanted: [texts[r] for r in wanted])


def topics(texts, works=None, **options):
    return find_topics(*sample(texts, works), **options)


def test_words_that_keep_company_are_one_topic():
    found = topics([PUMP, LAMP, PLAIN] * 4)
    assert {"pump", "valve"} <= set(found[0].words) or {"lamp", "oil"} <= set(found[0].words)
    assert not any({"pump", "lamp"} <= set(topic.words) for topic in found)


def test_words_that_are_merely_used_are_no_topic():
    assert not any({"monday", "longer", "somebody"} & set(topic.words) for topic in topics([PUMP, LAMP, PLAIN] * 4))


def test_the_passages_of_a_topic_hold_its_words():
    texts = [PUMP, LAMP, PLAIN] * 4
    for topic in topics(texts):
        assert all(topic.words[0] in texts[row].lower() for row in topic.rows[:2])


def test_a_word_of_one_work_is_no_topic_of_many():
    texts = [PUMP] * 8 + [LAMP, LAMP, LAMP, LAMP, LAMP, LAMP, LAMP, LAMP]
    found = topics(texts, [0] * 8 + list(range(1, 9)))
    assert found
    assert not any("pump" in topic.words for topic in found)


def test_the_language_of_the_question_comes_first():
    chinese = "水泵把水从船坞抽出来，水泵的阀门是青铜的，阀门坏了水泵就停。"
    assert "水泵" in topics([PUMP, chinese] * 5, is_chinese=True)[0].words
    assert "pump" in topics([PUMP, chinese] * 5)[0].words


def test_labels_of_speakers_are_no_topic():
    talk = "ADA QUILL: The pump lifts water from the dock.\n\nADA QUILL: A pump lets the water back."
    found = {word.lower() for topic in topics([talk, LAMP] * 5) for word in topic.words}
    assert "pump" in found
    assert not {"ada", "quill"} & found


def test_parts_follow_the_text():
    found = find_parts(*sample([PUMP] * 4 + [LAMP] * 4, [0] * 8), 2)
    assert "pump" in found[0].words
    assert "lamp" in found[1].words
    assert found[1].rows == (4, 5, 6, 7)


@pytest.mark.parametrize("texts", [[], [PLAIN]])
def test_nothing_to_speak_of_has_no_topics(texts):
    assert topics(texts) == []


def test_a_large_collection_is_sampled_evenly():
    rows = sampled(np.arange(50_000))
    assert len(rows) <= 12_000
    assert rows[-1] > 49_000
