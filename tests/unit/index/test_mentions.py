"""What facts state and matching does not find still gets its place in the text."""

from __future__ import annotations

import pytest

from graphrag_lite.index.mentions import _stated_mentions
from graphrag_lite.index.vocabulary import Entry, Vocabulary


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("Then MANY PEOPLE left.", "many people", "MANY PEOPLE"),
        ("İstanbul grew, and many people came.", "many people", "many people"),
        ("In 1999 many came to İzmir.", "İzmir", "İzmir"),
        ("很多人离开了。", "很多人", "很多人"),
        ("Then they left.", "many people", ""),
    ],
)
def test_a_stated_name_is_placed_where_the_text_has_it_whatever_its_case(text: str, name: str, found: str) -> None:
    vocabulary = Vocabulary({"key": Entry(name, "", "key", "phrase")})
    [mention] = _stated_mentions(vocabulary, text, ["key", "unknown"], known=())
    assert text[mention.start : mention.end] == found


def test_a_stated_name_that_matching_has_found_is_not_placed_again() -> None:
    vocabulary = Vocabulary({"key": Entry("Anna", "", "key")})
    assert _stated_mentions(vocabulary, "Anna left.", ["key"], known={"key"}) == []
