from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from graphrag_lite.index.report_llm import (
    Fact,
    ReportMaterial,
    most_reports,
    plan_reports,
    render_report,
    write_reports,
)
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


def written(model: Reporter, **options: int) -> list[CommunityReport | Failure]:
    settings = ReportSettings()
    return list(
        write_reports(MATERIALS, model, settings, corpus_tokens=options.get("corpus_tokens", 10_000), concurrency=2)
    )


def test_children_come_before_their_parent_which_reads_them() -> None:
    model = Reporter()
    reports = written(model)
    assert model.order[-1] == "T-left" or "about T-left" in model.prompts[-1]
    assert [r.community_id for r in reports if isinstance(r, CommunityReport)][-1] == "top"
    assert "about T-left: S" in model.prompts[-1]
    assert "about T-right: S" in model.prompts[-1]


def test_a_parent_without_room_for_its_children_is_written_at_once_from_its_own_facts() -> None:
    model = Reporter()
    settings = ReportSettings(max_tokens=300)  # two summaries of 90 tokens would leave less than as much for its facts
    reports = list(write_reports(MATERIALS, model, settings, corpus_tokens=10_000, concurrency=1))
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


def test_no_more_reports_are_planned_than_are_announced() -> None:
    many = [material(f"c{n}", 0, importance=float(n)) for n in range(200)]
    for corpus_tokens in (50, 5_000, 50_000):
        most = most_reports(ReportSettings(), corpus_tokens)
        assert len(plan_reports(many, ReportSettings(), corpus_tokens=corpus_tokens)) == min(200, most)


def test_findings_carry_the_evidence_of_their_facts_and_unfounded_ones_are_dropped() -> None:
    reports = [r for r in written(Reporter()) if isinstance(r, CommunityReport)]
    left = next(r for r in reports if r.community_id == "left")
    assert [(f.text, f.evidence) for f in left.findings] == [("F.", (Evidence("chunk-left", 0, 5),))]
    assert left.rating == 7.0
    assert left.extractor.startswith("llm/")


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
