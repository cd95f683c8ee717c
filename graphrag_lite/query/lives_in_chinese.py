"""How Chinese tells of a life without the words of the question: （1902年－1978年） when, 湖南湘潭人 from where."""

from __future__ import annotations

import re
from collections.abc import Mapping

from graphrag_lite.text.lexicon import word_set
from graphrag_lite.text.lexicon_zh import KNOWN_PLACES
from graphrag_lite.text.variants import simplified

_YEAR = r"\d{3,4}年?[^（()）\n]{0,12}?"
_DATES = re.compile(rf"[（(][^（()）\n]{{0,12}}?{_YEAR}[-－—–~～至]+[^（()）\n]{{0,6}}?{_YEAR}[)）]")
_ORIGIN_ASKED = re.compile("(?:哪里|哪儿|什么地方|何处)的?人(?![\u3400-\u9fff])|籍贯|祖籍|原籍")
_ORIGIN = re.compile(
    rf"(?:(?:{'|'.join(sorted(KNOWN_PLACES))})[\u3400-\u9fff]{{0,6}}|[省市县区州国府郡])人(?=[，,。；、）]|$)"
    "|籍贯|祖籍|原籍|出生于|生于|来自"
)
_CHILDREN = re.compile("[\\d一二两三四五六七八九十]个?(?:儿子|女儿|[子女儿])(?![弹路棋])")
# What of a question each of them says, by what is asked for.
_SAID = {
    "date": (_DATES, word_set("出生 诞生 生于 去世 逝世 病逝 过世 死")),
    "place": (_ORIGIN, word_set("籍贯 祖籍 原籍")),
    "number": (_CHILDREN, word_set("孩子 子女 儿女")),
}


def asks_origin(question: str) -> bool:
    """Whether it is asked where somebody comes from: 陈嘉树是哪里人."""
    return _ORIGIN_ASKED.search(question) is not None


def tells_origin(text: str) -> bool:
    """Whether a text tells where somebody comes from."""
    return _ORIGIN.search(simplified(text)) is not None


def life_asked(kind: str, kept: frozenset[str]) -> Mapping[re.Pattern[str], frozenset[str]]:
    """Terms of a question for a date, place or number of a life, by the pattern of what says them.

    Args:
        kind: What is asked for.
        kept: Content terms of the question.
    """
    return {saying: said & kept for of, (saying, said) in _SAID.items() if of == kind and said & kept}
