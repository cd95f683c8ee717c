"""What a question comes with, as data: earlier turns, the question as it reads without them, answers to its parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from graphrag_lite.errors import ModelReplyError
from graphrag_lite.llm.structured import parse_json
from graphrag_lite.prompts import fenced, render
from graphrag_lite.query.asked import question_language
from graphrag_lite.query.by_model.attribution import without_attribution
from graphrag_lite.query.by_model.marker_forms import defused, is_unknown, without_markers
from graphrag_lite.records import QuestionPart, Turn
from graphrag_lite.text.tokens import estimate_tokens, first_tokens

_TOKENS, _MOST_TURNS = 400, 20  # of all turns that are shown
_LEAST = 40  # with less room a turn says nothing
_EARLIER, _KEPT = 75, 2  # tokens that a long turn leaves to each of so many before it: they may name what "it" is
_ASKED_TOKENS = 100
_UNANSWERED = "…"
# What models put before the question that they were asked for.
_LABEL = re.compile(
    r"^[^:：?？]*(?:\bquestion\b|\brewritten\b|\brewrite\b|问题|改写)[^:：?？]*[:：]\s*|^(?:q|问)\s?[:：]\s*|^\d{1,2}[.)、]\s*(?=\D)",
    re.IGNORECASE,
)
# What they put behind it: what they have changed, or an answer.
_REMARK = re.compile(
    r"(?:note|notes|explanation|reason|reasoning|changes?|context|a|answer|说明|注|注意|备注|解释|理由|答案?|回答)\s?\**[:：]"
    r"|[(（][^()（）]*[)）]\W*\Z",
    re.IGNORECASE,
)
# Some models answer a question in place of rewriting it; a question may have lost its mark.
_ASKS = re.compile(
    r"[?？]|^\W*(?:(?:and|in|at|for|by|to|of|from|with|on|under|about) )?"
    r"(?:who|whom|whose|what|which|where|when|why|how|is|are|was|were|do|does|did|can|could|will"
    r"|would|should|has|have|tell|describe|explain|list|name|compare|summari[sz]e|show|give)\b"
    r"|什么|谁|哪|多少|几|怎|为何|是否|吗|呢|如何|请|介绍|说明|解释|列出|比较|总结|概括",
    re.IGNORECASE,
)
_WRAPPING = " \t*_`\"'“”‘’「」>"


def show_conversation(turns: Sequence[Turn], question: str, *, asked: str = "", prompts: str = "") -> str:
    """The last turns as fenced data, and how the question was worded among them; "" without any.

    Markers of earlier answers are left out: their numbers stood for passages that are not shown any more. So is what
    names sentences again to mark them, which a model would imitate.

    Args:
        turns: Oldest first.
        question: As it is put to the model; it decides the language.
        asked: As the user wrote it; shown where it differs.
        prompts: Folder of the user's own prompts.
    """
    language = question_language(question)

    def show(turn: Turn) -> str:
        said = without_markers(without_attribution(turn.answer.strip())).strip()
        return render("conversation", language, prompts, question=turn.question.strip(), answer=said).user

    shown: list[str] = []
    room = _TOKENS
    if turns and asked.strip() not in ("", question.strip()):
        shown.append(show(Turn(first_tokens(asked, _ASKED_TOKENS), _UNANSWERED)))
        room -= estimate_tokens(shown[0])
    latest = [show(turn) for turn in reversed(turns[-_MOST_TURNS:])]
    for number, text in enumerate(latest, 1):
        if room < _LEAST:
            break
        left = sum(min(_EARLIER, estimate_tokens(earlier)) for earlier in latest[number : number + _KEPT])
        shown.insert(0, first_tokens(text, max(_LEAST, room - left)))
        room -= estimate_tokens(shown[0])
    if not shown:
        return ""
    heading = render("conversation", language, prompts, question="", answer="").system
    said = "\n".join(shown)
    return f"{heading}\n{fenced('conversation', said)}"


def show_parts(parts: Sequence[QuestionPart], question: str, *, prompts: str = "") -> str:
    """The parts of a question that were answered on the way, as fenced data; "" where none was."""
    language = question_language(question)
    answered = [part for part in parts if part.answer]
    if not answered:
        return ""
    said = (render("parts", language, prompts, question=p.question, answer=p.answer).user for p in answered)
    heading = render("parts", language, prompts, question="", answer="").system
    shown = defused("\n".join(said))
    return f"{heading}\n{fenced('parts', shown)}"


def read_rewritten(reply: str, question: str) -> str:
    """The question in a model's reply; "" where it holds none that can stand for `question`."""
    if is_unknown(reply):
        return ""
    lines = [" ".join(line.split()).strip(_WRAPPING) for line in _unwrapped(reply).splitlines()]
    lines = [line for line in lines if line and (not _REMARK.match(line) or _REMARK.match(question))]
    asking = [line for line in lines if line.endswith(("?", "？"))]
    is_marked = question.rstrip(_WRAPPING).endswith(("?", "？"))
    whole = " ".join(lines) if "\n" in question.strip() else ""
    text = whole or (asking if is_marked and asking else lines or [""])[-1]
    if not _LABEL.match(question):
        text = _LABEL.sub("", text).strip(_WRAPPING)
    is_answer = is_marked and not _ASKS.search(text)
    return text if len(text) <= 4 * len(question) + 400 and not is_answer else ""


def _unwrapped(reply: str) -> str:
    """The text in a reply of JSON; any other reply as it is."""
    if not re.match(r"\s*(?:```\w*\s*)?[{\[]", reply):
        return reply
    try:
        value: Any = parse_json(reply)
    except ModelReplyError:
        return reply
    while isinstance(value, dict | list):
        held = list(value.values() if isinstance(value, dict) else value)
        value = held[0] if held else ""
    return str(value)
