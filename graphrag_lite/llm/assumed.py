"""What is assumed of a chat model because the settings do not say it, in words for whoever runs it."""

from __future__ import annotations

from graphrag_lite.llm.chat import model_price
from graphrag_lite.llm.prices import FREE
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
    if provider.name == "other" and provider.is_local and model_price(settings, provider) == FREE:
        found.append(
            f"{provider.base_url} is this machine, so {settings.model} counts as free. If it passes requests on to a "
            "paid service, set llm.price_input_usd and llm.price_output_usd."
        )
    return found
