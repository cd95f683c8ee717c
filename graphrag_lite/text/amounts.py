"""The numbers of a text as the values they stand for: 1,200,000, £1.2m, 1.2 million, 120万 and 一百二十万 are one.

Where a way of writing can be read in two ways (1.200, 5 M, a number with a unit that has a prefix), both count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from graphrag_lite.text.lexicon import FUNCTION_WORDS
from graphrag_lite.text.number_words import (
    HANZI_DIGITS,
    HANZI_SCALES,
    NUMBER_WORDS,
    SCALE_WORD,
    of_hanzi,
    of_words,
    scale_of,
)

_COMMAS = r"\d{1,3}(?:[,'’\u00a0\u2009\u202f]\d{3})+(?!\d)(?:\.\d+)?"
_DOTS = r"\d{1,3}(?:\.\d{3})+(?!\d)(?:,\d{1,2}(?!\d))?"
_DECIMAL_COMMA = r"\d+,\d{1,2}(?![\d,])"
_INDIAN = r"\d{1,2}(?:,\d{2}){1,5},\d{3}(?!\d)"
_WRITTEN = rf"(?:{_INDIAN}|{_COMMAS}|{_DOTS}|{_DECIMAL_COMMA}|\d{{1,18}}(?:\.\d{{1,18}})?)"
_POWER = r"\s?[×x·*]\s?10(?:\^|\*\*)?[{(]?(?P<power>[-−⁻]?[\d⁰¹²³⁴-⁹]{1,2})(?![\w.])"
_LETTER = r"(?-i:k|m|\s?[KMBT])(?![A-Za-z0-9²³^])"
_HANZI = rf"[{HANZI_DIGITS}{HANZI_SCALES}]"
_SCALED_IN_HANZI = rf"{_WRITTEN}(?:(?=[十百千])|\s?(?=[百千]?[万만亿억]))"
_ANY = re.compile(
    r"(?P<vague>\b(?:several|few|many|couple(?: of)?)(?: (?:dozen|hundred|thousand|million|billion))+\b"
    r"|\b(?:dozen|hundred|thousand|million|billion)s(?: of (?:thousand|million|billion)s)?\b"
    rf"|(?:[数几上好]|[一二两三四五六七八九]{{2}})[十百千万亿]{{1,3}})"
    rf"|(?P<whole>{_HANZI}{{1,9}}|\d{{1,9}})分之(?P<part>{_HANZI}{{1,9}}|\d{{1,9}}(?:\.\d{{1,9}})?)"
    rf"|(?P<hanzi>(?:{_SCALED_IN_HANZI}|{_HANZI}){{1,16}})"
    rf"|(?P<figure>(?P<sign>[$€£¥￥]\s?)?(?P<number>{_WRITTEN})"
    rf"(?:{_POWER}|(?P<scale>(?:[\s-]?{SCALE_WORD}\b\.?){{1,3}})|(?P<letter>{_LETTER}))?)"
    rf"|(?P<words>{NUMBER_WORDS})",
    re.IGNORECASE,
)
_UNIT_WORD = re.compile(r"[ -]?([%％°]|[\u3400-\u9fff]|[^\W\d_]+)")
_PERCENT = re.compile(r"[ -]?(?:[%％]|per ?cent|个?百分点)", re.IGNORECASE)
_TENTHS = re.compile(r"成(?![为立功本员长就果绩交熟都])")
_ROUGHLY = re.compile(
    r"(?:\b(?:about|approximately|approx\.?|roughly|around|circa|ca\.|nearly|almost|over|under|some)"
    r"|\b(?:more|less|fewer) than|[约近逾超]过?|不到)\s*$",
    re.IGNORECASE,
)
_AND_MORE = re.compile(r"\+|[多余]|几[十百千万个]")
_RANGE = re.compile(r"\s?(?:to|and|or|[-–—~～至到或])\s?", re.IGNORECASE)
_LETTERS = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}
_OF_CHEQUES = str.maketrans("壹贰貳叁叄肆伍陆陸柒捌玖拾佰仟萬億", "一二二三三四五六六七八九十百千万亿")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")

# Units in which another text may tell the same, with the factors to these.
_UNITS = re.compile(
    r"[ -]?(?:(?P<square>km ?[²2]|sq(?:uare)? (?:km|kilo)|平方(?:公里|千米))|(?P<hectare>ha\b|hectares?\b|公顷)"
    r"|(?P<basis>bps\b|basis points?\b|个?基点)|(?P<tonne>t\b|(?:metric )?tons?\b|tonnes?\b|吨)"
    r"|(?P<prefix>[kMGTdcmµμn])(?:m|g|Wh?|VA?|A|Hz|i?B|bits?|bps|J|Nm?|Pa|eV|[lL]|s|Ω|cal)(?![A-Za-z0-9])"
    r"|(?P<named>[Kk]ilo|[Mm]ega|[Gg]iga|[Tt]era|[Cc]enti|[Mm]illi|[Mm]icro)(?=[a-z]{3})(?!on)"
    r"|(?P<sign>[千公兆厘毫微])[米里斤克升瓦赫秒])"
)
_FACTORS = {
    "square": (1e6,),
    "hectare": (1e4, 0.01),
    "basis": (0.01, 1e-4),
    "tonne": (1e3, 1e6),
    **{"k": (1e3,), "M": (1e6,), "G": (1e9,), "T": (1e12,), "d": (0.1,), "c": (0.01,), "m": (1e-3,), "n": (1e-9,)},
    **{"µ": (1e-6,), "μ": (1e-6,), "kilo": (1e3,), "mega": (1e6,), "giga": (1e9,), "tera": (1e12,)},
    **{"centi": (0.01,), "milli": (1e-3,), "micro": (1e-6,)},
    **{"千": (1e3,), "公": (1e3,), "兆": (1e6,), "厘": (0.01,), "毫": (1e-3,), "微": (1e-6,)},
}
# What the figures of a table are in: "USD million", "(in thousands)", 单位：万元.
_OF_TABLE = re.compile(
    r"(?:\bin |[(（]|(?:\bUS)?[$€£¥]|\b(?-i:USD|EUR|GBP|CNY|RMB|CHF|JPY)) ?"
    rf"(?:(?:US)?[$€£¥] ?|(?-i:[A-Z]{{3}}) )?(?:(?P<words>{SCALE_WORD})|(?P<letter>[kmb]))\b"
    rf"|(?<![\d数几{HANZI_DIGITS}{HANZI_SCALES}])(?P<hanzi>[百千]?[万亿]|[百千])[美欧日港]?元",
    re.IGNORECASE,
)

# Numbers that stand inside what is written as one, or in several: 20240305, 1862–65, 03.2024, 1 200 000.
_INNER = re.compile(
    r"(?<!\d)(?P<date>(?:1[5-9]|20)\d\d)(?=(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?!\d))"
    r"|(?<!\d)(?P<century>1\d|20)\d\d\s?[-–/]\s?(?P<year>\d\d)(?!\d)|(?<=[.,])(?P<run>\d{4})(?!\d)"
    r"|(?<![\d.,] )(?<![\d.,])(?P<spaced>[1-9]\d{0,2}(?: \d{3}){1,4})(?![\d.,])(?! \d)"
)
_SHARES = (
    (re.compile(r"(?i)\bhal(?:f|ves)\b|半"), (1 / 2,)),
    (re.compile(r"(?i)\bquarters?\b|\bfourths?\b"), (1 / 4, 3 / 4)),
    (re.compile(r"(?i)\bthirds?\b"), (1 / 3, 2 / 3)),
    (re.compile(r"(?i)\b(?:an?|one|two|three|four)[ -]fifths?\b"), (1 / 5, 2 / 5, 3 / 5, 4 / 5)),
    (re.compile(r"(?i)\b(?:doubled?|twice)\b|翻[倍番]"), (1.0, 2.0)),
)
# 3/4, three in four, 3 out of every 4: which of the two numbers is the whole shows by its size.
_OF_EACH = re.compile(r"\s?/\s?|\s(?:in|out of|of)\s(?:every\s)?", re.IGNORECASE)
ROUNDED_DIGITS = 5  # from which on zeros at the end may come of rounding
_MOST_OF_EACH = 1000.0
_RANGE_OF_VAGUE = 1000.0  # hundreds may be thousands, and no millions


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in a text: `text[start:end]`, without its unit.

    `values` are all it can be read as, and `step` is what it was rounded to, as a share of its value. `scale` is the
    factor of a word such as million, 1 where there is none, and `written` the Arabic digits before it. `is_marked`: a
    currency or percent stands with it. `most` is above 0 where the text only gives a range, from its one value on.
    `unit` is the currency before it or the word behind it.
    """

    values: tuple[float, ...]
    start: int = 0
    end: int = 0
    step: float = 0.0
    scale: float = 1.0
    written: str = ""
    is_marked: bool = False
    is_rough: bool = False
    most: float = 0.0
    unit: str = ""


