"""Asks for JSON of a given shape and accepts nothing less: repair, validation, one re-ask, then an error."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from graphrag_lite.errors import ModelReplyError
from graphrag_lite.llm.protocols import ChatModel, ChatReply, ChatRequest, Message, RemembersReplies
from graphrag_lite.llm.reasoning import encodable
from graphrag_lite.llm.reply_forms import unquoted, with_plain_signs

M = TypeVar("M", bound=BaseModel)
_FENCE = re.compile(r"```(?:json|JSON)?[ \t]*\n?(.*?)```", re.DOTALL)
_OPENING = re.compile(r"[{\[｛［]")
_ESCAPED = re.compile(r'"?[{\[](?:[\s{\[]|\\n)*\\"')
_ITEM = re.compile(r"[\s,]*(?=\{)")
_SHOWN_CHARACTERS = 1500


class CutOffError(ModelReplyError):
    """Prompt and reply together did not fit: ask for less at once. `text` is as far as the reply came."""

    text: str = ""


def ask(
    model: ChatModel,
    request: ChatRequest,
    shape: type[M],
    check: Callable[[M], str] | None = None,
    *,
    is_divisible: bool = False,
    may_ask_again: Callable[[ChatRequest], bool] = lambda request: True,
) -> M:
    """The model's reply as a validated value.

    Costs one call, or two when the first reply is unusable. A good second reply is remembered for the original
    request, so no later run pays for the detour again; bad ones are forgotten.

    Args:
        model: The chat model.
        request: The request; its `schema` is set here.
        shape: What the reply must be.
        check: Says what else is wrong with a value; empty when nothing is.
        is_divisible: That the reply was cut off is remembered: the next run asks for less at once. Else it is
            forgotten, and the next run tries again.
        may_ask_again: Whether there is room for a second request.

    Raises:
        CutOffError: The reply was cut off, or the prompt did not fit.
        ModelReplyError: Both replies were unusable.
    """
    request = replace(request, schema=json_schema(shape))
    reply = model.complete(request)
    try:
        return _read(reply, shape, check)
    except CutOffError:
        if not is_divisible:
            _remember(model, request, None)
        raise
    except ModelReplyError as error:
        again = replace(request, messages=(*request.messages, *_complaint(reply.text, str(error))))
        if not may_ask_again(again):
            _remember(model, request, None)
            raise
    second = model.complete(again)  # until it is there the first stays cached: it leads the next run to this request
    try:
        value = _read(second, shape, check)
    except ModelReplyError:
        _remember(model, request, None)
        if second.is_complete:
            _remember(model, again, None)
        raise
    _remember(model, request, second)
    return value


def _remember(model: ChatModel, request: ChatRequest, reply: ChatReply | None) -> None:
    if isinstance(model, RemembersReplies):
        model.remember(request, reply)


def _complaint(text: str, problem: str) -> tuple[Message, Message]:
    shown = text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + " …"
    return (
        Message("assistant", shown or "(nothing)"),
        Message(
            "user", f"That reply cannot be used: {problem}\nSend the whole reply again as valid JSON, nothing else."
        ),
    )


def _read(reply: ChatReply, shape: type[M], check: Callable[[M], str] | None) -> M:
    if reply.finish_reason == "content_filter":
        raise ModelReplyError("The model refused, or the provider's content filter stopped the reply.")
    if not reply.is_complete:
        error = CutOffError(
            "The model repeated itself until its reply was cut off."
            if reply.finish_reason == "repetition"
            else "The reply was cut off at the output limit, or the prompt did not fit the context window."
        )
        error.text = reply.text
        raise error
    problem: ModelReplyError | None = None
    for value in _forms(json_values(reply.text)):
        try:
            parsed = shape.model_validate(value)
        except ValidationError as error:
            problem = problem or ModelReplyError(_summary(error))
            continue
        found = check(parsed) if check else ""
        if not found:
            return parsed
        problem = problem or ModelReplyError(found)
    raise problem or ModelReplyError("There is no JSON in the reply.")


def _forms(values: Iterable[Any]) -> Iterator[Any]:
    """Each value, then what it may be wrapped in: the name of the shape, "properties", "arguments" of a tool."""
    for value in values:
        yield value
        yield from reversed(value) if isinstance(value, list) else ()  # the last of several is the final one
        held = [unquoted(part) for part in value.values()] if isinstance(value, dict) else []
        yield from (part for part in held if isinstance(part, dict | list))
        inner = (unquoted(part) for one in held if isinstance(one, dict) for part in one.values())
        yield from (part for part in inner if isinstance(part, dict))


def _summary(error: ValidationError) -> str:
    found = [f"{'.'.join(map(str, e['loc'])) or 'reply'}: {e['msg']}" for e in error.errors()[:5]]
    return f"The reply has another shape than asked for: {'; '.join(found)}"


def parse_json(text: str) -> Any:
    """The JSON value in a reply, as the first of `json_values`."""
    return next(json_values(text))


def json_values(text: str) -> Iterator[Any]:
    """The JSON in a reply: bare, fenced or amid words, as it is or else repaired where that is safe; the best first.

    Several values are one list. Repair never invents an end: text that stops inside a bracket was cut off somewhere,
    whatever the server says about it, and closing it silently would lose facts.

    Raises:
        ModelReplyError: There is none, or it has no end.
    """
    candidate = _candidate(text)
    try:
        yield _encodable(json.loads(candidate))
        return
    except (ValueError, RecursionError) as error:  # a number of thousands of digits is no JSONDecodeError
        problem = ModelReplyError(f"The reply is not valid JSON: {error}")
    with suppress(ValueError, RecursionError):
        yield _encodable(json.loads(with_plain_signs(candidate)))
        return
    if _is_open(candidate):
        raise ModelReplyError("The JSON of the reply has no end.")
    if several := _whole_values(candidate):
        yield _encodable(several[0] if len(several) == 1 else several)
    from json_repair import repair_json

    try:
        value = _encodable(repair_json(candidate, return_objects=True))
    except (ValueError, RecursionError) as error:
        raise problem from error
    if not isinstance(value, dict | list) or not value:
        raise problem
    yield value


def _whole_values(text: str) -> list[Any]:
    """The objects and lists of objects that stand one after another in a text, those that are valid as they are."""
    decoder, found, at = json.JSONDecoder(), [], 0
    while opening := _OPENING.search(text, at):
        try:
            value, at = decoder.raw_decode(text, opening.start())
        except (ValueError, RecursionError):
            at = _end_of(text, opening.start())
            continue
        if isinstance(value, dict) or (value and all(isinstance(one, dict) for one in value)):
            found.append(value)
    return found


def whole_items(text: str) -> list[Any]:
    """The items of the first list in a reply that was cut off, as far as they are whole."""
    decoder, found = json.JSONDecoder(), []
    at = text.find("[") + 1
    while at and (item := _ITEM.match(text, at)):
        try:
            value, at = decoder.raw_decode(text, item.end())
        except (ValueError, RecursionError):
            break
        found.append(_encodable(value))
    return found


def _encodable(value: Any) -> Any:
    """The value, half characters (a lone escape of a surrogate) replaced: nothing could store them."""
    written = json.dumps(value, ensure_ascii=False)
    try:
        written.encode()
    except UnicodeEncodeError:
        return json.loads(encodable(written))
    return value


def _candidate(text: str) -> str:
    stripped = text.strip()
    if not stripped:
        raise ModelReplyError("The reply is empty.")
    if not _OPENING.match(stripped):
        fenced = _FENCE.findall(stripped)
        stripped = "\n".join(map(str.strip, fenced)) if fenced else stripped
    stripped = _unescaped(stripped)
    opening, end = _OPENING.search(stripped), max(map(stripped.rfind, "}]｝］"))
    if opening is None:
        raise ModelReplyError("There is no JSON in the reply.")
    # Words behind the last bracket are chatter; without one, everything belongs to an unfinished value.
    is_ended = end > 0 and '"' not in stripped[end + 1 :]
    return stripped[opening.start() : end + 1] if is_ended else stripped[opening.start() :]


def _unescaped(text: str) -> str:
    """JSON that was written as a string of JSON once more, with the quotes of one or without; other text as it is."""
    if _ESCAPED.match(text):
        with suppress(ValueError):
            return str(json.loads(text if text.startswith('"') else f'"{text}"', strict=False))
    return text


def _is_open(text: str) -> bool:
    """True when brackets or a string are still open at the end."""
    depth = -1
    for depth, in_string in _depths(text, 0):  # noqa: B007  # the last counts
        pass
    return depth > 0 or (depth >= 0 and in_string)


def _end_of(text: str, start: int) -> int:
    """Behind the bracket that closes the one at `start`, or the end of the text."""
    closed = (at for at, (depth, _) in enumerate(_depths(text, start), start + 1) if depth <= 0)
    return next(closed, len(text))


def _depths(text: str, start: int) -> Iterator[tuple[int, bool]]:
    """Behind each character: how many brackets are open, and whether a string is."""
    depth, in_string, escaped = 0, False, False
    for at in range(start, len(text)):
        character = text[at]
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = in_string
        elif character == '"':
            in_string = not in_string
        elif not in_string:
            depth += (character in "{[") - (character in "}]")
        yield depth, in_string


@cache
def json_schema(shape: type[BaseModel]) -> Mapping[str, Any]:
    """The shape as providers in strict mode want it: every key required, no other allowed, no prose."""
    schema = _strict(shape.model_json_schema(by_alias=False))
    assert isinstance(schema, dict)
    return schema | {"title": shape.__name__}


_DROPPED = {"title", "default", "description", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"}


def _strict(node: Any, *, are_names: bool = False) -> Any:
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    kept = {
        key: _strict(value, are_names=key in ("properties", "$defs") and not are_names)
        for key, value in node.items()
        if are_names or key not in _DROPPED
    }
    if not are_names and kept.get("type") == "object":
        kept |= {"additionalProperties": False, "required": list(kept.get("properties", {}))}
    return kept
