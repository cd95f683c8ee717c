"""The questions that one question consists of."""

import pytest

from graphrag_lite.query.asked import read_question
from graphrag_lite.query.extractive.wide_reading import question_parts


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "What caused the flood, and what was changed at the dock?",
            ["What caused the flood", "what was changed at the dock"],
        ),
        ("How is wool spun and why does the price fall?", ["How is wool spun", "why does the price fall"]),
        ("合作是怎样开展的？取得了什么成果？", ["合作是怎样开展的", "取得了什么成果"]),
        ("What was sown, by whom, and how?", []),
        ("What do volunteers and local societies do?", []),
    ],
)
def test_a_question_is_split_where_another_begins(question, parts):
    assert question_parts(read_question(question)) == parts
