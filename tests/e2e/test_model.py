"""Commands with a chat model, as a user runs them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.fake_llm_server import Behaviour, FakeLLMServer

Grl = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def server() -> Iterator[FakeLLMServer]:
    with FakeLLMServer() as started:
        yield started


def settings(server: FakeLLMServer, **more: str) -> dict[str, str]:
    found = {"GRL_LLM__MODEL": "gpt-4o-mini", "GRL_LLM__BASE_URL": server.url, "GRL_EMBEDDING__MODEL": "none"}
    return found | more


def test_the_whole_way_with_a_model(docs: Path, grl: Grl, server: FakeLLMServer) -> None:
    env = settings(server)
    plan = json.loads(grl("index", docs, "--dry-run", "--json", env=env).stdout)
    assert plan["steps"]["extract"]["calls"] >= 1
    assert plan["usage"]["cost_usd"] > 0
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
def test_ctrl_c_stops_within_seconds_and_the_next_run_goes_on(docs: Path, own_folder: Path, grl: Grl) -> None:
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
