from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
from openai import DefaultHttpxClient

from graphrag_lite.errors import SettingsError
from graphrag_lite.llm.endpoint import Endpoint

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
