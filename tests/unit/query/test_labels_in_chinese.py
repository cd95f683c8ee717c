import pytest

from graphrag_lite.query.labels_in_chinese import is_labelled, label_asked


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
        ("", "项目经理：高志远", False),
    ],
)
def test_a_line_is_of_its_whole_label_and_of_that_in_brackets(label: str, line: str, is_told: bool) -> None:
    assert is_labelled(label, line) is is_told
