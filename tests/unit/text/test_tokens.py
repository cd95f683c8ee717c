import pytest

from graphrag_lite.text.tokens import estimate_tokens, first_tokens, token_weight


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2), ("灯塔守护人", 5), ("灯塔 ab", 3), ("등대，", 3), ("é" * 8, 2)],
)
def test_estimate_counts_cjk_characters_and_quarters_of_others(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens


def test_weights_of_pieces_add_up() -> None:
    text = "The lamp 灯塔 of Brest，été 😀"
    assert token_weight(text) == sum(token_weight(c) for c in text)


@pytest.mark.parametrize("text", ["a lamp " * 100, "灯塔" * 100, "灯 ab" * 100])
def test_first_tokens_are_as_many_as_fit(text: str) -> None:
    cut = first_tokens(text, 30)
    assert text.startswith(cut)
    assert estimate_tokens(cut) == 30
    assert first_tokens(text, 1000) == text
