"""The model layer against a real HTTP server that misbehaves: ladder, retries, cache, budget, reasoning, streams."""

from __future__ import annotations

import json
import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from graphrag_lite.errors import (
    BudgetExceededError,
    ModelError,
    ModelRefusedError,
    ModelReplyError,
    ModelUnavailableError,
    SettingsError,
)
from graphrag_lite.index.check_model import check_model, settings_for_check
from graphrag_lite.llm import endpoint
from graphrag_lite.llm.chat import CheckedChatModel, open_chat_model
from graphrag_lite.llm.dispatch import run_all
from graphrag_lite.llm.embedding import OpenAIEmbeddingModel, open_embedding_model
from graphrag_lite.llm.foreign import _retry_after_s
from graphrag_lite.llm.protocols import ChatReply, ChatRequest, Message
from graphrag_lite.llm.retry import LostReplyError
from graphrag_lite.llm.structured import CutOffError, ask, json_schema
from graphrag_lite.llm.usage import UsageMeter
from graphrag_lite.settings import EmbeddingSettings, LLMSettings
from tests.fake_llm_server import Behaviour, FakeLLMServer, Faults

Open = Callable[..., CheckedChatModel]


class Town(BaseModel):
    name: str


def town_text(body: Any) -> str:
    return '{"name":"Renn"}'


