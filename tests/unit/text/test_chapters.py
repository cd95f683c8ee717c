import pytest

from graphrag_lite.text.chapters import contents_among, is_chapter, without_number
from graphrag_lite.text.sentences import sentence_spans


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("Chapter 4 Replacing the filter", True),
        ("STAVE ONE", True),
        ("第四章 更换滤芯", True),
        ("Part of the roof fell in.", False),
        ("Chapter 4 tells how the filter is replaced.", False),
        ("第四章讲如何更换滤芯。", False),
    ],
)
def test_a_chapter_is_named_by_what_counts_it(line, is_one):
    assert is_chapter(line) == is_one


@pytest.mark.parametrize(
    ("heading", "bare"),
    [
        ("Chapter 4 Replacing the filter", "Replacing the filter"),
        ("第四章 更换滤芯", "更换滤芯"),
        ("2.1 Scope", "Scope"),
        ("STAVE ONE", "STAVE ONE"),
        ("2024 figures", "figures"),
        ("Filters", "Filters"),
    ],
)
def test_a_heading_is_read_without_its_number(heading, bare):
    assert without_number(heading) == bare


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Unpacking the drone .......... 3\nCharging it ...... 9\nRepairs ...... 33\nOpen the case.", [1, 1, 1, 0]),
        ("第一章 开箱……………3\n第二章 充电……………9\n第三章 保修……………33", [1, 1, 1]),
        ("STAVE ONE           3\nSTAVE TWO          37\nSTAVE THREE        69", [1, 1, 1]),
        ("Oslo     40\nBergen     12\nVadso     7", [0, 0, 0]),
        ("Coffee .... 3\nTea .... 2\nCake .... 4", [0, 0, 0]),
        ("It took us to page 3\nIt took them to page 9\nAnd us to page 12", [0, 0, 0]),
    ],
    ids=["points", "chinese", "spaces", "figures", "prices", "prose"],
)
def test_lines_that_lead_to_pages_in_order_are_a_table_of_contents(text, expected):
    lines = [text[start:end] for start, end in sentence_spans(text)]
    assert contents_among(lines) == [bool(is_one) for is_one in expected]


def test_figures_in_order_are_no_pages_where_figures_are_wanted():
    assert not any(contents_among(["Oslo     7", "Bergen     12", "Vadso     40"], may_be_figures=True))
