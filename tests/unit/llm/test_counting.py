from __future__ import annotations

from collections.abc import Iterator

import pytest

from graphrag_lite.errors import PendingError
from graphrag_lite.llm.counting import CountingChatModel
from graphrag_lite.llm.prices import Price
from graphrag_lite.llm.protocols import ChatReply, ChatRequest, Message
from graphrag_lite.llm.retry import LostReplyError
from graphrag_lite.records import Usage

PAID = Usage(1, 0, 10, 2, 0.25)
REQUEST = ChatRequest((Message("user", "four" * 16),), purpose="extract")  # 20 tokens with its frame


class Replies:
    """Gives what it was made with, one a call; in a stream, all of it."""

    name = "replies"
    price = Price(1.0, 1.0)

    def __init__(self, *given: str | ChatReply | Exception) -> None:
        self._given = list(given)

    def complete(self, request: ChatRequest) -> ChatReply:
        (reply,) = self.stream(request)
        assert isinstance(reply, ChatReply)
        return reply

    def stream(self, request: ChatRequest) -> Iterator[str | ChatReply]:
        for given in self._given:
            if isinstance(given, Exception):
                raise given
            yield given


def counted(*given: str | ChatReply | Exception, streams: bool = False) -> CountingChatModel:
    """What was counted of one call."""
    model = CountingChatModel(Replies(*given))
    if streams:
        list(model.stream(REQUEST))
    else:
        model.complete(REQUEST)
    return model


@pytest.mark.parametrize("streams", [False, True], ids=["complete", "stream"])
def test_a_reply_is_counted_by_its_purpose(streams: bool) -> None:
    model = counted(ChatReply("Yes.", usage=PAID), streams=streams)
    assert (model.usage, model.by_purpose) == (PAID, {"extract": PAID})


@pytest.mark.parametrize(
    ("reply", "tokens"),
    [
        (ChatReply("Yes."), 20),
        (ChatReply("Ye", finish_reason="length"), 20),
        (ChatReply("", cached=True), 20),
        (ChatReply("", finish_reason="length"), 0),
    ],
    ids=["whole", "cut off", "empty", "prompt too long"],
)
def test_the_tokens_of_every_prompt_count_that_was_read(reply: ChatReply, tokens: int) -> None:
    assert counted(reply).asked_tokens == tokens


def test_a_stream_that_breaks_off_is_counted_by_estimate() -> None:
    model = CountingChatModel(Replies("four" * 5, LostReplyError("It broke off.")))
    with pytest.raises(LostReplyError):
        list(model.stream(REQUEST))
    assert (model.usage.calls, model.usage.prompt_tokens, model.usage.completion_tokens) == (1, 20, 5)
    assert model.usage.cost_usd == pytest.approx(25 / 1e6)


def test_what_comes_with_a_batch_is_known_by_its_purpose() -> None:
    model = CountingChatModel(Replies(PendingError("Later.")))
    with pytest.raises(PendingError):
        model.complete(REQUEST)
    assert (model.pending, model.usage) == (frozenset({"extract"}), Usage())
