import pytest

from graphrag_lite.query.asked import read_question
from graphrag_lite.query.lives_in_chinese import tells_origin


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("陈嘉树什么时候出生的？", "陈嘉树（1902年5月3日－1978年），字伯年"),
        ("陈嘉树哪年去世？", "陈嘉树（1902—1978）"),
        ("陈嘉树哪年去世？", "陈嘉樹（生於1902年－卒於1978年）"),
        ("陈嘉树的籍贯是哪里？", "陈嘉树，湖南湘潭人，化学家"),
        ("陈嘉树有几个孩子？", "育有两子一女"),
        ("陈嘉树有几个孩子？", "陈嘉树有3个儿子"),
    ],
)
def test_a_life_is_told_without_the_words_of_the_question(question: str, text: str) -> None:
    assert read_question(question).said_by_sign(text)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("大桥什么时候建成？", "大桥（1902年－1978年）"),
        ("陈嘉树哪年去世？", "陈嘉树（1902年）"),
        ("陈嘉树的籍贯是哪里？", "陈嘉树，项目负责人，化学家"),
        ("陈嘉树有几个孩子？", "陈嘉树有三座厂房"),
    ],
)
def test_what_else_is_told_so_says_nothing_of_it(question: str, text: str) -> None:
    assert not read_question(question).said_by_sign(text)


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("陈嘉树，湖南湘潭人，化学家", True),
        ("林則徐，福建侯官縣人。", True),
        ("祖籍徽州婺源", True),
        ("陈嘉树是项目负责人，参加了会议。", False),
        ("中国人自行设计的铁路", False),
    ],
)
def test_an_origin_is_told_by_a_place_before_a_person(text: str, is_told: bool) -> None:
    assert tells_origin(text) is is_told


@pytest.mark.parametrize(
    ("question", "is_one"),
    [
        ("熔断是什么？", True),
        ("熔断是什么意思？", True),
        ("SLA是什么的缩写？", True),
        ("王思远是什么职务？", True),
        ("刺角瓜是什么味道？", False),
        ("雷达是什么颜色的？", False),
    ],
)
def test_what_asks_for_one_side_of_a_thing_is_no_question_for_its_definition(question: str, is_one: bool) -> None:
    assert read_question(question).is_definition is is_one
