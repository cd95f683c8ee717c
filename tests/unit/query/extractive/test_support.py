import pytest

from graphrag_lite.query.extractive.local import answer_from_passages
from graphrag_lite.records import Passage


def passage(text, name="p", title=""):
    return Passage(f"doc-{name}", f"chunk-{name}", text, 0, len(text), 1.0, title=title)


def is_answered(question, *texts, names=()):
    passages = [text if isinstance(text, Passage) else passage(text, str(i)) for i, text in enumerate(texts)]
    return answer_from_passages(question, passages, names=names).is_supported


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("林海燕的父亲是做什么的？", "林海燕，香港艺人，现为无线电视艺员。"),
        ("林海燕是哪一年去世的？", "1804年，家族世居广州的林海燕出生。"),
    ],
    ids=["of one who is theirs", "another verb with a character of it"],
)
def test_what_is_told_of_one_who_is_named_is_not_what_is_asked_of_them_in_chinese(question, text):
    assert not is_answered(question, text, names=["林海燕"])


INTRODUCED = "BEN HALE: Our guest is Ada Quill, known for her work in virtual reality."
SAID = "ADA QUILL: I saw it first at the yard. I thought that virtual reality would be shared."


@pytest.mark.parametrize(
    "before", [INTRODUCED, INTRODUCED.removeprefix("BEN HALE: ")], ids=["labelled", "not labelled"]
)
def test_what_somebody_said_is_quoted_of_them_and_not_of_who_introduces_them(before):
    found = answer_from_passages("What did Ada Quill say about virtual reality?", [passage(f"{before}\n\n{SAID}")])
    assert "would be shared" in found.text
    assert "Our guest" not in found.text
