from __future__ import annotations

from typing import Any

import pytest

from graphrag_lite.errors import SettingsError
from graphrag_lite.recipes import settings_of_recipes
from graphrag_lite.settings import Settings, load_settings, settings_template


def refusal(settings: dict[str, Any] | None = None, **environment: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(None, overrides=settings, environment=environment)
    return str(caught.value)


@pytest.mark.parametrize("section", ["llm", "embedding"])
def test_a_server_is_named_with_its_scheme(section: str) -> None:
    assert "http://" in refusal({section: {"base_url": "127.0.0.1:8123/v1"}})
    for url in ("", "http://127.0.0.1:8123/v1", "HTTPS://models.example"):
        assert isinstance(load_settings(None, overrides={section: {"base_url": url}}, environment={}), Settings)


def test_the_template_marks_what_recipes_set() -> None:
    template = settings_template(settings_of_recipes())
    marks = [line for line in template.splitlines() if "recipe:" in line]
    assert len(marks) == len(settings_of_recipes())
    before = template.split("#methods = ")[0].splitlines()[-1]
    assert before in marks
    assert settings_template().count("Set by the recipe") == 0
