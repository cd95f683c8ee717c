"""What a knowledge base's reply cache tells of itself: what models cost, batches under way, what is damaged."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from graphrag_lite.errors import StoreError, as_sentence
from graphrag_lite.llm.batch_notes import describe_batch, read_batches
from graphrag_lite.llm.cache import ReplyCache
from graphrag_lite.records import Usage

log = logging.getLogger(__name__)


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


def enter(path: Path, model: str, purpose: str, usage: Usage) -> None:
    """Note what a call cost.

    Raises:
        StoreError: The ledger cannot be kept.
    """
    with closing(ReplyCache(path)) as cache:
        cache.spend(model, purpose, usage)
        if cache.failure is not None:
            raise cache.failure


def entering_for_questions(path: Path, model: str) -> Callable[[Usage], None]:
    """Notes what vectors of questions cost; who asks waits for no repair, and is told once what hinders that."""
    told: set[str] = set()

    def note(usage: Usage) -> None:
        if not os.access(path.parent, os.W_OK):
            return
        try:
            enter(path, model, "embed", usage)
        except StoreError as error:
            if not told:
                told.add(str(error))
                log.warning("%s What vectors of questions cost is noted nowhere meanwhile.", as_sentence(str(error)))

    return note


def cache_problems(path: Path) -> list[str]:
    """What is wrong with the cache, in one line; empty when it is sound or not there."""
    if not path.exists():
        return []
    try:
        with closing(ReplyCache(path)) as cache:
            return cache.problems()
    except StoreError as error:
        return [str(error)]
