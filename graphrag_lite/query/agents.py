"""Lines that name who did something: "Author: Ada Quill", "By Ada Quill", 译者：…."""

from __future__ import annotations

import re
from collections.abc import Mapping

from graphrag_lite.text.fields import field_of
from graphrag_lite.text.lexicon import PARTICLES
from graphrag_lite.text.normalize import has_cjk, scan, terms

_BYLINE = re.compile(r"(?im)^[*_–— ]{0,4}(?:(?:written|words|text|story) )?by (?P<name>[^\n:：;]{2,60}?)[*_ ]*$")
_WRITING = re.compile(r"(?i)\b(?:wrote|writ\w+|authors?|authored)\b")
# What a Chinese question says of somebody's work, and what labels call who did it.
_AGENTS_CJK = (
    ("[编撰]?写|[编撰]?著|撰", "作者|著者|著|撰文|撰稿|撰写|文"),
    ("翻?译", "译者|翻译|译"),
    ("主?编[写著辑]?", "编者|主编|编辑|编著|编"),
    ("插?[画图]|绘[画制图]?", "绘者|绘图|插图|插画|绘"),
)
_AGENTS = (
    (_WRITING, _BYLINE),
    *((re.compile(asking), re.compile(rf"(?m)^[-*• ]*(?:{label})\**[:：]")) for asking, label in _AGENTS_CJK),
)
_ACTS_FOR = re.compile(r"(?i)(?:signed )?(?:for|on behalf of)\b")
_OF_NAME = ("name", "full name", "姓名")  # labels for whoever is asked for


def agents_asked(question: str, kept: frozenset[str]) -> Mapping[re.Pattern[str], frozenset[str]]:
    """Terms of a question for a person, by the pattern of the lines that say them by naming who did it.

    Args:
        question: As asked.
        kept: Its content terms.
    """
    found = {line: frozenset(terms(" ".join(asking.findall(question)))) & kept for asking, line in _AGENTS}
    return {line: said for line, said in found.items() if said}


def names_agent(
    line: str, roles: tuple[frozenset[str], frozenset[str]], signs: Mapping[re.Pattern[str], frozenset[str]]
) -> bool:
    """Whether a line is a label and a name behind it.

    Args:
        line: Of a passage.
        roles: The terms that a label may say, and those that one for whom somebody acts may.
        signs: Patterns of other lines that will do.
    """
    is_sign = any(sign.search(line) for sign in signs)
    if field := field_of(line):
        label, value = field
        said = frozenset(terms(label))
        own, principals = roles
        may_say = own | principals if _ACTS_FOR.match(label) else own
        is_asked = is_sign or bool(said and said <= may_say) or label.lower() in _OF_NAME
        return is_asked and (has_cjk(value) or _is_all_name(value))
    byline = _BYLINE.match(line) if is_sign else None
    return byline is not None and _is_all_name(byline["name"])


def _is_all_name(text: str) -> bool:
    """Whether `text` is nothing but capitalised words up to a comma or bracket."""
    tokens = scan(re.split(r"[,;(（，；、]", text, maxsplit=1)[0])
    return bool(tokens) and all(token.is_capital or token.word in PARTICLES for token in tokens)
