from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import replace

import pytest

from graphrag_lite.index.report_llm import Reporting, ReportReply, write_reports
from graphrag_lite.index.report_plan import (
    Fact,
    ReportMaterial,
    ReportOrder,
    choose_facts,
    most_reports,
    plan_reports,
    render_report,
)
from graphrag_lite.llm import dispatch
from graphrag_lite.llm.protocols import ChatReply, ChatRequest
from graphrag_lite.records import Community, CommunityReport, Evidence, Failure
from graphrag_lite.settings import ReportSettings
from graphrag_lite.text.tokens import estimate_tokens


class Reporter:
    """Writes a report that cites fact 1 and names what it was shown."""

    name = "reporter"

    def __init__(self, fails_on: str = "nothing") -> None:
        self.order: list[str] = []
        self.prompts: list[str] = []
        self.fails_on = fails_on

    def complete(self, request: ChatRequest) -> ChatReply:
        prompt = request.messages[1].content
        self.prompts.append(prompt)
        if self.fails_on in prompt:
            return ChatReply("no JSON")
        title = next(word for word in prompt.split() if word.startswith("T-"))
        self.order.append(title)
        findings = [{"text": "F.", "facts": [1, 99]}, {"text": "Unfounded.", "facts": []}]
        return ChatReply(json.dumps({"title": f"about {title}", "summary": "S", "findings": findings, "rating": "7"}))

    def stream(self, request: ChatRequest) -> Iterator[str | ChatReply]:
        raise NotImplementedError


def material(key: str, level: int, children: tuple[str, ...] = (), importance: float = 1.0) -> ReportMaterial:
    facts = tuple(Fact(f"T-{key} fact {n} of some length", (Evidence(f"chunk-{key}", n, n + 5),)) for n in range(60))
    return ReportMaterial(Community(key, level, ("e",), "", children), facts, importance)


MATERIALS = [material("top", 0, ("left", "right")), material("left", 1), material("right", 1)]


def written(model: Reporter) -> list[CommunityReport | Failure]:
    reporting = Reporting(ReportSettings(), concurrency=2)
    plan = plan_reports(MATERIALS, reporting.settings, corpus_tokens=10_000, concurrency=2)
    return list(write_reports(MATERIALS, plan, model, reporting))


def test_children_come_before_their_parent_which_reads_them() -> None:
    model = Reporter()
    reports = written(model)
    assert [r.community_id for r in reports if isinstance(r, CommunityReport)][-1] == "top"
    assert "about T-left: S" in model.prompts[-1]
    assert "about T-right: S" in model.prompts[-1]


@pytest.mark.parametrize(
    ("rounds", "at_once", "later"),
    [(3, ["c", "alone"], [("c", ["b"]), ("b", ["a"])]), (2, ["c", "alone", "a"], [("c", ["b"])])],
)
def test_what_others_wait_for_is_written_first_and_no_chain_is_longer_than_the_rounds(
    rounds: int, at_once: list[str], later: list[tuple[str, list[str]]]
) -> None:
    chain = [material("a", 0, ("b",)), material("b", 1, ("c",)), material("alone", 2), material("c", 2)]
    order = ReportOrder(chain, {m.community.id: 1000 for m in chain}, {}, rounds)

    def ready() -> list[str]:
        return [m.community.id for m in iter(order.next, None)]

    assert ready() == at_once
    for finished, next_ in later:
        order.finished(next(m for m in chain if m.community.id == finished), None)
        assert ready() == next_


def test_a_parent_without_room_for_its_children_is_written_at_once_from_its_own_facts() -> None:
    model = Reporter()
    settings = ReportSettings(max_tokens=300)  # two summaries of 90 tokens would leave less than as much for its facts
    plan = plan_reports(MATERIALS, settings, corpus_tokens=10_000, concurrency=1)
    reports = list(write_reports(MATERIALS, plan, model, Reporting(settings, concurrency=1)))
    assert len(reports) == 3
    assert sum("T-top fact" in prompt for prompt in model.prompts) == 1
    assert not any("about T-" in prompt for prompt in model.prompts)


