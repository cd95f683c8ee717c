"""What an option of a command does, from manuals to the cited answer without a model."""

import pytest

from graphrag_lite import Document, KnowledgeBase

_MANY = "\n\n".join(f"       -{letter}     Sort by column {letter} of the table." for letter in "abcdfghijklmnop")
_GREP = f"GREP(1)\n\nOPTIONS\n{_MANY}\n\n       -v, --invert-match\n              Select what does not match.\n"
_CURL = "CURL(1)\n\nOPTIONS\n       -v     Make curl talk more.\n\n       -e     Tell the page. It is set once.\n"
_BASH = f"""BASH(1)

BUILTINS
       read [-e]
              -e     Edit the line.

       set [-e]
{_MANY.replace("  -", "         -")}
              -e     Exit immediately.
"""


@pytest.fixture(scope="module")
def kb(tmp_path_factory):
    folder = tmp_path_factory.mktemp("manuals")
    for name, text in (("grep", _GREP), ("curl", _CURL), ("bash", _BASH)):
        (folder / f"{name}.txt").write_text(text)
    settings = {"embedding": {"model": "none"}, "chunk": {"max_tokens": 100}}
    with KnowledgeBase(tmp_path_factory.mktemp("kb"), settings=settings) as kb:
        kb.index(folder)
        kb.index([Document(f"The grep -v of number {i} is run at night with curl -v.", id=f"d{i}") for i in range(40)])
        yield kb


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("What does grep -v do?", "-v, --invert-match Select what does not match. [1]"),
        ("curl -v 是什么意思？", "-v Make curl talk more. [1]"),
        ("What is set -e?", "-e Exit immediately. [1]"),
    ],
)
def test_the_entry_of_the_command_answers_however_often_others_speak_of_it(kb, question, told):
    answer = kb.query(question)
    assert (answer.text, answer.is_supported) == (told, True)
    assert answer.citations[0].chunk_id in {passage.chunk_id for passage in answer.passages}


def test_an_option_of_another_command_is_no_answer(kb):
    assert not kb.query("What does tar -e do?").is_supported
