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
    "heading of some length": (
        "## A heading that is longer than most lines are, by some words\nand text.",
        ["## A heading that is longer than most lines are, by some words", "and text."]),
    "heading in capitals": ("EXIT STATUS\n  is 0.", ["EXIT STATUS", "is 0."]),
    "shouting": (
        "THIS SOFTWARE IS GIVEN WITHOUT A WARRANTY OF ANY KIND,\nEXPRESS OR IMPLIED.",
        ["THIS SOFTWARE IS GIVEN WITHOUT A WARRANTY OF ANY KIND,\nEXPRESS OR IMPLIED."]),
    "list": ("- one\n- two\n1. three\n2. four", ["- one", "- two", "1. three", "2. four"]),
    "chinese bullets": (
        f"●{'投资金额为二亿元，' * 6}其中自有资金一亿元\n●风险提示\n①甲方",
        [f"●{'投资金额为二亿元，' * 6}其中自有资金一亿元", "●风险提示", "①甲方"]),
    "transcript": ("ANN LEE: Hi.\nBOB: Hello there", ["ANN LEE: Hi.", "BOB: Hello there"]),
    "chat": (
        "[13:02] ann.lee: the pods are up but the proxy is not\n[13:03] bob: ack, looking",
        ["[13:02] ann.lee: the pods are up but the proxy is not", "[13:03] bob: ack, looking"]),
    "log": (
        "2024-07-09 16:44  Ann  we lost our third biggest customer\n2024-07-09 16:47  Bob  ouch",
        ["2024-07-09 16:44  Ann  we lost our third biggest customer", "2024-07-09 16:47  Bob  ouch"]),
    "chat exported from a telephone": (
        "24/03/2024, 16:44 - Ann: we lost our third biggest customer\n24/03/2024, 16:47 - Bob: ouch",
        ["24/03/2024, 16:44 - Ann: we lost our third biggest customer", "24/03/2024, 16:47 - Bob: ouch"]),
    "a time after a wrapped line": (
        "The window was read-only and the cutover finished at\n02:57 UTC on Sunday.",
        ["The window was read-only and the cutover finished at\n02:57 UTC on Sunday."]),
    "quotation": (
        "> The ledger moves from the old cluster to the new one\n> on Saturday. The freeze starts\n>\n> Hi",
        ["> The ledger moves from the old cluster to the new one\n> on Saturday.", "The freeze starts", "> Hi"]),
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
