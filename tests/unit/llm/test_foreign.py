from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from graphrag_lite.errors import ModelRefusedError, ModelUnavailableError, RateLimitError
from graphrag_lite.llm.endpoint import Endpoint
from graphrag_lite.llm.foreign import _retry_after_s, clean, of_status, post
from graphrag_lite.llm.retry import LostReplyError


@pytest.fixture
def say() -> Iterator[Callable[[str, str], Any]]:
    """What is read of a body that a server sends under a content type."""
    said = ["", ""]

    class Server(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-type", said[0])
            self.end_headers()
            self.wfile.write(said[1].encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
    endpoint = Endpoint(f"http://127.0.0.1:{http.server_port}/v1", is_local=True)

    def read(content_type: str, body: str) -> Any:
        said[:] = content_type, body
        with endpoint.connect() as client:
            return post(client, endpoint, "/chat/completions", {"model": "m"})

    yield read
    http.shutdown()
    http.server_close()


def test_json_is_read_under_whatever_name_it_comes(say: Callable[[str, str], Any]) -> None:
    for name in ("application/json", "text/plain", "application/vnd.api+json; charset=utf-8"):
        assert say(name, '{"choices": [1]}') == {"choices": [1]}


def test_a_page_is_handed_over_as_it_is(say: Callable[[str, str], Any]) -> None:
    assert say("text/html", "<html>Chat</html>") == "<html>Chat</html>"


def test_json_that_is_broken_is_a_lost_reply(say: Callable[[str, str], Any]) -> None:
    with pytest.raises(LostReplyError, match="malformed body"):
        say("application/json", '{"choices": [')


def test_a_request_beyond_the_tokens_of_a_minute_is_not_waited_for() -> None:
    words = "Request too large for m on tokens per min (TPM): Limit 6000, Requested 9000."
    assert isinstance(of_status(429, words, Endpoint("http://h:1/v1")), ModelRefusedError)
    assert isinstance(of_status(429, "Limit 6000, Used 5900", Endpoint("http://h:1/v1")), RateLimitError)


@pytest.mark.parametrize(
    "words",
    [
        "you've reached your hourly usage limit, please wait or upgrade to continue",
        "you (name) have reached your session usage limit, upgrade for higher limits: https://ollama.com/upgrade",
        "Usage limit reached for 5 hour. Your limit will reset at 2026-09-09 05:38:28",
        "usage limit exceeded, 5-hour usage limit reached for Token Plan Starter, resets at 15:00:00Z (2056)",
        "已达到 5 小时的使用上限。您的限额将在 2026-08-25 07:41:44 重置。",
    ],
)
def test_a_limit_of_hours_is_not_waited_for(words: str) -> None:
    assert isinstance(of_status(429, words, Endpoint("http://h:1")), ModelRefusedError)


@pytest.mark.parametrize("status", [408, 409, 424, 425, 499, 500, 503, 529])
def test_what_is_no_fault_of_a_request_is_tried_again(status: int) -> None:
    assert isinstance(of_status(status, "Not now", Endpoint("http://h:1/v1")), ModelUnavailableError)


@pytest.mark.parametrize(
    ("url", "words", "is_told"),
    [
        ("http://h:23333", "Not Found", True),
        ("http://h:23333/v1", "Not Found", False),
        ("http://h:11434", "model 'm' not found", False),
    ],
    ids=["bare", "whole", "model"],
)
def test_an_address_that_is_a_host_alone_is_told_what_most_have(url: str, words: str, is_told: bool) -> None:
    assert ("base_url, which ends in /v1" in str(of_status(404, words, Endpoint(url)))) is is_told


def test_a_cache_that_is_full_asks_for_fewer_calls_and_a_prompt_that_is_too_long_for_it_does_not() -> None:
    where, words = Endpoint("http://h:1/v1"), "Context size has been exceeded."
    assert isinstance(of_status(500, words, where), RateLimitError)
    assert isinstance(of_status(400, words, where), ModelRefusedError)


def test_a_model_that_does_not_fit_its_machine_is_not_tried_again() -> None:
    words = "model requires more system memory (5.6 GiB) than is available (3.2 GiB)"
    assert isinstance(of_status(500, words, Endpoint("http://h:1/v1")), ModelRefusedError)
    assert isinstance(
        of_status(500, "model runner has unexpectedly stopped", Endpoint("http://h:1/v1")), ModelUnavailableError
    )


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ("Rate limit reached. Please try again in 7.66s.", 7.66),
        ("Please try again in 1m12.5s", 72.5),
        ("Please try again in 900ms.", 0.9),
        ("on tokens per day (TPD): Limit 100000, Used 99000. Please try again in 1h14m24.5s.", 4464.5),
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
    assert clean(page, Endpoint("http://h:1/v1")) == told


@pytest.mark.parametrize(
    "code",
    [
        "credit_balance_exhausted",
        "organization_spend_limit_exceeded",
        "project_spend_limit_exceeded",
        "organization_usage_limit_exceeded",
        "billing_hard_limit_reached",
    ],
)
def test_a_limit_of_money_is_known_by_its_code(code: str) -> None:
    words = "You exceeded your current quota, please check your plan and billing details."
    found = of_status(429, words, Endpoint("http://h:1/v1"), body=str({"message": words, "code": code}))
    assert (found.status, found.retryable) == (402, False)
    assert of_status(429, words, Endpoint("http://h:1/v1")).retryable


def test_an_empty_account_is_known_as_such_by_any_status() -> None:
    found = of_status(429, "Your account balance is insufficient", Endpoint("http://h:1/v1"))
    assert (found.status, found.retryable) == (402, False)
    assert "status 429" in str(found)


def test_a_key_that_is_demanded_and_not_there_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = Endpoint("http://127.0.0.1:30000/v1", "SGLANG_KEY", is_local=True)
    assert "Set the environment variable SGLANG_KEY." in str(of_status(401, "Unauthorized", endpoint))
    monkeypatch.setenv("SGLANG_KEY", "wrong")
    assert "Check the key in SGLANG_KEY." in str(of_status(401, "Unauthorized", endpoint))
