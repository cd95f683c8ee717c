"""Answers that a model put into JSON, which it is used to, though it was asked for text."""

from __future__ import annotations

import re

from graphrag_lite.errors import ModelReplyError
from graphrag_lite.llm.reply_forms import numbers_in, with_keys
from graphrag_lite.llm.structured import parse_json
from graphrag_lite.query.by_model.marker_forms import cites

_BEGUN = re.compile(r"\s*(?:```(?:json)?\s*)?\{")
_ENDED = re.compile(r"\}\s*(?:```)?\s*\Z")
_ANSWER = ("response", "finalanswer", "回答", "答案")
_SOURCES = ("citations", "citation", "source", "passages", "passagenumbers", "references", "引用", "来源", "段落")
_ASKED = re.compile(
    r"\b(?:as|in|into|valid|only|return|write|give)\s(?:\w+\s){0,2}json\b|\bjson (?:object|format)\b|json\s?格式"
    r"|(?:以|用|成|为|返回|输出)\s?json",
    re.IGNORECASE,
)
_BESIDE = ("question", "reasoning", "explanation", "thought", "confidence", "问题", "理由")


def asks_for_json(question: str) -> bool:
    """Whether a question wants its answer as JSON."""
    return bool(_ASKED.search(question))


def may_be_json(begun: str) -> bool:
    """Whether an answer begins as one in JSON does."""
    start = begun.lstrip()
    return bool(_BEGUN.match(begun)) or (bool(start) and "```json".startswith(start[:7]))


def text_of(answer: str) -> str:
    """The text of an answer, cited by the numbers beside it where it cites nothing itself; "" where it is null.

    JSON that holds anything but an answer and its sources may be what was asked for, and stays.
    """
    if not (_BEGUN.match(answer) and _ENDED.search(answer)):
        return answer
    try:
        value = parse_json(answer)
    except ModelReplyError:
        return answer
    said = with_keys(value, {"answer": _ANSWER, "sources": _SOURCES} | dict.fromkeys(_BESIDE, ()))
    if not isinstance(said, dict) or "answer" not in said or len(said) < len(value):
        return answer
    text = said["answer"] or ""
    if not isinstance(text, str):
        return answer
    is_marked = cites(text) or not text.strip()
    return text if is_marked else text + " " + "".join(f"[{n}]" for n in dict.fromkeys(numbers_in(said.get("sources"))))
