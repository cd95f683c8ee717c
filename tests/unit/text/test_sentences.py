"""Sentence borders."""

from __future__ import annotations

from itertools import pairwise

import pytest

from graphrag_lite.text.sentences import sentence_spans

CASES = {
    "abbreviations": (
        "Mr. Smith met J. K. Rowling. The U.S. Army came.",
        ["Mr. Smith met J. K. Rowling.", "The U.S. Army came."]),
    "quotes": ('He said "Go!" and left. "What?" said he.', ['He said "Go!" and left.', '"What?" said he.']),
    "numbers": ("It is 3.5 m. See Fig. 3. Yes.", ["It is 3.5 m.", "See Fig. 3.", "Yes."]),
    "time of day": ("We met at 5 p.m. She left.", ["We met at 5 p.m.", "She left."]),
    "chinese quotes": (
        "“他说：好。”然后走了。「在港」真的？！是",
        ["“他说：好。”", "然后走了。", "「在港」真的？！", "是"]),
    "heading": ("A Heading\nText follows. More", ["A Heading", "Text follows.", "More"]),
    "list": ("- one\n- two\n1. three\n2. four", ["- one", "- two", "1. three", "2. four"]),
    "chinese bullets": (
        f"●{'投资金额为二亿元，' * 6}其中自有资金一亿元\n●风险提示\n①甲方",
        [f"●{'投资金额为二亿元，' * 6}其中自有资金一亿元", "●风险提示", "①甲方"]),
    "transcript": ("ANN LEE: Hi.\nBOB: Hello there", ["ANN LEE: Hi.", "BOB: Hello there"]),
    "wrapped": (
        "This line was broken by an editor in front of Ghost\nPast, and goes on.",
        ["This line was broken by an editor in front of Ghost\nPast, and goes on."],
    ),
    "wrapped in Chinese": (
        "公司于三月四日召开第四届董事会第十二次会议，以九票同意审议通过了关于对外投\n资设立公司的议案。\n附件\n议案",
        ["公司于三月四日召开第四届董事会第十二次会议，以九票同意审议通过了关于对外投\n资设立公司的议案。",
         "附件", "议案"],
    ),
    "paragraphs": ("one\n\ntwo", ["one", "two"]),
    "nothing": (" \n ...\n", []),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    assert [text[a:b] for a, b in sentence_spans(text)] == expected


def test_spans_are_ordered_and_do_not_overlap() -> None:
    text = " ".join(case[0] for case in CASES.values())
    spans = sentence_spans(text)
    assert all(a < b for a, b in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
