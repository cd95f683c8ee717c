"""The calls of a chat model that a question needs: rewrite, decompose, answer, map, reduce, follow up.

Contexts come as plain numbered items; what they are, and whether a citation holds, is known to the callers. Nothing
here retrieves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from graphrag_lite.errors import ModelReplyError
from graphrag_lite.llm.protocols import ChatModel, ChatReply, ChatRequest, Message
from graphrag_lite.llm.reply_forms import numbers_in, share_of, unquoted, with_keys
from graphrag_lite.llm.structured import CutOffError, ask, whole_items
from graphrag_lite.prompts import numbered, render
from graphrag_lite.query.asked import question_language
from graphrag_lite.query.by_model.conversation import read_rewritten, show_conversation, show_parts
from graphrag_lite.query.by_model.fenced_answers import may_be_fenced, unfenced
from graphrag_lite.query.by_model.json_answers import asks_for_json, may_be_json, text_of
from graphrag_lite.query.by_model.marker_forms import (
    PART,
    cites,
    defused,
    is_unknown,
    numbers_of,
    without_markers,
)
from graphrag_lite.records import QuestionPart, Turn
from graphrag_lite.text.tokens import estimate_tokens

_OPENING = 240  # characters of an answer that are shown only once one of them cites: they may say that there is none
_SMALL_REPLY_TOKENS = 400
_NAMES_OF_LANGUAGES = {"en": {"zh": "Chinese"}, "zh": {"en": "英文"}}
_LONGEST_COPIED = 300  # tokens of a question that a small reply holds
_LONGEST_SHORT_ANSWER = 200
_MOST_PARTS, _MOST_FOLLOW_UPS = 6, 3  # questions
_USUAL_SCORE, _MOST_SCORE = 50.0, 100.0
_POINT = {
    "text": ("point", "description", "statement", "answer", "summary", "content", "要点", "内容", "描述"),
    "reports": ("report", "reportids", "reportnumbers", "sources", "source", "references", "报告", "编号"),
    "score": ("importance", "relevance", "rating", "helpfulness", "评分", "分数", "得分"),
}
_QUESTION = ("question", "subquestion", "text", "content", "query", "问题", "子问题")
_LISTED = re.compile(r"\A\s*(?:(?:\d{1,2}[.)]|[-*•])\s+(?=\S)|\d{1,2}、)")
_ANSWER_LABEL = re.compile(
    r"\A\W*(?:the\s)?(?:short\s|final\s)?answer(?:\sis\s?[:：]?\s|\W{0,3}[:：])\W*|\A\W*答案?(?:[是为]|\W{0,3}[:：])\W*",
    re.IGNORECASE,
)
_WRITTEN_REFERENCE = re.compile(r"[\[{<(（]?#\s?(\d{1,2})\b[\]}>)）]?")


@dataclass(frozen=True, slots=True)
class ContextItem:
    """One numbered piece of a context: a passage, a report or a point. Its number is its place, from 1."""

    text: str
    title: str = ""

    @property
    def shown(self) -> tuple[str, str]:
        """Title and text as a model sees them."""
        return defused(self.title), defused(self.text)


_CUT_OFF = {
    "length": "the model broke off before the end of its answer, perhaps at llm.max_output_tokens",
    "repetition": "the model began to repeat itself and was stopped",
    "content_filter": "a filter of the provider stopped the model before the end of its answer",
}


@dataclass(frozen=True, slots=True)
class Generated:
    """A model's answer. Empty `text` means that the context does not hold it; `cut_off` says why it has no end."""

    text: str
    cut_off: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """What one batch of reports adds to a global answer; `sources` index all reports, from 0.

    `dropped` counts numbers that it gave besides and that name no report.
    """

    text: str
    sources: tuple[int, ...]
    score: float
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Mapped:
    """The points of one batch of reports. Not `is_whole`: the reply was cut off behind the last of them."""

    points: tuple[Point, ...] = ()
    is_whole: bool = True


