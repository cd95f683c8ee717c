from pathlib import Path

import pytest

from graphrag_lite.cli.options import find_kb


def test_given_path_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRL_KB", "from-environment")
    assert find_kb(Path("given")) == Path("given")


def test_environment_comes_next(monkeypatch: pytest.MonkeyPatch, own_folder: Path) -> None:
    (own_folder / "grl.toml").touch()
    monkeypatch.setenv("GRL_KB", "from-environment")
    assert find_kb(None) == Path("from-environment")


def test_nearest_parent_with_settings_comes_next(monkeypatch: pytest.MonkeyPatch, own_folder: Path) -> None:
    below = own_folder / "kb" / "docs" / "old"
    below.mkdir(parents=True)
    (own_folder / "grl.toml").touch()
    (own_folder / "kb" / "grl.toml").touch()
    monkeypatch.chdir(below)
    assert find_kb(None) == own_folder / "kb"


def test_default_is_a_folder_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRL_KB", "")
    assert find_kb(None) == Path("grl-kb")
