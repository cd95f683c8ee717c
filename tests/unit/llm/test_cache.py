from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from graphrag_lite.errors import StoreError
from graphrag_lite.llm.cache import ReplyCache, request_key
from graphrag_lite.llm.protocols import ChatReply, ChatRequest, Message
from graphrag_lite.records import Usage

REQUEST = ChatRequest((Message("system", "Be brief."), Message("user", "Wer? 谁?")), {"type": "object"}, 100, 0.5, "a")


@pytest.fixture
def cache() -> Iterator[ReplyCache]:
    opened = ReplyCache(":memory:")
    yield opened
    opened.close()


def test_the_key_of_a_request_stays_what_it_was_so_that_an_upgrade_pays_for_nothing_twice() -> None:
    shape = {"server": "http://localhost:8000/v1", "model": "m", "default_temperature": 0.0, "most_output_tokens": 99}
    assert request_key(REQUEST, shape) == "2e37713d83ad131b0ea985331747be621887cd41"


def test_a_reply_comes_back_whole_and_costs_nothing(cache: ReplyCache) -> None:
    cache.store("k", ChatReply("text", "thought", "stop", Usage(calls=1, prompt_tokens=5, cost_usd=0.5)))
    assert cache.find("k") == ChatReply("text", "thought", "stop", Usage(cached_calls=1), cached=True)
    cache.forget("k")
    assert cache.find("k") is None


def test_of_a_reply_that_was_cut_off_only_that_is_kept(cache: ReplyCache) -> None:
    cache.store("k", ChatReply("half a te", "half a tho", "length"))
    assert cache.find("k") == ChatReply("", "", "length", Usage(cached_calls=1), cached=True)


def test_the_ledger_adds_up_by_model_and_purpose_and_forgets_nothing_with_a_reply(cache: ReplyCache) -> None:
    for model, purpose in (("m", "report"), ("m", "extract"), ("m", "extract"), ("n", "extract")):
        cache.spend(model, purpose, Usage(1, 0, 10, 2, 0.25))
    cache.forget("k")
    rows = [(s.model, s.purpose, s.calls, s.prompt_tokens, s.completion_tokens, s.cost_usd) for s in cache.spending()]
    assert rows == [("m", "extract", 2, 20, 4, 0.5), ("m", "report", 1, 10, 2, 0.25), ("n", "extract", 1, 10, 2, 0.25)]


def test_a_call_is_in_the_ledger_with_its_reply_and_without_one(cache: ReplyCache) -> None:
    cache.keep("m", "extract", Usage(1, 0, 10, 2, 0.25), "k", ChatReply("text"))
    cache.keep("m", "extract", Usage(1, 0, 10, 2, 0.25), "l", None)
    assert cache.find("k") == ChatReply("text", usage=Usage(cached_calls=1), cached=True)
    assert cache.find("l") is None
    assert [(s.calls, s.cost_usd) for s in cache.spending()] == [(2, 0.5)]


def test_of_two_keys_the_first_that_has_a_reply_gives_it(cache: ReplyCache) -> None:
    cache.store("b", ChatReply("second"))
    found = cache.find("a", "b")
    assert found is not None
    assert found.text == "second"
    cache.store("a", ChatReply("first"))
    found = cache.find("a", "b")
    assert found is not None
    assert found.text == "first"


def test_replies_that_come_together_are_few_transactions_and_none_is_used_before_it_is_kept(tmp_path: Path) -> None:
    cache, others = ReplyCache(tmp_path / "cache.sqlite"), 40
    statements: list[str] = []
    cache._db.set_trace_callback(statements.append)
    is_kept = []

    def keep(number: int) -> None:
        cache.keep("m", "extract", Usage(1, 0, 10, 2, 0.25), f"k{number}", ChatReply(f"text {number}"))
        with contextlib.closing(sqlite3.connect(tmp_path / "cache.sqlite")) as db:
            is_kept.append(db.execute("SELECT text FROM replies WHERE key = ?", (f"k{number}",)).fetchall())

    with ThreadPoolExecutor(others) as pool:
        with cache._lock:  # somebody writes, and all of them wait
            done = [pool.submit(keep, number) for number in range(others)]
            while len(cache._held) < others:
                threading.Event().wait(0.001)
        for one in done:
            one.result()
    assert sorted(is_kept) == sorted([(f"text {number}",)] for number in range(others))
    assert statements.count("COMMIT") == 1
    assert [(s.calls, s.cost_usd) for s in cache.spending()] == [(others, others * 0.25)]
    cache.close()


