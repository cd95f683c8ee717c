"""`grl reembed`: the vectors of another embedding model."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from graphrag_lite.cli.index import ask_before, exit_code, print_report
from graphrag_lite.cli.options import KB, Budget, Json, Yes, find_kb, open_kb
from graphrag_lite.records import Usage

Anew = Annotated[
    bool, typer.Option("--anew", help="drop what this model computed before, as when it changed under its old name")
]


def reembed(kb: KB = None, anew: Anew = False, budget: Budget = None, yes: Yes = False, as_json: Json = False) -> None:
    """Change to the embedding model of the settings."""
    from graphrag_lite.cli.progress import console_progress

    with open_kb(kb, progress=console_progress(plain=as_json)) as base:
        settings = base.settings
        if budget is None and not yes and not settings.budget.max_usd:
            found = base.estimate(recipe="local", anew=anew)
            likely, most = (given.get("embed", Usage()) for given in (found.steps, found.at_most))
            ask_before(replace(found, steps={"embed": likely}, at_most={"embed": most}), settings)
        report = base.reembed(anew=anew, budget_usd=budget)
    print_report(report, as_json, find_kb(kb))
    raise typer.Exit(exit_code(report))
