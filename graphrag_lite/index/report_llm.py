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
from functools import cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field, field_validator, model_validator

from graphrag_lite.errors import BudgetExceededError, ModelError, PendingError, as_sentence
from graphrag_lite.index.reply_names import read_text
from graphrag_lite.index.report_plan import Fact, ReportMaterial, ReportOrder, choose_facts, render_report
from graphrag_lite.llm.dispatch import CircuitBreaker, Dispatcher
from graphrag_lite.llm.protocols import ChatModel, ChatRequest
from graphrag_lite.llm.reply_forms import numbers_in, share_of, unquoted, with_keys
from graphrag_lite.llm.structured import ask
from graphrag_lite.prompts import prompt_fingerprint, prompt_language
from graphrag_lite.records import CommunityReport, Failure, Finding
from graphrag_lite.settings import ReportSettings

if TYPE_CHECKING:
    from graphrag_lite.text.grounds import Grounds

SCHEMA_VERSION = 2
_OUTPUT_TOKENS = 1200
_USUAL_RATING, _MOST_RATING = 5.0, 10.0
# [1, 3], [Fact 2], 【1】, (facts 1 and 3), [Data: Entities (1, 3)]: numbers that no reader of a report knows.
_NUMBERS = r"#?\d{1,3}(?:\s?(?:[,，、;；&–-]|and|和)\s?#?\d{1,3})*"
_WORD = r"(?:facts?|data|事实)(?:\s?no\.)?\s?[:：]?\s?"
_CITED = re.compile(
    rf"\s*(?:[\[【](?:{_WORD})?{_NUMBERS}[\]】]|[(（\[【]{_WORD}{_NUMBERS}[)）\]】]|\[Data:[^\[\]]{{1,200}}\])",
    re.IGNORECASE,
)
_TEXT = ("finding", "explanation", "summary", "description", "statement", "point", "发现", "内容", "说明", "要点")
_FACTS = ("cites", "numbers", "factnumbers", "references", "evidence", "fact", "sources", "事实", "编号")


class FindingItem(BaseModel):
    """One finding."""

    text: str
    facts: list[int] = Field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def _cited_in_the_text(cls, value: Any) -> Any:
        """A finding, or a bare text, whose facts may stand in brackets."""
        said = with_keys(value, {"text": _TEXT, "facts": _FACTS}) if isinstance(value, dict) else {"text": value}
        text = _plain(said.get("text"))
        facts = numbers_in(said.get("facts")) or numbers_in(_CITED.findall(text))
        return {"text": _CITED.sub("", text), "facts": facts}


class ReportReply(BaseModel):
    """The whole reply."""

    title: str
    summary: str
    findings: list[FindingItem]
    rating: float = _USUAL_RATING

    @model_validator(mode="before")
    @classmethod
    def _with_our_keys(cls, value: Any) -> Any:
        words = {
            "title": ("heading", "name", "标题"),
            "summary": ("overview", "abstract", "摘要", "概要", "总结", "概述"),
            "findings": ("keyfindings", "insights", "points", "发现", "要点", "主要发现"),
            "rating": ("score", "importance", "impactseverityrating", "评分", "等级"),
        }
        return with_keys(value, words)

    @field_validator("title", "summary", mode="before")
    @classmethod
    def _readable(cls, value: Any) -> str:
        return _CITED.sub("", _plain(value))

    @field_validator("findings", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        """Findings alone, by number or as texts; what has no text is none."""
        value = unquoted(value)
        if isinstance(value, dict):
            value = [value] if with_keys(value, {"text": _TEXT}) else list(value.values())
        items = [value] if isinstance(value, str) else value
        return (
            [item for item in map(FindingItem.model_validate, items) if item.text] if isinstance(items, list) else items
        )

    @field_validator("rating", mode="before")
    @classmethod
    def _rating(cls, value: Any) -> float:
        given = share_of(value, _MOST_RATING)
        return _USUAL_RATING if given is None else max(0.0, given)


def _plain(value: Any) -> str:
    """What a model wrote as one text; "" for a placeholder."""
    parts = value if isinstance(value, list) else [value]
    return read_text(" ".join(part for part in parts if isinstance(part, str)))


@dataclass(frozen=True, slots=True)
class Reporting:
    """How reports are written.

    `concurrency` bounds the calls under way, of which `calls_beside` are made for something else at first; `prompts` is
    the folder of a user's own.
    """

    settings: ReportSettings
    prompts: str = ""
    concurrency: int = 25
    calls_beside: int = 0


def reporter_fingerprint(model: str, settings: ReportSettings, prompts: str) -> str:
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

        # Those that others wait for come first, and none of these shall wait for its turn behind another.
        deque(draw(max(1, concurrency - reporting.calls_beside)), 0)
        for outcome in pool.completed(chain(draw(2 * concurrency), _import_grounds(), meanwhile)):
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


def _import_grounds() -> Iterator[None]:
    """Import what replies are checked with: it takes its time, which is there once calls are under way."""
    import graphrag_lite.text.grounds  # noqa: F401  # used by name below

    yield


def _write(
    material: ReportMaterial, facts: Sequence[Fact], model: ChatModel, reporting: Reporting, extractor: str
) -> CommunityReport:
    language = prompt_language(" ".join(fact.text for fact in facts))
    messages = render_report(facts, reporting.settings, language, reporting.prompts)
    request = ChatRequest(messages, max_output_tokens=_OUTPUT_TOKENS, purpose="report")

    @cache
    def shown() -> Grounds:
        from graphrag_lite.text.grounds import Grounds

        return Grounds("", [fact.text for fact in facts])

    reply = ask(model, request, ReportReply, lambda r: _problem(r, facts, shown()))
    community = material.community
    told = (item for item in reply.findings if item.text.strip() and not shown().is_invented(item.text))
    findings = tuple(_finding(item, facts) for item in islice(told, reporting.settings.max_findings))
    return CommunityReport(
        community_id=community.id,
        level=community.level,
        title=" ".join(reply.title.split()),
        summary=" ".join(reply.summary.split()),
        findings=tuple(finding for finding in findings if finding.evidence or not _any_evidence(facts)),
        rating=reply.rating,
        extractor=extractor,
    )


def _problem(reply: ReportReply, facts: Sequence[Fact], shown: Grounds) -> str:
    """Why a report is worse than the extractive one that it would replace; empty where it is not."""
    if not reply.title or not reply.summary:
        return "The title or the summary is empty."
    founded = [item for item in reply.findings if any(1 <= n <= len(facts) for n in item.facts)]
    if not founded:
        return "No finding names the number of a fact that it rests on." if _any_evidence(facts) else ""
    return (
        "No finding gives numbers that a fact gives." if all(shown.is_invented(item.text) for item in founded) else ""
    )


def _any_evidence(facts: Sequence[Fact]) -> bool:
    return any(fact.evidence or fact.find for fact in facts)


def _finding(item: FindingItem, facts: Sequence[Fact]) -> Finding:
    """A finding with the evidence of the facts it cites; numbers that stand for nothing are dropped."""
    spans = [span for n in item.facts if 1 <= n <= len(facts) for span in facts[n - 1].spans]
    return Finding(" ".join(item.text.split()), tuple(dict.fromkeys(spans)))
