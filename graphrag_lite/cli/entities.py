"""`grl entities`: what the documents are about."""

from __future__ import annotations

from typing import Annotated

import typer

from graphrag_lite.cli.options import KB, Json, open_kb
from graphrag_lite.cli.output import print_json, shorten, table


def entities(
    kb: KB = None,
    limit: Annotated[int, typer.Option("--limit", min=0, metavar="N", help="How many; 0: all.")] = 50,
    as_json: Json = False,
) -> None:
    """List entities, most frequent first."""
    with open_kb(kb) as base:
        found = base.entities()
    shown = found[:limit] if limit else found
    if as_json:
        print_json(shown)
        return
    rows = [(e.name, e.type, e.frequency, e.degree, shorten(", ".join(e.aliases), 60)) for e in shown]
    typer.echo(table(("entity", "type", "chunks", "links", "also called"), rows))
    if len(shown) < len(found):
        typer.echo(f"and {len(found) - len(shown):,} more: --limit 0 shows all")