@pytest.fixture
def serve() -> Iterator[Callable[..., FakeLLMServer]]:
    servers: list[FakeLLMServer] = []

    def start(**how: Any) -> FakeLLMServer:
        answer = how.pop("answer", town_text)
        servers.append(FakeLLMServer(Behaviour(**how), answer=answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def connect(tmp_path: Path) -> Iterator[Open]:
    models: list[CheckedChatModel] = []

    def start(server: FakeLLMServer, *, max_usd: float = 0.0, **settings: Any) -> CheckedChatModel:
        values = {"model": "gpt-4o-mini", "base_url": server.url, "timeout_s": 5.0} | settings
        models.append(open_chat_model(LLMSettings(**values), cache_path=tmp_path / "cache.sqlite", max_usd=max_usd))
        return models[-1]

    yield start
    for model in models:
        model.close()


def request(text: str = "Which town? JSON.", **more: Any) -> ChatRequest:
    return ChatRequest((Message("system", "Reply in JSON."), Message("user", text)), purpose="test", **more)


def test_a_reply_is_paid_once_and_counted_as_the_server_counts(serve: Any, connect: Open) -> None:
    server = serve()
    model = connect(server)
    first, second = model.complete(request()), model.complete(request())
    assert server.counts.replies == 1
    assert (first.cached, second.cached) == (False, True)
    assert model.meter.usage.prompt_tokens == server.counts.prompt_tokens
    assert model.meter.usage.cost_usd == pytest.approx(server.counts.cost_usd(0.15, 0.60))
    assert model.meter.usage.cached_calls == 1
    assert [(s.purpose, s.calls) for s in model.cache.spending()] == [("test", 1)]


def test_the_cache_outlives_the_client(serve: Any, connect: Open) -> None:
    server = serve()
    connect(server).complete(request())
    assert connect(server).complete(request()).cached
    assert connect(server, context_tokens=5000).complete(request()).cached
    assert not connect(server, temperature=0.7).complete(request()).cached
    assert not connect(server, thinking=True).complete(request()).cached


def test_a_detour_is_paid_for_once(serve: Any, connect: Open) -> None:
    texts = iter(["no", town_text({})])
    server = serve(answer=lambda body: next(texts))
    for _ in range(2):
        assert ask(connect(server), request(), Town) == Town(name="Renn")
    assert server.counts.requests == 2


@pytest.mark.parametrize(("asked", "sent"), [(0, 300), (50, 50), (900, 300)])
def test_a_reply_may_be_as_long_as_request_and_settings_both_allow(
    serve: Any, connect: Open, asked: int, sent: int
) -> None:
    server = serve()
    connect(server, max_output_tokens=300).complete(request(max_output_tokens=asked))
    assert server.counts.bodies[0]["max_tokens"] == sent


def test_a_call_uses_up_what_it_has_cost_and_no_more(serve: Any, connect: Open) -> None:
    prices = {"price_input_usd": 0.0, "price_output_usd": 10.0, "max_output_tokens": 1000}
    model = connect(serve(), max_usd=0.015, **prices)  # enough for one call of 0.01 USD at most
    replies = [model.complete(request(f"Town {n}? JSON.")) for n in range(9)]
    assert model.meter.usage.cost_usd == pytest.approx(sum(reply.usage.cost_usd or 0.0 for reply in replies))
    assert all(0 < (reply.usage.cost_usd or 0.0) < 0.0005 for reply in replies)


def test_a_refused_call_uses_up_no_budget(serve: Any, connect: Open) -> None:
    server = serve(filtered_words=("Marley",))
    prices = {"price_input_usd": 0.0, "price_output_usd": 10.0, "max_output_tokens": 1000}
    model = connect(server, max_usd=0.015, **prices)  # enough for one call of 0.01 USD at most
    for _ in range(2):
        with pytest.raises(ModelRefusedError):
            model.complete(request("Marley was dead."))
    assert model.complete(request()).text
    assert model.meter.lost_usd == 0


def test_identical_requests_at_once_are_sent_once(serve: Any, connect: Open) -> None:
    server = serve(latency_s=0.1)
    model = connect(server)
    replies = list(run_all(lambda _: model.complete(request()), range(8), concurrency=8))
    assert all(outcome.result().text for outcome in replies)
    assert server.counts.replies == 1


@pytest.mark.parametrize("refused", [("json_schema",), ("json_schema", "json_object")])
def test_refused_formats_are_stepped_down_and_remembered(serve: Any, connect: Open, refused: tuple[str, ...]) -> None:
    server = serve(refuses_formats=refused, fenced=True)
    assert ask(connect(server), request(), Town) == Town(name="Renn")
    server.counts.statuses.clear()
    assert ask(connect(server), request("Another? JSON."), Town) == Town(name="Renn")
    assert server.counts.statuses[400] == 0


def test_a_format_that_is_refused_as_a_failure_of_the_server_is_stepped_down_from(serve: Any, connect: Open) -> None:
    where = {"type": "literal_error", "loc": ("body", "response_format", "type"), "input": "json_schema"}
    words = f'1 validation error:\n  {where}\n\n  File "app.py", line 376\n    POST /v1/chat/completions'
    server = serve(refuses_formats=("json_schema",), refuses_formats_with=(500, words))
    assert ask(connect(server, max_retries=0), request(), Town) == Town(name="Renn")
    assert server.counts.statuses[500] == 1


def test_refused_parameters_are_left_out(serve: Any, connect: Open) -> None:
    server = serve(refuses_parameters=("temperature", "max_tokens"))
    assert connect(server).complete(request()).text


@pytest.mark.parametrize("status", [400, 500], ids=["vllm", "llama.cpp"])
def test_a_model_without_a_system_turn_reads_its_text_in_the_users(serve: Any, connect: Open, status: int) -> None:
    server = serve(knows_no_system=status)
    for text in ("One", "Two"):
        assert connect(server).complete(request(text)).text
    assert server.counts.bodies[-1]["messages"] == [{"role": "user", "content": "Reply in JSON.\n\nTwo"}]
    assert server.counts.statuses[status] == 1


def test_a_server_that_refuses_every_form_is_not_asked_for_ever(serve: Any, connect: Open) -> None:
    server = serve(refuses_parameters=("max_tokens", "max_completion_tokens"))
    with pytest.raises(ModelRefusedError, match="refuses every form"):
        connect(server).complete(request())
    assert server.counts.requests < 10


def test_a_stream_goes_without_options_that_the_server_refuses(serve: Any, connect: Open) -> None:
    server = serve(refuses_parameters=("stream_options",))
    for text in ("Which town?", "Which other town?"):
        *_, whole = connect(server).stream(request(text))
        assert isinstance(whole, ChatReply)
        assert whole.usage.prompt_tokens > 0
    assert server.counts.statuses[400] == 1


PROFILES = {
    "openai": ("gpt-6-luna", {"refuses_parameters": ("max_tokens", "temperature")}),
    "deepseek": ("deepseek-flash", {"refuses_formats": ("json_schema",)}),
    "deepseek thinking": ("deepseek-reasoner", {"refuses_formats": ("json_schema",), "thinks": "field"}),
    "vllm": ("Qwen/Qwen3-8B", {"misfiles_text": True, "context_tokens": 3000, "counts_reply_room": True}),
    "sglang": ("deepseek-ai/DeepSeek-R1", {"thinks": "lone"}),
    "lmdeploy": ("internlm/internlm3-8b", {"refuses_formats": ("json_schema", "json_object")}),
    "llamacpp": ("qwen3-8b-q4", {"refuses_parameters": ("chat_template_kwargs",), "thinks": "tags"}),
    "other": ("some-model", {"refuses_formats": ("json_schema", "json_object"), "fenced": True, "sends_usage": False}),
}


@pytest.mark.parametrize("profile", PROFILES)
def test_every_provider_works_unattended(
    serve: Any, connect: Open, profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setenv("DEEPSEEK_API_KEY", "k")
    model_name, behaviour = PROFILES[profile]
    server = serve(**behaviour)
    model = connect(server, provider=profile.split()[0], model=model_name)
    assert ask(model, request(), Town) == Town(name="Renn")
    *pieces, last = model.stream(request("And streamed?"))
    assert last.text.strip().strip("`").endswith(("}", "Anything else?"))
    assert "".join(p for p in pieces if isinstance(p, str)) == last.text
    assert model.meter.usage.prompt_tokens > 0
    refused = server.counts.statuses[400]
    ask(model, request("Once more?"), Town)
    assert server.counts.statuses[400] == refused  # what was learned is kept


@pytest.mark.parametrize("thinks", ["tags", "lone", "field"])
def test_reasoning_never_reaches_parsing(serve: Any, connect: Open, thinks: str) -> None:
    model = connect(serve(thinks=thinks))
    assert ask(model, request(), Town) == Town(name="Renn")
    assert "look at each passage" in model.complete(request("Again? JSON.")).reasoning


def test_a_prompt_that_does_not_fit_counts_as_cut_off(serve: Any, connect: Open) -> None:
    with pytest.raises(CutOffError):
        ask(connect(serve(context_tokens=50)), request("long " * 100), Town)
    (whole,) = connect(serve(context_tokens=50)).stream(request("long " * 100))
    assert isinstance(whole, ChatReply)
    assert (whole.text, whole.finish_reason) == ("", "length")


def test_a_request_that_a_proxy_finds_too_large_counts_as_cut_off(serve: Any, connect: Open) -> None:
    server = serve(refuses_all_with="Request Entity Too Large", refusal_status=413)
    assert connect(server).complete(request()).finish_reason == "length"
    assert server.counts.requests == 1


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (413, "Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 9000"),
        (429, "Request too large for gpt-4o on tokens per min (TPM): Limit 300, Requested 4100. Reduce the input."),
        (500, "The decoder prompt (length 21535) is longer than the maximum model length of 16384."),
    ],
    ids=["groq", "openai", "xinference"],
)
def test_what_never_fits_is_not_waited_for(serve: Any, connect: Open, status: int, words: str) -> None:
    server = serve(refuses_all_with={"error": {"message": words}}, refusal_status=status)
    with pytest.raises(CutOffError):
        ask(connect(server, max_retries=9), request("long " * 100), Town)
    assert server.counts.requests <= 6


@pytest.mark.parametrize("streams", [False, True], ids=["whole", "stream"])
def test_what_does_not_fit_is_known_under_a_status_of_success(serve: Any, connect: Open, streams: bool) -> None:
    server = serve(context_tokens=50, streams_refusals=True)
    model = connect(server)
    reply = list(model.stream(request("long " * 100)))[-1] if streams else model.complete(request("long " * 100))
    assert isinstance(reply, ChatReply)
    assert (reply.text, reply.finish_reason, model.meter.lost_usd) == ("", "length", 0.0)


@pytest.mark.parametrize("streams", [False, True], ids=["whole", "stream"])
def test_what_is_refused_under_a_status_of_success_is_learned(serve: Any, connect: Open, streams: bool) -> None:
    server = serve(context_tokens=2000, counts_reply_room=True, refuses_parameters=("temperature",))
    server.behaviour.streams_refusals = True
    model = connect(server)
    reply = list(model.stream(request()))[-1] if streams else model.complete(request())
    assert isinstance(reply, ChatReply)
    assert reply.text == '{"name":"Renn"}'
    assert server.counts.requests == 3


def test_words_alone_tell_what_does_not_fit(serve: Any, connect: Open) -> None:
    words = "Input does not fit in context length. The input has 31430 tokens, but the context length only supports 300"
    body = {"error": {"message": words}, "message": words}
    (reply,) = connect(serve(replies_with=body)).stream(request())
    assert isinstance(reply, ChatReply)
    assert reply.finish_reason == "length"
    assert connect(serve(replies_with=body)).complete(request()).finish_reason == "length"


def test_a_refusal_as_the_only_event_of_a_stream_is_not_tried_again(serve: Any, connect: Open) -> None:
    server = serve(filtered_words=("town",), streams_refusals=True)
    with pytest.raises(ModelRefusedError, match="Content Exists Risk"):
        list(connect(server, max_retries=3).stream(request("Which town?")))
    assert server.counts.requests == 1


@pytest.mark.parametrize("streams", [False, True], ids=["whole", "stream"])
def test_a_model_that_thought_up_to_its_limit_is_cut_off_and_paid(serve: Any, connect: Open, streams: bool) -> None:
    words = "Could not finish the message because max_tokens or model output limit was reached. Please try again with"
    server = serve(refuses_all_with={"error": {"message": words}})
    model = connect(server, max_output_tokens=900)
    reply = list(model.stream(request()))[-1] if streams else model.complete(request())
    assert isinstance(reply, ChatReply)
    assert (reply.finish_reason, reply.usage.calls, reply.usage.completion_tokens) == ("length", 1, 900)
    assert server.counts.requests == 1


@pytest.mark.parametrize(
    ("written", "requests"),
    [('Here it is: {"name": "Renn",}', 1), ('{"name": "Ren', 2), ("", 2)],
    ids=["repaired", "no end", "nothing"],
)
def test_what_its_server_refuses_as_no_json_is_read_as_a_reply(
    serve: Any, connect: Open, written: str, requests: int
) -> None:
    words = "Failed to generate JSON. Please adjust your prompt. See 'failed_generation' for more details."
    error = {"message": words, "code": "json_validate_failed", "failed_generation": written}
    server = serve()
    model = connect(server)
    first = [{"role": m.role, "content": m.content} for m in request().messages]
    server.behaviour.refuses_values = {"messages": (first, {"error": error})}
    assert ask(model, request(), Town) == Town(name="Renn")
    assert [body["response_format"]["type"] for body in server.counts.bodies] == ["json_schema"] * requests
    assert model.meter.usage.completion_tokens >= len(written) // 4


def passed_on(words: str, code: int = 400) -> dict[str, Any]:
    """The body of an error as OpenRouter passes it on."""
    raw = json.dumps({"error": {"message": words, "code": code}})
    return {"error": {"message": "Provider returned error", "code": code, "metadata": {"raw": raw}}}


def test_a_prompt_that_does_not_fit_is_known_behind_a_gateway(serve: Any, connect: Open) -> None:
    server = serve(refuses_all_with=passed_on("This model's maximum context length is 300 tokens."))
    with pytest.raises(CutOffError):
        ask(connect(server), request("long " * 300), Town)


@pytest.mark.parametrize(
    "body",
    [
        {
            "detail": [
                {"type": "extra_forbidden", "loc": ["body", "chat_template_kwargs"], "msg": "Extra inputs are not"}
            ]
        },
        passed_on("Unknown argument: chat_template_kwargs"),
    ],
    ids=["pydantic", "gateway"],
)
def test_a_parameter_that_is_refused_beside_the_words_is_left_out(serve: Any, connect: Open, body: Any) -> None:
    switch = {"enable_thinking": False, "thinking": False}
    server = serve(refuses_values={"chat_template_kwargs": (switch, body)})
    model = connect(server, model="Qwen/Qwen3-8B", max_retries=1)
    assert ask(model, request(), Town) == Town(name="Renn")
    assert "chat_template_kwargs" not in server.counts.bodies[-1]


@pytest.mark.parametrize("body", [{}, "", {"detail": "Unprocessable Entity"}], ids=["empty", "no words", "status"])
def test_a_format_that_is_refused_without_a_word_is_stepped_down(serve: Any, connect: Open, body: Any) -> None:
    wanted = {"name": "town", "strict": True, "schema": json_schema(Town)}
    server = serve(refuses_values={"response_format": ({"type": "json_schema", "json_schema": wanted}, body)})
    assert ask(connect(server), request(), Town) == Town(name="Renn")
    assert [body["response_format"]["type"] for body in server.counts.bodies] == ["json_schema", "json_object"]


def test_what_did_not_fit_is_asked_again_once_the_window_is_wider(serve: Any, connect: Open) -> None:
    server = serve(context_tokens=50)
    model = connect(server)
    with pytest.raises(CutOffError):
        ask(model, request("long " * 100), Town)
    server.behaviour.context_tokens = 0
    assert ask(model, request("long " * 100), Town) == Town(name="Renn")


def test_what_was_cut_off_in_one_window_is_asked_again_in_another(serve: Any, connect: Open) -> None:
    server = serve(faults=Faults(truncated=1.0))
    with pytest.raises(CutOffError):
        ask(connect(server, context_tokens=4000), request(), Town, is_divisible=True)
    server.behaviour.faults.truncated = 0.0
    with pytest.raises(CutOffError):
        ask(connect(server, context_tokens=4000), request(), Town, is_divisible=True)
    assert ask(connect(server, context_tokens=8000), request(), Town, is_divisible=True) == Town(name="Renn")


def test_that_a_reply_was_cut_off_is_forgotten_where_nobody_could_ask_for_less(serve: Any, connect: Open) -> None:
    server = serve(faults=Faults(truncated=1.0))
    model = connect(server)
    with pytest.raises(CutOffError):
        ask(model, request(), Town)
    server.behaviour.faults.truncated = 0.0
    assert ask(model, request(), Town) == Town(name="Renn")


@pytest.mark.parametrize(
    "text",
    ['{"name":"Ren\\ud83dn"}', "[" * 3000, '{"name":"R","n":' + "9" * 6000 + "}"],
    ids=["half", "deep", "digits"],
)
def test_odd_json_spoils_no_run(serve: Any, connect: Open, text: str) -> None:
    replies = iter([text, '{"name":"Renn"}'])
    model = connect(serve(answer=lambda body: next(replies)))
    assert ask(model, request(), Town).name.encode().startswith(b"R")


@pytest.mark.parametrize("sends_usage", [True, False], ids=["counted", "uncounted"])
@pytest.mark.parametrize("streams", [False, True], ids=["whole", "stream"])
def test_half_a_character_in_a_reply_is_replaced(serve: Any, connect: Open, streams: bool, sends_usage: bool) -> None:
    server = serve(answer=lambda body: "A lamp \ud83d of Renn.", thinks="tags", sends_usage=sends_usage)
    model = connect(server)
    for _ in range(2):  # paid, and from the cache
        *pieces, reply = model.stream(request()) if streams else ["", model.complete(request())]
        assert reply.text == "A lamp ? of Renn."
        assert "".join(pieces) in ("", reply.text)
    assert server.counts.replies == 1


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning", "refusal"])
def test_half_a_character_beside_a_reply_spoils_no_cache(serve: Any, connect: Open, field: str) -> None:
    server = serve(replies_with=whole("Renn.", **{field: "hm \ud83d"}))
    assert [connect(server).complete(request()).text for _ in range(2)] == ["Renn.", "Renn."]
    assert server.counts.requests == 1


def test_half_a_character_in_an_error_can_be_printed(serve: Any, connect: Open) -> None:
    server = serve(refuses_all_with={"error": {"message": "no \ud83d here"}})
    with pytest.raises(ModelRefusedError, match=r"no \? here"):
        connect(server).complete(request())


def test_odd_bodies_are_lost_replies(serve: Any, connect: Open) -> None:
    for choices in (None, 1, {"a": 1}, [], [None], [{"message": None}], [{}], [{"message": {"content": {"a": 1}}}]):
        server = serve(replies_with={"choices": choices, "usage": {"prompt_tokens": "1", "completion_tokens": 2**70}})
        with pytest.raises(LostReplyError):
            connect(server, max_retries=0).complete(request())
    parts = [{"message": {"content": [{"type": "text", "text": "Renn"}]}, "finish_reason": "stop"}]
    assert connect(serve(replies_with={"choices": parts})).complete(request()).text == "Renn"


def whole(content: Any, finish_reason: str = "stop", **message: Any) -> dict[str, Any]:
    """The body of a reply."""
    return {"choices": [{"message": {"content": content} | message, "finish_reason": finish_reason}]}


@pytest.mark.parametrize("streams", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(
    ("body", "error", "told"),
    [
        (
            {"error": {"message": "Out of money", "code": 402}},
            ModelRefusedError,
            "402: Out of money. The account has no",
        ),
        ({"error": {"message": "busy", "code": 503}}, ModelUnavailableError, "503: busy"),
        ({"base_resp": {"status_code": 1004, "status_msg": "login fail"}}, LostReplyError, "a reply: login fail"),
        # of LMDeploy's proxy (0.18.0), when the server behind it is gone
        (
            {"error_code": 10402, "text": "Failed to get response after a period of time"},
            LostReplyError,
            "no chat completion but .*10402.*Failed to get response",
        ),
        # the same, of what that server had refused: only its streams keep the status
        (
            {"message": "The model 'm' does not exist.", "type": "not_found_error", "code": 404, "object": "error"},
            ModelRefusedError,
            "404: The model 'm' does not exist",
        ),
    ],
    ids=["refusal", "failure", "other", "unknown", "lmdeploy"],
)
def test_an_error_under_a_status_of_success_is_told(
    serve: Any, connect: Open, streams: bool, body: Any, error: type[Exception], told: str
) -> None:
    model = connect(serve(replies_with=body), max_retries=0)
    with pytest.raises(error, match=told):
        list(model.stream(request())) if streams else model.complete(request())


@pytest.mark.parametrize("streams", [False, True], ids=["whole", "stream"])
def test_a_reply_that_its_server_breaks_off_is_lost_and_not_kept(serve: Any, connect: Open, streams: bool) -> None:
    event = {"choices": [{"delta": {}, "finish_reason": "insufficient_system_resource"}]}
    server = serve(replies_with=None if streams else whole("Ren", "insufficient_system_resource"), last_event=event)
    model = connect(server, max_retries=0)
    for _ in range(2):
        with pytest.raises(LostReplyError, match="insufficient_system_resource"):
            list(model.stream(request())) if streams else model.complete(request())
    assert server.counts.requests == 2


def test_a_reply_at_its_limit_is_never_whole_whatever_its_server_calls_that(serve: Any, connect: Open) -> None:
    for name in ("max_tokens", "MAX_TOKENS", "model_length"):
        server = serve(replies_with=whole("Ren", name))
        assert not any(connect(server).complete(request()).is_complete for _ in range(2))
        assert server.counts.requests == 2


@pytest.mark.parametrize("streams", [False, True], ids=["whole", "stream"])
def test_a_refusal_is_no_empty_reply(serve: Any, connect: Open, streams: bool) -> None:
    model = connect(serve(replies_with=whole(None, refusal="I cannot help with that.")))
    reply = list(model.stream(request()))[-1] if streams else model.complete(request())
    assert isinstance(reply, ChatReply)
    assert (reply.text, reply.finish_reason, reply.usage.calls) == ("", "content_filter", 1)


def test_a_reply_that_comes_whole_though_a_stream_was_asked_for_is_read(serve: Any, connect: Open) -> None:
    *pieces, reply = connect(serve(replies_with=whole("Renn"))).stream(request())
    assert "".join(map(str, pieces)) == reply.text == "Renn"


def test_a_stream_of_parts_is_read(serve: Any, connect: Open) -> None:
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}
    event = {"choices": [{"delta": {"content": [thinking, {"type": "text", "text": " two"}]}, "finish_reason": "stop"}]}
    *pieces, reply = connect(serve(last_event=event, answer=lambda body: "one")).stream(request())
    assert ("".join(map(str, pieces)), reply.text, reply.reasoning) == ("one two", "one two", "Hm.")


@pytest.mark.parametrize(
    "said",
    [
        {"error": {"message": "Your account is suspended", "type": "exceeded_current_quota_error"}},
        {"error": {"code": "1113", "message": "余额不足或无可用资源包,请充值。"}},
        {"code": 30001, "message": "Sorry, your account balance is insufficient", "data": None},
        {"error": {"code": "Arrearage", "message": "Access denied, your account is not in good standing."}},
    ],
)
def test_an_account_without_credit_is_told_by_what_its_server_says(serve: Any, connect: Open, said: Any) -> None:
    with pytest.raises(ModelRefusedError, match="has no credit left"):
        connect(serve(refuses_all_with=said)).complete(request())


def test_the_key_is_in_no_traceback(serve: Any, connect: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-SECRET12345")
    with pytest.raises(ModelRefusedError) as caught:
        connect(serve(api_key="another"), api_key_env="OPENAI_API_KEY", max_retries=0).complete(request())
    assert "SECRET" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("key", ["“sk-abc”", "sk-abc\nSECRET"])
def test_what_can_be_no_key_is_refused_without_showing_it(
    serve: Any, connect: Open, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(SettingsError, match="OPENAI_API_KEY") as caught:
        connect(serve(), api_key_env="OPENAI_API_KEY")
    assert "abc" not in str(caught.value)


def test_a_server_that_is_too_slow_is_asked_three_times_at_most(serve: Any, connect: Open) -> None:
    server = serve(latency_s=1.0)
    with pytest.raises(ModelUnavailableError, match=r"llm\.timeout_s"):
        connect(server, timeout_s=0.2, max_retries=8).complete(request())
    assert server.counts.requests == 3


@pytest.mark.parametrize("status", [499, 504, 524])
def test_a_reply_that_a_proxy_did_not_wait_for_may_have_been_billed(
    serve: Any, connect: Open, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr("graphrag_lite.llm.retry._GROWTH", 0.1)
    server = serve(refuses_all_with="<html><title>Gateway time-out</title></html>", refusal_status=status)
    model = connect(server, max_retries=8)
    with pytest.raises(LostReplyError, match="Gateway time-out"):
        model.complete(request())
    assert server.counts.requests == 3
    assert model.meter.lost_usd > 0


def test_a_date_to_wait_for_is_understood() -> None:
    headers = {"retry-after": formatdate(time.time() + 3, usegmt=True)}
    assert 1.0 < (_retry_after_s(headers) or 0.0) <= 3.0
    assert _retry_after_s({"retry-after": "soon"}) is None


def test_a_budget_holds_where_the_server_counts_nothing(serve: Any, connect: Open) -> None:
    server = serve(sends_usage=False)
    model = connect(server)
    model.complete(request("Which town? JSON. " * 20))
    counted = server.counts
    assert model.meter.usage.prompt_tokens >= counted.prompt_tokens
    assert model.meter.usage.completion_tokens >= counted.completion_tokens


def test_one_refused_text_teaches_nothing_about_formats(serve: Any, connect: Open) -> None:
    server = serve(filtered_words=("Marley",))
    model = connect(server)
    with pytest.raises(ModelRefusedError):
        ask(model, request("Marley was dead. JSON."), Town)
    ask(model, request(), Town)
    assert server.counts.bodies[-1]["response_format"]["type"] == "json_schema"


def test_an_empty_text_is_kept_by_no_cache(serve: Any, connect: Open) -> None:
    server = serve(answer=lambda body: next(texts))
    texts = iter([" ", "Renn."])
    model = connect(server)
    assert model.complete(request("In plain words?")).text.strip() == ""
    assert model.complete(request("In plain words?")).text == "Renn."


def test_a_text_that_was_cut_off_is_asked_for_anew(serve: Any, connect: Open) -> None:
    server = serve(output_tokens=2, answer=lambda body: "one two three four")
    model = connect(server)
    assert not model.complete(request()).is_complete
    server.behaviour.output_tokens = 0
    assert model.complete(request()).text == "one two three four"


def test_a_reply_limit_beyond_the_context_is_lowered_once(serve: Any, connect: Open) -> None:
    server = serve(context_tokens=2000, counts_reply_room=True)
    model = connect(server)
    for text in ("Which town? JSON.", "Which other town? JSON."):
        assert ask(model, request(text), Town) == Town(name="Renn")
    assert server.counts.statuses[400] == 1


def test_a_model_that_cannot_stop_thinking_is_given_room_that_was_set_aside(serve: Any, connect: Open) -> None:
    server = serve(refuses_parameters=("chat_template_kwargs",), thinks="field")
    model = connect(server, model="Qwen/Qwen3-8B", max_output_tokens=500)
    assert ask(model, request(), Town) == Town(name="Renn")
    limits = [body["max_tokens"] for body in server.counts.bodies]
    assert limits == [500, 8500]


def test_a_model_that_nobody_knew_to_think_gets_room_for_it_from_then_on(serve: Any, connect: Open) -> None:
    server = serve(thinks="field")
    for number in range(3):
        connect(server, model="house-model", price_input_usd=1, price_output_usd=1).complete(request(str(number)))
    limits = [body["max_tokens"] for body in server.counts.bodies]
    assert limits == [limits[0], limits[0] + 8000, limits[0] + 8000]


SWITCHES = ("chat_template_kwargs", "enable_thinking", "thinking", "reasoning_effort")


@pytest.mark.parametrize(
    ("behaviour", "last"),
    [
        ({"thinks": "field", "stops_thinking_at": {"enable_thinking": False}}, {"enable_thinking": False}),
        (
            {"thinks": "field", "stops_thinking_at": {"thinking": {"type": "disabled"}}},
            {"thinking": {"type": "disabled"}},
        ),
        (
            {
                "hides_thoughts": True,
                "stops_thinking_at": {"reasoning_effort": "none"},
                "refuses_parameters": ("enable_thinking", "thinking"),
            },
            {"reasoning_effort": "none"},
        ),
    ],
    ids=["siliconflow", "zhipu", "gemini"],
)
def test_a_model_that_is_heard_to_think_is_told_not_to(serve: Any, connect: Open, behaviour: Any, last: Any) -> None:
    server = serve(**behaviour)
    model = connect(server, model="some-model", max_output_tokens=500)
    for number in range(6):
        model.complete(request(f"Number {number}"))
    bodies = server.counts.bodies
    assert not set(SWITCHES) & bodies[0].keys()
    assert bodies[1]["max_tokens"] == 8500  # until it is known to work
    assert (last | {"max_tokens": 500}).items() <= bodies[-1].items()
    later = connect(server, model="some-model", max_output_tokens=500)
    later.complete(request("Later"))
    assert (last | {"max_tokens": 500}).items() <= bodies[-1].items()


@pytest.mark.parametrize("refused", [(), SWITCHES])
def test_a_model_that_thinks_whatever_it_is_told_has_room_for_it(
    serve: Any, connect: Open, refused: tuple[str, ...]
) -> None:
    server = serve(thinks="field", refuses_parameters=refused)
    model = connect(server, model="some-model", max_output_tokens=500)
    for number in range(7):
        assert model.complete(request(f"Number {number}")).text
    assert server.counts.bodies[-1]["max_tokens"] == 8500
    assert [name for name in SWITCHES if name in server.counts.bodies[-1]] == ([] if refused else ["reasoning_effort"])


def test_a_switch_on_trial_is_given_up_where_the_server_does_not_say_what_is_wrong(serve: Any, connect: Open) -> None:
    server = serve(thinks="field")
    model = connect(server, model="some-model")
    model.complete(request("One"))
    server.behaviour.refuses_unsaid = SWITCHES
    assert model.complete(request("Two")).text
    assert not set(SWITCHES) & server.counts.bodies[-1].keys()


def test_thoughts_of_a_model_that_was_heard_to_think_are_not_streamed(serve: Any, connect: Open) -> None:
    model = connect(serve(thinks="lone"), model="some-model")
    model.complete(request())
    for number in range(3):
        *pieces, reply = model.stream(request(f"Number {number}"))
        assert isinstance(reply, ChatReply)
        assert ("".join(map(str, pieces)), bool(reply.reasoning)) == (reply.text, True)


def test_thoughts_are_no_answer_while_a_switch_is_on_trial(serve: Any, connect: Open) -> None:
    server = serve(misfiles_text=True)
    model = connect(server, model="some-model")
    assert [model.complete(request(f"Number {number}")).text for number in range(3)] == [""] * 3


@pytest.mark.parametrize("thinking", [False, True])
def test_a_server_that_demands_a_switch_gets_it(serve: Any, connect: Open, thinking: bool) -> None:
    server = serve(must_be_sent="enable_thinking")
    for name in ("Qwen/Qwen3-8B", "some-model"):
        model = connect(server, model=name, max_output_tokens=500, thinking=thinking)
        for text in ("One", "Two"):
            assert model.complete(request(text + name)).text
        last = server.counts.bodies[-1]
        assert (last.get("enable_thinking"), last.get("stream")) == ((None, True) if thinking else (False, None))
    assert server.counts.statuses[400] <= 4


@pytest.mark.parametrize(
    "words",
    [
        "This model only support stream mode, please enable the stream parameter to access the model. ",
        "current user api does not support http call",
        "enable thinking can not be support when `stream=False`.",
        "Requests with max_tokens > 4096 must have stream=true",
    ],
)
def test_a_model_that_only_streams_is_read_as_a_stream(serve: Any, connect: Open, words: str) -> None:
    server = serve(must_stream=words, thinks="field")
    model = connect(server, model="qwq-plus")
    assert ask(model, request(), Town) == Town(name="Renn")
    assert ask(connect(server, model="qwq-plus"), request("Another? JSON."), Town) == Town(name="Renn")
    assert server.counts.statuses[400] == 1
    assert model.meter.usage.completion_tokens > 5


@pytest.mark.parametrize(
    "words",
    [
        "Your organization must be verified to stream this model. Please go to: https://platform.openai.com/settings",
        "Unsupported value: 'stream' does not support true with this model. Supported values are: false.",
        "The model is unsupported for streaming.",
    ],
)
def test_a_model_that_may_not_stream_is_asked_for_a_whole_reply(serve: Any, connect: Open, words: str) -> None:
    error = {"message": words, "param": "stream", "code": "unsupported_value", "type": "invalid_request_error"}
    server = serve(refuses_values={"stream": (True, {"error": error})})
    model = connect(server, model="gpt-5.6-sol", provider="openai", api_key_env="PATH")
    for text in ("One", "Two"):
        *pieces, reply = model.stream(request(text))
        assert isinstance(reply, ChatReply)
        assert pieces == [reply.text] != [""]
    assert server.counts.statuses[400] == 1


def test_a_model_that_is_let_think_has_room_once_it_is_heard_to(serve: Any, connect: Open) -> None:
    server = serve(thinks="field")
    model = connect(server, model="some-model", max_output_tokens=500, thinking=True)
    for text in ("One", "Two"):
        model.complete(request(text))
    assert [body["max_tokens"] for body in server.counts.bodies] == [500, 8500]
    assert not set(SWITCHES) & server.counts.bodies[-1].keys()


def test_a_refused_value_whose_parameter_is_named_beside_the_words_is_learned(serve: Any, connect: Open) -> None:
    words = "Unsupported value: 'none' is not supported with the 'gpt-5.3-codex' model. Supported values are: 'low'."
    refusal = {"error": {"message": words, "param": "reasoning_effort", "code": "unsupported_value"}}
    server = serve(refuses_values={"reasoning_effort": ("none", refusal)})
    model = connect(server, model="gpt-5.3-codex", provider="openai", api_key_env="PATH")
    assert model.complete(request()).text
    assert server.counts.bodies[-1]["reasoning_effort"] == "low"


def test_text_that_a_server_files_as_reasoning_is_found(serve: Any, connect: Open) -> None:
    model = connect(serve(misfiles_text=True), model="Qwen/Qwen3-8B")
    assert ask(model, request(), Town) == Town(name="Renn")
    pieces = list(model.stream(request("Stream it.")))
    assert "".join(p for p in pieces if isinstance(p, str)) == '{"name":"Renn"}'
    assert isinstance(pieces[-1], ChatReply)


@pytest.mark.parametrize("name", ["deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", "some-model"])
@pytest.mark.parametrize("streams", [False, True])
def test_json_that_a_model_wrote_where_it_would_have_thought_is_found(
    serve: Any, connect: Open, name: str, streams: bool
) -> None:
    server = serve(misfiles_text=True)
    model = connect(server, model=name)
    wanted = request(schema=json_schema(Town))
    *pieces, reply = model.stream(wanted) if streams else [model.complete(wanted)]
    assert isinstance(reply, ChatReply)
    assert (reply.text, reply.reasoning) == ('{"name":"Renn"}', "")
    assert "".join(map(str, pieces)) == ('{"name":"Renn"}' if streams else "")
    assert server.counts.requests == 1


def test_json_that_was_cut_off_where_a_model_would_have_thought_is_found(serve: Any, connect: Open) -> None:
    model = connect(serve(misfiles_text=True, faults=Faults(truncated=1.0)), model="deepseek-r1")
    with pytest.raises(CutOffError) as caught:
        ask(model, request(), Town)
    assert caught.value.text.startswith('{"')


@pytest.mark.parametrize("streams", [False, True])
def test_thoughts_of_a_model_that_may_think_are_no_answer(serve: Any, connect: Open, streams: bool) -> None:
    model = connect(serve(misfiles_text=True), model="some-model")
    *pieces, reply = model.stream(request()) if streams else [model.complete(request())]
    assert isinstance(reply, ChatReply)
    assert ("".join(map(str, pieces)), reply.text, reply.reasoning) == ("", "", '{"name":"Renn"}')


def test_a_cut_off_reply_is_remembered_as_such_without_its_text(serve: Any, connect: Open) -> None:
    server = serve(faults=Faults(truncated=1.0))
    model = connect(server)
    for _ in range(2):
        with pytest.raises(CutOffError):
            ask(model, request(), Town, is_divisible=True)
    assert server.counts.replies == 1


def test_rate_limits_and_failures_are_waited_out(serve: Any, connect: Open) -> None:
    server = serve(faults=Faults(rate_limit=0.3, server_error=0.1, reset=0.05, garbage=0.05))
    model = connect(server, max_retries=12)
    outcomes = list(run_all(lambda n: model.complete(request(f"Town {n}? JSON.")), range(20), concurrency=5))
    assert [o.error for o in outcomes if o.error] == []
    assert server.counts.statuses[429] > 0


def test_fewer_calls_are_made_at_once_where_a_server_has_no_room_for_them(serve: Any, connect: Open) -> None:
    server = serve(holds_at_once=2, latency_s=0.05)
    model = connect(server, concurrency=4)
    replies = [
        outcome.value for outcome in run_all(model.complete, [request(str(n)) for n in range(12)], concurrency=4)
    ]
    assert [reply is not None and reply.is_complete for reply in replies] == [True] * 12
    assert server.counts.statuses[500] > 0


def test_retry_after_is_kept(serve: Any, connect: Open) -> None:
    server = serve(faults=Faults(rate_limit=1.0, retry_after_s=0.4))
    model = connect(server)  # its library takes a while to import
    started = time.monotonic()

    def relent() -> None:
        while not server.counts.statuses[429]:
            time.sleep(0.01)
        server.behaviour.faults = Faults()

    threading.Thread(target=relent, daemon=True).start()
    model.complete(request())
    assert time.monotonic() - started >= 0.4


QUOTA = "You exceeded your current quota, please check your plan and billing details. For details, see: "


@pytest.mark.parametrize(
    ("error", "is_final"),
    [
        (
            {"message": QUOTA + "https://platform.openai.com/docs/guides/error-codes", "code": "insufficient_quota"},
            True,
        ),
        (
            {"message": QUOTA + "https://help.aliyun.com/zh/model-studio/error-code", "code": "insufficient_quota"},
            False,
        ),
        ({"message": QUOTA + "https://help.aliyun.com/zh/model-studio/error-code", "code": "Arrearage"}, True),
        ({"message": "Budget has been exceeded! Current cost: 10.51, Max budget: 10.00", "code": "429"}, True),
        ({"message": "Your allowance has been reached.", "type": "budget_exceeded", "code": "429"}, True),
    ],
    ids=["openai", "dashscope", "dashscope, unpaid", "litellm", "litellm, in other words"],
)
def test_an_account_without_credit_is_told_from_a_limit_that_passes(
    serve: Any, connect: Open, error: Any, is_final: bool
) -> None:
    server = serve(refuses_all_with={"error": error}, refusal_status=429)
    with pytest.raises(ModelError, match="no credit left" if is_final else "slow down"):
        connect(server, max_retries=1).complete(request())
    assert server.counts.requests == (1 if is_final else 2)


def test_time_outs_are_retried_and_then_told(serve: Any, connect: Open) -> None:
    server = serve(faults=Faults(timeout=1.0, timeout_s=1.0))
    with pytest.raises(ModelUnavailableError, match=r"did not answer within 0\.2 s"):
        connect(server, timeout_s=0.2, max_retries=1).complete(request())


def test_a_dead_server_is_named(connect: Open) -> None:
    server = FakeLLMServer()
    server.close()
    with pytest.raises(ModelUnavailableError, match="cannot be reached"):
        connect(server, max_retries=0).complete(request())


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "no such thing"}},
        {"error": "no such thing"},
        {"object": "error", "message": "no such thing"},
        {"detail": "no such thing"},
        {"detail": [{"loc": ["body", "x"], "msg": "no such thing"}]},
        {"code": 7, "reason": "no such thing"},
    ],
    ids=["openai", "ollama", "old vllm", "fastapi", "pydantic", "another"],
)
def test_the_words_of_a_refusal_are_told(serve: Any, connect: Open, body: Any) -> None:
    with pytest.raises(ModelRefusedError, match="no such thing"):
        connect(serve(refuses_all_with=body)).complete(request())


