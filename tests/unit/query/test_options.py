import pytest

from graphrag_lite.query.options import asks_for_option, has_options_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("With `--json` it prints one document.", True),
        ("tar --json=FILE", True),
        ("Supported: csv, json, jsonl.", False),
        ("--json-lines prints many.", False),
        ("grl---json", False),
    ],
)
def test_an_option_is_said_as_it_is_typed(text, expected):
    assert has_options_of("What does --json do?", text) is expected


def test_short_options_and_several_are_all_looked_for():
    assert has_options_of("How do -x and -z differ?", "With -x it unpacks, with -z it inflates.")
    assert not has_options_of("How do -x and -z differ?", "With -x it unpacks.")


@pytest.mark.parametrize("question", ["What is a well-known port?", "Who is Jean-Luc?", "Was it 3-5 days?", "是什么？"])
def test_a_question_without_options_asks_for_none(question):
    assert has_options_of(question, "Anything.")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is tar --strip-components?", True),
        ("what is gzip -9", False),
        ("What is gzip -d?", True),
        ("What is a well-known port?", False),
        ("What is a tar --strip?", False),
    ],
)
def test_an_option_of_a_command_is_asked_for_behind_it(question, expected):
    assert asks_for_option(question) is expected
