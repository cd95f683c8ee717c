from __future__ import annotations

from typing import Any

import pytest

from graphrag_lite.llm.openai_compatible import _counts_thoughts, _usage


@pytest.mark.parametrize(
    ("counted", "billed", "thinks"),
    [
        ({"total_tokens": 110}, (100, 10), False),
        ({"total_tokens": 110, "prompt_tokens_details": {"cached_tokens": 64}}, (100, 10), False),
        ({"total_tokens": 110, "completion_tokens_details": {"reasoning_tokens": 5}}, (100, 10), True),
        ({"total_tokens": 410, "completion_tokens_details": {"reasoning_tokens": 300}}, (100, 310), True),
        ({"total_tokens": 410}, (100, 310), True),
        ({"total_tokens": 410, "prompt_tokens_details": {"cached_tokens": 64}}, (100, 310), True),
        ({"total_tokens": 174, "prompt_tokens_details": {"cached_tokens": 64}}, (164, 10), False),
        ({"total_tokens": 174, "cache_read_input_tokens": 40, "cache_creation_input_tokens": 24}, (164, 10), False),
        ({"total_tokens": 46, "prompt_tokens_details": {"cached_tokens": 64}}, (100, 10), False),
        ({"total_tokens": None}, (100, 10), False),
        ({"total_tokens": "410"}, (100, 10), False),
    ],
    ids=["openai", "cached", "thoughts", "xai", "gemini", "gemini cached", "gateway", "anthropic", "less", "no", "odd"],
)
def test_what_stands_in_the_total_alone_is_billed_as_what_it_is(
    counted: Any, billed: tuple[int, int], thinks: bool
) -> None:
    body = {"prompt_tokens": 100, "completion_tokens": 10} | counted
    usage = _usage(body, lambda: 0, "")
    assert ((usage.prompt_tokens, usage.completion_tokens), _counts_thoughts(body)) == (billed, thinks)


@pytest.mark.parametrize(
    ("counted", "written", "billed"),
    [
        ({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, "Ada Renn.", (70, 6)),
        ({"prompt_tokens": 50, "completion_tokens": 0}, "Ada Renn.", (70, 6)),
        ({"prompt_tokens": 50, "completion_tokens": 0}, "", (50, 0)),
        (None, "Ada Renn.", (70, 6)),
    ],
    ids=["zeros", "no reply", "empty", "nothing"],
)
def test_a_reply_that_counts_for_nothing_is_counted_here(counted: Any, written: str, billed: tuple[int, int]) -> None:
    usage = _usage(counted, lambda: 70, written)
    assert (usage.prompt_tokens, usage.completion_tokens) == billed
