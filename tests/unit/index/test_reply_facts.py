"""Every fact of a reply goes to the passage that holds it; what none holds is left out."""

from __future__ import annotations

import pytest

from graphrag_lite.index.extract_reply import ExtractReply, ExtractReplyWithClaims
from graphrag_lite.index.reply_facts import read_facts
from graphrag_lite.records import ExtractedEntity, ExtractedRelationship

TEXTS = ["Ada Renn mended the lamp at Kelder.", "Tom Vashley sold Coopers Dock."]


def reply(*passages: dict[str, object]) -> ExtractReply:
    return ExtractReply.model_validate({"p": list(passages)})


def test_facts_are_read_in_order_with_missing_passages_named() -> None:
    found = read_facts(reply({"i": 2, "e": [{"n": "Tom Vashley", "t": "Person", "d": "sold it"}], "r": []}), TEXTS)
    assert found[0] is None
    assert found[1] is not None
    assert found[1].entities == (ExtractedEntity("Tom Vashley", "person", "sold it"),)


def test_of_several_passages_that_hold_a_name_the_nearest_gets_it() -> None:
    texts = ["Nothing here.", "Ada Renn sat.", "Nothing here either.", "Ada Renn stood."]
    found = read_facts(
        reply(*({"i": n, "e": [], "r": []} for n in (1, 2, 4)), {"i": 3, "e": [{"n": "Ada Renn"}]}), texts
    )
    assert [len(facts.entities) for facts in found if facts] == [0, 1, 0, 0]


@pytest.mark.parametrize(
    ("text", "name", "is_kept"),
    [
        ("Scrooge sat by the fire.", "Zanzibar Quux", False),
        ("Scrooge sat by the fire.", "Ebenezer Scrooge", True),
        ("A Hungarian engineer.", "Hungary", True),
        ("The EU decided.", "European Union", True),
        ("鲁迅生于绍兴。", "Lu Xun", True),
        ("鲁迅生于绍兴。", "鲁迅先生", True),
        ("鲁迅生于绍兴。", "巴金", False),
    ],
)
def test_a_name_of_which_no_passage_holds_a_word_is_left_out(text: str, name: str, is_kept: bool) -> None:
    found = read_facts(reply({"i": 1, "e": [{"n": name}], "r": []}), [text])[0]
    assert found is not None
    assert bool(found.entities) is is_kept


def test_translated_names_are_kept_where_a_language_was_asked_for() -> None:
    said = reply({"i": 1, "e": [{"n": "Leuchtturm"}], "r": []})
    kept, left = (read_facts(said, ["A lighthouse."], may_translate=asked)[0] for asked in (True, False))
    assert kept is not None
    assert left is not None
    assert (len(kept.entities), len(left.entities)) == (1, 0)


def test_what_a_terminal_would_obey_is_in_no_name() -> None:
    found = read_facts(reply({"i": 1, "e": [{"n": "Ada\x1b[31m\x00 Renn", "t": "per\x00son"}]}), ["Ada [31m Renn"])[0]
    assert found is not None
    assert found.entities[0] == ExtractedEntity("Ada[31m Renn", "person")


def test_a_fact_listed_under_the_wrong_passage_goes_home() -> None:
    found = read_facts(
        reply(
            {
                "i": 1,
                "e": [{"n": "Tom Vashley"}, {"n": "Coopers Dock"}, {"n": "Ada Renn"}],
                "r": [{"s": "Tom Vashley", "t": "Coopers Dock", "d": "sold", "w": 10}],
            },
            {"i": 2, "e": [], "r": []},
        ),
        TEXTS,
    )
    assert found[0] is not None
    assert found[1] is not None
    assert [e.name for e in found[0].entities] == ["Ada Renn"]
    assert [e.name for e in found[1].entities] == ["Tom Vashley", "Coopers Dock"]
    assert found[1].relationships == (ExtractedRelationship("Tom Vashley", "Coopers Dock", "sold", 2.0),)


def test_relationships_without_ground_are_dropped() -> None:
    found = read_facts(
        reply({"i": 1, "e": [], "r": [{"s": "Ada Renn", "t": "a monthly paper"}, {"s": "Ada Renn"}]}), TEXTS
    )
    assert found[0] is not None
    assert found[0].relationships == ()


def test_ends_of_relationships_that_stand_in_the_text_become_entities() -> None:
    found = read_facts(reply({"i": 1, "e": [], "r": [{"s": "Ada Renn", "t": "Kelder"}]}), TEXTS)
    assert found[0] is not None
    assert [e.name for e in found[0].entities] == ["Ada Renn", "Kelder"]


@pytest.mark.parametrize(
    "value",
    [
        {"passages": [{"number": 1, "entities": [{"name": "Ada Renn", "type": None}], "relationships": None}]},
        [{"i": "1", "e": ["Ada Renn", 7]}],
        {"e": [{"n": "Ada Renn"}], "r": []},
    ],
    ids=["long keys", "bare list", "one passage unwrapped"],
)
def test_other_spellings_are_understood(value: object) -> None:
    found = read_facts(ExtractReply.model_validate(value), TEXTS[:1])
    assert found[0] is not None
    assert [e.name for e in found[0].entities] == ["Ada Renn"]


def test_claims_are_read() -> None:
    value = {"p": [{"i": 1, "e": [], "r": [], "c": [{"s": "Ada Renn", "d": "mended the lamp", "v": "true"}]}]}
    found = read_facts(ExtractReplyWithClaims.model_validate(value), TEXTS[:1])
    assert found[0] is not None
    assert found[0].claims[0].status == "true"
