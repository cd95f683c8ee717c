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
