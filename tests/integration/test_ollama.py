"""A model served by Ollama, over real HTTP: the window that it gets, prompts it must not cut, thinking, streams."""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel

from graphrag_lite.errors import ModelRefusedError, ModelUnavailableError
from graphrag_lite.index.check_model import check_model
from graphrag_lite.llm.chat import CheckedChatModel, open_chat_model
from graphrag_lite.llm.protocols import ChatReply, ChatRequest, Message
from graphrag_lite.llm.structured import CutOffError, ask
from graphrag_lite.settings import LLMSettings
from tests import fake_ollama
from tests.fake_llm_server import Behaviour, FakeLLMServer

Open = Callable[..., CheckedChatModel]
SECRET = "The password is heron."


class Password(BaseModel):
    password: str


def password(body: Any) -> str:
    """What a model answers that reads only what it is shown."""
    known = any(SECRET in message["content"] for message in body["messages"])
    return '{"password":"heron"}' if known else '{"password":"unknown"}'


@pytest.fixture
def server() -> Iterator[FakeLLMServer]:
    with FakeLLMServer(Behaviour(), answer=password) as running:
        yield running


@pytest.fixture
def connect(server: FakeLLMServer, tmp_path: Path) -> Iterator[Open]:
    models: list[CheckedChatModel] = []

    def start(**settings: Any) -> CheckedChatModel:
        values = {"model": "qwen2.5:7b", "provider": "ollama", "base_url": server.url, "timeout_s": 5.0} | settings
        models.append(open_chat_model(LLMSettings(**values), cache_path=tmp_path / "cache.sqlite"))
        return models[-1]

    yield start
    for model in models:
        model.close()


def request(words: int = 10, text: str = "word ") -> ChatRequest:
    """A request whose first sentence matters, with so many words behind it."""
    return ChatRequest(
        (Message("system", "Reply in JSON."), Message("user", f"{SECRET} {text * words} Which password?"))
    )


def test_a_prompt_longer_than_the_default_window_is_read_whole(server: FakeLLMServer, connect: Open) -> None:
    assert ask(connect(), request(6000), Password).password == "heron"
    assert server.ollama.windows == [16_384]


def test_small_prompts_share_one_window_and_the_model_is_loaded_once(server: FakeLLMServer, connect: Open) -> None:
    model = connect()
    for words in (10, 200, 1500):
        ask(model, request(words), Password)
    assert (server.ollama.windows, server.ollama.loads) == ([8192] * 3, 1)


def test_the_window_only_grows(server: FakeLLMServer, connect: Open) -> None:
    model = connect()
    for words in (10, 6000, 20):
        ask(model, request(words), Password)
    assert server.ollama.windows == [8192, 16_384, 16_384]


def test_a_larger_window_that_is_loaded_already_is_kept(server: FakeLLMServer, connect: Open) -> None:
    server.ollama.loaded = {"qwen2.5:7b": 32_768}
    ask(connect(), request(), Password)
    assert (server.ollama.windows, server.ollama.loads) == ([32_768], 0)


def test_the_window_of_a_modelfile_is_kept_where_it_is_larger(server: FakeLLMServer, connect: Open) -> None:
    server.ollama.declared_context = 12_000
    ask(connect(), request(), Password)
    assert server.ollama.windows == [12_000]


def test_the_setting_decides_the_window(server: FakeLLMServer, connect: Open) -> None:
    model = connect(context_tokens=2048)
    ask(model, request(), Password)
    with pytest.raises(CutOffError):
        ask(model, request(3000), Password)
    assert set(server.ollama.windows) == {2048}


def test_a_prompt_longer_than_the_model_can_hold_counts_as_cut_off(server: FakeLLMServer, connect: Open) -> None:
    server.ollama.trained_context = 8192
    with pytest.raises(CutOffError):
        ask(connect(), request(9000), Password)


