"""A server in the own network that nobody names is asked once for each model what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from graphrag_lite.llm.chat import CheckedChatModel, open_chat_model
from graphrag_lite.settings import LLMSettings
from tests.fake_llm_server import Behaviour, FakeLLMServer

Open = Callable[..., CheckedChatModel]


def listed(*owners: Any) -> dict[str, Any]:
    return {"object": "list", "data": [{"id": f"m{n}", "owned_by": owner} for n, owner in enumerate(owners)]}


@pytest.fixture
def server() -> Iterator[FakeLLMServer]:
    started = FakeLLMServer(Behaviour(lists_models=listed("llamacpp")))
    yield started
    started.close()


@pytest.fixture
def connect(server: FakeLLMServer, tmp_path: Path) -> Iterator[Open]:
    models: list[CheckedChatModel] = []

    def start(**settings: Any) -> CheckedChatModel:
        values = {"model": "m0", "base_url": server.url} | settings
        models.append(open_chat_model(LLMSettings(**values), cache_path=tmp_path / "cache.sqlite"))
        return models[-1]

    yield start
    for model in models:
        model.close()


@pytest.mark.parametrize("name", ["vllm", "sglang", "lmdeploy", "llamacpp"])
def test_a_server_is_known_by_how_it_lists_its_models(server: FakeLLMServer, connect: Open, name: str) -> None:
    server.behaviour.lists_models = listed(name)
    assert connect().provider.name == name


def test_llama_cpp_is_sent_few_calls_at_once_unless_the_settings_say_otherwise(connect: Open) -> None:
    assert (connect().concurrency, connect(concurrency=7).concurrency) == (4, 7)


@pytest.mark.parametrize(
    "told",
    [listed("tests"), listed("vllm", "llamacpp"), listed(None), listed(), {"data": None}, [], "<html>"],
    ids=["another", "two", "null", "none", "no list", "list", "page"],
)
def test_what_a_server_does_not_say_is_not_guessed(server: FakeLLMServer, connect: Open, told: Any) -> None:
    server.behaviour.lists_models = told
    assert connect().provider.name == "other"


def test_ollama_is_what_speaks_its_own_api(server: FakeLLMServer, connect: Open) -> None:
    server.behaviour.lists_models = listed("library")
    server.ollama.is_ollama = True
    assert connect().provider.native == "ollama"


def test_a_gateway_to_ollama_is_none(server: FakeLLMServer, connect: Open) -> None:
    server.behaviour.lists_models = listed("library")
    server.ollama.is_ollama = False
    assert connect().provider.name == "other"


def test_it_is_asked_once(server: FakeLLMServer, connect: Open) -> None:
    assert connect().provider.name == "llamacpp"
    server.behaviour.lists_models = listed("vllm")
    assert connect().provider.name == "llamacpp"


def test_it_is_asked_again_for_another_model(server: FakeLLMServer, connect: Open) -> None:
    assert connect().provider.name == "llamacpp"
    server.behaviour.lists_models = listed("vllm")
    assert connect(model="m1").provider.name == "vllm"


def test_a_server_that_is_down_is_asked_again_later(connect: Open, tmp_path: Path) -> None:
    down = FakeLLMServer()
    down.close()
    assert connect(base_url=down.url).provider.name == "other"
    assert connect().provider.name == "llamacpp"


def test_a_server_that_is_named_is_not_asked(connect: Open) -> None:
    assert connect(provider="other").provider.name == "other"


def test_a_recognised_server_that_is_not_this_machine_may_ask_a_price(
    server: FakeLLMServer, connect: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphrag_lite.llm.providers.is_this_machine", lambda url: False)
    found = connect(model="some-model")
    assert (found.provider.name, found.price) == ("llamacpp", None)
