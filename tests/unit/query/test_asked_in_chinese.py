import pytest

from graphrag_lite.query.asked_in_chinese import (
    as_definition_in_chinese,
    attribute_in_chinese,
    matter_in_chinese,
    opening_in_chinese,
    owner_in_chinese,
    subject_in_chinese,
    within_words,
    without_asking,
    words_in_chinese,
)
from graphrag_lite.query.counting import counted_in_chinese
from graphrag_lite.text.normalize import terms


def test_whose_what_is_asked_for_is_read() -> None:
    assert attribute_in_chinese("海州市的人口是多少？") == {"人口"}
    assert owner_in_chinese("海州市的人口是多少？") == {"海州", "州市"}
    assert not owner_in_chinese("海州市的市长的老师是谁？")  # two steps away
    assert not attribute_in_chinese("人口是多少？")


def test_the_words_of_asking_are_left_out_of_what_is_to_be_defined() -> None:
    assert subject_in_chinese("什么是强化学习？") == subject_in_chinese("强化学习是什么？") == "强化学习"


@pytest.mark.parametrize(
    "question",
    ["开放时间是几点到几点？", "开放时间是星期几？", "开放时间是几号？", "开放时间有几年？", "有哪几种开放时间？"],
)
def test_the_words_that_ask_for_a_time_are_not_of_the_matter(question: str) -> None:
    assert set(terms(without_asking(question))) == set(terms("开放时间"))


@pytest.mark.parametrize(
    ("question", "matter"),
    [
        ("押金能退吗？", "押金 退"),
        ("会员卡能不能转让给别人？", "会员卡 转让"),
        ("旷工几天会被开除？", "旷工 开除"),
        ("押金在退房多久之后可以退还？", "押金 退房 退还"),
        ("能源由谁供应？", "能源 供应"),
        ("每周几点开会？", "每周 开会"),
        ("面条要煮几分钟？", "面条 煮"),
        ("《我和你》由谁演唱？", "《我和你》 演唱"),
    ],
)
def test_no_pair_of_characters_stands_across_words_of_grammar(question: str, matter: str) -> None:
    assert set(terms(matter_in_chinese(question))) == set(terms(matter))


def test_a_question_is_about_what_it_begins_with() -> None:
    assert "量子" in opening_in_chinese("量子计算机的工作原理是什么？")
    assert not opening_in_chinese("它的原理是什么？")


def test_what_is_counted_is_a_whole_word() -> None:
    assert counted_in_chinese("公司有多少名员工？") == {"员工"}
    assert not counted_in_chinese("公司有多少钱？")


def test_a_pair_of_characters_across_two_words_weighs_nothing() -> None:
    assert within_words({"海州": 1.0, "州人": 9.0, "人口": 2.0}, 9.0) == {"海州": 1.0, "人口": 2.0}


def test_words_of_the_matter_are_read_and_characters_that_stand_alone_taken_together() -> None:
    assert frozenset(terms("设备")) in words_in_chinese("设备的管理员是谁？")
    assert frozenset(terms("鹊巢")) in words_in_chinese("鹊巢的主任是谁？")


def test_a_question_for_a_definition_is_read_in_one_form() -> None:
    assert as_definition_in_chinese("谁是医院的院长？") == "医院的院长是谁？"
    assert as_definition_in_chinese("备案的定义") == as_definition_in_chinese("备案的含义是什么") == "备案是什么"
    assert as_definition_in_chinese("谁是第一个到的，为什么？") == "谁是第一个到的，为什么？"
