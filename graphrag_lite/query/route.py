"""Which mode a question wants, and why."""

from __future__ import annotations

import re

from graphrag_lite.errors import InputError
from graphrag_lite.query.asked import read_question

MODES = ("auto", "basic", "local", "global")

# Words that ask for a picture of many documents rather than for a fact.
_WHOLE = re.compile(
    r"\b(?:themes?|topics?|trends?|overall|overview|summar\w+|in general|main (?:points?|ideas?|issues?|concerns?)"
    r"|across (?:all|the|these|different)|(?:most )?common(?:ly)?|recurring|collection|corpus|all (?:the )?documents"
    r"|what (?:do|does|did|are) (?:the |these |most |all )?(?:guests?|people|documents?|speakers?|authors?"
    r"|participants?|experts?|episodes?|conversations?|papers?)|perspectives?|opinions? (?:on|about|of)|views on|patterns?"
    r"|how (?:do|does|did) (?:the )?(?:guests?|people|documents?|speakers?|experts?|leaders?) )\b"
    r"|主题|总体|概述|概括|总结|综述|归纳|趋势|整体|哪些方面|主要(?:内容|观点|问题|议题|话题)|有哪些(?:共同|主要)|普遍|所有文档|这些文档",
    re.IGNORECASE,
)


def choose_mode(question: str, mode: str, *, has_reports: bool, names_entities: bool) -> tuple[str, str]:
    """The mode to run, and the reason where `auto` chose it.

    Args:
        question: As asked.
        mode: What the caller wants.
        has_reports: Whether there is any community report.
        names_entities: Whether the question names an entity of the knowledge base.

    Raises:
        InputError: There is no such mode.
    """
    if mode not in MODES:
        raise InputError(f"no mode {mode!r}. There are: {', '.join(MODES)}")
    if mode != "auto":
        return mode, ""
    if has_reports and read_question(question).is_general:
        return "global", "the question names nothing to look for"
    if has_reports and _WHOLE.search(question):
        return "global", "the question asks about the whole collection"
    if names_entities:
        return "local", "the question names entities of the graph"
    return "local", "the question asks for a fact"
