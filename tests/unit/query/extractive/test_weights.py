from graphrag_lite.query.asked import read_question
from graphrag_lite.query.extractive.weights import corpus_weights


def weights(question: str) -> dict[str, float]:
    return corpus_weights(read_question(question), [], lambda term: 1.0)


def test_a_long_chinese_word_does_not_weigh_what_all_its_pairs_do() -> None:
    found = weights("设备管理员住哪里？")
    assert found["设备"] < found["管理"] + found["理员"] < 2 * found["设备"]


def test_a_pair_across_two_chinese_words_weighs_less_than_one_within() -> None:
    found = weights("设备列表归谁？")
    assert found["备列"] < found["设备"] == found["列表"]
