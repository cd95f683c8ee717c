import pytest

from graphrag_lite.query.measures import gives_age, measured_in_chinese, measures_asked
from graphrag_lite.text.normalize import terms


@pytest.mark.parametrize(
    ("text", "is_given"),
    [
        ("Ada, who is 46, left.", True),
        ("Ada was forty-six years old.", True),
        ("Ada (46) left.", True),
        ("Ada is seventeen.", True),
        ("Ada Quill, aged 12, and Ned", True),
        ("Ada was born in Port Selby in 1949.", True),
        ("the 46-year-old", True),
        ("Ada is six months old.", True),
        ("The old gentleman was two inches taller than Ada.", False),
        ("Ada was 3 metres behind.", False),
    ],
)
def test_an_age_is_told_in_many_ways(text: str, is_given: bool) -> None:
    assert gives_age("How old is Ada?", text) is is_given
    assert gives_age("How tall is Ada?", text)


@pytest.mark.parametrize(
    ("question", "text", "said"),
    [
        ("How long does oil last?", "Oil lasts 3 days.", {"long"}),
        ("How far in advance do I call?", "Call two weeks before.", {"far"}),
        ("How far is Leith?", "Leith was founded 3 days later.", set()),
        ("At what temperature does oil burn?", "Oil burns at 210 °C.", {"temperatur"}),
        ("What percentage of lamps is sold?", "5 percent of the lamps are sold.", {"percentag"}),
        ("What is the maximum price of a lamp?", "A lamp may cost up to 9 pounds.", {"maximum", "price"}),
        ("What is the lowest price of a lamp?", "A lamp costs at least 9 pounds.", {"lowest", "price"}),
    ],
)
def test_a_measure_is_told_in_its_unit(question: str, text: str, said: set[str]) -> None:
    asked = measures_asked(question, frozenset(terms(question)))
    assert {term for saying, found in asked.items() if saying.search(text) for term in found} == said


@pytest.mark.parametrize(
    ("question", "text", "is_given"),
    [
        ("库容有多大？", "库容为3.5亿立方米。", True),
        ("功率有多大？", "功率为5千瓦。", True),
        ("误差有多大？", "误差为百分之五。", True),
        ("内存要多大？", "内存至少需要 8 GB。", True),
        ("温度有多高？", "温度为80℃。", True),
        ("工资有多高？", "工资为每月8000元。", True),
        ("塔有多高？", "塔位于海州路356号，2017年建成。", False),
        ("塔有多深？", "塔占全部的百分之五。", False),
        ("学制几年？", "学制为4年，学费5000元。", True),
        ("质保期是几个月？", "质保期为两年。", True),
        ("年终奖是几个月？", "年终奖(月): 3", True),
        ("学制几年？", "学校有4个系。", False),
        ("团队有多少人？", "团队有12人。", True),
        ("团队有多少人？", "团队有十二名工程师。", True),
        ("会议有几个人参加？", "变更须提前3天提单。", False),
        ("大桥花了多少钱？", "大桥耗资540万元。", True),
        ("大桥花了多少钱？", "The bridge cost $540,000, 也就是540万。", True),
        ("大桥花了多少钱？", "大桥建于1958年，占地6000平方米。", False),
        ("大桥有多长？", "大桥全长1453米，高80米。", True),
        ("工期有多长？", "工期为三年。", True),
        ("大桥有多宽？", "大桥全长1453米。", False),
        ("大桥有多高？", "大桥全长1453米，耗资540万元。", False),
        ("大桥有多高？", "大桥全长1453米，80米高。", True),
        ("山有多高？", "山顶海拔1860米。", True),
        ("车站有多远？", "车站距市区20公里。", True),
        ("合同总价是多少？", "合同总价的30%作为预付款。", False),
        ("合同总价是多少？", "合同总价的百分之三十作为预付款。", False),
        ("合同总价是多少？", "合同签订后10天内支付合同总价。", False),
        ("合同总价是多少？", "1. 签订后支付合同总价的30%。", False),
        ("项目的预算是多少？", "项目组只有4人，补充2名。", False),
        ("合同总价是多少？", "合同总价为5,120,000元。", True),
        ("滤网的价格是多少？", "| QF-02 | 89 |", True),
        ("李明几岁了？", "李明今年四十二岁。", True),
        ("李明多少岁？", "李明住在海州路5号。", False),
    ],
)
def test_a_chinese_measure_is_told_in_a_unit_of_its_own(question: str, text: str, is_given: bool) -> None:
    units = measured_in_chinese(question)
    assert units is not None
    assert bool(units.search(text)) is is_given
