import random

import pytest

from graphrag_lite.index.duplicates import NearDuplicates, facts_told, signature

RNG = random.Random(2)
WORDS = ["".join(RNG.choice("abcdefghijk") for _ in range(6)) for _ in range(900)]
TEXT = " ".join(RNG.choice(WORDS) for _ in range(400))


def finds(stored: str, text: str, threshold: float = 0.7) -> bool:
    near = NearDuplicates(threshold)
    near.add("a", stored)
    return near.find(text) == "a"


def with_word(word: str, at: int = 200) -> str:
    words = TEXT.split()
    return " ".join([*words[:at], word, *words[at + 1 :]])


@pytest.mark.parametrize(
    "copy",
    [
        TEXT,
        TEXT.replace(" ", "\n"),
        TEXT.upper().capitalize(),
        with_word("typo"),
        TEXT + " one more remark.",
        " ".join(TEXT.split()[60:]),
        f"Printed on 3 May 2021 by J. Pell\n\n{TEXT}\n\nPage 1 of 3",
        f"Source: https://example.org/a/17\n{TEXT}\n© 2021 The Sound Courier. All rights reserved.",
        f"来源：宁川日报\n{TEXT}",
    ],
    ids=["same", "reflowed", "case", "typo", "addition", "cut", "printed", "reprinted", "转载"],
)
def test_edited_copy_is_found(copy: str) -> None:
    assert finds(TEXT, copy)


@pytest.mark.parametrize("word", ["500", "Marley", "灯"])
def test_copy_with_another_number_or_name_is_another_document(word: str) -> None:
    assert not finds(TEXT, with_word(word))
    assert finds(with_word(word), TEXT)


FIGURES = f"It had 310 pumps in May and 17 alarms in June. {TEXT} Ann Pell is its chair, not Bo Kim."


@pytest.mark.parametrize(
    ("old", "new"),
    [("310", "17"), ("is its", "is not its"), ("chair, not", "chair,"), ("Pell", "Kim")],
    ids=["a figure of elsewhere", "negated", "no longer negated", "a name of elsewhere"],
)
def test_versions_that_say_something_else_stay_apart(old: str, new: str) -> None:
    assert not finds(FIGURES, FIGURES.replace(old, new))


def test_figures_that_changed_places_stay_apart() -> None:
    assert not finds(FIGURES, FIGURES.replace("310", "x").replace("17", "310").replace("x", "17"))


def test_a_date_below_the_edge_of_the_page_is_a_fact() -> None:
    words = TEXT.split()
    text = "\n".join(" ".join(words[at : at + 10]) for at in range(0, 400, 10))
    inside = "\nUpdated on 3 May 2021\n".join((text[:1400], text[1400:]))
    assert not finds(text, inside)


def test_many_other_words_make_another_document() -> None:
    words = TEXT.split()
    for at in range(0, 400, 10):
        words[at] = f"{words[at]}xyz"
    assert not finds(TEXT, " ".join(words), 0.5)


def test_documents_of_two_kinds_are_never_one() -> None:
    near = NearDuplicates(0.7)
    near.add("a", signature(TEXT, "tenant=a"))
    assert near.find(signature(TEXT, "tenant=b")) is None
    assert near.find(signature(TEXT, "tenant=a")) == "a"


def test_signature_of_another_format_is_near_to_nothing() -> None:
    near = NearDuplicates(0.7)
    near.add("a", bytes(24))
    assert near.find(bytes(24)) is None


def test_a_text_that_holds_another_tells_more() -> None:
    longer, shorter = signature(FIGURES + " Contact: Ivo Melling, 17 June."), signature(FIGURES + " and so on" * 9)
    assert facts_told(longer) > facts_told(shorter) > facts_told(signature("Too short 17."))


@pytest.mark.parametrize(
    ("word", "told"),
    [("Marley", 1), ("x. Marley", 0), ("x\n\nMarley", 0), ("灯 Marley", 2), ("灯Marley", 1)],
    ids=["a name", "a start", "a start of a paragraph", "beside Chinese", "grown together with Chinese"],
)
def test_a_capital_tells_a_name_within_a_sentence_after_a_gap(word: str, told: int) -> None:
    assert facts_told(signature(with_word(word))) == told


def test_templated_records_stay_apart() -> None:
    form = "The undersigned {0} of {1} agrees to pay {2} euros each month. " + TEXT
    assert not finds(form.format("Ann Lee", "Brest", 500), form.format("Bo Kim", "Oslo", 700))


def test_short_texts_fold_only_when_equal() -> None:
    assert finds("The lamp is out.", "The  lamp\nis out.")
    assert not finds("The lamp is out.", "The lamp is out!")


def test_different_lengths_are_never_near() -> None:
    assert not finds(TEXT, TEXT[: len(TEXT) // 2])


def test_chinese_copies() -> None:
    text = (
        "灯塔守护人在港口修好了那盏灯，暴风雨来临之前所有的船都回来了。" * 3
        + "后来镇上的人为他立了一块石碑，上面刻着他的名字。"
    )
    assert finds(text, text.replace("，", "、"))
    assert not finds(text, text.replace("石碑", "铜像"))


def test_signatures_stand_for_texts_and_stay_the_same() -> None:
    near = NearDuplicates(0.7)
    near.add("a", signature(TEXT))
    assert near.find(signature(with_word("typo"))) == "a"
    assert signature("one two three " * 20).hex()[:48] == signature("one  two three\n" * 20).hex()[:48]


def test_order_of_adding_does_not_matter_and_removed_ones_are_gone() -> None:
    near = NearDuplicates(0.7)
    for id in ("b", "a", "c"):
        near.add(id, TEXT)
    assert near.find(TEXT) == "a"
    near.discard("a")
    assert near.find(TEXT) == "b"


def test_zero_threshold_finds_nothing() -> None:
    assert not finds(TEXT, TEXT, 0)
