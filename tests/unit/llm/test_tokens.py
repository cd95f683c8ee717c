from __future__ import annotations

import re

import pytest

from graphrag_lite.llm.protocols import Message
from graphrag_lite.llm.tokens import MESSAGE_TOKENS, EstimatingTokenizer, compact_json, count_messages, most_tokens


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("abcd", 1), ("abcde", 2), ("鲁迅是作家", 5), ("鲁迅 wrote", 4), ("서울・東京", 5)]
)
def test_a_character_of_chinese_japanese_or_korean_is_estimated_as_a_token_and_four_others_too(
    text: str, tokens: int
) -> None:
    assert EstimatingTokenizer().count(text) == tokens


def test_every_message_costs_its_frame() -> None:
    assert count_messages([Message("system", "abcd"), Message("user", "鲁迅")]) == 3 + 2 * MESSAGE_TOKENS


@pytest.mark.parametrize("text", ["how are you", "a b c d e", "Xqz vwk pfl", "strengths of the lamp"])
def test_the_bound_covers_half_a_token_for_each_letter_of_every_word(text: str) -> None:
    assert most_tokens(text) >= sum(-(-len(word) // 2) for word in re.findall("[A-Za-z]+", text))


@pytest.mark.parametrize("gap", ["   ", "\t\t\t"])
def test_of_a_gap_between_words_the_bound_counts_all_but_the_blank_that_joins_a_word(gap: str) -> None:
    assert most_tokens(f"ab{gap}cd") == most_tokens("ab cd") + 2 == most_tokens("ab") + most_tokens("cd") + 2


def test_json_for_a_prompt_has_no_blanks_and_writes_every_script_as_it_is() -> None:
    assert compact_json({"n": ["鲁迅", 1]}) == '{"n":["鲁迅",1]}'
