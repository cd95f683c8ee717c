"""`grl reembed`: new vectors for every chunk."""

from __future__ import annotations

import typer

from graphrag_lite.cli.index import exit_code, print_report
from graphrag_lite.cli.options import KB, Json, find_kb, open_kb


def reembed(kb: KB = None, as_json: Json = False) -> None:
    """Embed everything anew, as for another embedding model."""
    from graphrag_lite.cli.progress import console_progress

    with open_kb(kb, progress=console_progress(plain=as_json)) as base:
        report = base.reembed()
    print_report(report, as_json, find_kb(kb))
    raise typer.Exit(exit_code(report))
