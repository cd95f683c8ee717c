import pytest

from graphrag_lite.query.asked import read_question
from graphrag_lite.query.extractive.comparing import comparison
from graphrag_lite.query.extractive.local import answer_from_passages
from graphrag_lite.records import Passage

ADA = "Ada Quill was born in Port Selby in 1850. She had 3 brothers."
NED = "Ned Finch was born on the island in 1862. He kept 12 sheep."
FORD = "Ned Finch kept 12 sheep on the island."


def ask(question, *texts):
    passages = [Passage(f"d{n}", f"c{n}", text, 0, len(text), 1.0) for n, text in enumerate(texts)]
    return answer_from_passages(question, passages)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who is older, Ada Quill or Ned Finch?", "date"),
        ("Which was founded first, the Lamp Works or the Rope Works?", "date"),
        ("Which cost more, the lamp or the new siren?", "number"),
        ("灯厂和绳厂，哪一家员工更多？", "number"),
    ],
)
def test_a_comparison_is_read(question, kind):
    assert comparison(read_question(question)).kind == kind


@pytest.mark.parametrize(
    "question", ["Who mended the lamp or the siren?", "Who was first to mend the lamp?", "港口和灯塔的关系是什么？"]
)
def test_other_questions_compare_nothing(question):
    assert comparison(read_question(question)) is None


def test_each_side_is_quoted_with_its_date():
    found = ask("Who is older, Ada Quill or Ned Finch?", ADA, NED)
    assert [c.text for c in found.citations] == [ADA.split(" She")[0], NED.split(" He")[0]]
    assert found.is_supported


def test_one_side_alone_settles_nothing():
    found = ask("Who is older, Ada Quill or Ned Finch?", ADA, FORD)
    assert not found.is_supported
    assert "1850" in found.text


def test_chinese_sides_are_quoted():
    found = ask("灯厂和绳厂，哪一家员工更多？", "灯厂有员工340人。", "绳厂有员工260人。")
    assert ("340" in found.text, "260" in found.text, found.is_supported) == (True, True, True)


def test_a_chinese_aspect_may_be_one_character():
    found = ask("石桥和木桥哪个更长？", "石桥于1902年建成，全长120米。", "木桥全长95米。")
    assert ("120" in found.text, "95" in found.text, found.is_supported) == (True, True, True)
