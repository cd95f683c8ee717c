"""What a knowledge base notes of the batches under way: enough to find and collect them, and to pay for them once."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from graphrag_lite.llm.cache import ReplyCache

_SPACE = "batch"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is kept of a request while its batch is under way; `prompt_tokens` are the most that it can have."""

    purpose: str
    prompt_tokens: int
    is_structured: bool
    tries: int = 1


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch under way: `requests` by cache key.

    `token` is our own name, which the provider keeps with the batch; `id` is the provider's, empty until it answered.
    `price` is USD for 1M tokens in and out by batch, None where nobody knows it, `most_usd` what it can cost at most.
    `sent` holds the parameters of a structured and of a plain request, without their text.
    """

    token: str
    server: str
    model: str
    created: float
    requests: Mapping[str, Asked]
    price: tuple[float, float] | None = None
    most_usd: float | None = None
    sent: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""


def write_batch(cache: ReplyCache, batch: Batch) -> None:
    """Note a batch, or what is known of it now."""
    value = asdict(batch)
    value["requests"] = {key: list(asked.values()) for key, asked in value["requests"].items()}
    cache.note(_SPACE, batch.token, json.dumps(value))


def erase_batch(cache: ReplyCache, batch: Batch) -> None:
    """Forget a batch."""
    cache.forget_note(_SPACE, batch.token)


def read_batches(cache: ReplyCache) -> list[Batch]:
    """Every batch of a knowledge base that is under way, oldest first."""
    found = [json.loads(text) for text in cache.all_notes(_SPACE).values()]
    for value in found:
        value["requests"] = {key: Asked(*asked) for key, asked in value["requests"].items()}
    return sorted((Batch(**value) for value in found), key=lambda batch: (batch.created, batch.token))


def describe_batch(batch: Batch) -> dict[str, Any]:
    """What `grl status` tells of it."""
    submitted = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(batch.created))
    return {
        "id": batch.id,
        "server": batch.server,
        "model": batch.model,
        "submitted": submitted,
        "requests": len(batch.requests),
        "most_usd": batch.most_usd,
    }
