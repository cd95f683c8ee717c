from __future__ import annotations

import logging
import signal
import sys
import threading
import time

import pytest

from graphrag_lite.errors import ModelRefusedError, ModelReplyError, ModelUnavailableError, RateLimitError
from graphrag_lite.llm import dispatch, retry
from graphrag_lite.llm.dispatch import CircuitBreaker, Dispatcher, reply_is_in, request_is_out, run_all
from graphrag_lite.llm.retry import AdaptiveLimiter, call_with_retries
from graphrag_lite.llm.structured import CutOffError


def test_outcomes_hold_values_and_errors() -> None:
    outcomes = {o.key: o for o in run_all(lambda n: 10 // n, [0, 1, 2], concurrency=2)}
    assert outcomes[2].result() == 5
    with pytest.raises(ZeroDivisionError):
        outcomes[0].result()


def test_at_most_so_many_run_at_once_and_all_of_them_do() -> None:
    running, most, lock = 0, 0, threading.Lock()
    are_four = threading.Barrier(4)

    def work(_: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        are_four.wait(20)
        with lock:
            running -= 1

    assert len(list(run_all(work, range(20), concurrency=4))) == 20
    assert most == 4


def test_items_are_drawn_lazily() -> None:
    drawn: list[int] = []

    def items():  # type: ignore[no-untyped-def]
        for n in range(100):
            drawn.append(n)
            yield n

    stream = run_all(lambda n: n, items(), concurrency=2)
    next(stream)
    assert len(drawn) < 10
    stream.close()


def test_work_can_be_added_while_results_come() -> None:
    seen = []
    with Dispatcher[int, int](2) as pool:
        pool.submit(3, lambda: 3)
        for outcome in pool.completed():
            seen.append(outcome.key)
            if outcome.key:
                pool.submit(outcome.key - 1, lambda: 0)
    assert seen == [3, 2, 1, 0]


def test_tasks_begin_in_the_order_in_which_they_came() -> None:
    order: list[int] = []
    with Dispatcher[int, None](1) as pool:
        for key in range(20):
            pool.submit(key, lambda key=key: order.append(key))
        list(pool.completed())
    assert order == list(range(20))


def test_what_has_not_begun_is_dropped_and_what_has_is_finished() -> None:
    begun, gate = threading.Event(), threading.Event()

    def wait() -> bool:
        begun.set()
        return gate.wait(5)

    with Dispatcher[str, bool](1) as pool:
        pool.submit("begun", wait)
        assert begun.wait(5)
        pool.submit("waiting", lambda: True)
        pool.cancel_waiting()
        gate.set()
        assert [outcome.key for outcome in pool.completed()] == ["begun"]


def test_what_comes_within_the_grace_of_an_ended_run_is_handed_over() -> None:
    begun, gate = threading.Barrier(3), threading.Event()

    def wait(seconds: float) -> float:
        begun.wait(5)
        gate.wait(seconds)
        return seconds

    with Dispatcher[float, float](2, grace_s=1.0) as pool:
        for seconds in (0.05, 30.0, 0.0):
            pool.submit(seconds, lambda seconds=seconds: wait(seconds))  # type: ignore[misc]
        begun.wait(5)
        assert [outcome.key for outcome in pool.within_grace()] == [0.05]
        gate.set()


def test_an_interrupted_run_ends_soon() -> None:
    def run() -> None:
        with Dispatcher[int, None](2, grace_s=0.1) as pool:
            pool.submit(1, lambda: time.sleep(5))
            raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run()
    assert time.monotonic() - started < 2


@pytest.mark.skipif(sys.platform == "win32", reason="no signals to threads")
def test_a_second_interrupt_does_not_lose_what_is_under_way() -> None:
    done: list[int] = []
    main = threading.get_ident()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # it is ignored in a background job

    def run() -> None:
        with Dispatcher[int, None](1, grace_s=5.0) as pool:
            pool.submit(1, lambda: (time.sleep(0.5), done.append(1))[1])
            time.sleep(0.1)
            threading.Timer(0.1, lambda: signal.pthread_kill(main, signal.SIGINT)).start()
            raise KeyboardInterrupt

    try:
        with pytest.raises(KeyboardInterrupt):
            run()
    finally:
        signal.signal(signal.SIGINT, before)
    assert done == [1]


def test_what_is_done_meanwhile_rests_while_a_reply_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "_LONGEST_REST_S", 20.0)
    may_answer, is_reading = threading.Event(), threading.Event()
    seen: list[str] = []

    def call() -> None:
        request_is_out()
        may_answer.wait(20)
        reply_is_in()
        is_reading.set()
        time.sleep(0.05)
        seen.append("read")

    def meanwhile():  # type: ignore[no-untyped-def]
        may_answer.set()
        is_reading.wait(20)
        yield
        seen.append("goes on")
        yield

    with Dispatcher[int, None](1) as pool:
        pool.submit(1, call)
        work = meanwhile()
        assert next(pool.completed(work)).error is None
        assert seen == ["read"]


def test_work_goes_on_during_a_second_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "_LONGEST_REST_S", 20.0)
    has_gone_on = threading.Event()

    def asks_again() -> bool:
        request_is_out()
        reply_is_in()
        request_is_out()
        return has_gone_on.wait(10)

    def meanwhile():  # type: ignore[no-untyped-def]
        yield
        has_gone_on.set()
        yield

    with Dispatcher[int, bool](1) as pool:
        pool.submit(1, asks_again)
        assert next(pool.completed(meanwhile())).result() is True


def test_work_rests_for_no_outcome_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "_LONGEST_REST_S", 20.0)
    is_over = threading.Event()

    def reads_long() -> None:
        reply_is_in()
        is_over.wait(20)

    with Dispatcher[int, None](2) as pool:
        pool.submit(1, reads_long)
        pool.submit(2, lambda: time.sleep(0.2))
        start = time.monotonic()
        assert next(pool.completed(iter(int, 1))).key == 2
        assert time.monotonic() - start < 10
        is_over.set()


