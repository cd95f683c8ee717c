import pytest

from graphrag_lite.query.extractive.units import units
from graphrag_lite.text.fields import field_of, records_among


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("Serial: 4711", ("Serial", "4711")),
        (":Number of Lamps: 3", ("Number of Lamps", "3")),
        ("- **Phone:** 555-0101", ("Phone", "555-0101")),
        ("设备编号：泵七号", ("设备编号", "泵七号")),
        ("Publisher: Lantern Press Inc.", ("Publisher", "Lantern Press Inc.")),
        ("Note: The valve must be closed first.", None),
        ("他说：我们明天再来。", None),
        ("10:30 tea", None),
        ("site: Dunmore; manager: Ada Quill", None),
        ("https://example.org/a", None),
    ],
)
def test_a_field_is_a_label_and_a_value_and_no_sentence(line, field):
    assert field_of(line) == field


def numbers(text):
    return records_among(text, units(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The plant is old.\n\nUnit: P-7\nSerial: 4711\n\nUnit: P-8\nSerial: 4890", [0, 1, 1, 2, 2]),
        ("Unit: P-7\nSerial: 4711\nUnit: P-8\nSerial: 4890", [1, 1, 2, 2]),
        ("Title: The Lamp\n\nAuthor: Ada Quill\n\nThe lamp was lit.", [1, 1, 0]),
        ("Pump P-7\nSerial: 4711\nColour: red", [1, 1, 1]),
        ("# Pumps\nSerial: 4711\nColour: red", [0, 1, 1]),
        ("Status: final\n\nThe lamp was lit.", [0, 0]),
    ],
    ids=["blank line", "first label again", "blank lines between all", "named above", "under a heading", "alone"],
)
def test_lines_of_one_record_have_its_number(text, expected):
    assert numbers(text) == expected
