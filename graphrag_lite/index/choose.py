"""Which recipe a run follows, and the settings that come of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphrag_lite.errors import SettingsError
from graphrag_lite.index.fingerprints import wants_model
from graphrag_lite.llm.embedding import describe_embedding
from graphrag_lite.recipes import Recipe, read_recipe
from graphrag_lite.settings import Settings, load_settings
from graphrag_lite.store.snapshots import Manifest, Snapshots

if TYPE_CHECKING:
    from graphrag_lite.store.tables import Store


def choose_recipe(folder: Path, overrides: Mapping[str, Any], name: str | None) -> tuple[Recipe, Settings]:
    """The recipe and the settings merged with its own; `auto` uses a chat model only where the settings name one.

    Where nobody names a recipe, a knowledge base that another recipe made with a chat model stays with that one: to
    read all texts again for `standard` would be paid for, and lose what `thorough` alone asks for.

    Args:
        folder: The knowledge base, for its grl.toml and its last recipe.
        overrides: Nested settings.
        name: auto, a recipe or a file; None: that of the settings.

    Raises:
        SettingsError: The recipe needs a chat model and none is named.
    """
    settings = own = load_settings(folder, overrides=overrides)
    wanted = name or settings.recipe
    if wanted == "auto":
        wanted = "instant" if describe_embedding(settings.embedding) == "none" else "local"
        wanted = "standard" if settings.llm.model else wanted
    kept = _recipe_by_model(folder) if wanted == "standard" and name is None and settings.recipe == "auto" else None
    recipe = kept or read_recipe(wanted)
    settings = load_settings(folder, overrides=overrides, recipe=recipe.settings)
    if wants_model(settings) and not settings.llm.model:
        cause, cure = f"the recipe {recipe.name} needs", "use --recipe local"
        if wants_model(own):  # whatever the recipe
            cause, cure = "extract.methods, reports.method or resolve.llm of your settings need", "take llm out of them"
        raise SettingsError(f"{cause} a chat model. Set llm.model in grl.toml or GRL_LLM__MODEL, or {cure}")
    return recipe, settings


def describe_overridden(recipe: Recipe, settings: Settings) -> str:
    """What to tell where a recipe gives a chat model work and the settings take all of it away; "" elsewhere."""
    alone = load_settings(None, recipe=recipe.settings, environment={})
    if _gives_work(settings) or not _gives_work(alone):
        return ""
    return (
        f"The recipe {recipe.name} has a chat model read texts and write reports, but your settings of extract.methods "
        "and reports.method win over it, so the model does neither. Comment them out to let the recipe decide."
    )


def _gives_work(settings: Settings) -> bool:
    return "llm" in settings.extract.methods or settings.reports.method == "llm"


def last_recipe(store: Store, overrides: Mapping[str, Any]) -> tuple[Recipe, Settings]:
    """The recipe of the last snapshot, for a run that only takes something away: the rest stays as it was made.

    It asks no model, so none need be named.
    """
    manifest = store.snapshots.current()
    if manifest is None or not manifest.recipe:
        return choose_recipe(store.folder, overrides, None)
    recipe = _recipe_of(manifest)
    return recipe, load_settings(store.folder, overrides=overrides, recipe=recipe.settings)


def _recipe_by_model(folder: Path) -> Recipe | None:
    """The recipe of the last snapshot, where it gives a chat model work and is none that `auto` would take."""
    manifest = Snapshots(folder / "snapshots").current()
    if manifest is None or manifest.recipe.get("name", "standard") == "standard":
        return None
    recipe = _recipe_of(manifest)
    return recipe if _gives_work(load_settings(None, recipe=recipe.settings, environment={})) else None


def _recipe_of(manifest: Manifest) -> Recipe:
    made = manifest.recipe
    return Recipe(made["name"], "", tuple(made["steps"]), dict(made["settings"]))
