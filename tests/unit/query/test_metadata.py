from __future__ import annotations

from typing import Any

import pytest

from graphrag_lite.query.context import passage_source
from graphrag_lite.query.grounds import Grounds
from graphrag_lite.query.metadata import shown_metadata
from graphrag_lite.records import Passage

STATED = {"date": "2024-03-05", "author": "Ana Ruiz", "tenant": "acme", "by": {"desk": "north"}}
PASSAGE = Passage("d", "c", "The dock was drained.", 0, 21, 1.0, title="Dock", metadata=STATED)


@pytest.mark.parametrize(
    ("metadata", "keys", "shown"),
    [
        (STATED, ("author", "date"), "author: Ana Ruiz; date: 2024-03-05"),
        (STATED, (), ""),
        (STATED, ("by.desk", "by", "nothing"), "by.desk: north"),
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


def test_a_passage_stands_under_the_metadata_that_is_named_and_no_other() -> None:
    assert passage_source(PASSAGE, ("date", "author")).item.title == "Dock (date: 2024-03-05; author: Ana Ruiz)"
    assert passage_source(PASSAGE).item.title == "Dock"


def test_a_passage_without_a_title_stands_under_its_metadata() -> None:
    untitled = Passage("d", "c", "It was drained.", 0, 15, 1.0, metadata=STATED)
    assert passage_source(untitled, ("author",)).item.title == "(author: Ana Ruiz)"


def test_metadata_takes_its_share_of_the_budget() -> None:
    assert passage_source(PASSAGE, ("date",)).tokens > passage_source(PASSAGE).tokens


def test_metadata_that_is_shown_bears_a_sentence_out() -> None:
    shown, hidden = (passage_source(PASSAGE, keys).ground for keys in (("date", "author"), ()))
    said = "Ana Ruiz wrote the report in 2024."
    assert Grounds("", [shown]).bearing_out(said, [0]) == [0]
    assert Grounds("", [hidden]).bearing_out(said, [0]) == []
