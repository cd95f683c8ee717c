"""A knowledge base made with a chat model over real HTTP: whole, resumable, within budget, and never paid for twice."""

import errno
import itertools
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from graphrag_lite import Document, KnowledgeBase, SettingsError, StoreError
from graphrag_lite.errors import BudgetExceededError, ModelReplyError
from graphrag_lite.index import enrich, mapped_view, mentions, pipeline, refine_llm
from graphrag_lite.index import report as report_module
from graphrag_lite.index.report import Sentence
from graphrag_lite.index.report_view import ExtractiveReports
from graphrag_lite.llm.cache import ReplyCache
from graphrag_lite.llm.chat import open_chat_model
from graphrag_lite.llm.protocols import ChatModel, ChatReply, ChatRequest, TextKind
from graphrag_lite.progress import SilentProgress, Task
from graphrag_lite.prompts import read_prompt
from graphrag_lite.records import Estimate, Finding, Usage
from graphrag_lite.settings import LLMSettings
from graphrag_lite.store.mapped import read_mapped
from graphrag_lite.store.tables import Reader
from graphrag_lite.store.writer import Writer
from graphrag_lite.testing import HashEmbeddingModel
from tests.fake_llm_server import Behaviour, FakeLLMServer, Faults
from tests.fake_writer import read_items

PEOPLE = ["Ada Renn", "Tom Vashley", "Mara Kelder", "Finn Thorsby", "Lena Brannoc", "Otto Farrar", "Ida Pell"]
PLACES = ["Coopers Dock", "Kelder Haven", "Thorsby Yard", "Gannet Light"]
Open = Callable[..., KnowledgeBase]


def document(number: int) -> str:
    one, other = PEOPLE[number % 7], PEOPLE[(3 * number + 1) % 7]
    return (
        f"{one} came to {PLACES[number % 4]} in the year {1900 + number}. Much was said about it at the time. "
        f"In the end {one} repaired boat number {number} together with {other}. "
        f"The log of {PLACES[(number + 1) % 4]} for {1900 + number} tells of {other} and a storm that lasted two days. "
    ) * 2


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(24):
        (folder / f"{number:02}.txt").write_text(document(number), encoding="utf-8")
    return folder


@pytest.fixture
def open_kb(tmp_path: Path) -> Open:
    def start(server: FakeLLMServer, name: str = "kb", **sections: dict[str, Any]) -> KnowledgeBase:
        llm = {"model": "gpt-4o-mini", "base_url": server.url, "max_retries": 8, "timeout_s": 5.0, "concurrency": 8}
        settings = {"llm": llm | sections.pop("llm", {}), "embedding": {"model": "none"}}
        settings["extract"] = {"pack_tokens": 400} | sections.pop("extract", {})
        return KnowledgeBase(tmp_path / name, settings=settings | sections)

    return start


def extracted(kb: KnowledgeBase) -> tuple[set[str], set[str]]:
    """(hashes of all chunk texts, hashes of those that a model has read)."""
    reader = kb._reader()
    facts = reader.read("facts", ["text_hash"], where="extractor LIKE 'llm/%'")["text_hash"].to_pylist()
    assert len(facts) == len(set(facts))
    return set(reader.read("chunks", ["text_hash"])["text_hash"].to_pylist()), set(facts)


def chunk_ids(kb: KnowledgeBase) -> list[str]:
    return kb._reader().read("chunks", ["chunk_id"])["chunk_id"].to_pylist()


def paid_twice(server: FakeLLMServer) -> list[str]:
    return [body for body, count in server.counts.billed.items() if count > 1]


def test_every_chunk_is_read_once_and_a_second_run_calls_nobody(docs: Path, open_kb: Open) -> None:
    with FakeLLMServer() as server, open_kb(server) as kb:
        report = kb.index(docs)
        assert report.is_whole
        chunks, read = extracted(kb)
        assert chunks == read
        assert report.models["chat"] == "gpt-4o-mini"
        assert report.usage.prompt_tokens == server.counts.prompt_tokens
        assert report.usage.cost_usd == pytest.approx(server.counts.cost_usd(0.15, 0.60))
        assert any(r.extractor.startswith("llm/") for r in kb.reports())
        assert {e.name for e in kb.entities()} >= set(PEOPLE)
        assert {e.name for e in kb.entities() if e.description} >= set(PEOPLE)
        assert kb.doctor() == []
        before = server.counts.requests
        again = kb.index(docs)
        assert (again.snapshot, server.counts.requests) == (report.snapshot, before)
        assert sum(row["calls"] for row in kb.status()["spending"]) == report.usage.calls


def test_what_a_model_took_for_no_name_links_nothing_where_it_has_read(docs: Path, open_kb: Open) -> None:
    def people_only(body: Any) -> str | None:
        if '{"p":' not in body["messages"][0]["content"]:
            return None
        items = read_items(body["messages"][1]["content"])
        said = {n: [{"n": p, "t": "person", "d": ""} for p in PEOPLE if p in text] for n, _, text in items}
        return json.dumps({"p": [{"i": n, "e": found, "r": []} for n, found in said.items()]})

    with FakeLLMServer(answer=people_only) as server, open_kb(server) as kb:
        kb.index(docs, recipe="instant")
        before = {e.name: e.degree for e in kb.entities()}
        assert all(before[name] for name in (*PEOPLE, *PLACES))
        kb.index(docs, recipe="standard")
        after = {e.name: e.degree for e in kb.entities()}
        assert all(after[name] for name in PEOPLE if name != "Finn Thorsby")  # he meets nobody
        assert not any(after[name] for name in PLACES)
        assert kb.retrieve("What happened at Coopers Dock?")[0].path


def test_one_new_document_costs_little(docs: Path, open_kb: Open) -> None:
    with FakeLLMServer() as server, open_kb(server) as kb:
        kb.index(docs)
        server.counts.bodies.clear()
        (docs / "new.txt").write_text("Ivo Marsh painted the lamp room of Hollow Point.", encoding="utf-8")
        kb.index(docs)
        extracting = [b for b in server.counts.bodies if '{"p":' in b["messages"][0]["content"]]
        assert len(extracting) == 1
        assert len(server.counts.bodies) <= 6


def test_removing_asks_nobody_and_the_next_run_completes(docs: Path, open_kb: Open) -> None:
    with FakeLLMServer() as server, open_kb(server, reports={"share": 3.0}) as kb:  # room for every report
        kb.index(docs)
        before = server.counts.requests
        kb.remove(docs / "03.txt")
        assert server.counts.requests == before
        assert any(r.extractor.startswith("llm/") for r in kb.reports())
        assert kb.doctor() == []
        server.counts.bodies.clear()
        (docs / "03.txt").unlink()
        assert kb.index(docs).is_whole
        assert server.counts.bodies
        assert all('"findings"' in b["messages"][0]["content"] for b in server.counts.bodies)  # reports, no chunk
        assert all(r.extractor.startswith("llm/") for r in kb.reports())


def test_removing_one_of_two_copies_leaves_the_model_nothing_to_do(docs: Path, open_kb: Open) -> None:
    (docs / "copy.txt").write_text(document(3), encoding="utf-8")
    with FakeLLMServer() as server, open_kb(server) as kb:
        kb.index(docs)
        kb.remove(docs / "copy.txt")
        assert kb.current_snapshot().is_whole
        kb.remove(docs / "03.txt")
        assert not kb.current_snapshot().is_whole


def test_a_document_that_comes_back_is_not_paid_for_again(docs: Path, open_kb: Open) -> None:
    with FakeLLMServer() as server, open_kb(server) as kb:
        kb.index(docs)
        before = server.counts.requests
        kb.remove(docs / "03.txt")
        report = kb.index(docs)
        assert (report.is_whole, report.changes["added"], server.counts.requests) == (True, 1, before)
        chunks, read = extracted(kb)
        assert chunks == read


def test_nothing_is_lost_or_paid_twice_under_faults(docs: Path, open_kb: Open) -> None:
    faults = Faults(rate_limit=0.3, malformed=0.1, server_error=0.05)
    with FakeLLMServer(Behaviour(faults=faults)) as server, open_kb(server, extract={"pack_tokens": 120}) as kb:
        report = kb.index(docs)
        assert paid_twice(server) == []
        chunks, read = extracted(kb)
        failed = [f for f in report.failures if f.step == "extract"]
        assert len(chunks) == len(read) + len(failed)
        assert report.is_whole == (not report.failures)
        server.behaviour.faults = Faults()
        before = server.counts.requests
        again = kb.index(docs)
        assert again.is_whole
        assert (server.counts.requests > before) == bool(report.failures)
        assert len(paid_twice(server)) <= len(report.failures)
        assert extracted(kb) == (chunks, chunks)