@pytest.mark.parametrize(
    ("communities", "concurrency", "planned"), [(27, 25, 25), (33, 25, 33), (20, 25, 20), (51, 25, 50), (27, 1, 27)]
)
def test_a_last_round_is_not_opened_for_a_few_reports(communities: int, concurrency: int, planned: int) -> None:
    materials = [material(f"c{n}", 0, importance=float(n)) for n in range(communities)]
    plan = plan_reports(materials, ReportSettings(), corpus_tokens=10**6, concurrency=concurrency)
    assert len(plan) == planned
    assert f"c{communities - 1}" in plan


def test_calls_beside_the_reports_count_for_their_last_round() -> None:
    materials = [material(f"c{n}", 0, importance=float(n)) for n in range(78)]
    plan = plan_reports(materials, ReportSettings(), corpus_tokens=10**6, concurrency=25, calls_beside=6)
    assert len(plan) == 69


def test_no_more_reports_are_planned_than_are_announced() -> None:
    many = [material(f"c{n}", 0, importance=float(n)) for n in range(200)]
    for corpus_tokens in (50, 5_000, 50_000):
        most = most_reports(ReportSettings(), corpus_tokens)
        for concurrency in (1, 7, 25):
            plan = plan_reports(many, ReportSettings(), corpus_tokens=corpus_tokens, concurrency=concurrency)
            assert 0 < len(plan) <= most


def test_a_report_by_a_model_reads_as_much_as_six_findings_quote_or_somewhat_less_to_fill_a_round() -> None:
    many = [material(f"c{n}", 0, importance=float(n)) for n in range(200)]

    def planned(concurrency: int) -> tuple[int, int]:
        plan = plan_reports(many, ReportSettings(), corpus_tokens=20_000, concurrency=concurrency)
        return len(plan), min(plan.values())

    usual, tokens = planned(1)
    assert 10 < usual < 50
    assert 6 * 40 <= tokens < 6 * 40 + 20
    assert planned(usual + 2)[0] == usual + 2
    assert planned(usual + 2)[1] >= 180
    assert planned(2 * usual)[0] == usual  # that would be too little for each


def test_findings_carry_the_evidence_of_their_facts_and_unfounded_ones_are_dropped() -> None:
    reports = [r for r in written(Reporter()) if isinstance(r, CommunityReport)]
    left = next(r for r in reports if r.community_id == "left")
    assert [(f.text, f.evidence) for f in left.findings] == [("F.", (Evidence("chunk-left", 0, 5),))]
    assert left.rating == 7.0
    assert left.extractor.startswith("llm/")


def test_a_finding_may_be_a_text_that_cites() -> None:
    said = {"title": "T", "summary": "S", "findings": ["The lamp was mended [1, 3]. It burns.", {"text": "F."}]}
    reply = ReportReply.model_validate(said)
    assert [(f.text, f.facts) for f in reply.findings] == [("The lamp was mended. It burns.", [1, 3]), ("F.", [])]


@pytest.mark.parametrize(
    "finding",
    [
        {"text": "The lamp was mended.", "facts": ["Fact 1", "#3"]},
        {"text": "The lamp was mended.", "facts": "[1, 3]"},
        {"text": "The lamp was mended.", "facts": [1.0, 3.0]},
        {"text": "The lamp was mended.", "facts": [{"number": 1}, {"number": 3}]},
        {"text": "The lamp was mended [1][3].", "facts": []},
        {"text": "The lamp was mended [1].", "facts": [1, 3]},
        {"finding": "The lamp was mended (facts 1 and 3)."},
        {"Text": "The lamp was mended【1，3】.", "Rating": 3},
        {"explanation": "The lamp was mended [Data: Entities (1); Relationships (3)]."},
        "The lamp was mended [Fact 1, 3].",
    ],
    ids=repr,
)
def test_the_facts_of_a_finding_are_found_wherever_they_stand(finding: object) -> None:
    reply = ReportReply.model_validate({"title": "T", "summary": "S", "findings": [finding]})
    assert [(f.text, f.facts) for f in reply.findings] == [("The lamp was mended.", [1, 3])]


def test_a_year_in_round_brackets_is_no_fact() -> None:
    (found,) = ReportReply.model_validate({"title": "T", "summary": "S", "findings": ["Ada (1902) left."]}).findings
    assert (found.text, found.facts) == ("Ada (1902) left.", [])


