"""Imports point down, never from the package root, and neighbours in a row do not know each other."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "graphrag_lite"
ROWS = [
    {"records", "errors", "progress", "deferred", "off_loop"},
    {"settings", "recipes", "prompts"},
    {"graph", "store", "llm", "text"},
    {"index", "query"},
    {"knowledge_base"},
    {"service", "evaluate", "testing"},
    {"cli"},
]
HEIGHT = {part: height for height, row in enumerate(ROWS) for part in row}
MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if path.parent != PACKAGE or not path.name.startswith("__")]


def imported_parts(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [f"{node.module}.{a.name}" if node.module == "graphrag_lite" else node.module for a in node.names]
        yield from (name.split(".")[1] if "." in name else name for name in names if name.startswith("graphrag_lite"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    part = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for imported in imported_parts(path):
        assert imported == part or HEIGHT.get(imported, len(ROWS)) < HEIGHT[part], f"{path} imports {imported}"


@pytest.mark.parametrize(("one", "other"), [("extractive", "by_model"), ("by_model", "extractive")])
def test_the_two_ways_of_answering_do_not_know_each_other(one: str, other: str) -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in (PACKAGE / "query" / one).glob("*.py")}
    assert texts
    assert [name for name, text in texts.items() if f"graphrag_lite.query.{other}" in text] == []
