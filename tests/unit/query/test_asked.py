"""What is read from the words of a question."""

from __future__ import annotations

import pytest

from graphrag_lite.query.asked import question_language, values_of


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("What is 清源人工智能研究院?", "en"),
        ("Who wrote 红楼梦 and 西游记?", "en"),
        ("Wi-Fi Protected Access version 3 支持吗？", "zh"),
        ("GPT-4 Turbo 臺灣什麼時候發布", "zh"),
        ("清源院 president", "zh"),
        ("Qingyuan president", "en"),
    ],
)
def test_the_language_is_that_of_the_words_that_ask(question: str, language: str) -> None:
    assert question_language(question) == language


@pytest.mark.parametrize(
    ("kind", "text", "values"),
    [
        ("number", "2023年11月8日上午10时26分，3号斜井有127名工人。", {"3", "127"}),
        ("number", "处二万元以上二十万元以下的罚款，不超过百分之十五", {"二万", "二十万", "百分之十五"}),
        ("date", "永和六年春闱，5月24日前", {"六年", "5月24日"}),
        ("date", "一般来说，统一的产品", set()),
        ("number", "一般来说，统一的产品", set()),
    ],
)
def test_values_are_dates_and_numbers_as_chinese_writes_them(kind: str, text: str, values: set[str]) -> None:
    assert values_of(kind, text) == values
