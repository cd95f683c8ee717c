"""Batches of reports and passages read for points, at no more than a question may cost.

A batch whose reply was cut off before it held a point is halved and asked again, and a reply that is no JSON is asked
for once more, each only where there is room for it.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from graphrag_lite.errors import ModelError
from graphrag_lite.llm.counting import CountingChatModel
from graphrag_lite.llm.dispatch import run_all
from graphrag_lite.llm.protocols import ChatRequest
from graphrag_lite.llm.structured import CutOffError
from graphrag_lite.llm.tokens import count_messages
from graphrag_lite.query.by_model.generate import ContextItem, Mapped, map_reports, map_request


@dataclass(frozen=True, slots=True)
class Part:
    """One batch, as it was read in the end."""

    mapped: Mapped = field(default_factory=Mapped)
    error: ModelError | None = None


class Allowance:
    """Prompt tokens that calls beyond the first may cost together; threads draw from it."""

    def __init__(self, tokens: int) -> None:
        self._tokens = tokens
        self._lock = threading.Lock()

    def covers(self, request: ChatRequest) -> bool:
        """Whether there is room for a request, which then is its own."""
        wanted = count_messages(request.messages)
        with self._lock:
            if wanted > self._tokens:
                return False
            self._tokens -= wanted
            return True


def map_batches(
    model: CountingChatModel,
    question: str,
    items: Sequence[ContextItem],
    batches: Sequence[Sequence[int]],
    allowance: Allowance,
    *,
    prompts: str = "",
) -> list[Part]:
    """What the model draws from each batch, or from its halves, or why nothing.

    Args:
        model: Who reads them.
        question: As asked.
        items: All reports and passages.
        batches: Indices of the items of each call.
        allowance: For all calls but the first of each batch.
        prompts: Folder of the user's own prompts.
    """

    def read(batch: Sequence[int]) -> list[Part]:
        try:
            return [Part(map_reports(model, question, items, batch, prompts=prompts, may_ask_again=allowance.covers))]
        except CutOffError as error:
            middle = (len(batch) + 1) // 2
            halves = [half for half in (batch[:middle], batch[middle:]) if 0 < len(half) < len(batch)]
            return [part for half in halves for part in read_again(half, error)] or [Part(error=error)]
        except ModelError as error:
            return [Part(error=error)]

    def read_again(half: Sequence[int], error: CutOffError) -> list[Part]:
        request = map_request(question, [items[n] for n in half], prompts=prompts)
        return read(half) if allowance.covers(request) else [Part(error=error)]

    outcomes = run_all(read, batches, concurrency=model.concurrency)
    return [part for outcome in outcomes for part in outcome.result()]
