"""How a question is looked for in a collection of another language."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from graphrag_lite.errors import ModelReplyError
from graphrag_lite.query.by_model.wordings import wordings
from graphrag_lite.settings import Settings
from graphrag_lite.testing import ScriptedChatModel

CHINESE, ENGLISH = "谁设计了甘尼特角灯塔？", "Who designed the Gannet Head lighthouse?"


def worded(
    question: str, reply: str | Exception, *, translate: bool = True, **languages: float
) -> tuple[tuple[str, ...], int]:
    """The wordings, and how many calls they took."""
    settings = Settings.model_validate({"query": {"translate": translate}})
    session = SimpleNamespace(settings=settings, languages={"en": 0.0, "zh": 0.0} | languages)
    model = ScriptedChatModel([reply])
    return wordings(cast(Any, session), question, model), len(model.requests)


def test_a_question_of_the_languages_of_the_collection_costs_no_call() -> None:
    assert worded(ENGLISH, "", en=1.0) == ((ENGLISH,), 0)
    assert worded(CHINESE, "", zh=0.9, en=0.1) == ((CHINESE,), 0)
    assert worded(CHINESE, "", translate=False, en=1.0) == ((CHINESE,), 0)


def test_a_question_is_looked_for_in_the_language_of_the_documents() -> None:
    assert worded(CHINESE, ENGLISH, en=0.97) == ((ENGLISH,), 1)
    assert worded(ENGLISH, CHINESE, zh=0.97) == ((CHINESE,), 1)


def test_a_question_is_looked_for_in_both_languages_of_a_mixed_collection() -> None:
    assert worded(CHINESE, ENGLISH, en=0.5, zh=0.5) == ((CHINESE, ENGLISH), 1)


@pytest.mark.parametrize(
    "reply",
    ["", CHINESE, "谁建造了甘尼特角灯塔？", "[NO ANSWER]", "It was Josiah Pell.", ModelReplyError("x")],
    ids=str,
)
@pytest.mark.parametrize("own", [0.0, 0.5])
def test_a_reply_that_is_no_translation_leaves_the_question(reply: str | Exception, own: float) -> None:
    assert worded(CHINESE, reply, en=0.5, zh=own) == ((CHINESE,), 1)
