"""Find, read and check a recipe: which steps an indexing run takes, with which settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphrag_lite.errors import SettingsError

STEPS = (
    "load",
    "clean",
    "chunk",
    "extract",
    "resolve",
    "summarise",
    "graph",
    "communities",
    "reports",
    "embed",
    "commit",
)
_REQUIRED = ("load", "clean", "chunk", "extract", "resolve", "graph", "communities", "commit")
_PACKAGE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Recipe:
    """An indexing pipeline written down. `settings` are a partial settings tree."""

    name: str
    description: str
    steps: tuple[str, ...]
    settings: dict[str, Any]


def recipes_dir() -> Path:
    """The folder of the recipes that come with graphrag_lite."""
    shipped = _PACKAGE / "_recipes"  # in a wheel
    return shipped if shipped.is_dir() else _PACKAGE.parent / "pipelines" / "recipes"


def shipped_recipes() -> list[str]:
    """Names of the recipes that come with graphrag_lite."""
    return sorted(path.stem for path in recipes_dir().glob("*.yaml"))


def read_recipe(name: str) -> Recipe:
    """A recipe by its name, or from a YAML file.

    Raises:
        SettingsError: There is no such recipe, or it is not one; says what is wrong.
    """
    import yaml

    path = recipes_dir() / f"{name}.yaml" if name in shipped_recipes() else Path(name)
    if not path.is_file():
        raise SettingsError(f"no recipe {name!r}. There are: auto, {', '.join(shipped_recipes())}, or a YAML file")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"{path}: not a YAML file ({error})") from error
    return _check(content, path)


def settings_of_recipes() -> set[str]:
    """The settings that shipped recipes make, as "extract.methods"."""
    recipes = map(read_recipe, shipped_recipes())
    return {f"{section}.{key}" for recipe in recipes for section, keys in recipe.settings.items() for key in keys}


def _check(content: Any, path: Path) -> Recipe:
    if not isinstance(content, dict):
        raise SettingsError(f"{path}: a recipe has the keys name, description, steps, settings")
    unknown = sorted(set(content) - {"name", "description", "steps", "settings"})
    if unknown:
        raise SettingsError(f"{path}: unknown key {unknown[0]!r}. A recipe has: name, description, steps, settings")
    if "store" in (content.get("settings") or {}):
        raise SettingsError(f"{path}: a recipe cannot say where tables lie. Set store.uri in grl.toml")
    steps = tuple(content.get("steps") or ())
    wrong = [step for step in steps if step not in STEPS]
    missing = [step for step in _REQUIRED if step not in steps]
    if wrong or missing:
        problem = f"unknown step {wrong[0]!r}" if wrong else f"step {missing[0]!r} is missing"
        raise SettingsError(f"{path}: {problem}. Steps in order: {', '.join(STEPS)}")
    if list(steps) != sorted(steps, key=STEPS.index):
        raise SettingsError(f"{path}: steps are out of order. The order is: {', '.join(STEPS)}")
    return Recipe(
        str(content.get("name") or path.stem), str(content.get("description", "")), steps, content.get("settings") or {}
    )
