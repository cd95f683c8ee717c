"""Replies of models are read leniently: what cannot be read costs nothing else."""

from __future__ import annotations

import pytest

from graphrag_lite.index.extract_reply import ExtractReplyWithClaims, merge_facts, read_facts
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


@pytest.mark.parametrize(
    ("said", "weight"), [(10, 2.0), ("2.5", 0.5), (99, 2.0), (0, 0.2), ("strong", 1.0), (None, 1.0)]
)
def test_a_strength_is_a_number_between_the_least_and_the_most_or_the_usual(said: object, weight: float) -> None:
    found = read(r=[{"s": "Ada Renn", "t": "Kelder", "w": said}])
    assert [link.weight for link in found.relationships] == [weight]


@pytest.mark.parametrize("end", ["ADA  RENN", "“Ada Renn”", "", "…", "--", "x" * 200], ids=repr)
def test_a_relationship_joins_two_things_that_have_a_name(end: str) -> None:
    assert read(r=[{"s": "Ada Renn", "t": end}, {"s": end, "t": "Ada Renn"}]).relationships == ()


def test_of_several_descriptions_of_a_thing_the_longest_counts_once() -> None:
    said = [{"n": "Ada Renn", "d": "a"}, {"n": "ada renn", "d": "a keeper of lamps"}, {"n": "Ada Renn", "d": "who"}]
    assert [entity.description for entity in read(e=said).entities] == ["a keeper of lamps"]


def test_parts_of_a_chunk_say_each_thing_once() -> None:
    one = read(
        e=[{"n": "Ada Renn", "d": "a"}],
        r=[{"s": "Ada Renn", "t": "Kelder", "d": "lit"}],
        c=[{"s": "Ada Renn", "d": "mended it"}],
    )
    other = read(
        e=[{"n": "ada renn", "d": "a keeper"}, {"n": "lamp"}],
        r=[{"s": "ADA RENN", "t": "Kelder", "d": "left"}, {"s": "lamp", "t": "Kelder"}],
        c=[{"s": "Ada Renn", "d": "mended it"}, {"s": "Ada Renn", "d": "left it"}],
    )
    merged = merge_facts([one, other])
    assert [(e.name, e.description) for e in merged.entities] == [
        ("ada renn", "a keeper"),
        ("Kelder", ""),
        ("lamp", ""),
    ]
    assert [(r.source, r.description) for r in merged.relationships] == [("Ada Renn", "lit"), ("lamp", "")]
    assert [claim.description for claim in merged.claims] == ["mended it", "left it"]


@pytest.mark.parametrize("none", [{}, {"e": None, "r": None, "c": None}, {"e": [], "r": {}, "c": ""}], ids=repr)
def test_nothing_is_said_in_many_ways(none: dict[str, object]) -> None:
    found = read(**none)
    assert (found.entities, found.relationships, found.claims) == ((), (), ())


@pytest.mark.parametrize(
    "link", [["Ada Renn", "mended the lamp at", "Kelder"], ["Ada Renn", "Kelder", "mended the lamp at", 8]]
)
def test_a_relationship_may_be_a_list(link: list[object]) -> None:
    (found,) = read(e=["Ada Renn", "Kelder"], r=[link]).relationships
    assert (found.source, found.target, found.description) == ("Ada Renn", "Kelder", "mended the lamp at")


def test_a_description_in_several_pieces_is_one() -> None:
    (found,) = read(e=[{"n": "Ada Renn", "t": ["person"], "d": ["a keeper", None, "of lamps"]}]).entities
    assert (found.type, found.description) == ("person", "a keeper; of lamps")


@pytest.mark.parametrize(
    "said",
    [
        {"p": [{"i": 0, "e": ["Ada Renn"]}, {"i": 1, "e": ["Tom Vashley"]}]},
        {"p": [{"i": "passage 1", "e": ["Ada Renn"]}, {"i": "#f4a702 2", "e": ["Tom Vashley"]}]},
        {"p": {"1": {"e": ["Ada Renn"]}, "2": {"e": ["Tom Vashley"]}}},
    ],
    ids=["from zero", "in words", "by number"],
)
def test_passages_are_told_apart_however_they_are_numbered(said: object) -> None:
    texts = ["Ada Renn mended the lamp.", "Tom Vashley left Kelder."]
    found = read_facts(ExtractReplyWithClaims.model_validate(said), texts)
    assert [[e.name for e in facts.entities] for facts in found if facts] == [["Ada Renn"], ["Tom Vashley"]]


@pytest.mark.parametrize(
    ("given", "read"), [([0, 1, 2], [1, 2, 3]), ([0], [1]), ([0, 1, 2, 3, 5], [0, 1, 2, 3, 5]), ([1, 2], [1, 2])]
)
def test_only_a_whole_count_from_zero_is_moved(given: list[int], read: list[int]) -> None:
    assert [
        item.i for item in ExtractReplyWithClaims.model_validate({"p": [{"i": number} for number in given]}).p
    ] == read
