"""Sums and measures that say what a question asks for without its word: "£94,300" the price, "48 hours" how long."""

from __future__ import annotations

import re
from collections.abc import Mapping

from graphrag_lite.text.normalize import terms
from graphrag_lite.text.number_words import ABOVE_ONE

SAID_BY_SIGN = 0.8  # how far a sum or measure says such a word
_SUMS = re.compile(
    r"\b(?:costs?|price|charges?|charged|fees?|sum|amount|budget|salary|wages?|earn|pay|paid|spend|spent|invest\w*|worth)\b"
    r"|价|费|元|钱|投资|金额|预算|成本",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"[£$€¥]\s?\d|\d\s?(?:(?:thousand|million|billion)\s)?(?:pounds?|dollars?|euros?|shillings?|pence|cents?|万?元|亿元|英镑|美元)"
    r"|[一二三四五六七八九十百千万亿]元|(?<![^\W_])(?:gbp|usd|eur|cny|rmb|jpy|chf)(?![^\W_])",
    re.IGNORECASE,
)
_INCOME = re.compile(r"(?i)\b(?:salary|wages?|earn\w*)\b|工资|薪")
# Money that is not said to be something else than what somebody earns.
EARNED = re.compile(
    r"(?is)\A(?!.*\b(?:budget|prices?|costs?|revenue|turnover|profit|compensation|penalty|fees?|loan|debt|invest\w*)\b)"
    rf".*?(?:{_MONEY.pattern})"
)
_NUMBER = rf"(?:\d[\d,.]*\)?[ -]?|(?:an?|{ABOVE_ONE}|hundred|thousand)[ -])"
_UNIT = (
    r"(?:seconds?|minutes?|mins?|hours?|hrs?|h|days?|nights?|weeks?|months?|years?|yrs?|decades?|centur(?:y|ies)"
    r"|characters?|letters?|words?|lines?|pages?|bits|bytes|(?:kilo|centi|milli)?met(?:re|er)s?|[kcm]?m|miles?|feet|foot|inch(?:es)?|yards?)"
)
UNITS = rf"(?:{_UNIT}|times|pounds|dollars|euros)"  # what is measured, and often not named beside its number
# "How long", "how often" and "how large" ask for these.
_MEASURES = {
    re.compile(r"(?i)\bhow (long)\b"): re.compile(rf"(?i)\b{_NUMBER}{_UNIT}\b"),
    re.compile(r"(?i)\bhow (often)\b"): re.compile(
        r"(?i)\b(?:hourly|daily|weekly|monthly|quarterly|yearly|annually|every|once|twice|\w+ times|(?:a|an|each|per) "
        r"(?:hour|day|week|month|quarter|year))\b"
    ),
    re.compile(r"(?i)\bhow (large|big)\b"): re.compile(r"\d"),
}
_HOW_OLD = re.compile(r"(?i)\bhow old\b")
_AGE = re.compile(
    rf"(?i)\baged?\b\W{{0,2}}(?:of |about |was |is ){{0,2}}{_NUMBER}|\b{_NUMBER}year|\bborn\b.*\d{{4}}|\(\d{{1,3}}\)"
    r"|(?:\b(?:is|was|turns|turned)|\bam|\bare|\bat|['’][sm]|,) (?:\d{1,3}|[a-z]+(?:teen|ty(?:-[a-z]+)?))"
    r"(?=[.,;)]|$| (?:now|when|today|and|at)\b)"
)


def gives_age(question: str, text: str) -> bool:
    """Whether `text` tells how old somebody is; True of any text where that is not asked."""
    return not _HOW_OLD.search(question) or _AGE.search(text) is not None


def measures_asked(question: str, kept: frozenset[str]) -> Mapping[re.Pattern[str], frozenset[str]]:
    """Terms of a question for a number, by the pattern of what says them.

    Args:
        question: As asked.
        kept: Its content terms.
    """
    money = EARNED if _INCOME.search(question) else _MONEY
    found = {money: frozenset(terms(" ".join(_SUMS.findall(question))))}
    found |= {saying: frozenset(terms(" ".join(asking.findall(question)))) for asking, saying in _MEASURES.items()}
    return {saying: asked & kept for saying, asked in found.items() if asked & kept}
