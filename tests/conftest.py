"""Every test starts clean: none of our environment variables, its own working folder, and no model on the network."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fake_llm_server import FakeLLMServer

_LOCAL = ("127.0.0.1", "::1", "localhost", "")
_KEYS = ("OPENAI_API_KEY", "DEEPSEEK_API_KEY", "OPENAI_BASE_URL")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that cost money run only when asked for by name: `pytest -m live`."""
    if "live" in (config.option.markexpr or ""):
        return
    skip = pytest.mark.skip(reason="calls a real model; run with -m live")
    for item in items:
        if item.get_closest_marker("live"):
            item.add_marker(skip)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting and no key of the person who runs the tests reaches them."""
    for name in list(os.environ):
        if name.startswith("GRL_") or name in _KEYS:
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder is an empty one, so that no grl.toml or grl-kb of the developer is found."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections leave this machine only in tests marked `live`."""
    connect = socket.socket.connect

    def refuse(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if host not in _LOCAL:
            raise AssertionError(f"a test tried to reach {host}; use a double, or mark it live")
        connect(self, address)

    if not request.node.get_closest_marker("live"):
        monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def server() -> Iterator[FakeLLMServer]:
    """A server that answers as a model would; tests that need one of their own make it, or override this."""
    with FakeLLMServer() as started:
        yield started
