"""The kinds of answer that questions want, how each is asked for and told, and the dates and numbers of a text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from graphrag_lite.text.normalize import fold
from graphrag_lite.text.number_words import ABOVE_ONE
from graphrag_lite.text.variants import simplified


class _Kind(NamedTuple):
    """`asked` is how a question in lower case asks for it, `told` what a sentence has that gives it."""

    asked: str
    told: str = ""


_COUNT = rf"{ABOVE_ONE}|dozen|hundred|thousand|million|billion|half|twice|several"
# A single numeral is as often part of a word: 一般, 统一.
_COUNT_CJK = (
    "[一二三四五六七八九十百千万]+分之[一二三四五六七八九十]+|"
    "[一二三四五六七八九十百千万亿两](?=[个名位种人条座次年米岁所家部本篇项元天小分秒倍成期件台款份页子女卷首届艘辆套场度吨克公里层])"
    "|[〇零一二三四五六七八九十百千万亿两壹贰叁肆伍陆柒捌玖拾佰仟]{2,}"
)
_NUMERAL_CJK = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_HALF_OF_DAY = "(?:[上下]午|凌晨|早上|早晨|中午|晚上|傍晚)"
_DATE_CJK = (
    r"[\d一二三四五六七八九十〇零]{2,4}年|[一二三四五六七八九元]年|[每当本上次下]个?月的?\d{1,2}[日号]"
    r"|\d{1,2}月(?:\d{1,2}[日号])?|(?:1\d{3}|20\d{2})(?=[-/.]\d{1,2}[-/.]\d{1,2}(?!\d))"
    rf"|{_HALF_OF_DAY}{_NUMERAL_CJK}[点时]|{_NUMERAL_CJK}[点时](?:钟|整|半|\d{{1,2}}分)"
    r"|(?<![\d一二两三四五六七八九十几半])(?:周|星期|礼拜)[一二三四五六日天末](?![次回个天])"  # 每周一次, 一周五天
)
# The first kind that is asked for counts.
_ENGLISH: Mapping[str, _Kind] = {
    "number": _Kind(
        r"\bhow (?:many|much|old|long|far|tall|high|deep|large|big|often)\b|\bpercentage\b|\bpopulation of\b"
        r"|^which costs?\b"
        r"|^(?:at |for )?what\b.*\b(?:cost|price|charge|fee|sum|budget|amount|salary|temperature|speed|maximum|minimum"
        r"|limit|rate|length|height|depth|weight|size|duration|capacity)\b",
        rf"(?i:\d|\b(?:one|{_COUNT})\b)",
    ),
    "date": _Kind(
        r"^(?:\w+ )?when\b|\bwhen (?:did|was|were|is|are|does|do|will)\b|\bwhen\?*$"
        r"|\b(?:what|which) (?:year|date|month|day|century|decade|time)\b",
        r"(?i:\b\d{4}s?\b|\b(?:january|february|march|april|june|july|august|september|october|november|december)\b"
        r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\bcentur|\byears?\b|\b\d{1,2}:\d{2}\b)",
    ),
    "person": _Kind(r"\bwho(?:m|se)?\b|\bnames? of\b|\bnamed\b"),
    "place": _Kind(
        r"\bwhere\b|\b(?:what|which) (?:city|country|state|county|place|region|town|river|continent)\b",
        r"\b(?:in|at|near|from|to|of|on)\s+(?:the\s+)?[A-Z]|located",
    ),
    "reason": _Kind(
        r"\bwhy\b|\bwhat (?:caused?|reason)",
        r"(?i:\b(?:because|since|due to|owing to|so that|in order to|therefore|reason|caused?|result(?:s|ed)?"
        r"|thanks to)\b)",
    ),
}
_CHINESE: Mapping[str, _Kind] = {
    # 几年 asks how long, but for 生于几年; 哪几种 asks which, 有几点 for points, 几号楼 for a house.
    "number": _Kind(
        "多少|(?<!哪)几(?:[个名位种人条座次岁天项件份家所款台分行页章层周秒元块]|小时|星期|礼拜)|(?<![哪几在于])几年|多[大长久高远重深宽厚快]",
        _COUNT_CJK,
    ),
    "date": _Kind(
        "何时|什么时候|哪[一几]?[年月日天]|几月|几年|(?<!有)几点|几号(?![厅楼馆线机库门院房室车])|(?:周|星期|礼拜)几(?!点)|时间",
        r"[\d一二三四五六七八九十〇零]+[年月日]|世纪",
    ),
    "person": _Kind("谁|何人|哪位|什么人"),
    "place": _Kind("哪里|何地|何处|哪儿|在哪|什么地方|哪些地区", "位于|在|地处|分布|来自|于"),
    "reason": _Kind("(?<![称之名作成认视])为什么|为何|原因|死因", "因|由于|所以|故|为了|导致"),
}
# A question in one language may name things of the other, and be answered by a text in it.
_ASKED = {kind: re.compile(f"{english.asked}|{_CHINESE[kind].asked}") for kind, english in _ENGLISH.items()}
_TOLD = {
    kind: re.compile(f"{english.told}|{_CHINESE[kind].told}") for kind, english in _ENGLISH.items() if english.told
}
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)"
)
_ORDINAL = (
    r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|\w+teenth|twentieth|thirtieth"
    r"|(?:twenty|thirty)-\w+)"
)
# Values of a kind as they are written, to tell two answers apart.
_VALUES = {
    "date": re.compile(
        rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?: (?:day )?of)? {_MONTH}\b|\b{_MONTH} \d{{1,2}}\b"
        rf"|\b{_ORDINAL} (?:day )?of {_MONTH}\b"
        r"|\b1\d{3}\b|\b20\d{2}\b|(?a:\b\d{1,2}:\d{2}\b)|\b\w+ (?:years?|months?|days?) ago\b"
        rf"|{_DATE_CJK}"
    ),
    "number": re.compile(
        rf"(?:(?<![a-z_])|(?<=eur|usd|gbp|chf|cny|rmb|jpy))(?:\d[\d,.:]*\d|\d)|\b(?:{_COUNT})\b|{_COUNT_CJK}",
        re.IGNORECASE,
    ),
}
# Days, hours, versions, pages of a manual and the number of an item, which no question for a number asks for.
_CALENDAR = re.compile(
    r"\A\s*\d{1,3}[.)]\s|\bv?\d+(?:\.\d+){2,}|(?<=\w)\(\d\)|\d{4}年(?:\d{1,2}月)?(?:\d{1,2}[日号])?|\d{1,2}月\d{1,2}[日号]|\d{1,2}日(?=[上下]午|[凌早晚])|\d{1,2}时\d{1,2}分"
)


def kind_of_answer(question: str) -> str:
    """Number, date, person, place or reason: what a question asks for; "" for anything else."""
    lowered = question.lower()
    return next((kind for kind, pattern in _ASKED.items() if pattern.search(lowered)), "")


def looks_like(kind: str, text: str) -> bool:
    """Whether a sentence has a sign of a number, date, place or reason; persons are told by their names."""
    return kind in _TOLD and _TOLD[kind].search(text) is not None


def values_of(kind: str, text: str) -> frozenset[str]:
    """Dates or numbers that `text` holds, as written; of another kind none."""
    if kind not in _VALUES:
        return frozenset()
    text = simplified(text)
    text = _CALENDAR.sub(" ", text) if kind == "number" else text
    return frozenset(fold(match).strip(" ,.") for match in _VALUES[kind].findall(text)) - {""}


def value_spans(kind: str, text: str) -> list[tuple[int, int]]:
    """Where the dates or numbers of `text` stand; of another kind none."""
    return [match.span() for match in _VALUES[kind].finditer(simplified(text))] if kind in _VALUES else []
