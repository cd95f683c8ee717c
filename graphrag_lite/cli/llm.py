"""`grl llm`: what the configured chat model can do."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from graphrag_lite.cli.options import FAILED, KB, Json, open_kb
from graphrag_lite.cli.output import human_cost, human_time, note, print_json

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Look at the chat model that the settings name.")


@app.callback()
def llm() -> None:
    """Look at the chat model that the settings name."""


@app.command("check")
def check(kb: KB = None, as_json: Json = False) -> None:
    """Ask the model a few small things: if it answers, writes JSON, finds facts and reads long prompts; the cost."""
    from graphrag_lite.index.check_model import check_model, settings_for_check
    from graphrag_lite.index.extract_llm import Extraction
    from graphrag_lite.llm.assumed import describe_assumptions
    from graphrag_lite.llm.chat import open_chat_model

    with open_kb(kb) as base:
        settings = base.settings.llm
        extraction = Extraction(base.settings.extract, settings.prompts)
        model = open_chat_model(settings_for_check(settings))
        try:
            found = check_model(model, extraction)
        finally:
            model.close()
    if as_json:
        print_json(asdict(found))
    else:
        typer.echo(f"{found.model} at {found.base_url} ({found.provider})")
        if found.seconds:
            typer.echo(
                f"  answers           in {human_time(found.seconds)}{', after thinking' if found.thinks else ''}"
            )
            typer.echo(f"  writes JSON       {'yes' if found.writes_json else 'no'}")
            if found.extracts is not None:
                names, relationships = found.extracts
                typer.echo(f"  finds facts       {names} names, {relationships} relationships in two sentences")
            typer.echo(f"  reads long texts  {'yes' if found.reads_long_prompts else 'no'}")
            window = f"{found.context_tokens:,} tokens" if found.context_tokens else "the server does not say"
            typer.echo(f"  context           {window}")
        for line in describe_assumptions(settings):
            note(f"  {line}")
        prices = found.usd_per_1m_tokens
        shown = (
            f"{prices[0]:g} USD for 1M tokens in, {prices[1]:g} out"
            if prices
            else "unknown: set both llm.price_input_usd and llm.price_output_usd"
        )
        typer.echo(f"  price             {shown}")
        typer.echo(f"  this check cost   {human_cost(found.cost_usd)}")
        typer.echo(f"Problem: {found.problem}" if found.problem else "It can be used.", err=bool(found.problem))
    raise typer.Exit(FAILED if found.problem else 0)


@app.command("cancel-batch")
def cancel_batch(
    batch: Annotated[str, typer.Argument(metavar="[BATCH]", help="One of them, as grl status names it.")] = "",
    kb: KB = None,
    as_json: Json = False,
) -> None:
    """Stop the batches under way, or one; what they have answered by then is still collected, and paid."""
    from graphrag_lite.llm.chat import open_chat_model

    with open_kb(kb) as base:
        model = open_chat_model(base.settings.llm, cache_path=base.path / "cache.sqlite", with_batches=True)
        try:
            count = model.batches.cancel(batch) if model.batches else 0
        finally:
            model.close()
    if batch and not count:
        raise typer.BadParameter(f"{batch}: no such batch is under way. grl status names them", param_hint="BATCH")
    if as_json:
        print_json({"stopped": count})
        return
    typer.echo("Stopped. The next grl index collects what is there by then." if count else "None under way.")
