from __future__ import annotations

import asyncio
import threading
import time
from contextvars import ContextVar

import pytest

from graphrag_lite.off_loop import in_thread

place: ContextVar[str] = ContextVar("place", default="")


def test_a_call_gives_what_it_gives_in_its_context() -> None:
    async def ask() -> tuple[str, threading.Thread]:
        place.set("Kelder")
        return await in_thread(lambda: (place.get(), threading.current_thread()))

    said, thread = asyncio.run(ask())
    assert said == "Kelder"
    assert thread is not threading.current_thread()


def test_a_call_fails_as_it_fails() -> None:
    with pytest.raises(ZeroDivisionError):
        asyncio.run(in_thread(lambda: 1 // 0))


def test_a_loop_ends_without_a_call_that_was_given_up() -> None:
    release, ended = threading.Event(), threading.Event()

    def call() -> None:
        release.wait(10)
        ended.set()

    start = time.monotonic()
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(in_thread(call), 0.05))
    assert time.monotonic() - start < 5
    release.set()
    assert ended.wait(5)
