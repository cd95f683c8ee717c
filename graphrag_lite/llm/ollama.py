"""Calls Ollama through its own API: its OpenAI endpoint has no way to say how much context a model gets.

Unasked, a server gives 4,096 tokens on most machines and reads only a part of longer prompts, without a word. Here
every request names the window that it needs (`num_ctx`) and forbids cutting. A change of window makes the server load
the model anew, so it only grows, and starts from what is loaded already.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

from graphrag_lite.errors import ModelError, ModelRefusedError
from graphrag_lite.llm.bodies import part_of, words_of
from graphrag_lite.llm.dialect import Dialect, is_too_long
from graphrag_lite.llm.endpoint import Endpoint
from graphrag_lite.llm.foreign import clean, foreign_errors, is_bad_request, post
from graphrag_lite.llm.protocols import ChatReply, ChatRequest
from graphrag_lite.llm.providers import DEFAULT_CONTEXT_TOKENS, Provider
from graphrag_lite.llm.reasoning import encodable, split_reasoning, visible_pieces
from graphrag_lite.llm.repetition import LoopWatch, last_reply, without_loop
from graphrag_lite.llm.retry import LostReplyError
from graphrag_lite.llm.streams import lines_of
from graphrag_lite.llm.tokens import EstimatingTokenizer, count_messages
from graphrag_lite.records import Usage

_MOST_ADAPTIONS = 8
_MOST_UNASKED_CONTEXT = 131_072  # of a model that does not say how much it was trained for
_THINKING_ROOM = 8000
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OllamaModel:
    """What the server says about a model: tokens it was trained for, that its Modelfile sets, and that are loaded."""

    trained_context: int = 0
    declared_context: int = 0
    loaded_context: int = 0
    can_think: bool = False
    is_remote: bool = False


class OllamaTransport:
    """Sends chat requests to one Ollama server.

    Args:
        endpoint: The server, with or without the `/v1` of its OpenAI endpoint.
        provider: Its row of the table.
        dialect: What it takes.
        temperature: Of requests that name none.
        context_tokens: The window to ask for; 0: as much as each request needs.
        thinks: Whether a model that can think is left to do so.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        provider: Provider,
        dialect: Dialect,
        *,
        temperature: float,
        context_tokens: int,
        thinks: bool,
    ) -> None:
        self._root = re.sub(r"/v1$", "", endpoint.base_url)
        self._endpoint = replace(endpoint, base_url=self._root)
        self._provider = provider
        self.dialect = self._dialect = dialect
        self._temperature = temperature
        self._thinks = thinks
        self._fixed_context = context_tokens
        self._window = context_tokens
        self._model: OllamaModel | None = None
        self._lock = threading.Lock()
        self._was_warned = False
        self._thinks_anyway = False
        self._client = self._endpoint.connect()

    def __repr__(self) -> str:
        return f"OllamaTransport({self._root!r})"

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def served_context(self, model: str) -> int:
        """The window that the model is loaded with; 0 where it is not loaded."""
        return self._inspect(model).loaded_context

    def served_models(self) -> list[str]:
        """The names of the models that were pulled; none where the server does not say."""
        try:
            pulled = part_of(self._get("/api/tags"), "models")
        except ModelError:
            return []
        return [name for model in pulled or () if isinstance(name := part_of(model, "name"), str)]

    def send(self, request: ChatRequest, max_output_tokens: int) -> ChatReply:
        """One reply, heard as it comes, so that a model which repeats itself is stopped.

        A prompt that the model cannot hold gives an empty one with finish_reason "length".
        """
        return last_reply(self.send_stream(request, max_output_tokens))

    def send_stream(self, request: ChatRequest, max_output_tokens: int) -> Iterator[str | ChatReply]:
        """Pieces of the visible text, then the whole reply."""
        stream = self._create(request, max_output_tokens)
        if stream is None:
            yield ChatReply("", finish_reason="length")
            return
        text: list[str] = []
        thinking: list[str] = []
        text_watch, thought_watch = LoopWatch(), LoopWatch()
        last: dict[str, Any] = {"done_reason": "length"}  # a stream without a last word was cut off

        def pieces() -> Iterator[str]:
            for line in map(json.loads, filter(str.strip, lines_of(stream.response.iter_bytes()))):
                if told := part_of(line, "error"):
                    raise LostReplyError(f"{self._root} broke off its reply: {clean(words_of(told), self._endpoint)}")
                if not isinstance(message := part_of(line, "message"), dict):
                    raise LostReplyError(f"{self._root} sent something that is no reply of Ollama. Check llm.base_url.")
                thinking.append(message.get("thinking") or "")
                if line.get("done"):
                    last.update(line)
                piece = message.get("content") or ""
                if piece:
                    text.append(piece)
                    yield piece
                if thought_watch.add(thinking[-1]) or text_watch.add(piece):
                    return

        with foreign_errors(self._endpoint), stream:
            shown = pieces()
            first = list(islice(shown, 1))
            hides = self._provider.hides_lone_think and not any(thinking)  # which came apart: no tag will follow
            yield from visible_pieces(chain(first, shown), hides_lone_think=hides)
        reply = self._reply(request, "".join(text), "".join(thinking), last)
        yield replace(reply, finish_reason=without_loop(reply).finish_reason)  # what has been shown stays

    def _reply(self, request: ChatRequest, content: str, thinking: str, answer: Mapping[str, Any]) -> ChatReply:
        content, thinking = encodable(content), encodable(thinking)
        reasoning, text = split_reasoning(content)
        expected = count_messages(request.messages)
        prompt = answer.get("prompt_eval_count") or expected
        completion = answer.get("eval_count") or EstimatingTokenizer().count(content + thinking)
        usage = Usage(calls=1, prompt_tokens=prompt, completion_tokens=completion)
        reason = "length" if answer.get("done_reason") == "length" else "stop"
        if 2 * prompt < expected:  # an old server, which knows no `truncate`
            self._warn(prompt)
            text, reason = "", "length"
        return self._sorted(ChatReply(text, thinking or reasoning, reason, usage))

    def _sorted(self, reply: ChatReply) -> ChatReply:
        """The reply, its text back from where models that ignore `think: false` put it."""
        if self._thinks or not reply.reasoning:
            return reply
        if not reply.text.strip() and reply.is_complete:
            return replace(reply, text=reply.reasoning, reasoning="")
        self._thinks_anyway = True  # it needs room for that
        return reply

    def _create(self, request: ChatRequest, max_output_tokens: int) -> Any:
        """What the server streams, or None when the prompt is too long for the model."""
        complaint = ""
        for _ in range(_MOST_ADAPTIONS):
            sent = self._dialect.parameters(request, max_output_tokens=max_output_tokens, temperature=self._temperature)
            body = self._body(sent, int(1.3 * count_messages(request.messages)) + 64) | {"stream": True}
            try:
                return self._post("/api/chat", body)
            except ModelRefusedError as error:
                complaint = str(error)
                if is_too_long(complaint):
                    if self._grow(body["options"].get("num_ctx", 0)):
                        continue
                    return None
                if _is_foreign(error):
                    raise ModelRefusedError(
                        f'{self._root} does not speak the API of Ollama. Set llm.provider = "other", '
                        f'and llm.base_url = "{self._root}/v1".'
                    ) from error
                if not is_bad_request(error) or not self._dialect.adapt(error.said, sent):
                    raise
        raise ModelRefusedError(f"{self._root} refuses every form of the request: {complaint}")

    def _body(self, sent: Mapping[str, Any], prompt_tokens: int) -> dict[str, Any]:
        """A request of `/api/chat` that means the same as the chat completion request `sent`."""
        model = self._facts(sent["model"])
        most_new = sent[self._dialect.token_parameter]
        options: dict[str, Any] = {"num_predict": most_new}
        body: dict[str, Any] = {"model": sent["model"], "messages": sent["messages"], "options": options}
        if model.can_think:
            levels_only = "gpt-oss" in sent["model"]  # which cannot be told to stop thinking, only to think little
            if self._thinks or levels_only or self._thinks_anyway:
                options["num_predict"] = most_new + _THINKING_ROOM - self._dialect.thinking_tokens
            if not self._thinks:
                body["think"] = "low" if levels_only else False
        if "temperature" in sent:
            options["temperature"] = sent["temperature"]
        if wanted := sent.get("response_format"):
            body["format"] = wanted["json_schema"]["schema"] if "json_schema" in wanted else "json"
        if not model.is_remote:
            options["num_ctx"] = self._fit(prompt_tokens + options["num_predict"], model)
        return body | {"truncate": False, "shift": False}

    def _fit(self, needed: int, model: OllamaModel) -> int:
        """The window to ask for: it holds `needed` tokens where the model can."""
        with self._lock:
            if self._fixed_context:
                return self._fixed_context
            most = model.trained_context or _MOST_UNASKED_CONTEXT
            self._window = max(self._window, model.loaded_context, model.declared_context, DEFAULT_CONTEXT_TOKENS)
            while self._window < needed:
                self._window *= 2
            self._window = min(self._window, most)
            return self._window

    def _grow(self, refused: int) -> bool:
        """Widen the window that a prompt did not fit; False where there is no more."""
        with self._lock:
            most = (self._model.trained_context if self._model else 0) or _MOST_UNASKED_CONTEXT
            if self._fixed_context or not refused or self._window >= most:
                return self._window > refused > 0  # another thread has widened it meanwhile
            if self._window == refused:
                self._window = min(2 * self._window, most)
            return True

    def _facts(self, model: str) -> OllamaModel:
        """What the server says about the model, asked once."""
        with self._lock:
            if self._model is None:
                self._model = self._inspect(model)
            return self._model

    def _inspect(self, name: str) -> OllamaModel:
        """What the server says about the model now; nothing where it does not say, the next call tells why."""
        try:
            shown = self._post("/api/show", {"model": name})
            running = self._get("/api/ps")
        except ModelRefusedError:
            return OllamaModel()
        info = shown.get("model_info") or {}
        declared = re.search(r"^num_ctx\s+(\d+)", shown.get("parameters") or "", re.MULTILINE)
        loaded = [m for m in running.get("models") or () if _same_model(str(m.get("name") or m.get("model")), name)]
        return OllamaModel(
            trained_context=max((int(v) for k, v in info.items() if k.endswith(".context_length") and v), default=0),
            declared_context=int(declared.group(1)) if declared else 0,
            loaded_context=int((loaded[0].get("context_length") or 0) if loaded else 0),
            can_think="thinking" in (shown.get("capabilities") or ()),
            is_remote=bool(shown.get("remote_host") or shown.get("remote_model")),
        )

    def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        return post(self._client, self._endpoint, self._root + path, body)

    def _get(self, path: str) -> Any:
        with foreign_errors(self._endpoint):
            return self._client.get(self._root + path, cast_to=object)

    def _warn(self, read: int) -> None:
        if not self._was_warned:
            self._was_warned = True
            log.warning("%s read only %d tokens of a longer prompt. Update Ollama and run again.", self._root, read)


def _is_foreign(error: ModelRefusedError) -> bool:
    """True when a server has no such endpoint, as opposed to no such model."""
    return error.status in (404, 405) and "model" not in error.said.lower()


def _same_model(loaded: str, name: str) -> bool:
    return loaded in (name, f"{name}:latest")
