from __future__ import annotations

import pytest

from graphrag_lite.llm.counting import CountingChatModel
from graphrag_lite.llm.protocols import ChatRequest, Message
from graphrag_lite.llm.tokens import MESSAGE_TOKENS
from graphrag_lite.query.by_model.room import Room, room_of
from graphrag_lite.settings import QuerySettings
from graphrag_lite.testing import ScriptedChatModel


class Windowed(ScriptedChatModel):
    """A model with a window."""

    def __init__(self, longest_prompt: int) -> None:
        super().__init__(["Yes."])
        self.longest_prompt = longest_prompt


def bare(tokens: int) -> ChatRequest:
    """A request of so many tokens."""
    return ChatRequest((Message("user", "four" * (tokens - MESSAGE_TOKENS)),))


def room(most: int = 1000, *, longest_prompt: int = 0, asked: int = 0) -> Room:
    model = CountingChatModel(Windowed(longest_prompt))
    if asked:
        model.complete(bare(asked))
    return Room(model, most)


def test_what_was_asked_and_what_is_to_be_asked_leaves_no_room() -> None:
    assert room().left() == 1000
    assert room(asked=300).left(bare(100), bare(50)) == 550


def test_sources_and_the_request_around_them_fit_the_window_together() -> None:
    assert room().in_window(bare(100), 5000) == 5000
    assert room(longest_prompt=800).in_window(bare(100), 5000) == 700
    assert room(longest_prompt=800).in_window(bare(100), 50) == 50


@pytest.mark.parametrize(
    ("asked", "longest_prompt", "tokens"), [(0, 0, 400), (600, 0, 300), (0, 250, 150), (980, 0, 40)]
)
def test_a_last_request_gets_what_is_left_and_never_nothing(asked: int, longest_prompt: int, tokens: int) -> None:
    assert room(longest_prompt=longest_prompt, asked=asked).for_sources(bare(100), 400) == tokens


def test_whole_collections_get_the_room_of_their_own_setting() -> None:
    settings = QuerySettings(local_context_tokens=200, global_context_tokens=10_000)
    model = room().model
    assert room_of(model, "basic", settings).most == room_of(model, "local", settings).most < 1000
    assert room_of(model, "drift", settings).most == room_of(model, "global", settings).most > 10_000