def test_text_of_more_tokens_than_expected_widens_the_window(server: FakeLLMServer, connect: Open) -> None:
    odd = request(2900, "a-b ")  # a word of four characters is three tokens of this server
    assert ask(connect(), odd, Password).password == "heron"
    assert server.ollama.windows == [8192, 16_384]


def test_an_old_server_that_cuts_all_the_same_is_noticed(
    server: FakeLLMServer, connect: Open, caplog: pytest.LogCaptureFixture
) -> None:
    server.ollama.knows_truncate = False
    server.ollama.counts_prompt_to = 2048
    with caplog.at_level(logging.WARNING), pytest.raises(CutOffError):
        ask(connect(context_tokens=2048), request(6000), Password)
    assert "Update Ollama" in caplog.text


def test_usage_is_counted_and_a_reply_is_asked_for_once(server: FakeLLMServer, connect: Open) -> None:
    model = connect()
    for _ in range(2):
        model.complete(request())
    assert server.counts.replies == 1
    assert model.meter.usage.prompt_tokens == server.counts.prompt_tokens > 0
    assert model.meter.usage.completion_tokens == server.counts.completion_tokens > 0


def test_json_is_asked_for_by_schema(server: FakeLLMServer, connect: Open) -> None:
    ask(connect(), request(), Password)
    assert server.counts.bodies[-1]["format"]["required"] == ["password"]


def test_the_temperature_of_the_settings_is_asked_for(server: FakeLLMServer, connect: Open) -> None:
    connect(temperature=0.7).complete(request())
    assert server.counts.bodies[-1]["options"]["temperature"] == 0.7


def test_a_reply_at_the_output_limit_counts_as_cut_off(server: FakeLLMServer, connect: Open) -> None:
    server.answer = lambda body: "many words " * 100
    reply = connect(max_output_tokens=20).complete(request())
    assert reply.finish_reason == "length"


def test_a_reply_that_repeats_itself_up_to_the_limit_is_cut(server: FakeLLMServer, connect: Open) -> None:
    server.answer, server.behaviour.loops = lambda body: "A heron. ", "It stands in the reeds. "
    reply = connect().complete(request())
    assert (reply.text, reply.finish_reason) == ("A heron. It stands in the reeds.", "repetition")


def test_streams_come_in_pieces_and_end_with_the_whole(server: FakeLLMServer, connect: Open) -> None:
    server.answer = lambda body: "The heron stands in the reeds."
    *pieces, last = connect().stream(request())
    assert len(pieces) > 3
    assert "".join(pieces) == last.text == "The heron stands in the reeds."  # type: ignore[arg-type]
    assert isinstance(last, ChatReply)
    assert last.usage.prompt_tokens == server.counts.prompt_tokens


@pytest.mark.parametrize("in_thought", [False, True], ids=["text", "thought"])
def test_a_stream_that_repeats_itself_is_stopped(server: FakeLLMServer, connect: Open, in_thought: bool) -> None:
    server.answer, server.behaviour.loops = lambda body: "A heron. ", "It stands in the reeds. "
    server.behaviour.misfiles_text = in_thought
    server.behaviour.stream_delay_s = 0.0005
    *pieces, last = connect().stream(request())
    assert isinstance(last, ChatReply)
    assert (last.finish_reason, last.text) == ("repetition", "".join(map(str, pieces)))
    assert 300 < len(last.text + last.reasoning) < 1000
    assert server.was_given_up()


