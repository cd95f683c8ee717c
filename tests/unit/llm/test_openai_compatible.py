from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
from openai import DefaultHttpxClient
from openai.types import CompletionUsage

from graphrag_lite.errors import ModelRefusedError, ModelUnavailableError, RateLimitError, SettingsError
from graphrag_lite.llm.openai_compatible import Endpoint, _clean, _counts_thoughts, _of_status, _retry_after_s, _usage

REMOTE = "https://models.example/v1"


def test_a_remote_server_is_asked_with_the_key_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", " sk-1\n")
    endpoint = Endpoint(REMOTE, "MY_KEY", timeout_s=7.0)
    with endpoint.connect() as client:
        assert (client.api_key, client.timeout, client.max_retries) == ("sk-1", 7.0, 0)
    assert "sk-1" not in repr(endpoint)


@pytest.mark.parametrize(("key_env", "cure"), [("MY_KEY", "MY_KEY"), ("", "llm.api_key_env")])
def test_only_a_local_server_is_asked_without_a_key(key_env: str, cure: str) -> None:
    with pytest.raises(SettingsError, match=cure):
        Endpoint(REMOTE, key_env).connect()
    with Endpoint("http://localhost:8000/v1", key_env, is_local=True).connect() as client:
        assert str(client.base_url).startswith("http://localhost:8000/v1")


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> list[ssl.SSLContext]:
    """What each client is told to trust."""
    told: list[ssl.SSLContext] = []
    make = DefaultHttpxClient.__init__

    def noted(client: DefaultHttpxClient, **options: Any) -> None:
        told.append(options["verify"])
        make(client, **options)

    monkeypatch.setattr(DefaultHttpxClient, "__init__", noted)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    return told


def connect() -> None:
    Endpoint("http://localhost:8000/v1", is_local=True).connect().close()


def test_certificates_are_read_once_and_checked(trusted: list[ssl.SSLContext]) -> None:
    connect()
    connect()
    assert trusted[0] is trusted[1]
    assert trusted[0].verify_mode == ssl.CERT_REQUIRED
    assert trusted[0].check_hostname


def test_certificates_that_are_named_later_are_trusted(
    trusted: list[ssl.SSLContext], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    connect()
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    connect()
    assert trusted[0] is not trusted[1]
    monkeypatch.delenv("SSL_CERT_DIR")
    connect()
    assert trusted[0] is trusted[2]


def test_a_request_beyond_the_tokens_of_a_minute_is_not_waited_for() -> None:
    words = "Request too large for m on tokens per min (TPM): Limit 6000, Requested 9000."
    assert isinstance(_of_status(429, words, Endpoint("http://h:1/v1")), ModelRefusedError)
    assert isinstance(_of_status(429, "Limit 6000, Used 5900", Endpoint("http://h:1/v1")), RateLimitError)


def test_a_model_that_does_not_fit_its_machine_is_not_tried_again() -> None:
    words = "model requires more system memory (5.6 GiB) than is available (3.2 GiB)"
    assert isinstance(_of_status(500, words, Endpoint("http://h:1/v1")), ModelRefusedError)
    assert isinstance(
        _of_status(500, "model runner has unexpectedly stopped", Endpoint("http://h:1/v1")), ModelUnavailableError
    )


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ("Rate limit reached. Please try again in 7.66s.", 7.66),
        ("Please try again in 1m12.5s", 72.5),
        ("Please try again in 900ms.", 0.9),
        ("max RPM: 3, please try again after 1 seconds", 1.0),
        ("{'@type': 'google.rpc.RetryInfo', 'retryDelay': '37s'}", 37.0),
        ("Please try again later", None),
    ],
)
def test_a_wait_that_is_told_in_words_is_kept(body: str, seconds: float | None) -> None:
    assert _retry_after_s({}, body) == seconds
    assert _retry_after_s({"retry-after": "2"}, body) == 2.0


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>", "502 Bad Gateway"),
        ("<!DOCTYPE html><body><h1>Forbidden</h1> by policy</body>", "Forbidden by policy"),
        ("the tag <title>x</title>", "the tag <title>x</title>"),
    ],
)
def test_of_a_page_for_a_browser_what_it_says_is_told(page: str, told: str) -> None:
    assert _clean(page, Endpoint("http://h:1/v1")) == told


@pytest.mark.parametrize(
    ("counted", "billed", "thinks"),
    [
        ({"total_tokens": 110}, (100, 10), False),
        ({"total_tokens": 110, "prompt_tokens_details": {"cached_tokens": 64}}, (100, 10), False),
        ({"total_tokens": 110, "completion_tokens_details": {"reasoning_tokens": 5}}, (100, 10), True),
        ({"total_tokens": 410, "completion_tokens_details": {"reasoning_tokens": 300}}, (100, 310), True),
        ({"total_tokens": 410}, (100, 310), True),
        ({"total_tokens": 410, "prompt_tokens_details": {"cached_tokens": 64}}, (100, 310), True),
        ({"total_tokens": 174, "prompt_tokens_details": {"cached_tokens": 64}}, (164, 10), False),
        ({"total_tokens": 174, "cache_read_input_tokens": 40, "cache_creation_input_tokens": 24}, (164, 10), False),
        ({"total_tokens": 46, "prompt_tokens_details": {"cached_tokens": 64}}, (100, 10), False),
        ({"total_tokens": None}, (100, 10), False),
        ({"total_tokens": "410"}, (100, 10), False),
    ],
    ids=["openai", "cached", "thoughts", "xai", "gemini", "gemini cached", "gateway", "anthropic", "less", "no", "odd"],
)
def test_what_stands_in_the_total_alone_is_billed_as_what_it_is(
    counted: Any, billed: tuple[int, int], thinks: bool
) -> None:
    body = CompletionUsage.construct(**({"prompt_tokens": 100, "completion_tokens": 10} | counted))
    usage = _usage(body, lambda: 0, "")
    assert ((usage.prompt_tokens, usage.completion_tokens), _counts_thoughts(body)) == (billed, thinks)


def test_an_empty_account_is_known_as_such_by_any_status() -> None:
    found = _of_status(429, "Your account balance is insufficient", Endpoint("http://h:1/v1"))
    assert (found.status, found.retryable) == (402, False)
    assert "status 429" in str(found)