def amounts(text: str) -> list[Amount]:
    """The numbers of a text, in order."""
    text = text.translate(_OF_CHEQUES)
    found = [_qualified(_read(match), text) for match in _ANY.finditer(text)]
    for number in range(len(found) - 1):  # the first of "2 to 3 million" counts millions as well
        one, other = found[number : number + 2]
        if one.scale == 1 < other.scale and _RANGE.fullmatch(text[one.end : other.start]):
            found[number] = replace(one, values=(*one.values, *(value * other.scale for value in one.values)))
    return found


def held_amounts(text: str) -> list[Amount]:
    """The numbers of a source: also those inside of others, shares in words, and what the figures of a table are in."""
    found = amounts(text)
    factors = {_factor_of_table(match) for match in _OF_TABLE.finditer(text)}
    if factors:
        found = [a if a.scale != 1 else replace(a, values=(*a.values, *_times(a.values, factors))) for a in found]
    inner = ["".join(filter(None, match.groups())).replace(" ", "") for match in _INNER.finditer(text)]
    shares = [share for said, values in _SHARES if said.search(text) for share in values]
    shares += [
        one.values[0] / other.values[0]
        for one, other in pairwise(found)
        if one.values[0] < other.values[0] <= _MOST_OF_EACH and _OF_EACH.fullmatch(text[one.end : other.start])
    ]
    return [
        *found,
        *(Amount((float(number),)) for number in inner),
        *(Amount((share, 100 * share)) for share in shares),
    ]