def rewrite_question(model: ChatModel, question: str, turns: Sequence[Turn], *, prompts: str = "") -> str:
    """The question as it reads without the conversation before it. One small call; none without turns.

    A question so long that a small reply cannot hold it stands as it is.
    """
    if not turns or estimate_tokens(question) > _LONGEST_COPIED:
        return question
    conversation = _shown(turns, question, prompts=prompts)
    prompt = render("rewrite", question_language(question), prompts, conversation=conversation, question=question)
    reply = model.complete(_request(prompt.system, prompt.user, "rewrite", _SMALL_REPLY_TOKENS))
    return (read_rewritten(reply.text, question) if reply.is_complete else "") or question


def translate_question(model: ChatModel, question: str, language: str, *, prompts: str) -> str:
    """The question in another language, "en" or "zh"; as it is where the reply holds none. One small call."""
    if estimate_tokens(question) > _LONGEST_COPIED:
        return question
    own = question_language(question)
    prompt = render("translate", own, prompts, language=_NAMES_OF_LANGUAGES[own][language], question=question)
    reply = model.complete(_request(prompt.system, prompt.user, "translate", _SMALL_REPLY_TOKENS))
    return (read_rewritten(reply.text, question) if reply.is_complete else "") or question


class _ListReply(BaseModel):
    """A reply that holds one list, which some models send bare, or in several pieces."""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        (name,) = cls.model_fields
        if not isinstance(value, list):
            return with_keys(value, {name: ()})
        parts = [with_keys(one, {name: ()}).get(name) if isinstance(one, dict) else None for one in value]
        if value and all(isinstance(part, list) for part in parts):
            return {name: [item for part in parts if part for item in part]}
        return {name: value}


