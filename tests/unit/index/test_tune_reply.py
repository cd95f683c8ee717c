from __future__ import annotations

import pytest

from graphrag_lite.index.tune_reply import Proposal, TuneReply, find_problem, read_proposal


def proposed(*types: str, language: str = "en") -> Proposal:
    reply = TuneReply.model_validate({"types": [{"t": name} for name in types]})
    return read_proposal(reply, ["Ada Renn mended the lamp."], language)


def test_no_more_types_are_taken_than_a_prompt_has_room_for() -> None:
    found = proposed(*(f"kind {letter}" for letter in "abcdefghijklmn"))
    assert len(found.types) == 12
    assert [what for what in found.dropped if "more than 12" in what] == [
        "type 'kind m': more than 12",
        "type 'kind n': more than 12",
    ]


def test_a_chinese_collection_gets_short_chinese_types() -> None:
    found = proposed("设施", "person", "在绍兴市里面的一个很大的机构", language="zh")
    assert list(found.types) == ["设施"]
    assert sum("not a short Chinese word" in what for what in found.dropped) == 2


def test_a_type_is_named_once_however_it_is_written() -> None:
    assert list(proposed("Vessel", "vessel.", "pump").types) == ["vessel", "pump"]


def test_fewer_than_three_usable_types_are_a_problem() -> None:
    def reply(*types: str) -> TuneReply:
        return TuneReply.model_validate({"types": [{"t": name} for name in types]})

    assert "fewer than 3" in find_problem(reply("vessel", "pump", "a long sentence about what it is"), "en")
    assert find_problem(reply("vessel", "pump", "person"), "en") == ""


@pytest.mark.parametrize(
    "types",
    [
        ["vessel", "pump", "person"],
        {"vessel": "what floats", "pump": "what pumps", "person": None},
        [{"type": "vessel", "description": "what floats"}, {"name": "pump"}, {"T": "person", "d": None}],
    ],
    ids=["bare", "by name", "spelled out"],
)
def test_types_are_read_in_whatever_form_they_come(types: object) -> None:
    reply = TuneReply.model_validate({"about": None, "types": types, "relations": None})
    assert list(read_proposal(reply, ["Ada Renn mended the lamp."], "en").types) == ["vessel", "pump", "person"]


def test_relations_may_be_bare() -> None:
    reply = TuneReply.model_validate({"types": [], "relations": ["designed", {"relation": "part of"}]})
    assert [relation.r for relation in reply.relations] == ["designed", "part of"]


@pytest.mark.parametrize("example", [None, "Passage 1", [], {"i": 1, "e": [7]}, {"i": "none", "e": []}], ids=repr)
def test_an_example_that_cannot_be_read_costs_no_type(example: object) -> None:
    reply = TuneReply.model_validate({"types": ["vessel", "pump", "person"], "example": example})
    assert find_problem(reply, "en") == ""
    assert read_proposal(reply, ["Ada Renn mended the lamp."], "en").example is None


def test_an_example_is_read_as_an_extraction_is() -> None:
    said = {
        "i": "Passage 1",
        "e": [["Ada Renn", "person", "a keeper"], {"name": "Kelder", "type": "place"}],
        "r": [["Ada Renn", "Kelder", "left", 7]],
    }
    reply = TuneReply.model_validate({"types": ["place", "pump", "person"], "example": [said]})
    example = read_proposal(reply, ["Ada Renn left Kelder."], "en").example
    assert example is not None
    assert '"n":"Ada Renn"' in example.reply
