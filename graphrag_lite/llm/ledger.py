"""What a knowledge base's reply cache tells of itself: what models cost, batches under way, what is damaged."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from graphrag_lite.errors import StoreError
from graphrag_lite.llm.batch_notes import describe_batch, read_batches
from graphrag_lite.llm.cache import ReplyCache
from graphrag_lite.records import Usage


def model_use(path: Path) -> dict[str, Any]:
    """Costs by day, model and purpose, and the batches under way; oldest first. `path` is that of the cache."""
    if not path.exists():
        return {"spending": [], "batches": []}
    try:
        with closing(ReplyCache(path)) as cache:
            spending = [asdict(row) for row in cache.spending()]
            return {"spending": spending, "batches": [describe_batch(batch) for batch in read_batches(cache)]}
    except StoreError as error:  # what the knowledge base holds can be told all the same
        return {"spending": [], "batches": [], "spending_unknown": str(error)}


def enter(path: Path, model: str, purpose: str, usage: Usage) -> str:
    """Note a call that somebody waits for; what hinders that, empty where nothing does or nothing may be written."""
    if not os.access(path.parent, os.W_OK):
        return ""
    try:
        with closing(ReplyCache(path)) as cache:
            cache.spend(model, purpose, usage)
            return str(cache.failure or "")
    except StoreError as error:
        return str(error)


def cache_problems(path: Path) -> list[str]:
    """What is wrong with the cache, in one line; empty when it is sound or not there."""
    if not path.exists():
        return []
    try:
        with closing(ReplyCache(path)) as cache:
            return cache.problems()
    except StoreError as error:
        return [str(error)]
