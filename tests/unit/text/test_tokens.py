import pytest

from graphrag_lite.text.tokens import estimate_tokens, token_weight


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2), ("灯塔守护人", 5), ("灯塔 ab", 3), ("등대，", 3), ("é" * 8, 2)],
)
def test_estimate_counts_cjk_characters_and_quarters_of_others(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens


def test_weights_of_pieces_add_up() -> None:
    text = "The lamp 灯塔 of Brest，été 😀"
    assert token_weight(text) == sum(token_weight(c) for c in text)
