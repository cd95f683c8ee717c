"""The READMEs are true: their commands and code run, and their table is what `--help` says."""

import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READMES = [ROOT / "README.md", ROOT / "README.zh.md"]
Grl = Callable[..., subprocess.CompletedProcess[str]]


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)


def commands(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^\| `grl (\w+)` \| (.+?) \|$", path.read_text(encoding="utf-8"), re.MULTILINE))


def commands_in_help(text: str) -> dict[str, str]:
    return dict(re.findall(r"^  (\w+) {2,}(\S.*)$", text.split("Commands:")[1], re.MULTILINE))


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_readme_is_short(readme: Path) -> None:
    assert len(readme.read_text(encoding="utf-8").splitlines()) < 200


def test_table_of_commands_is_what_help_says(grl: Grl) -> None:
    assert commands(READMES[0]) == commands_in_help(grl("--help", env={"COLUMNS": "120"}).stdout)


def test_both_readmes_name_the_same_commands() -> None:
    assert list(commands(READMES[0])) == list(commands(READMES[1]))


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_python_runs(readme: Path, docs: Path) -> None:
    for code in blocks(readme, "python"):
        exec(compile(code, str(readme), "exec"), {})


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_commands_run(readme: Path, docs: Path, grl: Grl) -> None:
    lines = [shlex.split(line) for block in blocks(readme, "console") for line in block.splitlines()]
    ours = [line[1:] for line in lines if line[0] == "grl"]
    assert len(ours) >= 6
    for arguments in ours:
        done = grl(*arguments)
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        assert done.stdout


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_links_lead_somewhere(readme: Path) -> None:
    targets = re.findall(r"\]\((?!http)([^)#]+)\)", readme.read_text(encoding="utf-8"))
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []
