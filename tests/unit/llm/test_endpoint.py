from __future__ import annotations

import pytest

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
