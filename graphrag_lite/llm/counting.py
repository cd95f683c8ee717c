"""Counts what one run or one question costs, whichever chat model it uses."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import CancelledError

from graphrag_lite.errors import PendingError
from graphrag_lite.llm.batch import BatchQueue
from graphrag_lite.llm.cache import ReplyCache
from graphrag_lite.llm.prices import Price
from graphrag_lite.llm.protocols import ChatModel, ChatReply, ChatRequest, RemembersReplies
from graphrag_lite.llm.retry import LostReplyError
from graphrag_lite.llm.tokens import count_messages
from graphrag_lite.llm.usage import UsageMeter, estimated_usage
from graphrag_lite.records import Usage


class CountingChatModel:
    """A `ChatModel` that passes every call on and adds up the usage of the replies; threads may share it.

    Args:
        model: Who answers.
        given_up: Set once nobody wants the replies any more: then nothing is sent.
    """

    def __init__(self, model: ChatModel, given_up: threading.Event | None = None) -> None:
        self.model = model
        self._given_up = given_up
        self._by_purpose: dict[str, Usage] = {}
        self._pending: set[str] = set()
        self._asked_tokens = 0
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.name

    @property
    def concurrency(self) -> int:
        """Calls under way at once, at most."""
        return int(getattr(self.model, "concurrency", 4))

    @property
    def cache(self) -> ReplyCache | None:
        """Where the model keeps replies; None where it keeps none."""
        found = getattr(self.model, "cache", None)
        return found if isinstance(found, ReplyCache) else None

    @property
    def batches(self) -> BatchQueue | None:
        """The batches of the model; None where it has none."""
        found = getattr(self.model, "batches", None)
        return found if isinstance(found, BatchQueue) else None

    @property
    def meter(self) -> UsageMeter | None:
        """What holds the model's budget; None where that is its own business."""
        found = getattr(self.model, "meter", None)
        return found if isinstance(found, UsageMeter) else None

    @property
    def pending(self) -> frozenset[str]:
        """Purposes of requests whose replies come with a batch."""
        with self._lock:
            return frozenset(self._pending)

    @property
    def longest_prompt(self) -> int:
        """Prompt tokens that the model's window holds beside a reply; 0: not known."""
        return int(getattr(self.model, "longest_prompt", 0))

    @property
    def asked_tokens(self) -> int:
        """Estimated tokens of the prompts that were answered so far, those from a cache too."""
        with self._lock:
            return self._asked_tokens

    @property
    def by_purpose(self) -> Mapping[str, Usage]:
        """Usage so far, by what it was for."""
        with self._lock:
            return dict(sorted(self._by_purpose.items()))

    @property
    def usage(self) -> Usage:
        """Usage so far."""
        return sum(self.by_purpose.values(), Usage())

    @property
    def lost_usd(self) -> float:
        """What calls that broke off have cost besides, at most; 0 where the model does not tell."""
        return self.meter.lost_usd if self.meter else 0.0

    def complete(self, request: ChatRequest) -> ChatReply:
        """The reply of the model."""
        self._check()
        try:
            reply = self.model.complete(request)
        except PendingError:
            with self._lock:
                self._pending.add(request.purpose)
            raise
        self._heard(request, reply)
        return reply

    def stream(self, request: ChatRequest) -> Iterator[str | ChatReply]:
        """The stream of the model. One that breaks off is counted by estimate: it may be on the bill."""
        self._check()
        read: list[str] = []
        try:
            for piece in self.model.stream(request):
                if isinstance(piece, ChatReply):
                    self._heard(request, piece)
                else:
                    read.append(piece)
                yield piece
        except LostReplyError:
            price = getattr(self.model, "price", None)
            known = price if isinstance(price, Price) else None
            self.count(request.purpose, estimated_usage(known, request, "".join(read)))
            raise

    def remember(self, request: ChatRequest, reply: ChatReply | None) -> None:
        """Passed on to a model that has a memory."""
        if isinstance(self.model, RemembersReplies):
            self.model.remember(request, reply)

    def _check(self) -> None:
        if self._given_up is not None and self._given_up.is_set():
            raise CancelledError

    def _heard(self, request: ChatRequest, reply: ChatReply) -> None:
        self.count(request.purpose, reply.usage)
        is_refused = not reply.text and not reply.is_complete  # too long for the model, which costs nothing
        with self._lock:
            self._asked_tokens += 0 if is_refused else count_messages(request.messages)

    def count(self, purpose: str, usage: Usage) -> None:
        """Add usage that came about otherwise, as by a batch."""
        with self._lock:
            self._by_purpose[purpose] = self._by_purpose.get(purpose, Usage()) + usage
