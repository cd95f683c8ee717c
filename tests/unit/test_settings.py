from __future__ import annotations

from typing import Any

import pytest

from graphrag_lite.errors import SettingsError
from graphrag_lite.settings import Settings, load_settings


def refusal(settings: dict[str, Any] | None = None, **environment: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(None, overrides=settings, environment=environment)
    return str(caught.value)


@pytest.mark.parametrize("section", ["llm", "embedding"])
def test_a_server_is_named_with_its_scheme(section: str) -> None:
    assert "http://" in refusal({section: {"base_url": "127.0.0.1:8123/v1"}})
    for url in ("", "http://127.0.0.1:8123/v1", "HTTPS://models.example"):
        assert isinstance(load_settings(None, overrides={section: {"base_url": url}}, environment={}), Settings)
