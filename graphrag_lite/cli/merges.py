"""`grl merges` and `grl unmerge`: which names were taken for one entity, and taking that back."""

from __future__ import annotations

from typing import Annotated

import typer

from graphrag_lite.cli.index import exit_code, print_report
from graphrag_lite.cli.options import KB, Json, find_kb, open_kb
from graphrag_lite.cli.output import print_json, table


def merges(kb: KB = None, as_json: Json = False) -> None:
    """List which names were taken for one entity, and why."""
    with open_kb(kb) as base:
        found = base.merges()
    if as_json:
        print_json(found)
        return
    if not found:
        typer.echo("No two names were merged.")
        return
    rows = [(m.id, m.key, m.into, m.reason, m.scope or "everywhere", "undone" if m.undone else "") for m in found]
    typer.echo(table(("merge", "name", "is", "because", "in", ""), rows))


def unmerge(
    merge_id: Annotated[str, typer.Argument(metavar="ID", help="One of those that `grl merges` lists.")],
    kb: KB = None,
    redo: Annotated[bool, typer.Option("--redo", help="Make an undone merge again.")] = False,
    as_json: Json = False,
) -> None:
    """Take back a merge; later runs remember it."""
    from graphrag_lite.cli.progress import console_progress

    with open_kb(kb, progress=console_progress(plain=as_json)) as base:
        report = base.undo_merge(merge_id, undone=not redo)
    print_report(report, as_json, find_kb(kb))
    raise typer.Exit(exit_code(report))
