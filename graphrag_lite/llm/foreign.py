"""Translates what the SDK, its HTTP library and servers say of failures into our errors."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from graphrag_lite.errors import (
    ModelError,
    ModelRefusedError,
    ModelReplyError,
    ModelUnavailableError,
    RateLimitError,
    as_sentence,
)
from graphrag_lite.llm.bodies import (
    failed_generation,
    plain,
    tells_full_cache,
    tells_lasting_limit,
    tells_no_credit,
    tells_no_memory,
    wait_told,
    words_of,
)
from graphrag_lite.llm.dialect import is_too_long, knows_no_form, knows_no_system
from graphrag_lite.llm.endpoint import Endpoint, read_key
from graphrag_lite.llm.reasoning import encodable
from graphrag_lite.llm.retry import LostReplyError, UnreachableError

if TYPE_CHECKING:
    from openai import OpenAI

# Below 500 and no fault of the request; 424 is said by Text Generation Inference of a reply that failed under way.
PASSING = frozenset({408, 409, 424, 425, 499})
# A proxy has given up, while the model may go on writing, and be billed for it.
_GIVEN_UP = frozenset({499, 504, 524})
_MUCH_S = 60.0  # to wait, in one go
_PAY = "The account has no credit left, or has reached a limit of what it may spend."


@contextmanager
def foreign_errors(endpoint: Endpoint) -> Iterator[None]:
    """Translate what the SDK and its HTTP library raise."""
    from graphrag_lite.llm.sdk import openai

    try:
        yield
    except openai.OpenAIError as error:
        # Without its cause: what the SDK says may repeat the key, and tracebacks end up in logs.
        raise _translate(error, endpoint) from None
    except (ValueError, RecursionError) as error:  # a body that is no JSON, or is nested without end
        raise LostReplyError(f"{endpoint.base_url} sent a malformed body: {type(error).__name__}.") from None
    except Exception as error:  # the HTTP library is a detail of the SDK: httpx before version 3, httpx2 since
        if type(error).__module__.split(".")[0] not in ("httpx", "httpx2", "httpcore", "httpcore2"):
            raise
        if "Timeout" in type(error).__name__:
            raise _too_slow(endpoint) from None
        raise LostReplyError(f"The connection to {endpoint.base_url} broke off: {type(error).__name__}.") from None


def post(client: OpenAI, endpoint: Endpoint, path: str, body: Mapping[str, Any]) -> Any:
    """What the server says to a request: the parsed JSON, or a stream of it where the body asks for one.

    A typed call of the SDK would walk through every part of both bodies, which takes as long as the rest of it.
    """
    from graphrag_lite.llm.sdk import openai

    options: dict[str, Any] = {"stream": True, "stream_cls": openai.Stream[object]} if body.get("stream") else {}
    with foreign_errors(endpoint):
        said = client.post(path, body=body, cast_to=object, **options)
    with suppress(ValueError, RecursionError):
        return json.loads(said) if isinstance(said, str) else said  # JSON under the name of something else
    return said  # a page, perhaps


def _translate(error: Exception, endpoint: Endpoint) -> ModelError:
    from graphrag_lite.llm.sdk import openai

    where = endpoint.base_url
    if isinstance(error, openai.APITimeoutError):
        return _too_slow(endpoint)
    if isinstance(error, openai.APIStatusError):
        return _translate_status(error, endpoint)
    if isinstance(error, openai.APIConnectionError):
        if isinstance(error.__cause__, ModelError):  # raised within the HTTP library by what we gave it
            return error.__cause__
        if distrust := _distrust(error):
            return ModelRefusedError(
                f"{where} shows a certificate that is not trusted: {distrust} Name the file that holds who signed it "
                f"(SSL_CERT_FILE), or check {endpoint.section}.base_url."
            )
        if "Connect" in type(error.__cause__).__name__:
            return UnreachableError(
                f"{where} cannot be reached. Check {endpoint.section}.base_url, and that the server runs."
            )
        return LostReplyError(f"The connection to {where} broke off.")
    if isinstance(error, openai.APIResponseValidationError):
        return LostReplyError(f"{where} sent a malformed body.")
    return ModelReplyError(f"{where}: {clean(str(error), endpoint)}")


def _too_slow(endpoint: Endpoint) -> LostReplyError:
    return LostReplyError(f"{endpoint.base_url} did not answer within {endpoint.timeout_s:g} s. {endpoint.if_slow}")


def _distrust(error: BaseException | None) -> str:
    """Why the certificate of a server was refused; "" where it was not."""
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__context__
    return as_sentence(error.verify_message) if error else ""


def _translate_status(error: Any, endpoint: Endpoint) -> ModelError:
    said = clean(words_of(error.body) or str(error.message), endpoint)
    retry_after_s = _retry_after_s(error.response.headers, str(error.body))
    found = of_status(error.status_code, said, endpoint, retry_after_s, str(error.body))
    if error.param:  # OpenAI may name what it refuses beside its words alone: openai/openai-agents-python issue 2089
        found.said = f"{said} ({error.param})"
    found.written = failed_generation(error.body)
    return found


def of_status(
    status: int, said: str, endpoint: Endpoint, retry_after_s: float | None = None, body: str = ""
) -> ModelError:
    """The error that a status, with a server's words, stands for."""
    has_no_credit = status < 500 and tells_no_credit(f"{said} {body}", endpoint.base_url)
    found = _by_status(status, as_sentence(said), endpoint, retry_after_s, has_no_credit=has_no_credit)
    is_unpaid = has_no_credit and isinstance(found, ModelRefusedError)
    found.status, found.said = 402 if is_unpaid else status, said
    return found


