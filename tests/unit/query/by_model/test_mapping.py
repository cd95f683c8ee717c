from __future__ import annotations

import json

import pytest

from graphrag_lite.llm.counting import CountingChatModel
from graphrag_lite.llm.protocols import ChatReply, ChatRequest
from graphrag_lite.llm.structured import CutOffError, whole_items
from graphrag_lite.query.by_model.generate import ContextItem
from graphrag_lite.query.by_model.mapping import Allowance, map_batches

ITEMS = [ContextItem(f"Lamp {n} was mended by Ada.", f"Lamp {n}") for n in range(4)]


class Reads:
    """A model that can say something about so many items at once, and no more."""

    name = "reads"

    def __init__(self, most: int) -> None:
        self.most = most
        self.sizes: list[int] = []

    def complete(self, request: ChatRequest) -> ChatReply:
        shown = request.messages[1].content
        size = next(n for n in range(len(ITEMS), 0, -1) if any(numbered_as(n, part) in shown for part in ITEMS))
        self.sizes.append(size)
        if size > self.most:
            return ChatReply('{"points":[{"text":"Lamp', finish_reason="length")
        points = [{"text": f"{n}", "reports": [n], "score": 50} for n in range(1, size + 1)]
        return ChatReply(json.dumps({"points": points}))


def numbered_as(number: int, item: ContextItem) -> str:
    return f" {number} {item.title}\n"


def sources(model: Reads, tokens: int) -> tuple[list[int], int]:
    """The items that points were drawn from, and how many parts failed."""
    parts = map_batches(CountingChatModel(model), "Who?", ITEMS, [[0, 1, 2, 3]], Allowance(tokens))  # type: ignore[arg-type]  # no stream is needed
    drawn = [n for part in parts for point in part.mapped.points for n in point.sources]
    return sorted(drawn), sum(part.error is not None for part in parts)


def test_a_batch_that_is_too_long_is_halved_until_it_is_read() -> None:
    model = Reads(1)
    assert sources(model, 10_000) == ([0, 1, 2, 3], 0)
    assert sorted(model.sizes) == [1, 1, 1, 1, 2, 2, 4]


def test_no_half_is_asked_for_beyond_the_allowance() -> None:
    model = Reads(2)
    assert sources(model, 300) == ([0, 1], 1)
    assert sources(Reads(2), 0) == ([], 2)


def test_one_item_that_is_too_long_is_told_once() -> None:
    parts = map_batches(CountingChatModel(Reads(0)), "Who?", ITEMS, [[0]], Allowance(10_000))  # type: ignore[arg-type]  # no stream is needed
    assert [type(part.error) for part in parts] == [CutOffError]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"points":[{"text":"a"},{"text":"b"},{"text":"c', [{"text": "a"}, {"text": "b"}]),
        ('```json\n[{"text":"a"}, {"te', [{"text": "a"}]),
        ('{"points":[{"text":"a [1]', []),
        ('{"points":[', []),
        ("", []),
        ('{"points":["a", "b"', []),
    ],
)
def test_whole_items_of_a_reply_that_was_cut_off(text: str, found: list[dict[str, str]]) -> None:
    assert whole_items(text) == found
