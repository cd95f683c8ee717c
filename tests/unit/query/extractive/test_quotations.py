import pytest

from graphrag_lite.query.asked import read_question
from graphrag_lite.query.extractive.quotations import quotations
from graphrag_lite.records import Passage


@pytest.mark.parametrize(
    ("text", "is_meant"),
    [
        ("Be kind. Ingrid starts on 1 August.", True),
        ("Be kind. Ms Solheim starts on 1 August.", True),
        ("Be kind. Ingrid Bergman starts on 1 August.", False),
        ("Be kind. Lars Solheim starts on 1 August.", False),
    ],
)
def test_a_part_of_a_name_that_stands_alone_names_the_person(text, is_meant):
    asked, passage = read_question("When does Ingrid Solheim start?"), Passage("doc", "chunk", text, 0, len(text), 1.0)
    said = max(
        quotations(asked, [passage]),
        key=lambda q: (len(q.says), -q.end + q.start),
    ).says
    assert ({"ingrid", "solheim"} <= said.keys()) == is_meant


@pytest.mark.parametrize(
    "question", ["## How do I mend the lamp?", "**How do I mend the lamp?**", "How do I mend it, the lamp?::"]
)
def test_the_first_sentence_below_a_question_says_what_that_asks(question):
    asked = read_question("How can we mend the lamp?")
    passage = Passage("d", "c", f"{question}\n\nTurn the wick. Light it again.", 0, 99, 1.0)
    says = {q.text: q.says for q in quotations(asked, [passage])}
    assert says["Turn the wick."]["lamp"] == says["Turn the wick."]["mend"] == 0.8
    assert says["Light it again."].get("lamp", 0.0) < 0.8
