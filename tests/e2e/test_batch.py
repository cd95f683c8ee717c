"""`grl index --batch` as a user runs it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.fake_llm_server import FakeLLMServer

Grl = Callable[..., subprocess.CompletedProcess[str]]


def settings(server: FakeLLMServer, **more: str) -> dict[str, str]:
    named = {"MODEL": "gpt-4o-mini", "PROVIDER": "openai", "BASE_URL": server.url}
    return {f"GRL_LLM__{name}": value for name, value in named.items()} | {"GRL_EMBEDDING__MODEL": "none"} | more


def test_batches_are_submitted_listed_and_collected(docs: Path, grl: Grl, server: FakeLLMServer) -> None:
    env = settings(server)
    server.batches.behaviour.holds = True
    first = grl("index", docs, "--batch", env=env)
    assert first.returncode == 3, first.stderr
    assert "submitted as batch_1, for at most 0.0" in first.stderr
    assert "--batch-wait" in first.stderr
    assert "in batch_1 since" in grl("status", env=env).stdout
    assert grl("query", "Who designed the Bittern 90?", "--mode", "local", env=env).returncode == 0
    server.batches.behaviour.holds = False
    second = grl("index", docs, "--batch-wait", "--json", env=env)
    assert second.returncode == 0, second.stderr
    report = json.loads(second.stdout)
    assert (report["is_whole"], report["waiting"]) == (True, 0)
    assert report["usage"]["calls"] == server.counts.batched
    assert "None under way" in grl("llm", "cancel-batch", env=env).stdout
    assert json.loads(grl("llm", "cancel-batch", "--json", env=env).stdout) == {"stopped": 0}


def test_a_batch_is_confirmed_like_any_run(docs: Path, grl: Grl, server: FakeLLMServer) -> None:
    refused = grl("index", docs, "--batch", env=settings(server, GRL_BUDGET__CONFIRM_ABOVE_USD="0"))
    assert (refused.returncode, server.batches.batches) == (2, {})
    assert "--yes" in refused.stderr


def test_a_batch_needs_a_model_that_has_batches(docs: Path, grl: Grl, server: FakeLLMServer) -> None:
    none = grl("index", docs, "--batch", env={"GRL_EMBEDDING__MODEL": "none"})
    assert (none.returncode, "needs a chat model" in none.stderr) == (2, True)
    other = grl("index", docs, "--batch", env=settings(server, GRL_LLM__PROVIDER="deepseek"))
    assert (other.returncode, "has no Batch API" in other.stderr) == (2, True)
