"""Extraction and reports against a misbehaving server: nothing is lost, cut off, or paid for twice."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from graphrag_lite.errors import BudgetExceededError, ModelRefusedError, ModelReplyError
from graphrag_lite.index.estimate import Calling, estimate_extraction
from graphrag_lite.index.extract_llm import Extraction, extract_packs, known_facts
from graphrag_lite.index.names_ahead import count_names
from graphrag_lite.index.packs import plan_extraction
from graphrag_lite.llm.chat import CheckedChatModel, open_chat_model
from graphrag_lite.records import Chunk, Facts, Failure
from graphrag_lite.settings import ExtractSettings, LLMSettings
from tests.fake_llm_server import Behaviour, FakeLLMServer, Faults
from tests.fake_writer import count_tokens, write_reply

PEOPLE = ["Ada Renn", "Tom Vashley", "Mara Kelder", "Finn Thorsby", "Lena Brannoc"]
PLACES = ["Coopers Dock", "Kelder Haven", "Thorsby Yard", "Renn Light"]


def chunk(number: int) -> Chunk:
    person, place = PEOPLE[number % 5], PLACES[number % 4]
    text = (
        f"{person} came to {place} in the year {1900 + number}. Much was said about it at the time, "
        f"and in the end {person} repaired the {number}th boat with {PEOPLE[(number + 2) % 5]}. " * 3
    )
    return Chunk(
        f"c{number}", "d", number, 0, len(text), text, hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
    )


CHUNKS = [chunk(n) for n in range(40)]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., list[Facts | Failure]]]:
    models: list[CheckedChatModel] = []

    def extract(
        server: FakeLLMServer,
        *,
        max_usd: float = 0.0,
        prices: tuple[float, float] = (-1, -1),
        chunks: list[Chunk] = CHUNKS,
        **more: Any,
    ) -> Any:
        settings = LLMSettings(
            model="gpt-4o-mini",
            base_url=server.url,
            max_retries=8,
            timeout_s=5.0,
            price_input_usd=prices[0],
            price_output_usd=prices[1],
        )
        model = open_chat_model(settings, cache_path=tmp_path / "cache.sqlite", max_usd=max_usd)
        models.append(model)
        extraction = Extraction(ExtractSettings(pack_tokens=600, **more), concurrency=8, journal=model.cache)
        known = known_facts(chunks, model.name, extraction)
        packs = plan_extraction([c for c in chunks if c.text_hash not in known], extraction.settings)
        return [*known.values(), *extract_packs(packs, model, extraction)]

    yield extract
    for model in models:
        model.close()


def check_whole(results: list[Facts | Failure]) -> None:
    facts = {r.text_hash: r for r in results if isinstance(r, Facts)}
    assert set(facts) == {c.text_hash for c in CHUNKS}
    for item in CHUNKS:
        names = {e.name for e in facts[item.text_hash].entities}
        assert PEOPLE[item.ordinal % 5] in names
        assert all(name in item.text for name in names)


def test_facts_land_at_their_own_chunk(run: Any) -> None:
    with FakeLLMServer() as server:
        check_whole(run(server))
        assert server.counts.replies < len(CHUNKS) / 3


def test_nothing_is_lost_or_paid_twice_under_faults(run: Any) -> None:
    faults = Faults(rate_limit=0.3, malformed=0.1, wrong_schema=0.1, server_error=0.05, truncated=0.05)
    faults.silently_truncated = 0.05
    with FakeLLMServer(Behaviour(faults=faults)) as server:
        results = run(server)
        failed = [r for r in results if isinstance(r, Failure)]
        assert len(results) == len(CHUNKS)
        before = server.counts.replies
        again = run(server)
        assert sum(isinstance(r, Facts) for r in again) >= len(CHUNKS) - len(failed)
        if not failed:
            check_whole(again)
            assert server.counts.replies == before


def test_a_second_run_asks_only_for_what_is_missing(run: Any) -> None:
    with FakeLLMServer() as server:
        run(server, chunks=CHUNKS[:30])
        server.counts.bodies.clear()
        check_whole(run(server))
        asked = "".join(body["messages"][1]["content"] for body in server.counts.bodies)
        assert [c.ordinal for c in CHUNKS if c.text in asked] == list(range(30, 40))


def test_cut_off_packs_are_halved_until_they_fit(run: Any) -> None:
    with FakeLLMServer(Behaviour(output_tokens=250)) as server:
        check_whole(run(server))


def test_after_a_few_replies_were_cut_off_packs_are_halved_before_they_are_sent(run: Any) -> None:
    chunks = [chunk(n) for n in range(500)]
    packs = plan_extraction(chunks, ExtractSettings(pack_tokens=600))
    with FakeLLMServer(Behaviour(output_tokens=500)) as server:
        read = {r.text_hash for r in run(server, chunks=chunks) if isinstance(r, Facts)}
        assert read == {c.text_hash for c in chunks}
        assert 2 <= server.counts.cut_off < len(packs) / 3  # eight at once, and some halves of the first


def test_a_small_context_is_met_with_smaller_packs(run: Any) -> None:
    with FakeLLMServer(Behaviour(context_tokens=600)) as server:
        check_whole(run(server))


def test_passages_left_out_are_asked_again(run: Any) -> None:
    with FakeLLMServer(Behaviour(forgets_passages=True)) as server:
        check_whole(run(server))
        asked = [body["messages"][1]["content"] for body in server.counts.bodies]
    packs = plan_extraction(CHUNKS, ExtractSettings(pack_tokens=600))
    for pack in packs:
        assert [sum(c.text in text for text in asked) for c in pack.chunks] == [1] * (len(pack.chunks) - 1) + [2]
    assert len(asked) == 2 * len(packs)  # the passage that was left out is asked about alone


def test_a_passage_that_a_model_left_out_is_asked_for_by_the_next_run(run: Any) -> None:
    silent = FakeLLMServer(answer=lambda body: '{"p":[]}')
    with silent as server:
        assert [type(r) for r in run(server, chunks=CHUNKS[:1])] == [Failure]
        server.answer = None
        assert [type(r) for r in run(server, chunks=CHUNKS[:1])] == [Facts]


def test_a_gleaning_that_cannot_be_afforded_is_made_by_the_next_run(run: Any) -> None:
    with FakeLLMServer() as server:
        with pytest.raises(BudgetExceededError):
            run(server, chunks=CHUNKS[:1], gleanings=1, max_usd=0.006, prices=(1.0, 1.0))
        first = server.counts.replies
        assert first == 1
        assert [type(r) for r in run(server, chunks=CHUNKS[:1], gleanings=1, prices=(1.0, 1.0))] == [Facts]
        assert server.counts.replies == 2


def test_one_chunk_that_the_provider_refuses_costs_no_other(run: Any) -> None:
    with FakeLLMServer(Behaviour(filtered_words=("the 17th boat",))) as server:
        failures = [r for r in run(server) if isinstance(r, Failure)]
        assert [f.source for f in failures] == ["c17"]
        assert "Content Exists Risk" in failures[0].reason


def test_a_wrong_key_ends_the_run_at_once(run: Any) -> None:
    with FakeLLMServer(Behaviour(api_key="right")) as server, pytest.raises(ModelRefusedError, match="401"):
        run(server)
    assert server.counts.requests < 30


def test_a_model_that_writes_nothing_usable_is_soon_given_up(run: Any) -> None:
    with FakeLLMServer(answer=lambda body: "Sorry?") as server, pytest.raises(ModelReplyError, match="no JSON"):
        run(server, chunks=[chunk(n) for n in range(120)])
    assert server.counts.requests <= 2 * (15 + 2 * 8)  # each reply is asked for twice, and some are under way


def test_gleaning_sends_the_same_prefix(run: Any) -> None:
    with FakeLLMServer() as server:
        check_whole(run(server, gleanings=1))
        firsts = {str(b["messages"][:2]) for b in server.counts.bodies if len(b["messages"]) == 2}
        gleans = [b for b in server.counts.bodies if len(b["messages"]) == 4]
        assert gleans
        assert all(str(b["messages"][:2]) in firsts for b in gleans)


@pytest.mark.parametrize("usd", [0.08, 0.1, 0.13])
def test_a_budget_stops_the_run_and_keeps_what_was_paid_for(run: Any, usd: float) -> None:
    with FakeLLMServer() as server:
        with pytest.raises(BudgetExceededError):
            run(server, max_usd=usd, prices=(4.0, 16.0))
        assert 0 < server.counts.cost_usd(4, 16) <= usd
        check_whole(run(server))
        assert set(server.counts.billed.values()) == {1}


def test_chinese_text_gives_chinese_names(run: Any) -> None:
    text = "《故乡》写的是绍兴市。鲁迅先生在北京大学讲课。"
    item = Chunk("z", "d", 0, 0, len(text), text, "z")
    with FakeLLMServer() as server:
        facts = run(server, chunks=[item])[0]
        assert "故乡" in {e.name for e in facts.entities}
        assert server.counts.bodies[0]["messages"][0]["content"].startswith("你为知识图谱")


def test_the_estimate_is_near_the_bill() -> None:
    with FakeLLMServer() as server:
        model = open_chat_model(LLMSettings(model="gpt-4o-mini", base_url=server.url))
        extraction = Extraction(ExtractSettings())
        packs = plan_extraction(CHUNKS, extraction.settings)
        estimate = estimate_extraction(packs, extraction, count_names(CHUNKS), Calling(model.price, 25)).likely
        list(extract_packs(packs, model, extraction))
        model.close()
        assert estimate.calls == server.counts.replies
        assert estimate.prompt_tokens == pytest.approx(server.counts.prompt_tokens, rel=0.25)
        assert server.counts.prompt_tokens < 2 * sum(count_tokens(c.text) for c in CHUNKS)


def test_an_interrupted_run_keeps_its_finished_replies() -> None:
    with FakeLLMServer(Behaviour(latency_s=0.05)) as server:
        timer = threading.Timer(0.4, lambda: setattr(server.behaviour, "latency_s", 3.0))
        timer.start()
        settings = LLMSettings(model="gpt-4o-mini", base_url=server.url)
        model = open_chat_model(settings)
        extraction = Extraction(ExtractSettings(pack_tokens=150), concurrency=2, journal=model.cache)
        results = extract_packs(plan_extraction(CHUNKS, extraction.settings), model, extraction)
        first = next(results)
        results.close()  # what Ctrl-C does to the generator
        timer.cancel()
        assert isinstance(first, Facts)
        assert first.text_hash in known_facts(CHUNKS, model.name, extraction)
        model.close()


def test_a_reply_about_something_else_is_asked_again_and_in_the_end_a_failure(run: Any) -> None:
    copied = '{"p":[{"i":1,"e":[{"n":"Alex","t":"person","d":"…"},{"n":"The Device","t":"object","d":"…"}],"r":[]}]}'
    with FakeLLMServer(answer=lambda body: copied) as server:
        assert [type(found) for found in run(server, chunks=CHUNKS[:1])] == [Failure]
        asked = server.counts.requests
        assert [type(found) for found in run(server, chunks=CHUNKS[:1])] == [Failure]
        assert server.counts.requests == 2 * asked  # no cache keeps it
        server.answer = None
        (found,) = run(server, chunks=CHUNKS[:1])
        assert PEOPLE[0] in {entity.name for entity in found.entities}


def test_a_word_for_nothing_in_place_of_a_name_says_that_there_is_none(run: Any) -> None:
    nothing = '{"p":[{"i":1,"e":[{"n":"Null","t":"concept","d":"It is always true."}],"r":[]}]}'
    with FakeLLMServer(answer=lambda body: nothing) as server:
        (found,) = run(server, chunks=CHUNKS[:1])
        assert isinstance(found, Facts)
        assert not found.entities
        assert server.counts.requests == 1


@pytest.mark.parametrize("most", [1, 2, 5])
def test_a_model_that_reads_the_first_passages_alone_gets_to_all(run: Any, most: int) -> None:
    def first_ones(body: Any) -> str:
        (system, user) = body["messages"][:2]
        listed = json.loads(write_reply([system, user], {}))["p"]
        return json.dumps({"p": listed[:most]})

    with FakeLLMServer(answer=first_ones) as server:
        check_whole(run(server))
        assert server.counts.replies <= len(CHUNKS)