def test_the_key_appears_nowhere(
    serve: Any, connect: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    secret = "sk-wrong-1234567890"
    monkeypatch.setenv("MY_KEY", secret)
    model = connect(serve(api_key="right"), api_key_env="MY_KEY")
    with (
        caplog.at_level(logging.DEBUG, logger="graphrag_lite"),
        pytest.raises(ModelRefusedError, match="MY_KEY") as caught,
    ):
        model.complete(request())
    shown = f"{caught.value} {caught.value!r} {model!r} {model._transport!r} {caplog.text}"
    assert secret not in shown
    assert secret.encode() not in b"".join(p.read_bytes() for p in tmp_path.iterdir())


def test_a_missing_key_is_a_setting_to_fix() -> None:
    with pytest.raises(SettingsError, match="OPENAI_API_KEY"):
        open_chat_model(LLMSettings(model="gpt-4o-mini"))


def test_a_model_is_asked_where_its_name_says_whatever_other_keys_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    with pytest.raises(SettingsError, match="DEEPSEEK_API_KEY"):
        open_chat_model(LLMSettings(model="deepseek-flash"))
    with pytest.raises(SettingsError, match=r"llm\.base_url"):
        open_chat_model(LLMSettings(model="qwen-plus"))


def test_no_model_is_used_by_accident(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    with pytest.raises(SettingsError, match="No chat model"):
        open_chat_model(LLMSettings())


@pytest.mark.parametrize("cents", [1, 2, 5, 10])
def test_the_budget_is_never_exceeded(serve: Any, connect: Open, cents: int) -> None:
    faults = Faults(rate_limit=0.1, server_error=0.1, reset=0.1, garbage=0.05)
    server = serve(faults=faults, answer=lambda body: "word " * 700)
    model = connect(server, max_usd=cents / 100, price_input_usd=5.0, price_output_usd=15.0, max_output_tokens=800)
    outcomes = list(run_all(lambda n: model.complete(request(f"{n} " * 200)), range(40), concurrency=10))
    spent = server.counts.cost_usd(5.0, 15.0)
    assert spent <= cents / 100
    assert any(isinstance(o.error, BudgetExceededError) for o in outcomes)
    assert cents < 5 or spent > 0


def test_json_of_another_shape_is_asked_for_again_with_the_reason_and_not_kept(serve: Any, connect: Open) -> None:
    server = serve(faults=Faults(wrong_schema=1.0))
    model = connect(server)
    with pytest.raises(ModelReplyError, match="name"):
        ask(model, request(), Town)
    first, again = server.counts.bodies
    assert again["messages"][: len(first["messages"])] == first["messages"]
    assert "name" in again["messages"][-1]["content"]
    server.behaviour.faults = Faults()
    assert ask(model, request(), Town).name == "Renn"
    assert server.counts.requests == 3


@pytest.mark.parametrize("thinks", ["", "tags", "field"])
def test_streams_show_the_answer_alone_and_end_with_the_whole(serve: Any, connect: Open, thinks: str) -> None:
    server = serve(thinks=thinks, answer=lambda body: "Ada Renn mended it [1].")
    model = connect(server)
    *pieces, whole = model.stream(request())
    assert "".join(map(str, pieces)) == "Ada Renn mended it [1]."
    assert isinstance(whole, ChatReply)
    assert whole.usage.prompt_tokens == server.counts.prompt_tokens
    assert model.complete(request()).cached


def test_a_stream_whose_thoughts_come_apart_is_shown_as_it_comes(serve: Any, connect: Open) -> None:
    server = serve(thinks="field", answer=lambda body: "one two three")
    pieces = list(connect(server, model="deepseek-r1", price_input_usd=1, price_output_usd=1).stream(request()))
    assert pieces[:-1] == ["one ", "two ", "three"]


@pytest.mark.parametrize("model", ["Qwen/Qwen3.5-9B", "deepseek-ai/DeepSeek-V3.1"])
def test_a_stream_that_begins_amid_a_thought_shows_the_answer_alone(serve: Any, connect: Open, model: str) -> None:
    server = serve(thinks="lone", answer=lambda body: "Ada Renn mended it [1].")
    *pieces, whole = connect(server, model=model, provider="vllm", thinking=True).stream(request())
    assert "".join(map(str, pieces)) == whole.text == "Ada Renn mended it [1]."


def test_a_stream_of_a_model_that_is_told_not_to_think_is_shown_as_it_comes(serve: Any, connect: Open) -> None:
    server = serve(answer=lambda body: "one two three")
    pieces = list(connect(server, model="Qwen/Qwen3.5-9B", provider="vllm").stream(request()))
    assert pieces[:-1] == ["one ", "two ", "three"]


def test_a_stream_from_the_cache_shows_the_same_for_nothing(serve: Any, connect: Open) -> None:
    server = serve(answer=lambda body: "one two")
    model = connect(server)
    list(model.stream(request()))
    *pieces, whole = model.stream(request())
    assert pieces == ["one two"]
    assert isinstance(whole, ChatReply)
    assert (whole.text, whole.cached, server.counts.requests) == ("one two", True, 1)
    assert (model.meter.usage.calls, model.meter.usage.cached_calls) == (1, 1)


def test_a_stream_is_shown_as_it_comes_and_may_take_longer_than_a_silence(serve: Any, connect: Open) -> None:
    server = serve(stream_delay_s=0.2, answer=lambda body: "one two three four five")
    model = connect(server, timeout_s=0.6)
    came = [time.monotonic() for _ in model.stream(request())]
    assert came[-1] - came[0] > 0.6
    assert server.counts.requests == 1


@pytest.mark.parametrize(
    "event",
    [
        {"usage": None},
        {"choices": None},
        {"choices": 1},
        {"choices": [None]},
        {"choices": [{"delta": None}]},
        {"choices": [{}]},
        [1],
    ],
    ids=["no choices", "choices null", "choices a number", "choice null", "delta null", "no delta", "list"],
)
def test_an_event_of_a_stream_that_holds_nothing_is_passed_over(serve: Any, connect: Open, event: Any) -> None:
    *pieces, whole = connect(serve(last_event=event, answer=lambda body: "one two")).stream(request())
    assert "".join(map(str, pieces)) == whole.text == "one two"
    assert whole.is_complete


def test_what_goes_wrong_behind_the_end_of_a_reply_costs_nothing(serve: Any, connect: Open) -> None:
    server = serve(last_event=b"DONE", answer=lambda body: "one two")
    *pieces, whole_reply = connect(server, max_retries=0).stream(request())
    assert ("".join(map(str, pieces)), whole_reply.finish_reason) == ("one two", "stop")


def streamed(*texts: str, finish_reason: str | None = None) -> bytes:
    """Events with the pieces of a text."""
    choices = [{"delta": {"content": text}, "finish_reason": None} for text in texts]
    choices += [{"delta": {}, "finish_reason": finish_reason}] if finish_reason else []
    return b"".join(b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n" for choice in choices)


@pytest.mark.parametrize(
    "end", [b"data: [DONE]\n\n", b"data:[DONE]\r\n\r\n", b"data: [DONE]", b"data: [DONE]\n\n: bye\n\n"]
)
def test_a_stream_without_a_finish_reason_is_whole_where_the_server_says_it_is_done(
    serve: Any, connect: Open, end: bytes
) -> None:
    server = serve(streams_with=streamed("one ", "two") + end)
    model = connect(server)
    *pieces, reply = model.stream(request())
    assert ("".join(map(str, pieces)), reply.text, reply.finish_reason) == ("one two", "one two", "stop")
    assert list(model.stream(request()))[-1].cached
    assert server.counts.requests == 1


def test_a_stream_that_ends_without_a_word_is_cut_off(serve: Any, connect: Open) -> None:
    model = connect(serve(streams_with=streamed("one ", "two [DONE]")))
    *_, reply = model.stream(request())
    assert (reply.text, reply.finish_reason) == ("one two [DONE]", "length")


def test_a_stream_that_is_given_up_in_words_of_its_own_is_cut_off(serve: Any, connect: Open) -> None:
    given_up = b'data: {"text": "**NETWORK ERROR DUE TO HIGH TRAFFIC**", "error_code": 50001}\n\ndata: [DONE]\n\n'
    *_, reply = connect(serve(streams_with=streamed("one") + given_up)).stream(request())
    assert reply.finish_reason == "length"


def test_how_a_reply_ended_is_as_the_server_says_though_it_is_done(serve: Any, connect: Open) -> None:
    model = connect(serve(streams_with=streamed("one", finish_reason="length") + b"data: [DONE]\n\n"))
    assert list(model.stream(request()))[-1].finish_reason == "length"


@pytest.mark.parametrize(
    "between",
    [b"event: ping\n\n", b"id: 1\n\n\n\n", b"retry: 3000\n\n", b"data:\n\n", b": keep-alive\r\n\r\n", b"\xef\xbb\xbf"],
    ids=["event", "id", "retry", "data", "comment", "byte order mark"],
)
def test_an_event_of_a_stream_without_data_is_passed_over(serve: Any, connect: Open, between: bytes) -> None:
    model = connect(
        serve(streams_with=streamed("one ") + between + streamed("two", finish_reason="stop")), max_retries=0
    )
    *_, reply = model.stream(request())
    assert (reply.text, reply.finish_reason) == ("one two", "stop")


def says_ada(body: Any) -> str:
    return "Ada Quill mended it. "


LOOP = "Ned stood at the works, and nobody knew why. "


def test_a_whole_reply_that_repeats_itself_is_cut_behind_its_first_block(serve: Any, connect: Open) -> None:
    server = serve(answer=says_ada, loops=LOOP)
    model = connect(server)
    reply = model.complete(request())
    assert (reply.text, reply.finish_reason) == (f"{says_ada({})}{LOOP}".strip(), "repetition")
    assert reply.usage.completion_tokens == server.counts.completion_tokens == 4000
    assert not model.complete(request()).cached


def test_a_whole_reply_that_thinks_in_circles_is_told_apart(serve: Any, connect: Open) -> None:
    reply = connect(serve(answer=says_ada, loops=LOOP, loops_in_thought=True)).complete(request())
    assert (reply.text, reply.reasoning, reply.finish_reason) == ("", f"{says_ada({})}{LOOP}".strip(), "repetition")


def test_json_that_repeats_itself_counts_as_cut_off_and_says_why(serve: Any, connect: Open) -> None:
    model = connect(serve(answer=lambda body: '{"name":"', loops="Renn, "))
    with pytest.raises(CutOffError, match="repeated itself"):
        ask(model, request(), Town, is_divisible=True)
    with pytest.raises(CutOffError, match="repeated itself"):  # as is remembered
        ask(model, request(), Town, is_divisible=True)
    assert model.meter.usage.calls == 1


@pytest.mark.parametrize(("in_thought", "max_usd"), [(False, 0.01), (True, 0.025)], ids=["text", "thought"])
def test_a_stream_that_repeats_itself_is_stopped(serve: Any, connect: Open, in_thought: bool, max_usd: float) -> None:
    server = serve(answer=says_ada, loops=LOOP, loops_in_thought=in_thought, stream_delay_s=0.0005)
    model = connect(server, max_usd=max_usd, price_input_usd=0.0, price_output_usd=2.0)  # of one call, and little more
    *pieces, reply = model.stream(request())
    assert isinstance(reply, ChatReply)
    assert reply.finish_reason == "repetition"
    assert server.was_given_up()
    assert "".join(map(str, pieces)) == reply.text
    assert (reply.reasoning if in_thought else reply.text).startswith(says_ada({}) + LOOP * 3)
    assert len(reply.reasoning + reply.text) < 1000
    assert server.counts.completion_tokens <= reply.usage.completion_tokens < 1000
    assert model.meter.lost_usd == 0.0
    assert list(model.stream(request("Once more?")))  # which the budget has room for


def test_a_stream_is_closed_before_its_reader_hears_that_it_was_stopped(serve: Any, connect: Open) -> None:
    server = serve(answer=says_ada, loops=LOOP, stream_delay_s=0.0005)
    for piece in connect(server).stream(request()):
        if isinstance(piece, ChatReply):
            assert server.was_given_up()


def test_a_count_that_a_stopped_stream_began_with_is_not_its_usage(serve: Any, connect: Open) -> None:
    begun = {"choices": [{"delta": {"content": ""}}], "usage": {"prompt_tokens": 20, "completion_tokens": 1}}
    sent = b"data: " + json.dumps(begun).encode() + b"\n\n" + streamed(*[LOOP] * 90)
    *_, reply = connect(serve(streams_with=sent)).stream(request())
    assert isinstance(reply, ChatReply)
    assert reply.usage.completion_tokens > 60


def test_a_stream_that_repeated_itself_and_met_its_limit_says_which(serve: Any, connect: Open) -> None:
    *pieces, reply = connect(serve(streams_with=streamed(*[LOOP] * 7, LOOP[:9], finish_reason="length"))).stream(
        request()
    )
    assert isinstance(reply, ChatReply)
    assert (reply.finish_reason, reply.text) == ("repetition", "".join(map(str, pieces)))


def test_a_stream_that_ended_by_itself_is_whole_though_it_repeats_itself(serve: Any, connect: Open) -> None:
    sent = streamed(LOOP * 40, finish_reason="stop").replace(b'"finish_reason": null', b'"finish_reason": "stop"')
    *_, reply = connect(serve(streams_with=sent)).stream(request())
    assert isinstance(reply, ChatReply)
    assert reply.finish_reason == "stop"


def test_a_reply_that_had_to_be_streamed_is_stopped_and_cut(serve: Any, connect: Open) -> None:
    server = serve(answer=says_ada, loops=LOOP, must_stream="This model only supports stream mode")
    reply = connect(server).complete(request())
    assert (reply.text, reply.finish_reason) == (f"{says_ada({})}{LOOP}".strip(), "repetition")


MESSAGE = {"choices": [{"message": {"content": '{"name":"Renn"}'}, "finish_reason": "stop"}]}


@pytest.mark.parametrize(
    "sent",
    [
        streamed('{"name":', '"Renn"}') + b"data: [DONE]\n\n",
        json.dumps(MESSAGE).encode() + b"\n\ndata: [DONE]\n\n",
        json.dumps(MESSAGE).encode() + b"data: [DONE]\n\n",
        b"data: " + json.dumps(MESSAGE).encode() + b"\n\n",
    ],
    ids=["stream", "reply and end", "reply and end on its line", "reply"],
)
def test_what_is_streamed_is_read_whether_a_stream_was_asked_for_or_not(serve: Any, connect: Open, sent: bytes) -> None:
    server = serve(streams_with=sent, always_streams=True)
    model = connect(server, max_retries=0)
    assert ask(model, request(), Town) == Town(name="Renn")
    *_, reply = model.stream(request("Streamed?"))
    assert (reply.text, reply.finish_reason) == ('{"name":"Renn"}', "stop")


def test_an_error_that_stands_bare_in_a_stream_is_told(serve: Any, connect: Open) -> None:
    model = connect(serve(streams_with=streamed("one ") + b'{"error": {"message": "overloaded"}}\n'), max_retries=0)
    with pytest.raises(ModelUnavailableError, match="broke off its reply: overloaded"):
        list(model.stream(request()))


@pytest.mark.parametrize("streams", [False, True], ids=["whole", "stream"])
def test_a_body_that_is_nested_without_end_is_a_failing_model(serve: Any, connect: Open, streams: bool) -> None:
    server = serve(streams_with=b"data: " + b"[" * 100_000 + b"\n\n", always_streams=True)
    model = connect(server, max_retries=0)
    with pytest.raises(ModelUnavailableError, match="malformed"):
        list(model.stream(request())) if streams else model.complete(request())


def called(*arguments: str) -> list[dict[str, Any]]:
    return [{"tool_calls": [{"index": 0, "function": {"name": "Town", "arguments": part}}]} for part in arguments]


@pytest.mark.parametrize("content", [None, "", "\n"])
def test_json_in_the_arguments_of_a_call_is_the_reply(serve: Any, connect: Open, content: str | None) -> None:
    (message,) = called('{"name": "Renn"}')
    body = {"choices": [{"message": message | {"content": content}, "finish_reason": "tool_calls"}]}
    assert ask(connect(serve(replies_with=body)), request(), Town) == Town(name="Renn")
    body = {"choices": [{"message": message | {"content": "Hello."}, "finish_reason": "stop"}]}
    assert connect(serve(replies_with=body)).complete(request("And what else?")).text == "Hello."


def test_json_in_the_arguments_of_a_call_is_the_reply_where_it_is_streamed(serve: Any, connect: Open) -> None:
    deltas = called('{"name"', ': "Renn"}')
    events = [{"choices": [{"delta": delta, "finish_reason": None}]} for delta in deltas]
    sent = b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)
    server = serve(streams_with=sent + b"data: [DONE]\n\n", must_stream="This model only supports stream mode")
    assert ask(connect(server), request(), Town) == Town(name="Renn")


def test_a_call_is_no_text(serve: Any, connect: Open) -> None:
    (message,) = called('{"query": "Renn"}')
    body = {"choices": [{"message": message, "finish_reason": "tool_calls"}]}
    assert connect(serve(replies_with=body)).complete(request()).text == ""


def test_a_stream_that_falls_silent_is_an_error(serve: Any, connect: Open) -> None:
    model = connect(serve(stream_delay_s=1.5), timeout_s=0.3, max_retries=0)
    with pytest.raises(ModelUnavailableError):
        list(model.stream(request()))


_TOKEN = {"choices": [{"index": 0, "delta": {"content": " a"}, "finish_reason": None}]}


@pytest.mark.parametrize("provider", ["other", "ollama"])
@pytest.mark.parametrize("streams", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("trickle", [b"\n", b": keep-alive\n\n", b"data: " + json.dumps(_TOKEN).encode() + b"\n\n"])
def test_a_reply_that_has_no_end_is_given_up_and_tried_again(
    serve: Any, connect: Open, monkeypatch: pytest.MonkeyPatch, provider: str, streams: bool, trickle: bytes
) -> None:
    monkeypatch.setattr(endpoint, "_LEAST_BOUND_S", 0.0)
    monkeypatch.setattr(endpoint, "_MOST_TIMEOUTS", 0.5)
    server = serve(trickles=trickle)
    model = connect(server, timeout_s=1.0, max_retries=1, provider=provider)
    is_shown = streams and trickle.startswith(b"data") and provider == "other"
    is_broken = provider == "ollama" and not trickle.isspace()  # these are no lines of Ollama
    with pytest.raises(ModelUnavailableError, match="malformed" if is_broken else "end of its reply within 0.5 s"):
        list(model.stream(request())) if streams else model.complete(request())
    assert server.counts.requests == (1 if is_shown else 2)


@pytest.mark.parametrize("line", [b'{"text": "Renn"}\n', b"[]\n", b'{"message": "Renn"}\n'])
def test_lines_that_are_none_of_ollama_are_no_reply(serve: Any, connect: Open, line: bytes) -> None:
    model = connect(serve(trickles=line), max_retries=0, provider="ollama")
    with pytest.raises(ModelUnavailableError, match="no reply of Ollama"):
        model.complete(request())


def test_a_stream_that_is_only_done_was_cut_off_where_the_server_names_endings(serve: Any, connect: Open) -> None:
    server = serve(streams_with=streamed("one ", "two") + b"data: [DONE]\n\n")
    *_, reply = connect(server).stream(request())
    assert reply.finish_reason == "stop"
    server.behaviour.streams_with = streamed("one ", "two", finish_reason="stop") + b"data: [DONE]\n\n"
    *_, reply = connect(server).stream(request("Another? JSON."))
    assert reply.finish_reason == "stop"
    server.behaviour.streams_with = streamed("one ", "two") + b"data: [DONE]\n\n"
    *_, reply = connect(server).stream(request("A third? JSON."))
    assert reply.finish_reason == "length"


def test_a_stream_that_is_dropped_before_its_first_word_is_asked_for_again(serve: Any, connect: Open) -> None:
    server = serve(streams_with=b'data: {"choices": [{"delta": {"role": "assistant"}}]}\n\ndata: [DONE]\n\n')
    with pytest.raises(ModelUnavailableError, match="ended its reply before it said anything"):
        list(connect(server, max_retries=1).stream(request()))
    assert server.counts.requests == 2


def test_an_error_inside_a_stream_is_told_without_the_key(
    serve: Any, connect: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "sk-SECRET12345")
    error = {"error": {"message": "overloaded, sk-SECRET12345", "type": "server_error", "code": 503}}
    model = connect(serve(last_event=error), api_key_env="MY_KEY", max_retries=0)
    with pytest.raises(ModelUnavailableError, match="broke off its reply: overloaded") as caught:
        list(model.stream(request()))
    assert "SECRET" not in "".join(traceback.format_exception(caught.value))
    assert model.meter.lost_usd > 0


def test_a_stream_that_breaks_is_an_error_and_not_kept(serve: Any, connect: Open) -> None:
    server = serve(breaks_stream_after=3, answer=lambda body: "one two three four five")
    model = connect(server)
    seen: list[Any] = []
    with pytest.raises(ModelUnavailableError):
        seen.extend(model.stream(request()))
    server.behaviour.breaks_stream_after = 0
    assert not model.complete(request()).cached


def test_a_stream_that_breaks_or_is_given_up_is_in_the_ledger(serve: Any, connect: Open) -> None:
    server = serve(breaks_stream_after=3, answer=lambda body: "one two three four five")
    model = connect(server)
    with pytest.raises(ModelUnavailableError):
        list(model.stream(request()))
    server.behaviour.breaks_stream_after = 0
    given_up = model.stream(request("And another?"))
    next(iter(given_up))
    given_up.close()  # type: ignore[attr-defined]  # a generator, though the protocol says iterator
    (ledger,) = model.cache.spending()
    assert ledger.calls == model.meter.usage.calls == 2
    assert ledger.prompt_tokens > 10
    assert ledger.cost_usd > 0


def test_a_stream_that_is_given_up_after_the_end_is_counted_once(serve: Any, connect: Open) -> None:
    model = connect(serve(answer=lambda body: "one two three"))
    given_up = model.stream(request())
    assert any(isinstance(piece, ChatReply) for piece in given_up)
    del given_up
    assert model.meter.usage.calls == 1


def test_usage_that_is_counted_by_half_is_estimated(serve: Any, connect: Open) -> None:
    body = {"choices": [{"message": {"content": "Renn"}, "finish_reason": "stop"}], "usage": {"completion_tokens": 3}}
    assert connect(serve(replies_with=body)).complete(request()).usage.prompt_tokens > 5


def test_reasoning_that_a_server_counts_beside_the_reply_is_paid(serve: Any, connect: Open) -> None:
    usage = {"prompt_tokens": 12, "completion_tokens": 2, "total_tokens": 331}
    body = {"choices": [{"message": {"content": "Renn"}, "finish_reason": "stop"}], "usage": usage}
    found = connect(serve(replies_with=body)).complete(request()).usage
    assert (found.prompt_tokens, found.completion_tokens) == (12, 319)


def test_usage_is_estimated_where_the_server_is_silent(serve: Any, connect: Open) -> None:
    model = connect(serve(sends_usage=False))
    assert model.complete(request()).usage.prompt_tokens > 5


def test_concurrency_is_used_in_full(serve: Any, connect: Open) -> None:
    server = serve(latency_s=0.5)
    model = connect(server)
    list(run_all(lambda n: model.complete(request(f"{n}")), range(50), concurrency=25))
    assert server.counts.most_running == 25


def test_embeddings_come_in_order_and_batches(serve: Any) -> None:
    server = serve(faults=Faults(rate_limit=0.3))
    model = open_embedding_model(EmbeddingSettings(model="m", base_url=server.url, batch_size=3, dimensions=16))
    assert isinstance(model, OpenAIEmbeddingModel)
    texts = [f"text {n}" for n in range(8)]
    vectors = model.embed(texts)
    assert vectors.shape == (8, 16)
    assert vectors.dtype == "float32"
    assert (vectors[2] == model.embed([texts[2]])[0]).all()
    assert model.embed([]).shape == (0, 16)
    model.close()


@pytest.mark.parametrize(
    ("most", "status", "words", "refusals"),
    [
        (10, 400, "<400> InternalError.Algo.InvalidParameter: Value error, batch size is invalid, it should not be "
         "larger than {most}.: input.contents", 1),
        (32, 413, "input batch size {sent} > maximum allowed batch size {most}", 1),
        (10, 400, "API 调用参数有误，请检查文档。", 3),
    ],
    ids=["dashscope", "siliconflow", "unsaid"],
)  # fmt: skip
def test_a_server_that_takes_fewer_texts_gets_fewer(
    serve: Any, most: int, status: int, words: str, refusals: int
) -> None:
    server = serve(most_embedded=(most, status, words))
    model = open_embedding_model(EmbeddingSettings(model="m", base_url=server.url))
    assert isinstance(model, OpenAIEmbeddingModel)
    texts = [f"text {n}" for n in range(150)]
    vectors = model.embed(texts)
    assert vectors.shape == (150, 64)
    assert (vectors[99] == model.embed([texts[99]])[0]).all()
    model.embed(texts)
    assert server.counts.statuses[status] == refusals
    model.close()


def test_a_text_that_is_refused_by_itself_is_an_error(serve: Any) -> None:
    server = serve(refuses_embeddings_after=1)
    model = open_embedding_model(EmbeddingSettings(model="m", base_url=server.url))
    assert isinstance(model, OpenAIEmbeddingModel)
    model.embed(["one"])
    with pytest.raises(ModelRefusedError, match="not for us"):
        model.embed([f"text {n}" for n in range(64)])
    assert server.counts.requests < 10
    assert model.batch_size == 64
    model.close()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (
            500,
            "input ({given} tokens) is too large to process. increase the physical batch size (current batch size: 9)",
        ),
        (413, "Input validation error: `inputs` must have less than {longest} tokens. Given: {given}"),
        (400, "the input length exceeds the context length"),
        (400, "Invalid 'input[3]': maximum input length is {longest} tokens."),
    ],
    ids=["llama.cpp", "text embeddings inference", "ollama", "openai"],
)
def test_a_text_that_is_too_long_is_embedded_by_its_beginning(
    serve: Any, caplog: pytest.LogCaptureFixture, status: int, words: str
) -> None:
    server = serve(longest_embedded=(100, status, words))
    model = open_embedding_model(EmbeddingSettings(model="m", base_url=server.url))
    assert isinstance(model, OpenAIEmbeddingModel)
    texts = [f"text {number}" for number in range(63)]
    vectors = model.embed([*texts, "word " * 120])
    assert (vectors[:63] == model.embed(texts)).all()
    assert (vectors[63] == model.embed(["word " * 90])[0]).all()
    assert model.batch_size == 64
    assert caplog.text.count("by their beginning") == 1
    model.close()


def embed_one(serve: Any, body: Any) -> OpenAIEmbeddingModel:
    """A model that has embedded one text, answered with a body."""
    model = open_embedding_model(EmbeddingSettings(model="m", base_url=serve(replies_with=body).url))
    assert isinstance(model, OpenAIEmbeddingModel)
    try:
        model.embed(["one two three"])
    finally:
        model.close()
    return model


@pytest.mark.parametrize(
    "body",
    [
        {"error": "out of memory"},
        {"data": []},
        {"data": [None]},
        {"data": [{"index": 0, "embedding": None}]},
        {"data": [{"index": 0, "embedding": []}]},
        {"data": [{"index": 0, "embedding": [0.5, None]}]},
        {"data": [{"index": 0, "embedding": [0.5, float("nan")]}]},
    ],
    ids=["error", "none", "null", "no vector", "no number", "null in it", "overflow"],
)
def test_a_body_without_a_vector_is_a_failing_model(serve: Any, body: Any) -> None:
    with pytest.raises(ModelReplyError, match="vectors"):
        embed_one(serve, body)


def test_vectors_that_were_lost_on_their_way_may_have_been_billed(serve: Any) -> None:
    server = serve(faults=Faults(garbage=1.0))
    settings = EmbeddingSettings(model="m", base_url=server.url, price_input_usd=1.0)
    model = open_embedding_model(settings, meter=UsageMeter())
    assert isinstance(model, OpenAIEmbeddingModel)
    with pytest.raises(LostReplyError, match="malformed"):
        model.embed(["one two three"], "query")
    assert model.meter.lost_usd > 0
    model.close()


@pytest.mark.parametrize("counted", [None, "7", -7, 2**70], ids=["nothing", "text", "negative", "absurd"])
def test_a_count_of_embedded_tokens_that_cannot_be_right_is_not_believed(serve: Any, counted: Any) -> None:
    body = {"data": [{"embedding": [0.5, 0.5]}], "usage": {"prompt_tokens": counted}}
    assert 3 <= embed_one(serve, body).usage.prompt_tokens <= 13


def capital(body: Mapping[str, Any]) -> str | None:
    """What is asked of it in JSON when a model is checked; the built-in reader has the rest."""
    return '{"city":"Paris"}' if "France" in str(body) else None


def test_a_working_model_is_checked_in_plain_words(serve: Any, connect: Open) -> None:
    server = serve(thinks="field", answer=capital)
    found = check_model(connect(server))
    assert (found.problem, found.writes_json, found.thinks) == ("", True, True)
    assert found.extracts is not None
    assert min(found.extracts) > 0
    assert 0 < found.seconds < 60
    assert found.cost_usd == pytest.approx(server.counts.cost_usd(0.15, 0.60))


def test_a_model_that_refuses_a_long_prompt_does_not_read_it(serve: Any, connect: Open) -> None:
    found = check_model(connect(serve(filtered_words=("word word",), answer=capital)))
    assert (found.writes_json, found.reads_long_prompts) == (True, False)
    assert "does not read long prompts whole" in found.problem


def test_a_model_that_writes_on_and_on_reads_long_prompts_all_the_same(serve: Any, connect: Open) -> None:
    server = serve(answer=lambda body: capital(body) or ("hello " * 5000 if "hello" in str(body) else None))
    found = check_model(connect(server, max_output_tokens=settings_for_check(LLMSettings()).max_output_tokens))
    assert (found.problem, found.reads_long_prompts) == ("", True)
    assert all(body["max_tokens"] < 1000 for body in server.counts.bodies)


@pytest.mark.parametrize("shape", ['{"n":"…","t":"…","d":"…"}', ""], ids=["the form of the prompt", "nothing"])
def test_a_model_that_finds_nothing_in_two_sentences_is_told_apart(serve: Any, connect: Open, shape: str) -> None:
    empty = f'{{"p":[{{"i":1,"e":[{shape}],"r":[]}}]}}'
    found = check_model(connect(serve(answer=lambda body: capital(body) or (empty if "Renn" in str(body) else None))))
    assert (found.writes_json, found.extracts, found.reads_long_prompts) == (True, (0, 0), True)
    assert "finds nothing in two plain sentences" in found.problem


def test_a_prompt_that_was_cut_without_a_word_was_not_read_whole(serve: Any, connect: Open) -> None:
    choice = {"message": {"content": '{"city":"Paris"}'}, "finish_reason": "stop"}
    body = {"choices": [choice], "usage": {"prompt_tokens": 1024, "completion_tokens": 2}}
    assert check_model(connect(serve(replies_with=body))).reads_long_prompts is False


def test_a_check_that_got_no_reply_says_nothing_it_did_not_see(serve: Any, connect: Open) -> None:
    found = check_model(connect(serve(api_key="right")))
    assert "status 401" in found.problem
    assert (found.writes_json, found.reads_long_prompts, found.cost_usd) == (None, None, 0.0)


@pytest.mark.parametrize(
    ("listed", "told"),
    [
        (["gpt-4o"], " It serves gpt-4o."),
        (
            ["tts", "gpt-4o", "m1", "m2", "m3", "m4", "gpt-4.1-mini"],
            " It serves gpt-4.1-mini, gpt-4o, m1, m2, m3 and 2 more.",
        ),
        (["gpt-4o-mini"], "base_url."),
        ([], "base_url."),
    ],
    ids=["one", "many", "has it", "none"],
)
def test_of_a_model_that_is_not_there_the_check_names_those_that_are(
    serve: Any, connect: Open, listed: list[str], told: str
) -> None:
    refusal = {"error": {"message": "The model `gpt-4o-mini` does not exist."}}
    models = {"data": [{"id": name} for name in listed]}
    server = serve(refuses_all_with=refusal, refusal_status=404, lists_models=models)
    assert check_model(connect(server)).problem.endswith(told)


def test_what_a_server_says_and_what_to_do_are_two_sentences(
    serve: Any, connect: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "wrong")
    server = serve(api_key="right")
    with pytest.raises(ModelRefusedError, match=r"provided: \*\*\*\. Check the key in MY_KEY\.$"):
        connect(server, api_key_env="MY_KEY").complete(request())
    with pytest.raises(
        ModelRefusedError, match=r"provided: none\. Name the environment variable .*llm\.api_key_env\.$"
    ):
        connect(server).complete(request())


def test_a_check_repeats_little() -> None:
    assert settings_for_check(LLMSettings(max_retries=6)).max_retries == 2
    assert settings_for_check(LLMSettings(max_retries=0)).max_retries == 0


def test_the_check_tells_the_window_that_a_server_lists(serve: Any, connect: Open) -> None:
    found = check_model(connect(serve(lists_window=16_384, answer=capital), model="fake"))
    assert found.context_tokens == 16_384


def test_the_check_tells_the_window_that_a_refusal_told(serve: Any, connect: Open) -> None:
    found = check_model(connect(serve(context_tokens=2048, answer=capital)))
    assert (found.reads_long_prompts, found.context_tokens) == (False, 2048)


@pytest.mark.parametrize(
    "told",
    [{"max_model_len": 8192}, {"context_length": 8192}, {"meta": {"n_ctx": 8192, "n_ctx_train": 40_960}}],
    ids=["vllm", "openrouter", "llama.cpp"],
)
def test_a_window_is_found_wherever_its_server_lists_it(serve: Any, connect: Open, told: Any) -> None:
    server = serve(lists_models={"data": [{"id": "another"}, {"id": "gpt-4o-mini"} | told]})
    assert connect(server).served_context() == 8192


def test_what_a_refusal_tells_of_the_window_counts_above_what_the_server_lists(serve: Any, connect: Open) -> None:
    server = serve(lists_window=16_384, context_tokens=1000, answer=capital)
    assert check_model(connect(server, model="fake")).context_tokens == 1000
    assert connect(server, model="fake", context_tokens=500).served_context() == 16_384


def test_the_only_model_of_a_server_is_the_one_it_answers_with(serve: Any, connect: Open) -> None:
    server = serve(lists_models={"data": [{"id": "/models/some.gguf", "meta": {"n_ctx": 4096}}]})
    assert connect(server).served_context() == 4096


@pytest.mark.parametrize(
    "listed",
    [{"choices": []}, {"data": None}, [], "<html>", {"data": [None, {"id": "gpt-4o-mini", "max_model_len": "8k"}]}],
    ids=["other", "null", "list", "text", "odd"],
)
def test_a_list_of_models_that_is_none_tells_no_window(serve: Any, connect: Open, listed: Any) -> None:
    assert connect(serve(lists_models=listed)).served_context() == 0


def test_a_model_that_cannot_be_used_is_explained(serve: Any, connect: Open) -> None:
    assert "JSON" in check_model(connect(serve(answer=lambda body: "Bonjour."))).problem
    cut = check_model(connect(serve(context_tokens=1000, answer=capital)))
    assert "context" in cut.problem
