"""`grl entities`, `grl relationships`, `grl claims` and `grl communities`: what the documents are about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from graphrag_lite.cli.options import KB, Json, Where, open_kb
from graphrag_lite.cli.output import print_json, shorten, table

if TYPE_CHECKING:
    from graphrag_lite.knowledge_base import KnowledgeBase

Limit = Annotated[int, typer.Option("--limit", min=0, metavar="N", help="How many; 0: all.")]
Level = Annotated[int | None, typer.Option("--level", min=0, metavar="N", help="Only this level; 0 is the coarsest.")]


def entities(kb: KB = None, where: Where = None, limit: Limit = 50, as_json: Json = False) -> None:
    """List entities, most frequent first."""
    with open_kb(kb) as base:
        found = base.entities(where=where)
    shown = found[:limit] if limit else found
    if as_json:
        print_json(shown)
        return
    rows = [(e.name, e.type, e.frequency, e.degree, shorten(", ".join(e.aliases), 60)) for e in shown]
    _print(("entity", "type", "chunks", "links", "also called"), rows, len(found))


def relationships(kb: KB = None, where: Where = None, limit: Limit = 50, as_json: Json = False) -> None:
    """List relationships of entities, heaviest first."""
    with open_kb(kb) as base:
        found = base.relationships(where=where)
        shown = found[:limit] if limit else found
        if as_json:
            print_json(shown)
            return
        names = _names(base, where)
    rows = [
        (names.get(r.source_id, r.source_id), names.get(r.target_id, r.target_id), f"{r.weight:.1f}", r.description)
        for r in shown
    ]
    _print(("entity", "entity", "weight", "because"), [(*row[:3], shorten(row[3], 100)) for row in rows], len(found))


def claims(kb: KB = None, where: Where = None, limit: Limit = 50, as_json: Json = False) -> None:
    """List what a model read as claimed of entities."""
    with open_kb(kb) as base:
        found = base.claims(where=where)
        shown = found[:limit] if limit else found
        if as_json:
            print_json(shown)
            return
        names = _names(base, where)
    rows = [
        (names.get(c.subject_id, c.subject_id), c.type, c.status, shorten(c.description, 100), c.chunk_id)
        for c in shown
    ]
    _print(("entity", "type", "status", "claim", "chunk"), rows, len(found))


def communities(
    kb: KB = None, level: Level = None, where: Where = None, limit: Limit = 50, as_json: Json = False
) -> None:
    """List groups of entities with what their reports say."""
    with open_kb(kb) as base:
        found = base.communities(level=level, where=where)
        reports = {report.community_id: report for report in base.reports(level=level, where=where)}
    shown = found[:limit] if limit else found
    if as_json:
        print_json([{"community": one, "report": reports.get(one.id)} for one in shown])
        return
    rows = [
        (
            one.level,
            len(one.entity_ids),
            *((r.title, shorten(r.summary, 100)) if (r := reports.get(one.id)) else ("", "")),
        )
        for one in shown
    ]
    _print(("level", "entities", "about", "summary"), rows, len(found))


def _names(base: KnowledgeBase, where: list[str] | None) -> dict[str, str]:
    return {entity.id: entity.name for entity in base.entities(where=where)}


def _print(head: Sequence[str], rows: Sequence[Sequence[object]], count: int) -> None:
    typer.echo(table(head, rows) if rows else "There is none.")
    if len(rows) < count:
        typer.echo(f"and {count - len(rows):,} more: --limit 0 shows all")
