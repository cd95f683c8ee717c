"""Merges over the whole collection."""

from __future__ import annotations

import pytest

from graphrag_lite.index.resolve import Naming, abbreviates, decide_merges, follow, merge_id
from graphrag_lite.settings import ResolveSettings
from graphrag_lite.text.chinese import IN_BRACKETS, IN_CLAUSE, STYLE

NAME = Naming("", 1, "name")


def decided(*keys: str, aliases: dict[tuple[str, str, str], int] | None = None) -> dict[str, str]:
    namings = {k: NAME if not k.isupper() else Naming("", 1, "name", True) for k in keys}
    namings = {k.lower(): v for k, v in namings.items()}
    return {m.key: m.into for m in decide_merges(namings, aliases or {}, ResolveSettings(), ())}


@pytest.mark.parametrize(
    ("key", "into"),
    [
        ("dr jane smith", "jane smith"),
        ("acme inc", "acme"),
        ("jk rowling", "j k rowling"),
        ("j hostermann", "john hostermann"),
        ("george solomon", "george t solomon"),
        ("johnson johnson", "johnson and johnson"),
        ("u s", "united states"),
    ],
)
def test_variants_are_one(key: str, into: str) -> None:
    assert decided(key, into) == {key: into}


def test_initials_need_a_rare_surname() -> None:
    assert decided("j smith", "john smith", "mary smith") == {}


def test_acronym_needs_one_definition() -> None:
    one = {("world health organization", "who", "acronym"): 1}
    two = {**one, ("women help others", "who", "acronym"): 1}
    assert decided("WHO", "world health organization", aliases=one) == {"who": "world health organization"}
    assert decided("WHO", "world health organization", "women help others", aliases=two) == {}


def test_types_in_conflict_stay_apart() -> None:
    namings = {"acme inc": Naming("organization", 1, "name"), "acme": Naming("person", 1, "name")}
    assert decide_merges(namings, {}, ResolveSettings(), ()) == ()


def test_chinese_firm_without_its_legal_form_is_the_firm() -> None:
    assert decided("蓝海精工股份有限公司", "蓝海精工") == {"蓝海精工": "蓝海精工股份有限公司"}


@pytest.mark.parametrize("reason", [IN_BRACKETS, IN_CLAUSE, STYLE])
def test_an_alias_that_a_text_defines_outweighs_guessed_types(reason: str) -> None:
    namings = {"临港智慧港口有限公司": Naming("organization", 1, "name"), "临港智港": Naming("place", 1, "name")}
    aliases = {("临港智慧港口有限公司", "临港智港", reason): 1}
    (merge,) = decide_merges(namings, aliases, ResolveSettings(), ())
    assert (merge.key, merge.into) == ("临港智港", "临港智慧港口有限公司")


def test_undone_merge_is_listed_without_effect() -> None:
    namings = {"acme inc": NAME, "acme": NAME}
    (merge,) = decide_merges(namings, {}, ResolveSettings(), [merge_id("acme inc", "acme")])
    assert merge.undone


def test_settings_turn_initials_off() -> None:
    namings = {"j hostermann": NAME, "john hostermann": NAME}
    assert decide_merges(namings, {}, ResolveSettings(initials=False), ()) == ()


def test_follow_ends_in_a_circle() -> None:
    assert follow("a", {"a": "b", "b": "c"}) == "c"
    assert follow("a", {"a": "b", "b": "a"}) == "b"


def test_different_first_names_are_no_abbreviation() -> None:
    assert not abbreviates(["jim", "smith"], ["john", "smith"])
    assert not abbreviates(["john", "smith"], ["john", "paul", "smith"])
