"""Earlier turns: shown as data without their markers, within their tokens; and questions rewritten from them."""

from __future__ import annotations

import pytest

from graphrag_lite.query.by_model.conversation import read_rewritten, show_conversation
from graphrag_lite.records import Turn
from graphrag_lite.text.tokens import estimate_tokens

TURNS = [
    Turn("Who built the bridge?", "Josiah Pell built it [1][2], they say 【3】."),
    Turn("And the lamp?", "Ada [4]."),
]


def test_old_markers_are_not_shown() -> None:
    shown = show_conversation(TURNS, "Where was she born?")
    assert "Josiah Pell built it, they say." in shown
    assert "Ada." in shown
    assert not any(mark in shown for mark in "[]【】")


@pytest.mark.parametrize("named", ["Found in the documents: “Ned made cranes.” [1]", "见于文档： “内德造起重机。” [1]"])
def test_what_is_named_again_to_be_marked_is_not_shown(named: str) -> None:
    shown = show_conversation([Turn("What did Ned make?", f"Ned made cranes.\n\nAnd pumps.\n\n{named}")], "Who is Ned?")
    assert "And pumps." in shown
    assert "documents" not in shown
    assert "见于" not in shown


def test_turns_stand_in_a_fence_without_numbers() -> None:
    lines = show_conversation(TURNS, "Where was she born?").splitlines()
    mark = lines[1].split()[0]
    assert lines[1].split()[1:] == ["conversation"]
    assert lines[2:4] == ["Q: Who built the bridge?", "A: Josiah Pell built it, they say."]
    assert lines[-1] == f"{mark} end"
    assert "data" in lines[0]


def test_chinese_conversations_are_introduced_in_chinese() -> None:
    shown = show_conversation([Turn("谁修了桥？", "沈宝霖修的[1]。")], "他哪里人？")
    assert "问：谁修了桥？\n答：沈宝霖修的。" in shown
    assert "onversation" not in shown.splitlines()[0]


def test_question_as_asked_is_shown_where_it_was_rewritten() -> None:
    shown = show_conversation(TURNS, "Where was Ada born?", asked="Where was she born?")
    assert "Q: Where was she born?" in shown
    assert "Q: Where was she born?" not in show_conversation(TURNS, "Where was she born?", asked="Where was she born?")


def test_no_turn_is_no_text() -> None:
    assert show_conversation([], "Who?", asked="Who?") == ""


@pytest.mark.parametrize("text", ["word " * 3000, "字词" * 3000], ids=["en", "zh"])
def test_long_turns_keep_to_their_tokens(text: str) -> None:
    turns = [Turn("Who?", text), Turn(text, text), Turn(text[:50], text)]
    shown = show_conversation(turns, text[:40], asked=text)
    assert 300 < estimate_tokens(shown) < 480
    assert text[:50].strip() in shown


@pytest.mark.parametrize("asked", ["", "Where was she born?"], ids=["alone", "rewritten"])
def test_a_long_answer_leaves_room_for_the_question_that_names_whom_it_speaks_of(asked: str) -> None:
    said = "She holds that an eel needs room and time. "
    turns = [Turn("Who is Ada Renn?", said * 60), Turn("What does she say of eels?", said * 60)]
    shown = show_conversation(turns, "Where was Ada Renn born?", asked=asked)
    assert "Q: Who is Ada Renn?" in shown
    assert shown.count(said.strip()) >= 15
    assert estimate_tokens(shown) < 480


@pytest.mark.parametrize(
    "reply",
    [
        "Where was Ada Renn born?",
        '"Where was Ada Renn born?"',
        "“Where was Ada Renn born?”",
        '{"question": "Where was Ada Renn born?"}',
        '```json\n{"rewritten": "Where was Ada Renn born?"}\n```',
        "Sure! Here is the rewritten question:\n\n**Where was Ada Renn born?**",
        "Sure! Here is the rewritten question: Where was Ada Renn born?",
        "Rewritten question: Where was Ada Renn born?",
        "改写后的问题：Where was Ada Renn born?",
        "She is Ada Renn.\nQuestion: Where was Ada Renn born?",
        "```\nWhere was Ada Renn born?\n```",
        "Where was Ada Renn born?\n\nNote: I replaced 'she' with 'Ada Renn'.",
        "Where was Ada Renn born?\n(“she” refers to Ada Renn)",
        "**Rewritten:** Where was Ada Renn born?\n**Explanation:** the pronoun refers to Ada Renn.",
        "Q: Where was Ada Renn born?\nA: In Lund.",
        "To make it stand alone:\n\n1. Where was Ada Renn born?",
    ],
)
def test_question_is_found_in_a_reply(reply: str) -> None:
    assert read_rewritten(reply, "Where was she born?") == "Where was Ada Renn born?"


@pytest.mark.parametrize(
    "reply", ["", "[NO ANSWER]", "The turns say nothing. [No Answer]", "【无答案】", "{}", "word " * 500]
)
def test_reply_without_a_question_is_none(reply: str) -> None:
    assert read_rewritten(reply, "Where was she born?") == ""


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("Ada Renn was born in Lund, which lies in Skåne.", ""),
        ("Lund.", ""),
        ("艾达出生在隆德。", ""),
        ("Where was Ada Renn born", "Where was Ada Renn born"),
        ("In which town was Ada Renn born", "In which town was Ada Renn born"),
        ("艾达出生在什么地方", "艾达出生在什么地方"),
    ],
)
def test_an_answer_in_place_of_the_question_is_none(reply: str, expected: str) -> None:
    assert read_rewritten(reply, "Where was she born?") == expected


def test_what_a_model_remarks_on_its_question_is_no_question() -> None:
    reply = "艾达·雷恩在哪里出生？\n\n说明：将“她”替换为“艾达·雷恩”。"
    assert read_rewritten(reply, "她在哪里出生？") == "艾达·雷恩在哪里出生？"
    assert (
        read_rewritten("Compare it to Ada's.\n\nNote: 'hers' is Ada's.", "Compare it to hers.")
        == "Compare it to Ada's."
    )


def test_a_question_of_several_lines_keeps_them() -> None:
    reply = "Where was Ada Renn born?\nWhen did Ada Renn leave?"
    assert read_rewritten(reply, "Where was she born?\nWhen did she leave?") == reply.replace("\n", " ")


def test_a_request_may_be_rewritten_as_one() -> None:
    assert read_rewritten("More about Ada Renn.", "More about her.") == "More about Ada Renn."


def test_colons_of_a_question_stay() -> None:
    assert read_rewritten("Who wrote Gates: A Book?", "Who wrote it?") == "Who wrote Gates: A Book?"
    assert read_rewritten("Question 3: what is it for?", "Question 3: what?") == "Question 3: what is it for?"
