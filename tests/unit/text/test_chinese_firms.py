"""A firm is named from its place or brand to its legal form, whatever the dictionary takes the words between for."""

from __future__ import annotations

import pytest

from graphrag_lite.text.chinese import chinese_names


def organizations(text: str) -> set[str]:
    found = chinese_names(text, 0, len(text))
    return {text[name.start : name.end] for name in found if name.type == "organization" and name.is_strong}


FIRMS = [
    "苏州恒远精密制造有限公司",
    "德瑞克自动化设备（上海）有限公司",
    "南京晨光集团有限责任公司",
    "聚信生物医药（厦门）有限公司",
    "中国建筑第八工程局有限公司",
    "厦门金龙联合汽车工业有限公司",
    "北京字节跳动科技有限公司",
]


@pytest.mark.parametrize("firm", FIRMS)
@pytest.mark.parametrize(
    "sentence",
    ["甲方：{}", "由{}负责施工。", "供应商{}擅自更换了元件。", "公司收购{}全部股权。", "经{}批准，工程开工。"],
    ids=["label", "by", "counterpart", "deed", "preposition"],
)
def test_a_firm_reaches_back_to_what_is_no_part_of_a_name(firm: str, sentence: str) -> None:
    assert organizations(sentence.format(firm)) == {firm}


def test_firms_end_where_the_next_begins() -> None:
    text = "原告苏州汇通集团与被告恒达国际贸易有限公司均未到庭，上市公司北京首钢股份有限公司作证。"
    assert organizations(text) == {"苏州汇通集团", "恒达国际贸易有限公司", "北京首钢股份有限公司"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("报国家发展和改革委员会批准。", "国家发展和改革委员会"),
        ("苏州市住房和城乡建设局发布通知。", "苏州市住房和城乡建设局"),
        ("国家卫生健康委员会发布通知。", "国家卫生健康委员会"),
        ("提交中国国际经济贸易仲裁委员会上海分会仲裁。", "中国国际经济贸易仲裁委员会上海分会"),
        ("应浙江省建设厅之邀。", "浙江省建设厅"),
        ("他考入北京市第八中学。", "北京市第八中学"),
        ("承租方武汉协和医院按季度支付租金。", "武汉协和医院"),
        ("运至甲方苏州工厂。", "苏州工厂"),
        ("她现任山东省水利厅副主任。", "山东省水利厅"),
        ("安徽和江苏管理局发布通知。", "江苏管理局"),
    ],
)
def test_an_office_is_named_in_full_and_without_what_stands_before(text: str, name: str) -> None:
    assert organizations(text) == {name}


@pytest.mark.parametrize(
    "text", ["普通员工乘坐高铁。", "向房屋所在地人民法院提起诉讼。", "一家有限公司加入集团。", "国家公园和国家政府。"]
)
def test_what_many_are_called_is_no_organization(text: str) -> None:
    assert organizations(text) == set()
