from __future__ import annotations

import ssl
from typing import Any

import pytest

from graphrag_lite.errors import SettingsError
from graphrag_lite.llm import openai_compatible
from graphrag_lite.llm.openai_compatible import Endpoint

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


def test_certificates_are_read_once_and_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[ssl.SSLContext] = []
    make = ssl.create_default_context

    def noted(*arguments: Any, **options: Any) -> ssl.SSLContext:
        made.append(make(*arguments, **options))
        return made[-1]

    monkeypatch.setattr(ssl, "create_default_context", noted)
    openai_compatible._authorities.cache_clear()
    for _ in range(2):
        Endpoint("http://localhost:8000/v1", is_local=True).connect().close()
    (context,) = made
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
