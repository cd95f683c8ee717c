from __future__ import annotations

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
