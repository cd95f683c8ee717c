import pytest

from graphrag_lite.query.asked import read_question


@pytest.mark.parametrize(
    ("question", "line", "is_named"),
    [
        ("Who wrote The Lamp?", "Author: Ada Quill", True),
        ("Who wrote The Lamp?", "By Ada Quill", True),
        ("Who wrote The Lamp?", "By Ada Quill and her brother", False),
        ("Who wrote The Lamp?", "Author: unknown", False),
        ("Who wrote The Lamp?", "Translator: Ada Quill", False),
        ("Who painted The Lamp?", "By Ada Quill", False),
        ("Who approved the report?", "Approved by: Dr. Ada Quill", True),
        ("Who has the phone 555-0101?", "Name: Ada Quill", True),
        ("Who signed for the Buyer?", "For the Buyer: Ada Quill, Director", True),
        ("Who signed for the Buyer?", "The Buyer: Ada Quill", False),
        ("Who is Ada Quill?", "ADA QUILL: Right", False),
        ("When was The Lamp written?", "Author: Ada Quill", False),
        ("《灯塔》是谁写的？", "作者：林晓舟", True),
        ("谁翻译了《灯塔》？", "译者：王立群", True),
        ("谁翻译了《灯塔》？", "作者：林晓舟", False),
    ],
)
def test_a_label_names_who_did_what_is_asked(question, line, is_named):
    assert read_question(question).names_agent(line) == is_named
