"""The chat model that the package works with: cache, budget, pace and retries around a transport."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeVar

from graphrag_lite.errors import ModelError, SettingsError, StoreError, as_sentence
from graphrag_lite.llm.batch import BatchQueue, Offer
from graphrag_lite.llm.cache import ReplyCache, request_key
from graphrag_lite.llm.dialect import Dialect
from graphrag_lite.llm.dispatch import reply_is_in
from graphrag_lite.llm.endpoint import Endpoint
from graphrag_lite.llm.openai_compatible import OpenAICompatibleTransport
from graphrag_lite.llm.prices import Price, find_price, price_usage
from graphrag_lite.llm.protocols import ChatReply, ChatRequest
from graphrag_lite.llm.providers import Provider, find_provider, find_server
from graphrag_lite.llm.recognise import recognised
from graphrag_lite.llm.retry import AdaptiveLimiter, LostReplyError, call_with_retries
from graphrag_lite.llm.tokens import most_prompt_tokens
from graphrag_lite.llm.usage import Reservation, UsageMeter, estimated_usage
from graphrag_lite.records import Usage
from graphrag_lite.settings import LLMSettings

T = TypeVar("T")
_RETRIES_IF_AWAITED = 1  # of a server that cannot be reached: a restart takes longer than people wait
log = logging.getLogger(__name__)


class Transport(Protocol):
    """Sends one request and gives its reply; no memory, no retries."""

    dialect: Dialect  # how the server is spoken to, as far as it is known

    def close(self) -> None:
        """Close the connections."""
        ...

    def served_context(self, model: str) -> int:
        """The window that the server gives the model, in tokens; 0: it does not say."""
        ...

    def served_models(self) -> list[str]:
        """The names of the models that the server has; none where it does not say."""
        ...

    def send(self, request: ChatRequest, max_output_tokens: int) -> ChatReply:
        """The whole reply."""
        ...

    def send_stream(self, request: ChatRequest, max_output_tokens: int) -> Iterator[str | ChatReply]:
        """Pieces of text, then the whole reply."""
        ...


class CheckedChatModel:
    """A `ChatModel` that pays for nothing twice, never passes its budget, and keeps a pace the server can bear.

    Use `open_chat_model` to make one. `meter` counts and caps what is spent through it. `batches` has the first word
    on what the cache does not hold; None: everything is sent at once. `is_awaited` says that somebody waits for the
    replies: then a server that cannot be reached is soon given up, and a cache that cannot be used is done without.
    """

    def __init__(
        self, settings: LLMSettings, provider: Provider, transport: Transport, cache: ReplyCache, meter: UsageMeter
    ) -> None:
        self.batches: BatchQueue | None = None
        self.is_awaited = False
        self.provider = provider
        self.price = model_price(settings, provider)
        self.context_tokens = settings.context_tokens or provider.context_tokens
        self.concurrency = model_concurrency(settings, provider)
        self.meter = meter
        self._settings = settings
        self._transport = transport
        self._cache = cache
        self._limiter = AdaptiveLimiter(self.concurrency)
        self._flights = _Flights()
        self._has_warned = False

    def __repr__(self) -> str:
        return f"CheckedChatModel({self.name!r}, {self.provider.base_url!r})"

    @property
    def name(self) -> str:
        """The model's name."""
        return self._settings.model

    @property
    def longest_prompt(self) -> int:
        """Prompt tokens that a window which was set, or learned from a refusal, holds beside a reply; 0: not known."""
        dialect = self._transport.dialect
        return dialect.longest_prompt(self._settings.max_output_tokens + dialect.thinking_tokens)

    @property
    def cache(self) -> ReplyCache:
        """Where replies are kept."""
        return self._cache

    def close(self) -> None:
        """Stop waiting calls and close the connections and the cache."""
        self._limiter.close()
        if self.batches is not None:
            self.batches.close()
        self._transport.close()
        if (lost := self._cache.close()) and not self.is_awaited:
            log.warning("%s Replies that could not be kept, and are paid again: %d.", self._cache.failure, lost)

    def complete(self, request: ChatRequest) -> ChatReply:
        """The reply, from the cache where it is there. Identical requests under way at once are sent once."""
        key = self._key(request)
        with self._flights.one_at_a_time(key):
            if (found := self._find(key)) is not None:
                if self.batches is not None and self.batches.is_fresh(key):
                    return replace(found, usage=Usage())
                self.meter.record(found.usage)
                return found
            if self.batches is not None:
                brought = self.batches.answer(key, request, self.output_tokens(request))
                if brought is not None:
                    return brought
            reply = self._repeated(lambda: self._send(request))
            reply_is_in()
            self._keep(key, request, reply)
            return reply

    def stream(self, request: ChatRequest) -> Iterator[str | ChatReply]:
        """Pieces of the reply's text, then the whole reply. Retried only while nothing has been shown."""
        key = self._key(request)
        if (found := self._find(key)) is not None:
            self.meter.record(found.usage)
            yield found.text
            yield found
            return
        most = self._most_tokens(request)
        said: list[str] = []
        with self._reserved(request, most) as reservation, self._heard_in_part(request, said):
            for piece in self._started_stream(request, most):
                if isinstance(piece, ChatReply):
                    reply = self._settle(piece, reservation)
                    said.clear()
                    self._keep(key, request, reply)
                    yield reply
                else:
                    said.append(piece)
                    yield piece

    def served_context(self) -> int:
        """The window that the server gives the model right now, in tokens; 0: it does not say."""
        return self._transport.served_context(self.name)

    def served_models(self) -> list[str]:
        """The names of the models that the server has; none where it does not say."""
        return self._transport.served_models()

    def remember(self, request: ChatRequest, reply: ChatReply | None) -> None:
        """Serve `reply` for `request` from now on; None forgets."""
        key = self._key(request)
        with self._without_cache_if_awaited():
            if reply is None:
                self._cache.forget(key)
                self._cache.forget(self._cut_off_key(key))
            else:
                self._cache.store(key, reply)

    def output_tokens(self, request: ChatRequest) -> int:
        """The longest reply that `request` allows, its reasoning not counted."""
        return min(request.max_output_tokens or self._settings.max_output_tokens, self._settings.max_output_tokens)

    def _most_tokens(self, request: ChatRequest) -> int:
        """What the model may write: reply and reasoning."""
        return self.output_tokens(request) + self._transport.dialect.thinking_tokens

    def _key(self, request: ChatRequest) -> str:
        shape = {
            "server": self.provider.base_url,
            "model": self.name,
            "default_temperature": self._settings.temperature,
            "most_output_tokens": self._settings.max_output_tokens,
        }
        if self._settings.thinking:
            shape["thinking"] = True
        return request_key(request, shape)

    def _send(self, request: ChatRequest) -> ChatReply:
        most = self._most_tokens(request)
        with self._reserved(request, most) as reservation:
            reply = self._transport.send(request, most)
            return self._settle(reply, reservation)

    def _started_stream(self, request: ChatRequest, most_tokens: int) -> Iterator[str | ChatReply]:
        """A stream whose first piece is there: until then a failure can be retried unseen."""

        def start() -> tuple[str | ChatReply, Iterator[str | ChatReply]]:
            pieces = iter(self._transport.send_stream(request, most_tokens))
            return next(pieces), pieces

        first, rest = self._repeated(start)
        yield first
        yield from rest

    def _repeated(self, call: Callable[[], T]) -> T:
        if_unreachable = _RETRIES_IF_AWAITED if self.is_awaited else None
        return call_with_retries(
            call,
            self._limiter,
            self._settings.max_retries,
            if_unreachable=if_unreachable,
            is_awaited=self.is_awaited,
        )

    @contextmanager
    def _heard_in_part(self, request: ChatRequest, said: Sequence[str]) -> Iterator[None]:
        """Put what was heard of a stream into the ledger where it breaks off or is given up: it is billed all the same.

        A budget still counts the worst case, since the server may have gone on writing.
        """
        try:
            yield
        except (GeneratorExit, LostReplyError):
            if said:
                usage = estimated_usage(self.price, request, "".join(said))
                self.meter.record(usage)
                with suppress(StoreError):  # given up, perhaps, because the knowledge base was closed
                    self._cache.spend(self.name, request.purpose, usage)
            raise

    @contextmanager
    def _without_cache_if_awaited(self) -> Iterator[None]:
        """Who waits for an answer gets it although the cache cannot be used, and is told once."""
        try:
            yield
            error = self._cache.failure
        except StoreError as found:
            if not self.is_awaited:
                raise
            error = found
        if error is not None and self.is_awaited and not self._has_warned:
            self._has_warned = True
            log.warning("%s Questions are answered without it meanwhile.", as_sentence(str(error)))

    @contextmanager
    def _reserved(self, request: ChatRequest, most_tokens: int) -> Iterator[Reservation]:
        if self._cache.failure is not None and not self.is_awaited:
            raise self._cache.failure  # nothing is bought that cannot be kept
        prompt = most_prompt_tokens(request)
        with self.meter.reserve(self.name, self.price, prompt, most_tokens) as reservation:
            try:
                yield reservation
            except LostReplyError:
                raise  # perhaps billed: the reservation stays spent
            except ModelError:
                reservation.settle(0.0)
                raise

    def _settle(self, reply: ChatReply, reservation: Reservation) -> ChatReply:
        usage = reply.usage
        if usage.calls:
            usage = price_usage(self.price, usage.prompt_tokens, usage.completion_tokens)
        reservation.settle(usage.cost_usd or 0.0)
        self.meter.record(usage)
        return replace(reply, usage=usage)

    def _keep(self, key: str, request: ChatRequest, reply: ChatReply) -> None:
        """Note what a reply cost, and cache one that is worth finding again: no empty text, nor what cost nothing.

        Cut-off structured replies are remembered as cut off, so that their pack is split at once next time. A cut-off
        text is not: its reader would get nothing.
        """
        if not reply.usage.calls:
            return
        is_kept = bool(reply.text.strip()) if reply.is_complete else request.schema is not None
        kept_as = key if reply.is_complete else self._cut_off_key(key)
        with self._without_cache_if_awaited():
            self._cache.keep(self.name, request.purpose, reply.usage, kept_as, reply if is_kept else None)

    def _find(self, key: str) -> ChatReply | None:
        with self._without_cache_if_awaited():
            return self._cache.find(key, self._cut_off_key(key))
        return None

    def _cut_off_key(self, key: str) -> str:
        """What did not fit one window may fit another."""
        return f"{key} {self.context_tokens}"


