"""Replies of models are read leniently: what cannot be read costs nothing else."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from graphrag_lite.index.extract_reply import ExtractReply, ExtractReplyWithClaims
from graphrag_lite.index.reply_facts import merge_facts, read_facts
from graphrag_lite.llm.structured import json_schema
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


@pytest.mark.parametrize(("name", "is_kept"), [("She", True), ("null", False), ("string", False), ("entity", False)])
def test_a_pronoun_is_kept_where_it_is_a_name_and_a_placeholder_dropped(name: str, is_kept: bool) -> None:
    said = {"p": [{"i": 1, "e": [{"n": name}], "r": [{"s": "Ada Renn", "t": name, "d": "saw"}]}]}
    (found,) = read_facts(ExtractReplyWithClaims.model_validate(said), ["Ada Renn saw the film She."])
    assert found is not None
    assert (name in [entity.name for entity in found.entities]) is is_kept
    assert [link.target for link in found.relationships] == [name] * is_kept


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


TEXTS = ["Ada Renn mended the lamp at Kelder.", "Tom Vashley left Kelder."]
ADA = {"e": [{"n": "Ada Renn", "t": "person"}, {"n": "Kelder", "t": "place"}], "r": []}
TOM = {"e": [{"n": "Tom Vashley", "t": "person"}], "r": []}


@pytest.mark.parametrize(
    "said",
    [
        {"p": [ADA, TOM]},
        {"p": [{"i": None} | ADA, {"i": None} | TOM]},
        {"p": [{"i": [1]} | ADA, {"i": [2]} | TOM]},
        {"p": [{"i": "1 The 3 lamps"} | ADA, {"i": "#ab12cd 2 A title of 1902"} | TOM]},
        {"passage_1": ADA, "passage_2": TOM},
        {"1": ADA, "2": TOM},
        [{"p": [{"i": 1} | ADA]}, {"p": [{"i": 2} | TOM]}],
        {"P": [{"I": 1, "E": ["Ada Renn", "Kelder"]}, {"I": 2, "E": ["Tom Vashley"]}]},
        {"passages": [{"passage_number": 1, "entities": ADA["e"]}, {"passage_number": 2, "entities": TOM["e"]}]},
        {"p": json.dumps([{"i": 1} | ADA, {"i": 2} | TOM])},
        {
            "段落": [
                {"编号": 1, "实体": [{"名称": "Ada Renn"}, {"名称": "Kelder"}]},
                {"编号": 2, "实体": ["Tom Vashley"]},
            ]
        },
    ],
    ids=lambda said: json.dumps(said)[:40],
)
def test_a_list_of_passages_is_read_in_whatever_form_it_comes(said: object) -> None:
    found = read_facts(ExtractReplyWithClaims.model_validate(said), TEXTS)
    assert [[e.name for e in facts.entities] for facts in found if facts] == [["Ada Renn", "Kelder"], ["Tom Vashley"]]


def test_one_passage_may_stand_without_its_list() -> None:
    (found,) = read_facts(ExtractReplyWithClaims.model_validate({"p": {"i": 1} | ADA}), TEXTS[:1])
    assert found is not None
    assert [entity.name for entity in found.entities] == ["Ada Renn", "Kelder"]


@pytest.mark.parametrize(
    "entities",
    [
        {"Ada Renn": "person", "Kelder": "place"},
        {"Ada Renn": {"type": "person"}, "Kelder": {"type": "place"}},
        {"person": ["Ada Renn"], "place": ["Kelder"]},
        [["Ada Renn", "person", "a keeper"], ["Kelder", "place"]],
        [{"id": "Ada Renn", "label": "person"}, {"id": "Kelder", "type": "place"}],
        [{"entity_name": "Ada Renn", "entity_type": "PERSON"}, {"Name": "Kelder", "Type ": "place"}],
        json.dumps([{"n": "Ada Renn", "t": "person"}, {"n": "Kelder", "t": "place"}]),
    ],
    ids=repr,
)
def test_entities_are_read_in_whatever_form_they_come(entities: object) -> None:
    assert [(e.name, e.type) for e in read(e=entities).entities] == [("Ada Renn", "person"), ("Kelder", "place")]


@pytest.mark.parametrize(
    "links",
    [
        {"s": "Ada Renn", "t": "Kelder", "d": "lit"},
        [{"head": "Ada Renn", "relation": "lit", "tail": "Kelder", "tail_type": "place"}],
        [{"source_node_id": "Ada Renn", "target_node_id": "Kelder", "type": "lit"}],
        [{"source": {"name": "Ada Renn"}, "target": {"name": "Kelder"}, "relationship_description": "lit"}],
        [["Ada Renn", "Kelder", "lit", 7]],
        [{"src_id": "Ada Renn", "tgt_id": "Kelder", "description": "lit"}],
        [{"entity1": "Ada Renn", "entity2": "Kelder", "relation": "lit"}],
        [{"head_entity": "Ada Renn", "tail_entity": "Kelder", "relation": "lit"}],
        [{"from_entity": "Ada Renn", "to_entity": "Kelder", "type": "lit"}],
        [{"start": "Ada Renn", "end": "Kelder", "type": "lit"}],
        ["Ada Renn -> Kelder: lit"],
        ["Ada Renn → lit → Kelder"],
        json.dumps([["Ada Renn", "lit", "Kelder"]]),
    ],
    ids=repr,
)
@pytest.mark.parametrize("key", ["r", "relations", "triples", "edges"])
def test_relationships_are_read_in_whatever_form_they_come(key: str, links: object) -> None:
    (found,) = read(**{key: links}).relationships
    assert (found.source, found.target, found.description) == ("Ada Renn", "Kelder", "lit")


KELDER = {"target": "Kelder", "description": "lit"}


@pytest.mark.parametrize(
    "entities",
    [
        [{"name": "Ada Renn", "relationships": [KELDER]}, {"name": "Kelder", "relationships": []}],
        [{"n": "Ada Renn", "r": [{"t": "Kelder", "d": "lit"}]}],
        [{"name": "Ada Renn", "relations": KELDER}],
        [{"name": "Ada Renn", "relations": [{"source": "Ada Renn"} | KELDER]}],
        [{"name": "Kelder", "relations": [{"source": "Ada Renn", "relation": "lit"}]}],
        {"Ada Renn": {"type": "person", "relationships": json.dumps([KELDER])}},
    ],
    ids=repr,
)
@pytest.mark.parametrize("more", [{}, {"r": None}, {"r": []}], ids=repr)
def test_relationships_are_read_within_entities(more: dict[str, object], entities: object) -> None:
    (found,) = read(e=entities, **more).relationships
    assert (found.source, found.target, found.description) == ("Ada Renn", "Kelder", "lit")


def test_relationships_within_entities_stand_with_those_beside_them() -> None:
    entities = [{"name": "Ada Renn", "relationships": [KELDER, {"target": "lamp"}, {"target": "Bellamy"}, "none"]}]
    found = read(e=entities, r=[{"s": "Ada Renn", "t": "lamp", "d": "mended"}]).relationships
    assert [(link.target, link.description) for link in found] == [("lamp", "mended"), ("Kelder", "lit")]


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ({"source": "Tom Vashley", "target": "Kelder"}, (0, 1)),
        ({"source": "Ada Renn", "target": "Kelder"}, (1, 0)),
        ({"source": "Ada Renn", "target": "lamp"}, (1, 0)),
        ({"source": "Ada Renn", "target": "Kelder", "passage": 1}, (1, 0)),
        ({"source": "Ada Renn", "target": "Kelder", "passage": 2}, (0, 0)),
        ({"source": "Ada Renn", "target": "lamp", "passage": 2}, (1, 0)),
        ({"source": "Ada Renn", "target": "Kelder", "passage": 9}, (1, 0)),
        ({"source": "Ada Renn", "target": "Tom Vashley"}, (0, 0)),
        ({"source": "Ada Renn", "target": "Bellamy"}, (0, 0)),
        (["Tom Vashley", "left", "Kelder"], (0, 1)),
    ],
    ids=repr,
)
@pytest.mark.parametrize("first", [1, 0])
def test_a_relationship_beside_the_passages_is_of_the_one_that_holds_it(
    first: int, link: dict[str, object] | list[str], found: tuple[int, int]
) -> None:
    if isinstance(link, dict) and (number := link.get("passage")):
        link = link | {"passage": f"passage {int(str(number)) - 1 + first}"}
    said = {"passages": [{"id": first} | ADA, {"id": first + 1} | TOM], "relationships": [link]}
    facts = read_facts(ExtractReplyWithClaims.model_validate(said), TEXTS)
    assert tuple(len(one.relationships) for one in facts if one) == found


def test_relationships_beside_the_passages_outlive_a_gleaning_and_are_not_asked_for() -> None:
    link = {"source": "Tom Vashley", "target": "Kelder"}
    said = ExtractReply.model_validate({"p": [{"i": 1} | ADA, {"i": 2} | TOM], "relationships": [link]})
    more = ExtractReply.model_validate({"p": [{"i": 2, "e": ["Kelder"], "r": []}]})
    for joined in (said.joined(more), more.joined(said)):
        assert [len(facts.relationships) for facts in read_facts(joined, TEXTS) if facts] == [0, 1]
    assert list(json_schema(ExtractReply)["properties"]) == ["p"]
    assert list(said.model_dump()) == ["p"]


@pytest.mark.parametrize(
    "passage",
    [
        {"e": ["Ada Renn"], "keywords": ["lamp"], "summary": "Of a lamp."},
        {"e": ["Ada Renn"], "r": [{"s": "Ada Renn", "t": None}], "notes": [{"a": 1}]},
        {"e": ["Ada Renn"], "r": [{"s": "Ada Renn"}, "none"]},
        {"e": [{"n": "Ada Renn", "links": ["https://renn.example"], "relations": [{"a": 1}]}]},
    ],
    ids=repr,
)
def test_what_was_not_asked_for_costs_nothing(passage: dict[str, object]) -> None:
    assert [entity.name for entity in read(**passage).entities] == ["Ada Renn"]


@pytest.mark.parametrize(("said", "weight"), [("9/10", 1.8), ("strength: 8", 1.6), ("70%", 1.4), (True, 1.0)])
def test_a_strength_may_be_a_share(said: object, weight: float) -> None:
    assert [link.weight for link in read(r=[{"s": "Ada Renn", "t": "Kelder", "w": said}]).relationships] == [weight]


@pytest.mark.parametrize(
    "said",
    [
        {"answer": "Ada Renn"},
        {"p": [{"i": 1, "e": [{"x": "Ada Renn"}]}]},
        {"p": [{"i": 1, "facts": ["Ada Renn mended the lamp"]}]},
        {"p": {"items": {"e": []}}},
        {"p": [{"i": 1, "e": ["Ada Renn", "Kelder"], "r": [{"qui": "Ada Renn", "où": "Kelder"}]}]},
        {"p": [{"i": 1, "e": ["Ada Renn", "Kelder"], "r": [{"source": "Ada Renn", "cible": "Kelder"}]}]},
        {"p": [{"i": 1, "e": ["Ada Renn", "Kelder"], "r": [{"s": 1, "t": 2, "d": "lit"}]}]},
        {"p": [{"i": 1, "e": ["Ada Renn", "Kelder"], "r": {"Ada Renn": {"Kelder": "lit"}}}]},
        {"p": [{"i": 1, "entités": [{"n": "Ada Renn"}], "r": [{"s": "Ada Renn", "t": "Kelder"}]}]},
        {"p": [{"i": 1, "e": ["Ada Renn"], "c": [{"x": "Ada Renn"}]}]},
    ],
    ids=repr,
)
def test_a_reply_of_which_nothing_can_be_read_is_no_empty_one(said: object) -> None:
    with pytest.raises(ValidationError):
        ExtractReplyWithClaims.model_validate(said)


@pytest.mark.parametrize("end", [1, "1", "amp"])
def test_an_end_that_no_entity_has_is_a_word_of_the_passage(end: object) -> None:
    found = read(e=["Ada Renn"], r=[{"s": "Ada Renn", "t": end, "d": "lit"}])
    assert [entity.name for entity in found.entities] == ["Ada Renn"]
    assert found.relationships == ()


def test_a_decorated_name_is_the_same_at_the_end_of_a_relationship() -> None:
    found = read(e=["1. Ada Renn", "**Kelder**"], r=[{"s": "1. Ada Renn", "t": "Kelder (place)", "d": "lit"}])
    assert [entity.name for entity in found.entities] == ["Ada Renn", "Kelder"]
    assert [(link.source, link.target) for link in found.relationships] == [("Ada Renn", "Kelder")]


@pytest.mark.parametrize(("said", "status"), [(True, "true"), (False, "false"), ("open", "open"), (None, "")])
def test_the_status_of_a_claim_may_be_a_value_of_json(said: object, status: str) -> None:
    (found,) = read(c=[{"s": "Ada Renn", "d": "mended the lamp", "v": said}]).claims
    assert found.status == status
