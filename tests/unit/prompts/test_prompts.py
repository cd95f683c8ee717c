from __future__ import annotations

from pathlib import Path

import pytest

from graphrag_lite.errors import SettingsError
from graphrag_lite.prompts import read_prompt


def put(folder: Path, name: str, text: str) -> str:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder)


def test_an_own_prompt_comes_before_ours(tmp_path: Path) -> None:
    folder = put(tmp_path, "en/glean.md", "Look again.")
    put(tmp_path, "CHANGES.md", "What we changed.")
    assert read_prompt("glean", "en", folder) == "Look again."
    assert read_prompt("glean", "zh", folder) == read_prompt("glean", "zh")


@pytest.mark.parametrize("name", ["en/extrakt.md", "zh/answers.md", "extract.md"])
def test_a_file_that_would_be_passed_over_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=r"is no prompt.*extract, extract_claims"):
        read_prompt("answer", "en", put(tmp_path, name, "words"))


def test_an_own_prompt_with_other_placeholders_is_refused_when_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"has no value for \{\{pasages\}\}.* lacks \{\{passages\}\}"):
        read_prompt("extract", "en", put(tmp_path, "en/extract.md", "Read.\n---\n{{pasages}}"))


def test_a_prompt_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(SettingsError, match="prompts: answer, "):
        read_prompt("extrakt", "en")
