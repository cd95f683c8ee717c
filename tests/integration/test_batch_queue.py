"""The queue of batches over real HTTP: what is under way is known, comes back once, and is never asked twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from graphrag_lite.errors import (
    BudgetExceededError,
    ModelError,
    ModelRefusedError,
    ModelUnavailableError,
    PendingError,
    SettingsError,
)
from graphrag_lite.llm import batch
from graphrag_lite.llm.batch_notes import Asked, Batch, write_batch
from graphrag_lite.llm.chat import CheckedChatModel, open_chat_model
from graphrag_lite.llm.protocols import ChatRequest, Message
from graphrag_lite.records import Usage
from graphrag_lite.settings import LLMSettings
from tests.fake_llm_server import FakeLLMServer

Open = Callable[..., CheckedChatModel]
SCHEMA = {"title": "Town", "type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


def town(number: int, *, schema: Mapping[str, Any] | None = SCHEMA) -> ChatRequest:
    return ChatRequest((Message("user", f"Name town number {number} . JSON."),), schema=schema, purpose="extract")


@pytest.fixture
def server() -> Iterator[FakeLLMServer]:
    with FakeLLMServer(answer=lambda body: json.dumps({"name": body["messages"][0]["content"][:24]})) as started:
        yield started


@pytest.fixture
def connect(tmp_path: Path, server: FakeLLMServer) -> Iterator[Open]:
    opened: list[CheckedChatModel] = []

    def start(max_usd: float = 0.0, **more: Any) -> CheckedChatModel:
        named = {"model": "gpt-4o-mini", "provider": "openai", "base_url": server.url, "batch": True, "max_retries": 1}
        settings = LLMSettings(**({"api_key_env": "GRL_TEST_KEY"} | named | more))
        opened.append(
            open_chat_model(settings, cache_path=tmp_path / "cache.sqlite", max_usd=max_usd, with_batches=True)
        )
        return opened[-1]

    yield start
    for model in opened:
        model.close()


def ask(model: CheckedChatModel, count: int, **more: Any) -> list[Any]:
    """Replies, or the kind of error."""
    found: list[Any] = []
    for number in range(count):
        try:
            found.append(model.complete(town(number, **more)).text)
        except (PendingError, BudgetExceededError, ModelRefusedError, ModelUnavailableError) as error:
            found.append(type(error))
    return found


def submit(model: CheckedChatModel) -> int:
    assert model.batches is not None
    return sum(len(made.requests) for made in model.batches.submit())


def collect(model: CheckedChatModel) -> int:
    """Replies collected."""
    assert model.batches is not None
    found = list(model.batches.collect())
    if errors := [one for one in found if isinstance(one, ModelError)]:
        raise errors[0]
    return sum(one[1].calls for one in found if isinstance(one, tuple))


def test_replies_come_in_a_later_session_at_the_price_of_a_batch(connect: Open, server: FakeLLMServer) -> None:
    first = connect()
    assert ask(first, 3) == [PendingError] * 3
    assert submit(first) == 3
    later = connect()
    assert collect(later) == 3
    assert [json.loads(text)["name"] for text in ask(later, 3)] == [f"Name town number {n} . JSO" for n in range(3)]
    (row,) = later.cache.spending()
    assert row.cost_usd == pytest.approx(server.counts.cost_usd(0.15, 0.60) / 2)
    assert (row.calls, later.meter.usage.calls, later.meter.usage.cached_calls) == (3, 3, 0)
    last = connect()
    assert (collect(last), server.counts.batched, server.counts.requests) == (0, 3, 0)
    ask(last, 3)
    assert (last.meter.usage.calls, last.meter.usage.cached_calls) == (0, 3)
    assert (later.complete(town(0)).usage, last.complete(town(0)).usage) == (Usage(), Usage(cached_calls=1))


@pytest.mark.parametrize("schema", [SCHEMA, None], ids=["structured", "plain"])
def test_what_a_batch_has_brought_is_there_in_every_later_session(connect: Open, schema: Any) -> None:
    model = connect()
    ask(model, 1, schema=schema)
    submit(model)
    collect(model)
    assert "number 0" in ask(connect(), 1, schema=schema)[0]


def test_that_a_structured_reply_was_cut_off_is_known_in_every_later_session(
    connect: Open, server: FakeLLMServer
) -> None:
    server.behaviour.output_tokens = 3
    model = connect()
    ask(model, 1)
    submit(model)
    collect(model)
    assert connect().complete(town(0)).finish_reason == "length"


def test_a_batch_whose_price_nobody_knows_is_collected_all_the_same(connect: Open) -> None:
    model = connect()
    assert model.batches is not None
    model.batches._offer = replace(model.batches._offer, price=None)  # a server on this machine is free
    ask(model, 1)
    assert [made.most_usd for made in model.batches.submit()] == [None]
    assert collect(model) == 1
    assert [row.cost_usd for row in model.cache.spending()] == [None]


@pytest.mark.parametrize("name", ["gpt-4o-mini", "gpt-5-mini", "o3"])
def test_the_body_is_what_a_call_at_once_sends(connect: Open, server: FakeLLMServer, name: str) -> None:
    model = connect(model=name)
    ask(model, 1)
    submit(model)
    with closing(open_chat_model(model._settings)) as sending:
        sending.complete(town(0))
    by_batch, at_once = server.counts.bodies
    assert by_batch == at_once


@pytest.mark.parametrize("records", [True, False], ids=["by batch", "at once"])
def test_what_is_under_way_is_asked_by_nobody(connect: Open, server: FakeLLMServer, records: bool) -> None:
    server.batches.behaviour.holds = True
    first = connect()
    ask(first, 2)
    submit(first)
    later = connect(batch=records)
    assert collect(later) == 0
    assert ask(later, 3)[:2] == [PendingError, PendingError]
    assert server.counts.requests == (0 if records else 1)
    assert submit(later) == (1 if records else 0)


@pytest.mark.parametrize("fault", [500, 408, 409, 425, 429, "expires"])
def test_what_came_back_without_a_reply_is_asked_again(connect: Open, server: FakeLLMServer, fault: int | str) -> None:
    how = server.batches.behaviour
    if isinstance(fault, int):
        how.fails, how.fails_with = ("number 1 ",), fault
    else:
        how.expires_after = 1
    model = connect()
    ask(model, 2)
    submit(model)
    how.fails, how.expires_after = (), -1
    assert collect(model) == 1
    assert ask(model, 2)[1] is PendingError
    assert submit(model) == 1
    assert collect(model) == 1
    assert PendingError not in ask(model, 2)
    assert max(server.counts.billed.values()) == 1


def test_what_never_comes_is_an_error_in_the_end(connect: Open, server: FakeLLMServer) -> None:
    server.batches.behaviour.fails = ("number 0 ",)
    model = connect()
    seen = []
    for _ in range(4):
        seen += ask(model, 1)
        submit(model)
        collect(model)
    assert seen == [PendingError, PendingError, PendingError, ModelUnavailableError]


def test_a_refused_request_is_an_error_of_this_run_alone(connect: Open, server: FakeLLMServer) -> None:
    server.behaviour.filtered_words = ("number 1 ",)
    model = connect()
    ask(model, 2)
    submit(model)
    collect(model)
    assert ask(model, 2)[1] is ModelRefusedError
    with pytest.raises(ModelRefusedError, match=r"refused with status 400: Content Exists Risk\.$"):
        model.complete(town(1))
    assert ask(connect(), 2)[1] is PendingError


def test_a_prompt_that_is_too_long_is_cut_off(connect: Open, server: FakeLLMServer) -> None:
    server.behaviour.context_tokens = 5
    model = connect()
    ask(model, 1)
    submit(model)
    collect(model)
    assert model.complete(town(0)).finish_reason == "length"


def test_a_form_that_is_refused_is_learned(connect: Open, server: FakeLLMServer) -> None:
    server.behaviour.refuses_formats = ("json_schema",)
    model = connect()
    for _ in range(2):
        ask(model, 2)
        submit(model)
        collect(model)
    assert PendingError not in ask(model, 2)
    assert server.counts.bodies[-1]["response_format"] == {"type": "json_object"}


def test_a_model_that_only_streams_is_asked_in_no_second_batch(connect: Open, server: FakeLLMServer) -> None:
    server.behaviour.must_stream = "This model only support stream mode"
    model = connect()
    ask(model, 2)
    assert submit(model) == 2
    collect(model)
    ask(model, 2)
    assert submit(model) == 0


def test_a_text_that_was_cut_off_is_given_once_and_not_kept(connect: Open, server: FakeLLMServer) -> None:
    server.behaviour.output_tokens = 3
    model = connect()
    ask(model, 1, schema=None)
    submit(model)
    collect(model)
    assert not model.complete(town(0, schema=None)).is_complete
    assert ask(connect(), 1, schema=None) == [PendingError]


def test_a_batch_whose_making_was_not_confirmed_is_found_again(connect: Open, server: FakeLLMServer) -> None:
    server.batches.behaviour.drops_create = True
    model = connect(max_retries=0)
    ask(model, 2)
    with pytest.raises(ModelUnavailableError):
        submit(model)
    later = connect()
    assert later.batches is not None
    assert later.batches.waiting == 2
    server.batches.behaviour.holds = True
    assert (collect(later), [made.id for made in later.batches.batches()]) == (0, ["batch_1"])
    assert later.batches.progress() == (0, False)
    server.batches.behaviour.holds = False
    assert (collect(later), len(server.batches.batches)) == (2, 1)


def test_a_lost_answer_is_looked_up_before_the_batch_is_made_again(connect: Open, server: FakeLLMServer) -> None:
    server.batches.behaviour.drops_create = True
    model = connect(max_retries=2)
    ask(model, 2)
    assert submit(model) == 2
    assert (collect(model), len(server.batches.batches)) == (2, 1)


def test_a_batch_that_was_written_down_and_never_made_is_asked_again(connect: Open, server: FakeLLMServer) -> None:
    model = connect()
    assert model.batches is not None
    asked = {"0123": Asked("extract", 10, True)}
    write_batch(model.cache, Batch("token", server.url, "gpt-4o-mini", 1e9, asked))
    later = connect()
    assert later.batches is not None
    assert (later.batches.waiting, collect(later), later.batches.waiting) == (1, 0, 0)
    assert later.batches.batches() == []


def test_a_batch_refused_as_a_whole_says_why(connect: Open, server: FakeLLMServer) -> None:
    server.batches.behaviour.refused = "token_limit_exceeded"
    model = connect()
    ask(model, 2)
    submit(model)
    collect(model)
    with pytest.raises(ModelUnavailableError, match=r"token_limit_exceeded.*llm\.batch_tokens"):
        model.complete(town(0))


def test_the_account_s_limit_is_kept(connect: Open, server: FakeLLMServer) -> None:
    model = connect(batch_tokens=250)
    assert model.batches is not None
    sent = 0
    while sent < 5:
        assert ask(model, 5)[sent:] == [PendingError] * (5 - sent)
        sent += submit(model)
        under_way = [asked for made in model.batches.batches() for asked in made.requests.values()]
        assert 0 < sum(asked.prompt_tokens for asked in under_way) <= 250
        assert sent == 5 or sum(asked.prompt_tokens for asked in under_way) > 125  # no less than fits
        assert collect(model) == len(under_way)
    assert len(server.batches.batches) > 1
    assert server.counts.batched == 5


def test_a_request_above_the_account_s_limit_goes_alone(connect: Open) -> None:
    model = connect(batch_tokens=1)
    assert ask(model, 2) == [PendingError, PendingError]
    assert submit(model) == 1


def test_how_far_batches_are_is_told(connect: Open, server: FakeLLMServer) -> None:
    server.batches.behaviour.holds = True
    model = connect()
    assert model.batches is not None
    for first in (0, 2):  # two batches
        ask(model, first + 2)
        submit(model)
    assert model.batches.progress() == (0, False)
    server.batches.behaviour.holds, server.batches.behaviour.polls = False, 9
    server.batches.looks["batch_2"] = 9  # done, though the first is not
    assert model.batches.progress() == (2, False)
    server.batches.behaviour.polls = 0
    assert model.batches.progress() == (4, True)


def test_a_file_that_the_server_still_reads_is_waited_for(connect: Open, server: FakeLLMServer) -> None:
    server.batches.behaviour.is_reading_file = 2
    model = connect(max_retries=2)
    ask(model, 2)
    assert submit(model) == 2
    assert (collect(model), len(server.batches.files)) == (2, 2)


def test_the_name_of_a_file_is_found_in_its_wrapping(connect: Open, server: FakeLLMServer) -> None:
    server.batches.behaviour.wraps_files = True
    model = connect()
    ask(model, 2)
    assert (submit(model), collect(model)) == (2, 2)


def test_large_batches_are_split(connect: Open, server: FakeLLMServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "MOST_REQUESTS", 2)
    model = connect()
    ask(model, 5)
    submit(model)
    assert [b["total"] for b in server.batches.batches.values()] == [2, 2, 1]
    assert collect(connect()) == 5


def test_a_cap_bounds_what_is_recorded_and_what_is_collected_counts(connect: Open) -> None:
    model = connect()
    ask(model, 1)
    assert model.batches is not None
    worst = next(iter(model.batches.submit())).most_usd
    assert worst is not None
    again = connect(max_usd=2.5 * worst, temperature=0.1)  # other requests, so that nothing is under way
    assert ask(again, 4) == [PendingError, PendingError, BudgetExceededError, BudgetExceededError]
    assert submit(again) == 2
    assert again.meter.lost_usd == 0  # what waits for its batch is not lost
    later = connect(max_usd=worst, temperature=0.1)  # enough for one more, were it not for what is collected
    assert collect(later) == 3
    assert ask(later, 3)[2] is BudgetExceededError


def test_cancelled_batches_give_what_they_hold_and_the_rest_is_asked_again(
    connect: Open, server: FakeLLMServer
) -> None:
    how = server.batches.behaviour
    how.holds, how.expires_after = True, 1
    model = connect()
    ask(model, 2)
    submit(model)
    assert model.batches is not None
    assert model.batches.cancel() == 1
    assert server.batches.batches["batch_1"]["status"] == "cancelled"
    assert (collect(model), model.batches.waiting) == (1, 0)
    first, second = ask(model, 2)
    assert "number 0" in first
    assert second is PendingError


def test_cancelling_loses_no_reply_of_a_batch_that_has_ended(connect: Open, server: FakeLLMServer) -> None:
    model = connect()
    ask(model, 2)
    submit(model)
    assert model.batches is not None
    assert model.batches.progress() == (2, True)
    assert model.batches.cancel() == 1
    assert server.batches.batches["batch_1"]["status"] != "cancelled"
    assert collect(model) == 2


@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_batch_that_could_not_be_cancelled_is_not_called_so(
    connect: Open, server: FakeLLMServer, status: int
) -> None:
    server.batches.behaviour.refuses_cancelling = status
    model = connect()
    ask(model, 2)
    submit(model)
    assert model.batches is not None
    with pytest.raises(ModelError, match=f"status {status}"):
        model.batches.cancel()
    assert collect(model) == 2


def test_a_batch_that_the_server_does_not_know_is_forgotten_by_cancelling(connect: Open, server: FakeLLMServer) -> None:
    model = connect()
    ask(model, 1)
    submit(model)
    server.batches.batches.clear()
    with pytest.raises(ModelRefusedError, match="grl llm cancel-batch"):
        collect(model)
    assert model.batches is not None
    model.batches.cancel()
    assert connect().batches.waiting == 0  # type: ignore[union-attr]  # it has batches


def test_a_batch_that_the_server_does_not_know_hides_no_other(connect: Open, server: FakeLLMServer) -> None:
    model = connect()
    ask(model, 2)
    submit(model)
    ask(model, 5)
    submit(model)
    del server.batches.batches["batch_1"]
    later = connect()
    assert later.batches is not None
    lost, *collected = later.batches.collect()
    assert isinstance(lost, ModelRefusedError)
    assert "does not know batch_1" in str(lost)
    assert "grl llm cancel-batch batch_1" in str(lost)
    assert [one[1].calls for one in collected if isinstance(one, tuple)] == [3]
    assert (later.batches.waiting, later.batches.lost) == (2, 2)
    assert later.batches.progress() == (2, True)
    assert [isinstance(text, str) for text in ask(later, 5)] == [False, False, True, True, True]
    assert later.batches.cancel("batch_2") == 0
    assert later.batches.cancel("batch_1") == 1
    again = connect()
    assert (ask(again, 5).count(PendingError), submit(again), collect(again)) == (2, 2, 2)
    assert [count for count in server.counts.billed.values() if count > 1] == [2, 2]  # the lost, on purpose


def test_replies_whose_file_is_gone_are_asked_again(connect: Open, server: FakeLLMServer) -> None:
    model = connect()
    ask(model, 2)
    submit(model)
    for name in [name for name in server.batches.files if name.startswith("output")]:
        del server.batches.files[name]
    assert collect(model) == 0
    assert (ask(model, 2), submit(model), collect(model)) == ([PendingError] * 2, 2, 2)


@pytest.mark.parametrize("body", [{"choices": None}, {"error": {"message": "Out of money", "code": 402}}])
def test_a_line_of_a_batch_that_cannot_be_read_is_asked_for_again(
    connect: Open, server: FakeLLMServer, body: Any
) -> None:
    model = connect()
    ask(model, 3)
    submit(model)
    (name,) = [name for name in server.batches.files if name.startswith("output")]
    broken, odd, whole = server.batches.files[name].split(b"\n")
    value = json.loads(odd)
    value["response"]["body"] = body
    server.batches.files[name] = b"\n".join([broken[:40], json.dumps(value).encode(), b"[]", whole])
    assert collect(model) == 1
    assert (ask(model, 3).count(PendingError), submit(model), collect(model)) == (2, 2, 2)


@pytest.mark.parametrize(
    ("response", "is_read"),
    [
        ({"status_code": "200"}, True),
        ({"status_code": "none"}, False),
        ({"status_code": [200]}, False),
        ({"body": "text"}, False),
        ("text", False),
    ],
)
def test_a_line_of_another_shape_costs_no_other(
    connect: Open, server: FakeLLMServer, response: Any, is_read: bool
) -> None:
    model = connect()
    ask(model, 2)
    submit(model)
    (name,) = [name for name in server.batches.files if name.startswith("output")]
    odd, whole = server.batches.files[name].split(b"\n")
    value = json.loads(odd)
    value["response"] = value["response"] | response if isinstance(response, dict) else response
    server.batches.files[name] = b"\n".join([json.dumps(value).encode(), whole])
    assert collect(model) == (2 if is_read else 1)


def test_a_killed_collection_is_counted_once(connect: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    model = connect()
    ask(model, 2)
    submit(model)
    assert model.batches is not None
    with monkeypatch.context() as patched:
        patched.setattr(batch, "erase_batch", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            collect(model)
    later = connect()
    assert later.cache.spending() == []
    assert collect(later) == 2
    assert later.cache.spending()[0].calls == 2


@pytest.mark.parametrize("provider", ["deepseek", "vllm", "sglang", "lmdeploy", "llamacpp", "ollama"])
def test_a_provider_without_batches_is_refused_before_anything_is_sent(connect: Open, provider: str) -> None:
    with pytest.raises(SettingsError, match="has no Batch API"):
        connect(provider=provider)
    assert connect(provider=provider, batch=False)


@pytest.mark.parametrize("status", ["queued", "IN_PROGRESS"])
def test_a_batch_under_way_in_a_servers_own_words_is_not_asked_again(
    connect: Open, server: FakeLLMServer, status: str
) -> None:
    how = server.batches.behaviour
    how.holds, how.shows = True, {"status": status, "request_counts": {"total": 2, "completed": None}}
    model = connect()
    ask(model, 2)
    submit(model)
    assert (collect(model), ask(model, 2), submit(model)) == (0, [PendingError] * 2, 0)
    how.holds, how.shows = False, {"status": "COMPLETED"}
    assert collect(model) == 2


@pytest.mark.parametrize("errors", [["bad line"], {"data": [None, {"message": "bad line"}]}])
def test_why_a_batch_failed_is_told_from_any_list(connect: Open, server: FakeLLMServer, errors: Any) -> None:
    server.batches.behaviour.refused = "code"
    server.batches.behaviour.shows = {"errors": errors}
    model = connect()
    ask(model, 1)
    submit(model)
    collect(model)
    with pytest.raises(ModelUnavailableError, match="bad line"):
        model.complete(town(0))


def test_a_batch_that_gets_no_name_is_none(connect: Open, server: FakeLLMServer) -> None:
    server.batches.behaviour.shows = {"id": None, "error": {"message": "not today"}}
    model = connect()
    ask(model, 1)
    with pytest.raises(ModelRefusedError, match=r"no Batch API that we know: not today\."):
        submit(model)
    assert model.batches is not None
    assert not model.batches.batches()


def test_a_server_without_batches_says_so(connect: Open, server: FakeLLMServer) -> None:
    server.batches.behaviour.has_batches = False
    model = connect(provider="other")
    ask(model, 1)
    with pytest.raises(ModelRefusedError, match="has no Batch API"):
        submit(model)
    assert connect().batches.waiting == 0  # type: ignore[union-attr]  # it has batches


def test_tokens_that_the_server_does_not_count_are_estimated(connect: Open, server: FakeLLMServer) -> None:
    server.behaviour.sends_usage = False
    model = connect()
    ask(model, 1)
    submit(model)
    collect(model)
    assert model.cache.spending()[0].prompt_tokens > 5
