"""Commands with a chat model, as a user runs them."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.fake_llm_server import Behaviour, FakeLLMServer

Grl = Callable[..., subprocess.CompletedProcess[str]]


def settings(server: FakeLLMServer, **more: str) -> dict[str, str]:
    found = {"GRL_LLM__MODEL": "gpt-4o-mini", "GRL_LLM__BASE_URL": server.url, "GRL_EMBEDDING__MODEL": "none"}
    return found | more


def test_the_whole_way_with_a_model(docs: Path, grl: Grl, server: FakeLLMServer) -> None:
    env = settings(server)
    plan = json.loads(grl("index", docs, "--dry-run", "--json", env=env).stdout)
    assert plan["steps"]["extract"]["calls"] >= 1
    assert 0 < plan["usage"]["cost_usd"] < plan["usage_at_most"]["cost_usd"]
    assert plan["at_most"].keys() == plan["steps"].keys()
    assert server.counts.requests == 0
    made = grl("index", docs, "--json", env=env)
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["usage"]["calls"] == server.counts.replies
    asked = json.loads(grl("query", "Who designed the Bittern 90?", "--mode", "drift", "--json", env=env).stdout)
    assert asked["mode"] == "drift"
    assert asked["models"]["answer"] == "gpt-4o-mini"
    assert asked["usage"]["calls"] > 0
    shown = json.loads(grl("query", "Who designed the Bittern 90?", "--context-only", "--json", env=env).stdout)
    assert "Ottoline Farrar" in shown["context"]
    assert "on " in grl("status", env=env).stdout.split("spent")[1]
    checked = grl("llm", "check", env=env)
    assert "writes JSON" in checked.stdout


@pytest.mark.parametrize(
    ("said", "warns"),
    [("It was Farrar.", True), ("Ottoline Farrar designed it [1][2][3].", False), ("[NO ANSWER]", False)],
    ids=["uncited", "cited", "unknown"],
)
def test_an_answer_without_sources_says_so(docs: Path, grl: Grl, said: str, warns: bool) -> None:
    grl("index", docs)
    with FakeLLMServer(answer=lambda body: said if "[NO ANSWER]" in body["messages"][0]["content"] else None) as server:
        shown = grl("query", "Who designed the Bittern 90?", "--mode", "local", env=settings(server)).stdout
    assert ("No sources" in shown) == warns


def test_where_the_parts_of_a_question_led_is_shown(docs: Path, grl: Grl) -> None:
    def answer(body: Any) -> str:
        asked = body["messages"][0]["content"]
        if '{"questions"' in asked:
            return '{"questions": ["Who designed the Bittern 90?", "Who taught #1?"]}'
        return "[NO ANSWER]" if "[1][4]" in asked else "Ottoline Farrar"

    grl("index", docs)
    with FakeLLMServer(answer=answer) as server:
        shown = grl(
            "query", "Who taught the designer of the Bittern 90?", "--mode", "local", env=settings(server)
        ).stdout
    assert "I do not know" in shown
    assert "1. Who designed the Bittern 90? Ottoline Farrar\n  2. Who taught Ottoline Farrar?\n" in shown


def test_an_expensive_run_wants_a_yes(docs: Path, grl: Grl, server: FakeLLMServer) -> None:
    env = settings(server, GRL_BUDGET__CONFIRM_ABOVE_USD="0")
    refused = grl("index", docs, env=env)
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    assert server.counts.requests == 0
    assert grl("index", docs, "--yes", env=env).returncode == 0


def test_the_budget_has_its_own_exit_code(docs: Path, grl: Grl, server: FakeLLMServer) -> None:
    env = settings(server, GRL_LLM__PRICE_INPUT_USD="20", GRL_LLM__PRICE_OUTPUT_USD="60")
    stopped = grl("index", docs, "--budget", "0.01", env=env)
    assert stopped.returncode == 4, stopped.stderr
    assert server.counts.cost_usd(20, 60) <= 0.01
    assert grl("query", "Who designed the Bittern 90?", env=env | {"GRL_LLM__MODEL": ""}).returncode == 0
    assert grl("index", docs, "--budget", "5", env=env).returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for a process of its own")
def test_ctrl_c_stops_within_seconds_and_the_next_run_goes_on(docs: Path, grl: Grl) -> None:
    with FakeLLMServer(Behaviour(latency_s=30.0)) as server:
        env = settings(server)
        command = [sys.executable, "-m", "graphrag_lite", "index", str(docs)]
        # A shell lets what it starts in the background ignore Ctrl-C, and so would everything started from there.
        heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
        process = subprocess.Popen(command, env=os.environ | env, stderr=subprocess.PIPE, text=True, preexec_fn=heed)
        deadline = time.monotonic() + 60
        while not server.counts.running and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        start = time.monotonic()
        _, shown = process.communicate(timeout=60)
        assert time.monotonic() - start < 10
        assert process.returncode == 130
        assert "Interrupted" in shown
        server.behaviour.latency_s = 0.0
        done = grl("index", docs, env=env)
        assert done.returncode == 0, done.stderr


def test_what_is_likely_and_the_most_it_can_be_stand_side_by_side(docs: Path, grl: Grl, server: FakeLLMServer) -> None:
    env = settings(server)
    said = grl("index", docs, "--dry-run", env=env).stdout
    assert re.search(
        r"^  extract: about \d+ calls?, [\d,]+ tokens in, .* USD; at most \d+ calls, [\d.]+ USD$", said, re.M
    )
    assert re.search(r"^About \d+ model calls, [\d.]+ USD, .*; at most \d+ calls, [\d.]+ USD$", said, re.M)
    refused = grl("index", docs, env=env | {"GRL_BUDGET__CONFIRM_ABOVE_USD": "0.0001"})
    assert refused.returncode == 2
    asked = " ".join(refused.stderr.replace("│", " ").split())
    assert re.search(r"this run costs about [\d.]+ USD, at most [\d.]+ USD: allow it with --yes", asked)
    assert server.counts.requests == 0
    assert grl("index", docs, env=env).returncode == 0
    assert "0 model calls, 0 USD\n" in grl("index", docs, "--dry-run", env=env).stdout


def test_paid_embeddings_are_confirmed_capped_and_told_without_a_chat_model(
    docs: Path, grl: Grl, server: FakeLLMServer
) -> None:
    env = {
        "GRL_EMBEDDING__MODEL": "text-embedding-3-small",
        "GRL_EMBEDDING__BASE_URL": server.url,
        "GRL_EMBEDDING__PRICE_INPUT_USD": "10000",
    }
    plan = json.loads(grl("index", docs, "--dry-run", "--json", env=env).stdout)
    assert plan["steps"]["embed"]["cost_usd"] > 1
    refused = grl("index", docs, env=env)
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    assert server.counts.requests == 0
    assert grl("index", docs, "--budget", "0.5", env=env).returncode == 4
    made = grl("index", docs, "--yes", env=env)
    assert made.returncode == 0, made.stderr
    assert "model call" in made.stdout
    assert "0 model calls" not in made.stdout
    assert "spent" in grl("status", env=env).stdout


def test_paid_reembedding_is_confirmed_and_capped(docs: Path, grl: Grl, server: FakeLLMServer) -> None:
    env = {"GRL_EMBEDDING__BASE_URL": server.url, "GRL_EMBEDDING__BATCH_SIZE": "1"}
    assert grl("index", docs, env=env | {"GRL_EMBEDDING__MODEL": "bge-m3"}).returncode == 0
    env |= {"GRL_EMBEDDING__MODEL": "text-embedding-3-small", "GRL_EMBEDDING__PRICE_INPUT_USD": "10000"}
    before = server.counts.requests
    refused = grl("reembed", env=env)
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    assert server.counts.requests == before
    assert grl("reembed", "--budget", "0.6", env=env).returncode == 4
    assert grl("reembed", "--yes", env=env).returncode == 0


def test_embeddings_of_unknown_price_want_a_yes_or_their_price(docs: Path, grl: Grl) -> None:
    env = {"GRL_EMBEDDING__MODEL": "strange", "GRL_EMBEDDING__BASE_URL": "https://models.example/v1"}
    refused = grl("index", docs, env=env)
    assert refused.returncode == 2
    assert "price of strange" in refused.stderr
    assert "embedding.price_input_usd" in refused.stderr
