"""Runs calls in threads and hands results over as they come; new work may be added meanwhile.

Since there are no barriers, steps overlap: a report is submitted when the last of its children is done. The threads
are daemons: Ctrl-C ends the run within seconds, and what had come back by then is in the reply cache.

One thread computes at a time, so what is done meanwhile rests while replies are read: their threads send the next ones.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from types import TracebackType
from typing import Any, Generic, TypeVar

from graphrag_lite.errors import ModelError, ModelReplyError, StoreError
from graphrag_lite.llm.structured import CutOffError

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")
_HEAD_START_S = 0.15  # in which calls that were just submitted have the CPU to themselves
_HEED_S = 0.5  # a wait without end does not notice every Ctrl-C
_LONGEST_REST_S = 0.2  # for replies that are read
_GRACE_IF_FULL_S = 60.0  # a reply that comes while the disk is full is paid for, and may find room in the end
_here = threading.local()  # `.task` is that which this thread works on


class _Task:
    """One task under way."""

    def __init__(self, pool: Dispatcher[Any, Any]) -> None:
        self.pool = pool
        self.has_reply = False


def request_is_out() -> None:
    """Told by a model, in the thread of a task: it waits for a server."""
    if task := getattr(_here, "task", None):
        task.pool.note(task, has_reply=False)


def reply_is_in() -> None:
    """Told by a model, in the thread of a task: it reads what the server said, and what is done meanwhile rests."""
    if task := getattr(_here, "task", None):
        task.pool.note(task, has_reply=True)


@dataclass(frozen=True, slots=True)
class Outcome(Generic[K, V]):
    """What became of one task: a value or an error."""

    key: K
    value: V | None = None
    error: Exception | None = None

    def result(self) -> V:
        """The value, or the error raised."""
        if self.error is not None:
            raise self.error
        return self.value  # type: ignore[return-value]  # V may include None itself


class Dispatcher(Generic[K, V]):
    """At most `concurrency` tasks at once; one thread submits and collects. First come, first served.

    ```
    with Dispatcher(25) as pool:
        pool.submit(key, function)
        for outcome in pool.completed():
            pool.submit(...)
    ```
    """

    def __init__(self, concurrency: int, *, grace_s: float = 2.0) -> None:
        """`grace_s` is how long an interrupted run waits for replies that are already under way."""
        self._most = concurrency
        self._grace_s = grace_s
        self._waiting: deque[tuple[K, Callable[[], V]]] = deque()
        self._done: queue.SimpleQueue[Outcome[K, V]] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._read = threading.Condition()
        self._reading = 0
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._is_stopped = False
        self.pending = 0

    def submit(self, key: K, task: Callable[[], V]) -> None:
        """Queue a task."""
        with self._changed:
            self.pending += 1
            self._waiting.append((key, task))
            is_short = self._idle < len(self._waiting) and len(self._threads) < self._most
            self._changed.notify()
        if is_short:
            thread = threading.Thread(target=self._work, name=f"call-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()  # outside of the lock, which the others want while it takes its time

    def completed(self, meanwhile: Iterable[object] = ()) -> Iterator[Outcome[K, V]]:
        """Outcomes as they come, until nothing is pending; while none is there, `meanwhile` is drawn from."""
        work, wait_s = iter(meanwhile), _HEAD_START_S
        while self.pending:
            if self._done.empty() and wait_s == _HEED_S:
                for _ in work:
                    with self._read:
                        self._read.wait_for(lambda: not self._reading or not self._done.empty(), _LONGEST_REST_S)
                    if not self._done.empty():
                        break
            try:
                outcome = self._done.get(timeout=wait_s)
            except queue.Empty:
                continue
            finally:
                wait_s = _HEED_S
            self.pending -= 1
            yield outcome

    def note(self, task: _Task, *, has_reply: bool) -> None:
        """Where a task has got to."""
        with self._read:
            self._reading += has_reply - task.has_reply
            task.has_reply = has_reply
            if not self._reading:
                self._read.notify()

    def within_grace(self) -> Iterator[Outcome[K, V]]:
        """What else comes while an ended run waits for it; what has not begun is dropped."""
        self.cancel_waiting()
        end = time.monotonic() + self._grace_s
        while self.pending and (left := end - time.monotonic()) > 0:
            with suppress(queue.Empty):
                outcome = self._done.get(timeout=left)
                self.pending -= 1
                yield outcome

    def cancel_waiting(self) -> None:
        """Drop what has not begun; calls under way still complete."""
        with self._changed:
            self.pending -= len(self._waiting)
            self._waiting.clear()

    def __enter__(self) -> Dispatcher[K, V]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._waiting.clear()
            self._is_stopped = True
            self._changed.notify_all()
        if error is None and not self.pending:
            return  # no thread has anything left to do
        is_of_store = isinstance(error, StoreError) or isinstance(error and error.__context__, StoreError)
        deadline = time.monotonic() + (_GRACE_IF_FULL_S if is_of_store else self._grace_s)
        wait = _outlast if isinstance(error, KeyboardInterrupt) else threading.Thread.join
        for thread in self._threads:
            wait(thread, max(0.0, deadline - time.monotonic()))

    def _work(self) -> None:
        while True:
            with self._changed:
                self._idle += 1
                while not self._waiting and not self._is_stopped:
                    self._changed.wait()
                self._idle -= 1
                if self._is_stopped:
                    return
                key, task = self._waiting.popleft()
            _here.task = own = _Task(self)
            self._done.put(_run(key, task))
            with self._read:
                self._reading -= own.has_reply
                self._read.notify()


def _outlast(thread: threading.Thread, seconds: float) -> None:
    """Wait for a thread; another Ctrl-C, as of a nervous finger, does not lose what it waits for."""
    deadline = time.monotonic() + seconds
    while thread.is_alive() and time.monotonic() < deadline:
        with suppress(KeyboardInterrupt):  # in `join` it would make Python 3.11 take the thread for ended
            time.sleep(0.01)


def _run(key: K, task: Callable[[], V]) -> Outcome[K, V]:
    try:
        return Outcome(key, value=task())
    except Exception as error:  # noqa: BLE001 - the border between threads: the collecting one decides
        return Outcome(key, error=error)


def run_all(work: Callable[[T], V], items: Iterable[T], *, concurrency: int) -> Iterator[Outcome[T, V]]:
    """Outcomes of `work(item)` as they come; items are drawn only as fast as they are worked off."""
    source = iter(items)

    with Dispatcher[T, V](concurrency) as pool:

        def draw() -> None:
            for item in source:
                pool.submit(item, lambda item=item: work(item))  # type: ignore[misc]  # binds the item now
                if pool.pending >= 2 * concurrency:
                    return

        draw()
        for outcome in pool.completed():
            yield outcome
            draw()


def concerns_account(error: Exception) -> bool:
    """Whether an error is of the key or its credit, so that any other call meets it too."""
    return isinstance(error, ModelError) and error.status in (401, 402)


class CircuitBreaker:
    """Ends a run in which nothing works: a wrong key or a dead server must not be met a thousand times."""

    def __init__(self, *, at_start: int = 3, later: int = 25, unusable: int = 15) -> None:
        """It breaks at so many failures in a row: `at_start` before the first success, `later` after it.

        Where the money has run out, or the key is void, `at_start` are enough at any time. `unusable` are the
        replies that no use can be made of until one can.
        """
        self._most = self._at_start = at_start
        self._later = later
        self._in_a_row = 0
        self._unusable_left: float = unusable

    def report(self, error: Exception | None) -> None:
        """Count one outcome.

        Raises:
            ModelError: The given error, when it was one too many. Of unusable replies only the first count, since a
                model wrote them; and none that was cut off, which smaller calls may cure.
        """
        if error is None or isinstance(error, CutOffError):
            self._in_a_row, self._most, self._unusable_left = 0, self._later, inf
        elif isinstance(error, ModelReplyError):
            self._in_a_row, self._most = 0, self._later
            self._unusable_left -= 1
            if self._unusable_left <= 0:
                raise error
        elif isinstance(error, ModelError):
            self._in_a_row += 1
            if self._in_a_row >= (self._at_start if concerns_account(error) else self._most):
                raise error
