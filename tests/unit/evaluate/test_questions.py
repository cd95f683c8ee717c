from pathlib import Path

import pytest

from graphrag_lite.errors import InputError
from graphrag_lite.evaluate.questions import Question, read_questions


def write(folder: Path, text: str) -> Path:
    path = folder / "questions.jsonl"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_field_is_read(own_folder: Path) -> None:
    line = (
        '{"id": "q1", "question": "Who?", "answer": "Pell", "gold": ["a.md", "d2"], "hops": 2, "kind": "local",'
        ' "gold_alternatives": {"a.md": ["b.md"]}, "language": "en"}\n\n'
    )
    assert read_questions(write(own_folder, line)) == [
        Question("q1", "Who?", "Pell", ("a.md", "d2"), {"a.md": ("b.md",)}, 2, "local")
    ]


def test_byte_order_mark_and_bare_question_are_fine(own_folder: Path) -> None:
    assert read_questions(write(own_folder, '\ufeff{"id": 1, "question": "谁？"}')) == [Question("1", "谁？")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no question"),
        ("{", "line 1: not JSON"),
        ('{"id": "a", "question": "Who?"}\n[]', "line 2: not a JSON object"),
        ('{"question": "Who?"}', "'id' is missing"),
        ('{"id": "a", "question": " "}', "'question' is missing or empty"),
        ('{"id": "a", "question": "Who?", "gold": "d1"}', "'gold' must be a list"),
        ('{"id": "a", "question": "Who?", "gold_alternatives": []}\n' * 2, "occurs twice"),
        ('{"id": "a", "question": "Who?", "gold_alternatives": [1]}', "must map"),
        ('{"id": "a", "question": "Who?", "hops": "two"}', "'hops' must be a whole number"),
    ],
)
def test_wrong_line_is_named(own_folder: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_questions(write(own_folder, text))


def test_missing_and_binary_files_are_input_errors(own_folder: Path) -> None:
    (own_folder / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("missing", "binary"):
        with pytest.raises(InputError, match="cannot be read"):
            read_questions(own_folder / name)


@pytest.mark.parametrize(
    ("question", "group"),
    [
        (Question("a", "?", kind="global", hops=3), "global"),
        (Question("a", "?", hops=3), "3 hops"),
        (Question("a", "?"), ""),
    ],
    ids=["kind", "hops", "neither"],
)
def test_group(question: Question, group: str) -> None:
    assert question.group == group
