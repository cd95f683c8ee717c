"""Sums and measures that say what a question asks for without its word: "£94,300" the price, "48 hours" how long."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

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
# "How long", "how often", "what percentage" and the like ask for these.
_MEASURES = {
    re.compile(r"(?i)\bhow (long|early|soon|far(?= (?:in advance|ahead)\b))\b"): re.compile(
        rf"(?i)\b{_NUMBER}{_UNIT}\b"
    ),
    re.compile(r"(?i)\bhow (often)\b"): re.compile(
        r"(?i)\b(?:hourly|daily|weekly|monthly|quarterly|yearly|annually|every|once|twice|\w+ times|(?:a|an|each|per) "
        r"(?:hour|day|week|month|quarter|year))\b"
    ),
    re.compile(r"(?i)\bhow (large|big)\b"): re.compile(r"\d"),
    re.compile(r"(?i)\b(temperature|(?<=how )(?:hot|cold|warm))\b"): re.compile(r"(?i)\d ?°|\d ?degrees?\b"),
    re.compile(r"(?i)\b(percentage|per ?cent)\b"): re.compile(r"(?i)\d ?%|\bper ?cent\b"),
    re.compile(r"(?i)\b(maximum|most|longest|highest|largest|limit)\b"): re.compile(
        r"(?i)\b(?:up to|at most|not? more than|(?:not|never) exceed)\b"
    ),
    re.compile(r"(?i)\b(minimum|least|shortest|lowest|smallest)\b"): re.compile(
        r"(?i)\b(?:at least|not? less than|not? fewer than)\b"
    ),
}
# What 多长 and the like are told in, up to whose end a number is read.
_DIGITS_CJK = "[\\d〇零一二三四五六七八九十百千万亿两半.,]+[多余]?"
_LENGTH_CJK = "(?:公里|千米|海里|英里|英尺|厘米|毫米|公分|公尺|米|里|尺|寸|丈|km|cm|mm|m(?![a-z]))"
_TIME_CJK = "(?:个?(?:多|半)?(?:世纪|年|月|星期|礼拜|小时|钟头)|周|天|日|夜|分钟?|毫?秒|学期|季)"
_RATE_CJK = "(?:[度万亿元人倍成瓦伏安%％‰°℃]|毫安|[kmg]?w(?![a-z]))"  # told of the thing itself: 温度为80℃ of 温度多高
_PEOPLE_CJK = "(?:个?人|[名位])"
_MONEY_CJK = "(?:[百千万亿]?(?:[美欧日港银]?元|英镑|法郎|卢布|卢比|[块两钱]))"
_UNITS_CJK = {
    "长": _TIME_CJK,
    "久": _TIME_CJK,
    "大": f"(?:平方|立方|公顷|亩|顷|岁|吨|升|英?寸|[kmgt]b?(?![a-z])|兆|个|㎡|{_LENGTH_CJK})",
    "重": "(?:公?斤|千?克|吨|磅|两|kg|g(?![a-z]))",
    "远": "(?:光年|小时|钟头|分钟|站)",
    **dict.fromkeys("高深宽厚", "层"),
    **dict.fromkeys("年月天", _TIME_CJK),
    **dict.fromkeys("岁少", "岁"),
    "人": _PEOPLE_CJK,
    **dict.fromkeys("钱元", _MONEY_CJK),
}
# A length is that of which its clause speaks: 1453米 of 全长1453米 is no width.
_DIMENSIONS_CJK = {
    "长": "[长程]",
    "高": "(?:高|海拔)",
    "远": "[远距离外]",
    "深": "深",
    "宽": "[宽幅]",
    "厚": "厚",
}
_MEASURED_CJK = re.compile(
    "(?P<thing>[^有要是需达到约]{2})?[有要是需达到约]*"
    "(?P<measure>(?:多(?:长(?:时间)?|[大高深宽厚远重久]|少岁)|(?<![哪几在于])几个?[岁年月天])(?=了?[？?]*$)"
    "|(?:多少|几)(?=个?人(?![口均民员工次类气]))个?人|多少(?:钱|[百千万亿]?[美欧日港]?元))"
)
_PRICE_ASKED_CJK = re.compile("(?:[价薪]|价[格款钱]|租金|房租|费用?|工资|押金|金额|预算|成本)[是为有]?多少[？?]*$")
# Of a price: no share of it, no time, no persons, and not the number of an item: "1. ".
_PRICE_CJK = re.compile(
    f"(?<!分之)(?<![\\d.,〇零一二三四五六七八九十百千万亿两半])"
    f"{_DIGITS_CJK}(?<![.,])(?![\\d.,〇零一二三四五六七八九十百千万亿两半]| ?[%％成折倍]| ?{_PEOPLE_CJK}|{_TIME_CJK})"
)
_HOW_OLD = re.compile(r"(?i)\bhow old\b")
_AGE = re.compile(
    rf"(?i)\baged?\b\W{{0,2}}(?:of |about |was |is ){{0,2}}{_NUMBER}|\b{_NUMBER}year|\bborn\b.*\d{{4}}|\(\d{{1,3}}\)"
    r"|\b(?:years?|months?|weeks?|days?|hours?)[ -]old\b"
    r"|(?:\b(?:is|was|turns|turned)|\bam|\bare|\bat|['’][sm]|,) (?:\d{1,3}|[a-z]+(?:teen|ty(?:-[a-z]+)?))"
    r"(?=[.,;)]|$| (?:now|when|today|and|at)\b)"
)


@cache
def _told_in_chinese(measure: str, thing: str) -> re.Pattern[str]:
    is_time = measure.endswith("时间")
    of = measure[-1] if measure[-1] in "人钱元" else measure.replace("个", "")[1]
    units = _TIME_CJK if is_time else _UNITS_CJK[of]
    told = [f"{_DIGITS_CJK} ?{units}", f"[（(]{units}[）)][:：] ?{_DIGITS_CJK}"]  # 年终奖(月): 3
    if of in "大高":
        told.append(f"{re.escape(thing)}[^，。；]{{0,12}}?(?:百分之{_DIGITS_CJK}|{_DIGITS_CJK} ?{_RATE_CJK})")
    if of in _DIMENSIONS_CJK and not is_time:
        length, dimension = f"{_DIGITS_CJK} ?{_LENGTH_CJK}", _DIMENSIONS_CJK[of]
        told += [f"{dimension}[^，。；、\\d]{{0,10}}?{length}", f"{length}[^，。；、\\d]{{0,4}}{dimension}"]
    if of in "钱元":
        told.append(f"[¥￥$€£] ?{_DIGITS_CJK}")
    return re.compile(f"(?i){'|'.join(told)}")


def measured_in_chinese(question: str) -> re.Pattern[str] | None:
    """What tells the measure or the sum that a Chinese question asks for: a number with such a unit."""
    if _PRICE_ASKED_CJK.search(question):
        return _PRICE_CJK
    match = _MEASURED_CJK.search(question)
    return _told_in_chinese(match["measure"], match["thing"] or "") if match else None


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