def test_a_stream_is_cut_at_ends_of_lines_alone(
    server: FakeLLMServer, connect: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer = lambda body: "One\x85two\u2028three."
    dumps = functools.partial(json.dumps, ensure_ascii=False)
    monkeypatch.setattr(fake_ollama, "json", SimpleNamespace(dumps=dumps))
    *_, last = connect(max_retries=0).stream(request())
    assert last.text.endswith("three.")


def test_a_stream_that_ends_in_an_error_is_no_answer(server: FakeLLMServer, connect: Open) -> None:
    server.ollama.stream_error = "model runner has unexpectedly stopped"
    with pytest.raises(ModelUnavailableError, match="broke off its reply: model runner"):
        list(connect(max_retries=0).stream(request()))


def test_an_error_with_a_status_of_success_is_told(server: FakeLLMServer, connect: Open) -> None:
    server.ollama.stream_error = "llama runner process has terminated"
    with pytest.raises(ModelUnavailableError, match="broke off its reply: llama runner process"):
        connect(max_retries=0).complete(request())


def test_a_stream_of_a_prompt_longer_than_the_model_can_hold_counts_as_cut_off(
    server: FakeLLMServer, connect: Open
) -> None:
    server.ollama.trained_context = 2048
    (last,) = connect().stream(request(5000))
    assert isinstance(last, ChatReply)
    assert last.finish_reason == "length"


def test_text_that_the_server_files_as_thought_is_found(server: FakeLLMServer, connect: Open) -> None:
    server.behaviour.misfiles_text = True
    assert ask(connect(), request(), Password).password == "heron"


def test_models_that_can_think_are_told_not_to(server: FakeLLMServer, connect: Open) -> None:
    server.ollama.can_think = True
    reply = connect().complete(request())
    assert (server.counts.bodies[-1]["think"], reply.reasoning) == (False, "")


def test_models_that_can_think_do_so_where_the_settings_say_so(server: FakeLLMServer, connect: Open) -> None:
    server.ollama.can_think = True
    reply = connect(thinking=True).complete(request())
    assert "think" not in server.counts.bodies[-1]
    assert (reply.text, reply.reasoning) == ('{"password":"heron"}', "Let me look.")
    assert server.counts.bodies[-1]["options"]["num_predict"] >= 8000


def test_a_model_that_thinks_all_the_same_gets_room_from_then_on(server: FakeLLMServer, connect: Open) -> None:
    server.ollama.can_think, server.ollama.ignores_think = True, True
    model = connect()
    assert ask(model, request(), Password).password == "heron"
    ask(model, request(20), Password)
    first, second = (body["options"]["num_predict"] for body in server.counts.bodies)
    assert second == first + 8000


def test_a_model_that_only_knows_levels_is_asked_for_the_lowest(server: FakeLLMServer, connect: Open) -> None:
    server.ollama.can_think = True
    server.ollama.models = ("gpt-oss:20b",)
    connect(model="gpt-oss:20b").complete(request())
    assert server.counts.bodies[-1]["think"] == "low"


def test_a_model_served_elsewhere_keeps_its_own_window(server: FakeLLMServer, connect: Open) -> None:
    server.ollama.is_remote = True
    connect().complete(request())
    assert "num_ctx" not in server.counts.bodies[-1]["options"]


def test_a_model_that_was_never_pulled_is_named(connect: Open) -> None:
    with pytest.raises(ModelRefusedError, match=r"llama9.*not found"):
        connect(model="llama9").complete(request())
    assert check_model(connect(model="llama9")).problem.endswith(" It serves qwen2.5:7b.")


def test_another_server_on_the_port_is_explained(server: FakeLLMServer, connect: Open) -> None:
    server.ollama.is_ollama = False
    with pytest.raises(ModelRefusedError, match=r'llm\.provider = "other"'):
        connect().complete(request())


def test_the_check_tells_the_window_that_is_served(server: FakeLLMServer, connect: Open) -> None:
    server.answer = lambda body: '{"city":"Paris"}' if "France" in str(body) else None
    found = check_model(connect())
    assert (found.problem, found.context_tokens) == ("", 8192)


def test_few_calls_are_under_way_unless_the_settings_say_more(server: FakeLLMServer, connect: Open) -> None:
    """It works on one or a few at a time: of 25, the last would wait longer than its time-out."""
    assert connect().concurrency == 4
    assert connect(concurrency=12).concurrency == 12
    assert connect(provider="vllm", base_url=server.url).concurrency == 25
