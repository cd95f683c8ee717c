"""Prompts: shapes that their readers take, nothing that a model could copy as an answer, and a person's own words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from graphrag_lite.errors import SettingsError
from graphrag_lite.index.extract_reply import ExtractReply
from graphrag_lite.index.refine_llm import SameReply
from graphrag_lite.index.report_llm import ReportReply
from graphrag_lite.index.tune_reply import TuneReply
from graphrag_lite.prompts import LANGUAGES, divide, read_prompt, render

SHAPES: dict[str, type[BaseModel]] = {
    "extract": ExtractReply,
    "report": ReportReply,
    "resolve": SameReply,
    "tune": TuneReply,
}


def shape(name: str, language: str) -> str:
    """The JSON that a prompt shows, at its end."""
    system, _, _ = divide(read_prompt(name, language).replace("{{claims_shape}}", ""))
    found = re.search(r"\{\"[^{}].*$", system)
    assert found is not None
    return found.group()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SHAPES)
def test_the_shape_that_a_prompt_shows_is_one_that_its_reader_takes(name: str, language: str) -> None:
    SHAPES[name].model_validate_json(shape(name, language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shapes_of_judgements_show_no_judgement_to_copy(language: str) -> None:
    assert SameReply.model_validate_json(shape("resolve", language)).same == []
    assert '"rating":"…"' in shape("report", language)


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_the_shapes_are_the_same_in_every_language(language: str) -> None:
    assert all(shape(name, language) == shape(name, LANGUAGES[0]) for name in SHAPES)


def own(folder: Path, text: str) -> str:
    """A folder with an own prompt for reports."""
    (folder / "en").mkdir()
    (folder / "en" / "report.md").write_text(text, encoding="utf-8")
    return str(folder)


@pytest.mark.parametrize(
    ("asked", "shown"), [("", "Write in the language of the facts."), ("Welsh", "Write in Welsh.")]
)
def test_a_placeholder_without_a_value_shows_its_own_words(asked: str, shown: str) -> None:
    assert shown in render("report", "en", findings=3, language=asked, facts="").system


@pytest.mark.parametrize(
    ("line", "shown"),
    [("In {{language}}.", "In the language of the facts."), ("In {{language|Welsh}}.", "In Welsh.")],
)
def test_an_own_prompt_has_its_own_words_for_what_is_not_set_or_ours(tmp_path: Path, line: str, shown: str) -> None:
    folder = own(tmp_path, f"{line} {{{{findings}}}}\n---\n{{{{facts}}}}")
    assert render("report", "en", folder, findings=3, language="", facts="").system == f"{shown} 3"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["extract", "report", "summarize"])
def test_a_prompt_says_itself_in_which_language_to_write(name: str, language: str) -> None:
    assert "{{language|" in read_prompt(name, language)


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
