"""`grl reembed`: the vectors of another embedding model."""

from __future__ import annotations

from typing import Annotated

import typer

from graphrag_lite.cli.index import exit_code, print_report
from graphrag_lite.cli.options import KB, Json, find_kb, open_kb

Anew = Annotated[
    bool, typer.Option("--anew", help="drop what this model computed before, as when it changed under its old name")
]


def reembed(kb: KB = None, anew: Anew = False, as_json: Json = False) -> None:
    """Change to the embedding model of the settings."""
    from graphrag_lite.cli.progress import console_progress

    with open_kb(kb, progress=console_progress(plain=as_json)) as base:
        report = base.reembed(anew=anew)
    print_report(report, as_json, find_kb(kb))
    raise typer.Exit(exit_code(report))