@pytest.mark.parametrize(
    "findings",
    [
        {"1": {"text": "A.", "facts": [1]}, "2": {"text": "B.", "facts": [2]}},
        [{"text": "A.", "facts": [1]}, None, "…", {"facts": [3]}, {"text": None}, {"text": ["B."], "facts": 2}],
        json.dumps([{"text": "A.", "facts": [1]}, {"text": "B.", "facts": [2]}]),
    ],
    ids=["by number", "odd ones", "as a text"],
)
def test_findings_are_read_in_whatever_form_they_come(findings: object) -> None:
    reply = ReportReply.model_validate({"Title": "T", "摘要": ["S one.", "S two [2]."], "findings": findings})
    assert (reply.title, reply.summary) == ("T", "S one. S two.")
    assert [(f.text, f.facts) for f in reply.findings] == [("A.", [1]), ("B.", [2])]


@pytest.mark.parametrize(
    ("said", "rating"), [("7/10", 7), ("8 out of 10", 8), ("90%", 9), ("high", 5), (None, 5), (-3, 0)]
)
def test_a_rating_may_be_a_share(said: object, rating: float) -> None:
    assert ReportReply.model_validate({"title": "T", "summary": "S", "findings": [], "rating": said}).rating == rating


def test_a_finding_whose_numbers_no_fact_gives_is_left_out() -> None:
    findings = [{"text": "It was sold for £450,000 in 2031.", "facts": [1]}, {"text": "It has fact 12.", "facts": [1]}]
    reply = json.dumps({"title": "T", "summary": "S", "findings": findings})
    model = Reporter()
    model.complete = lambda request: ChatReply(reply)  # type: ignore[method-assign]
    assert {tuple(f.text for f in r.findings) for r in written(model) if isinstance(r, CommunityReport)} == {
        ("It has fact 12.",)
    }


@pytest.mark.parametrize(
    "said",
    [
        {"title": "…", "summary": "…", "findings": [{"text": "…", "facts": [1, 3]}], "rating": "…"},
        {"title": "T", "summary": "S", "findings": [{"text": "F.", "facts": ["it stands there"]}]},
        {"title": "T", "summary": "S", "findings": [{"text": "F.", "facts": [999]}]},
        {"title": "T", "summary": "S", "findings": [{"text": "It was sold in 2031.", "facts": [1]}]},
    ],
    ids=["the form itself", "no numbers", "numbers of nothing", "invented"],
)
def test_a_report_without_a_founded_finding_replaces_none(said: object) -> None:
    model = Reporter()
    model.complete = lambda request: ChatReply(json.dumps(said))  # type: ignore[method-assign]  # the same every time
    assert [type(found) for found in written(model)] == [Failure] * len(MATERIALS)


def test_a_failed_child_is_listed_and_its_parent_written() -> None:
    results = written(Reporter(fails_on="T-left"))
    assert [r.source for r in results if isinstance(r, Failure)] == ["left"]
    assert {r.community_id for r in results if isinstance(r, CommunityReport)} == {"right", "top"}


def test_all_prompts_together_stay_within_their_share_of_the_corpus() -> None:
    many = [material(f"{n:03}", 0, importance=n) for n in range(60)]
    settings = ReportSettings(share=0.5)
    plan = plan_reports(many, settings, corpus_tokens=20_000)
    overhead = estimate_tokens(render_report((), settings, "en", "")[0].content)
    assert sum(plan.values()) + overhead * len(plan) <= 10_000
    assert "059" in plan
    assert "000" not in plan


def test_a_tiny_corpus_still_gets_a_report() -> None:
    assert plan_reports(MATERIALS[1:2], ReportSettings(), corpus_tokens=50)


def tight(reports: int) -> int:
    """Tokens of a corpus that leaves each of so many reports 270 tokens of facts."""
    settings = ReportSettings()
    prompt = estimate_tokens(render_report((), settings, "en", "")[0].content) + 270
    return int(reports * prompt / settings.share) + 1


