"""Commands as a user runs them: in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Grl = Callable[..., subprocess.CompletedProcess[str]]


def run_grl(*arguments: object, env: dict[str, str] | None = None, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run `grl` with arguments; `env` adds variables, `stdin` is text."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}  # thrice as slow
    return subprocess.run(
        [sys.executable, "-m", "graphrag_lite", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=kept | (env or {}),
        timeout=120,
        check=False,
    )


@pytest.fixture
def grl() -> Grl:
    """`run_grl`."""
    return run_grl


@pytest.fixture
def docs(own_folder: Path) -> Path:
    """A folder of five small documents that only answer together."""
    return write_docs(own_folder / "docs")


@pytest.fixture(scope="session")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A knowledge base of `docs`, for tests that only read it."""
    folder = tmp_path_factory.mktemp("shared")
    done = run_grl("index", write_docs(folder / "docs"), "--kb", folder / "kb")
    assert done.returncode == 0, done.stderr
    return folder / "kb"


@pytest.fixture
def own_kb(docs: Path, own_folder: Path) -> Path:
    """A knowledge base of `docs` that the test may change."""
    done = run_grl("index", docs, "--kb", own_folder / "kb")
    assert done.returncode == 0, done.stderr
    return own_folder / "kb"


def write_docs(folder: Path) -> Path:
    """The documents."""
    (folder / "old").mkdir(parents=True)
    texts = {
        "bittern.md": "# The Bittern 90\n\nOttoline Farrar designed the Bittern 90, a pump for eel passes.",
        "farrar.txt": "Ottoline Farrar learned her trade at Thorsby Yard. Edmund Vashley taught Ottoline Farrar there.",
        "yard.md": "# Thorsby Yard\n\nThorsby Yard is a shipyard in Kelder Haven. It closed in 1994.",
        "old/haven.txt": "Kelder Haven is a harbour town. The lighthouse of Kelder Haven was lit in 1862.",
        "zh.md": "# 宁川汐岩泵业有限公司\n\n宁川汐岩泵业有限公司位于宁川市，由沈宝霖创办，生产碳石墨密封环。",
    }
    for name, text in texts.items():
        (folder / name).write_text(text + "\n", encoding="utf-8")
    return folder
