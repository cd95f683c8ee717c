"""Write community reports with a language model: from numbered facts, children before parents, within a budget.

A report waits for its children only where their summaries leave room for as much again; elsewhere it is written at once
from the most telling facts of the whole community, which hold more than the few summaries that would fit. There are no
barriers: it is written as soon as the last of those children is there. A report that fails is a `Failure`, and its
community keeps the extractive one; its parent goes on from its own facts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import AliasChoices, BaseModel, Field, field_validator

from graphrag_lite.errors import BudgetExceededError, ModelError, PendingError
from graphrag_lite.llm.dispatch import CircuitBreaker, Dispatcher
from graphrag_lite.llm.protocols import ChatModel, ChatRequest, Message
from graphrag_lite.llm.structured import ask
from graphrag_lite.prompts import numbered, prompt_language, read_prompt, render
from graphrag_lite.records import Community, CommunityReport, Evidence, Failure, Finding
from graphrag_lite.settings import ReportSettings
from graphrag_lite.text.tokens import estimate_tokens

SCHEMA_VERSION = 2
_FACT_OVERHEAD_TOKENS = 3  # its line "#mark number"
LEAST_FACT_TOKENS = 120
_SUMMARY_TOKENS = 90  # title and summary of a child, about
_OUTPUT_TOKENS = 1200


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement that a report may build on and cite, with the spans that support it."""

    text: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportMaterial:
    """A community and its facts, the most telling first."""

    community: Community
    facts: tuple[Fact, ...]
    importance: float = 0.0


class FindingItem(BaseModel):
    """One finding."""

    text: str = Field(validation_alias=AliasChoices("text", "summary", "explanation", "finding"))
    facts: list[int] = Field(default_factory=list, validation_alias=AliasChoices("facts", "cites", "numbers"))

    @field_validator("facts", mode="before")
    @classmethod
    def _numbers(cls, value: Any) -> list[int]:
        items = value if isinstance(value, list) else [value]
        return [int(str(item).strip("#[] ")) for item in items if str(item).strip("#[] ").isdigit()]


class ReportReply(BaseModel):
    """The whole reply."""

    title: str
    summary: str
    findings: list[FindingItem]
    rating: float = 5.0

    @field_validator("rating", mode="before")
    @classmethod
    def _rating(cls, value: Any) -> float:
        try:
            return min(10.0, max(0.0, float(value)))
        except (TypeError, ValueError):
            return 5.0


def reporter_fingerprint(model: str, settings: ReportSettings, prompts: str = "") -> str:
    """The reporter's name in reports: changes with model, prompt and settings that shape a report."""
    words = [read_prompt("report", language, prompts) for language in ("en", "zh")]
    parts = [SCHEMA_VERSION, model, words, settings.max_findings, settings.max_tokens, settings.language]
    return f"llm/{hashlib.blake2b(json.dumps(parts).encode(), digest_size=8).hexdigest()}"


def plan_reports(
    materials: Sequence[ReportMaterial], settings: ReportSettings, *, corpus_tokens: int, concurrency: int = 1
) -> dict[str, int]:
    """Fact tokens for each community that gets a report by the model, by community id.

    All prompts together stay within `settings.share` of the corpus: every report gets the same room, and where that
    would be too little to say anything, the least important communities keep their extractive report. So do the few
    that would open a last round of `concurrency` calls: the others share their room. A corpus that fits one usual
    report is let have one in any case.
    """
    overhead, total, most = _room(settings, corpus_tokens)
    ranked = sorted(materials, key=lambda m: (-m.importance, m.community.level, m.community.id))
    chosen = [material for material in ranked if material.facts][:most]
    chosen = chosen[: _full_rounds(len(chosen), concurrency)]
    needs = {m.community.id: min(settings.max_tokens, _tokens(m.facts)) for m in chosen}
    return _share_out(needs, total - overhead * len(needs))


