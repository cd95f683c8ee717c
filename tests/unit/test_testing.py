"""The doubles behave as the protocols ask."""

import numpy as np
import pytest

from graphrag_lite.errors import ModelReplyError, RateLimitError
from graphrag_lite.llm.protocols import ChatReply, ChatRequest, Message
from graphrag_lite.testing import HashEmbeddingModel, ScriptedChatModel

REQUEST = ChatRequest((Message("user", "Hello"),))


def test_texts_that_share_words_are_near() -> None:
    a, b, c = HashEmbeddingModel().embed(["the red pump failed", "a pump failed", "tea at noon"])
    assert a @ b > a @ c
    assert np.isclose(np.linalg.norm(a), 1)


def test_the_same_text_has_the_same_vector() -> None:
    assert np.array_equal(HashEmbeddingModel().embed(["pump"]), HashEmbeddingModel().embed(["pump"]))


def test_a_script_is_followed_and_runs_out() -> None:
    model = ScriptedChatModel(["one", RateLimitError("slow down"), "two"])
    assert model.complete(REQUEST).text == "one"
    with pytest.raises(RateLimitError):
        model.complete(REQUEST)
    *words, reply = model.stream(REQUEST)
    assert "".join(map(str, words)).strip() == "two"
    assert isinstance(reply, ChatReply)
    with pytest.raises(ModelReplyError, match="run out"):
        model.complete(REQUEST)
