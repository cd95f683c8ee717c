import logging
from typing import Any

import pytest

from graphrag_lite.errors import QuestionError
from graphrag_lite.query.question import MOST_CHARACTERS, usable_question, usable_turns
from graphrag_lite.records import Turn


@pytest.mark.parametrize("text", ["", " \n", "?!", "？。…", "🙂"], ids=repr)
def test_question_without_a_word_is_refused(text: str) -> None:
    with pytest.raises(QuestionError, match="no word to search for"):
        usable_question(text)


@pytest.mark.parametrize("text", ["1862?", "谁", "Who?"])
def test_one_word_is_enough(text: str) -> None:
    assert usable_question(f" {text}\n") == text


def test_long_question_keeps_its_beginning_and_end_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        used = usable_question("Who designed " + "the pump " * 20_000 + "of Thorsby?")
    assert used.startswith("Who designed the pump")
    assert used.endswith("pump of Thorsby?")
    assert len(used) <= MOST_CHARACTERS + 1
    assert [record.message for record in caplog.records] == [
        "the question has 180,024 characters; its first and last 4,000 are used"
    ]


def test_signs_that_no_text_has_are_left_out() -> None:
    assert usable_question("\x00Who\ud83d built\x1b it?\x07\n") == "Who? built  it?"
    assert usable_turns([Turn("Who\x00?", "Pell \udcff.")]) == (Turn("Who ?", "Pell ?."),)


@pytest.mark.parametrize("history", [[("Who?", "Pell.")], [{"role": "user"}], "Who?", [None]], ids=repr)
def test_a_turn_is_two_texts(history: Any) -> None:
    with pytest.raises(QuestionError, match=r"Give a Turn\(question, answer\)"):
        usable_turns(history)
