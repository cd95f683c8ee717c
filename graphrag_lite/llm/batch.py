"""A provider's Batch API: replies within a day for less money, as another way to fill the reply cache.

A run records the requests that the cache does not answer, as they would be sent, and submits them at its end. A later
run puts the replies into the cache and finds them there. What is under way is written down before it is sent, so no
request is sent twice, whatever is killed in between.
"""

from __future__ import annotations

import json
import logging
import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import IO, Any, TypeVar

from graphrag_lite.errors import ModelError, ModelRefusedError, ModelUnavailableError, PendingError, as_sentence
from graphrag_lite.llm.batch_notes import Asked, Batch, erase_batch, read_batches, write_batch
from graphrag_lite.llm.batch_server import BatchServer, BatchState, is_unknown
from graphrag_lite.llm.bodies import failed_generation, words_of
from graphrag_lite.llm.cache import ReplyCache
from graphrag_lite.llm.dialect import is_too_long
from graphrag_lite.llm.foreign import PASSING
from graphrag_lite.llm.openai_compatible import OpenAICompatibleTransport
from graphrag_lite.llm.prices import Price, price_usage
from graphrag_lite.llm.protocols import ChatReply, ChatRequest
from graphrag_lite.llm.retry import AdaptiveLimiter, call_with_retries
from graphrag_lite.llm.tokens import most_prompt_tokens
from graphrag_lite.llm.usage import UsageMeter
from graphrag_lite.records import Usage

T = TypeVar("T")
MOST_REQUESTS, MOST_BYTES = 50_000, 190_000_000  # OpenAI takes 50,000 requests and 200 MB in a file
_MOST_TRIES, _MOST_FORMS = 3, 6
_HAD_ENDED = (400, 409)  # how a server refuses to cancel a batch that it has done; OpenAI says 409
log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Part:
    """A file of requests that grows."""

    file: IO[bytes] = field(default_factory=tempfile.TemporaryFile)
    requests: dict[str, Asked] = field(default_factory=dict)
    sent: dict[str, Any] = field(default_factory=dict)
    size: int = 0
    worst_usd: float = 0.0

    def add(self, key: str, asked: Asked, body: Mapping[str, Any]) -> None:
        line = {"custom_id": key, "method": "POST", "url": "/v1/chat/completions", "body": body}
        self.size += self.file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        self.requests[key] = asked
        if (kind := _kind(asked)) not in self.sent:
            shape = {"response_format": {"type": body["response_format"]["type"]}} if "response_format" in body else {}
            self.sent[kind] = {name: value for name, value in body.items() if name != "messages"} | shape


@dataclass(frozen=True, slots=True)
class Offer:
    """Who answers batches and for how much.

    `price` is that of a batch, None where nobody knows it. `most_tokens` bounds the prompt tokens under way, 0: no
    bound. Without `records` nothing new is submitted; what is under way is collected and not asked for again.
    """

    model: str
    price: Price | None
    records: bool
    most_tokens: int = 0
    max_retries: int = 6


