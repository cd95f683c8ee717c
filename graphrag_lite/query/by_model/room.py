"""How many tokens the calls of one question may still hold: what all prompts cost together, and the model's window."""

from __future__ import annotations

from dataclasses import dataclass

from graphrag_lite.llm.counting import CountingChatModel
from graphrag_lite.llm.protocols import ChatRequest
from graphrag_lite.llm.tokens import count_messages
from graphrag_lite.settings import QuerySettings

# What prompts, question, conversation and further small calls may cost beside the context of a mode. With the default
# contexts that leaves a good 5% of 6,000 and 10,000 tokens for texts of which a vocabulary makes more than we estimate.
_BESIDE_LOCAL, _BESIDE_GLOBAL = 600, 1400
_LEAST = 0.1  # of a context that is shown however long the question is


@dataclass(frozen=True, slots=True)
class Room:
    """Prompt tokens of one question. Cached replies count as if they were paid: else a repeated question would differ.

    Attributes:
        model: Counts what was asked so far.
        most: Of all prompts together.
    """

    model: CountingChatModel
    most: int

    def left(self, *bare: ChatRequest) -> int:
        """Tokens of sources that can be added to some requests which hold none yet."""
        return self.most - self.model.asked_tokens - sum(count_messages(request.messages) for request in bare)

    def in_window(self, bare: ChatRequest, wanted: int) -> int:
        """`wanted`, or fewer where the model's window holds no more beside a request."""
        longest = self.model.longest_prompt
        return min(wanted, longest - count_messages(bare.messages)) if longest else wanted

    def for_sources(self, bare: ChatRequest, wanted: int) -> int:
        """`wanted` tokens of sources for a last request, or as many as are left."""
        return max(int(_LEAST * wanted), self.in_window(bare, min(wanted, self.left(bare))))


def room_of(model: CountingChatModel, mode: str, settings: QuerySettings) -> Room:
    """The room of a mode."""
    if mode in ("global", "drift"):
        return Room(model, settings.global_context_tokens + _BESIDE_GLOBAL)
    return Room(model, settings.local_context_tokens + _BESIDE_LOCAL)
