"""`grl init`: a commented settings file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graphrag_lite.cli.options import FAILED


def init(
    directory: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="The knowledge base to be.", show_default="grl-kb")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a grl.toml that is there.")] = False,
) -> None:
    """Write a commented grl.toml with every setting."""
    from graphrag_lite.recipes import settings_of_recipes
    from graphrag_lite.settings import SETTINGS_FILE, settings_template

    path = (directory or Path("grl-kb")) / SETTINGS_FILE
    if path.exists() and not force:
        typer.echo(f"Error: {path} exists. Edit it, or write it anew with --force.", err=True)
        raise typer.Exit(FAILED)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(settings_template(settings_of_recipes()), encoding="utf-8")
    typer.echo(f"Wrote {path}. Edit what you need, then: grl index SOURCE... --kb {path.parent}")
