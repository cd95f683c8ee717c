"""`grl index`: bring a knowledge base in line with its sources."""

from __future__ import annotations

import glob
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphrag_lite.cli.failed import failure_lines, is_of_model
from graphrag_lite.cli.options import (
    AT_BUDGET,
    FAILED,
    INCOMPLETE,
    KB,
    WHOLE,
    Budget,
    Json,
    Recipe,
    Yes,
    find_kb,
    open_kb,
)
from graphrag_lite.cli.output import (
    as_plain,
    human_cost,
    human_time,
    note,
    plural,
    plural_of,
    print_json,
)
from graphrag_lite.errors import InputError
from graphrag_lite.records import Document, Usage

if TYPE_CHECKING:
    from graphrag_lite.records import Estimate, Failure, IndexReport
    from graphrag_lite.settings import Settings

_MOST_LINES_SHOWN, _MOST_NAMES_SHOWN = 20, 5


def _existing(sources: list[str] | None) -> list[str]:
    """The sources, each of which is there: a wrong path is wrong usage, not an empty knowledge base."""
    for source in sources or []:
        if source != "-" and not Path(source).exists() and not glob.glob(source, recursive=True):
            raise typer.BadParameter(f"{source}: no such file or directory, and no file matches it")
    return sources or []


def index(
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="SOURCE...", help="Files, directories, globs; - is stdin.", callback=_existing),
    ] = None,
    kb: KB = None,
    recipe: Recipe = None,
    include: Annotated[
        list[str] | None, typer.Option("--include", metavar="GLOB", help="Only these files of a directory.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="GLOB", help="Not these files of a directory.")
    ] = None,
    facts: Annotated[
        Path | None,
        typer.Option(
            "--facts",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="Facts you already have: JSONL of {id, entities, triples}.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be done and what it costs.")] = False,
    budget: Budget = None,
    batch: Annotated[
        bool, typer.Option("--batch", help="Ask the model by its Batch API: cheaper; a later run collects the replies.")
    ] = False,
    batch_wait: Annotated[bool, typer.Option("--batch-wait", help="The same, and wait for the replies.")] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Read documents in, or bring the knowledge base up to date.

    Only what is new or changed is read; what is gone from a directory is removed. Nothing to do takes no time.
    """
    from graphrag_lite.cli.progress import console_progress

    if not sources and facts is None:
        raise typer.BadParameter("name at least one file or directory, or - for stdin", param_hint="SOURCE...")
    load = {name: given for name, given in (("include", include), ("exclude", exclude)) if given}
    settings = ({"load": load} if load else {}) | ({"llm": {"batch": True}} if batch or batch_wait else {})
    piped, failed = _read_stdin("-" in (sources or []))
    given: list[str | Document] = [*(source for source in sources or [] if source != "-"), *piped]
    with open_kb(kb, settings=settings, progress=console_progress(plain=as_json)) as base:
        if (batch or batch_wait) and not base.settings.llm.model:
            raise typer.BadParameter("--batch needs a chat model: set llm.model in grl.toml, or GRL_LLM__MODEL")
        if dry_run:
            _print_estimate(base.estimate(given, recipe=recipe, facts=facts), as_json)
            return
        if budget is None and not yes:
            _confirm(base, given, recipe, facts)
        report = base.index(given, recipe=recipe, facts=facts, budget_usd=budget, batch_wait=batch_wait)
    report = replace(report, failures=(*report.failures, *failed))
    print_report(report, as_json, find_kb(kb))
    raise typer.Exit(exit_code(report))


def exit_code(report: IndexReport) -> int:
    """0 whole, 4 stopped at the budget, 3 something failed or waits for a batch, 1 everything failed."""
    if report.stopped_at_budget:
        return AT_BUDGET
    if report.waiting:
        return INCOMPLETE
    if report.failures:
        return INCOMPLETE if report.counts.get("documents") else FAILED
    return WHOLE


def print_report(report: IndexReport, as_json: bool, kb: Path) -> None:
    """What a run did: the result on stdout, failures and notices on stderr."""
    if as_json:
        from dataclasses import asdict

        print_json(asdict(report) | {"is_whole": report.is_whole})
        return
    for line in report.notices:
        note(line)
    _print_failures(report.failures)
    if not report.failures and not report.counts.get("documents"):
        note("No document is in it: no file of a supported kind was found. Hidden files are skipped.")
    changed = {name: count for name, count in report.changes.items() if count and name != "unchanged"}
    typer.echo("Sources: " + (", ".join(f"{n:,} {name}" for name, n in changed.items()) or "nothing has changed"))
    shown = ("document", "chunk", "entity", "relationship", "community")
    counts = ", ".join(
        plural(report.counts[many], noun) for noun in shown if (many := plural_of(noun)) in report.counts
    )
    typer.echo(f"{kb}: {counts} (snapshot {report.snapshot})")
    typer.echo(f"{_models(report)}, {human_time(report.timings.get('total', 0.0))}")


def _models(report: IndexReport) -> str:
    usage = report.usage
    if not usage.calls and not usage.cached_calls:
        return "0 model calls, 0 USD"
    cached = f" and {usage.cached_calls:,} from the cache" if usage.cached_calls else ""
    return f"{plural(usage.calls, 'model call')}{cached}, {human_cost(usage.cost_usd)}"


def _print_failures(failures: tuple[Failure, ...]) -> None:
    if failures:
        is_done = not any(map(is_of_model, failures))  # a model that fails may have been given up
        note(f"{plural(len(failures), 'thing')} failed{'; the rest is done' if is_done else ''}:")
    lines = list(failure_lines(failures, most_names=_MOST_NAMES_SHOWN))
    for line in lines[:_MOST_LINES_SHOWN]:
        note(line)
    if len(lines) > _MOST_LINES_SHOWN:
        note("  and more: grl status")
    if any(map(is_of_model, failures)):
        note("The next run asks the model again for what it failed at.")


def _print_estimate(estimate: Estimate, as_json: bool) -> None:
    if as_json:
        print_json({**as_plain(estimate), "usage": estimate.usage, "usage_at_most": estimate.usage_at_most})
        return
    names = {"added": "new"}
    typer.echo(
        "Sources: " + ", ".join(f"{count:,} {names.get(name, name)}" for name, count in estimate.changes.items())
    )
    for step, usage in estimate.steps.items():
        tokens = f"{usage.prompt_tokens:,} tokens in, {usage.completion_tokens:,} out, "
        typer.echo(f"  {step}: {_likely_and_most(usage, estimate.at_most[step], 'call', tokens)}")
    time = f", {human_time(60 * estimate.minutes)}" if estimate.minutes else ""
    total = _likely_and_most(estimate.usage, estimate.usage_at_most, "model call", time=time)
    typer.echo(total[0].upper() + total[1:])
    typer.echo("Nothing was written.")


def _likely_and_most(likely: Usage, most: Usage, noun: str, tokens: str = "", time: str = "") -> str:
    """`about 1,850 calls, 1.40 USD; at most 3,300 calls, 3.10 USD`."""
    if not most.calls:
        return f"0 {plural_of(noun)}, 0 USD"
    cost = "" if most.cost_usd is None else f", {human_cost(most.cost_usd)}"
    about = f"about {plural(likely.calls, noun)}, {tokens}{human_cost(likely.cost_usd)}{time}"
    return f"{about}; at most {plural(most.calls, 'call')}{cost}"


def _confirm(base: Any, sources: list[str | Document], recipe: str | None, facts: Path | None) -> None:
    """Ask before a run that is estimated above `budget.confirm_above_usd`."""
    from graphrag_lite.llm.embedding import describe_embedding

    settings = base.settings
    asks_model = settings.llm.model or describe_embedding(settings.embedding) == "server"
    if not asks_model or settings.budget.max_usd:
        return
    ask_before(base.estimate(sources, recipe=recipe, facts=facts), settings)


def ask_before(estimate: Estimate, settings: Settings) -> None:
    """Ask before what is likely to cost more than `budget.confirm_above_usd`, or has a price that nobody knows."""
    cost = estimate.usage.cost_usd
    if cost is not None and cost <= settings.budget.confirm_above_usd:
        return
    if cost is None:
        of_chat = any(usage.cost_usd is None for step, usage in estimate.steps.items() if step != "embed")
        model = settings.llm.model if of_chat else settings.embedding.model
        prices = "llm.price_input_usd and llm.price_output_usd" if of_chat else "embedding.price_input_usd"
        words = f"nobody knows the price of {model}, so what this run costs is unknown"
        remedy = f"allow it with --yes, or set {prices} (USD for 1M tokens)"
    else:
        most = human_cost(estimate.usage_at_most.cost_usd)
        words = f"this run costs about {human_cost(cost)}, at most {most}"
        remedy = "allow it with --yes, or cap it with --budget USD"
    if not sys.stdin.isatty():
        raise typer.BadParameter(f"{words}: {remedy}")
    if not typer.confirm(f"{words[0].upper()}{words[1:]}. Go on?", err=True):
        raise typer.Exit(FAILED)


def _read_stdin(is_wanted: bool) -> tuple[list[Document], list[Failure]]:
    """What is piped in, of any format; JSON Lines are many documents. Each is known by its id or its content."""
    from graphrag_lite.index.load import read_stdin
    from graphrag_lite.settings import LoadSettings

    try:
        found = list(read_stdin(sys.stdin.buffer, LoadSettings())) if is_wanted else []
    except InputError as error:
        raise typer.BadParameter(str(error)) from error
    documents = [replace(one, source="") for one in found if isinstance(one, Document)]
    return documents, [one for one in found if not isinstance(one, Document)]
