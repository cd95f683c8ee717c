"""`grl prompts`: read, copy and tune the words that are sent to models."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphrag_lite.cli.options import FAILED, KB, Json, find_kb, open_kb
from graphrag_lite.cli.output import as_plain, human_cost, note, plural, print_json, short_path

if TYPE_CHECKING:
    from graphrag_lite.index.tune_prompts import TuningPlan

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Read, copy and tune the words sent to models.")


class Language(StrEnum):
    """Of a prompt."""

    en = "en"
    zh = "zh"


@app.callback()
def prompts() -> None:
    """Read, copy and tune the words sent to models."""


@app.command("show")
def show(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Such as extract; none: list them.")] = None,
    language: Annotated[Language, typer.Option("--language", help="Of the prompt.")] = Language.en,
    kb: KB = None,
) -> None:
    """Print a prompt as it is used: yours where llm.prompts has one, else ours."""
    from graphrag_lite.prompts import prompt_names, read_prompt

    if name is None:
        typer.echo("\n".join(prompt_names()))
        return
    with open_kb(kb) as base:
        typer.echo(read_prompt(name, language.value, base.settings.llm.prompts))


@app.command("export")
def export(folder: Annotated[Path, typer.Argument(metavar="DIR", help="Receives en/*.md and zh/*.md.")]) -> None:
    """Copy our prompts to a folder, to edit them."""
    from graphrag_lite.prompts import export_prompts, settings_line

    written = export_prompts(folder)
    typer.echo(f"{plural(len(written), 'prompt')} written to {short_path(str(folder.absolute()))}. Delete those you do")
    typer.echo("not change: they then stay up to date. To use the rest, put into grl.toml:\n")
    typer.echo(settings_line(folder))


@app.command("tune")
def tune(
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="SOURCE", help="Files, directories, globs; none: what the knowledge base holds."),
    ] = None,
    kb: KB = None,
    sample: Annotated[int, typer.Option("--sample", min=3, metavar="N", help="Passages to show the model.")] = 20,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Receives the prompts.", show_default="KB/grl-prompts")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what it costs, and ask nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before a call that costs much.")] = False,
    as_json: Json = False,
) -> None:
    """Fit the extraction prompt to your documents: their types, relationships and an example, for you to review.

    One model call for each language of the documents. Nothing is used until you put the folder into grl.toml.
    """
    with open_kb(kb) as base:
        plan = base.plan_prompts(sources or [], sample=sample)
        if dry_run:
            _print_plan(plan, as_json)
            return
        if not yes:
            _confirm(plan.usage.cost_usd, base.settings.budget.confirm_above_usd)
        done = base.tune_prompts(plan, out or find_kb(kb) / "grl-prompts")
    if as_json:
        print_json(as_plain(done) | {"files": [str(path) for path in done.files]})
        return
    typer.echo(done.changes)
    for path in done.files:
        note(f"written: {short_path(str(path.absolute()))}")
    note(f"{plural(done.usage.calls, 'model call')}, {human_cost(done.usage.cost_usd)}")


def _print_plan(plan: TuningPlan, as_json: bool) -> None:
    if as_json:
        shown = {call.language: [chunk.id for chunk in call.chunks] for call in plan.calls}
        print_json({"usage": as_plain(plan.usage), "passages": shown})
        return
    for call in plan.calls:
        documents = len({chunk.document_id for chunk in call.chunks})
        typer.echo(f"{call.language}: {plural(len(call.chunks), 'passage')} of {plural(documents, 'document')}")
    usage = plan.usage
    typer.echo(f"{plural(usage.calls, 'model call')}, {usage.prompt_tokens:,} tokens in, {human_cost(usage.cost_usd)}")
    typer.echo("Nothing was written.")


def _confirm(cost_usd: float | None, most_usd: float) -> None:
    """Ask before calls that are estimated above `budget.confirm_above_usd`, or whose price nobody knows."""
    if cost_usd is not None and cost_usd <= most_usd:
        return
    if not sys.stdin.isatty():
        raise typer.BadParameter(f"this may cost {human_cost(cost_usd)}: allow it with --yes")
    if not typer.confirm(f"This may cost {human_cost(cost_usd)}. Go on?", err=True):
        raise typer.Exit(FAILED)
