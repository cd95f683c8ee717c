from __future__ import annotations

import pytest

from graphrag_lite.llm.reply_forms import numbers_in, share_of, unquoted, with_keys


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        (2, [2]),
        ("2", [2]),
        (2.0, [2]),
        ("Fact 2", [2]),
        ("#f4a702 2", [2]),
        ("[1, 3]", [1, 3]),
        ([[1], "#3"], [1, 3]),
        ({"number": 4}, [4]),
        ("none", []),
        (True, []),
        (None, []),
    ],
)
def test_numbers_are_found_in_whatever_holds_them(said: object, numbers: list[int]) -> None:
    assert numbers_in(said) == numbers


@pytest.mark.parametrize(
    ("said", "share"),
    [
        (7, 7),
        ("7", 7),
        ("7/10", 7),
        ("4 out of 5", 8),
        ("70%", 7),
        (99, 10),
        ("high", None),
        (None, None),
        ("1/0", None),
    ],
)
def test_a_grade_is_one_of_the_whole(said: object, share: float | None) -> None:
    assert share_of(said, 10.0) == share


def test_the_most_telling_word_for_a_key_counts() -> None:
    assert with_keys({"Id": 3, "Entity-Name ": "Ada"}, {"n": ("entityname", "id")}) == {"n": "Ada"}


@pytest.mark.parametrize(("said", "value"), [("[1]", [1]), ("[1] says", "[1] says"), ("Ada", "Ada"), ([2], [2])])
def test_only_a_whole_value_is_unquoted(said: object, value: object) -> None:
    assert unquoted(said) == value
