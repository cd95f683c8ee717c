"""Reports by a chat model laid over the extractive ones: written where inputs changed, kept everywhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphrag_lite.errors import BudgetExceededError, ModelError
from graphrag_lite.index.hashing import fingerprint
from graphrag_lite.index.report_llm import most_reports, reporter_fingerprint, write_reports
from graphrag_lite.index.report_material import most_important, report_materials
from graphrag_lite.index.report_view import ReportInputs
from graphrag_lite.llm.counting import CountingChatModel
from graphrag_lite.llm.prices import format_usd
from graphrag_lite.records import Community, Failure
from graphrag_lite.store.rows import report_to_row, row_to_report
from graphrag_lite.text.tokens import estimate_tokens

if TYPE_CHECKING:
    from graphrag_lite.index.run import Run

Rows = Mapping[str, Mapping[str, Any]]


def enrich_reports(
    run: Run,
    communities: Sequence[Community],
    extractive: Rows,
    known: Rows,
    inputs: ReportInputs,
    descriptions: Sequence[str],
) -> list[Mapping[str, Any]]:
    """Rows of `reports`: the model's where there is one, else the extractive one.

    A report stays as long as the inputs of its community are the same; it is written again when the model, the
    prompt or its facts changed, and stays even then where the call fails or the budget is spent.

    Args:
        run: The run.
        communities: Of all levels.
        extractive: Rows by community id.
        known: Rows of the last snapshot.
        inputs: What reports are written from.
        descriptions: Of the relationships, by index.
    """
    if run.settings.reports.method != "llm":
        return list(extractive.values())
    standing = {
        key: row
        for key, row in known.items()
        if is_by_model(row) and key in extractive and _inputs_of(row) == _inputs_of(extractive[key])
    }
    if run.chat is not None and communities and not run.awaits("extract", "resolve"):
        standing |= _write(run, run.chat, communities, extractive, standing, inputs, descriptions)
    return [standing.get(key, row) for key, row in extractive.items()]


def is_by_model(row: Mapping[str, Any]) -> bool:
    """True for the row of a report that a chat model wrote."""
    return str(row["extractor"]).startswith("llm/")


def _inputs_of(row: Mapping[str, Any]) -> str:
    return str(row["fingerprint"]).partition(":")[0]


def _write(
    run: Run,
    model: CountingChatModel,
    communities: Sequence[Community],
    extractive: Rows,
    standing: Rows,
    inputs: ReportInputs,
    descriptions: Sequence[str],
) -> dict[str, Mapping[str, Any]]:
    settings, prompts = run.settings.reports, run.settings.llm.prompts
    corpus_tokens = sum(estimate_tokens(inputs.text_of(n)) for n in range(len(inputs.document_of)))
    candidates = most_important(communities, inputs, most_reports(settings, corpus_tokens))
    materials = report_materials(candidates, extractive, inputs, descriptions)
    reporter = reporter_fingerprint(model.name, settings, prompts)
    prints = {
        m.community.id: f"{_inputs_of(extractive[m.community.id])}:{fingerprint(reporter, [f.text for f in m.facts])}"
        for m in materials
    }
    done = {key: row_to_report(row) for key, row in standing.items() if row["fingerprint"] == prints.get(key)}
    written: dict[str, Mapping[str, Any]] = {}
    with run.step("write reports") as task:
        try:
            for result in write_reports(
                materials,
                model,
                settings,
                corpus_tokens=corpus_tokens,
                done=done,
                concurrency=model.concurrency,
                prompts=prompts,
            ):
                if isinstance(result, Failure):
                    run.failures.append(Failure(extractive[result.source]["title"], result.reason, result.step))
                else:
                    key = result.community_id
                    written[key] = report_to_row(result) | {"fingerprint": prints[key]}
                task.advance(note=format_usd(model.usage.cost_usd))
        except BudgetExceededError as error:
            run.stop_at_budget(error)
        except ModelError as error:
            run.failures.append(Failure(model.name, f"{error} The next run writes the reports left.", "report"))
    return written
