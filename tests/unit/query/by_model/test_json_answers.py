from __future__ import annotations

import pytest

from graphrag_lite.llm.protocols import ChatReply, ChatRequest, Message
from graphrag_lite.query.by_model.generate import Generated, generate_answer, read_answer, stream_answer
from graphrag_lite.query.by_model.json_answers import asks_for_json, may_be_json, text_of
from graphrag_lite.testing import ScriptedChatModel

ADA = "Ada mended it [1]."


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (f'{{"answer": "{ADA}"}}', ADA),
        (f'```json\n{{"answer": "{ADA}"}}\n```', ADA),
        (f'{{"question": "Who?", "Answer": "{ADA}", "confidence": 0.9}}', ADA),
        ('{"answer": "Ada mended it.", "citations": [1, "Passage 3"]}', "Ada mended it. [1][3]"),
        (f'{{"answer": "{ADA}", "citations": [2]}}', ADA),
        ('{"回答": "艾达修了灯[1]。", "来源": [1]}', "艾达修了灯[1]。"),
        ('{"answer": null}', ""),
    ],
)
def test_an_answer_in_json_is_its_text(answer: str, text: str) -> None:
    assert text_of(answer) == text


@pytest.mark.parametrize(
    "answer",
    [
        ADA,
        '{"host": "localhost", "port": 80} [1]',
        '{"answer": "yes", "port": 80}',
        '{"answer": {"host": "localhost"}}',
        '```json\n{"answer": "yes"}\n```\nis what the server sends [1].',
        '{"answer": "cut o',
        "{braces} are kept [1].",
    ],
)
def test_json_that_may_be_what_was_asked_for_stays(answer: str) -> None:
    assert text_of(answer) == answer


def test_an_answer_in_json_may_say_that_there_is_none() -> None:
    assert read_answer(ChatReply('{"answer": "[NO ANSWER]", "citations": []}')) == Generated("")
    assert read_answer(ChatReply('{"answer": ""}')) == Generated("")


@pytest.mark.parametrize(
    ("begun", "is_one"), [("{", True), ("```js", True), ("```json", True), ("```sh", False), ("A", False)]
)
def test_an_answer_that_may_be_json_is_known_by_its_begin(begun: str, is_one: bool) -> None:
    assert may_be_json(begun) is is_one


@pytest.mark.parametrize(
    ("question", "is_asked"),
    [
        ("Who mended it? Reply as JSON with the key answer.", True),
        ("Return a JSON object.", True),
        ("谁修了灯？请用JSON回答。", True),
        ("Who invented JSON?", False),
        ("What does the JSON file of the port hold?", False),
    ],
)
def test_a_question_may_ask_for_json(question: str, is_asked: bool) -> None:
    said = f'{{"answer": "{ADA}"}}'
    request = ChatRequest((Message("user", f"#f4a702 1 Log\nThe lamp, as JSON.\n\nQuestion: {question}"),))
    expected = Generated(said if is_asked else ADA)
    assert asks_for_json(question) is is_asked
    assert generate_answer(ScriptedChatModel([said]), request) == expected
    assert list(stream_answer(ScriptedChatModel([said]), request)) == [expected.text, expected]
