import pytest

from graphrag_lite.errors import as_sentence


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("the JSON has no end", "the JSON has no end."),
        ("It failed.", "It failed."),
        ("Why?", "Why?"),
        ("it said “no.”", "it said “no.”"),
        ("模型不存在", "模型不存在。"),
        ("模型不存在。", "模型不存在。"),
        ("", ""),
    ],
)
def test_words_end_like_a_sentence(words: str, sentence: str) -> None:
    assert as_sentence(words) == sentence
