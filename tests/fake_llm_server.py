"""An OpenAI-compatible server for tests, over real HTTP, that answers with real content and misbehaves on demand.

What it writes is that of `fake_writer`. What it counts (requests, tokens, billed replies) is exact.
Run by hand: `python -m tests.fake_llm_server --port 8099 --latency 1`.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import random
import re
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.fake_batches import FakeBatches
from tests.fake_ollama import FakeOllama, native_lines, native_reply
from tests.fake_writer import TOKEN, count_tokens, hash_vector, write_reply


@dataclass
class Faults:
    """Shares of requests (0 to 1) that go wrong, drawn by seed and request body, anew at each repetition."""

    rate_limit: float = 0.0
    retry_after_s: float = 0.0
    server_error: float = 0.0
    malformed: float = 0.0  # the reply is broken JSON
    wrong_schema: float = 0.0
    truncated: float = 0.0  # finish_reason length in the midst of the reply
    silently_truncated: float = 0.0  # the same, with finish_reason stop
    reset: float = 0.0  # the connection is reset after the request was read
    garbage: float = 0.0  # the HTTP body is no JSON
    timeout: float = 0.0  # no answer for `timeout_s`
    timeout_s: float = 5.0


@dataclass
class Behaviour:
    """How the server behaves; may be changed while it runs."""

    latency_s: float = 0.0
    faults: Faults = field(default_factory=Faults)
    refuses_formats: tuple[str, ...] = ()  # such as ("json_schema",): 400, as DeepSeek does
    refuses_formats_with: tuple[int, str] = (400, "This response_format type is unavailable now")
    refuses_values: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)  # (value, body of a 400) by parameter
    refuses_unsaid: tuple[str, ...] = ()  # parameters; the 400 does not name them
    refuses_parameters: tuple[str, ...] = ()  # such as ("temperature",): 400, as o-series models do
    hides_thoughts: bool = False  # and counts them beside the reply, as Gemini does
    stops_thinking_at: Mapping[str, Any] = field(default_factory=dict)  # such as {"enable_thinking": False}
    knows_no_system: int = 0  # the status for a system turn, as with Gemma's chat template
    must_stream: str = ""  # the words of a 400 to whatever does not stream
    must_be_sent: str = ""  # a parameter without which it says 400, as DashScope does of enable_thinking
    thinks: str = ""  # "tags", "lone" (a lone closing tag) or "field" (reasoning_content)
    fenced: bool = False  # JSON inside a Markdown fence, with chatter around it
    sends_usage: bool = True
    context_tokens: int = 0  # longer prompts are refused with 400
    refuses_all_with: Any = None  # the body of a 400
    refusal_status: int = 400
    replies_with: Any = None  # the body of every reply
    lists_models: Any = None  # the body of the list of models
    lists_window: int = 0  # max_model_len in the list of models, as with vLLM and SGLang
    counts_reply_room: bool = False  # prompt and longest reply together must fit the context, as with vLLM
    misfiles_text: bool = False  # all text as reasoning, as reasoning parsers do when thinking is switched off
    holds_at_once: int = 0  # replies; with more under way each new one gets a 500, as with llama.cpp's shared cache
    output_tokens: int = 0  # own output limit below the one asked for
    loops: str = ""  # what is written behind every reply again and again, until the limit
    loops_in_thought: bool = False  # which has no end, so that the reply never comes
    stream_delay_s: float = 0.0
    breaks_stream_after: int = 0  # pieces
    trickles: bytes = b""  # sent again and again in place of a reply, until the client goes away
    last_event: Any = None  # one more event at the end of a stream
    streams_with: bytes = b""  # the body of every stream
    always_streams: bool = False  # that body, whether a stream is asked for or not
    streams_refusals: bool = False  # with status 200, as the only event of a stream, as LM Studio and SGLang do
    api_key: str = ""  # when set, any other key gets 401, which echoes it
    forgets_passages: bool = False  # leaves out the last passage of several
    filtered_words: tuple[str, ...] = ()  # 400 "Content Exists Risk" when one is in the prompt
    longest_embedded: tuple[int, int, str] = (0, 0, "")  # tokens of a text; more get this status and these words
    embedding_dimensions: int = 64
    embedding_latency_s: float = 0.0
    most_embedded: tuple[int, int, str] = (0, 0, "")  # texts in one request; more get this status and these words
    refuses_embeddings_after: int = 0  # requests of any kind; 400 from then on


@dataclass
class Counts:
    """What the server saw, exactly. Tokens are those of billed replies only."""

    requests: int = 0
    replies: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    billed: Counter[str] = field(default_factory=Counter)  # by hash of model and messages
    running: int = 0
    most_running: int = 0
    busy_s: float = 0.0  # during which at least one request was under way
    busy_since: float = 0.0
    embedded: int = 0
    embedded_tokens: int = 0
    embedding: int = 0  # requests for vectors under way
    most_embedding: int = 0
    cut_off: int = 0  # of the replies, those that did not fit their limit
    given_up: int = 0  # of the streams, those whose reader went away: what was not written by then is not billed
    batched: int = 0  # of the replies, those written for a batch

    def cost_usd(self, input_usd: float, output_usd: float) -> float:
        """What a bill by these prices (USD for 1M tokens) would say."""
        return (self.prompt_tokens * input_usd + self.completion_tokens * output_usd) / 1e6


class FakeLLMServer:
    """Serves on a free port of the loopback interface from construction until `close`.

    Args:
        behaviour: How it behaves.
        facts: Recorded facts by passage text: {"entities": [name…], "triples": [[source, relation, target]…]}.
        answer: Own text for a request body; None means the built-in reader.
        seed: Of the faults.
        port: 0 takes a free one.
    """

    def __init__(
        self,
        behaviour: Behaviour | None = None,
        *,
        facts: Mapping[str, Mapping[str, Any]] | None = None,
        answer: Callable[[Mapping[str, Any]], str | None] | None = None,
        seed: int = 7,
        port: int = 0,
    ) -> None:
        self.behaviour = behaviour or Behaviour()
        self.facts = dict(facts or {})
        self.answer = answer
        self.seed = seed
        self.counts = Counts()
        self.lock = threading.Lock()
        self.batches = FakeBatches(self.answer_batched)
        self.ollama = FakeOllama()
        self._seen: Counter[str] = Counter()
        self._http = _Server(("127.0.0.1", port), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The base URL for clients."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def close(self) -> None:
        """Stop serving."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def was_given_up(self) -> bool:
        """Whether it sees within a second that nobody reads its stream any more."""
        end = time.monotonic() + 1.0
        while not self.counts.given_up and time.monotonic() < end:
            time.sleep(0.01)
        return self.counts.given_up == 1

    def __enter__(self) -> FakeLLMServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def draw(self, body: Mapping[str, Any]) -> random.Random:
        """Randomness of one request: the same for the same body and repetition, in any order of threads."""
        digest = _hash(body)
        with self.lock:
            self._seen[digest] += 1
            return random.Random(f"{self.seed} {digest} {self._seen[digest]}")

    def write(self, body: Mapping[str, Any]) -> str:
        """The text of an undisturbed reply."""
        own = self.answer(body) if self.answer else None
        return own if own is not None else write_reply(body["messages"], self.facts)

    def answer_batched(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """(status, body) of one request of a batch, with the faults of a reply's text."""
        with self.lock:
            self.counts.bodies.append(body)
        if refusal := _refusal(self.behaviour, body):
            return refusal[0], {"error": {"message": refusal[1], "type": "error", "code": None}}
        text, reasoning, finish_reason = _reply(self, body, self.draw(body))
        with self.lock:
            self.counts.batched += 1
        return 200, _completion(self, body, (text, reasoning, finish_reason), _bill(self, body, text, reasoning))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


def _hash(body: Mapping[str, Any]) -> str:
    return hashlib.blake2b(json.dumps([body.get("model"), body.get("messages")]).encode(), digest_size=8).hexdigest()


def _handler(fake: FakeLLMServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # one packet a response: headers and body apart cost 40 ms

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            if self._is_of_batches():
                return self._send_batched(*fake.batches.get(self.path))
            if self.path.startswith("/api/"):
                return self._send_batched(*fake.ollama.get(self.path))
            if fake.behaviour.lists_models is not None:
                return self._send(200, fake.behaviour.lists_models)
            model = {"id": "fake", "object": "model", "created": 0, "owned_by": "tests"}
            model |= {"max_model_len": fake.behaviour.lists_window} if fake.behaviour.lists_window else {}
            return self._send(200, {"object": "list", "data": [model]})

        def do_POST(self) -> None:
            self._came = time.perf_counter()
            sent = self.rfile.read(int(self.headers.get("content-length", 0)))
            if self._is_of_batches():
                return self._send_batched(*fake.batches.post(self.path, sent, self.headers.get("content-type", "")))
            body = json.loads(sent)
            if self.path.endswith("/embeddings"):
                return self._embed(body)
            if self.path == "/api/show":
                return self._send_batched(*fake.ollama.show(body))
            with fake.lock:
                fake.counts.requests += 1
                fake.counts.bodies.append(body)
                if not fake.counts.running:
                    fake.counts.busy_since = time.perf_counter()
                fake.counts.running += 1
                fake.counts.most_running = max(fake.counts.most_running, fake.counts.running)
            try:
                if fake.behaviour.trickles:
                    self._trickle()
                elif self.path == "/api/chat":
                    self._ollama_chat(body)
                else:
                    self._chat(body)
            finally:
                with fake.lock:
                    fake.counts.running -= 1
                    if not fake.counts.running:
                        fake.counts.busy_s += time.perf_counter() - fake.counts.busy_since
            return None

        def _is_of_batches(self) -> bool:
            return self.path.startswith(("/v1/files", "/v1/batches"))

        def _send_batched(self, status: int, value: Any) -> None:
            if isinstance(value, bytes):
                self._send_bytes(status, value)
            else:
                self._send(status, value)

        def _wait(self, latency_s: float) -> None:
            """Until so long after the request came: what this server needs to write its reply is part of it."""
            time.sleep(max(0.0, self._came + latency_s - time.perf_counter()))

        def _chat(self, body: dict[str, Any]) -> None:
            how, chance = fake.behaviour, fake.draw(body)
            key = self.headers.get("authorization", "").removeprefix("Bearer ")
            if how.api_key and key != how.api_key:
                return self._error(401, f"Incorrect API key provided: {key}")
            if how.refuses_all_with is not None:
                return self._send(how.refusal_status, how.refuses_all_with)
            for name, (value, words) in how.refuses_values.items():
                if body.get(name) == value:
                    return self._send(400, words)
            if 0 < how.holds_at_once < fake.counts.running:
                return self._error(500, "Context size has been exceeded.")
            if refusal := _refusal(how, body):
                if how.streams_refusals:
                    return self._refuse_within(body, *refusal)
                return self._error(*refusal)
            if chance.random() < how.faults.rate_limit:
                extra = {"retry-after": f"{how.faults.retry_after_s:g}"} if how.faults.retry_after_s else {}
                return self._error(429, "Rate limit reached", extra)
            if chance.random() < how.faults.server_error:
                return self._error(500, "The server had an error")
            is_late = chance.random() < how.faults.timeout
            text, reasoning, finish_reason = _reply(fake, body, chance)
            self._wait(how.latency_s)
            if is_late:
                time.sleep(how.faults.timeout_s)
            if how.misfiles_text:
                text, reasoning = "", text
            usage = _bill(fake, body, text, reasoning)
            if chance.random() < how.faults.reset:
                return self._reset()
            if how.replies_with is not None:
                return self._send(200, how.replies_with)
            if chance.random() < how.faults.garbage:
                return self._send_bytes(200, b'{"id": "x", "choices": [{"mess')
            if how.streams_with and (body.get("stream") or how.always_streams):
                return self._stream_bytes(how.streams_with)
            if body.get("stream"):
                return self._stream(body, text, reasoning, finish_reason, usage)
            return self._send(200, _completion(fake, body, (text, reasoning, finish_reason), usage))

        def _trickle(self) -> None:
            self.close_connection = True
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            with contextlib.suppress(OSError):
                while True:
                    self.wfile.write(fake.behaviour.trickles)
                    self.wfile.flush()
                    time.sleep(0.02)

        def _ollama_chat(self, body: dict[str, Any]) -> None:
            fed = sum(count_tokens(m["content"]) + 3 for m in body["messages"])
            if refusal := fake.ollama.refusal(body, fed):
                return self._send_batched(*refusal)
            asked = fake.ollama.asked(body)
            text, reasoning, reason = _reply(fake, asked, fake.draw(body))
            self._wait(fake.behaviour.latency_s)
            reasoning = fake.ollama.thought(body) or reasoning
            if fake.behaviour.misfiles_text:
                text, reasoning = "", text
            usage = _bill(fake, asked, text, reasoning, fake.ollama.counts_prompt_to)
            reply = native_reply(body["model"], (text, reasoning, reason), usage)
            if not body.get("stream", True):
                return self._send(200, {"error": fake.ollama.stream_error} if fake.ollama.stream_error else reply)
            self.send_response(200)
            self.send_header("content-type", "application/x-ndjson")
            self.send_header("connection", "close")
            self.end_headers()
            self.close_connection = True
            thoughts, pieces = _pieces(reasoning), _pieces(text)
            for number, line in enumerate(native_lines(reply, thoughts, pieces, fake.ollama.stream_error)):
                with self._stops_when_given_up(thoughts + pieces, number):
                    time.sleep(fake.behaviour.stream_delay_s)
                    self.wfile.write(line)
                    self.wfile.flush()
            return None

        def _stream(
            self, body: dict[str, Any], text: str, reasoning: str, finish_reason: str, usage: dict[str, int]
        ) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("connection", "close")
            self.end_headers()
            self.close_connection = True
            base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": body["model"]}

            def event(delta: dict[str, Any], reason: str | None = None) -> None:
                choice = {"index": 0, "delta": delta, "finish_reason": reason}
                self._event(base | {"choices": [choice]})

            event({"role": "assistant"})
            thoughts, pieces = _pieces(reasoning), _pieces(text)
            for number, piece in enumerate(thoughts + pieces):
                if number - len(thoughts) == fake.behaviour.breaks_stream_after > 0:
                    return self._reset()
                with self._stops_when_given_up(thoughts + pieces, number):
                    time.sleep(fake.behaviour.stream_delay_s)
                    event({"reasoning_content" if number < len(thoughts) else "content": piece})
            event({}, finish_reason)
            if (body.get("stream_options") or {}).get("include_usage"):
                self._event(base | {"choices": [], "usage": usage})
            if fake.behaviour.last_event is not None:
                self._event(fake.behaviour.last_event)
            self.wfile.write(b"data: [DONE]\n\n")
            self.wfile.flush()

        @contextlib.contextmanager
        def _stops_when_given_up(self, pieces: list[str], written: int) -> Iterator[None]:
            try:
                yield
            except OSError:
                with fake.lock:
                    fake.counts.given_up += 1
                    fake.counts.completion_tokens -= count_tokens("".join(pieces[written:]))
                raise

        def _stream_bytes(self, sent: bytes) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("connection", "close")
            self.end_headers()
            self.close_connection = True
            self.wfile.write(sent)
            self.wfile.flush()

        def _refuse_within(self, body: dict[str, Any], status: int, words: str) -> None:
            """Say 200 first, and why not then."""
            error = {"error": {"message": words, "code": status}}
            if not body.get("stream"):
                return self._send(200, error)
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("connection", "close")
            self.end_headers()
            self.close_connection = True
            self.wfile.write(b"event: error\n")
            return self._event(error)

        def _reset(self) -> None:
            """Break the connection off so that the client is told of a reset."""
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True

        def _event(self, value: Any) -> None:
            written = value if isinstance(value, bytes) else json.dumps(value).encode()
            self.wfile.write(b"data: " + written + b"\n\n")
            self.wfile.flush()

        def _embed(self, body: dict[str, Any]) -> None:
            with fake.lock:
                fake.counts.embedding += 1
                fake.counts.most_embedding = max(fake.counts.most_embedding, fake.counts.embedding)
            try:
                self._wait(fake.behaviour.embedding_latency_s)
                self._send_vectors(body)
            finally:
                with fake.lock:
                    fake.counts.embedding -= 1

        def _send_vectors(self, body: dict[str, Any]) -> None:
            texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
            size = body.get("dimensions") or fake.behaviour.embedding_dimensions
            with fake.lock:
                fake.counts.requests += 1
                number = fake.counts.requests
            most, status, words = fake.behaviour.most_embedded
            if 0 < most < len(texts):
                return self._error(status, words.format(sent=len(texts), most=most))
            longest, status, words = fake.behaviour.longest_embedded
            if 0 < longest < (given := max(map(count_tokens, texts))):
                return self._error(status, words.format(given=given, longest=longest))
            if 0 < fake.behaviour.refuses_embeddings_after < number:
                return self._error(400, "This input is not for us")
            if fake.draw({"messages": body}).random() < fake.behaviour.faults.rate_limit:
                return self._error(429, "Rate limit reached")
            if fake.behaviour.replies_with is not None:
                return self._send(200, fake.behaviour.replies_with)
            if fake.draw({"messages": body}).random() < fake.behaviour.faults.garbage:
                return self._send_bytes(200, b'{"data": [')
            data = [{"object": "embedding", "index": i, "embedding": hash_vector(t, size)} for i, t in enumerate(texts)]
            tokens = sum(map(count_tokens, texts))
            with fake.lock:
                fake.counts.embedded += len(texts)
                fake.counts.embedded_tokens += tokens
            usage = {"prompt_tokens": tokens, "total_tokens": tokens}
            return self._send(200, {"object": "list", "data": data, "model": body["model"], "usage": usage})

        def _error(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
            self._send(status, {"error": {"message": message, "type": "error", "code": None}}, headers)

        def _send(self, status: int, value: Any, headers: Mapping[str, str] | None = None) -> None:
            self._send_bytes(status, json.dumps(value).encode(), headers)

        def _send_bytes(self, status: int, data: bytes, headers: Mapping[str, str] | None = None) -> None:
            with fake.lock:
                fake.counts.statuses[status] += 1
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)
            self.wfile.flush()

    return Handler


def _refusal(how: Behaviour, body: Mapping[str, Any]) -> tuple[int, str] | None:
    """(status, message) for a request that this server does not take."""
    kind = (body.get("response_format") or {}).get("type", "text")
    if kind in how.refuses_formats:
        return how.refuses_formats_with
    if set(how.refuses_unsaid) & body.keys():
        return 400, "API 调用参数有误，请检查文档。"
    for name in how.refuses_parameters:
        if name in body:
            return 400, f"Unsupported parameter: '{name}' is not supported with this model."
    if how.knows_no_system and body["messages"][0]["role"] == "system":
        return how.knows_no_system, "Jinja Exception: System role not supported"
    if how.must_stream and not body.get("stream"):
        return 400, how.must_stream
    if how.must_be_sent and how.must_be_sent not in body and not body.get("stream"):
        return 400, f"parameter.{how.must_be_sent} must be set to false for non-streaming calls"
    prompt = "\n".join(m["content"] for m in body["messages"])
    if any(word in prompt for word in how.filtered_words):
        return 400, "Content Exists Risk"
    room = (body.get("max_tokens") or body.get("max_completion_tokens") or 0) if how.counts_reply_room else 0
    if how.context_tokens and count_tokens(prompt) + room > how.context_tokens:
        return 400, f"This model's maximum context length is {how.context_tokens} tokens."
    return None


def _bill(
    fake: FakeLLMServer, body: Mapping[str, Any], text: str, reasoning: str, most_prompt_tokens: int = 0
) -> dict[str, int]:
    prompt = sum(count_tokens(m["content"]) + 3 for m in body["messages"]) + 3
    prompt = min(prompt, most_prompt_tokens or prompt)
    hidden = 300 if fake.behaviour.hides_thoughts and _thinks(fake.behaviour, body) else 0
    completion = count_tokens(text) + count_tokens(reasoning)
    with fake.lock:
        fake.counts.replies += 1
        fake.counts.prompt_tokens += prompt
        fake.counts.completion_tokens += completion + hidden
        fake.counts.billed[_hash(body)] += 1
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion + hidden}


def _thinks(how: Behaviour, body: Mapping[str, Any]) -> bool:
    return not (how.stops_thinking_at and how.stops_thinking_at.items() <= body.items())


def _completion(
    fake: FakeLLMServer, body: Mapping[str, Any], written: tuple[str, str, str], usage: dict[str, int]
) -> dict[str, Any]:
    """The body of a reply: text, reasoning and finish reason as the API wraps them."""
    text, reasoning, finish_reason = written
    message = {"role": "assistant", "content": text} | ({"reasoning_content": reasoning} if reasoning else {})
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
    } | ({"usage": usage} if fake.behaviour.sends_usage else {})


