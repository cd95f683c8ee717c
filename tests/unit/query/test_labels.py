import pytest

from graphrag_lite.query.asked import read_question
from graphrag_lite.query.labels import is_label_asked


@pytest.mark.parametrize(
    ("question", "line", "is_asked"),
    [
        ("What is the symbol for quillium?", "Symbol: Qu", True),
        ("How many wicks are there?", ":Number of Wicks: 569", True),
        ("When was the start of the trip?", "- **Start date:** 4 May", True),
        ("What is needed to end the trip?", "End date: 4 May", False),
        ("What is the symbol for the Aurora?", "Aurora: a boat", False),
        ("What is the symbol for quillium?", "Symbol: quillium", False),
        ("What is the symbol for quillium?", "Old symbol: Qi", False),
        ("Why was the visit put off?", "Visit: put off", False),
        ("What is the symbol for quillium?", "The symbol is Qu.", False),
        ("What is the symbol for quillium?", "| Symbol | Qu |", True),
        ("What is the symbol for quillium?", "| Symbol | Qu | 12 |", False),
        ("灯塔用哪个接口？", "接口: lamp_state", True),
        ("灯塔用哪个接口？", "| 接口 | lamp_state |", True),
        ("灯塔的临时解决方案是什么？", "解决方案：换灯", False),
    ],
)
def test_a_label_is_asked_for_whole_and_its_value_not_said(question, line, is_asked):
    assert is_label_asked(read_question(question), line) is is_asked