def _times(values: Sequence[float], factors: set[float]) -> Iterator[float]:
    return (value * factor for value in values for factor in sorted(factors))


def _factor_of_table(match: re.Match[str]) -> float:
    if match["hanzi"]:
        return of_hanzi(match["hanzi"])[0]
    return scale_of(match["words"]) if match["words"] else _LETTERS[match["letter"].lower()]


def _read(match: re.Match[str]) -> Amount:
    """The number itself; what stands around it is not looked at."""
    start, end = match.span()
    if match["vague"]:
        least = _vague(match["vague"])
        return Amount((least,), start, end, scale=least, most=_RANGE_OF_VAGUE * least)
    if match["whole"]:
        share = of_hanzi(match["part"])[0] / (of_hanzi(match["whole"])[0] or 1)
        return Amount((share, 100 * share), start, end, is_marked=True)
    if match["words"]:
        return Amount(tuple(of_words(match["words"])), start, end)
    if match["hanzi"]:
        plain = re.sub(_WRITTEN, lambda number: _forms(number[0])[0], match["hanzi"])
        value, scale = of_hanzi(plain)
        digits = re.findall(r"[\d.]+", plain)
        step = _step(value, digits[-1], scale, is_rounded=True) if digits else 0.0
        return Amount((value,), start, end, step, scale, "".join(digits).replace(".", ""))
    return _figure(match)


