"""`grl prompts` as a user runs it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.fake_llm_server import FakeLLMServer

Grl = Callable[..., subprocess.CompletedProcess[str]]


def model(server: FakeLLMServer, **more: str) -> dict[str, str]:
    return {"GRL_LLM__MODEL": "gpt-4o-mini", "GRL_LLM__BASE_URL": server.url, **more}


def test_prompts_are_tuned_reviewed_and_then_used(
    docs: Path, own_folder: Path, grl: Grl, server: FakeLLMServer
) -> None:
    planned = grl("prompts", "tune", docs, "--dry-run", env=model(server))
    assert planned.returncode == 0, planned.stderr
    assert "Nothing was written." in planned.stdout
    assert server.counts.requests == 0

    done = grl("prompts", "tune", docs, "--kb", "kb", env=model(server))
    assert done.returncode == 0, done.stderr
    folder = own_folder / "kb" / "grl-prompts"
    assert f'prompts = "{folder.as_posix()}"' in done.stdout
    assert (folder / "CHANGES.md").read_text(encoding="utf-8") in done.stdout
    assert "vessel" in (folder / "en" / "extract.md").read_text(encoding="utf-8")
    assert "设施" in (folder / "zh" / "extract.md").read_text(encoding="utf-8")

    before = server.counts.requests
    assert grl("index", docs, "--kb", "kb", env=model(server)).returncode == 0
    assert not any("vessel" in str(body) for body in server.counts.bodies[before:])  # nothing is used unasked
    used = grl("index", docs, "--kb", "kb", env=model(server, GRL_LLM__PROMPTS=str(folder)))
    assert used.returncode == 0, used.stderr
    assert "vessel" in str(server.counts.bodies[-1]) + str(server.counts.bodies)


def test_a_second_tuning_costs_nothing_and_overwrites_nothing(
    docs: Path, own_folder: Path, grl: Grl, server: FakeLLMServer
) -> None:
    assert grl("prompts", "tune", docs, "--kb", "kb", env=model(server)).returncode == 0
    again = grl("prompts", "tune", docs, "--kb", "kb", env=model(server))
    assert again.returncode == 1
    assert "--out" in again.stderr
    replies = server.counts.replies
    elsewhere = grl("prompts", "tune", docs, "--kb", "kb", "--out", "mine", "--json", env=model(server))
    assert json.loads(elsewhere.stdout)["usage"]["calls"] == 0
    assert server.counts.replies == replies
    assert (own_folder / "mine" / "en" / "extract.md").is_file()


def test_a_knowledge_base_is_tuned_without_naming_its_documents(own_kb: Path, grl: Grl, server: FakeLLMServer) -> None:
    done = grl("prompts", "tune", "--kb", own_kb, env=model(server))
    assert done.returncode == 0, done.stderr
    assert (own_kb / "grl-prompts" / "en" / "extract.md").is_file()
    assert grl("index", own_kb.parent / "docs", own_kb, "--kb", own_kb).returncode == 0
    assert "extract.md" not in grl("status", "--kb", own_kb, "--json").stdout  # prompts are no documents


def test_an_unknown_price_wants_a_yes(docs: Path, grl: Grl) -> None:
    odd = {"GRL_LLM__MODEL": "house-model", "GRL_LLM__BASE_URL": "http://llm.example.com/v1", "OPENAI_API_KEY": "x"}
    done = grl("prompts", "tune", docs, env=odd)
    assert done.returncode == 2
    assert "--yes" in done.stderr


def test_tuning_needs_a_model_and_says_so(docs: Path, grl: Grl) -> None:
    done = grl("prompts", "tune", docs)
    assert done.returncode == 2
    assert "GRL_LLM__MODEL" in done.stderr


def test_prompts_are_shown_as_used(own_folder: Path, grl: Grl) -> None:
    assert "extract" in grl("prompts", "show").stdout.splitlines()
    assert "{{passages}}" in grl("prompts", "show", "extract").stdout
    assert "你为知识图谱" in grl("prompts", "show", "extract", "--language", "zh").stdout
    mine = own_folder / "mine" / "en"
    mine.mkdir(parents=True)
    (mine / "extract.md").write_text("My own words. {{claims}} {{claims_shape}}\n---\n{{passages}}")
    env = {"GRL_LLM__PROMPTS": str(mine.parent)}
    assert grl("prompts", "show", "extract", env=env).stdout.startswith("My own words.")
    (mine / "extract.md").write_text("My own words.\n---\n{{passages}}")
    assert "lacks {{claims}}" in grl("prompts", "show", "extract", env=env).stderr  # no run would take it
    assert "is no folder" in grl("prompts", "show", "extract", env={"GRL_LLM__PROMPTS": "elsewhere"}).stderr


def test_exported_prompts_are_whole_and_say_how_to_use_them(own_folder: Path, grl: Grl) -> None:
    done = grl("prompts", "export", "mine")
    assert f'prompts = "{(own_folder / "mine").as_posix()}"' in done.stdout
    for language in ("en", "zh"):
        written = (own_folder / "mine" / language / "extract.md").read_text(encoding="utf-8")
        shown = grl("prompts", "show", "extract", "--language", language).stdout
        assert written == shown
    assert grl("prompts", "export", "mine").returncode == 1