def test_the_breaker_ends_a_run_in_which_nothing_works() -> None:
    breaker = CircuitBreaker(at_start=3)
    breaker.report(ModelRefusedError("wrong key"))
    breaker.report(ModelRefusedError("wrong key"))
    with pytest.raises(ModelRefusedError):
        breaker.report(ModelRefusedError("wrong key"))


def test_the_breaker_bears_bad_replies() -> None:
    breaker = CircuitBreaker(at_start=1)
    for _ in range(5):
        breaker.report(ModelReplyError("not JSON"))


def test_the_breaker_ends_a_run_whose_every_reply_is_unusable() -> None:
    breaker = CircuitBreaker(unusable=3)
    breaker.report(ModelReplyError("not JSON"))
    breaker.report(ModelReplyError("not JSON"))
    with pytest.raises(ModelReplyError):
        breaker.report(ModelReplyError("not JSON"))
    for one_that_works in (None, CutOffError("too long")):
        breaker = CircuitBreaker(unusable=2)
        breaker.report(ModelReplyError("not JSON"))
        breaker.report(one_that_works)
        for _ in range(5):
            breaker.report(ModelReplyError("not JSON"))


def test_the_breaker_ends_a_run_whose_money_ran_out() -> None:
    breaker, error = CircuitBreaker(at_start=2), ModelRefusedError("Insufficient Balance")
    error.status = 402
    breaker.report(None)
    breaker.report(error)
    with pytest.raises(ModelRefusedError):
        breaker.report(error)


def test_retryable_errors_are_repeated_and_others_are_not() -> None:
    calls = []

    def flaky() -> str:
        calls.append(1)
        if len(calls) < 2:
            raise ModelUnavailableError("down")
        return "up"

    assert call_with_retries(flaky, AdaptiveLimiter(2), 3) == "up"
    with pytest.raises(ModelRefusedError):
        call_with_retries(lambda: (_ for _ in ()).throw(ModelRefusedError("no")), AdaptiveLimiter(2), 3)


@pytest.mark.parametrize(
    ("status", "is_awaited", "outlasts_a_minute"), [(503, False, True), (503, True, False), (500, False, False)]
)
def test_a_server_that_loads_its_model_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, status: int, is_awaited: bool, outlasts_a_minute: bool
) -> None:
    error = ModelUnavailableError("Loading model")
    error.status = status
    limiter, waits = AdaptiveLimiter(1), list[float]()
    monkeypatch.setattr(limiter, "pause", lambda seconds: waits.append(seconds) or True)
    with pytest.raises(ModelUnavailableError):
        call_with_retries(lambda: (_ for _ in ()).throw(error), limiter, 6, is_awaited=is_awaited)
    assert (sum(waits) > 60) is outlasts_a_minute


def test_nobody_waits_for_a_server_that_has_enough_for_today() -> None:
    calls = []

    def refuse() -> None:
        calls.append(1)
        raise RateLimitError("Daily limit", retry_after_s=3600.0)

    with pytest.raises(RateLimitError):
        call_with_retries(refuse, AdaptiveLimiter(1), 6, is_awaited=True)
    assert len(calls) == 1


