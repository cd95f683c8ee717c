"""Which mode a question wants, and why."""

from __future__ import annotations

import re

from graphrag_lite.errors import QuestionError
from graphrag_lite.query.asked import read_question

MODES = ("auto", "basic", "local", "global")

# Words that ask for a picture of many documents rather than for a fact.
_WHOLE = re.compile(
    r"\b(?:themes?|topics?|trends?|overall|overview|summar\w+|in general|main (?:points?|ideas?|issues?|concerns?)"
    r"|across (?:all|the|these|different)|commonly|recurring|recur|patterns?|perspectives? on|opinions? (?:on|about|of)"
    r"|views? (?:on|about|of))\b"
    r"|主题|总体|概述|概括|总结|综述|归纳|趋势|整体|哪些方面|主要(?:观点|问题|议题|话题)|有哪些(?:共同|主要)|普遍",
    re.IGNORECASE,
)
# The collection itself: its parts and the voices in it.
_COLLECTION = re.compile(
    r"\b(?:guests|speakers|participants|experts|leaders|interviewees|authors|episodes?|conversations?|discussions?"
    r"|interviews|transcripts?|podcasts?|corpus|collection"
    r"|(?:these|the|all) (?:documents|texts|articles|papers|files|reports))\b"
    r"|这些(?:文档|访谈|文章|资料|对话|材料)|所有文档|各篇|嘉宾|受访者|访谈中",
    re.IGNORECASE,
)
# Many things, or how things are: "What obstacles …", "Are there …", "How do companies …", "the role of …".
_MANY = re.compile(
    r"^(?:are there|do (?:any )?\w+s|what are|(?:what|which) (?:\w+[ -]){0,3}?\w{3,}(?<![suai])s"
    r"|how (?:do|are) (?:\w+ ){0,2}?\w{2,}s|how (?:do|does|is|are) (?!i\b|you\b)(?!the\b))\b"
    r"|\b(?:roles?|impacts?|influences?|importance|significance|implications?|effects?) of\b"
    r"|看法|观点|作用|影响|意义",
    re.IGNORECASE,
)
_PARTICULAR = re.compile(r"\b(?:did|was|were|had|i|my)\b|\d", re.IGNORECASE)  # what happened once, or to the asker
_OF_ALL = "the question asks about the whole collection"
_VALUES = ("person", "date", "number", "place")


def choose_mode(question: str, mode: str, *, has_reports: bool, names_entities: bool) -> tuple[str, str]:
    """The mode to run, and the reason where `auto` chose it.

    Args:
        question: As asked.
        mode: What the caller wants.
        has_reports: Whether there is any community report.
        names_entities: Whether the question names an entity of the knowledge base.

    Raises:
        QuestionError: There is no such mode.
    """
    if mode == "drift":
        raise QuestionError("mode 'drift' needs a language model. Set llm.model, or ask with mode 'local' or 'global'")
    if mode not in MODES:
        raise QuestionError(f"no mode {mode!r}. There are: {', '.join(MODES)}, and drift with a language model")
    if mode != "auto":
        return mode, ""
    if has_reports and (why := _wholeness(question, names_entities)):
        return "global", why
    if names_entities:
        return "local", "the question names entities of the graph"
    return "local", "the question asks for a fact"


def _wholeness(question: str, names_entities: bool) -> str:
    """Why the question wants a picture of the whole; "" when it does not."""
    asked = read_question(question)
    if asked.is_general:
        return "the question names nothing to look for"
    if _WHOLE.search(question) or _COLLECTION.search(question):
        is_named = bool(asked.name_terms) and names_entities and asked.kind in _VALUES
        is_event = asked.kind in ("person", "date") and _PARTICULAR.search(question)
        return "" if is_named or is_event else _OF_ALL
    is_named = bool(asked.name_terms) and not asked.is_chinese  # no capitals tell a Chinese name from a word
    is_open = not is_named and not names_entities and asked.kind not in _VALUES
    if is_open and _MANY.search(question.strip()) and not _PARTICULAR.search(question):
        return "the question names nothing in particular and asks for no single fact"
    return ""
