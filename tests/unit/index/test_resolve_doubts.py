"""Doubtful pairs of names: which are asked about, and what their merges do."""

from graphrag_lite.index.resolve import merge_id
from graphrag_lite.index.resolve_doubts import REASON, undecided_pairs, with_merges
from graphrag_lite.index.vocabulary import Entry, Vocabulary
from graphrag_lite.records import ExtractedEntity, Facts


def vocabulary(**types: str) -> Vocabulary:
    keys = {name.replace("_", " "): type_ for name, type_ in types.items()}
    return Vocabulary({key: Entry(key.title(), type_, key) for key, type_ in keys.items()})


def described(*names: str) -> list[Facts]:
    return [Facts("h", "llm/1", tuple(ExtractedEntity(name, "", f"what {name} is") for name in names))]


def test_only_described_names_of_one_type_that_look_alike_are_asked_about() -> None:
    names = vocabulary(ada_renn="person", renn="", renn_light="place", tom_vashley="person", ada_rennn="person")
    found = undecided_pairs(names, described("Ada Renn", "Renn", "Renn Light", "Tom Vashley", "Ada Rennn"))
    assert {pair.keys for pair in found} == {("ada renn", "renn"), ("renn", "renn light"), ("ada renn", "ada rennn")}
    assert undecided_pairs(names, described("Ada Renn")) == []
    assert found[0].descriptions == ("what Ada Renn is", "what Renn is")


def test_chinese_names_that_look_alike_are_asked_about() -> None:
    names = ("绍兴师范学院", "绍兴师范学院校", "杭州大学")
    found = undecided_pairs(vocabulary(**dict.fromkeys(names, "organization")), described(*names))
    assert [pair.keys for pair in found] == [("绍兴师范学院", "绍兴师范学院校")]


def test_a_merge_moves_every_name_of_the_entity_and_is_listed() -> None:
    names = vocabulary(ada_renn="person", renn="")
    merged = with_merges(names, {("renn", "ada renn")}, set())
    assert merged.entries["renn"].entity_key == "ada renn"
    assert [(m.key, m.into, m.reason) for m in merged.merges] == [("renn", "ada renn", REASON)]


def test_what_a_person_has_undone_stays_apart() -> None:
    names = vocabulary(ada_renn="person", renn="")
    merged = with_merges(names, {("renn", "ada renn")}, {merge_id("renn", "ada renn")})
    assert merged.entries["renn"].entity_key == "renn"
    assert merged.merges[0].undone


def test_circles_are_left_open() -> None:
    names = vocabulary(a_one="", b_one="")
    merged = with_merges(names, {("a one", "b one"), ("b one", "a one")}, set())
    assert merged.entries["a one"].entity_key == merged.entries["b one"].entity_key