class _Flights:
    """One lock a key, for as long as somebody holds or awaits it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flying: dict[str, tuple[threading.Lock, int]] = {}

    @contextmanager
    def one_at_a_time(self, key: str) -> Iterator[None]:
        with self._lock:
            lock, users = self._flying.get(key, (threading.Lock(), 0))
            self._flying[key] = (lock, users + 1)
        try:
            with lock:
                yield
        finally:
            with self._lock:
                lock, users = self._flying[key]
                if users == 1:
                    del self._flying[key]
                else:
                    self._flying[key] = (lock, users - 1)


def open_chat_model(
    settings: LLMSettings,
    *,
    cache_path: Path | str = ":memory:",
    max_usd: float = 0.0,
    with_batches: bool = False,
    on_mended: Callable[[str], None] | None = None,
) -> CheckedChatModel:
    """The configured chat model, ready to be called.

    Args:
        settings: The `llm` section; its `model` must be set, since no model is ever used by accident.
        cache_path: The reply cache of the knowledge base.
        max_usd: Hard cap of what may be spent through it; 0: none.
        with_batches: Mind batches under way, and make new ones where `settings.batch` says so.
        on_mended: As for `ReplyCache`.

    Raises:
        StoreError: The cache cannot be used.
        SettingsError: No model is named, nothing tells its server, it has no batches, or its key is missing.
    """
    if not settings.model:
        raise SettingsError("No chat model is configured. Set llm.model in grl.toml, or GRL_LLM__MODEL.")
    provider = find_server(settings.provider, settings.base_url, settings.model)
    by_batch = batch_price(settings) if with_batches else None
    cache = ReplyCache(cache_path, on_mended=on_mended)
    try:
        endpoint = Endpoint(
            base_url=provider.base_url,
            key_env=settings.api_key_env or provider.key_env,
            timeout_s=settings.timeout_s,
            is_local=provider.is_private,
        )
        if not settings.provider:
            provider = recognised(provider, endpoint, settings.model, cache)
        dialect = _dialect(provider, settings, cache)
        transport = _transport(settings, endpoint, provider, dialect)
        model = CheckedChatModel(settings, provider, transport, cache, UsageMeter(max_usd))
        if with_batches and isinstance(transport, OpenAICompatibleTransport):
            offer = Offer(settings.model, by_batch, settings.batch, settings.batch_tokens, settings.max_retries)
            model.batches = BatchQueue(transport, cache, model.meter, offer)
        return model
    except BaseException:
        cache.close()
        raise


def _transport(settings: LLMSettings, endpoint: Endpoint, provider: Provider, dialect: Dialect) -> Transport:
    if provider.native != "ollama":
        return OpenAICompatibleTransport(endpoint, provider, dialect, temperature=settings.temperature)
    from graphrag_lite.llm.ollama import OllamaTransport

    return OllamaTransport(
        endpoint,
        provider,
        dialect,
        temperature=settings.temperature,
        context_tokens=settings.context_tokens,
        thinks=settings.thinking,
    )


def _dialect(provider: Provider, settings: LLMSettings, cache: ReplyCache) -> Dialect:
    key = f"{provider.base_url} {settings.model}"
    stored = cache.notes("dialect", [key]).get(key)

    def keep(learned: Mapping[str, str]) -> None:
        with suppress(StoreError):  # it is learned again
            cache.note("dialect", key, json.dumps(learned))

    return Dialect(
        provider,
        settings.model,
        thinks=settings.thinking,
        context_tokens=settings.context_tokens,
        learned=json.loads(stored) if stored else {},
        on_learned=keep,
    )


def batch_price(settings: LLMSettings) -> Price | None:
    """What a batch costs for 1M tokens; None where nobody knows.

    Raises:
        SettingsError: Batches are wanted of a provider that has none.
    """
    provider = find_provider(settings.provider, settings.base_url, settings.model)
    if settings.batch and not provider.batch_price:
        raise SettingsError(
            f"{provider.name} has no Batch API. Run without --batch, and with llm.batch = false, or name another model."
        )
    usual = model_price(settings, provider)
    share = provider.batch_price or 1.0
    return usual and Price(share * usual.input_usd, share * usual.output_usd)


def model_concurrency(settings: LLMSettings, provider: Provider) -> int:
    """Calls under way at once: as set, else no more than the server's usual set-up bears."""
    is_set = "concurrency" in settings.model_fields_set
    return settings.concurrency if is_set or not provider.most_calls else min(settings.concurrency, provider.most_calls)


def model_price(settings: LLMSettings, provider: Provider) -> Price | None:
    """What the configured model costs; None where nobody knows."""
    return find_price(
        settings.model,
        input_usd=settings.price_input_usd,
        output_usd=settings.price_output_usd,
        is_local=provider.is_local,
        surcharge=provider.surcharge,
    )