def _figure(match: re.Match[str]) -> Amount:
    """A number in Arabic digits with the word or letter that scales it."""
    forms, letter = _forms(match["number"]), (match["letter"] or "").strip()
    scale = scale_of(match["scale"]) if match["scale"] else 1.0
    if match["power"]:
        scale = 10.0 ** int(match["power"].translate(_SUPERSCRIPTS))
    values = tuple(scale * float(form) for form in forms)
    if letter:
        scaled = tuple(_LETTERS[letter.lower()] * value for value in values)
        is_plain = letter == "k" or match["sign"]  # 5 M may be a molar, 5 K kelvin, 5 m metres
        values = scaled if is_plain else (*values, *scaled)
        scale = _LETTERS[letter.lower()] if is_plain else scale
    written = "".join(filter(str.isdigit, match["number"]))
    step = _step(values[0], forms[0], scale, is_rounded=scale != 1 or not match["number"].isdigit())
    return Amount(values, *match.span(), step, scale, written, bool(match["sign"]))


def _forms(number: str) -> list[str]:
    """How a number reads with a point for its decimals and without anything between thousands."""
    if re.fullmatch(_DECIMAL_COMMA, number) or number.startswith("0,"):
        return [number.replace(",", "."), number.partition(",")[0]]
    if re.fullmatch(_DOTS, number):
        whole = number.replace(".", "").replace(",", ".")
        return [whole] if number.count(".") > 1 or "," in number else [number, whole]
    return [re.sub(r"[^\d.]", "", number)]


def _step(value: float, form: str, scale: float, *, is_rounded: bool) -> float:
    """What a number was rounded to, as a share of it.

    Zeros at the end of one that `is_rounded` or is long may come of that, as long as two digits stay: 2000 is a year.
    """
    if not value:
        return 0.0
    unit = scale * 10.0 ** -len(form.partition(".")[2])
    counted = str(round(value / unit))
    if is_rounded or len(counted) >= ROUNDED_DIGITS:
        unit *= 10 ** max(0, len(counted) - max(2, len(counted.rstrip("0"))))
    return unit / value


def _vague(words: str) -> float:
    """The least that "hundreds", "several thousand" or 数百万 stands for."""
    if words.isascii():
        return scale_of(re.sub(r"(?i)several|few|many|couple|of", "", words))
    return of_hanzi(re.sub(r"^[^十百千万亿]+", "", words))[0]


def _qualified(amount: Amount, text: str) -> Amount:
    """A number with what its unit and the words around it make of it."""
    behind = text[amount.end : amount.end + 20]
    is_percent = bool(_PERCENT.match(behind))
    factors: tuple[float, ...] = ()
    if is_percent or _TENTHS.match(behind):
        factors = (0.01,) if is_percent else (0.1, 10.0)
    elif unit := _UNITS.match(behind):
        kind = str(unit.lastgroup)
        factors = (
            _FACTORS[kind] if kind in _FACTORS else _FACTORS[unit[kind].lower() if kind == "named" else unit[kind]]
        )
    values = (*amount.values, *_times(amount.values, set(factors)))
    is_rough = _ROUGHLY.search(text[max(0, amount.start - 20) : amount.start]) or _AND_MORE.match(behind)
    is_marked = amount.is_marked or is_percent
    return replace(amount, values=values, is_marked=is_marked, is_rough=bool(is_rough), unit=_unit(amount, text))


def _unit(amount: Amount, text: str) -> str:
    """The currency before a number or the word behind it; "" where that says nothing."""
    word = _UNIT_WORD.match(text, amount.end)
    sign, found = text[amount.start], word[1].lower() if word else ""
    return sign if sign in "$€£¥￥" else "" if found in FUNCTION_WORDS else found
