"""Whom a client trusts to be the server that it asked for, read when first a connection wants to know."""

from __future__ import annotations

import importlib
import os
import ssl
import threading
from collections.abc import Sequence
from functools import cache
from typing import Any

from graphrag_lite.errors import ModelRefusedError
from graphrag_lite.llm.sdk import openai

_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")  # variables that name them
_turn = threading.Lock()


class Trust(ssl.SSLContext):
    """The context that the HTTP library would make: a server nearby, asked without TLS, mostly needs none."""

    _protocols: Sequence[str] = ("http/1.1",)

    def __new__(cls) -> Trust:
        """Of a client."""
        return super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)

    def set_alpn_protocols(self, alpn_protocols: Sequence[str]) -> None:  # type: ignore[override]
        """Note what to offer."""
        self._protocols = alpn_protocols

    def wrap_socket(self, *args: Any, **options: Any) -> ssl.SSLSocket:
        """A connection to a server that is trusted."""
        return self._read().wrap_socket(*args, **options)

    def wrap_bio(self, *args: Any, **options: Any) -> ssl.SSLObject:
        """The same over what is TLS already, as behind a proxy."""
        return self._read().wrap_bio(*args, **options)

    def _read(self) -> ssl.SSLContext:
        named = {name: os.environ.get(name) for name in _CERTIFICATES}
        try:
            with _turn:  # many connections begin at once
                context = _authorities(*named.values())
        except OSError as error:
            told = ", ".join(f"{name}={value}" for name, value in named.items() if value)
            raise ModelRefusedError(f"No certificates can be read from {told}: {error}") from error
        context.set_alpn_protocols(self._protocols)
        return context


@cache
def _authorities(*_named: str | None) -> ssl.SSLContext:
    """Read once in a process, since it takes as long as ten requests.

    `_named` is what the variables say, which the library looks up itself: who sets one after a refusal shall be heard.
    """
    module = openai.DefaultHttpxClient.__mro__[1].__module__
    library = importlib.import_module(module.split(".")[0])  # see `foreign_errors`
    context: ssl.SSLContext = library.create_ssl_context()
    return context