def _by_status(
    status: int, words: str, endpoint: Endpoint, retry_after_s: float | None, *, has_no_credit: bool
) -> ModelError:
    is_crowded = status == 500 and tells_full_cache(words)
    if is_crowded or (status == 429 and not (has_no_credit or tells_lasting_limit(words))):
        wait = f" It wants {retry_after_s:,.0f} s without calls." if (retry_after_s or 0.0) > _MUCH_S else ""
        return RateLimitError(f"{endpoint.base_url} asks to slow down: {words}{wait}", retry_after_s=retry_after_s)
    # Of a long prompt Xinference says 500, llama.cpp of a system turn (containers/ramalama issue 2425), and
    # llama-cpp-python of a format that it does not know.
    is_ours = status == 500 and (is_too_long(words) or knows_no_system(words) or knows_no_form(words))
    never_passes = is_ours or tells_no_memory(words)
    if (status >= 500 and not never_passes) or status in PASSING:
        message = f"{endpoint.base_url} failed with status {status}: {words}"
        kind = LostReplyError if status in _GIVEN_UP else ModelUnavailableError
        return kind(message, retry_after_s=retry_after_s)
    hints = {
        401: _about_key(endpoint),
        402: _PAY,
        403: "The key may not use this model.",
        404: f"Check {endpoint.section}.model and {endpoint.section}.base_url{_if_bare(endpoint.base_url, words)}.",
    }
    hint = _PAY if has_no_credit else hints.get(status, "")
    return ModelRefusedError(f"{endpoint.base_url} refused with status {status}: {words} {hint}".rstrip())


def _if_bare(base_url: str, words: str) -> str:
    """What an address mostly lacks that is a host alone, where the server does not say that it lacks a model."""
    return "" if urlsplit(base_url).path or "model" in words.lower() else ", which ends in /v1 with most servers"


def _about_key(endpoint: Endpoint) -> str:
    """What to do about a key that a server does not take, or wants though it is in the own network."""
    if not endpoint.key_env:
        return f"Name the environment variable that holds its key: {endpoint.section}.api_key_env."
    is_set = read_key(endpoint.key_env)
    return f"Check the key in {endpoint.key_env}." if is_set else f"Set the environment variable {endpoint.key_env}."


def _retry_after_s(headers: Any, body: str = "") -> float | None:
    """Seconds to wait, told in milliseconds, in seconds, as a date or in words; None where the server does not say."""
    milliseconds, told = headers.get("retry-after-ms"), headers.get("retry-after", "")
    try:
        return float(milliseconds) / 1000 if milliseconds else float(told)
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(told).timestamp() - time.time())
    except ValueError:
        return wait_told(body)


def clean(words: str, endpoint: Endpoint) -> str:
    """A server's words without our key, which some echo, and short."""
    key = read_key(endpoint.key_env)
    if key:
        words = words.replace(key, "***")
    return " ".join(plain(encodable(words)).split())[:500]


def is_bad_request(error: ModelRefusedError) -> bool:
    """True when the server did not like the form of the request."""
    return error.status in (400, 422) or knows_no_system(error.said) or knows_no_form(error.said)
