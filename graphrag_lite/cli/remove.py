"""`grl remove`: forget sources."""

from __future__ import annotations

from typing import Annotated

import typer

from graphrag_lite.cli.index import exit_code, print_report
from graphrag_lite.cli.options import KB, Json, find_kb, open_kb


def remove(
    sources: Annotated[
        list[str], typer.Argument(metavar="SOURCE...", help="Files, directories, globs or document ids.")
    ],
    kb: KB = None,
    as_json: Json = False,
) -> None:
    """Forget sources with all that only they support.

    The files themselves stay where they are.
    """
    from graphrag_lite.cli.progress import console_progress

    with open_kb(kb, progress=console_progress(plain=as_json)) as base:
        report = base.remove(*sources)
    print_report(report, as_json, find_kb(kb))
    raise typer.Exit(exit_code(report))