class QuestionsReply(_ListReply):
    """A list of questions."""

    questions: list[str]

    @field_validator("questions", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> Any:
        value = unquoted(value)
        if isinstance(value, dict):
            value = [value] if with_keys(value, {"q": _QUESTION}) else list(value.values())
        items = value if isinstance(value, list) else [value]
        said = (with_keys(item, {"q": _QUESTION}).get("q", "") if isinstance(item, dict) else item for item in items)
        return [_WRITTEN_REFERENCE.sub(r"#\1", _LISTED.sub("", one)) for one in said if isinstance(one, str) and one]


def decompose_question(model: ChatModel, question: str, *, prompts: str = "") -> tuple[str, ...]:
    """The questions about one fact each that `question` consists of, in order; "#1" stands for the first answer.

    One small call. A simple question comes back alone, as does any when the reply is unusable, and one that is too
    long for a small reply without a call.
    """
    if estimate_tokens(question) > _LONGEST_COPIED:
        return (question,)
    prompt = render("decompose", question_language(question), prompts, question=question)
    try:
        reply = ask(model, _request(prompt.system, prompt.user, "decompose", _SMALL_REPLY_TOKENS), QuestionsReply)
    except ModelReplyError:
        return (question,)
    parts = tuple(q.strip() for q in reply.questions if q.strip())[:_MOST_PARTS]
    is_copied = question not in prompt.system and any(p in prompt.system for p in parts if "#" not in p)
    return (question,) if is_copied or not parts else parts  # small models copy the example of the prompt


def short_answer(
    model: ChatModel,
    question: str,
    items: Sequence[ContextItem],
    *,
    needed_for: tuple[str, str] = ("#1", ""),
    prompts: str = "",
) -> str:
    """The bare answer to a question about one fact; "" when the passages do not hold it. One small call.

    `needed_for` is a later question with the mark that the answer takes the place of: it tells which of several
    answers, and how exact a one, is wanted.
    """
    shown = numbered(item.shown for item in items)
    mark, later = needed_for
    prompt = render(
        "bridge", question_language(question), prompts, passages=shown, mark=mark, later=later, question=question
    )
    reply = model.complete(_request(prompt.system, prompt.user, "decompose", _SMALL_REPLY_TOKENS))
    said = text_of(reply.text)
    bare = _ANSWER_LABEL.sub("", said.strip()).strip().partition("\n\n")[0]  # behind it comes what explains it
    text = without_markers(" ".join(bare.split())).strip(" .。,，;；*")
    is_short = reply.is_complete and len(text) <= _LONGEST_SHORT_ANSWER
    return text if is_short and not is_unknown(said) else ""


def follow_up_questions(
    model: ChatModel, question: str, points: Sequence[ContextItem], *, prompts: str = ""
) -> tuple[str, ...]:
    """Search questions that would add to some points; none when these are enough. One small call."""
    try:
        reply = ask(model, follow_up_request(question, points, prompts=prompts), QuestionsReply)
    except ModelReplyError:
        return ()
    return tuple(q.strip() for q in reply.questions if q.strip())[:_MOST_FOLLOW_UPS]


def follow_up_request(question: str, points: Sequence[ContextItem], *, prompts: str) -> ChatRequest:
    """The call that asks what is missing beside some points."""
    shown = numbered(point.shown for point in points)
    prompt = render(
        "follow_up", question_language(question), prompts, most=_MOST_FOLLOW_UPS, answer=shown, question=question
    )
    return _request(prompt.system, prompt.user, "follow_up", _SMALL_REPLY_TOKENS)


def answer_request(
    question: str,
    items: Sequence[ContextItem],
    turns: Sequence[Turn] = (),
    *,
    asked: str = "",
    parts: Sequence[QuestionPart] = (),
    prompts: str = "",
    name: str = "answer",
) -> ChatRequest:
    """The call that answers from numbered items: `name` is "answer" (passages) or "reduce" (points).

    `asked` is the question as it followed the turns, where it was rewritten; `parts` are those that it was split into.
    """
    shown = numbered(item.shown for item in items)
    values = {"passages" if name == "answer" else "points": shown}
    before = _shown(turns, question, asked=asked, prompts=prompts)
    before += f"{told}\n\n" if (told := show_parts(parts, question, prompts=prompts)) else ""
    prompt = render(name, question_language(question), prompts, conversation=before, question=question, **values)
    return _request(prompt.system, prompt.user, name, 0)


def generate_answer(model: ChatModel, request: ChatRequest) -> Generated:
    """The answer to `answer_request`. One call."""
    return read_answer(model.complete(request), is_json_asked=_is_json_asked(request))


def stream_answer(model: ChatModel, request: ChatRequest) -> Iterator[str | Generated]:
    """Pieces of the answer as they arrive, then the whole of it. An unknown answer shows no piece."""
    held, is_open = "", False
    for piece in model.stream(request):
        if isinstance(piece, ChatReply):
            answer = read_answer(piece, is_json_asked=_is_json_asked(request))
            if not is_open and answer.text:
                yield answer.text
            yield answer
            return
        if is_open:
            yield piece
            continue
        held += piece
        if may_be_json(held) or may_be_fenced(held):
            continue
        if (len(held) > _OPENING or cites(held)) and not is_unknown(held):
            is_open = True
            yield held.lstrip()


def _is_json_asked(request: ChatRequest) -> bool:
    return asks_for_json(request.messages[-1].content.rpartition("\n\n")[2])  # the question, behind passages


def read_answer(reply: ChatReply, *, is_json_asked: bool = False) -> Generated:
    """A reply as an answer; one in JSON stays as it is where that was asked for.

    Raises:
        ModelReplyError: Nothing was written.
    """
    if not reply.text.strip():
        raise ModelReplyError(_why_nothing(reply))
    text = (reply.text if is_json_asked else unfenced(text_of(reply.text))).strip()
    return Generated("" if is_unknown(text) else text, _CUT_OFF.get(reply.finish_reason, ""))


def _why_nothing(reply: ChatReply) -> str:
    if reply.finish_reason == "content_filter":
        return "The model refused to answer, or a filter of its provider stopped it."
    if reply.finish_reason == "repetition":
        return "The model thought the same again and again. Leave llm.thinking off, or change llm.model."
    if reply.is_complete:
        return "The model wrote nothing, or only thought aloud."
    if reply.reasoning:
        return "The model was cut off while it thought. Raise llm.max_output_tokens, or leave llm.thinking off."
    return "The model wrote nothing: context and reply did not fit its window. Set llm.context_tokens to what it has."


class PointItem(BaseModel):
    """One point."""

    text: str
    reports: list[int] = Field(default_factory=list)
    score: float = _USUAL_SCORE

    @model_validator(mode="before")
    @classmethod
    def _cited_in_the_text(cls, value: Any) -> Any:
        """A point, or a bare text, whose reports may be marked in it."""
        said = with_keys(value, _POINT) if isinstance(value, dict) else {"text": value}
        text = said.get("text")
        if isinstance(text, str) and not numbers_in(said.get("reports")):
            marked = [number for part in PART.finditer(text) for number in numbers_of(part)]
            return said | {"text": without_markers(text), "reports": marked}
        return said

    @field_validator("reports", mode="before")
    @classmethod
    def _numbers(cls, value: Any) -> list[int]:
        return numbers_in(value)

    @field_validator("score", mode="before")
    @classmethod
    def _score(cls, value: Any) -> float:
        given = share_of(value, _MOST_SCORE)  # "80%", "80/100", "high", null
        return _USUAL_SCORE if given is None else given


class PointsReply(_ListReply):
    """What a batch of reports says about a question."""

    points: list[PointItem]  # a reply without them has not said that there are none

    @field_validator("points", mode="before")
    @classmethod
    def _with_text(cls, value: Any) -> Any:
        value = unquoted(value)
        items = value if isinstance(value, list) else [value]
        pointed = [{"text": item} if isinstance(item, str) and cites(item) else item for item in items]
        given = [with_keys(item, _POINT) for item in pointed if isinstance(item, dict)]
        found = [item for item in given if isinstance(item.get("text"), str)]
        if given and not found:
            raise ValueError("no point has a text")
        return [item for item in found if item["text"].strip(" .…")]


def batch_items(items: Sequence[ContextItem], max_tokens: int) -> list[list[int]]:
    """Indices of the items in batches of at most `max_tokens` each (one item at least), in order."""
    batches: list[list[int]] = []
    room = 0
    for number, item in enumerate(items):
        tokens = estimate_tokens(item.title) + estimate_tokens(item.text) + 4
        if not batches or tokens > room:
            batches.append([])
            room = max_tokens
        batches[-1].append(number)
        room -= tokens
    return batches


def map_request(question: str, reports: Sequence[ContextItem], *, prompts: str = "") -> ChatRequest:
    """The call that draws points from numbered reports."""
    shown = numbered(report.shown for report in reports)
    prompt = render("map", question_language(question), prompts, reports=shown, question=question)
    return _request(prompt.system, prompt.user, "map", 1200)


def map_reports(
    model: ChatModel,
    question: str,
    reports: Sequence[ContextItem],
    batch: Sequence[int],
    *,
    prompts: str = "",
    may_ask_again: Callable[[ChatRequest], bool] = lambda request: True,
) -> Mapped:
    """Points of one batch of reports that bear on the question, the best first. One call, or two for a bad reply.

    Raises:
        CutOffError: The reply was cut off before its first point was whole.
        ModelReplyError: The reply was unusable, a second time where there was room for one.
    """
    request = map_request(question, [reports[n] for n in batch], prompts=prompts)
    try:
        reply = ask(model, request, PointsReply, is_divisible=len(batch) > 1, may_ask_again=may_ask_again)
        is_whole = True
    except CutOffError as error:
        reply, is_whole = _as_far_as_it_came(error), False
    points = [_point(item, batch) for item in reply.points if item.text.strip() and item.score > 0]
    return Mapped(tuple(sorted(points, key=lambda point: (-point.score, point.sources, point.text))), is_whole)


def _as_far_as_it_came(error: CutOffError) -> PointsReply:
    """The whole points of a reply that was cut off; an error where there is none."""
    try:
        reply = PointsReply(points=whole_items(error.text))
    except ValidationError:
        raise error from None
    if not reply.points:
        raise error
    return reply


def _point(item: PointItem, batch: Sequence[int]) -> Point:
    known = [n for n in item.reports if 1 <= n <= len(batch)]
    sources = tuple(batch[n - 1] for n in dict.fromkeys(known))
    return Point(" ".join(item.text.split()), sources, item.score, len(item.reports) - len(known))


def _shown(turns: Sequence[Turn], question: str, *, asked: str = "", prompts: str = "") -> str:
    """The conversation with the empty line that sets it apart; "" without any."""
    shown = show_conversation(turns, question, asked=asked, prompts=prompts)
    return f"{shown}\n\n" if shown else ""


def _request(system: str, user: str, purpose: str, max_output_tokens: int) -> ChatRequest:
    messages = (Message("system", system), Message("user", user))
    return ChatRequest(messages, max_output_tokens=max_output_tokens, purpose=purpose)