def test_what_failed_is_listed_and_is_all_that_the_next_run_asks_for(docs: Path, open_kb: Open) -> None:
    with FakeLLMServer(Behaviour(filtered_words=("boat number 17 ",))) as server, open_kb(server) as kb:
        report = kb.index(docs)
        chunks, read = extracted(kb)
        assert len(chunks - read) == 1
        assert [f.step for f in report.failures if "Content Exists Risk" in f.reason][:1] == ["extract"]
        assert not report.is_whole
        assert not kb.status()["is_whole"]
        server.behaviour.filtered_words = ()
        server.counts.bodies.clear()
        assert kb.index(docs).is_whole
        asked = [b["messages"][1]["content"] for b in server.counts.bodies if '{"p":' in b["messages"][0]["content"]]
        assert len(asked) == 1
        assert "boat number 17 " in asked[0]
        assert "boat number 16 " not in asked[0]


def test_a_dead_model_leaves_a_usable_knowledge_base(docs: Path, open_kb: Open) -> None:
    server = FakeLLMServer()
    server.close()
    with open_kb(server, llm={"max_retries": 0}) as kb:
        report = kb.index(docs)
        assert not report.is_whole
        assert report.counts["entities"] > 5
        assert kb.retrieve("Who repaired boat number 7?")


@pytest.mark.parametrize("refused", [("json_schema",), ("json_schema", "json_object")])
def test_a_server_that_refuses_json_schema_works_unattended(
    docs: Path, open_kb: Open, refused: tuple[str, ...]
) -> None:
    how = Behaviour(refuses_formats=refused, fenced=True, thinks="field")
    with FakeLLMServer(how) as server, open_kb(server, llm={"model": "deepseek-chat"}) as kb:
        assert kb.index(docs).is_whole
        chunks, read = extracted(kb)
        assert chunks == read


@pytest.mark.parametrize("usd", [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.15, 0.2])
def test_a_budget_is_never_exceeded_and_leaves_a_usable_knowledge_base(docs: Path, open_kb: Open, usd: float) -> None:
    prices = {"price_input_usd": 5.0, "price_output_usd": 15.0, "max_output_tokens": 1000}
    how = Behaviour(faults=Faults(rate_limit=0.1, reset=0.03))
    with FakeLLMServer(how) as server, open_kb(server, llm=prices) as kb:
        report = kb.index(docs, budget_usd=usd)
        assert server.counts.cost_usd(5.0, 15.0) <= usd
        assert report.stopped_at_budget != report.is_whole
        assert kb.doctor() == []
        assert kb.retrieve("Who repaired boat number 7?")
        if report.stopped_at_budget:
            server.behaviour.faults = Faults()
            assert kb.index(docs, budget_usd=5.0).is_whole
            chunks, read = extracted(kb)
            assert chunks == read


def extractions(server: FakeLLMServer) -> list[str]:
    """What was shown in the requests for facts, in order."""
    bodies = server.counts.bodies
    return [b["messages"][1]["content"] for b in bodies if '{"p":' in b["messages"][0]["content"]]


def test_within_a_budget_the_most_central_passages_are_read_first(docs: Path, open_kb: Open) -> None:
    for number in range(12):
        stray = (
            f"Nobody but Zeb{number}ulon Quill{number}er told of the winter of {1700 + number}, and he told little. "
        )
        (docs / f"{number:02}-stray.txt").write_text(stray * 6, encoding="utf-8")
    with FakeLLMServer() as server, open_kb(server, llm={"concurrency": 1}, extract={"pack_tokens": 100}) as kb:
        assert kb.index(docs, budget_usd=1.0).is_whole
        assert ["Nobody but" in shown for shown in extractions(server)] == [False] * 24 + [True] * 12


def test_a_model_reads_each_passage_under_the_title_of_its_document(open_kb: Open) -> None:
    with FakeLLMServer() as server, open_kb(server) as kb:
        kb.index(Document(document(1), id="d1", title="The log of Swanmouth"))
        assert "The log of Swanmouth" in extractions(server)[0]


def test_replies_that_made_no_sense_are_asked_for_anew_by_the_next_run(docs: Path, open_kb: Open) -> None:
    with FakeLLMServer(Behaviour(faults=Faults(malformed=1.0))) as server, open_kb(server) as kb:
        assert {failure.step for failure in kb.index(docs).failures} >= {"extract"}
        server.behaviour.faults = Faults()
        assert kb.index(docs).is_whole


@pytest.mark.parametrize("reset", [0.0, 0.3])
def test_what_may_have_been_billed_besides_is_told(docs: Path, open_kb: Open, reset: float) -> None:
    with FakeLLMServer(Behaviour(faults=Faults(reset=reset))) as server, open_kb(server) as kb:
        report = kb.index(docs)
        told = [float(notice.split(" USD")[0].split()[-1]) for notice in report.notices if "broke off" in notice]
        besides = server.counts.cost_usd(0.15, 0.60) - (report.usage.cost_usd or 0.0)
        assert bool(told) == (besides > 1e-9) == bool(reset)
        assert besides < (told[0] if told else 1e-9)


def test_a_budget_of_nothing_spends_nothing(docs: Path, open_kb: Open) -> None:
    with FakeLLMServer() as server, open_kb(server) as kb:
        assert kb.index(docs, budget_usd=0.0).stopped_at_budget
        assert server.counts.requests == 0


