"""Runs what blocks off an event loop that must not be held up by it, not even at its end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from typing import TypeVar

T = TypeVar("T")


async def in_thread(call: Callable[[], T]) -> T:
    """What a call gives, made in a thread of its own.

    Nobody waits for it where the awaiting task was cancelled: a loop that ends waits for `asyncio.to_thread`.
    """
    made: Future[T] = Future()

    def make() -> None:
        made.set_running_or_notify_cancel()  # from here on it can be given up, and not be cancelled
        try:
            made.set_result(call())
        except BaseException as error:  # noqa: BLE001 - the border between threads: whoever awaits it decides
            made.set_exception(error)

    threading.Thread(target=copy_context().run, args=(make,), name="off-loop", daemon=True).start()
    return await asyncio.wrap_future(made)
