import pytest

from graphrag_lite.query.values import kind_of_answer, looks_like, values_of


@pytest.mark.parametrize(
    ("kind", "text", "values"),
    [
        ("number", "2023年11月8日上午10时26分，3号斜井有127名工人。", {"3", "127"}),
        ("number", "育有两子一女", {"两", "一"}),
        ("number", "处二万元以上二十万元以下的罚款，不超过百分之十五", {"二万", "二十万", "百分之十五"}),
        ("date", "永和六年春闱，5月24日前", {"六年", "5月24日"}),
        (
            "date",
            "班车于7:15发车，8:30至21:00开放，下午3点或三点半闭馆",
            {"7:15", "8:30", "21:00", "下午3点", "三点半"},
        ),
        ("date", "系统于2023/11/05上线，大桥全长1453米", {"2023"}),
        ("date", "每月10日发薪，例会定于每周五，每周一次，一周五天", {"每月10日", "周五"}),
        ("date", "一般来说，统一的产品", set()),
        ("number", "一般来说，统一的产品", set()),
    ],
)
def test_values_are_dates_and_numbers_as_chinese_writes_them(kind: str, text: str, values: set[str]) -> None:
    assert values_of(kind, text) == values


@pytest.mark.parametrize(
    ("kind", "text", "other"),
    [
        ("number", "It has four lamps.", "It has lamps."),
        ("date", "It opened in May 1902. 建于1902年", "It opened again."),
        ("place", "Ada lives at Leith.", "Ada lives alone."),
        ("place", "公司位于海州", "公司很大"),
        ("reason", "It fell because of the storm.", "It fell."),
    ],
)
def test_a_sentence_that_gives_such_an_answer_has_a_sign_of_it(kind: str, text: str, other: str) -> None:
    assert looks_like(kind, text)
    assert not looks_like(kind, other)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("本科学制几年？", "number"),
        ("劳动合同期限是几年？", "number"),
        ("他生于几年？", "date"),
        ("班车几点发车？", "date"),
        ("公司几号发放工资？", "date"),
        ("例会星期几召开？", "date"),
        ("例会周几召开？", "date"),
        ("开工日期是哪天？", "date"),
        ("有几点要求？", ""),
        ("食堂在几号楼？", ""),
        ("有哪几种运行模式？", ""),
    ],
)
def test_a_number_of_years_is_no_date_and_a_list_no_number(question: str, kind: str) -> None:
    assert kind_of_answer(question) == kind


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on the fifth day of March", "fifth day of march"),
        ("the twenty-first of May", "twenty-first of may"),
        ("5th of May", "5th of may"),
    ],
)
def test_a_day_may_be_written_in_words(text: str, value: str) -> None:
    assert values_of("date", text) == {value}


def test_what_is_measured_is_a_number() -> None:
    assert kind_of_answer("What is the hourly rate?") == "number"


@pytest.mark.parametrize(("question", "kind"), [("Who wrote 红楼梦？", "person"), ("GPT-4何时发布？", "date")])
def test_a_question_may_name_things_of_the_other_language(question: str, kind: str) -> None:
    assert kind_of_answer(question) == kind
