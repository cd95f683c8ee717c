from __future__ import annotations

import random

from graphrag_lite.index.choose_descriptions import choose_descriptions
from graphrag_lite.text.tokens import estimate_tokens

RNG = random.Random(3)
WORDS = [f"word{number}" for number in range(500)]
MANY = sorted({" ".join(RNG.sample(WORDS, RNG.randint(4, 12))) for _ in range(1000)})
COMMON = [f"Fenn Pumps makes pumps in Kelder Haven, says note {number}." for number in range(60)]


def test_few_descriptions_are_all_read() -> None:
    assert choose_descriptions(MANY[:5], 2000) == MANY[:5]


def test_many_are_bounded_and_in_order() -> None:
    chosen = choose_descriptions(MANY, 2000)
    assert 1800 < sum(map(estimate_tokens, chosen)) <= 2000
    assert chosen == [text for text in MANY if text in set(chosen)]


def test_the_longest_are_read_and_what_many_say() -> None:
    longest = "Fenn Pumps was founded in 1908 by Josiah Pell, " + "who had learnt the trade in Corwick, " * 3
    chosen = choose_descriptions([*MANY, *COMMON, longest], 2000)
    assert longest in chosen
    assert set(COMMON) & set(choose_descriptions([*sorted(MANY, key=len)[500:], *COMMON], 2000))


def test_one_more_hardly_ever_changes_the_choice() -> None:
    before = choose_descriptions(MANY, 2000)
    others = [text for text in MANY if text not in before]
    assert all(choose_descriptions([one for one in MANY if one != text], 2000) == before for text in others[:100])


def test_of_endless_descriptions_one_is_read() -> None:
    endless = ["word " * 3000, "other " * 3000]
    assert choose_descriptions(endless, 2000) == endless[:1]
