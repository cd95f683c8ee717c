"""Where one server is, and the client of the SDK that reaches it."""

from __future__ import annotations

import importlib
import os
import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from graphrag_lite.errors import SettingsError
from graphrag_lite.llm.dispatch import request_is_out
from graphrag_lite.llm.retry import LostReplyError

if TYPE_CHECKING:
    from openai import OpenAI

# What a whole reply may take. Services send blank lines for half an hour while a request queues, and a model that
# thinks writes for long after that: the bound is for what would never end.
_MOST_TIMEOUTS, _LEAST_BOUND_S = 20, 3600.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server and how to reach it. The key itself is read when the client is made, and never kept here.

    `section` is that of the settings which name it: what to do about an error is said of that one.
    """

    base_url: str
    key_env: str = ""
    timeout_s: float = 180.0
    is_local: bool = False
    section: Literal["llm", "embedding"] = "llm"

    @property
    def if_slow(self) -> str:
        """What to do about a server that takes longer than `timeout_s`."""
        cure = "Raise llm.timeout_s" if self.section == "llm" else "Lower embedding.batch_size"
        return f"{cure} if it is slow."

    def connect(self) -> OpenAI:
        """A client of the SDK that neither retries nor logs.

        Raises:
            SettingsError: The environment variable of the key is empty and the server is not a local one, or what it
                holds can be no key.
        """
        from graphrag_lite.llm.sdk import openai
        from graphrag_lite.llm.trust import Trust

        key = read_key(self.key_env)
        if not (key.isascii() and key.isprintable()):  # a line break, or quotes of a word processor
            raise SettingsError(f"{self.key_env} holds characters that no key has. Set it again, without quotes.")
        if not key and not self.is_local:
            cure = (
                f"set the environment variable {self.key_env}"
                if self.key_env
                else f"name its variable: {self.section}.api_key_env"
            )
            raise SettingsError(f"No key for {self.base_url}: {cure}.")
        # made as the SDK would make its own, but for the authorities
        hooks = {"request": [lambda _: request_is_out()], "response": [self._bound]}
        http = openai.DefaultHttpxClient(verify=Trust(), event_hooks=hooks)
        client = openai.OpenAI(
            api_key=key or "none", base_url=self.base_url, timeout=self.timeout_s, max_retries=0, http_client=http
        )
        weakref.finalize(client, http.close)  # as the SDK closes its own where nobody did
        return client

    def _bound(self, response: Any) -> None:
        """Give up a body that never ends: the time-out of the HTTP library begins anew with every blank line."""
        library = importlib.import_module(type(response).__module__.split(".")[0])  # see `foreign_errors`
        response.stream = _bounded_stream(library.SyncByteStream)(response.stream, self)


@cache
def _bounded_stream(base: Any) -> Any:
    """A class of bodies that are given up when they have no end."""

    class Bounded(base):  # type: ignore[misc]  # the HTTP library is known only while it runs
        def __init__(self, body: Any, endpoint: Endpoint) -> None:
            self._body, self._endpoint = body, endpoint
            self._most_s = max(_LEAST_BOUND_S, _MOST_TIMEOUTS * endpoint.timeout_s)
            self._until = time.monotonic() + self._most_s

        def __iter__(self) -> Iterator[bytes]:
            for part in self._body:
                if time.monotonic() > self._until:
                    raise LostReplyError(
                        f"{self._endpoint.base_url} did not come to the end of its reply within {self._most_s:g} s. "
                        f"Raise llm.timeout_s above {self._most_s / _MOST_TIMEOUTS:g} if it is that slow."
                    )
                yield part

        def close(self) -> None:
            self._body.close()

    return Bounded


def read_key(key_env: str) -> str:
    """The secret in an environment variable; empty when there is none. It goes to the SDK and nowhere else."""
    return os.environ.get(key_env, "").strip() if key_env else ""
