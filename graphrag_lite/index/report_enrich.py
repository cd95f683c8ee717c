"""Reports by a chat model laid over the extractive ones: written where inputs changed, kept everywhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from graphrag_lite.errors import BudgetExceededError, ModelError
from graphrag_lite.index.describe_entities import Described
from graphrag_lite.index.hashing import fingerprint
from graphrag_lite.index.report_llm import Reporting, reporter_fingerprint, write_reports
from graphrag_lite.index.report_material import most_important, report_materials
from graphrag_lite.index.report_plan import most_reports, plan_reports
from graphrag_lite.index.report_view import ExtractiveReports, ReportInputs, inputs_of
from graphrag_lite.index.run import Run
from graphrag_lite.llm.counting import CountingChatModel
from graphrag_lite.llm.prices import format_usd
from graphrag_lite.records import Community, Failure
from graphrag_lite.store.rows import report_to_row, row_to_report
from graphrag_lite.text.tokens import estimate_tokens

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReportSources:
    """What the reports of one run are made from.

    Attributes:
        communities: Of all levels.
        extractive: Their reports without a model.
        inputs: What both kinds are written from.
        described: What is stated of the entities, by index.
        descriptions: Of the relationships, by index.
    """

    communities: Sequence[Community]
    extractive: ExtractiveReports
    inputs: ReportInputs
    described: Sequence[Sequence[Described]]
    descriptions: Sequence[str]


@dataclass(frozen=True, slots=True)
class Beside:
    """What goes on while reports are written.

    Attributes:
        meanwhile: Drawn from while replies are waited for, perhaps not to its end.
        calls: For other things that begin at the same time.
        on_row: Told of each report that is ready.
    """

    meanwhile: Iterable[object]
    calls: int
    on_row: Callable[[Row], None]


def reports_by_model(run: Run, sources: ReportSources, known: Mapping[str, Row], beside: Beside) -> dict[str, Row]:
    """Rows of `reports` by community id: the model's, where there is one; elsewhere the extractive one stands.

    A report stays as long as the inputs of its community are the same and what it cites is there. It is written again
    when these, the model, the prompt or its facts changed, and stays where of the latter the call fails or the budget
    is spent.

    Args:
        run: The run.
        sources: What reports are made from.
        known: Rows of the last snapshot, by community id.
        beside: What goes on at the same time.
    """
    extractive = sources.extractive
    by_model: dict[str, Row] = {}
    if run.settings.reports.method == "llm":
        chunks = frozenset(sources.inputs.mentions.chunk_ids)
        by_model |= {
            key: row
            for key, row in known.items()
            if is_by_model(row)
            and key in extractive
            and inputs_of(row) == extractive.inputs_of(key)
            # A model cites what the inputs leave out: a licence, or what is said of a thing beyond the sentences read.
            and chunks.issuperset(row["chunk_ids"])
        }
        if run.chat is not None and sources.communities and run.asks_after("extract", "resolve"):
            by_model |= _write(run, run.chat, sources, by_model, beside)
    return by_model


def is_by_model(row: Mapping[str, Any]) -> bool:
    """True for the row of a report that a chat model wrote."""
    return str(row["extractor"]).startswith("llm/")


def _write(
    run: Run,
    model: CountingChatModel,
    sources: ReportSources,
    standing: Mapping[str, Row],
    beside: Beside,
) -> dict[str, Row]:
    settings, prompts = run.settings.reports, run.settings.llm.prompts
    extractive, inputs = sources.extractive, sources.inputs
    corpus_tokens = sum(estimate_tokens(inputs.text_of(n)) for n in range(len(inputs.document_of)))
    candidates = most_important(sources.communities, inputs, most_reports(settings, corpus_tokens))
    materials = report_materials(candidates, extractive, inputs, sources.described, sources.descriptions)
    reporter = reporter_fingerprint(model.name, settings, prompts)
    asked = {m.community.id: m for m in materials}

    def print_(key: str) -> str:
        facts = [fact.text for fact in asked[key].all_facts()]
        return f"{extractive.inputs_of(key)}:{fingerprint(reporter, facts)}"

    done = {
        key: row_to_report(row)
        for key, row in standing.items()
        if key in asked and row["fingerprint"].startswith(print_(key))
    }
    others = (key for key in extractive.order if key not in asked and key not in standing)
    written: dict[str, Row] = {}
    plan = plan_reports(
        materials, settings, corpus_tokens=corpus_tokens, concurrency=model.concurrency, calls_beside=beside.calls
    )
    reporting = Reporting(settings, prompts, model.concurrency, beside.calls)
    meanwhile = chain(beside.meanwhile, map(beside.on_row, map(extractive.row, others)))
    with run.step("write reports", len(plan.keys() - done.keys())) as task:
        try:
            for result in write_reports(materials, plan, model, reporting, done, meanwhile):
                if isinstance(result, Failure):
                    run.failures.append(Failure(extractive.report(result.source).title, result.reason, result.step))
                else:
                    key = result.community_id
                    row = report_to_row(result)
                    # The same words that cite a passage which has moved are another report.
                    written[key] = row | {"fingerprint": f"{print_(key)}:{fingerprint(row['chunk_ids'])}"}
                    beside.on_row(row)
                task.advance(note=format_usd(model.usage.cost_usd))
        except BudgetExceededError as error:
            run.stop_at_budget(error)
        except ModelError:
            run.give_up_model()
    return written
