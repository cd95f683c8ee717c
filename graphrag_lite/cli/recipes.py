"""`grl recipes`: the ways to index."""

from __future__ import annotations

from dataclasses import asdict

import typer

from graphrag_lite.cli.options import Json
from graphrag_lite.cli.output import bold, print_json, wrap


def recipes(as_json: Json = False) -> None:
    """List the recipes that --recipe knows."""
    from graphrag_lite.recipes import read_recipe, recipes_dir, shipped_recipes

    found = [read_recipe(name) for name in shipped_recipes()]
    if as_json:
        print_json([asdict(recipe) for recipe in found])
        return
    for recipe in found:
        typer.echo(f"{bold(recipe.name)}\n{wrap(recipe.description, '  ')}\n  {' > '.join(recipe.steps)}\n")
    typer.echo(f"Copy one from {recipes_dir()} to write your own, then: grl index SOURCE... --recipe FILE.yaml")