def test_a_budget_needs_a_price(docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    llm = {"model": "strange", "base_url": "https://models.example/v1", "api_key_env": "OPENAI_API_KEY"}
    with KnowledgeBase(tmp_path / "kb", settings={"llm": llm}) as kb, pytest.raises(SettingsError, match="price"):
        kb.index(docs, budget_usd=1.0)
    half = {"llm": llm | {"price_input_usd": 1.0}}
    with KnowledgeBase(tmp_path / "kb", settings=half) as kb, pytest.raises(SettingsError, match="both"):
        kb.index(docs, budget_usd=1.0)


def test_a_model_without_a_server_is_refused_before_anybody_is_asked_to_pay(docs: Path, tmp_path: Path) -> None:
    with KnowledgeBase(tmp_path / "kb", settings={"llm": {"model": "strange"}}) as kb:
        for act in (kb.estimate, kb.index):
            with pytest.raises(SettingsError, match=r"llm\.base_url.*llm\.provider"):
                act(docs)


def test_another_model_replaces_the_facts(docs: Path, open_kb: Open) -> None:
    with FakeLLMServer() as server:
        with open_kb(server) as kb:
            kb.index(docs)
        with open_kb(server, llm={"model": "gpt-4o"}) as kb:
            kb.index(docs)
            chunks, read = extracted(kb)
            assert chunks == read


def test_what_a_person_states_counts_beside_what_a_model_read(docs: Path, open_kb: Open, tmp_path: Path) -> None:
    given = tmp_path / "facts.jsonl"
    with FakeLLMServer() as server, open_kb(server) as kb:
        kb.index(docs)
        about = kb.retrieve("Ada Renn", top_k=1)[0].document_id
        fact = {"id": about, "entities": [], "triples": [["Zora Quill", "owns the boat of", "Ada Renn"]]}
        given.write_text(json.dumps(fact), encoding="utf-8")
        kb.index(docs, facts=given)
        assert "Zora Quill" in {entity.name for entity in kb.entities()}
        assert "Zora Quill owns the boat of Ada Renn" in {link.description for link in kb.relationships()}
        assert paid_twice(server) == []


def test_a_recipe_without_its_model_says_so(docs: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"llm\.model"):
        KnowledgeBase(tmp_path / "kb").index(docs, recipe="standard")


def test_settings_without_their_model_are_not_told_to_use_another_recipe(docs: Path, tmp_path: Path) -> None:
    with KnowledgeBase(tmp_path / "kb", settings={"extract": {"methods": ["llm"]}}) as kb:
        for recipe in (None, "local"):
            with pytest.raises(SettingsError, match=r"extract\.methods.*llm\.model.*take llm out"):
                kb.index(docs, recipe=recipe)


def shape(kb: KnowledgeBase) -> tuple[Any, ...]:
    entities = sorted((e.name, e.type, e.description, e.frequency, e.degree) for e in kb.entities())
    links = sorted((r.source_id, r.target_id, r.description, r.weight) for r in kb.relationships())
    return entities, links, len(kb._reader().read("mentions"))


def test_a_recipe_without_a_model_does_without_and_going_back_costs_nothing(docs: Path, open_kb: Open) -> None:
    with FakeLLMServer() as server, open_kb(server) as kb, open_kb(server, "fresh") as fresh:
        kb.index(docs)
        by_model, requests = shape(kb), server.counts.requests
        report = kb.index(docs, recipe="instant")
        fresh.index(docs, recipe="instant")
        assert shape(kb) == shape(fresh) != by_model
        assert not any(r.extractor.startswith("llm/") for r in kb.reports())
        assert "without a chat model" in " ".join(report.notices)
        kb.remove(docs / "03.txt")  # made as before, whatever the settings name
        fresh.remove(docs / "03.txt")
        assert shape(kb) == shape(fresh)
        assert kb.doctor() == []
        assert kb.index(docs).is_whole
        assert shape(kb) == by_model
        assert any(r.extractor.startswith("llm/") for r in kb.reports())
        assert server.counts.requests == requests


def test_going_back_to_the_model_finds_the_communities_that_have_grown_and_pays_for_no_report(open_kb: Open) -> None:
    rng = random.Random(3)
    names = [
        f"{first} {last}"
        for first in ("Ada", "Tom", "Mara", "Finn", "Lena")
        for last in ("Renn", "Vashley", "Kelder", "Thorsby", "Brannoc", "Farrar", "Pell", "Orme")
    ]
    texts = ["{} met {} at the mill. {} wrote to {}.".format(*rng.sample(names, 4)) for _ in range(80)]
    documents = [Document(text, f"d{number}") for number, text in enumerate(texts)]
    with FakeLLMServer() as server, open_kb(server) as kb, open_kb(server, "fresh") as fresh:
        for end in range(40, 90, 10):
            kb.index(documents[:end])
        fresh.index(documents)
        communities, reports, requests = kb.communities(), kb.reports(), server.counts.requests
        assert communities != fresh.communities()
        kb.index(documents, recipe="instant")
        kb.index(Document("Ada Renn slept.", "extra"), recipe="instant")
        kb.remove("extra")
        assert kb.index(documents, recipe="standard").is_whole
        assert kb.communities() == communities
        assert kb.reports() == reports
        assert server.counts.requests == requests
        assert kb.doctor() == []


def test_a_run_that_names_no_recipe_stays_with_the_one_that_has_used_the_model(docs: Path, open_kb: Open) -> None:
    with FakeLLMServer() as server, open_kb(server) as kb:
        made = kb.index(docs, recipe="thorough")
        requests = server.counts.requests
        (docs / "03.txt").unlink()
        assert kb.estimate(docs).steps["extract"].calls == 0
        assert kb.index(docs).changes["removed"] == 1
        assert not any('"p":' in b["messages"][0]["content"] for b in server.counts.bodies[requests:])
        assert kb.status()["recipe"] == "thorough"
        assert kb.index(docs, recipe="auto").snapshot > made.snapshot
        assert kb.status()["recipe"] == "standard"


def test_a_run_that_names_no_recipe_uses_a_model_that_the_last_one_did_not(docs: Path, open_kb: Open) -> None:
    with FakeLLMServer() as server, open_kb(server) as kb:
        kb.index(docs, recipe="instant")
        kb.index(docs)
        assert kb.status()["recipe"] == "standard"


def test_what_only_takes_something_away_keeps_the_models_part_where_no_model_is_named(
    docs: Path, open_kb: Open, tmp_path: Path
) -> None:
    with FakeLLMServer() as server, open_kb(server) as kb:
        kb.index(docs)
    with KnowledgeBase(tmp_path / "kb", embedding_model=HashEmbeddingModel()) as kb:
        kb.remove(docs / "03.txt")
        assert any(r.extractor.startswith("llm/") for r in kb.reports())
        assert {e.name for e in kb.entities() if e.description} >= set(PEOPLE)
        kb.reembed()
        assert any(r.extractor.startswith("llm/") for r in kb.reports())


def test_settings_that_keep_a_recipe_from_its_model_are_told(docs: Path, open_kb: Open) -> None:
    without = {"extract": {"methods": ["statistical"]}, "reports": {"method": "extractive"}}
    with FakeLLMServer() as server, open_kb(server, **without) as kb:
        for _ in range(2):  # the second run finds nothing to do
            notices = " ".join(kb.index(docs, recipe="thorough", budget_usd=1.0).notices)
            assert "thorough" in notices
            assert "extract.methods" in notices
        assert kb.index(docs, recipe="instant").notices == ()
        assert server.counts.requests == 0


def test_claims_are_kept_with_their_chunks(docs: Path, open_kb: Open) -> None:
    def with_claims(body: Any) -> str | None:
        if '"c":' not in body["messages"][0]["content"]:
            return None
        claims = '"c":[{"s":"Ada Renn","o":"","t":"result","d":"Ada Renn repaired a boat","v":"true"}]'
        return '{"p":[{"i":1,"e":[{"n":"Ada Renn","t":"person","d":""}],"r":[],' + claims + "}]}"

    with FakeLLMServer(answer=with_claims) as server, open_kb(server, extract={"claims": True}) as kb:
        (docs / "00.txt").rename(docs.parent / "one.txt")
        report = kb.index(docs.parent / "one.txt")
        assert report.counts["claims"] >= 1
        names = {entity.id: entity.name for entity in kb.entities()}
        claim = kb.claims()[0]
        assert (names[claim.subject_id], claim.type, claim.status) == ("Ada Renn", "result", "true")
        assert claim.description == "Ada Renn repaired a boat"
        source = kb.document(kb.chunk(claim.chunk_id).document_id).source
        assert claim in kb.claims(where={"source": source})
        assert len(kb.claims()) == report.counts["claims"]
        assert kb.claims(where=["source=elsewhere.txt"]) == []


def test_the_estimate_is_near_the_bill(docs: Path, open_kb: Open) -> None:
    with FakeLLMServer() as server, open_kb(server) as kb:
        estimate = kb.estimate(docs)
        assert server.counts.requests == 0
        report = kb.index(docs)
        assert estimate.steps["extract"].prompt_tokens > 0
        assert estimate.usage.prompt_tokens == pytest.approx(report.usage.prompt_tokens, rel=0.4)
        assert estimate.usage.calls == pytest.approx(report.usage.calls, rel=0.15)
        assert estimate.usage.cost_usd == pytest.approx(report.usage.cost_usd, rel=0.4)
        assert_within(report.usage, estimate)
        assert kb.estimate(docs).usage.calls == 0
        (docs / "new.txt").write_text(document(77), encoding="utf-8")
        for step in ("extract", "report"):
            assert kb.estimate(docs).steps[step].prompt_tokens <= 0.7 * estimate.steps[step].prompt_tokens


def test_what_nobody_can_count_before_is_estimated_from_above(tmp_path: Path, open_kb: Open) -> None:
    (tmp_path / "d").mkdir()
    for n in range(30):
        text = f"Marrowgate Institute mended lamp {n} in Thorsby. Marrowgate Institut of the Coast saw Ada Renn there."
        (tmp_path / "d" / f"{n}.txt").write_text(
            text + " They talked of the old harbour until the morning." * n, "utf-8"
        )
    with FakeLLMServer() as server, open_kb(server, resolve={"llm": True}, clean={"near_duplicates": 0}) as kb:
        estimate = kb.estimate(tmp_path / "d")
        kb.index(tmp_path / "d")
        with closing(ReplyCache(kb.path / "cache.sqlite")) as cache:
            spending = {s.purpose.replace("summarize", "summarise"): s for s in cache.spending()}
    assert {"extract", "resolve", "summarise", "report"} == set(estimate.at_most) == set(estimate.steps)
    assert {"extract", "resolve", "summarise", "report"} == set(spending)
    for step, most in estimate.at_most.items():
        assert most.calls >= spending[step].calls, step
        assert most.prompt_tokens >= spending[step].prompt_tokens, step
        assert most.completion_tokens >= spending[step].completion_tokens, step
        assert (most.cost_usd or 0.0) >= (spending[step].cost_usd or 0.0), step


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_killed_run_is_taken_up_and_pays_nothing_twice(docs: Path, tmp_path: Path) -> None:
    with FakeLLMServer(Behaviour(latency_s=0.3)) as server:
        environment = {
            "GRL_LLM__MODEL": "gpt-4o-mini",
            "GRL_LLM__BASE_URL": server.url,
            "GRL_LLM__CONCURRENCY": "2",
            "GRL_EMBEDDING__MODEL": "none",
            "GRL_EXTRACT__PACK_TOKENS": "300",
        }
        command = [sys.executable, "-m", "graphrag_lite", "index", str(docs), "--kb", str(tmp_path / "kb"), "--yes"]
        process = subprocess.Popen(command, env=os.environ | environment, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while server.counts.replies < 6 and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        time.sleep(0.5)  # replies under way when it died are billed and lost with their sockets
        lost = server.counts.replies
        with closing(sqlite3.connect(tmp_path / "kb" / "cache.sqlite")) as db:
            kept = db.execute("SELECT count(*) FROM replies").fetchone()[0]
        assert kept >= lost - 2  # every reply that had come is on disk
        server.behaviour.latency_s = 0.0
        done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert len(paid_twice(server)) <= 2  # at most the two calls that were under way
        assert lost >= 6


def test_doubtful_names_are_decided_once_and_can_be_undone(tmp_path: Path, open_kb: Open) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a.txt").write_text("Marrowgate Institute lies in Thorsby. It was founded in 1902.", "utf-8")
    (tmp_path / "d" / "b.txt").write_text("Marrowgate Institut is a school in Thorsby. It has a tower.", "utf-8")
    with FakeLLMServer() as server, open_kb(server, resolve={"llm": True}) as kb:
        kb.index(tmp_path / "d")
        merges = [m for m in kb.merges() if "model" in m.reason]
        assert [(m.key, m.into) for m in merges] == [("marrowgate institut", "marrowgate institute")]
        before = server.counts.requests
        kb.undo_merge(merges[0].id)
        assert len([e for e in kb.entities() if e.name.startswith("Marrowgate")]) == 2
        assert kb.index(tmp_path / "d").is_whole
        assert len([e for e in kb.entities() if e.name.startswith("Marrowgate")]) == 2
        asked = [b for b in server.counts.bodies[before:] if '"same"' in b["messages"][0]["content"]]
        assert asked == []
        assert kb.doctor() == []


def test_names_that_were_found_to_differ_are_not_asked_about_again(tmp_path: Path, open_kb: Open) -> None:
    def asks(body: Any) -> bool:
        return '"same"' in body["messages"][0]["content"]

    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a.txt").write_text("Marrowgate Institute lies in Thorsby. It was founded in 1902.", "utf-8")
    (tmp_path / "d" / "b.txt").write_text("Marrowgate Institut is a school in Thorsby. It has a tower.", "utf-8")
    differ = FakeLLMServer(answer=lambda body: '{"same":[]}' if asks(body) else None)
    with differ as server, open_kb(server, resolve={"llm": True}) as kb:
        kb.index(tmp_path / "d")
        assert [m for m in kb.merges() if "model" in m.reason] == []
        (tmp_path / "d" / "c.txt").write_text("Ada Renn came to Coopers Dock.", "utf-8")
        assert kb.index(tmp_path / "d").is_whole
        assert sum(map(asks, server.counts.bodies)) == 1


@pytest.mark.parametrize(("budget_usd", "is_beside"), [(None, True), (1.0, False)])
def test_names_are_found_while_calls_are_under_way_unless_a_budget_needs_them_first(
    docs: Path, open_kb: Open, monkeypatch: pytest.MonkeyPatch, budget_usd: float | None, is_beside: bool
) -> None:
    find = mentions.statistical_facts
    asked: list[int] = []

    def slowly(text_hash: str, text: str) -> dict[str, Any]:
        time.sleep(0.03)
        asked.append(server.counts.requests)
        return find(text_hash, text)

    monkeypatch.setattr(mentions, "statistical_facts", slowly)
    with FakeLLMServer(Behaviour(latency_s=0.3)) as server, open_kb(server) as kb:
        assert kb.index(docs, budget_usd=budget_usd).is_whole
        assert (asked[-1] > 0) is is_beside
        texts, _ = extracted(kb)
        known = kb._reader().read("facts", ["text_hash"], where="extractor LIKE 'statistical/%'")
        assert sorted(known["text_hash"].to_pylist()) == sorted(texts)


@pytest.mark.parametrize("budget_usd", [None, 1.0])
def test_texts_are_read_for_the_reports_while_calls_are_under_way(
    docs: Path, open_kb: Open, monkeypatch: pytest.MonkeyPatch, budget_usd: float | None
) -> None:
    read, asked = enrich.read_ahead, []

    def noted(texts: Iterable[str]) -> Iterator[None]:
        deadline = time.monotonic() + 2.0
        while not server.counts.requests and time.monotonic() < deadline:  # it may still be on its way
            time.sleep(0.01)
        asked.append((server.counts.requests, server.counts.replies))
        yield from read(texts)

    monkeypatch.setattr(enrich, "read_ahead", noted)
    with FakeLLMServer(Behaviour(latency_s=0.3)) as server, open_kb(server) as kb:
        assert kb.index(docs, budget_usd=budget_usd).is_whole
        assert len(asked) == 1
        requests, replies = asked[0]
        assert replies < requests


def test_only_what_a_model_reads_now_is_read_ahead_for_the_reports(
    docs: Path, open_kb: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, texts, is_read = enrich.read_ahead, [], threading.Event()

    def noted(found: Iterable[str]) -> Iterator[None]:
        texts.append(list(found))
        is_read.set()
        yield from read(texts[-1])

    monkeypatch.setattr(enrich, "read_ahead", noted)

    def answer(body: Any) -> None:
        is_read.wait(10)  # replies leave time for it

    with FakeLLMServer(answer=answer) as server, open_kb(server) as kb:
        kb.index(docs)
        first = set(kb._reader().read("chunks", ["text"])["text"].to_pylist())
        is_read.clear()
        (docs / "00.txt").write_text(document(99), encoding="utf-8")
        kb.index(docs)
        changed = set(kb._reader().read("chunks", ["text"])["text"].to_pylist()) - first
        kb.index(docs)
        (docs / "00.txt").write_text(document(98), encoding="utf-8")
        with open_kb(server, reports={"method": "extractive"}) as without:
            without.index(docs)
    assert list(map(set, texts)) == [first, changed]
    assert len(changed) < len(first)


def test_the_findings_that_a_model_is_shown_are_those_of_the_report(
    docs: Path, open_kb: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    select, choose, chosen, whole = report_module._choose, ExtractiveReports.findings, {}, {}

    def says_little(sentences: Sequence[Sentence], central: Mapping[str, float], most: int) -> list[Sentence]:
        return select(sentences, central, most) if len(central) <= 4 else []  # a parent asks its children

    def noted(reports: ExtractiveReports, community_id: str) -> Sequence[Finding]:
        chosen.setdefault(community_id, tuple(choose(reports, community_id)))  # later ones are the report's own
        whole[community_id] = reports.report(community_id).findings
        return chosen[community_id]

    monkeypatch.setattr(report_module, "_choose", says_little)
    monkeypatch.setattr(ExtractiveReports, "findings", noted)
    few = {"reports": {"max_findings": 2}, "communities": {"max_size": 3}}
    with FakeLLMServer() as server, open_kb(server, **few) as kb:
        kb.index(docs)
        parents = {key for key, children in kb._reader().rows("communities", ["community_id", "child_ids"]) if children}
    assert chosen == whole
    assert any(findings for key, findings in chosen.items() if key in parents)
    assert any(findings for key, findings in chosen.items() if key not in parents)


def test_what_the_chunks_alone_decide_of_the_view_is_made_beside_the_calls_and_after_the_first(
    docs: Path, open_kb: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = pipeline.chunk_parts
    seen: list[tuple[int, int]] = []

    def noted(*inputs: Any) -> mapped_view.ChunkParts:
        seen.append((server.counts.requests, server.counts.replies))
        return make(*inputs)

    monkeypatch.setattr(pipeline, "chunk_parts", noted)
    with FakeLLMServer(Behaviour(latency_s=0.3)) as server, open_kb(server) as kb:
        kb.index(docs)
        assert len(seen) == 1
        requests, replies = seen[0]
        assert requests > 0
        assert replies < server.counts.replies


def test_names_and_graph_are_written_while_reports_are(
    docs: Path, open_kb: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Writer.update_view
    were_asked: dict[str, bool] = {}

    def reports_are_asked_for() -> bool:
        return any('"findings"' in body["messages"][0]["content"] for body in list(server.counts.bodies))

    def noted(writer: Writer, name: str, rows: Any) -> Any:
        deadline = time.monotonic() + (
            2.0 if name in ("vocabulary", "communities", "relationships") else 0.0
        )  # for a request on its way
        while not reports_are_asked_for() and time.monotonic() < deadline:
            time.sleep(0.01)
        were_asked[name] = reports_are_asked_for()
        return write(writer, name, rows)

    monkeypatch.setattr(Writer, "update_view", noted)
    with FakeLLMServer(Behaviour(latency_s=0.3)) as server, open_kb(server) as kb:
        assert kb.index(docs).is_whole
        assert were_asked["vocabulary"]
        assert were_asked["communities"]
        assert were_asked["relationships"]
        assert kb.doctor() == []


def test_the_view_that_is_made_beside_the_reports_is_what_the_tables_give(docs: Path, open_kb: Open) -> None:
    def contents(reader: Reader) -> tuple[dict[str, Any], dict[str, Any]]:
        view = read_mapped(reader.store.snapshots.view_folder(reader.manifest.id))
        assert view is not None
        arrays = {name: array.tolist() for name, array in view.arrays.items()}
        return arrays, {name: table.to_pylist() for name, table in view.tables.items()}

    with FakeLLMServer() as server, open_kb(server) as kb:
        for change in (None, (docs / "00.txt").unlink, partial((docs / "01.txt").write_text, document(77))):
            if change:
                change()
            kb.index(docs)
            made = contents(kb._reader())
            mapped_view.rebuild_view(kb._reader(), kb.settings.query.metadata)
            assert made == contents(kb._reader())
            assert all(report["document_ids"] for report in made[1]["reports"])


def test_a_snapshot_holds_the_summaries_of_entities_however_late_they_come(
    docs: Path, open_kb: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, summarise = Writer.update_view, refine_llm._summarize
    reports_are_written, summaries = threading.Event(), {}

    def noted(writer: Writer, name: str, rows: Any) -> Any:
        found = write(writer, name, rows)
        if name == "reports":
            reports_are_written.set()
        return found

    def late(name: str, *rest: Any) -> str:
        assert reports_are_written.wait(10.0)
        summaries[name] = f"In short: {summarise(name, *rest)}"
        return summaries[name]

    monkeypatch.setattr(Writer, "update_view", noted)
    monkeypatch.setattr(refine_llm, "_summarize", late)
    monkeypatch.setattr(refine_llm, "LONG_TOKENS", 20)
    with FakeLLMServer() as server, open_kb(server) as kb:
        assert kb.index(docs).is_whole
        stored = dict(kb._reader().rows("entities", ["name", "description"]))
        assert summaries
        assert {name: stored[name] for name in summaries} == summaries
        assert kb.doctor() == []


def test_entities_that_cannot_be_written_end_the_run_without_a_snapshot(
    docs: Path, open_kb: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Writer.update_view

    def full(writer: Writer, name: str, rows: Any) -> Any:
        if name == "entities":
            raise StoreError("No space left.")
        return write(writer, name, rows)

    with FakeLLMServer() as server, open_kb(server) as kb:
        with monkeypatch.context() as patched:
            patched.setattr(Writer, "update_view", full)
            with pytest.raises(StoreError, match="No space left"):
                kb.index(docs)
        assert kb.snapshots() == []
        assert kb.index(docs).is_whole
        assert kb.doctor() == []
        assert paid_twice(server) == []


@pytest.mark.parametrize("place", ["graphrag_lite.store.mapped.np.save", "graphrag_lite.store.snapshots.os.fsync"])
def test_a_disk_that_is_full_at_the_commit_is_told_of_with_what_to_do(
    docs: Path, open_kb: Open, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with FakeLLMServer() as server, open_kb(server) as kb:
        with monkeypatch.context() as patched:
            patched.setattr(place, full)
            with pytest.raises(StoreError, match=rf"{kb.path}: writing failed .*No space left.*free some disk space"):
                kb.index(docs)
        assert kb.current_snapshot() is None
        assert kb.index(docs).is_whole
        assert kb.doctor() == []
        assert paid_twice(server) == []


def test_a_run_that_fails_embeds_nothing_more(docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(HashEmbeddingModel):
        def embed(self, texts: Sequence[str], kind: TextKind = "passage") -> Any:
            begun.set()
            time.sleep(0.1)
            return super().embed(texts, kind)

    def fail(*_: Any) -> None:
        assert begun.wait(5.0)
        raise RuntimeError("planted")

    begun, model = threading.Event(), Slow()
    monkeypatch.setattr("graphrag_lite.index.embed._TEXTS_IN_ONE_CALL", 1)
    monkeypatch.setattr("graphrag_lite.index.pipeline.views.update", fail)
    with FakeLLMServer() as server:
        llm = {"model": "gpt-4o-mini", "base_url": server.url}
        with KnowledgeBase(tmp_path / "kb", settings={"llm": llm}, embedding_model=model) as kb:
            with pytest.raises(RuntimeError, match="planted"):
                kb.index(docs)
            embedded = len(model.embedded)
            time.sleep(0.5)
            assert len(model.embedded) == embedded < 24


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_what_was_embedded_until_a_run_failed_is_kept(
    docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    class Slow(HashEmbeddingModel):
        def embed(self, texts: Sequence[str], kind: TextKind = "passage") -> Any:
            time.sleep(0.05)
            vectors = super().embed(texts, kind)
            if len(self.embedded) > 3:
                begun.set()
            return vectors

    def fail(*_: Any) -> None:
        assert begun.wait(5.0)
        raise error("planted")

    begun, first, second = threading.Event(), Slow(), HashEmbeddingModel()
    monkeypatch.setattr("graphrag_lite.index.embed._TEXTS_IN_ONE_CALL", 1)
    with FakeLLMServer() as server:
        llm = {"model": "gpt-4o-mini", "base_url": server.url}
        with monkeypatch.context() as patched:
            patched.setattr("graphrag_lite.index.pipeline.views.update", fail)
            kb = KnowledgeBase(tmp_path / "kb", settings={"llm": llm}, embedding_model=first)
            with pytest.raises(error, match="planted"):
                kb.index(docs)
        with KnowledgeBase(tmp_path / "kb", settings={"llm": llm}, embedding_model=second) as kb:
            assert kb.index(docs).is_whole
            assert set(first.embedded).isdisjoint(second.embedded)
            assert kb.doctor() == []


def remove_three(docs: Path) -> None:
    for number in range(3):
        (docs / f"{number:02}.txt").unlink()


def write_over_three(docs: Path) -> None:
    for number in range(3):
        (docs / f"{number:02}.txt").write_text(document(number + 3), encoding="utf-8")


def assert_within(usage: Usage, estimate: Estimate) -> None:
    """A run has cost something, and nothing more than it could at most."""
    most = estimate.usage_at_most
    assert 0 < usage.calls <= most.calls
    assert 0 < usage.prompt_tokens <= most.prompt_tokens
    assert 0 < usage.completion_tokens <= most.completion_tokens
    assert usage.cost_usd is not None
    assert most.cost_usd is not None
    assert usage.cost_usd <= most.cost_usd
    assert 0 < estimate.usage.calls <= most.calls


@pytest.mark.parametrize(
    ("change", "sections"),
    [
        (remove_three, {}),
        (write_over_three, {}),
        (None, {"reports": {"max_findings": 3}}),
        (None, {"communities": {"max_size": 4}}),
        (None, {"llm": {"model": "gpt-4o"}}),
    ],
    ids=[
        "removed documents",
        "documents that become those of others",
        "other reports",
        "other communities",
        "another model",
    ],
)
def test_the_estimate_knows_what_a_run_asks_though_no_document_is_new(
    docs: Path, open_kb: Open, change: Callable[[Path], None] | None, sections: dict[str, Any]
) -> None:
    with FakeLLMServer() as server:
        with open_kb(server) as kb:
            kb.index(docs)
        if change:
            change(docs)
        with open_kb(server, **sections) as kb:
            estimate = kb.estimate(docs)
            usage = kb.index(docs).usage
        assert_within(usage, estimate)


def test_the_estimate_knows_what_facts_that_are_given_leave_to_write(docs: Path, open_kb: Open, tmp_path: Path) -> None:
    given = tmp_path / "facts.jsonl"
    with FakeLLMServer() as server, open_kb(server) as kb:
        kb.index(docs)
        people = [f"{first} Quill" for first in ("Zora", "Yann", "Xenia", "Wim", "Vera", "Ugo", "Tilda", "Silas")]
        facts = [
            {"id": kb.retrieve(name, top_k=1)[0].document_id, "triples": [[one, "sailed with", name] for one in people]}
            for name in PEOPLE
        ]
        given.write_text("\n".join(map(json.dumps, facts)), encoding="utf-8")
        estimate = kb.estimate(docs, facts=given)
        assert_within(kb.index(docs, facts=given).usage, estimate)
        assert kb.estimate(docs, facts=given).usage.calls == 0
        given.write_text(json.dumps(facts[0] | {"triples": []}), encoding="utf-8")
        assert kb.estimate(docs, facts=given).usage.calls > 0


def test_the_estimate_after_a_removal_is_of_what_it_leaves_to_do(docs: Path, open_kb: Open) -> None:
    for number in range(24, 80):
        (docs / f"{number:02}.txt").write_text(document(number), encoding="utf-8")
    with FakeLLMServer() as server, open_kb(server) as kb:
        kb.index(docs)
        with open_kb(server, reports={"max_findings": 3}) as other:
            all_reports = other.estimate(docs)
        kb.remove(docs / "03.txt")
        (docs / "03.txt").unlink()
        estimate = kb.estimate(docs)
        assert_within(kb.index(docs).usage, estimate)
        assert 0 < estimate.steps["report"].calls < all_reports.steps["report"].calls
        assert kb.estimate(docs).usage.calls == 0
        assert kb.index(docs, budget_usd=0.0).is_whole


def test_the_estimate_knows_that_texts_cut_otherwise_are_read_anew(docs: Path, open_kb: Open) -> None:
    with FakeLLMServer() as server:
        with open_kb(server) as kb:
            kb.index(docs)
        with open_kb(server, chunk={"max_tokens": 40}) as kb:
            estimate = kb.estimate(docs)
            usage = kb.index(docs).usage
        assert estimate.steps["extract"].calls > 0
        assert_within(usage, estimate)


def test_the_estimate_knows_what_a_run_that_stopped_at_its_budget_left(docs: Path, open_kb: Open) -> None:
    with FakeLLMServer() as server, open_kb(server, llm={"max_output_tokens": 1000}) as kb:
        whole = kb.estimate(docs).usage.cost_usd
        assert whole is not None
        assert kb.index(docs, budget_usd=whole / 2).stopped_at_budget
        estimate = kb.estimate(docs)
        assert_within(usage=kb.index(docs).usage, estimate=estimate)


def test_the_estimate_after_reports_that_failed_is_of_these(docs: Path, open_kb: Open) -> None:
    for number in range(24, 80):
        (docs / f"{number:02}.txt").write_text(document(number), encoding="utf-8")
    is_about_ada = {True: "no JSON", False: None}
    with FakeLLMServer() as server, open_kb(server) as kb:
        server.answer = lambda body: is_about_ada[
            '"findings"' in body["messages"][0]["content"] and "Ada Renn" in body["messages"][1]["content"]
        ]
        before = kb.estimate(docs)
        report = kb.index(docs)
        failed = sum(failure.step == "report" for failure in report.failures)
        assert 0 < failed < before.steps["report"].calls
        server.answer = None
        estimate = kb.estimate(docs)
        assert estimate.steps["extract"].calls == 0
        assert estimate.steps["report"].calls < before.steps["report"].calls
        usage = kb.index(docs).usage
        assert usage.calls == failed
        assert_within(usage, estimate)


def test_records_that_stay_in_a_file_that_changed_are_not_estimated(tmp_path: Path, open_kb: Open) -> None:
    records = [{"id": str(n), "text": document(n)} for n in range(60)]
    path = tmp_path / "records.jsonl"
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    with FakeLLMServer() as server, open_kb(server) as kb:
        first = kb.estimate(path).usage.calls
        kb.index(path)
        records[7]["text"] += " Nobody knows why."
        path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
        again = kb.estimate(path)
        assert 0 < again.usage.calls < first / 2
        assert again.steps["extract"].calls == 1


def test_no_report_is_paid_for_before_its_facts_are(docs: Path, open_kb: Open) -> None:
    with FakeLLMServer() as server, open_kb(server, llm={"max_output_tokens": 1000}) as kb:
        cost = kb.index(docs).usage.cost_usd
        assert cost is not None
    with FakeLLMServer() as server, open_kb(server, "other", llm={"max_output_tokens": 1000}) as kb:
        assert kb.index(docs, budget_usd=cost / 4).stopped_at_budget
        assert not any('"findings"' in body["messages"][0]["content"] for body in server.counts.bodies)
        assert kb.index(docs).is_whole
        assert server.counts.cost_usd(0.15, 0.60) == pytest.approx(cost, rel=0.02)


def test_reports_are_written_from_what_was_said_of_entities_and_relationships(docs: Path, open_kb: Open) -> None:
    shown: list[str] = []

    def on_relationships(body: Any) -> str | None:
        if '"findings"' not in body["messages"][0]["content"]:
            return None
        items = read_items(body["messages"][1]["content"])
        shown.extend(text for _, _, text in items)
        findings = [{"text": text, "facts": [n]} for n, _, text in items if "appears with" in text]
        return json.dumps({"title": "Who met whom", "summary": "They met.", "findings": findings[:2]})

    with FakeLLMServer(answer=on_relationships) as server, open_kb(server) as kb:
        kb.index(docs)
        assert any(text.startswith("Ada Renn came to ") for text in shown)
        findings = [f for r in kb.reports() if r.title == "Who met whom" for f in r.findings]
        assert findings
        for finding in findings:
            (evidence, *_) = finding.evidence
            shown_sentence = kb.chunk(evidence.chunk_id).text[evidence.start : evidence.end]
            assert any(name in shown_sentence for name in re.split(" appears with |; ", finding.text))


def test_an_edited_prompt_is_seen_by_the_next_run(docs: Path, tmp_path: Path, open_kb: Open) -> None:
    (tmp_path / "own" / "en").mkdir(parents=True)
    own = tmp_path / "own" / "en" / "extract.md"
    own.write_text(read_prompt("extract", "en"), encoding="utf-8")
    with FakeLLMServer() as server, open_kb(server, llm={"prompts": str(tmp_path / "own")}) as kb:
        kb.index(docs)
        before = server.counts.requests
        own.write_text(read_prompt("extract", "en").replace("---", "Mind the boats.\n---", 1), encoding="utf-8")
        kb.index(docs)
        assert "Mind the boats." in server.counts.bodies[before]["messages"][0]["content"]


class Failing:
    """A model of one's own that passes calls on, but for those of one purpose: they fail after the first so many."""

    def __init__(self, model: ChatModel, purpose: str, error: Exception, after: int) -> None:
        self.name = model.name
        self.purpose = purpose
        self._model = model
        self._error = error
        self._calls = itertools.count(-after)

    def complete(self, request: ChatRequest) -> ChatReply:
        if request.purpose == self.purpose and next(self._calls) >= 0:
            raise self._error
        return self._model.complete(request)

    def stream(self, request: ChatRequest) -> Iterator[str | ChatReply]:
        return self._model.stream(request)


@pytest.fixture
def failing_kb(docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """A knowledge base whose model fails at one purpose, and that model; every step has something to ask."""
    (docs / "a.txt").write_text("Marrowgate Institute lies in Thorsby. It was founded in 1902.", "utf-8")
    (docs / "b.txt").write_text("Marrowgate Institut is a school in Thorsby. It has a tower.", "utf-8")
    monkeypatch.setattr(refine_llm, "LONG_TOKENS", 40)
    with ExitStack() as opened:

        def start(server: FakeLLMServer, purpose: str, error: Exception, after: int) -> tuple[KnowledgeBase, Failing]:
            llm = LLMSettings(model="gpt-4o-mini", base_url=server.url)
            inner = opened.enter_context(closing(open_chat_model(llm, cache_path=tmp_path / "replies.sqlite")))
            model = Failing(inner, purpose, error, after)
            settings = {"embedding": {"model": "none"}, "extract": {"pack_tokens": 400}, "resolve": {"llm": True}}
            kb = KnowledgeBase(tmp_path / "kb", chat_model=model, settings=settings)
            return opened.enter_context(kb), model

        yield start


STEPS = [("extract", 1), ("resolve", 0), ("summarize", 1), ("report", 0)]


@pytest.mark.parametrize(("purpose", "after"), STEPS)
def test_money_that_ends_in_any_step_leaves_a_usable_knowledge_base_and_the_next_run_goes_on(
    docs: Path, failing_kb: Callable[..., Any], purpose: str, after: int
) -> None:
    with FakeLLMServer() as server:
        kb, model = failing_kb(server, purpose, BudgetExceededError("The money is spent."), after)
        report = kb.index(docs)
        assert (report.stopped_at_budget, report.failures) == (True, ())
        assert report.notices.count("The money is spent.") == 1
        assert kb.doctor() == []
        assert kb.retrieve("Who repaired boat number 7?")
        model.purpose = ""
        assert kb.index(docs).is_whole
        assert paid_twice(server) == []


@pytest.mark.parametrize(("purpose", "after"), STEPS)
def test_a_reply_that_cannot_be_used_is_listed_in_any_step_and_asked_for_by_the_next_run(
    docs: Path, failing_kb: Callable[..., Any], purpose: str, after: int
) -> None:
    with FakeLLMServer() as server:
        kb, model = failing_kb(server, purpose, ModelReplyError("It makes no sense"), after)
        failures = kb.index(docs).failures
        assert {(failure.step, failure.reason) for failure in failures} == {
            (purpose.replace("summarize", "summarise"), "It makes no sense.")
        }
        before = server.counts.requests
        model.purpose = ""
        assert kb.index(docs).is_whole
        assert server.counts.requests > before
        assert kb.status()["failures"] == []


def test_facts_are_written_however_many_there_are(docs: Path, open_kb: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrich, "_FACTS_IN_ONE_WRITE", 5)
    with FakeLLMServer() as server, open_kb(server) as kb:
        kb.index(docs)
        chunks, read = extracted(kb)
        assert chunks == read


def test_a_report_that_cites_passages_that_have_moved_is_written_anew(tmp_path: Path, open_kb: Open) -> None:
    """What a licence says counts for no report without a model, so that only the model's one cites it."""
    licence = [
        f"The Millbeck Archive Foundation owns a compilation copyright in collection number {n}, as Kelder agreed "
        f"with the Millbeck Archive Foundation. Redistribution of number {n} is subject to the trademark license."
        for n in range(40)
    ]
    end = "*** END OF THE PROJECT GUTENBERG EBOOK THE DOCKS ***"
    source = tmp_path / "book.txt"
    with FakeLLMServer() as server, open_kb(server) as kb:
        for begins in ("", "Once upon a time it began so. "):
            story = "\n\n".join(map(document, range(24)))
            source.write_text("\n\n".join([begins + story, end, *licence]), encoding="utf-8")
            kb.index(source)
            assert kb.doctor() == []


def test_an_edited_prompt_of_reports_has_each_written_again_and_no_passage_read(
    docs: Path, tmp_path: Path, open_kb: Open
) -> None:
    (tmp_path / "own" / "en").mkdir(parents=True)
    prompt = tmp_path / "own" / "en" / "report.md"
    prompt.write_text(read_prompt("report", "en"), encoding="utf-8")
    with FakeLLMServer() as server, open_kb(server, llm={"prompts": str(tmp_path / "own")}) as kb:
        kb.index(docs)
        written = sum('"findings"' in body["messages"][0]["content"] for body in server.counts.bodies)
        prompt.write_text("Mind the boats.\n" + read_prompt("report", "en"), encoding="utf-8")
        server.counts.bodies.clear()
        assert kb.index(docs).is_whole
        asked = [body["messages"][0]["content"].startswith("Mind the boats.") for body in server.counts.bodies]
        assert asked == [True] * written
        assert written > 1


def test_what_a_model_failed_at_is_kept_with_its_name_until_it_is_done(docs: Path, open_kb: Open) -> None:
    refusing = Behaviour(filtered_words=("boat number 5 together",))
    with FakeLLMServer(refusing) as server, open_kb(server) as kb:
        report = kb.index(docs)
        kept = kb.status()["failures"]
        assert [failure["step"] for failure in kept] == ["extract"]
        assert kept[0]["source"] == kb.chunk(kept[0]["source"]).id
        assert kept[0]["name"].startswith("05.txt: “Otto Farrar came to")
        assert [failure.name for failure in report.failures] == [kept[0]["name"]]
        kb.remove(docs / "04.txt")
        assert kb.status()["failures"] == kept
        kb.remove(docs / "05.txt")
        assert kb.status()["failures"] == []
        server.behaviour = Behaviour()
        assert kb.index(docs).is_whole
        assert kb.status()["failures"] == []


def test_another_reason_is_noted_without_a_snapshot_of_its_own(docs: Path, open_kb: Open) -> None:
    with FakeLLMServer(Behaviour(api_key="right")) as server, open_kb(server, llm={"max_retries": 0}) as kb:
        first = kb.index(docs)
        told = {failure["reason"] for failure in kb.status()["failures"]}
        assert len(told) == 1
        assert "status 401" in told.pop()
        asked = kb.snapshots()
        server.behaviour = Behaviour(refuses_all_with={"error": {"message": "no such model"}})
        assert kb.index(docs).snapshot == first.snapshot
        assert {"no such model" in failure["reason"] for failure in kb.status()["failures"]} == {True}
        assert [one.id for one in kb.snapshots()] == [one.id for one in asked]


def test_a_model_that_fails_at_everything_is_not_asked_for_reports_as_well(docs: Path, open_kb: Open) -> None:
    with FakeLLMServer(Behaviour(api_key="right")) as server, open_kb(server, llm={"max_retries": 0}) as kb:
        report = kb.index(docs)
        assert {failure.step for failure in report.failures} == {"extract"}
        assert sorted(failure.source for failure in report.failures) == sorted(chunk_ids(kb))
        assert not report.is_whole
        assert [notice for notice in report.notices if "was not asked any further" in notice]
        assert server.counts.replies == 0


def test_what_came_before_the_money_ran_out_counts_and_the_rest_is_listed(docs: Path, open_kb: Open) -> None:
    with FakeLLMServer(Behaviour(latency_s=0.2)) as server, open_kb(server, llm={"concurrency": 2}) as kb:
        server.answer = partial(refuse_after, server, 3, {"error": {"message": "Insufficient Balance"}})
        report = kb.index(docs)
        chunks, read = extracted(kb)
        assert 0 < len(read) < len(chunks)
        assert len(read) + len(report.failures) == len(chunks)
        server.answer, server.behaviour.refuses_all_with = None, None
        assert kb.index(docs).is_whole
        assert paid_twice(server) == []


def refuse_after(server: FakeLLMServer, replies: int, body: Any, _: Any) -> None:
    """Refuse whatever comes once so many replies are written."""
    if server.counts.replies + 1 >= replies:
        server.behaviour.refuses_all_with = body


def test_the_reports_to_write_are_counted_before_the_first_and_nothing_else_runs_meanwhile(
    docs: Path, tmp_path: Path
) -> None:
    steps: list[tuple[str, int | None]] = []
    running: list[str] = []

    class Watching:
        @contextmanager
        def step(self, name: str, total: int | None = None) -> Iterator[Task]:
            steps.append((name, total))
            running.append(name)
            assert name != "write reports" or "reports" not in running
            yield SilentProgress()
            running.remove(name)

    with FakeLLMServer() as server:
        llm = {"model": "gpt-4o-mini", "base_url": server.url}
        settings = {"llm": llm, "embedding": {"model": "none"}}
        with KnowledgeBase(tmp_path / "kb", settings=settings, progress=Watching()) as kb:
            kb.index(docs)
            written = [report for report in kb.reports() if report.extractor.startswith("llm/")]
            assert dict(steps)["write reports"] == len(written) > 0
            assert dict(steps)["reports"] == len(kb.reports())


def test_a_model_that_made_nothing_is_not_named(docs: Path, open_kb: Open) -> None:
    with FakeLLMServer(Behaviour(api_key="right")) as server, open_kb(server, llm={"max_retries": 0}) as kb:
        assert kb.index(docs).models["chat"] == "none"
        assert kb.status()["models"]["chat"] == "none"


def test_every_model_is_named_whose_work_is_in_use(docs: Path, open_kb: Open) -> None:
    with FakeLLMServer() as server:
        with open_kb(server) as kb:
            kb.index(docs)
        with open_kb(server, llm={"model": "gpt-4o"}, reports={"method": "extractive"}) as kb:
            assert kb.index(docs).models["chat"] == "gpt-4o"
        server.behaviour = Behaviour(api_key="right")
        with open_kb(server, llm={"model": "gpt-4.1", "max_retries": 0}) as kb:
            assert kb.index(docs).models["chat"] == "gpt-4o"
            assert kb.remove(docs / "04.txt").models["chat"] == "gpt-4o"
        server.behaviour = Behaviour(filtered_words=("boat number 5 together",))
        with open_kb(server, llm={"model": "gpt-4.1"}) as kb:
            assert kb.index(docs).models["chat"] == "gpt-4.1, gpt-4o"


def test_a_damaged_reply_cache_hides_nothing_else(docs: Path, open_kb: Open) -> None:
    with FakeLLMServer() as server, open_kb(server) as kb:
        kb.index(docs)
        (kb.path / "cache.sqlite").write_bytes(b"no database" * 1000)
        status = kb.status()
        assert status["counts"]["documents"] == 24
        assert "cache.sqlite" in status["spending_unknown"]
        assert [problem for problem in kb.doctor() if "cache.sqlite" in problem]


def test_a_reply_cache_with_damaged_pages_is_a_problem(docs: Path, open_kb: Open) -> None:
    with FakeLLMServer() as server, open_kb(server) as kb:
        kb.index(docs)
        path = kb.path / "cache.sqlite"
        content = bytearray(path.read_bytes())
        content[5000::97] = bytes(byte ^ 0xFF for byte in content[5000::97])
        path.write_bytes(content)
        (problem,) = kb.doctor()
        assert "cache.sqlite" in problem
        assert kb.status()["counts"]["documents"] == 24


def test_what_cannot_be_written_to_can_be_looked_at(docs: Path, open_kb: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeLLMServer() as server, open_kb(server) as kb:
        kb.index(docs)
        spending = kb.status()["spending"]
        kb.close()
        before = sorted(path.name for path in kb.path.iterdir())
        monkeypatch.setattr("graphrag_lite.llm.cache.os.access", lambda path, mode: False)
        assert kb.status()["spending"] == spending != []
        assert kb.doctor() == []
        (docs / "00.txt").write_text(document(0) + "Nobody knows why.", encoding="utf-8")
        assert kb.estimate(docs).steps["extract"].calls == 1
        assert sorted(path.name for path in kb.path.iterdir()) == before
        with closing(ReplyCache(kb.path / "cache.sqlite")) as cache, pytest.raises(StoreError, match="readonly"):
            cache.note("space", "key", "value")


def test_nothing_to_do_opens_no_table_where_nobody_makes_vectors(
    docs: Path, open_kb: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("tables were opened")

    with FakeLLMServer() as server, open_kb(server) as kb:
        made = kb.index(docs)
        with monkeypatch.context() as patch:
            patch.setattr(pipeline, "index", fail)
            assert kb.index(docs).snapshot == made.snapshot
        settings = {"llm": {"model": "gpt-4o-mini", "base_url": server.url}, "embedding": {"model": "none"}}
        with KnowledgeBase(kb.path, settings=settings, embedding_model=HashEmbeddingModel()) as other:
            assert other.index(docs).models["embedding"] != "none"


def damage_pages(path: Path) -> None:
    """Spoil most pages of a reply cache, and leave its head."""
    content = bytearray(path.read_bytes())
    content[5000::97] = bytes(byte ^ 0xFF for byte in content[5000::97])
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [damage_pages, lambda path: path.write_bytes(b"no database" * 1000)])
def test_a_question_goes_on_without_a_damaged_reply_cache_and_says_so_once(
    docs: Path, open_kb: Open, caplog: pytest.LogCaptureFixture, damage: Callable[[Path], None]
) -> None:
    with FakeLLMServer() as server, open_kb(server) as kb:
        kb.index(docs)
        damage(kb.path / "cache.sqlite")
        for number in range(2):
            answer = kb.query(f"Who repaired boat number {number + 3}?")
            assert answer.models["answer"] == "gpt-4o-mini"
        (told,) = [record.getMessage() for record in caplog.records if "cache.sqlite" in record.getMessage()]
        assert "grl index" in told
        assert "move it away" in told


def test_a_run_mends_a_damaged_reply_cache_tells_it_and_pays_for_nothing_twice(docs: Path, open_kb: Open) -> None:
    with FakeLLMServer() as server, open_kb(server) as kb:
        kb.index(docs)
        damage_pages(kb.path / "cache.sqlite")
        (docs / "new.txt").write_text("Ivo Marsh painted the lamp room of Hollow Point.", encoding="utf-8")
        before = len(server.counts.bodies)
        report = kb.index(docs)
        assert report.is_whole
        assert [notice for notice in report.notices if "was damaged" in notice and "cache.sqlite.damaged-1" in notice]
        assert kb.doctor() == []
        asked = [body["messages"] for body in server.counts.bodies[before:]]
        assert ["Ivo Marsh" in data["content"] for order, data, *_ in asked if '{"p":' in order["content"]] == [True]
        assert paid_twice(server) == []


def test_the_estimate_takes_nothing_for_paid_that_a_damaged_cache_does_not_show(
    docs: Path, open_kb: Open, caplog: pytest.LogCaptureFixture
) -> None:
    with FakeLLMServer() as server, open_kb(server) as kb:
        expected = kb.estimate(docs).steps["extract"]
        kb.path.mkdir(exist_ok=True)
        (kb.path / "cache.sqlite").write_bytes(b"no database" * 1000)
        assert kb.estimate(docs).steps["extract"] == expected
        assert "cache.sqlite" in caplog.text


def test_runs_without_a_model_do_not_need_the_reply_cache(docs: Path, open_kb: Open) -> None:
    with FakeLLMServer() as server, open_kb(server) as kb:
        kb.index(docs)
        damage_pages(kb.path / "cache.sqlite")
        (docs / "00.txt").unlink()
        assert kb.remove(str(docs / "01.txt")).counts["documents"] == 23
        assert kb.index(docs, recipe="instant").counts["documents"] == 23


def test_a_full_disk_stops_the_sending_and_loses_no_reply_that_is_under_way(docs: Path, open_kb: Open) -> None:
    class Filling(ReplyCache):
        """Finds no room from its fourth write on, until it is closed."""

        written = 0

        def _run(self, statement: str, values: Any = ()) -> list[Any]:
            if statement.startswith("INSERT"):
                Filling.written += 1
                if 4 < Filling.written < 10**6:
                    raise StoreError(f"{kb.path}: the disk is full")
            return super()._run(statement, values)

        def close(self) -> None:
            Filling.written = 10**6
            super().close()

    with FakeLLMServer(Behaviour(latency_s=0.3)) as server, open_kb(server) as kb:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("graphrag_lite.llm.chat.ReplyCache", Filling)
            with pytest.raises(StoreError, match="disk is full"):
                kb.index(docs)
        assert server.counts.requests <= 2 * 8
        billed = server.counts.replies
        with closing(ReplyCache(kb.path / "cache.sqlite")) as cache:
            assert sum(row.calls for row in cache.spending()) == billed
        assert kb.index(docs).is_whole
        assert paid_twice(server) == []
        assert extracted(kb)[0] == extracted(kb)[1]


def test_a_disk_without_room_for_the_tables_is_met_before_anything_is_paid(
    docs: Path, open_kb: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with FakeLLMServer() as server, open_kb(server) as kb:
        with monkeypatch.context() as patched:
            patched.setattr("graphrag_lite.store.writer.shutil.disk_usage", lambda _: SimpleNamespace(free=50_000))
            patched.setattr("lancedb.db.LanceDBConnection.create_table", full)
            with pytest.raises(StoreError, match=r"writing failed .*No space left"):
                kb.index(docs)
        assert server.counts.requests == 0
        assert kb.index(docs).is_whole


def test_lancedb_that_cannot_be_imported_is_told_of_and_loses_no_reply(docs: Path, open_kb: Open) -> None:
    with FakeLLMServer() as server, open_kb(server) as kb:
        with pytest.MonkeyPatch.context() as patched:
            patched.setitem(sys.modules, "lancedb", None)
            patched.delitem(sys.modules, "graphrag_lite.store.lance", raising=False)
            with pytest.raises(StoreError, match=r"LanceDB.* cannot be imported .*pip install --force-reinstall"):
                kb.index(docs)
        assert server.counts.replies > 0
        assert kb.index(docs).is_whole
        assert paid_twice(server) == []


def test_the_first_call_does_not_wait_for_lancedb(docs: Path, tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from graphrag_lite import KnowledgeBase\n"
        "from graphrag_lite.llm import dispatch\n"
        "from graphrag_lite.testing import ScriptedChatModel\n"
        "dispatch._HEAD_START_S = 60.0\n"
        "loaded = []\n"
        "class Model(ScriptedChatModel):\n"
        "    def complete(self, request):\n"
        "        loaded.append('lancedb' in sys.modules)\n"
        "        return super().complete(request)\n"
        "report = KnowledgeBase(sys.argv[1], chat_model=Model([])).index(sys.argv[2])\n"
        "print(loaded[0], report.counts['documents'])\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "own"), str(docs)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["False", "24"], done.stderr