def most_reports(settings: ReportSettings, corpus_tokens: int) -> int:
    """How many communities can get a report by the model, at most."""
    return _room(settings, corpus_tokens)[2]


def _room(settings: ReportSettings, corpus_tokens: int) -> tuple[int, int, int]:
    """(tokens of a prompt without facts, tokens of all prompts, reports that fit)."""
    overhead = estimate_tokens(render_report((), settings, "en", "")[0].content)
    total = max(int(settings.share * corpus_tokens), min(settings.max_tokens, overhead + 4 * LEAST_FACT_TOKENS))
    return overhead, total, max(1, total // (overhead + LEAST_FACT_TOKENS))


def _full_rounds(calls: int, concurrency: int) -> int:
    """As many calls, less those beyond the last full round where they are few."""
    beyond = calls % concurrency
    return calls - beyond if calls > concurrency and beyond <= concurrency // 5 else calls


def _tokens(facts: Sequence[Fact]) -> int:
    return sum(estimate_tokens(fact.text) + _FACT_OVERHEAD_TOKENS for fact in facts)


def _share_out(needs: Mapping[str, int], total: int) -> dict[str, int]:
    """Everybody's need, capped evenly so that the sum stays within `total`."""
    given: dict[str, int] = {}
    left, waiting = total, len(needs)
    for key, need in sorted(needs.items(), key=lambda item: (item[1], item[0])):
        given[key] = max(0, min(need, left // waiting))
        left -= given[key]
        waiting -= 1
    return given


def render_report(
    facts: Sequence[Fact], settings: ReportSettings, language: str, prompts: str
) -> tuple[Message, Message]:
    """The two messages of a report's call."""
    prompt = render(
        "report",
        language,
        prompts,
        findings=settings.max_findings,
        language=settings.language or ("事实的语言" if language == "zh" else "the language of the facts"),
        facts=numbered(("", fact.text) for fact in facts),
    )
    return Message("system", prompt.system), Message("user", prompt.user)


def write_reports(
    materials: Sequence[ReportMaterial],
    model: ChatModel,
    settings: ReportSettings,
    *,
    corpus_tokens: int,
    done: Mapping[str, CommunityReport] | None = None,
    concurrency: int = 25,
    prompts: str = "",
) -> Iterator[CommunityReport | Failure]:
    """A report for each planned community, or why there is none, as they come.

    Costs one call a report. Communities without a plan give nothing: their extractive report stands. Nor do those in
    `done`, by id, whose reports by the model still hold; they are shown to their parents.

    Raises:
        BudgetExceededError: The next call does not fit; everything paid for has been given before.
        ModelError: The model refuses or fails every call.
    """
    plan = plan_reports(materials, settings, corpus_tokens=corpus_tokens, concurrency=concurrency)
    order = _Order([m for m in materials if m.community.id in plan], plan, done or {})
    extractor = reporter_fingerprint(model.name, settings, prompts)
    breaker, stopped = CircuitBreaker(), None
    with Dispatcher[ReportMaterial, CommunityReport](concurrency) as pool:

        def submit(ready: Sequence[ReportMaterial]) -> None:
            for material in ready:
                facts = choose_facts(material, order.child_reports(material), plan[material.community.id])
                # Finest level first: theirs is the longest chain of parents that wait.
                pool.submit(
                    material,
                    lambda m=material, f=facts: _write(m, f, model, settings, prompts, extractor),  # type: ignore[misc]  # binds both now
                    priority=-material.community.level,
                )

        submit(order.ready())
        for outcome in pool.completed():
            error = outcome.error
            if isinstance(error, BudgetExceededError):
                stopped = error
                pool.cancel_waiting()
                continue
            if isinstance(error, PendingError):  # it comes with a batch; its parents wait for it
                continue
            breaker.report(error)
            if error is not None and not isinstance(error, ModelError):
                raise error
            yield outcome.value or Failure(outcome.key.community.id, f"{error} Its extractive report stands.", "report")
            if not stopped:
                submit(order.finished(outcome.key, outcome.value))
    if stopped:
        raise stopped


class _Order:
    """Which reports can be written: those whose children are done, one way or the other.

    Args:
        materials: Of all planned reports.
        plan: Their tokens.
        done: Those that are written already.
    """

    def __init__(
        self, materials: Sequence[ReportMaterial], plan: Mapping[str, int], done: Mapping[str, CommunityReport]
    ) -> None:
        self._materials = {m.community.id: m for m in materials if m.community.id not in done}
        self._children = {m.community.id: _children_to_read(m.community, plan) for m in materials}
        self._waits_for = {key: {c for c in self._children[key] if c in self._materials} for key in self._materials}
        self._reports: dict[str, CommunityReport] = dict(done)

    def ready(self) -> list[ReportMaterial]:
        return [self._materials[key] for key, children in self._waits_for.items() if not children]

    def finished(self, material: ReportMaterial, report: CommunityReport | None) -> list[ReportMaterial]:
        """Note one outcome and name the reports that it was the last to hold up."""
        key = material.community.id
        if report is not None:
            self._reports[key] = report
        freed = []
        for parent, children in self._waits_for.items():
            if key in children:
                children.discard(key)
                freed += [] if children else [self._materials[parent]]
        return freed

    def child_reports(self, material: ReportMaterial) -> list[CommunityReport]:
        return [self._reports[key] for key in self._children[material.community.id] if key in self._reports]


def _children_to_read(community: Community, plan: Mapping[str, int]) -> list[str]:
    """Its children with a report, where their summaries leave half of the room to its own facts."""
    children = [child for child in community.child_ids if child in plan]
    return children if 2 * _SUMMARY_TOKENS * len(children) <= plan[community.id] else []


def choose_facts(material: ReportMaterial, children: Sequence[CommunityReport], max_tokens: int) -> list[Fact]:
    """What the prompt shows: summaries of the children first, then own facts, as far as the tokens reach."""
    from_children = [
        Fact(f"{report.title}: {report.summary}", tuple(e for finding in report.findings for e in finding.evidence)[:8])
        for report in sorted(children, key=lambda report: (-report.rating, report.community_id))
    ]
    chosen: list[Fact] = []
    left = max_tokens
    for fact in (*from_children, *material.facts):
        tokens = estimate_tokens(fact.text) + _FACT_OVERHEAD_TOKENS
        if tokens <= left:
            chosen.append(fact)
            left -= tokens
    return chosen or [Fact(material.facts[0].text[: 4 * max_tokens], material.facts[0].evidence)]


def _write(
    material: ReportMaterial,
    facts: Sequence[Fact],
    model: ChatModel,
    settings: ReportSettings,
    prompts: str,
    extractor: str,
) -> CommunityReport:
    language = prompt_language(" ".join(fact.text for fact in facts))
    messages = render_report(facts, settings, language, prompts)
    request = ChatRequest(messages, max_output_tokens=_OUTPUT_TOKENS, purpose="report")
    reply = ask(model, request, ReportReply, lambda r: "" if r.title.strip() else "the title is empty")
    community = material.community
    findings = tuple(_finding(item, facts) for item in reply.findings[: settings.max_findings] if item.text.strip())
    return CommunityReport(
        community_id=community.id,
        level=community.level,
        title=" ".join(reply.title.split()),
        summary=" ".join(reply.summary.split()),
        findings=tuple(finding for finding in findings if finding.evidence or not _any_evidence(facts)),
        rating=reply.rating,
        extractor=extractor,
    )


def _any_evidence(facts: Sequence[Fact]) -> bool:
    return any(fact.evidence for fact in facts)


def _finding(item: FindingItem, facts: Sequence[Fact]) -> Finding:
    """A finding with the evidence of the facts it cites; numbers that stand for nothing are dropped."""
    spans = [span for n in item.facts if 1 <= n <= len(facts) for span in facts[n - 1].evidence]
    return Finding(" ".join(item.text.split()), tuple(dict.fromkeys(spans)))
