import pytest

from graphrag_lite.query.numbered import is_of_other_number, without_numbers_of_others


@pytest.mark.parametrize(
    ("question", "text", "is_said"),
    [
        ("Who built Lamp 8?", "Ned built Lamp 8.", True),
        ("Who built Lamp 8?", "Ned built lamps, as v8 is.", True),
        ("Who built Lamp 8?", "8 (May 2001)", True),
        ("Who built Lamp 8?", "| v8 | Ned |", True),
        ("Who built Lamp 8?", "Lamp 4 was built on 8 April.", False),
        ("Who built Lamp 8?", "8. Ned built it.", False),
        ("Who built Lamp 8?", "Lamp 8.1 was built by Ned.", False),
        ("Who built 1.8?", "Ned built 1.8 in May.", True),
        ("Who built 1.8?", "Ned built 2.1 on 1 and 8 May.", False),
        ("Who came on May 8?", "Ned came, 8 times.", True),
        ("Had Ada 8 lamps?", "Ned has 8 lamps.", True),
    ],
)
def test_the_number_of_a_name_is_not_said_by_another(question, text, is_said):
    found = without_numbers_of_others(question, frozenset({"8", "built"}), text)
    assert ("8" in found, "built" in found) == (is_said, True)


@pytest.mark.parametrize(
    ("question", "entry", "is_other"),
    [
        ("Who built Lamp 8?", "Lamp 7 Tern (May 2001)", True),
        ("Who built Lamp 8?", "Lamp 8 Gull (May 2003)", False),
        ("Who built Lamp 8?", "## 13 February 2024", False),
        ("Who built Lamp 1.8?", "## 1.7 (May 2001)", True),
        ("What was added in 1.8?", "## [1.7]", True),
        ("What was added in 1.8?", "## [1.8]", False),
        ("What was added?", "## 1.7", False),
        ("How long is a 7-cell lamp?", "A 5-cell lamp is 40 cm long.", True),
        ("How long is a 7-cell lamp?", "A 5-cell lamp is 40 cm long, a 7-cell lamp 60 cm.", False),
        ("How long is a 7-cell lamp?", "A lamp of 7 cells is 60 cm long.", False),
    ],
)
def test_an_entry_of_another_number_is_of_another_thing(question, entry, is_other):
    assert is_of_other_number(question, entry) is is_other