def test_a_sum_with_an_unknown_price_is_unknown(cache: ReplyCache) -> None:
    for cost_usd in (0.25, None, 0.25):
        cache.spend("m", "extract", Usage(1, 0, 10, 2, cost_usd))
    assert [(s.calls, s.cost_usd) for s in cache.spending()] == [(3, None)]


def test_any_number_of_notes_is_found_at_once(cache: ReplyCache) -> None:
    keys = [f"key {n}" for n in range(2300)]
    for key in keys:
        cache.note("space", key, key.upper())
    assert cache.notes("space", [*keys, "another"]) == {key: key.upper() for key in keys}
    assert cache.notes("other space", keys) == {}


def test_spaces_are_told_by_the_whole_begin_of_their_name(cache: ReplyCache) -> None:
    for space in ("packs llm/2", "packs llm/1", "packs%", "pack", "facts"):
        cache.note(space, "k", "v")
    assert cache.spaces("packs ") == ["packs llm/1", "packs llm/2"]
    cache.forget_note("packs llm/1", "k")
    assert cache.spaces("packs ") == ["packs llm/2"]


def test_what_is_written_inside_a_transaction_that_fails_is_not_written(cache: ReplyCache) -> None:
    with contextlib.suppress(ValueError), cache.transaction():
        cache.note("space", "k", "v")
        raise ValueError
    assert cache.all_notes("space") == {}
    with cache.transaction():
        cache.note("space", "k", "v")
    assert cache.all_notes("space") == {"k": "v"}


def test_a_cache_that_cannot_be_opened_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot be opened.*move it away"):
        ReplyCache(tmp_path)  # a folder


def test_a_cache_that_finds_no_room_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(cache: ReplyCache) -> None:
        cache._db.close()  # as the real one does when it fails
        with contextlib.closing(sqlite3.connect(":memory:")) as db:
            db.execute("PRAGMA max_page_count = 1")
            db.execute("CREATE TABLE t (a)")

    monkeypatch.setattr(ReplyCache, "_set_up", fill)
    with pytest.raises(StoreError, match=r"cannot be opened: database or disk is full. Free disk space"):
        ReplyCache(tmp_path / "cache.sqlite")


def test_a_cache_that_cannot_be_used_any_more_says_what_to_do() -> None:
    cache = ReplyCache(":memory:")
    cache.close()
    with pytest.raises(StoreError, match="Free disk space, or move the file away"):
        cache.find("k")


def test_what_is_paid_for_is_held_while_the_disk_is_full_and_written_once_there_is_room(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    cache = ReplyCache(path)
    (pages,) = cache._run("PRAGMA page_count")[0]
    cache._run(f"PRAGMA max_page_count = {pages}")
    cache.store("k", ChatReply("x" * 20_000))
    cache.spend("m", "extract", Usage(1, 0, 10, 2, 0.5))
    cache.note_all("space", {"a": "1", "b": "2"})
    assert str(tmp_path) in str(cache.failure)
    assert "Free disk space" in str(cache.failure)
    with pytest.raises(StoreError):
        cache.note("space", "what nobody paid for", "y" * 20_000)
    cache._run("PRAGMA max_page_count = 1000000")
    cache.close()
    with contextlib.closing(ReplyCache(path)) as later:
        assert later.find("k") is not None
        assert later.spending()[0].cost_usd == 0.5
        assert later.all_notes("space") == {"a": "1", "b": "2"}


def test_what_could_not_be_written_to_the_end_is_told(tmp_path: Path) -> None:
    cache = ReplyCache(tmp_path / "cache.sqlite")
    cache._run("PRAGMA max_page_count = 1")
    cache.store("k", ChatReply("x" * 20_000))
    cache.spend("m", "extract", Usage(1, 0, 10, 2, 0.5))
    assert cache.close() == 1


def test_a_text_whose_page_was_lost_is_no_reply(cache: ReplyCache) -> None:
    cache.store("k", ChatReply('{"name": "Re\0\0\0\0'))
    assert cache.find("k") is None
