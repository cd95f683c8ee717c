import pytest

from graphrag_lite.query.options import OptionAsked, has_options_of, option_asked


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
    ("question", "spelling", "command"),
    [
        ("What is tar --strip-components?", "--strip-components", "tar"),
        ("What is gzip -d?", "-d", "gzip"),
        ("what is gzip -9", "-9", "gzip"),
        ("What is --json?", "--json", ""),
        ("What does the -v option of grep do?", "-v", "grep"),
        ("What does git rebase --onto mean?", "--onto", "git rebase"),
        ("grep 的 -v 选项有什么作用？", "-v", "grep"),
        ("set -e 是什么意思？", "-e", "set"),
        ("--json 是做什么的？", "--json", ""),
    ],
)
def test_an_option_of_a_command_is_asked_for_beside_it(question, spelling, command):
    assert option_asked(question) == OptionAsked(spelling, tuple(command.split()))


@pytest.mark.parametrize(
    "question",
    [
        "What is a well-known port?",
        "How do -x and -z differ?",
        "How do I print JSON with --json?",
        "What is the default timeout of the --connect-timeout option in seconds?",
        "--json 和表格有什么不同？",
        "Was it 3-5 days?",
    ],
)
def test_more_than_what_an_option_is_asks_for_none(question):
    assert option_asked(question) is None


@pytest.mark.parametrize(
    ("around", "text", "expected"),
    [
        ("tar\n", "-x unpacks.", True),
        ("manual\nTar > Options", "With -x it unpacks.", True),
        ("curl\n", "Call tar -v -x to unpack.", True),
        ("curl\n", "-x unpacks the archives of tar.", True),
        ("curl\n", "With tar a proxy is set by -x.", False),
        ("curl\n", "-x sets a proxy. It is no tar.", False),
    ],
)
def test_an_option_is_of_the_command_that_stands_around_or_before_it(around, text, expected):
    assert OptionAsked("-x", ("tar",)).is_of_command(around, text) is expected
