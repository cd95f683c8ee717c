"""Lines "Label: value" of Chinese forms and contracts, and the questions that ask for the value: 项目经理是谁."""

from __future__ import annotations

import re
from functools import lru_cache

from graphrag_lite.text.variants import simplified

# What a question asks for and no more: 项目经理 of 本项目的项目经理是谁, of 谁是项目经理.
_ASKED = re.compile(
    r"(?:请问)?(?:.*的)?(?:(?:谁|什么|哪[家个位])是)?(?P<label>[^，。的]{2,12}?)"
    r"(?:[是为叫在由]?(?:谁|哪(?:里|儿|一?[家个位天年月])|什么(?:时候|时间|地方|人)?|多少(?:[万亿]?元|[人天年月个])?|何[时地人]"
    r"|几[点号天年月日个楼]月?)|有?多[长久大高远重深宽])?[？?]*"
)
# Of a line of a list or a numbered one as well; what stands in brackets is another word for the same: 出租方（甲方）.
_LABELS = re.compile(
    r"[-*•+ \t]*(?:[一二三四五六七八九十\d]{1,3}[、.．])?[ \t]*"
    r"(?P<label>[^\W_]{2,16})[*_]*(?:[（(](?P<other>[^）)\n]{1,16})[）)])?[*_]*[：:][*_]*[ \t]*\S"
)


@lru_cache(maxsize=64)  # every quotation asks for it
def label_asked(question: str) -> str:
    """What a question asks for by a noun alone; "" of one that says more than that."""
    match = _ASKED.fullmatch(question)
    return match["label"] if match else ""


def says_value(label: str, text: str) -> bool:
    """Whether a text says what a label is: a line of it, or of one with it in brackets; 总价款为 says it of 总价."""
    if not label:
        return False
    text = simplified(text)
    line = _LABELS.match(text)
    return (line is not None and label in line.groups()) or _is_told(label, text)


def _is_told(label: str, text: str) -> bool:
    return re.search(rf"{re.escape(label)}[^，。；的]{{0,3}}(?:为|是|共计?|合计|达)", text) is not None
