import random

import pytest

from graphrag_lite.index.duplicates import NearDuplicates, signature

RNG = random.Random(2)
WORDS = ["".join(RNG.choice("abcdefghijk") for _ in range(6)) for _ in range(900)]
TEXT = " ".join(RNG.choice(WORDS) for _ in range(400))


def finds(stored: str, text: str, threshold: float = 0.9) -> bool:
    near = NearDuplicates(threshold)
    near.add("a", stored)
    return near.find(text) == "a"


def with_word(word: str, at: int = 200) -> str:
    words = TEXT.split()
    return " ".join([*words[:at], word, *words[at + 1 :]])


@pytest.mark.parametrize(
    "copy",
    [TEXT, TEXT.replace(" ", "\n"), TEXT.upper().capitalize(), with_word("typo"), TEXT + " one more remark."],
    ids=["same", "reflowed", "case", "typo", "addition"],
)
def test_edited_copy_is_found(copy: str) -> None:
    assert finds(TEXT, copy)


@pytest.mark.parametrize("word", ["500", "Marley", "灯"])
def test_copy_with_another_number_or_name_is_another_document(word: str) -> None:
    assert not finds(TEXT, with_word(word))
    assert finds(with_word(word), TEXT)


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
    near = NearDuplicates(0.9)
    near.add("a", signature(TEXT))
    assert near.find(signature(with_word("typo"))) == "a"
    assert signature("one two three " * 20).hex()[:24] == signature("one  two three\n" * 20).hex()[:24]


def test_order_of_adding_does_not_matter_and_removed_ones_are_gone() -> None:
    near = NearDuplicates(0.9)
    for id in ("b", "a", "c"):
        near.add(id, TEXT)
    assert near.find(TEXT) == "a"
    near.discard("a")
    assert near.find(TEXT) == "b"


def test_zero_threshold_finds_nothing() -> None:
    assert not finds(TEXT, TEXT, 0)
