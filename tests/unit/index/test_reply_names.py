"""Names, types and descriptions of small models are brought to what the passage has, or to nothing."""

from __future__ import annotations

import pytest

from graphrag_lite.index.reply_names import (
    as_it_stands,
    folded,
    holds,
    is_sentence,
    name_in_use,
    read_description_of,
    read_name,
    read_text,
    read_type,
    stands_in,
)

TEXT = folded("Ada Renn mended the lamp at Kelder Haven in 1902. She worked with Tom Vashley of the WHO.")


@pytest.mark.parametrize("nothing", ["…", "...", "N/A", "n/a", "null", "None", "Unknown", "<unknown>", "未知", "-", ""])
def test_a_placeholder_says_nothing(nothing: str) -> None:
    assert (read_name(nothing), read_type(nothing), read_text(nothing)) == ("", "", "")


@pytest.mark.parametrize("nothing", ["No description provided.", "Not specified", "无", "not mentioned."])
def test_a_description_of_nothing_is_none(nothing: str) -> None:
    assert read_text(nothing) == ""


def test_what_only_begins_like_a_placeholder_says_something() -> None:
    assert read_text("Unknown to the crew, she had mended the lamp.") == "Unknown to the crew, she had mended the lamp."
    assert read_text("无人驾驶的船。") == "无人驾驶的船。"


@pytest.mark.parametrize("told", ["Fenn Pumps.", "fenn  pumps", "Fenn Pumps"])
def test_a_name_alone_is_no_description_of_it(told: str) -> None:
    assert read_description_of("Fenn Pumps", told) == ""
    assert read_description_of("Fenn Pumps", f"{told} AG") == f"{' '.join(told.split())} AG"


@pytest.mark.parametrize("pronoun", ["She", "it", "They", "他们", "她"])
def test_a_pronoun_is_no_name(pronoun: str) -> None:
    assert read_name(pronoun) == ""


@pytest.mark.parametrize("name", ["US", "IT", "U2", "He Wei", "她比烟花寂寞"])
def test_a_name_that_only_looks_like_a_pronoun_is_one(name: str) -> None:
    assert read_name(name) == name


@pytest.mark.parametrize(
    ("name", "passage"),
    [
        ("She", "\nAda Renn saw the film She at Kelder."),
        ("It", "\nRenn wrote the novel *It* in 1902."),
        ("Them", "\nAda Renn sang for “Them” at Kelder."),
        ("You", '\nThe series "You" was filmed at Kelder.'),
        ("String", "\nA name is read with the class String."),
        ("String", "The manual > String\nHolds text."),
        ("Unknown", "Films\n## Unknown\nDirected by Ada Renn."),
        ("We", "We\nA novel by Ada Renn."),
        ("她", "\n任海燕读了小说《她》。"),
    ],
)
def test_a_word_for_nobody_is_a_name_where_its_passage_has_it_for_one(name: str, passage: str) -> None:
    assert name_in_use(name, passage) == name


@pytest.mark.parametrize(
    ("name", "passage"),
    [
        ("She", "\nAda Renn left. She said, “She is gone.”"),
        ("she", "\nAda Renn saw the film She at Kelder."),
        ("It", "\nAda Renn said, “It’s fine.” And ‘It’s old,’ he said."),
        ("Us", "About Us\nAda Renn leads us."),
        ("Her", "\nA letter to Her Majesty."),
        ("Him", "\nThey prayed to Him."),
        ("I", "\nWhat I saw is this."),
        ("null", '\nThe value "null" is none, and the string is a name.'),
        ("None", "\nIt returns None."),
        ("N/A", "\nThe price is N/A."),
        ("string", "\nThe class String holds a string."),
        ("她", "\n任海燕走了。“她”指谁？"),
        ("无", "\n备注：无"),
    ],
)
def test_a_word_for_nobody_is_no_name_where_its_passage_has_it_for_none(name: str, passage: str) -> None:
    assert name_in_use(name, passage) == ""


@pytest.mark.parametrize(
    "written",
    ["1. Ada Renn", "(2) Ada Renn", "- Ada Renn", "• Ada Renn", "**Ada Renn**", "Ada_Renn", "Ada Renn (person)"],
)
def test_a_name_is_taken_in_the_form_that_the_passage_holds(written: str) -> None:
    assert as_it_stands(written, TEXT) == "Ada Renn"


@pytest.mark.parametrize(
    ("name", "text"),
    [("3. Liga", "Er spielt in der 3. Liga."), ("load_facts", "Call load_facts first."), ("Renn (Ada)", "Of Tom.")],
)
def test_a_name_stays_where_the_passage_holds_it_as_it_is_or_not_at_all(name: str, text: str) -> None:
    assert as_it_stands(name, folded(text)) == name


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("Ada Renn mended the lamp at Kelder Haven in 1902.", True),
        ("She worked with Tom Vashley of the WHO", True),
        ("the lamp at Kelder Haven in 1902", False),
        ("Ada Renn", False),
    ],
)
def test_a_whole_sentence_is_no_name(name: str, is_one: bool) -> None:
    assert is_sentence(name, TEXT) is is_one
    assert is_sentence(name, f"A harbour > Lamps\n{TEXT}") is is_one


def test_a_heading_is_no_sentence() -> None:
    assert not is_sentence("The Wonderful Wizard of Oz", folded("The Wonderful Wizard of Oz\nIt begins in Kansas."))


def test_a_whole_chinese_sentence_is_no_name() -> None:
    text = folded("李明在1998年创办了海风公司。海风公司位于青岛市。")
    assert is_sentence("李明在1998年创办了海风公司。", text)
    assert not is_sentence("海风公司", text)


@pytest.mark.parametrize(
    ("name", "is_there"), [("WHO", True), ("Tom", True), ("1", False), ("it", False), ("om", False)]
)
def test_a_name_is_held_as_a_word_of_its_own(name: str, is_there: bool) -> None:
    assert holds(TEXT, name) is is_there


def test_a_name_among_chinese_characters_is_held() -> None:
    assert holds(folded("他用LanceDB存数据。"), "LanceDB")


@pytest.mark.parametrize(
    ("name", "is_there"),
    [
        ("World Health Organization", True),
        ("Natural Alloys", False),
        ("entity_name", False),
        ("The Device", False),
        ("AI", False),
    ],
)
def test_an_acronym_stands_for_a_name_only_as_a_word(name: str, is_there: bool) -> None:
    assert stands_in(TEXT + " lena paid in rain.", name) is is_there


@pytest.mark.parametrize("several", ["Person, organization", "person|place", "person；place", "person、地点"])
def test_of_several_types_the_first_is_taken(several: str) -> None:
    assert read_type(several) == "person"


@pytest.mark.parametrize(
    "sentence", ["A mill in Kirk, founded by Ada Renn.", "A monthly journal of the works", "由艾达创办的一家磨坊公司"]
)
def test_a_sentence_is_no_type(sentence: str) -> None:
    assert read_type(sentence) == ""


@pytest.mark.parametrize("named", ["legal entity of Leith", "software product", "产品", "r&d"])
def test_a_type_of_several_words_is_one(named: str) -> None:
    assert read_type(named) == named.casefold()