def _reply(fake: FakeLLMServer, body: Mapping[str, Any], chance: random.Random) -> tuple[str, str, str]:
    """(text, reasoning, finish reason), with the faults of the reply's text."""
    how, text = fake.behaviour, fake.write(body)
    if how.forgets_passages:
        text = _forget_last(text)
    if text.startswith("{"):
        if chance.random() < how.faults.malformed:
            text = text[: len(text) // 2] + " ... sorry"
        elif chance.random() < how.faults.wrong_schema:
            text = json.dumps({"answer": f"It says {text}"})
        elif chance.random() < how.faults.silently_truncated:
            text = text[: 2 * len(text) // 3]
        elif how.fenced:
            text = f"Here is the JSON you asked for:\n```json\n{text}\n```\nAnything else?"
    reason = "stop"
    limit = body.get("max_tokens") or body.get("max_completion_tokens") or 10**9
    limit = min(limit, how.output_tokens or limit)
    if how.loops:
        text += how.loops * min(limit, 4000)
    if count_tokens(text) > limit or chance.random() < how.faults.truncated:
        text, reason = _first_tokens(text, min(limit, max(1, count_tokens(text) // 2))), "length"
        with fake.lock:
            fake.counts.cut_off += 1
    if how.loops_in_thought:
        return "", text, reason
    thought = 'The user wants JSON. Perhaps {"p": []} would do? Let me look at each passage.'
    if how.thinks == "tags":
        return f"<think>\n{thought}\n</think>\n\n{text}", "", reason
    if how.thinks == "lone":
        return f"{thought}\n</think>\n\n{text}", "", reason
    return text, thought if how.thinks == "field" and _thinks(how, body) else "", reason


def _pieces(text: str) -> list[str]:
    return re.findall(r"\S+\s*|\s+", text)


def _first_tokens(text: str, most: int) -> str:
    end = 0
    for number, match in enumerate(TOKEN.finditer(text)):
        if number == most:
            break
        end = match.end()
    return text[:end]


def _forget_last(text: str) -> str:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if len(value.get("p", [])) > 1:
        value["p"].pop()
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--facts", help="JSONL of {text, entities, triples}")
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in Path(arguments.facts).read_text().splitlines()] if arguments.facts else []
    facts = {row["text"].strip(): row for row in rows}
    server = FakeLLMServer(Behaviour(latency_s=arguments.latency), facts=facts, port=arguments.port)
    print(server.url, flush=True)
    server._thread.join()


if __name__ == "__main__":
    main()
