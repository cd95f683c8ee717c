"""Lines "Label: value" of Chinese forms and contracts, and the questions that ask for the value: 项目经理是谁."""

from __future__ import annotations

import re

from graphrag_lite.text.variants import simplified

# What a question asks for and no more: 项目经理 of 本项目的项目经理是谁, of 谁是项目经理.
_ASKED = re.compile(
    r"(?:请问)?(?:.*的)?(?:(?:谁|什么|哪[家个位])是)?(?P<label>[^，。的]{2,12}?)"
    r"(?:[是为叫在由有]?(?:谁|哪.{0,3}|什么.{0,2}|多少.{0,3}|多[长久大高远重深宽]|何[时地人]|几.{1,2}))?[？?]*"
)
# Of a line of a list or a numbered one as well; what stands in brackets is another word for the same: 出租方（甲方）.
_LABELS = re.compile(
    r"[-*•+ \t]*(?:[一二三四五六七八九十\d]{1,3}[、.．])?[ \t]*"
    r"(?P<label>[^\W_]{2,16})[*_]*(?:[（(](?P<other>[^）)\n]{1,16})[）)])?[*_]*[：:][*_]*[ \t]*\S"
)


def label_asked(question: str) -> str:
    """What a question asks for by a noun alone; "" of one that says more than that."""
    match = _ASKED.fullmatch(question)
    return match["label"] if match else ""


def is_labelled(label: str, line: str) -> bool:
    """Whether a line begins with a label, in simplified characters, or with one that has it in brackets."""
    match = _LABELS.match(simplified(line))
    return bool(label) and match is not None and label in match.groups()
