from __future__ import annotations

import pytest

from graphrag_lite.errors import ModelUnavailableError, RateLimitError
from graphrag_lite.llm import retry
from graphrag_lite.llm.retry import AdaptiveLimiter, call_with_retries


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds waited between calls, none of them in truth."""
    waited: list[float] = []

    def pause(limiter: AdaptiveLimiter, seconds: float) -> bool:
        waited.append(seconds)
        return True

    monkeypatch.setattr(AdaptiveLimiter, "pause", pause)
    monkeypatch.setattr(retry.random, "uniform", lambda least, most: least)
    return waited


def fail_with(error: Exception) -> None:
    def call() -> None:
        raise error

    with pytest.raises(type(error)):
        call_with_retries(call, AdaptiveLimiter(1), 6)


def test_a_limit_by_the_minute_is_outlived(waits: list[float]) -> None:
    fail_with(RateLimitError("Slow down."))
    assert len(waits) == 6
    assert waits[0] < 1
    assert sum(waits) >= 60


def test_a_failing_server_is_given_up_sooner(waits: list[float]) -> None:
    fail_with(ModelUnavailableError("Failed."))
    assert sum(waits) < 30
