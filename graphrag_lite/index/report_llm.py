"""Write community reports with a language model: from numbered facts, children before parents, within a budget.

A report waits for its children only where their summaries leave room for as much again and the wait opens no further
round of calls; elsewhere it is written at once from the most telling facts of the whole community. There are no
barriers: it is written as soon as the last of those children is there. A report that fails is a `Failure`, and its
community keeps the extractive one; its parent goes on from its own facts.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from pydantic import AliasChoices, BaseModel, Field, field_validator, model_validator

from graphrag_lite.errors import BudgetExceededError, ModelError, PendingError, as_sentence
from graphrag_lite.index.report_plan import Fact, ReportMaterial, ReportOrder, choose_facts, render_report
from graphrag_lite.llm.dispatch import CircuitBreaker, Dispatcher
from graphrag_lite.llm.protocols import ChatModel, ChatRequest
from graphrag_lite.llm.structured import ask
from graphrag_lite.prompts import prompt_fingerprint, prompt_language
from graphrag_lite.records import CommunityReport, Failure, Finding
from graphrag_lite.settings import ReportSettings

SCHEMA_VERSION = 2
_OUTPUT_TOKENS = 1200
_CITED = re.compile(r"\s*\[[\d,;# ]+\]")


class FindingItem(BaseModel):
    """One finding."""

    text: str = Field(validation_alias=AliasChoices("text", "summary", "explanation", "finding"))
    facts: list[int] = Field(default_factory=list, validation_alias=AliasChoices("facts", "cites", "numbers"))

    @model_validator(mode="before")
    @classmethod
    def _cited_in_the_text(cls, value: Any) -> Any:
        """A finding that is a bare text, its facts in brackets."""
        if not isinstance(value, str):
            return value
        return {"text": _CITED.sub("", value), "facts": re.findall(r"\d+", " ".join(_CITED.findall(value)))}

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


@dataclass(frozen=True, slots=True)
class Reporting:
    """How reports are written. `concurrency` bounds the calls under way, `prompts` is the folder of a user's own."""

    settings: ReportSettings
    prompts: str = ""
    concurrency: int = 25


def reporter_fingerprint(model: str, settings: ReportSettings, prompts: str = "") -> str:
    """The reporter's name in reports: changes with model, prompt and settings that shape a report."""
    words = prompt_fingerprint(("report",), prompts)
    parts = [SCHEMA_VERSION, model, words, settings.max_findings, settings.max_tokens, settings.language]
    return f"llm/{hashlib.blake2b(json.dumps(parts).encode(), digest_size=8).hexdigest()}"


def write_reports(
    materials: Sequence[ReportMaterial],
    plan: Mapping[str, int],
    model: ChatModel,
    reporting: Reporting,
    done: Mapping[str, CommunityReport] | None = None,
    meanwhile: Iterable[object] = (),
) -> Iterator[CommunityReport | Failure]:
    """A report for each community in `plan` (of `plan_reports`), or why there is none, as they come.

    Costs one call a report. Communities without a plan give nothing: their extractive report stands. Nor do those in
    `done`, by id, whose reports by the model still hold; they are shown to their parents. `meanwhile` is drawn from
    while calls are waited for.

    Raises:
        BudgetExceededError: The next call does not fit; everything paid for has been given before.
        ModelError: The model refuses or fails every call.
    """
    settings, concurrency = reporting.settings, reporting.concurrency
    planned = [m for m in materials if m.community.id in plan]
    order = ReportOrder(planned, plan, done or {}, rounds=-(-len(planned) // concurrency))
    extractor = reporter_fingerprint(model.name, settings, reporting.prompts)
    breaker, stopped = CircuitBreaker(), None
    with Dispatcher[ReportMaterial, CommunityReport](concurrency) as pool:

        def draw(most: int) -> Iterator[None]:
            while pool.pending < most and (material := order.next()) is not None:
                facts = choose_facts(material, order.child_reports(material), plan[material.community.id])
                pool.submit(
                    material,
                    lambda m=material, f=facts: _write(m, f, model, reporting, extractor),  # type: ignore[misc]  # binds both now
                )
                yield

        deque(draw(concurrency), 0)
        for outcome in pool.completed(chain(draw(2 * concurrency), meanwhile)):
            error = outcome.error
            if isinstance(error, BudgetExceededError):
                stopped = error
                pool.cancel_waiting()
                continue
            if isinstance(error, PendingError):  # it comes with a batch; its parents wait for it
                deque(draw(2 * concurrency), 0)
                continue
            if error is not None and not isinstance(error, ModelError):
                raise error
            yield outcome.value or Failure(outcome.key.community.id, as_sentence(str(error)), "report")
            breaker.report(error)
            order.finished(outcome.key, outcome.value)
            if not stopped:
                deque(draw(2 * concurrency), 0)
    if stopped:
        raise stopped


def _write(
    material: ReportMaterial, facts: Sequence[Fact], model: ChatModel, reporting: Reporting, extractor: str
) -> CommunityReport:
    language = prompt_language(" ".join(fact.text for fact in facts))
    messages = render_report(facts, reporting.settings, language, reporting.prompts)
    request = ChatRequest(messages, max_output_tokens=_OUTPUT_TOKENS, purpose="report")
    reply = ask(model, request, ReportReply, lambda r: "" if r.title.strip() else "The title is empty.")
    community = material.community
    first = reply.findings[: reporting.settings.max_findings]
    findings = tuple(_finding(item, facts) for item in first if item.text.strip())
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
