"""`grl snapshots` and `grl rollback`: earlier states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from graphrag_lite.cli.options import KB, Json, open_kb
from graphrag_lite.cli.output import note, print_json, table
from graphrag_lite.errors import CorruptStoreError

if TYPE_CHECKING:
    from graphrag_lite.knowledge_base import KnowledgeBase


def snapshots(kb: KB = None, as_json: Json = False) -> None:
    """List the snapshots, oldest first."""
    with open_kb(kb) as base:
        found, current_id = base.snapshots(), _current_id(base)
    if as_json:
        print_json({"current": current_id, "snapshots": found})
        return
    if not found:
        typer.echo("No snapshot yet. Make the first one: grl index SOURCE...")
        return
    rows = [
        (
            "*" if m.id == current_id else "",
            m.id,
            m.created_at[:19].replace("T", " "),
            m.counts.get("documents", 0),
            m.counts.get("chunks", 0),
            m.counts.get("entities", 0),
            m.reason,
        )
        for m in found
    ]
    typer.echo(table(("", "snapshot", "made (UTC)", "documents", "chunks", "entities", "by"), rows))


def _current_id(base: KnowledgeBase) -> str:
    """Of the snapshot in use; "" where there is none, or what names it is damaged: then the others are looked for."""
    try:
        current = base.current_snapshot()
    except CorruptStoreError as error:
        note(str(error))
        return ""
    return current.id if current else ""


def rollback(
    snapshot_id: Annotated[str, typer.Argument(metavar="ID", help="One of those that `grl snapshots` lists.")],
    kb: KB = None,
    as_json: Json = False,
) -> None:
    """Make another snapshot the current one.

    None is lost by it, so a rollback can be rolled back.
    """
    with open_kb(kb) as base:
        manifest = base.rollback(snapshot_id.zfill(6) if snapshot_id.isdecimal() else snapshot_id)
    if as_json:
        print_json(manifest)
    else:
        typer.echo(f"Snapshot {manifest.id} of {manifest.created_at[:19].replace('T', ' ')} UTC is the current one.")
