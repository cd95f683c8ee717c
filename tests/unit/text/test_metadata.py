from __future__ import annotations

from typing import Any

import pytest

from graphrag_lite.text.metadata import searched_metadata, shown_metadata

STATED = {"date": "2024-03-05", "author": "Ana Ruiz", "tenant": "acme", "by": {"desk": "north"}}


@pytest.mark.parametrize(
    ("metadata", "keys", "shown"),
    [
        (STATED, ("author", "date"), "author: Ana Ruiz; date: 2024-03-05"),
        (STATED, (), ""),
        (STATED, ("by.desk", "by", "nothing"), "by.desk: north"),
        ({"by.desk": "south", "by": {"desk": "north"}}, ("by.desk",), "by.desk: south"),
        ({"tags": ["dock", 7, True, {"a": 1}]}, ("tags",), "tags: dock, 7, true"),
        ({"year": 0, "open": False}, ("year", "open"), "year: 0; open: false"),
        ({"author": "Ana\n#end\tRuiz "}, ("author",), "author: Ana #end Ruiz"),
        ({"author": ""}, ("author",), ""),
        ({"author": "x" * 200}, ("author",), "author: " + "x" * 79 + "…"),
    ],
)
def test_metadata_stands_on_one_line_in_the_order_of_its_keys(
    metadata: dict[str, Any], keys: tuple[str, ...], shown: str
) -> None:
    assert shown_metadata(metadata, keys) == shown


def test_dates_are_searched_as_questions_name_them() -> None:
    assert searched_metadata(STATED, ("date", "author")) == "2024-03-05 Ana Ruiz March 2024 2024年3月"
    assert searched_metadata({"date": "05.03.2024"}, ("date",)) == "05.03.2024"
    assert searched_metadata({}, ("date",)) == ""
