import pytest

from graphrag_lite.query.asked import read_question
from graphrag_lite.query.kinds import asks_for_several, kind_asked


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who are the main characters?", "person"),
        ("Which companies appear in the documents?", "organization"),
        ("List all the places that are mentioned", "place"),
        ("这些文档讲了哪些公司？", "organization"),
        ("这些文件涉及哪些人物？", "person"),
        ("知识库里提到了哪些公司？", "organization"),
        ("文中主要人物有哪些？", "person"),
        ("List the people mentioned", "person"),
        ("Name all people in these documents.", "person"),
        ("What do the people of Kelder Haven eat?", ""),
        ("Which companies make pumps?", ""),
        ("Which countries border the lake?", ""),
        ("What are the main themes?", ""),
        ("哪家公司生产水泵？", ""),
        ("文中提到了哪些大学？", "organization"),
        ("沈鸿渐任教于哪些大学？", ""),
        ("What is the company called?", ""),
    ],
)
def test_questions_for_the_members_of_a_kind(question, kind):
    assert kind_asked(read_question(question)) == kind


@pytest.mark.parametrize(
    ("question", "is_asked"),
    [
        ("What are the parts of a lamp?", True),
        ("Which lamps are lit at night?", True),
        ("Which lamp is lit at night?", False),
        ("What is a lamp?", False),
        ("灯塔有哪些灯？", True),
        ("灯塔由哪几部分组成？", True),
        ("灯塔是哪个灯？", False),
    ],
)
def test_questions_for_several_things(question, is_asked):
    assert asks_for_several(question) is is_asked
