"""What the rest of the package asks of a model: small protocols and the values they exchange."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from graphrag_lite.prompts import Prompt
from graphrag_lite.records import Usage

Role = Literal["system", "user", "assistant"]
TextKind = Literal["passage", "query"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat."""

    role: Role
    content: str


def prompt_messages(prompt: Prompt) -> tuple[Message, Message]:
    """The system and the user turn that a rendered prompt begins a chat with."""
    return Message("system", prompt.system), Message("user", prompt.user)


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One call of a chat model.

    `schema` is the JSON schema that the reply must obey; None asks for plain text. How it is asked for (schema,
    JSON object, words of the prompt) is the model's business. `max_output_tokens` 0 means the model's own setting.
    `purpose` labels the spending (extract, report, answer, ...) and does not shape the reply.
    """

    messages: tuple[Message, ...]
    schema: Mapping[str, Any] | None = None
    max_output_tokens: int = 0
    temperature: float | None = None
    purpose: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class ChatReply:
    """A reply without its reasoning, which stands apart in `reasoning`.

    `finish_reason` is "stop" for a whole reply; "length" means that reply or prompt did not fit, and "repetition" that
    the model wrote the same again and again: such a text is never complete. `usage` counts this call alone.
    """

    text: str
    reasoning: str = ""
    finish_reason: str = "stop"
    usage: Usage = field(default_factory=Usage)
    cached: bool = False

    @property
    def is_complete(self) -> bool:
        """False when the model was cut off."""
        return self.finish_reason not in ("length", "repetition", "content_filter")


class ChatModel(Protocol):
    """A chat model; safe to call from several threads."""

    @property
    def name(self) -> str:
        """The model's name, as settings and reports show it."""
        ...

    def complete(self, request: ChatRequest) -> ChatReply:
        """The whole reply to one request.

        Raises:
            ModelError: No usable reply came.
            BudgetExceededError: The call could cost more than is left.
        """
        ...

    def stream(self, request: ChatRequest) -> Iterator[str | ChatReply]:
        """Pieces of the reply's text as they arrive, then the whole reply as the last item."""
        ...


@runtime_checkable
class RemembersReplies(Protocol):
    """A chat model with a memory of replies, which its callers can correct."""

    def remember(self, request: ChatRequest, reply: ChatReply | None) -> None:
        """Serve `reply` for `request` from now on; None forgets what was stored, so that the next run asks again."""
        ...


class EmbeddingModel(Protocol):
    """Turns texts into vectors."""

    @property
    def name(self) -> str:
        """The model's name; vectors of different names must not be mixed."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        ...

    def embed(self, texts: Sequence[str], kind: TextKind = "passage") -> NDArray[np.float32]:
        """Unit vectors, one row a text, in order: float32 of shape [len(texts), dimensions]."""
        ...
