"""What a question asks the number of, and whether a text gives it: "four lamps" of "How many lamps has Ada?"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from graphrag_lite.query.measures import UNITS
from graphrag_lite.query.values import value_spans
from graphrag_lite.text.lexicon import FUNCTION_WORDS
from graphrag_lite.text.normalize import Token, scan, terms

COUNTERS = "个位些所家种类本部座条项门首届级款只台间份名件天年月日次国省市县支艘辆"  # what 哪 and 几 ask for
_COUNTED = re.compile(
    rf"(?i)\bhow many (?!{UNITS}\b)(?:[\w-]+ ){{0,3}}?((?!does|is|was|has)[\w-]+s|children|men|women)\b"
)
# 员工 of 有多少名员工. What is measured or paid is hardly ever named beside its number, and what 几 asks for is listed.
_MEASURED = f"人钱元米公里厘毫分小时秒吨克度倍岁周亩平千万亿字{COUNTERS}"
_COUNTED_CJK = re.compile(rf"多少[{COUNTERS}篇张位头棵]?((?![{_MEASURED}])[\u3400-\u9fff]{{1,6}})[？?]*$")
OF_ONE_KIND = frozenset(terms("son daughter"))  # counted as themselves: three children need not be three sons
_NEAR = 5  # words from a number to what it counts


def counted_asked(question: str) -> frozenset[str]:
    """Terms of what an English question asks the number of: "boats" of "How many small boats has Ada?"."""
    match = _COUNTED.search(question)
    return frozenset(terms(match[1])) if match else frozenset()


def counted_in_chinese(question: str) -> frozenset[str]:
    """The same of a Chinese question, in pairs of characters where it has them."""
    match = _COUNTED_CJK.search(question)
    return frozenset(t for t in terms(match[1]) if len(t) == min(2, len(match[1]))) if match else frozenset()


def counts(counted: frozenset[str], text: str) -> bool:
    """Whether an English `text` has a number beside one of some terms; of "Lund & Sons" nobody is counted."""
    tokens = scan(text)
    places = [
        token.start
        for at, token in enumerate(tokens)
        if not counted.isdisjoint(terms(token.word)) and not (token.is_capital and _is_in_name(text, tokens, at))
    ]
    values = [start for start, _ in value_spans("number", text)]
    return any(len(text[min(at, v) : max(at, v)].split()) <= _NEAR for at in places for v in values)


def _is_in_name(text: str, tokens: Sequence[Token], at: int) -> bool:
    """Whether another capitalised word stands right before it, or with "&" between."""
    before = tokens[at - 1] if at else None
    is_beside = before is not None and text[before.end : tokens[at].start].strip() in ("", "&")
    return before is not None and is_beside and before.is_capital and before.word not in FUNCTION_WORDS
