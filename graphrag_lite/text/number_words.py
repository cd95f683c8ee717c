"""Numbers written in words: "three hundred and fifty thousand", "eighteen sixty-two", 三十五万, 3万5千."""

from __future__ import annotations

import re
from itertools import pairwise

_ONES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
_ONES += "eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_VALUES = dict(zip(_ONES.split(), range(1, 20), strict=True)) | dict(
    zip(_TENS.split(), range(20, 100, 10), strict=True)
)
# "One" stands apart: it is as often a pronoun.
ABOVE_ONE = "|".join(word for word in _VALUES if word != "one")
# Scale words of the languages that documents in Latin letters are mostly in.
_SCALES = {
    "dozen": 12.0,
    "hundred": 1e2,
    "thousand": 1e3,
    "tausend": 1e3,
    "lakh": 1e5,
    "million": 1e6,
    "millionen": 1e6,
    "millones": 1e6,
    "mn": 1e6,
    "mio": 1e6,
    "crore": 1e7,
    "billion": 1e9,
    "bn": 1e9,
    "milliard": 1e9,
    "milliarden": 1e9,
    "mrd": 1e9,
    "trillion": 1e12,
    "trn": 1e12,
}
SCALE_WORD = rf"(?:{'|'.join(sorted(_SCALES, key=len, reverse=True))})s?"
_WORD = rf"(?:{'|'.join(_VALUES)}|half|{SCALE_WORD})"
NUMBER_WORDS = rf"\b(?:(?:half an?|an?)\s)?{_WORD}(?:(?:[\s-]|\spoint\s|\sand\s(?:an?\s)?){_WORD}){{0,9}}\b"

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SMALL = {"十": 1e1, "百": 1e2, "千": 1e3}
_LARGE = {"万": 1e4, "亿": 1e8, "兆": 1e12, "만": 1e4, "억": 1e8}
HANZI_DIGITS, HANZI_SCALES = "".join(_DIGITS), "".join(_SMALL | _LARGE)
_HANZI_PART = re.compile(rf"[\d.]+|[{HANZI_DIGITS}]+|[{HANZI_SCALES}]")


def scale_of(words: str) -> float:
    """The factor that words such as "hundred thousand" stand for."""
    factor = 1.0
    for word in re.findall(r"[a-z]+", words.lower()):
        factor *= _SCALES.get(word) or _SCALES[word.removesuffix("s")]
    return factor


def of_words(words: str) -> list[float]:
    """The numbers that words which follow each other stand for, and the years that pairs of them do."""
    said: list[float] = []
    total = current = place = 0.0
    for word in re.findall(r"[a-z]+", words.lower()):
        if word in ("a", "an", "and", "point"):
            place = 1.0 if word == "point" else place
            continue
        value = 0.5 if word == "half" else _VALUES.get(word)
        if place and value is not None and value < 10:  # three point one four
            place /= 10
            current += place * value
            continue
        place = 0.0
        if value is None:
            factor = scale_of(word)
            is_part = factor <= 100  # of what a larger word may scale: three hundred thousand
            total, current = (total, (current or 1) * factor) if is_part else (total + (current or 1) * factor, 0.0)
            continue
        if not _continues(current, value):
            said, total, current = [*said, total + current], 0.0, 0.0
        current += value
    said.append(total + current)
    return [*said, *(100 * one + other for one, other in pairwise(said) if 10 <= one <= 20 and 10 <= other < 100)]


def _continues(current: float, value: float) -> bool:
    """Whether a word adds to the number before it: two hundred and five, sixty-two, one and a half."""
    return current % 100 == 0 or value < 1 or (value < 10 and current % 100 >= 20 and current % 10 == 0)


def of_hanzi(text: str) -> tuple[float, float]:
    """The number that Chinese characters stand for, with Arabic digits among them, and the scale of its last part."""
    total = section = number = 0.0
    last, is_spelled = 1.0, True
    for part in _HANZI_PART.findall(text):
        if part in _SMALL:
            section, number, last = section + (number or 1) * _SMALL[part], 0.0, _SMALL[part]
        elif part in _LARGE:
            rest, scale = section + number, _LARGE[part]
            # 一万五千亿: what came before is scaled with it; 一亿五千万: it is not
            total = (total + rest) * scale if 0 < total < scale else total + (rest or 1) * scale
            section, number, last = 0.0, 0.0, scale
        else:
            is_spelled = "零" not in part and "〇" not in part
            number = float("".join(str(_DIGITS.get(c, c)) for c in part))
    if number and last >= 100 and is_spelled and number < 10:  # 三万五
        number *= last / 10
    return total + section + number, last
