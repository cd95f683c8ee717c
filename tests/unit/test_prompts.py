"""What the prompts say: shapes that their readers take, and nothing that a model could copy as an answer."""

from __future__ import annotations

import re

import pytest
from pydantic import BaseModel

from graphrag_lite.index.extract_reply import ExtractReply
from graphrag_lite.index.refine_llm import SameReply
from graphrag_lite.index.report_llm import ReportReply
from graphrag_lite.index.tune_reply import TuneReply
from graphrag_lite.prompts import LANGUAGES, divide, read_prompt

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


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shapes_are_the_same_in_every_language(language: str) -> None:
    assert all(shape(name, language) == shape(name, LANGUAGES[0]) for name in SHAPES)
