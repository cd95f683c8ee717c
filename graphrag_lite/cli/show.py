"""`grl show`: what is stored under an id."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from graphrag_lite.cli.options import KB, Json, open_kb
from graphrag_lite.cli.output import print_json
from graphrag_lite.errors import NotFoundError


def show(
    id_: Annotated[str, typer.Argument(metavar="DOCUMENT_ID|CHUNK_ID", help="As citations and rankings give it.")],
    kb: KB = None,
    as_json: Json = False,
) -> None:
    """Print the stored text of a document or chunk.

    The offsets of citations count the characters of a document's text.
    """
    with open_kb(kb) as base:
        try:
            found = asdict(base.document(id_))
        except NotFoundError:
            found = asdict(base.chunk(id_))
    if as_json:
        print_json(found)
    else:
        typer.echo(found["text"], nl=not found["text"].endswith("\n"))
