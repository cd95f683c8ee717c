import pytest

from graphrag_lite.query.extractive.whose_in_chinese import is_of_another


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
