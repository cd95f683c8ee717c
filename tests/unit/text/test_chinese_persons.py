"""A surname and a given name are a person where the words around them say so, whatever the dictionary makes of them."""

from __future__ import annotations

import pytest

from graphrag_lite.text.chinese import chinese_names
from graphrag_lite.text.chinese_persons import is_given, recurring_persons


def strong_persons(text: str) -> set[str]:
    found = chinese_names(text, 0, len(text))
    return {text[name.start : name.end] for name in found if name.type == "person" and name.is_strong}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("负责人为周敏慧，联系电话见附件。", "周敏慧"),
        ("法定代表人：顾振华", "顾振华"),
        ("公告发布人：质量管理部经理 韩立群", "韩立群"),
        ("隧道专家李培基到场。", "李培基"),
        ("结构力学家冯若兰也在。", "冯若兰"),
        ("后來友人魏源在此基礎上編成一書。", "魏源"),
        ("由首席技术官陆建平担任主任。", "陆建平"),
        ("他的妻子周素云是一位小学教师。", "周素云"),
        ("项目经理欧阳文博负责验收。", "欧阳文博"),
    ],
)
def test_a_role_names_the_person_behind_it(text: str, name: str) -> None:
    assert strong_persons(text) == {name}


@pytest.mark.parametrize(
    "deed", ["介绍，本月无投诉", "汇报了进度", "应邀讲学", "先生缺席", "等人到场", "的父亲是木匠", "（1898年生）"]
)
def test_a_deed_at_the_start_of_a_clause_names_the_person_in_front(deed: str) -> None:
    assert strong_persons(f"会后，孙启明{deed}。") == {"孙启明"}


@pytest.mark.parametrize("text", ["由孙启明牵头沟通。", "据孙启明透露，谈判仍在进行。"])
def test_a_person_is_named_between_a_preposition_and_a_deed(text: str) -> None:
    assert strong_persons(text) == {"孙启明"}


@pytest.mark.parametrize(
    "text", ["记录：徐佳宁", "复核人为徐佳宁，已归档。", "| 整改 | 徐佳宁 | 5月24日 |", "出租方（甲方）：徐佳宁"]
)
def test_a_name_that_fills_a_field_is_a_person(text: str) -> None:
    assert strong_persons(text) == {"徐佳宁"}


def test_who_is_listed_with_a_person_is_one_too() -> None:
    assert strong_persons("两名外包人员郭凯、丁雪和吴桐已到岗。") == {"郭凯", "丁雪", "吴桐"}


@pytest.mark.parametrize(
    "text",
    [
        "专家高度评价了这一方案，部门经理马上到场。",
        "负责人安排时间，管理人员包括保洁。",
        "老师傅说话慢，管理人员安全意识强。",
        "3项指标应达到标准，高标准应落实。",
        "单位：元，颜色：白色，温度：高。",
        "祖父母、外祖父母去世的，给予丧假。连接池也要扩容。",
        "法定代表人盖章，主任和经理签字。",
        "百姓称之为「林公井」。",
    ],
)
def test_other_words_that_begin_with_a_surname_are_no_persons(text: str) -> None:
    assert {name.type for name in chinese_names(text, 0, len(text))} <= {""}


def test_a_name_that_recurs_between_other_words_is_a_person() -> None:
    text = "沈家烈考入学校。1933年沈家烈应邀设计大桥，后来沈家烈奉命炸毁大桥。"
    assert recurring_persons(text) == ["沈家烈"]


@pytest.mark.parametrize(
    "text",
    [
        "沈家烈来了。" * 3,
        "高丽国的王。到高丽国去。高丽国！",
        "高标准的路，低于高标准，高标准！",
        "阿舒马赫，·舒马赫：舒马赫。",
    ],
    ids=["same neighbours", "a country", "no given name", "part of a foreign name"],
)
def test_what_recurs_otherwise_is_no_person(text: str) -> None:
    assert recurring_persons(text) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [("孙启明", True), ("丁雪", True), ("欧阳海波", True), ("孙", False), ("高标准", False), ("海波", False)],
)
def test_a_given_name_is_made_of_the_characters_of_given_names(name: str, expected: bool) -> None:
    assert is_given(name) is expected
