import pytest

from graphrag_lite.query.asked import read_question
from graphrag_lite.query.extractive.whose_in_chinese import beside_values, is_of_another
from graphrag_lite.text.normalize import terms


@pytest.mark.parametrize(
    ("question", "around", "text"),
    [
        ("武汉研发基地何时启用？", "", "成都研发基地2024年启用。"),
        ("青藏铁路全长多少？", "", "京張鐵路全長201公里。"),
        ("红湖医院院长是谁？", "", "蓝湖医院院长由陈立功担任。"),
        ("南区仓库的容量是多少？", "", "北区仓库容量为3000立方米。"),
    ],
)
def test_what_has_another_name_is_another_thing(question: str, around: str, text: str) -> None:
    assert is_of_another(question, around + text, text)


@pytest.mark.parametrize(
    ("question", "around", "text"),
    [
        ("武汉研发基地何时启用？", "武汉市\n", "新建研发基地2024年启用。"),
        ("武汉研发基地何时启用？", "", "研发基地2024年启用。"),
        ("武汉研发基地何时启用？", "", "本研发基地2024年启用。"),
        ("公司年假有几天？", "", "员工年假为五天。"),
        ("设备质保期多久？", "", "整机质保期为两年。"),
    ],
    ids=["named around", "no name", "its own", "a common noun", "another common noun"],
)
def test_what_has_the_same_name_or_none_may_be_the_same_thing(question: str, around: str, text: str) -> None:
    assert not is_of_another(question, around + text, text)


def test_a_number_is_of_what_its_clause_speaks() -> None:
    asked, text = read_question("丙级委员会有几个人？"), "设丙级委员会，乙级委员会三人。"
    weights = dict.fromkeys(terms("丙级委员会"), 1.0)
    apart = beside_values(asked, weights, frozenset(terms(text)), text)
    assert apart < beside_values(asked, weights, frozenset(terms("丙级委员会五人")), "丙级委员会五人") == 1.0