def test_calls_begin_before_the_facts_that_take_time_are_all_found() -> None:
    events: list[str] = []

    class Listening(Reporter):
        def complete(self, request: ChatRequest) -> ChatReply:
            events.append("call")
            time.sleep(0.01)
            return super().complete(request)

    def slow(number: int) -> ReportMaterial:
        def best() -> Iterator[Fact]:
            events.append("find")
            yield Fact(f"T-best{number} what takes time to find", (Evidence("c", 0, 1),))

        return replace(material(f"{number:02}", 0), best=best)

    model = Listening()
    materials = [slow(number) for number in range(20)]
    settings, meanwhile = ReportSettings(), map(events.append, "m")
    plan = plan_reports(materials, settings, corpus_tokens=tight(20), concurrency=2)
    reports = list(write_reports(materials, plan, model, Reporting(settings, concurrency=2), meanwhile=meanwhile))
    assert len(reports) == 20
    assert all("T-best" in prompt for prompt in model.prompts)
    assert events.index("call") < 10 < len(events) - events[::-1].index("find")
    assert events.count("find") == 20
    assert "m" in events


def test_no_more_calls_are_begun_than_are_free_so_that_what_others_wait_for_goes_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dispatch, "_HEAD_START_S", 30.0)
    materials = [material(f"m{n}", 0) for n in range(6)]
    plan = {m.community.id: 500 for m in materials}
    begun = threading.Semaphore(0)
    may_end = threading.Event()

    class Slow(Reporter):
        def complete(self, request: ChatRequest) -> ChatReply:
            begun.release()
            may_end.wait(30)
            return super().complete(request)

    reports = write_reports(materials, plan, Slow(), Reporting(ReportSettings(), concurrency=4, calls_beside=2))
    run = threading.Thread(target=lambda: deque(reports, 0))
    run.start()
    assert [begun.acquire(timeout=30) for _ in range(2)] == [True, True]
    assert not begun.acquire(timeout=0.1)
    may_end.set()
    run.join(30)
    assert [begun.acquire(timeout=30) for _ in range(4)] == [True] * 4


def test_facts_that_take_time_do_not_change_an_even_share_but_a_small_need() -> None:
    """The plan is the one that all facts give, although it asks only for those of small communities."""
    asked: list[str] = []

    def of(key: str, facts: int, best: int) -> ReportMaterial:
        def find() -> list[Fact]:
            asked.append(key)
            return [Fact(f"best {key} {n} of some length") for n in range(best)]

        community = Community(key, 0, ("e",), "", ())
        return ReportMaterial(community, tuple(Fact(f"fact {key} {n} of some length") for n in range(facts)), 1.0, find)

    lazy = [of("a", 60, 6), of("b", 60, 0), of("c", 2, 6), of("d", 0, 3), replace(of("e", 0, 0), importance=2.0)]
    plan = plan_reports(lazy, ReportSettings(), corpus_tokens=tight(4))
    assert sorted(set(asked)) == ["c", "d", "e"]
    whole = [replace(m, facts=m.all_facts(), best=tuple) for m in lazy]
    assert plan == plan_reports(whole, ReportSettings(), corpus_tokens=tight(4))
    assert plan.keys() == {"a", "b", "c", "d"}
    assert plan["d"] < plan["c"] < plan["a"]


def test_sentences_stand_between_what_is_stated_and_nothing_is_said_twice() -> None:
    stated = ("Ada is a mender.", "Ada sold the lamp to Tom.", "Tom is a sailor.", "The lamp was sold to Tom.")
    best = ("In May Ada sold the old lamp to Tom, a sailor.", "The lamp burned.")
    found = ReportMaterial(Community("k", 0, ("e",)), tuple(map(Fact, stated)), best=lambda: map(Fact, best))
    assert [fact.text for fact in choose_facts(found, (), 500)] == [
        "Ada is a mender.",
        "In May Ada sold the old lamp to Tom, a sailor.",
        "The lamp burned.",
    ]


def test_a_report_that_cites_facts_without_a_place_stands_as_well() -> None:
    first = material("one", 0)
    unplaced = replace(first, facts=(replace(first.facts[0], evidence=()), *first.facts[1:]))
    model = Reporter()
    plan = plan_reports([unplaced], ReportSettings(), corpus_tokens=10_000)
    (report,) = write_reports([unplaced], plan, model, Reporting(ReportSettings()))
    assert isinstance(report, CommunityReport)
    assert len(model.prompts) == 1
