"""What is read from the words of a question."""

from __future__ import annotations

import pytest

from graphrag_lite.query.asked import question_language, read_question
from graphrag_lite.query.asking import said_otherwise


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("What is 清源人工智能研究院?", "en"),
        ("Who wrote 红楼梦 and 西游记?", "en"),
        ("Wi-Fi Protected Access version 3 支持吗？", "zh"),
        ("GPT-4 Turbo 臺灣什麼時候發布", "zh"),
        ("清源院 president", "zh"),
        ("Qingyuan president", "en"),
    ],
)
def test_the_language_is_that_of_the_words_that_ask(question: str, language: str) -> None:
    assert question_language(question) == language


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who built it?", "person"),
        ("When was it built?", "date"),
        ("In what year was it built?", "date"),
        ("How many lamps are there?", "number"),
        ("Where is the lamp?", "place"),
        ("Why was it built?", "reason"),
        ("谁发明了电灯？", "person"),
        ("公司何时成立？", "date"),
        ("有多少人？", "number"),
    ],
)
def test_the_kind_of_answer_is_read_from_the_question(question: str, kind: str) -> None:
    assert read_question(question).kind == kind


@pytest.mark.parametrize("question", ["What are the main themes of these conversations?", "这些文档主要讲了什么？"])
def test_a_question_about_the_collection_is_general(question: str) -> None:
    assert read_question(question).is_general


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("Who founded Kelder?", {"kelder", "found"}),
        ("How do I import rows?", {"import", "row"}),
        ("Which key do I press?", {"key", "press"}),
        ("What is the default host?", {"default", "host"}),
        ("What are the key points on which hosts agree in these discussions?", {"point", "agre"}),
        ("How long must a passphrase be?", {"long", "passphras"}),
    ],
)
def test_words_that_ask_are_told_from_what_is_asked_about(question: str, terms: set[str]) -> None:
    assert read_question(question).terms == terms


@pytest.mark.parametrize(
    "question", ["What does Ada Quill do?", "what does Ada Quill do for a living", "Who is Ada Quill?"]
)
def test_what_somebody_does_is_what_they_are(question: str) -> None:
    asked = read_question(question)
    assert asked.is_definition
    assert asked.subject == "Ada Quill"


@pytest.mark.parametrize("question", ["What does Ada Quill want to do?", "What does Ada Quill do in winter?"])
def test_what_somebody_wants_or_does_somewhere_is_not(question: str) -> None:
    assert not read_question(question).is_definition


@pytest.mark.parametrize(
    ("question", "counted"),
    [
        ("How many small boats did Ada Quill build?", {"boat"}),
        ("How many children has Ada Quill?", {"child", "children", "son", "daughter"}),
        ("How many sons has Ada Quill?", {"son"}),
        ("How many minutes does the run take?", set()),
        ("How many times did Ada Quill sail?", set()),
        ("How many people work at the mill?", set()),
        ("Which boats did Ada Quill build?", set()),
    ],
)
def test_what_is_counted_is_the_plural_behind_how_many_unless_it_is_a_unit(question, counted):
    assert read_question(question).counted == counted


@pytest.mark.parametrize(
    ("question", "is_wanted"),
    [
        ("What did Ada tell the clerk?", True),
        ("What did the clerk tell Ada about the lamp?", True),
        ("What does Ada tell about lamps?", False),
        ("What do guests tell about privacy?", False),
    ],
)
def test_what_is_told_to_somebody_is_to_be_told(question, is_wanted):
    assert ("tell" in read_question(question).terms) is is_wanted


@pytest.mark.parametrize(
    ("question", "text", "values"),
    [
        ("王明德享年多少岁？", "王明德享年六十五歲。", {"六十五"}),
        ("長江大橋有多重？", "長江大橋全長1670公尺，重達12萬噸。", {"12", "万"}),
    ],
)
def test_a_measure_is_told_in_traditional_characters_as_well(question, text, values):
    assert read_question(question).values(text) == values


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("Why didn't the ferry sail?", {"ferri", "sail"}),
        ("Why can’t lorries cross?", {"lorri", "cross"}),
        ("Why won't the ferry sail?", {"ferri", "sail"}),
        ("Why isn't Ada there?", {"ada"}),
    ],
)
def test_a_negation_written_short_is_no_matter_of_its_own(question: str, terms: set[str]) -> None:
    assert read_question(question).terms == terms


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("Where do I get the keys?", {"get"}),
        ("When do the new prices take effect?", {"take"}),
        ("When can I make a call?", {"make"}),
        ("How long does the crossing take?", set()),
        ("When was the lamp made?", set()),
        ("What is the effect of salt?", set()),
    ],
)
def test_verbs_that_say_little_beside_their_object_are_known(question: str, terms: set[str]) -> None:
    assert said_otherwise(question) == terms
