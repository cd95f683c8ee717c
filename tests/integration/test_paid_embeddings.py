"""Embeddings behind a server over real HTTP: estimated, capped, counted and never paid for twice."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphrag_lite import Document, KnowledgeBase, SettingsError, VersionMismatchError
from graphrag_lite.errors import ModelRefusedError, ModelUnavailableError
from graphrag_lite.index.vectors_journal import keep_vectors
from graphrag_lite.llm.cache import ReplyCache
from graphrag_lite.llm.embedding import OpenAIEmbeddingModel
from graphrag_lite.settings import EmbeddingSettings
from tests.fake_llm_server import FakeLLMServer, Faults

MODEL = "text-embedding-3-small"  # the table knows its price, so it costs money also where the server is local
TEXTS = [
    f"In {1900 + n} the Heron {n} pump drained dock number {n}, and Josiah Pell wrote of it. " * 3 for n in range(40)
]
Open = Callable[..., KnowledgeBase]


def documents(count: int = len(TEXTS)) -> list[Document]:
    return [Document(text, id=f"d{n:02}") for n, text in enumerate(TEXTS[:count])]


@pytest.fixture
def open_kb(tmp_path: Path, server: FakeLLMServer) -> Iterator[Open]:
    opened: list[KnowledgeBase] = []

    def start(**embedding: Any) -> KnowledgeBase:
        more = embedding.pop("settings", {})
        values = {"model": MODEL, "base_url": server.url, "batch_size": 4, "price_input_usd": 100.0} | embedding
        settings = {"recipe": "local", "clean": {"near_duplicates": 0}, "embedding": values} | more
        opened.append(KnowledgeBase(tmp_path / "kb", settings=settings))
        return opened[-1]

    yield start
    for kb in opened:
        kb.close()


def billed_usd(server: FakeLLMServer) -> float:
    return server.counts.embedded_tokens * 100.0 / 1e6


def test_a_run_reports_what_its_embeddings_cost(open_kb: Open, server: FakeLLMServer) -> None:
    report = open_kb().index(documents())
    assert report.usage.calls == server.counts.requests
    assert report.usage.prompt_tokens == server.counts.embedded_tokens
    assert report.usage.cost_usd == pytest.approx(billed_usd(server))
    assert report.usage.cost_usd > 0


def test_the_ledger_tells_what_embeddings_cost(open_kb: Open, server: FakeLLMServer) -> None:
    kb = open_kb()
    kb.index(documents())
    [row] = kb.status()["spending"]
    assert (row["model"], row["purpose"], row["calls"]) == (MODEL, "embed", server.counts.requests)
    assert row["cost_usd"] == pytest.approx(billed_usd(server))


def test_a_local_server_counts_tokens_and_costs_nothing(open_kb: Open, server: FakeLLMServer) -> None:
    kb = open_kb(model="bge-m3", price_input_usd=-1.0)
    report = kb.index(documents(), budget_usd=0.0)
    assert report.is_whole
    assert report.usage.prompt_tokens == server.counts.embedded_tokens
    assert report.usage.cost_usd == 0.0
    assert kb.status()["spending"][0]["prompt_tokens"] == server.counts.embedded_tokens


def test_a_budget_too_small_for_any_call_asks_nothing(open_kb: Open, server: FakeLLMServer) -> None:
    kb = open_kb()
    report = kb.index(documents(), budget_usd=1e-9)
    assert report.stopped_at_budget
    assert server.counts.requests == 0
    assert kb.retrieve("Who wrote of the Heron 7 pump?")
    assert kb.doctor() == []
    assert kb.index(documents()).is_whole
    assert kb.current_snapshot().counts["vectors"] == len(TEXTS)


@pytest.mark.parametrize("price", [100.0, -1.0], ids=["price known", "price unknown"])
def test_a_budget_of_nothing_asks_no_paid_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, price: float) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    embedding = {"model": "strange", "base_url": "https://models.example/v1", "price_input_usd": price}
    with KnowledgeBase(tmp_path / "kb", settings={"embedding": embedding}) as kb:
        assert kb.index(documents(3), budget_usd=0.0).stopped_at_budget


def test_a_budget_needs_a_price(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    embedding = {"model": "strange", "base_url": "https://models.example/v1"}
    with KnowledgeBase(tmp_path / "kb", settings={"embedding": embedding}) as kb:
        with pytest.raises(SettingsError, match=r"embedding\.price_input_usd"):
            kb.index(documents(3), budget_usd=1.0)
        assert kb.current_snapshot() is None


@pytest.mark.parametrize("concurrency", [1, 4])
@pytest.mark.parametrize("usd", [0.02, 0.05, 0.1, 0.2])
def test_a_budget_is_never_exceeded_and_what_was_embedded_is_kept(
    open_kb: Open, server: FakeLLMServer, usd: float, concurrency: int
) -> None:
    kb = open_kb(concurrency=concurrency)
    report = kb.index(documents(), budget_usd=usd)
    assert report.stopped_at_budget
    assert not kb.current_snapshot().is_whole
    assert billed_usd(server) <= usd
    kept = kb.current_snapshot().counts["vectors"]
    assert kept == server.counts.embedded - 1  # the first call asks how long vectors are
    assert kb.retrieve("Who wrote of the Heron 7 pump?")
    assert kb.doctor() == []
    before = server.counts.embedded
    assert kb.index(documents()).is_whole
    assert server.counts.embedded - before == len(TEXTS) - kept


def test_refused_calls_use_up_no_budget(open_kb: Open, server: FakeLLMServer) -> None:
    server.behaviour.faults = Faults(rate_limit=0.3)
    assert open_kb().index(documents(), budget_usd=0.3).is_whole
    assert billed_usd(server) + server.counts.statuses[429] * 0.04 > 0.3  # as if each refused call had been billed


def test_chat_and_embeddings_share_one_cap(open_kb: Open, server: FakeLLMServer) -> None:
    llm = {"model": "m", "base_url": server.url, "price_input_usd": 5.0, "price_output_usd": 15.0}
    more = {"llm": llm | {"max_output_tokens": 1000}, "recipe": "standard"}
    kb = open_kb(settings=more)
    report = kb.index(documents(), budget_usd=0.2)
    assert report.stopped_at_budget
    spent = billed_usd(server) + server.counts.cost_usd(5.0, 15.0)
    assert 0.1 < spent <= 0.2
    assert report.usage.cost_usd == pytest.approx(spent)
    assert kb.doctor() == []
    assert kb.index(documents()).is_whole


def test_a_question_is_neither_capped_nor_counted_by_a_run(open_kb: Open, server: FakeLLMServer) -> None:
    kb = open_kb()
    kb.index(documents(2))
    kb.index(documents(), budget_usd=1e-9)
    before = server.counts.requests
    assert kb.query("Who wrote of the Heron 1 pump?").models["retrieval"] == MODEL
    assert server.counts.requests == before + 1
    report = kb.index(documents())
    assert report.usage.calls == server.counts.requests - before - 1


def test_what_a_question_is_embedded_for_is_in_its_usage_and_in_the_ledger(
    open_kb: Open, server: FakeLLMServer
) -> None:
    kb = open_kb()
    kb.index(documents())
    before, paid = kb.status()["spending"][0]["calls"], billed_usd(server)
    usage = kb.query("Who wrote of the Heron 1 pump?", mode="basic").usage
    assert (usage.calls, usage.completion_tokens) == (1, 0)
    assert usage.cost_usd == pytest.approx(billed_usd(server) - paid) != 0
    kb.retrieve("Who wrote of the Heron 2 pump?")
    [row] = kb.status()["spending"]
    assert (row["purpose"], row["calls"]) == ("embed", before + 2)
    assert row["cost_usd"] == pytest.approx(billed_usd(server))


def test_what_an_overview_of_one_document_is_embedded_for_is_counted(open_kb: Open, server: FakeLLMServer) -> None:
    kb = open_kb()
    kb.index([Document("\n\n".join(TEXTS), id="log", title="The Pump Log"), Document("Rope is sold here.", id="rope")])
    before = server.counts.requests
    answer = kb.query("What is The Pump Log about?")
    assert "The Pump Log" in answer.mode_reason
    assert answer.usage.calls == server.counts.requests - before > 0


def test_a_question_with_a_damaged_ledger_is_answered_and_says_so_once(
    open_kb: Open, caplog: pytest.LogCaptureFixture
) -> None:
    kb = open_kb()
    kb.index(documents())
    (kb.path / "cache.sqlite").write_bytes(b"no database" * 1000)
    for number in range(2):
        assert kb.query(f"Who wrote of the Heron {number} pump?").usage.calls == 1
    assert [record.getMessage().count("cache.sqlite") for record in caplog.records] == [1]


def test_a_damaged_ledger_is_mended_and_told_of_before_anything_is_embedded(
    open_kb: Open, server: FakeLLMServer
) -> None:
    kb = open_kb()
    kb.index(documents(5))
    (kb.path / "cache.sqlite").write_bytes(b"no database" * 1000)
    before = server.counts.embedded
    report = kb.index(documents())
    assert report.is_whole
    assert [notice for notice in report.notices if "cache.sqlite was damaged" in notice]
    assert kb.status()["spending"][0]["calls"] == report.usage.calls
    assert server.counts.embedded - before == report.counts["chunks"] - 5


def test_with_nothing_to_embed_no_model_is_called(open_kb: Open, server: FakeLLMServer) -> None:
    open_kb().index(documents(5))
    before = server.counts.requests
    report = open_kb().index(documents(5), budget_usd=0.0)
    assert report.is_whole
    assert report.usage.calls == 0
    assert server.counts.requests == before


def test_a_model_that_changed_under_its_name_is_refused(open_kb: Open, server: FakeLLMServer) -> None:
    open_kb().index(documents(5))
    server.behaviour.embedding_dimensions = 32
    with pytest.raises(VersionMismatchError, match=r"32 dimensions, not of 64.*grl reembed"):
        open_kb().index(documents(6))
    kb = open_kb()
    kb.reembed()
    assert kb.current_snapshot().embedding_dimensions == 32


def test_what_came_before_a_failure_is_kept_and_in_the_ledger(open_kb: Open, server: FakeLLMServer) -> None:
    kb = open_kb()
    server.behaviour.refuses_embeddings_after = 4
    report = kb.index(documents())
    assert [(failure.step, failure.source) for failure in report.failures] == [("embed", MODEL)]
    assert not report.is_whole
    assert "400" in kb.status()["failures"][0]["reason"]
    assert kb.status()["spending"][0]["calls"] == 4
    server.behaviour.refuses_embeddings_after = 0
    assert kb.index(documents()).is_whole
    assert kb.status()["failures"] == []
    assert kb.doctor() == []
    assert server.counts.embedded == len(TEXTS) + 1  # the first run has asked how long vectors are


def test_where_one_call_fails_what_is_under_way_is_kept(open_kb: Open, server: FakeLLMServer) -> None:
    server.behaviour.refuses_embeddings_after = 6
    server.behaviour.embedding_latency_s = 0.05
    kb = open_kb(concurrency=4)
    assert not kb.index(documents()).is_whole
    assert kb.current_snapshot().counts["vectors"] == server.counts.embedded - 1 > 0  # one call asked how long they are
    server.behaviour.refuses_embeddings_after = 0
    assert kb.index(documents()).is_whole
    assert server.counts.embedded == len(TEXTS) + 1
    assert kb.doctor() == []


@pytest.mark.parametrize(("setting", "most"), [({"concurrency": 4}, 4), ({}, 1)], ids=["as set", "of a private server"])
def test_so_many_calls_are_under_way_at_once(
    open_kb: Open, server: FakeLLMServer, setting: dict[str, int], most: int
) -> None:
    server.behaviour.embedding_latency_s = 0.1
    kb = open_kb(**setting)
    assert kb.index(documents()).is_whole
    assert server.counts.most_embedding == most


def test_what_was_paid_for_survives_a_kill(tmp_path: Path, server: FakeLLMServer) -> None:
    docs = tmp_path / "docs.jsonl"
    docs.write_text("".join(json.dumps({"id": d.id, "text": d.text}) + "\n" for d in documents()), encoding="utf-8")
    server.behaviour.embedding_latency_s = 0.1
    environment = os.environ | {
        "GRL_EMBEDDING__MODEL": MODEL,
        "GRL_EMBEDDING__BASE_URL": server.url,
        "GRL_EMBEDDING__BATCH_SIZE": "2",
        "GRL_CLEAN__NEAR_DUPLICATES": "0",
    }
    command = [sys.executable, "-m", "graphrag_lite", "index", str(docs), "--kb", str(tmp_path / "kb"), "--yes"]
    killed = subprocess.Popen(command, env=environment)
    while server.counts.embedded < 15 and killed.poll() is None:
        time.sleep(0.01)
    killed.kill()
    assert killed.wait() == -signal.SIGKILL
    subprocess.run(command, env=environment, check=True)
    lengths_asked, broke_off = 2, 2
    assert server.counts.embedded <= len(TEXTS) + lengths_asked + broke_off
    with KnowledgeBase(tmp_path / "kb", settings={"embedding": {"model": "none"}}) as kb:
        assert kb.current_snapshot().counts["vectors"] == len(TEXTS)
        assert kb.doctor() == []


def test_embedding_anew_takes_nothing_that_a_killed_run_has_noted(open_kb: Open, server: FakeLLMServer) -> None:
    kb = open_kb()
    kb.index(documents())
    table = kb.current_snapshot().vector_table
    keys = kb._reader().read(table, ["text_hash"])["text_hash"].to_pylist()
    with closing(ReplyCache(kb.path / "cache.sqlite")) as journal:
        keep_vectors(journal, table, keys, np.ones((len(keys), 64), np.float32))
    before = server.counts.embedded
    kb.reembed(anew=True)
    assert server.counts.embedded - before == len(TEXTS) + 1  # one asks how long vectors are


def test_a_change_to_other_vectors_that_fails_leaves_those_in_use(open_kb: Open, server: FakeLLMServer) -> None:
    before = open_kb().index(documents()).snapshot
    server.behaviour.refuses_embeddings_after = server.counts.requests + 3
    with open_kb(model="text-embedding-3-large") as other, pytest.raises(ModelRefusedError, match="400"):
        other.reembed()
    with open_kb() as kb:
        manifest = kb.current_snapshot()
        assert manifest is not None
        assert (manifest.id, manifest.models["embedding"]) == (before, MODEL)


def test_reembedding_counts_and_stops_at_the_budget(open_kb: Open, server: FakeLLMServer) -> None:
    open_kb().index(documents())
    before = server.counts.embedded_tokens
    kb = open_kb(model="text-embedding-3-large", settings={"budget": {"max_usd": 0.05}})
    report = kb.reembed()
    assert report.stopped_at_budget
    assert report.usage.prompt_tokens == server.counts.embedded_tokens - before
    assert 0 < report.usage.cost_usd <= 0.05
    assert 0 < kb.current_snapshot().counts["vectors"] < len(TEXTS)
    assert kb.reembed(budget_usd=5.0).is_whole
    assert kb.current_snapshot().counts["vectors"] == len(TEXTS)


def test_closing_the_knowledge_base_closes_the_connections_of_its_model(open_kb: Open) -> None:
    kb = open_kb()
    kb.index(documents(3))
    client = kb._models._embedding._connect()
    kb.query("Who wrote of the Heron 1 pump?")
    assert not client.is_closed()
    kb.close()
    assert client.is_closed()
    assert kb.query("Who wrote of the Heron 1 pump?").models["retrieval"] == MODEL


def test_a_model_that_was_given_stays_open(tmp_path: Path, server: FakeLLMServer) -> None:
    model = OpenAIEmbeddingModel(EmbeddingSettings(model=MODEL, base_url=server.url))
    with KnowledgeBase(tmp_path / "kb", settings={"recipe": "local"}, embedding_model=model) as kb:
        assert kb.index(documents(3)).usage.calls == server.counts.requests
    assert model.embed(["still there"]).shape == (1, 64)
    model.close()


def test_the_estimate_is_near_the_bill(open_kb: Open, server: FakeLLMServer) -> None:
    kb = open_kb()
    planned = kb.estimate(documents())
    assert server.counts.requests == 0
    step = planned.steps["embed"]
    assert step.calls == len(TEXTS) / 4
    assert planned.minutes > 0
    report = kb.index(documents())
    assert step.prompt_tokens == pytest.approx(report.usage.prompt_tokens, rel=0.25)
    assert step.cost_usd == pytest.approx(step.prompt_tokens * 100.0 / 1e6)


def test_only_texts_without_a_vector_are_estimated(open_kb: Open) -> None:
    kb = open_kb()
    kb.index(documents(8))
    assert kb.estimate(documents(8)).usage.calls == 0
    assert kb.estimate(documents(16)).steps["embed"].calls == 2
    kb.index(documents(16), budget_usd=1e-9)
    assert kb.estimate(documents(16)).steps["embed"].calls == 2
    assert open_kb(model="text-embedding-3-large").estimate().steps["embed"].calls == 4


def test_texts_that_will_be_cut_anew_are_estimated(open_kb: Open) -> None:
    text = "\n\n".join(f"Ada Renn mended lamp {n} of the harbour while the others talked of it." for n in range(12))
    long = [Document(text, id="long")]
    open_kb().index(long)
    kb = open_kb(settings={"chunk": {"max_tokens": 40}})
    calls = kb.estimate(long).steps["embed"].calls
    assert 0 < calls == kb.index(long).usage.calls


def test_a_local_server_is_estimated_as_free_and_a_model_in_the_process_not_at_all(open_kb: Open) -> None:
    step = open_kb(model="bge-m3", price_input_usd=-1.0).estimate(documents()).steps["embed"]
    assert (step.calls, step.cost_usd) == (10, 0.0)
    assert open_kb(model="all-MiniLM-L6-v2", base_url="").estimate(documents()).steps == {}


def test_the_estimate_adds_embeddings_to_what_the_chat_model_costs(open_kb: Open, server: FakeLLMServer) -> None:
    more = {"llm": {"model": "gpt-4o-mini", "base_url": server.url}, "recipe": "standard"}
    steps = open_kb(settings=more).estimate(documents()).steps
    assert {"extract", "report", "embed"} <= steps.keys()


def test_embedding_anew_is_estimated_in_full(open_kb: Open) -> None:
    kb = open_kb()
    kb.index(documents(8))
    assert kb.estimate(recipe="local").steps["embed"].calls == 0
    assert kb.estimate(recipe="local", anew=True).steps["embed"].calls == 2


def test_a_free_chat_model_does_its_whole_part_though_no_vectors_can_be_paid(
    open_kb: Open, server: FakeLLMServer
) -> None:
    more = {"llm": {"model": "m", "base_url": server.url}, "recipe": "standard", "resolve": {"llm": True}}
    kb = open_kb(settings=more)
    assert kb.index(documents(), budget_usd=1e-6).stopped_at_budget
    replies = server.counts.replies
    assert replies > 0
    assert kb.index(documents()).is_whole
    assert server.counts.replies == replies


def test_what_to_do_about_a_server_of_vectors_names_the_settings_of_the_embedding(server: FakeLLMServer) -> None:
    gone = EmbeddingSettings(model=MODEL, base_url="http://127.0.0.1:9/v1")
    with pytest.raises(ModelUnavailableError, match=r"Check embedding\.base_url"):
        OpenAIEmbeddingModel(gone).embed(["What is it?"], "query")
    server.behaviour.most_embedded = (1, 404, "Not Found")
    unknown = EmbeddingSettings(model=MODEL, base_url=server.url)
    with pytest.raises(ModelRefusedError, match=r"Check embedding\.model and embedding\.base_url"):
        OpenAIEmbeddingModel(unknown).embed(["What is it?", "Who?"], "query")


def test_a_question_does_without_vectors_where_their_model_does_not_answer(
    open_kb: Open, server: FakeLLMServer
) -> None:
    kb = open_kb()
    kb.index(documents())
    server.behaviour.refuses_embeddings_after = server.counts.requests
    answer = kb.query("Which dock did the Heron 7 pump drain?")
    assert answer.passages[0].document_id == "d07"
    assert answer.models["retrieval"] == "none"
    assert "does not answer" in answer.mode_reason
    server.behaviour.refuses_embeddings_after = 0
    assert kb.query("Which dock did the Heron 7 pump drain?").models["retrieval"] == MODEL
