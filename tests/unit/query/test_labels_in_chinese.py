import pytest

from graphrag_lite.query.labels_in_chinese import label_asked, says_value


@pytest.mark.parametrize(
    ("question", "label"),
    [
        ("项目经理是谁？", "项目经理"),
        ("谁是乙方？", "乙方"),
        ("灯塔项目的监理单位是哪家？", "监理单位"),
        ("开工日期是什么时候？", "开工日期"),
        ("注册资本是多少万元？", "注册资本"),
        ("交货地点在哪里", "交货地点"),
        ("工期多长？", "工期"),
    ],
)
def test_a_question_may_ask_for_what_a_label_says(question: str, label: str) -> None:
    assert label_asked(question) == label


@pytest.mark.parametrize("question", ["公司有多少员工？", "公司有什么产品？", "公司有几个人？", "公司什么时候成立？"])
def test_what_says_more_than_a_noun_asks_for_no_label(question: str) -> None:
    assert label_asked(question) != "公司"


@pytest.mark.parametrize(
    ("label", "line", "is_told"),
    [
        ("项目经理", "项目经理：高志远", True),
        ("项目经理", "- **项目经理**: 高志远", True),
        ("项目经理", "三、項目經理：高志遠", True),
        ("甲方", "委托方（甲方）：江北公司", True),
        ("委托方", "委托方（甲方）：江北公司", True),
        ("经理", "项目经理：高志远", False),
        ("项目经理", "项目经理应每周提交报告。", False),
        ("项目经理", "项目经理：", False),
        ("合同总价", "合同总价款为512万元。", True),
        ("合同总价", "合同总价的30%为预付款。", False),
        ("", "项目经理：高志远", False),
    ],
)
def test_a_label_is_told_by_a_line_of_it_or_a_sentence_that_says_what_it_is(
    label: str, line: str, is_told: bool
) -> None:
    assert says_value(label, line) is is_told
