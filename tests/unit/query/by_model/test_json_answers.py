from __future__ import annotations

import pytest

from graphrag_lite.llm.protocols import ChatReply
from graphrag_lite.query.by_model.generate import Generated, read_answer
from graphrag_lite.query.by_model.json_answers import may_be_json, text_of

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