def test_a_long_wait_is_told_and_not_by_every_thread(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(retry, "_WORTH_TELLING_S", 0.01)
    limiter = AdaptiveLimiter(2)
    for _ in range(2):
        with pytest.raises(ModelUnavailableError):
            call_with_retries(lambda: (_ for _ in ()).throw(ModelUnavailableError("It is down")), limiter, 1)
    (told,) = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert told.startswith("It is down. Trying again in 0.")


def test_a_rate_limit_slows_down_once_a_round() -> None:
    limiter = AdaptiveLimiter(10)
    with limiter.slot() as first, limiter.slot() as second:
        limiter.refused(first, None)
        limiter.refused(second, None)
    assert limiter.limit == pytest.approx(7.0)
    for _ in range(40):
        limiter.succeeded()
    assert limiter.limit == pytest.approx(10.0, abs=0.5)


def test_retry_after_is_honoured() -> None:
    limiter, calls = AdaptiveLimiter(2), []

    def limited() -> None:
        calls.append(time.monotonic())
        if len(calls) == 1:
            raise RateLimitError("slow", retry_after_s=0.3)

    call_with_retries(limited, limiter, 3)
    assert calls[1] - calls[0] >= 0.3


def test_a_call_that_waits_to_be_repeated_ends_when_the_limiter_is_closed() -> None:
    limiter = AdaptiveLimiter(1)

    def limited() -> None:
        threading.Timer(0.05, limiter.close).start()
        raise RateLimitError("slow down", retry_after_s=30.0)

    started = time.monotonic()
    with pytest.raises(RateLimitError, match="slow down"):
        call_with_retries(limited, limiter, 5)
    assert time.monotonic() - started < 10


def test_no_call_gets_a_slot_of_a_closed_limiter() -> None:
    limiter = AdaptiveLimiter(1)
    errors: list[Exception] = []

    def wait() -> None:
        try:
            with limiter.slot():
                errors.append(AssertionError("it was let through"))
        except ModelUnavailableError as error:
            errors.append(error)

    with limiter.slot():
        thread = threading.Thread(target=wait)
        thread.start()
        limiter.close()
        thread.join(5.0)
    assert [type(error) for error in errors] == [ModelUnavailableError]


def test_closing_wakes_whoever_waits() -> None:
    limiter = AdaptiveLimiter(1)
    threading.Timer(0.05, limiter.close).start()
    started = time.monotonic()
    assert limiter.pause(30) is False
    assert time.monotonic() - started < 5


def test_work_goes_on_while_nothing_has_come_and_stops_for_what_comes() -> None:
    done = threading.Event()
    steps: list[int] = []

    def work():  # type: ignore[no-untyped-def]
        for n in range(1000):
            steps.append(n)
            if n == 5:
                done.set()
            if n >= 5:
                time.sleep(0.02)  # room for the outcome to come
            yield

    with Dispatcher[str, int](1) as pool:
        pool.submit("call", lambda: int(done.wait(10)))
        outcomes = [outcome.result() for outcome in pool.completed(work())]
    assert outcomes == [1]
    assert 6 <= len(steps) < 1000


@pytest.mark.skipif(sys.platform == "win32", reason="no signals to threads")
def test_an_interrupt_that_another_thread_received_ends_the_wait() -> None:
    """The kernel may hand Ctrl-C to any thread; a wait without end in the main thread would sleep through it."""
    is_waiting, is_over = threading.Event(), threading.Event()

    def interrupt() -> None:
        is_waiting.wait(20)
        time.sleep(0.1)
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        is_over.wait(20)

    start = time.monotonic()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # it is ignored in a background job
    try:
        with Dispatcher[int, None](1, grace_s=0.0) as pool:
            pool.submit(1, interrupt)
            with pytest.raises(KeyboardInterrupt):
                next(pool.completed(meanwhile=iter(is_waiting.set, None)))  # drawn from when the wait begins
    finally:
        is_over.set()
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - start < 10


def test_calls_just_submitted_have_the_cpu_to_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "_HEAD_START_S", 60.0)
    begun = threading.Event()
    with Dispatcher[int, bool](1) as pool:
        pool.submit(1, lambda: begun.wait(0.1))
        pool.submit(2, lambda: begun.wait(20))
        outcomes = pool.completed(meanwhile=(begun.set() for _ in range(1)))
        assert next(outcomes).result() is False
        assert next(outcomes).result() is True, "only the first wait is a head start"
