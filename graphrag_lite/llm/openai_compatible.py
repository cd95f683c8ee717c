"""Calls one OpenAI-compatible server through the `openai` SDK.

One call is one HTTP request, but for a refused parameter, which is learned at once (`dialect.py`). Retries, pace,
cache and money are the business of `chat.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from graphrag_lite.errors import ModelError, ModelRefusedError, ModelUnavailableError, as_sentence
from graphrag_lite.llm.bodies import (
    arguments_in,
    ending_of,
    error_instead,
    models_listed,
    part_of,
    text_and_thought,
    token_count,
    words_of,
)
from graphrag_lite.llm.dialect import Dialect, is_too_long, reply_limit, was_stopped
from graphrag_lite.llm.endpoint import Endpoint
from graphrag_lite.llm.foreign import clean, foreign_errors, is_bad_request, of_status, post
from graphrag_lite.llm.protocols import ChatReply, ChatRequest
from graphrag_lite.llm.providers import Provider
from graphrag_lite.llm.reasoning import encodable, split_reasoning, visible_pieces
from graphrag_lite.llm.repetition import LoopWatch, last_reply, without_loop
from graphrag_lite.llm.retry import LostReplyError
from graphrag_lite.llm.streams import DONE, events_of
from graphrag_lite.llm.tokens import most_prompt_tokens, most_tokens
from graphrag_lite.records import Usage

_MOST_ADAPTIONS = 8
_SHOWN = 200  # characters of a body that nobody knows
_TOO_LARGE = 413  # of a proxy, which counts bytes and knows no tokens


class OpenAICompatibleTransport:
    """Sends chat requests to one server."""

    def __init__(self, endpoint: Endpoint, provider: Provider, dialect: Dialect, *, temperature: float) -> None:
        self.endpoint = self._endpoint = endpoint
        self._provider = provider
        self.dialect = self._dialect = dialect
        self._temperature = temperature
        self.client = self._client = endpoint.connect()

    def __repr__(self) -> str:
        return f"OpenAICompatibleTransport({self._endpoint.base_url!r})"

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def served_context(self, model: str) -> int:
        """The window that the server gives the model, as a refusal told it or else as it lists it; 0: neither did.

        SGLang (0.5.23) lists that of the model, and takes no more than its memory holds.
        """
        if self._dialect.told_context:
            return self._dialect.told_context
        models = self._models()
        named = [m for m in models if m.get("id") == model]
        # llama.cpp serves its one model, listed by the path of its file, under whatever name it is asked for.
        return next(map(_window, named or (models if len(models) == 1 else ())), 0)

    def served_models(self) -> list[str]:
        """The names under which the server lists its models; none where it does not say."""
        return [name for model in self._models() if isinstance(name := model.get("id"), str)]

    def _models(self) -> list[Mapping[str, Any]]:
        try:
            with foreign_errors(self._endpoint):
                return models_listed(self._client.get("/models", cast_to=object))
        except ModelError:
            return []

    def send(self, request: ChatRequest, max_output_tokens: int) -> ChatReply:
        """One reply. A request that does not fit the context gives an empty one with finish_reason "length"."""
        # A slow server of the user's own is heard on its way: a model that repeats itself is stopped.
        if not (self._dialect.only_streams or self._provider.most_calls):
            with suppress(_OnlyStreamsError):
                created = self._create(request, max_output_tokens, {})
                if isinstance(created, ChatReply):
                    return created
                completion, sent = created
                if not isinstance(completion, str):
                    return self._reply_to(request, completion, sent)
                # A stream all the same: kaito-project/kaito issue 1880, unslothai/unsloth issue 6570.
                return last_reply(self._hear(request, [completion.encode(errors="replace")], sent))
        return last_reply(self.send_stream(request, max_output_tokens))

    def body(self, request: ChatRequest, max_output_tokens: int) -> dict[str, Any]:
        """What `send` would send, for a batch."""
        return self._dialect.parameters(request, max_output_tokens=max_output_tokens, temperature=self._temperature)

    def read(self, body: Mapping[str, Any], prompt_tokens: int) -> ChatReply:
        """The reply in a body that a batch brought; `prompt_tokens` count where the server has not counted."""
        return self._reply(body, lambda: prompt_tokens, None, is_json=True)  # nearly all that runs ask for

    def adapt(self, complaint: str, sent: Mapping[str, Any]) -> bool:
        """Learn from a refusal in a batch: True when the request is worth sending again in another form."""
        return self._dialect.adapt(complaint, sent) and not self._dialect.only_streams

    def _reply_to(self, request: ChatRequest, completion: Any, sent: Mapping[str, Any]) -> ChatReply:
        is_json = request.schema is not None
        return self._reply(completion, lambda: most_prompt_tokens(request), sent, is_json=is_json)

    def _reply(
        self,
        completion: Any,
        prompt_tokens: Callable[[], int],
        sent: Mapping[str, Any] | None,
        *,
        is_json: bool,
    ) -> ChatReply:
        choices = _choices(completion)
        if not choices:
            raise self._no_reply(completion)
        message = part_of(choices[0], "message")
        read = None if message is None else text_and_thought(part_of(message, "content"))
        if read is None:
            raise LostReplyError(f"{self._endpoint.base_url} sent a message without a readable text.")
        content, thought = map(encodable, read)
        if is_json and not content.strip():
            content = encodable(arguments_in(message))
        reasoning, text = split_reasoning(content)
        reasoning = encodable(_reasoning(message, self._provider)) or thought or reasoning
        counted = part_of(completion, "usage")
        usage = _usage(counted, prompt_tokens, content + reasoning)
        finish_reason = self._finish_reason(
            part_of(choices[0], "finish_reason"), is_refused=bool(_refusal(message) and not content)
        )
        reply = without_loop(ChatReply(text, reasoning, finish_reason, usage))
        return self._sorted(reply, thought=bool(reasoning) or _counts_thoughts(counted), sent=sent, is_json=is_json)

    def _no_reply(self, completion: Any) -> ModelError:
        """What to say of a body that holds no reply, perhaps an error under a status that means success."""
        words, status = error_instead(completion)
        if not words:
            shown = as_sentence(clean(str(completion or "nothing"), self._endpoint)[:_SHOWN])
            return LostReplyError(f"{self._endpoint.base_url} sent no chat completion but {shown} Check llm.base_url.")
        words = clean(words, self._endpoint)
        status = status or (400 if is_too_long(words) else 0)
        if not status:
            return LostReplyError(f"{self._endpoint.base_url} sent an error in place of a reply: {as_sentence(words)}")
        return of_status(status, words, self._endpoint)

    def _finish_reason(self, told: object, *, is_refused: bool) -> str:
        """One of "stop", "length", "repetition" and "content_filter".

        Raises:
            LostReplyError: The server broke the reply off.
        """
        ending = "content_filter" if is_refused else ending_of(told)
        if ending == "broken":
            words = as_sentence(clean(str(told), self._endpoint))
            raise LostReplyError(f"{self._endpoint.base_url} broke off its reply: {words}")
        return ending

    def send_stream(self, request: ChatRequest, max_output_tokens: int) -> Iterator[str | ChatReply]:
        """Pieces of the visible text, then the whole reply."""
        room = self._dialect.thinking_tokens
        for _ in range(_MOST_ADAPTIONS):
            extra = self._dialect.stream_parameters()
            created = self._create(request, max_output_tokens, extra)
            if isinstance(created, ChatReply):
                yield created
                return
            events, sent = created
            if _choices(events):  # asked for in one piece
                yield from _at_once(self._reply_to(request, events, sent))
                return
            try:
                yield from self._read_stream(request, events, sent)
                return
            except ModelRefusedError as error:  # told within the stream, and nothing else
                complaint = str(error)
                if not self._may_ask_again(error, request, {**sent, **extra}, room):
                    yield _reply_in(error, request, sent)
                    return
        raise self._no_form(complaint)

    def _read_stream(self, request: ChatRequest, events: Any, sent: Mapping[str, Any]) -> Iterator[str | ChatReply]:
        with foreign_errors(self._endpoint), events:
            if (whole := _unstreamed(events)) is not None:
                yield from _at_once(self._reply_to(request, whole, sent))
                return
            for piece in self._hear(request, events.response.iter_bytes(), sent):
                if isinstance(piece, ChatReply):
                    events.close()  # at once: a model that was stopped writes on, for money, until its server is told
                yield piece

    def _hear(self, request: ChatRequest, parts: Iterable[bytes], sent: Mapping[str, Any]) -> Iterator[str | ChatReply]:
        """Pieces of the visible text, then the whole reply, of a body that comes in parts."""
        heard = _Heard(self._provider, self._endpoint, names_endings=self._dialect.names_endings)
        pieces = heard.pieces(parts)
        first = list(islice(pieces, 1))
        # What came apart is followed by no tag. LMDeploy (0.18.0) looks for none where a switch was sent, and the model
        # may not mind it.
        may_open = self._provider.hides_lone_think or self._dialect.has_thought
        hides = may_open and self._dialect.thinking_tokens > 0 and not heard.reasoning
        yield from visible_pieces(chain(first, pieces), hides_lone_think=hides)
        if heard.is_nothing:
            raise self._no_reply(heard.last)
        if heard.named_ending:
            self._dialect.heard_ending()
        told = heard.finish_reason or "length"  # a stream that ends without a word about its end was cut off
        finish_reason = self._finish_reason(told, is_refused=heard.is_refused and not heard.text)
        content = encodable("".join(heard.text))
        is_json = request.schema is not None
        if is_json and not content.strip():
            content = encodable("".join(heard.arguments))
        reasoning, text = split_reasoning(content)
        reasoning = encodable("".join(heard.reasoning)) or reasoning
        usage = _usage(heard.usage, lambda: most_prompt_tokens(request), content + reasoning)
        reply = ChatReply(text, reasoning, finish_reason, usage)
        reply = replace(reply, finish_reason=without_loop(reply).finish_reason)  # what has been shown stays
        thought = bool(reasoning) or _counts_thoughts(heard.usage)
        if (sorted_out := self._sorted(reply, thought=thought, sent=sent, is_json=is_json)) is not reply:
            yield sorted_out.text
        yield sorted_out

    def _sorted(self, reply: ChatReply, *, thought: bool, sent: Mapping[str, Any] | None, is_json: bool) -> ChatReply:
        """The reply, its text back from where some servers put it.

        They do when a thinking model was told not to think. Where they hold it to a schema from the first token on, it
        has not thought either, and what they take for its thought is the JSON: LMDeploy (0.18.0) with a reasoning
        parser, LM Studio (lmstudio-ai/lmstudio-bug-tracker issue 1773).
        """
        is_misfiled = (reply.is_complete and self._dialect.is_asked_not_to_think) or (
            is_json and reply.reasoning.lstrip().startswith("{")
        )
        if reply.text.strip() or not is_misfiled:
            self._dialect.heard(thought=thought, sent=sent)
            return reply
        return replace(reply, text=reply.reasoning, reasoning="")

    def _create(
        self, request: ChatRequest, max_output_tokens: int, extra: dict[str, Any]
    ) -> tuple[Any, Mapping[str, Any]] | ChatReply:
        """What the SDK returns for which parameters, or the reply where a refusal says all of it."""
        room = self._dialect.thinking_tokens
        for _ in range(_MOST_ADAPTIONS):
            sent = self._dialect.parameters(request, max_output_tokens=max_output_tokens, temperature=self._temperature)
            try:
                created = post(self._client, self._endpoint, "/chat/completions", {**sent, **extra})
                if not extra and not _choices(created) and not isinstance(created, str):
                    raise self._no_reply(created)
                return created, sent
            except ModelRefusedError as error:
                complaint = str(error)
                if not self._may_ask_again(error, request, {**sent, **extra}, room):
                    return _reply_in(error, request, sent)
                extra = self._dialect.stream_parameters() if extra else {}
        raise self._no_form(complaint)

    def _no_form(self, complaint: str) -> ModelRefusedError:
        return ModelRefusedError(f"{self._endpoint.base_url} refuses every form of the request: {complaint}")

    def _may_ask_again(
        self, error: ModelRefusedError, request: ChatRequest, sent: Mapping[str, Any], room: int
    ) -> bool:
        """True where another form of a refused request is worth sending; False where the refusal is all of the reply.

        Args:
            error: The refusal.
            request: What was asked.
            sent: With which parameters.
            room: Tokens for thinking that the caller has set aside.

        Raises:
            ModelError: Neither.
        """
        complaint = str(error)
        if error.written is not None:
            return False
        if is_too_long(complaint) or error.status == _TOO_LARGE:
            return self._dialect.fit(complaint, request, sent)
        if not is_bad_request(error) or not self._dialect.adapt(error.said, sent):
            raise error
        if self._dialect.thinking_tokens > room:  # which its caller has not set aside: from the start, then
            raise ModelUnavailableError(f"{self._endpoint.base_url} cannot switch thinking off: {complaint}") from error
        if self._dialect.only_streams and "stream" not in sent:
            raise _OnlyStreamsError(complaint) from error
        return True


class _OnlyStreamsError(ModelRefusedError):
    """The model answers nothing but requests for a stream."""


class _Heard:
    """Collects a stream while its text passes through.

    `names_endings`: the server has told how streams ended, so that one which it only calls done was cut off, as
    llama-cpp-python's does with one stream for the next.
    """

    def __init__(self, provider: Provider, endpoint: Endpoint, *, names_endings: bool) -> None:
        self._provider = provider
        self._endpoint = endpoint
        self._names_endings = names_endings
        self.text: list[str] = []
        self.reasoning: list[str] = []
        self.arguments: list[str] = []
        self.finish_reason = ""  # as the server tells it
        self.named_ending = False
        self.is_refused = False
        self.is_nothing = True  # no event was a part of a reply
        self.last: Any = None
        self.usage: Any = None
        self._text_watch, self._thought_watch = LoopWatch(), LoopWatch()
        self._repeats = False

    def pieces(self, parts: Iterable[bytes]) -> Iterator[str]:
        """The text in pieces, until the end or until it repeats itself."""
        for event in self._events(parts):
            if event == DONE:
                if not (self.finish_reason or self.text or self.reasoning or any(self.arguments) or self.is_nothing):
                    raise LostReplyError(f"{self._endpoint.base_url} ended its reply before it said anything.")
                # behind an event that was no part of it, the server may have given the reply up
                is_whole = any(part_of(self.last, name) is not None for name in ("choices", "usage"))
                self.finish_reason = self.finish_reason or ("stop" if is_whole and not self._names_endings else "")
            elif not (told := part_of(event, "error")):
                yield from self._hear(event)
                if self._repeats and not self.finish_reason:
                    self.finish_reason, self.usage = "repetition", None  # a count that is no bill yet
                    return
            elif self.is_nothing:
                self.last = event  # in place of a reply
                return
            else:
                words = clean(words_of(told), self._endpoint)
                raise LostReplyError(f"{self._endpoint.base_url} broke off its reply: {words}")

    def _events(self, parts: Iterable[bytes]) -> Iterator[Any]:
        """What is sent. Once the reply has ended it is whole: proxies close as they like, with words of their own."""
        try:
            with foreign_errors(self._endpoint):
                yield from events_of(parts)
        except LostReplyError:
            if not self.finish_reason:
                raise

    def _hear(self, event: Any) -> Iterator[str]:
        """The text in an event, of which any part may be missing."""
        self.last = event
        self.usage = part_of(event, "usage") or self.usage
        for choice in _choices(event)[:1]:
            self.is_nothing = False
            finish_reason = part_of(choice, "finish_reason")
            if finish_reason and finish_reason != "null":
                self.finish_reason, self.named_ending = finish_reason, True
            delta = part_of(choice, "delta")
            if delta is None and not self.text:
                delta = part_of(choice, "message")
            self.is_refused |= bool(_refusal(delta))
            self.arguments.append(arguments_in(delta))
            piece, thought = text_and_thought(part_of(delta, "content")) or ("", "")
            if thought := _reasoning(delta, self._provider) or thought:
                self.reasoning.append(thought)
                self._repeats |= self._thought_watch.add(thought)
            if piece:
                self.text.append(piece)
                self._repeats |= self._text_watch.add(piece)
                yield piece


def _reply_in(error: ModelRefusedError, request: ChatRequest, sent: Mapping[str, Any]) -> ChatReply:
    """What a refusal tells of the reply: nothing where it did not fit. What was written all the same is paid for."""
    usage = Usage(calls=1, prompt_tokens=most_prompt_tokens(request))
    if error.written is not None:
        return ChatReply(error.written, usage=replace(usage, completion_tokens=most_tokens(error.written)))
    usage = replace(usage, completion_tokens=reply_limit(sent)) if was_stopped(error.said) else Usage()
    return ChatReply("", finish_reason="length", usage=usage)


def _at_once(reply: ChatReply) -> Iterator[str | ChatReply]:
    yield reply.text
    yield reply


def _unstreamed(events: Any) -> Any:
    """The completion that some servers send whole though a stream was asked for; None where it is a stream."""
    if "json" not in events.response.headers.get("content-type", ""):
        return None
    try:
        value = json.loads(events.response.read())
    except ValueError:  # a stream under a wrong name; what was read is read again
        return None
    return value if isinstance(value, dict) else None


def _window(listed: Mapping[str, Any]) -> int:
    """Tokens as vLLM and SGLang, OpenRouter, or llama.cpp list them (1ay1/agentty issue 49)."""
    meta = listed.get("meta")
    told = [listed.get("max_model_len"), listed.get("context_length"), isinstance(meta, Mapping) and meta.get("n_ctx")]
    return next((tokens for tokens in told if isinstance(tokens, int) and tokens > 0), 0)


def _choices(body: Any) -> list[Any]:
    found = part_of(body, "choices")
    return found if isinstance(found, list) else []


def _refusal(message: Any) -> str:
    """The words in which a model of OpenAI refuses, which stand in place of a text."""
    value = part_of(message, "refusal")
    return value if isinstance(value, str) else ""


def _reasoning(message: Any, provider: Provider) -> str:
    for field in provider.reasoning_fields:
        value = part_of(message, field)
        if isinstance(value, str) and value:
            return value
    return ""


def _usage(counted: Any, prompt_tokens: Callable[[], int], written: str) -> Usage:
    """Tokens as the server counted them, else no fewer than there can have been: a budget is held against them."""
    prompt, completion = token_count(counted, "prompt_tokens"), token_count(counted, "completion_tokens")
    if prompt is None or completion is None or (written and not completion):  # some servers count nothing, as 0
        prompt, completion = prompt_tokens(), most_tokens(written)
    cached, thoughts = _in_total_alone(counted)
    return Usage(calls=1, prompt_tokens=prompt + cached, completion_tokens=completion + thoughts)


def _counts_thoughts(counted: Any) -> bool:
    """True when a server counts reasoning that it does not show: as a part of the reply, or beside it."""
    details = part_of(counted, "completion_tokens_details")
    return bool(token_count(details, "reasoning_tokens")) or _in_total_alone(counted)[1] > 0


def _in_total_alone(counted: Any) -> tuple[int, int]:
    """Tokens of the prompt and of the reply that a server counts in the total alone.

    Reasoning with xAI and Gemini, billed as output (vercel/ai pull 12425); with gateways to Anthropic, what a cache
    held or took in (maximhq/bifrost pull 1872).
    """
    prompt, completion = token_count(counted, "prompt_tokens"), token_count(counted, "completion_tokens")
    if prompt is None or completion is None:
        return 0, 0
    alone = max(0, (token_count(counted, "total_tokens") or 0) - prompt - completion)
    return (alone, 0) if alone == _cached(counted) else (0, alone)


def _cached(counted: Any) -> int:
    """Tokens of a prompt that a cache held or took in."""
    names = ("cache_read_input_tokens", "cache_creation_input_tokens")
    details = part_of(counted, "prompt_tokens_details")
    return sum(token_count(counted, name) or 0 for name in names) or token_count(details, "cached_tokens") or 0
