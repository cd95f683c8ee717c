"""Two questions in one, from the documents to the cited answer without a model."""

import pytest

from graphrag_lite import Document, KnowledgeBase


@pytest.fixture(scope="module")
def kb(tmp_path_factory):
    texts = (
        "Ada Quill is an engineer of Port Selby. She likes the sea, and she paints. Her house is white.",
        "The lamp works stand on the cliff. Ada Quill founded the Harbour Lamp Works in 1899. It has forty hands.",
        "林海是一名工程师，住在月牙湾。他喜欢下雨。海很宽。",
        "灯厂在山上。林海创办了海星灯厂。灯厂有四十名工人。",
    )
    with KnowledgeBase(tmp_path_factory.mktemp("kb"), settings={"embedding": {"model": "none"}}) as kb:
        kb.index([Document(text, id=f"d{i}") for i, text in enumerate(texts)])
        yield kb


def test_both_questions_are_answered_from_where_each_is_told(kb):
    answer = kb.query("Who is Ada Quill and what did she found?")
    assert "Ada Quill is an engineer of Port Selby. [1]" in answer.text
    assert "Ada Quill founded the Harbour Lamp Works in 1899. [2]" in answer.text
    assert [part.question for part in answer.parts] == ["Who is Ada Quill?", "What did Ada Quill found?"]
    assert answer.is_supported


def test_both_questions_are_answered_in_chinese(kb):
    answer = kb.query("林海是谁，他创办了什么？")
    assert "林海是一名工程师" in answer.text
    assert "林海创办了海星灯厂" in answer.text
    assert answer.is_supported


def test_a_question_that_is_half_known_is_not_certain(kb):
    answer = kb.query("Who is Ada Quill and whom did she marry?")
    assert "Ada Quill is an engineer of Port Selby. [1]" in answer.text
    assert "Whom did Ada Quill marry? I do not know" in answer.text
    assert not answer.is_supported
