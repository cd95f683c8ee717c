"""Waits and repeats where that helps, and finds the pace that a server can keep."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from graphrag_lite.errors import ModelError, ModelUnavailableError, RateLimitError, as_sentence

T = TypeVar("T")
_LONGEST_WAIT_S = 60.0
_SLOW_DOWN = 0.7
# Limits count by the minute, a server that loads its model may take as long, and not every one says how long to wait:
# six waits must come to more than one.
_GROWTH, _GROWTH_IF_PASSING = 2.0, 3.0
_NOT_READY = 503
_WORTH_TELLING_S = 5.0  # a wait that somebody in front of a terminal wonders about
_TOLD_AGAIN_S = 60.0
log = logging.getLogger(__name__)


class UnreachableError(ModelUnavailableError):
    """Nobody answers at the address of the server: nothing was sent."""


class LostReplyError(ModelUnavailableError):
    """The connection broke after the request was out: a reply may have been written, and billed."""

    most_retries = 2  # a server that is too slow writes, and bills, every one


class AdaptiveLimiter:
    """Lets at most `limit` calls run at once: fewer after a rate limit, one more after each full round of successes.

    One limiter a model object, shared by its threads. A rate limit slows down once per round, not once per refused
    call, since all the calls then under way were sent at the old pace. `Retry-After` holds back everybody.
    """

    def __init__(self, limit: int) -> None:
        self.limit = float(limit)
        self._most = limit
        self._running = 0
        self._round = 0  # grows with each slow-down; a call remembers the round it was sent in
        self._not_before = 0.0
        self._told_at = -_TOLD_AGAIN_S
        self._changed = threading.Condition()
        self._is_closed = False

    @contextmanager
    def slot(self) -> Iterator[int]:
        """A place among the running calls; gives the round to report back with.

        Raises:
            ModelUnavailableError: The limiter is closed: nothing more is to be sent.
        """
        with self._changed:
            while not self._is_closed:
                wait_s = self._not_before - time.monotonic()
                if wait_s <= 0 and self._running < max(1, int(self.limit)):
                    break
                self._changed.wait(wait_s if wait_s > 0 else None)
            if self._is_closed:
                raise ModelUnavailableError("The model was closed before the call was sent.")
            self._running += 1
            sent_in = self._round
        try:
            yield sent_in
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def succeeded(self) -> None:
        """A call came through."""
        with self._changed:
            self.limit = min(float(self._most), self.limit + 1.0 / max(1.0, self.limit))
            self._changed.notify_all()

    def refused(self, sent_in: int, retry_after_s: float | None) -> None:
        """A call of that round met a rate limit."""
        with self._changed:
            if sent_in == self._round:
                self._round += 1
                self.limit = max(1.0, self.limit * _SLOW_DOWN)
            if retry_after_s:
                until = time.monotonic() + min(retry_after_s, _LONGEST_WAIT_S)
                self._not_before = max(self._not_before, until)

    def pause(self, seconds: float) -> bool:
        """Wait outside of any slot; False when the limiter was closed meanwhile."""
        end = time.monotonic() + seconds
        with self._changed:
            while not self._is_closed and (left := end - time.monotonic()) > 0:
                self._changed.wait(left)
            return not self._is_closed

    def may_tell(self) -> bool:
        """Whether a wait is news: true once in a while, since all threads wait for the same."""
        now = time.monotonic()
        with self._changed:
            is_news = now - self._told_at >= _TOLD_AGAIN_S
            self._told_at = now if is_news else self._told_at
            return is_news

    def close(self) -> None:
        """Wake and stop everyone who waits."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()


def call_with_retries(
    call: Callable[[], T],
    limiter: AdaptiveLimiter,
    max_retries: int,
    *,
    if_unreachable: int | None = None,
    is_awaited: bool = False,
) -> T:
    """Make a call in a slot of `limiter` and repeat it while its error is retryable.

    Args:
        call: What to do.
        limiter: Of the server.
        max_retries: Repetitions, at most.
        if_unreachable: Repetitions while nobody answers at all; None: as many.
        is_awaited: Whether somebody waits: not for a server that wants to be left alone for longer than we ever wait.

    Raises:
        ModelError: The last error, once `max_retries` repetitions have failed too or it was not retryable.
    """
    attempt = 0
    while True:
        with limiter.slot() as sent_in:
            try:
                result = call()
                limiter.succeeded()
                return result
            except ModelError as error:
                allowed = [
                    max_retries,
                    error.most_retries,
                    if_unreachable if isinstance(error, UnreachableError) else None,
                ]
                most = min(number for number in allowed if number is not None)
                is_hopeless = is_awaited and (error.retry_after_s or 0.0) > _LONGEST_WAIT_S
                if not error.retryable or is_hopeless or attempt >= most:
                    raise
                if isinstance(error, RateLimitError):
                    limiter.refused(sent_in, error.retry_after_s)
                is_passing = isinstance(error, RateLimitError) or (error.status == _NOT_READY and not is_awaited)
                growth = _GROWTH_IF_PASSING if is_passing else _GROWTH
                wait_s, reason, failure = _wait_s(attempt, growth, error.retry_after_s), str(error), error
        attempt += 1
        is_told = wait_s >= _WORTH_TELLING_S and limiter.may_tell()
        level = logging.WARNING if is_told else logging.INFO
        log.log(
            level, "%s Trying again in %.1f s (attempt %d of %d).", as_sentence(reason), wait_s, attempt + 1, most + 1
        )
        if not limiter.pause(wait_s):
            raise failure


def _wait_s(attempt: int, growth: float, retry_after_s: float | None) -> float:
    # Half fixed, half random: retries of calls that failed together must not return together.
    backoff = min(_LONGEST_WAIT_S, 0.5 * growth**attempt) * random.uniform(0.5, 1.0)
    return max(backoff, min(retry_after_s or 0.0, _LONGEST_WAIT_S) + backoff / 4 if retry_after_s else 0.0)
