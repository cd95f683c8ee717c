"""What is assumed of a chat model because the settings do not say it, in words for whoever runs it."""

from __future__ import annotations

from graphrag_lite.llm.providers import find_provider
from graphrag_lite.settings import LLMSettings


def describe_assumptions(settings: LLMSettings) -> list[str]:
    """Sentences, each with the setting that says otherwise; none where nothing is assumed that may surprise."""
    provider = find_provider(settings.provider, settings.base_url, settings.model)
    found = []
    if provider.name == "ollama" and not settings.provider and not settings.base_url:
        found.append(
            f"{settings.model} has the form of Ollama's names, so it is asked at {provider.base_url}. "
            "If it is served elsewhere, set llm.base_url."
        )
    return found