class BatchQueue:
    """The requests of one run that wait for a batch, and the batches of its knowledge base; shared by threads."""

    def __init__(
        self, transport: OpenAICompatibleTransport, cache: ReplyCache, meter: UsageMeter, offer: Offer
    ) -> None:
        self._server = BatchServer(transport)
        self._transport = transport
        self._cache = cache
        self._meter = meter
        self._offer = offer
        self._limiter = AdaptiveLimiter(1)
        self._lock = threading.Lock()
        self._parts: list[_Part] = []
        self._under_way = {key: asked for batch in self.batches() for key, asked in batch.requests.items()}
        self._tokens = sum(asked.prompt_tokens for asked in self._under_way.values())
        self._answers: dict[str, ChatReply | ModelError] = {}  # of this run only: the cache must not keep them
        self._again: dict[str, int] = {}  # tries of requests that came back without a reply
        self._fresh: set[str] = set()
        self._lost: dict[str, int] = {}  # requests of batches, by token, that the server does not know

    def close(self) -> None:
        """Drop what was recorded and not submitted."""
        for part in self._parts:
            part.file.close()
        self._parts.clear()

    def batches(self) -> list[Batch]:
        """Those of this server, oldest first."""
        return [batch for batch in read_batches(self._cache) if batch.server == self._transport.endpoint.base_url]

    @property
    def waiting(self) -> int:
        """Requests in batches under way."""
        return len(self._under_way)

    @property
    def lost(self) -> int:
        """Those of them whose batch the server did not know when it was asked last: nothing will come by itself."""
        return sum(self._lost.values())

    # Asking

    def is_fresh(self, key: str) -> bool:
        """True when this run has collected the reply, and so counted its cost already."""
        return key in self._fresh

    def answer(self, key: str, request: ChatRequest, max_output_tokens: int) -> ChatReply | None:
        """A reply that a batch brought and the cache does not keep; None where the request may be sent at once.

        Raises:
            PendingError: The reply comes with a batch: one under way, or the next.
            ModelError: The request failed in its batch.
            BudgetExceededError: It could cost more than is left.
        """
        found = self._answers.get(key)
        if isinstance(found, ModelError):
            raise found
        if found is not None:
            return found
        if key not in self._under_way:
            if not self._offer.records:
                return None
            with self._lock:
                self._record(key, request, max_output_tokens)
        raise PendingError(f"This reply of {self._offer.model} comes with a batch.", key=key)

    def _record(self, key: str, request: ChatRequest, max_output_tokens: int) -> None:
        prompt = most_prompt_tokens(request)
        if any(key in part.requests for part in self._parts) or not self._has_room(prompt):
            return
        worst = max_output_tokens + self._transport.dialect.thinking_tokens
        with self._meter.reserve(self._offer.model, self._offer.price, prompt, worst) as reservation:
            pass  # never settled in this run: it counts in full
        if not self._parts or self._is_full(self._parts[-1]):
            self._parts.append(_Part())
        self._tokens += prompt
        asked = Asked(request.purpose, prompt, request.schema is not None, 1 + self._again.get(key, 0))
        self._parts[-1].add(key, asked, self._transport.body(request, worst))
        self._parts[-1].worst_usd += reservation.worst_usd

    def _has_room(self, prompt_tokens: int) -> bool:
        limit = self._offer.most_tokens
        return not limit or not self._tokens or self._tokens + prompt_tokens <= limit

    @staticmethod
    def _is_full(part: _Part) -> bool:
        return len(part.requests) >= MOST_REQUESTS or part.size >= MOST_BYTES

    # Sending

    def submit(self) -> Iterator[Batch]:
        """Send what was recorded; the new batches, as they are made.

        Raises:
            ModelError: The server does not take one.
        """
        while self._parts:
            part = self._parts.pop(0)
            price = self._offer.price
            batch = Batch(
                secrets.token_hex(8),
                self._transport.endpoint.base_url,
                self._offer.model,
                time.time(),
                part.requests,
                (price.input_usd, price.output_usd) if price else None,
                part.worst_usd if price else None,
                part.sent,
            )
            with part.file:
                sent = self._send(batch, part.file)
            self._under_way.update(sent.requests)
            yield sent

    def _send(self, batch: Batch, file: IO[bytes]) -> Batch:
        write_batch(self._cache, batch)  # before anything is sent: whoever finds it looks for its token
        try:
            file_id = self._patiently(lambda: self._server.upload(file, batch.token))
        except BaseException:
            erase_batch(self._cache, batch)
            raise
        tries = iter([False])

        def create() -> str:
            # A lost answer may belong to a batch that was made.
            is_again = next(tries, True)
            return (is_again and self._server.find(batch.token, batch.created)) or self._server.create(
                file_id, batch.token
            )

        try:
            batch = replace(batch, id=self._patiently(create))
        except ModelError as error:
            if not isinstance(error, ModelUnavailableError):
                erase_batch(self._cache, batch)
            raise
        write_batch(self._cache, batch)
        return batch

    # Collecting

    def collect(self) -> Iterator[tuple[str, Usage] | ModelError]:
        """Put the replies of finished batches into the cache; what each one cost, by purpose.

        A batch that the server does not know gives an error, hides no other, and stays noted: with the right key it may
        be there, and what is asked again is paid again. `cancel` forgets it.

        Raises:
            ModelError: The server does not answer; what it did not give stays under way.
        """
        for batch in self.batches():
            try:
                yield from self._collect(batch).items()
            except ModelError as error:
                if not is_unknown(error):
                    raise
                yield error

    def _collect(self, batch: Batch) -> dict[str, Usage]:
        known = self._identified(batch)
        state = self._state(known) if known else None
        if known and state and state.is_under_way:
            return {}
        spent = self._read(known, state) if known and state else {}
        for key, asked in batch.requests.items():
            self._under_way.pop(key, None)
            self._tokens -= asked.prompt_tokens
        return spent

    def _identified(self, batch: Batch) -> Batch | None:
        """The batch with its id; None, and forgotten, where the run that wrote it down ended before it was made."""
        if batch.id:
            return batch
        found = self._patiently(lambda: self._server.find(batch.token, batch.created))
        if not found:
            erase_batch(self._cache, batch)
            return None
        batch = replace(batch, id=found)
        write_batch(self._cache, batch)
        return batch

    def _read(self, batch: Batch, state: BatchState) -> dict[str, Usage]:
        lines = [line for name in state.files for line in self._patiently(lambda n=name: [*self._server.lines(n)])]  # type: ignore[misc]  # binds it now
        spent: dict[str, Usage] = {}
        left = dict(batch.requests)
        with self._cache.transaction():  # a run killed here collects the same again, and counts it once
            for line in lines:
                key = str(line.get("custom_id"))
                asked = left.pop(key, None)
                usage = self._take(batch, key, asked, line) if asked else None
                if asked and usage:
                    spent[asked.purpose] = spent.get(asked.purpose, Usage()) + usage
            for purpose, usage in spent.items():
                self._cache.spend(batch.model, purpose, usage)
            erase_batch(self._cache, batch)
        for usage in spent.values():
            self._meter.record(usage)
            self._meter.pay(usage.cost_usd or 0.0)
        for key, asked in left.items():
            self._fail(key, asked, _whole_failure(batch, state) if state.status == "failed" else "")
        return spent

    def _take(self, batch: Batch, key: str, asked: Asked, line: Mapping[str, Any]) -> Usage | None:
        """Keep the reply of one line and give its usage; None where it holds none."""
        status, body = _answered(line.get("response"))
        if status != 200:
            self._refused(batch, key, asked, status, body)
            return None
        try:
            reply = self._transport.read(body, asked.prompt_tokens)
        except ModelError:  # it holds an error in place of a reply, or nothing that can be read
            self._fail(key, asked)
            return None
        price = Price(*batch.price) if batch.price else None
        usage = price_usage(price, reply.usage.prompt_tokens, reply.usage.completion_tokens)
        self._fresh.add(key)
        if reply.is_complete or asked.is_structured:
            self._cache.store(key, reply)
        else:
            self._answers[key] = replace(reply, usage=Usage())
        return usage

    def _refused(self, batch: Batch, key: str, asked: Asked, status: int, body: Mapping[str, Any]) -> None:
        """Draw the conclusions that a call at once would draw from such a status."""
        words = json.dumps(body.get("error") or body, ensure_ascii=False)[:500]
        is_lasting = 400 <= status < 500 and status not in {*PASSING, 429}
        written = failed_generation(body.get("error"))
        if is_lasting and is_too_long(words):
            self._answers[key] = ChatReply("", finish_reason="length")
        elif written is not None:
            self._answers[key] = ChatReply(written)
        elif (
            status in (400, 422)
            and asked.tries < _MOST_FORMS
            and self._transport.adapt(words, batch.sent[_kind(asked)])
        ):
            self._again[key] = asked.tries
        elif is_lasting:
            said = as_sentence(words_of(body)[:500])
            self._answers[key] = ModelRefusedError(f"{batch.server} refused with status {status}: {said}")
        else:
            self._fail(key, asked)

    def _fail(self, key: str, asked: Asked, words: str = "") -> None:
        """The request came back without a reply: it is asked again, but not for ever."""
        if words or asked.tries >= _MOST_TRIES:
            reason = words or f"{asked.tries} batches of {self._offer.model} came back without this reply."
            self._answers[key] = ModelUnavailableError(reason)
        else:
            self._again[key] = asked.tries

    # Looking after what is under way

    def progress(self) -> tuple[int, bool]:
        """(requests done, whether all batches have finished) of what is under way, as the server says.

        A batch that it does not know counts as finished: nothing more will come.
        """
        done = 0
        is_finished = True
        for batch in self.batches():
            try:
                state = self._state(batch) if batch.id else BatchState("unknown")
            except ModelError as error:
                if not is_unknown(error):
                    raise
                state = BatchState("unknown")
            done += min(state.done, len(batch.requests)) if state.is_under_way else len(batch.requests)
            is_finished = is_finished and not state.is_under_way
        return done, is_finished

    def _state(self, batch: Batch) -> BatchState:
        self._lost.pop(batch.token, None)
        try:
            return self._patiently(lambda: self._server.state(batch.id))
        except ModelError as error:
            if is_unknown(error):
                self._lost[batch.token] = len(batch.requests)
            raise

    def cancel(self, batch_id: str = "") -> int:
        """Stop batches under way; the next run collects what they hold by then. How many there were.

        Args:
            batch_id: Which one; empty: every one.

        Raises:
            ModelError: The server does not answer, or does not let us.
        """
        batches = [batch for batch in self.batches() if batch_id in ("", batch.id)]
        for batch in batches:
            try:
                known = self._identified(batch)
                if known:
                    self._server.cancel(known.id)
            except ModelError as error:
                if is_unknown(error):
                    erase_batch(self._cache, batch)
                elif error.status in _HAD_ENDED:
                    log.info("%s had ended: %s", batch.id, error)
                else:
                    raise
        return len(batches)

    def _patiently(self, call: Callable[[], T]) -> T:
        return call_with_retries(call, self._limiter, self._offer.max_retries)


def _answered(response: object) -> tuple[int, Mapping[str, Any]]:
    """(status, body) of what a batch brought for one request; the status is 0 where nothing came."""
    told = response if isinstance(response, Mapping) else {}
    status, body = str(told.get("status_code") or 0), told.get("body")
    return int(status) if status.isdecimal() else 0, body if isinstance(body, Mapping) else {}


def _kind(asked: Asked) -> str:
    return "structured" if asked.is_structured else "plain"


def _whole_failure(batch: Batch, state: BatchState) -> str:
    cure = " Set llm.batch_tokens below that limit." if "token_limit" in state.words else ""
    return f"{batch.server} refused the batch {batch.id}: {state.words or 'no reason given'}.{cure}"
