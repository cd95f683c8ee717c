"""`grl show`: what is stored under an id."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphrag_lite.cli.options import KB, Json, open_kb, readable
from graphrag_lite.cli.output import print_json
from graphrag_lite.errors import NotFoundError

if TYPE_CHECKING:
    from graphrag_lite.knowledge_base import KnowledgeBase

_MOST_IDS_NAMED = 3


def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="DOCUMENT_ID|CHUNK_ID|SOURCE", help="As citations and rankings give it.", callback=readable
        ),
    ],
    kb: KB = None,
    as_json: Json = False,
) -> None:
    """Print the stored text of a document or chunk.

    The offsets of citations count the characters of a document's text.
    """
    with open_kb(kb) as base:
        found = _find(base, name)
    if as_json:
        print_json(found)
    else:
        typer.echo(found["text"], nl=not found["text"].endswith("\n"))


def _find(base: KnowledgeBase, name: str) -> dict[str, Any]:
    """The document or chunk with this id, else the only document of the source with this name."""
    with suppress(NotFoundError):
        return asdict(base.document(name))
    with suppress(NotFoundError):
        return asdict(base.chunk(name))
    ids = base.document_ids(name)
    if len(ids) == 1:
        return asdict(base.document(ids[0]))
    some = ", ".join(ids[:_MOST_IDS_NAMED]) + (", …" if len(ids) > _MOST_IDS_NAMED else "")
    raise NotFoundError(f"{name}: holds {len(ids):,} documents. Name one by its id: {some}")
