"""Replies of models are read leniently: what cannot be read costs nothing else."""

from __future__ import annotations

import pytest

from graphrag_lite.index.extract_reply import ExtractReplyWithClaims, read_facts
from graphrag_lite.records import Facts


def read(**passage: object) -> Facts:
    (found,) = read_facts(
        ExtractReplyWithClaims.model_validate({"p": [{"i": 1} | passage]}), ["Ada Renn mended the lamp at Kelder."]
    )
    assert found is not None
    return found


@pytest.mark.parametrize("odd", ["the lamp was mended", {"d": "of nobody"}, 7, None], ids=repr)
def test_an_odd_item_costs_no_other(odd: object) -> None:
    items = [odd, {"s": "Ada Renn", "t": "Kelder", "d": "mended the lamp"}]
    found = read(e=[{"n": "Ada Renn"}, odd], r=items, c=items)
    assert [link.target for link in found.relationships] == ["Kelder"]
    assert [claim.description for claim in found.claims] == ["mended the lamp"]


@pytest.mark.parametrize("none", [{}, {"e": None, "r": None, "c": None}, {"e": [], "r": {}, "c": ""}], ids=repr)
def test_nothing_is_said_in_many_ways(none: dict[str, object]) -> None:
    found = read(**none)
    assert (found.entities, found.relationships, found.claims) == ((), (), ())
