"""Recognises a server in the own network that the settings do not name, by how it lists its models."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import replace
from typing import Any

from graphrag_lite.errors import ModelError, StoreError
from graphrag_lite.llm.bodies import models_listed, part_of
from graphrag_lite.llm.cache import ReplyCache
from graphrag_lite.llm.endpoint import Endpoint
from graphrag_lite.llm.foreign import foreign_errors
from graphrag_lite.llm.providers import PROVIDERS, Provider, find_provider

# "owned_by" of a listed model. Ollama says "library", as may others: that it speaks its own API tells.
_OWNERS = {name: name for name in ("vllm", "sglang", "lmdeploy", "llamacpp")} | {"library": "ollama"}
_SPACE = "server"
_PATIENCE_S = 3.0


def recognised(provider: Provider, endpoint: Endpoint, model: str, cache: ReplyCache) -> Provider:
    """The kind of server that an unnamed one in the own network is; as it is where it does not say.

    It is asked once for each model, since another server at its address has others: what it said is kept in the cache
    of replies. A gateway that lists the models of another server may ask a price all the same, unless it speaks
    Ollama's own API.
    """
    if provider.name != "other" or not provider.is_private:
        return provider
    asked = f"{endpoint.base_url} {model}"
    known = cache.notes(_SPACE, [asked]).get(asked)
    if known is None and (known := _ask(endpoint)) is not None:
        with suppress(StoreError):  # it is asked again
            cache.note(_SPACE, asked, known)
    if known not in PROVIDERS:
        return provider
    found = find_provider(known, provider.base_url, model)
    return found if found.native else replace(found, is_local=provider.is_local)


def _ask(endpoint: Endpoint) -> str | None:
    """The name of its kind; "other" where it does not say, None where it cannot be asked."""
    client, root = endpoint.connect(), re.sub(r"/v1$", "", endpoint.base_url)
    try:
        listed = models_listed(_get(client, endpoint, "/models"))
        owners = {str(model.get("owned_by")).lower() for model in listed}
        kinds = {_OWNERS.get(owner, "other") for owner in owners}
        kind = kinds.pop() if len(kinds) == 1 else "other"
        is_foreign = kind == "ollama" and part_of(_get(client, endpoint, f"{root}/api/ps"), "models") is None
        return "other" if is_foreign else kind
    except ModelError:
        return None
    finally:
        client.close()


def _get(client: Any, endpoint: Endpoint, path: str) -> Any:
    with foreign_errors(endpoint):
        body = client.get(path, cast_to=object, options={"timeout": _PATIENCE_S})
    if isinstance(body, str):
        with suppress(ValueError):
            return json.loads(body)
    return body
