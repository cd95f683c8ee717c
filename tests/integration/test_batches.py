"""Indexing by a Batch API over real HTTP: submitted, collected across runs, never lost and never paid twice."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from graphrag_lite import IndexReport, KnowledgeBase, SettingsError
from graphrag_lite.llm.cache import ReplyCache
from graphrag_lite.llm.chat import open_chat_model
from graphrag_lite.testing import ScriptedChatModel
from tests.fake_llm_server import FakeLLMServer, Faults
from tests.integration.test_crash import contents
from tests.integration.test_model_index import document, extracted, paid_twice

Open = Callable[..., KnowledgeBase]
INPUT_USD, OUTPUT_USD = 0.15, 0.60
EXTRACTION_ALONE = {"reports": {"method": "extractive"}}
RUN = "import sys; from graphrag_lite import KnowledgeBase; KnowledgeBase(sys.argv[1]).index(sys.argv[2], batch=True)"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(9):
        (folder / f"{number:02}.txt").write_text(document(number), encoding="utf-8")
    return folder


def llm_settings(server: FakeLLMServer) -> dict[str, Any]:
    return {"model": "gpt-4o-mini", "provider": "openai", "base_url": server.url, "max_retries": 2, "timeout_s": 10.0}


@pytest.fixture
def open_kb(tmp_path: Path, server: FakeLLMServer) -> Open:
    def start(name: str = "kb", llm: dict[str, Any] | None = None, **sections: Any) -> KnowledgeBase:
        settings = {"llm": llm_settings(server) | (llm or {}), "embedding": {"model": "none"}}
        return KnowledgeBase(tmp_path / name, settings=settings | {"extract": {"pack_tokens": 400}} | sections)

    return start


def index_to_the_end(kb: KnowledgeBase, docs: Path, most: int = 9) -> list[IndexReport]:
    """Reports of runs until one is whole."""
    reports = []
    for _ in range(most):
        reports.append(kb.index(docs, batch=True))
        if reports[-1].is_whole:
            return reports
    raise AssertionError(f"not whole after {most} runs: {reports[-1].failures} {reports[-1].waiting}")


def assert_all_is_read_once(kb: KnowledgeBase, server: FakeLLMServer) -> None:
    chunks, read = extracted(kb)
    assert chunks == read
    assert paid_twice(server) == []
    assert kb.doctor() == []


def test_batches_give_the_same_knowledge_base_for_half_the_price(
    docs: Path, open_kb: Open, server: FakeLLMServer
) -> None:
    with open_kb("direct") as direct:
        assert direct.index(docs).is_whole
        expected = contents(direct)
    before, sent = server.counts.cost_usd(INPUT_USD, OUTPUT_USD), server.counts.requests
    with open_kb() as kb:
        first = kb.index(docs, batch=True)
        assert (first.waiting > 0, first.usage.calls, first.is_whole) == (True, 0, False)
        assert "requests submitted as batch_1, for at most " in first.notices[0]
        assert kb.retrieve("Who repaired boat number 7?")
        assert [b["requests"] for b in kb.status()["batches"]] == [first.waiting]
        reports = [first, *index_to_the_end(kb, docs)]
        assert contents(kb) == expected
        assert kb.status()["batches"] == []
        ledger = sum(row["cost_usd"] for row in kb.status()["spending"])
    billed = server.counts.cost_usd(INPUT_USD, OUTPUT_USD) - before
    assert server.counts.requests == sent
    assert sum(report.usage.calls for report in reports) == server.counts.batched
    assert sum(report.usage.cost_usd or 0.0 for report in reports) == pytest.approx(billed / 2)
    assert ledger == pytest.approx(billed / 2)


def test_a_run_that_waits_does_everything_in_one_go(docs: Path, open_kb: Open, server: FakeLLMServer) -> None:
    server.batches.behaviour.polls = 2
    with open_kb() as kb:
        report = kb.index(docs, batch_wait=True)
        assert report.is_whole
        assert report.changes["added"] == 9
        assert report.usage.calls == server.counts.batched > 0
        assert {row["purpose"] for row in kb.status()["spending"]} >= {"extract", "report"}
        assert kb.index(docs).snapshot == report.snapshot
        assert_all_is_read_once(kb, server)
    assert server.counts.requests == 0


def test_only_the_new_is_submitted_while_a_batch_is_under_way(docs: Path, open_kb: Open, server: FakeLLMServer) -> None:
    server.batches.behaviour.holds = True
    with open_kb(**EXTRACTION_ALONE) as kb:
        waiting = kb.index(docs, batch=True).waiting
        before = kb.status()["snapshot"]
        assert kb.index(docs, batch=True).waiting == waiting
        assert kb.status()["snapshot"] == before
        assert kb.estimate(docs).steps["extract"].calls == 0
        (docs / "03.txt").write_text("Ivo Marsh painted the lamp room of Hollow Point.", encoding="utf-8")
        (docs / "04.txt").unlink()
        assert kb.index(docs, batch=True).waiting == waiting + 1
        server.batches.behaviour.holds = False
        assert kb.index(docs).is_whole
        assert_all_is_read_once(kb, server)
    assert server.counts.requests == 0


def test_a_batch_that_nothing_waits_for_any_more_is_collected_and_counted(
    docs: Path, open_kb: Open, server: FakeLLMServer
) -> None:
    server.batches.behaviour.holds = True
    with open_kb() as kb:
        asked = kb.index(docs, batch=True).waiting
    with open_kb(llm={"model": "gpt-4.1-mini"}) as kb:  # somebody could not wait
        report = kb.index(docs)
        assert (report.is_whole, report.waiting, report.notices) == (True, 0, ())
        server.batches.behaviour.holds = False
        assert kb.index(docs).snapshot == report.snapshot
        assert kb.status()["batches"] == []
        spent = [row for row in kb.status()["spending"] if row["model"] == "gpt-4o-mini"]
        assert sum(row["calls"] for row in spent) == asked


def test_the_estimate_counts_on_no_batch_of_another_server(docs: Path, open_kb: Open, server: FakeLLMServer) -> None:
    server.batches.behaviour.holds = True
    with open_kb(**EXTRACTION_ALONE) as kb:
        kb.index(docs, batch=True)
    with FakeLLMServer() as other, open_kb(llm={"base_url": other.url}, **EXTRACTION_ALONE) as kb:
        estimate = kb.estimate(docs).steps["extract"]
        assert 0 < kb.index(docs).usage.calls <= estimate.calls


def test_nothing_is_kept_of_a_document_that_went_while_its_batch_is_under_way(
    tmp_path: Path, docs: Path, open_kb: Open, server: FakeLLMServer
) -> None:
    def kept() -> int:
        with closing(sqlite3.connect(tmp_path / "kb" / "cache.sqlite")) as db:
            return int(db.execute("SELECT count(*) FROM notes WHERE space LIKE 'packs %'").fetchone()[0])

    server.batches.behaviour.holds = True
    with open_kb(**EXTRACTION_ALONE) as kb:
        kb.index(docs, batch=True)
        assert kept() > 0
        kb.remove(str(docs))
        assert kept() == 0


def test_malformed_replies_are_asked_again_in_the_next_batch(docs: Path, open_kb: Open, server: FakeLLMServer) -> None:
    server.behaviour.faults = Faults(malformed=1.0)
    with open_kb(**EXTRACTION_ALONE) as kb:
        first = kb.index(docs, batch=True)
        server.behaviour.faults = Faults()
        second = kb.index(docs, batch=True)
        assert (second.waiting, second.failures) == (first.waiting, ())
        asked = server.counts.bodies[first.waiting :]
        assert ["cannot be used" in body["messages"][-1]["content"] for body in asked] == [True] * second.waiting
        assert kb.index(docs, batch=True).is_whole
        assert_all_is_read_once(kb, server)


def test_gleaning_takes_a_batch_more(docs: Path, open_kb: Open, server: FakeLLMServer) -> None:
    with open_kb(extract={"pack_tokens": 400, "gleanings": 1}, **EXTRACTION_ALONE) as kb:
        waiting = [report.waiting for report in index_to_the_end(kb, docs)]
        assert waiting == [waiting[0], waiting[0], 0]
        assert_all_is_read_once(kb, server)


def test_cut_off_replies_are_split_over_batches(docs: Path, open_kb: Open, server: FakeLLMServer) -> None:
    server.behaviour.output_tokens = 260
    with open_kb(**EXTRACTION_ALONE) as kb:
        assert len(index_to_the_end(kb, docs)) > 2
        assert_all_is_read_once(kb, server)


def test_no_reply_of_a_batch_is_thrown_away_because_others_were_cut_off(
    docs: Path, open_kb: Open, server: FakeLLMServer
) -> None:
    for number in range(9, 40):
        (docs / f"{number:02}.txt").write_text(document(number), encoding="utf-8")
    server.behaviour.faults = Faults(truncated=0.3)
    with open_kb(extract={"pack_tokens": 400}, **EXTRACTION_ALONE) as kb:
        kb.index(docs, batch=True)
        server.behaviour.faults = Faults()
        waiting = kb.index(docs, batch=True).waiting
        assert 0 < waiting == 2 * server.counts.cut_off
        assert kb.index(docs, batch=True).is_whole
        assert_all_is_read_once(kb, server)


def test_a_pack_that_waits_is_asked_for_with_the_titles_that_it_had(
    docs: Path, open_kb: Open, server: FakeLLMServer
) -> None:
    for number in range(3):
        (docs / f"{number}.md").write_text(f"# Log {number}\n\n{document(20 + number)}", encoding="utf-8")
    with open_kb(**EXTRACTION_ALONE) as kb:
        kb.index(docs, batch=True)
        asked = server.counts.batched
        assert any("Log 1" in body["messages"][1]["content"] for body in server.counts.bodies)
        assert kb.index(docs, batch=True).is_whole
        assert server.counts.batched == asked


def test_passages_left_out_of_a_batch_are_asked_for_once_more_and_nothing_is_kept_of_them(
    docs: Path, open_kb: Open, server: FakeLLMServer
) -> None:
    server.behaviour.forgets_passages = True
    with open_kb(**EXTRACTION_ALONE) as kb:
        index_to_the_end(kb, docs)
        assert_all_is_read_once(kb, server)
        with closing(ReplyCache(kb.path / "cache.sqlite")) as cache:
            assert cache.spaces("packs ") == []


def test_batches_that_cannot_be_fetched_for_a_while_are_collected_later(
    docs: Path, open_kb: Open, server: FakeLLMServer
) -> None:
    with open_kb(**EXTRACTION_ALONE) as kb:
        kb.index(docs, batch=True)
        server.batches.behaviour.has_batches = False
        report = kb.index(docs, batch=True)
        assert [f.step for f in report.failures if "collected by the next run" in f.reason] == ["extract"]
        assert report.waiting
        server.batches.behaviour.has_batches = True
        assert kb.index(docs, batch=True).is_whole
        assert_all_is_read_once(kb, server)


def test_a_lost_batch_is_listed_waited_for_by_nobody_and_asked_again_once_it_is_forgotten(
    docs: Path, open_kb: Open, server: FakeLLMServer
) -> None:
    with open_kb(**EXTRACTION_ALONE) as kb:
        kb.index(docs, batch=True)
        (docs / "more.txt").write_text(document(20), encoding="utf-8")
        server.batches.behaviour.holds = True
        kb.index(docs, batch=True)
        server.batches.behaviour.holds = False
        del server.batches.batches["batch_1"]
        report = kb.index(docs, batch_wait=True)
        assert ["grl llm cancel-batch batch_1" in failure.reason for failure in report.failures] == [True]
        chunks, read = extracted(kb)
        assert (len(read), len(chunks)) == (1, 10)
        assert not report.is_whole
        model = open_chat_model(kb.settings.llm, cache_path=kb.path / "cache.sqlite", with_batches=True)
        with closing(model):
            assert model.batches is not None
            model.batches.cancel("batch_1")
        assert kb.index(docs, batch_wait=True).is_whole
        assert extracted(kb)[0] == extracted(kb)[1]


def test_what_could_not_be_submitted_is_submitted_by_the_next_run(
    docs: Path, open_kb: Open, server: FakeLLMServer
) -> None:
    server.batches.behaviour.has_batches = False
    with open_kb(**EXTRACTION_ALONE) as kb:
        report = kb.index(docs, batch=True)
        assert [f.step for f in report.failures if "next run submits what is left" in f.reason] == ["extract"]
        assert (report.waiting, report.usage.calls, kb.status()["batches"]) == (0, 0, [])
        server.batches.behaviour.has_batches = True
        index_to_the_end(kb, docs)
        assert_all_is_read_once(kb, server)


def test_a_request_that_is_refused_is_listed(docs: Path, open_kb: Open, server: FakeLLMServer) -> None:
    server.behaviour.filtered_words = ("boat number 7 ",)
    with open_kb(**EXTRACTION_ALONE) as kb:
        report = kb.index(docs, batch_wait=True)
        assert [f.step for f in report.failures if "Content Exists Risk" in f.reason] == ["extract"]
        chunks, read = extracted(kb)
        assert len(chunks - read) == 1
        server.behaviour.filtered_words = ()
        assert kb.index(docs).is_whole  # at once, without --batch
        assert_all_is_read_once(kb, server)


def test_a_budget_bounds_all_rounds(docs: Path, open_kb: Open, server: FakeLLMServer) -> None:
    with open_kb() as kb:
        report = kb.index(docs, batch=True, budget_usd=0.002)
        assert 0 < sum(b["most_usd"] for b in kb.status()["batches"]) <= 0.002
        assert report.stopped_at_budget
        final = kb.index(docs, batch_wait=True, budget_usd=0.002)
        assert final.waiting == 0
        assert final.usage.cost_usd == pytest.approx(server.counts.cost_usd(INPUT_USD, OUTPUT_USD) / 2)
        assert (final.usage.cost_usd or 0.0) <= 0.002
        assert kb.retrieve("Who repaired boat number 7?")
    assert server.counts.requests == 0


def test_rounds_that_wait_leave_one_snapshot_and_name_the_budget_that_was_given(docs: Path, open_kb: Open) -> None:
    with open_kb(snapshots={"keep": 3}) as kb:
        for number in range(3):
            (docs / "more.txt").write_text(document(20 + number), encoding="utf-8")
            kb.index(docs, recipe="instant")
        points = [snapshot.id for snapshot in kb.snapshots()]
        # Less than a report costs at worst, so that the last round has something to tell.
        report = kb.index(docs, batch_wait=True, budget_usd=0.0012)
        assert [snapshot.id for snapshot in kb.snapshots()] == [*points[1:], report.snapshot]
        told = [notice for notice in report.notices if "of the budget" in notice]
        assert all("budget of 0.0012 USD" in notice for notice in told)
        assert told
        assert kb.rollback(points[-1]).id == points[-1]


def test_a_round_that_changes_nothing_takes_no_rollback_point_away(
    docs: Path, open_kb: Open, server: FakeLLMServer
) -> None:
    server.batches.behaviour.polls = 3
    with open_kb(**EXTRACTION_ALONE) as kb:
        point = kb.index(docs, batch=True).snapshot
        assert kb.index(docs, batch_wait=True).is_whole
        assert point in [snapshot.id for snapshot in kb.snapshots()]


@pytest.mark.parametrize("instant", ["upload", "create"])
def test_a_run_killed_while_it_submits_pays_for_nothing_twice(
    tmp_path: Path, docs: Path, open_kb: Open, server: FakeLLMServer, instant: str
) -> None:
    setattr(server.batches.behaviour, f"{instant}_delay_s", 5.0)
    sections = {"LLM": llm_settings(server), "EMBEDDING": {"model": "none"}, "EXTRACT": {"pack_tokens": 400}}
    variables = {
        f"GRL_{section}__{name.upper()}": str(value)
        for section, values in (sections | {"REPORTS": {"method": "extractive"}}).items()
        for name, value in values.items()
    }
    process = subprocess.Popen([sys.executable, "-c", RUN, str(tmp_path / "kb"), str(docs)], env=os.environ | variables)
    deadline = time.monotonic() + 90
    while not (server.batches.files if instant == "upload" else server.batches.batches):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    setattr(server.batches.behaviour, f"{instant}_delay_s", 0.0)
    with open_kb(**EXTRACTION_ALONE) as kb:
        index_to_the_end(kb, docs)
        assert len(server.batches.batches) == 1
        assert_all_is_read_once(kb, server)
        ledger = sum(row["cost_usd"] for row in kb.status()["spending"])
    assert ledger == pytest.approx(server.counts.cost_usd(INPUT_USD, OUTPUT_USD) / 2)


def test_a_batch_too_large_for_the_account_is_told_and_can_be_made_smaller(
    docs: Path, open_kb: Open, server: FakeLLMServer
) -> None:
    server.batches.behaviour.refused = "token_limit_exceeded"
    with open_kb(**EXTRACTION_ALONE) as kb:
        report = kb.index(docs, batch_wait=True)
        assert [f.reason for f in report.failures if "llm.batch_tokens" in f.reason]
        assert (report.waiting, len(server.batches.batches)) == (0, 1)
    server.batches.behaviour.refused = ""
    with open_kb(llm={"batch_tokens": 2000}, **EXTRACTION_ALONE) as kb:
        assert kb.index(docs, batch_wait=True).is_whole
        assert_all_is_read_once(kb, server)
    assert len(server.batches.batches) > 2


def test_a_model_without_batches_is_refused_before_anything_is_done(tmp_path: Path, docs: Path, open_kb: Open) -> None:
    with open_kb(llm={"provider": "deepseek"}) as kb, pytest.raises(SettingsError, match="has no Batch API"):
        kb.index(docs, batch=True)
    own = KnowledgeBase(tmp_path / "own", chat_model=ScriptedChatModel([]))
    with pytest.raises(SettingsError, match="has no Batch API"):
        own.index(docs, batch=True)


def test_an_estimate_knows_the_price_of_batches(docs: Path, open_kb: Open) -> None:
    with open_kb(llm={"batch": True}) as kb, open_kb("direct") as direct:
        planned, usual = kb.estimate(docs).steps["extract"], direct.estimate(docs).steps["extract"]
    assert planned.calls <= usual.calls
    assert (planned.cost_usd or 1.0) < 0.6 * (usual.cost_usd or 0.0)


def test_an_estimate_leaves_out_what_waits_for_a_batch_and_how_long_that_takes(docs: Path, open_kb: Open) -> None:
    with open_kb(llm={"batch": True}, **EXTRACTION_ALONE) as kb:
        assert kb.estimate(docs).steps["extract"].calls > 0
        assert kb.estimate(docs).minutes == 0
        assert kb.index(docs).waiting
        assert kb.estimate(docs).steps["extract"].calls == 0
