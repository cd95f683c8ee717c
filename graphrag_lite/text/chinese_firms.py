"""Firms in Chinese text: what ends with a legal form reaches back to whatever is no part of a name.

Between the two stands anything: a place, a brand that the dictionary tags at random, what the firm does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from graphrag_lite.text.chinese_words import HAN_RUN, Word, is_known
from graphrag_lite.text.lexicon import word_set
from graphrag_lite.text.lexicon_zh import COUNTERPARTS, TRADES

_FORMS = ("有限公司", "有限责任公司", "集团", "集团公司")
_LIMITED = word_set("有限责任 股份有限 股份")
_INSIDE = word_set("n nr ns nt nz nrt nrfg j vn b s an a l eng")
_NAMING = word_set("nr ns nt nz nrt nrfg eng")
_NEVER_INSIDE = COUNTERPARTS | word_set("公司 经 子公司 分公司 总公司 母公司 全资")
_SPEAKS_FOR_ITSELF = 6  # characters in front of the legal form


class Firm(NamedTuple):
    """The words of a firm, from `first` to `last`. `is_strong`: one occurrence is enough."""

    first: int
    last: int
    is_strong: bool


def firms(words: Sequence[Word]) -> dict[int, Firm]:
    """The firms of a sentence by their first words, each as long as it gets."""
    found: dict[int, Firm] = {}
    for last, word in enumerate(words):
        is_limited = word.text == "公司" and last > 0 and words[last - 1].text in _LIMITED
        if is_limited or word.text.endswith(_FORMS):
            first = _reach_back(words, last)
            if first < last:
                found[first] = Firm(first, last, _is_strong(words[first:last]))
    return found


def _reach_back(words: Sequence[Word], last: int) -> int:
    first = last
    while first > 0:
        place = first - 3
        if (
            place > 0
            and words[first - 1].text in "）)"
            and words[place].text in "（("
            and words[place + 1].pos in _INSIDE
        ):
            first = place  # 瑞克设备（上海）有限公司
        elif _is_inside(words[first - 1], is_front_of_form=first == last):
            first -= 1
        else:
            break
    return first


def _is_inside(word: Word, *, is_front_of_form: bool) -> bool:
    if word.text in _NEVER_INSIDE or word.text.endswith(_FORMS[:2]):
        return False
    if word.pos in _INSIDE or word.text in TRADES or word.text in _LIMITED:
        return True
    if word.pos == "m":
        return word.text.startswith("第")
    is_word = len(word.text) > 1 and HAN_RUN.fullmatch(word.text) is not None
    # A verb in front of the form is what the firm does; a word that the dictionary does not know is a brand.
    return is_word and ((is_front_of_form and word.pos == "v") or not is_known(word.text))


def _is_strong(words: Sequence[Word]) -> bool:
    size = words[-1].end - words[0].start
    return size >= _SPEAKS_FOR_ITSELF or any(w.pos in _NAMING and len(w.text) > 1 for w in words)
