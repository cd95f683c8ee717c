import pytest

from graphrag_lite.query.asked import read_question
from graphrag_lite.query.extractive.tables import columns_before, is_cell_asked, is_key_asked, ruled_at
from graphrag_lite.records import Passage

HEAD = "| lamp | first lit | keeper |"
TABLE = f"The lamps:\n\n{HEAD}\n|---|---|---|\n| P-1 | 2019-05-02 | Ada Quill |\n| P-2 | 2020-06-03 | Ned |\n"


def passage(text, start):
    return Passage("doc", "c1", text, start, start + len(text), 1.0)


def test_the_columns_of_a_table_that_goes_on_in_a_passage_are_named_before_it():
    start = TABLE.index("| P-2")
    there, first, last = columns_before([passage(TABLE[start:], start)], lambda _: TABLE)["c1"]
    assert there.text[first:last] == TABLE[there.start : there.end] == HEAD


@pytest.mark.parametrize("gap", ["\nOther lamps:\n\n", "\n"])
def test_what_stands_between_ends_a_table(gap):
    text = f"{TABLE}{gap}| P-3 | 2021-01-01 | Ida |\n"
    start = text.index("| P-3")
    assert not columns_before([passage(text[start:], start)], lambda _: text)


@pytest.mark.parametrize(
    ("question", "row", "is_asked"),
    [
        ("Who is the keeper of P-2?", "| P-2 | 2020-06-03 | Ned |", True),
        ("When was P-2 first lit?", "| P-2 | 2020-06-03 | Ned |", True),
        ("When was P-2 first lit?", "| P-2 | unknown | Ned |", False),
        ("When was P-2 first lit?", "| P-23 | 2020-06-03 | Ned |", False),
        ("When was P-2 first lit?", "| P-2 b | 2020-06-03 | Ned |", False),
        ("What does P-2 cost?", "| P-2 | 2020-06-03 | Ned |", False),
        ("Who is the keeper of P-2?", "| P-2 | 2020-06-03 | - |", False),
    ],
)
def test_a_cell_is_asked_for_by_what_its_row_begins_with_and_the_name_of_its_column(question, row, is_asked):
    assert is_cell_asked(read_question(question), HEAD, row) is is_asked


def test_a_column_may_be_called_by_how_a_question_asks():
    asked = read_question("E5报错的原因是什么")
    assert is_cell_asked(asked, "| 代码 | 原因 |", "| E5 | 断网 |")


def test_what_a_row_begins_with_is_asked_for_whole():
    assert is_key_asked("Who keeps lamp P-2?", "| **P-2** | Ned |")
    assert not is_key_asked("Who keeps lamp P-2.5?", "| P-2 | Ned |")


@pytest.mark.parametrize("below", ["-" * 19_000 + "x", ("-" * 20 + "\n") * 1000 + "x", "\n" * 19_000 + "x"])
def test_lines_of_rules_without_end_are_read_in_linear_time(below):
    assert ruled_at(f"| a |\n{below}", 0, len(below) + 6) is None


def test_the_rule_below_the_names_of_columns_ends_them():
    text = "| lamp | oil |\n|------|-----|"
    assert text[: ruled_at(text, 0, len(text))] == "| lamp | oil |"
    assert ruled_at("| lamp | oil |", 0, 14) is None
