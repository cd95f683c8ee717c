"""Doubles for your tests and ours: models that cost nothing, need nothing and always answer the same.

kb = KnowledgeBase(tmp_path, embedding_model=HashEmbeddingModel(), chat_model=ScriptedChatModel(["An answer [1]."]))
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from graphrag_lite.errors import ModelReplyError
from graphrag_lite.llm.protocols import ChatReply, ChatRequest, TextKind
from graphrag_lite.records import Usage
from graphrag_lite.text.normalize import terms
from graphrag_lite.text.tokens import estimate_tokens


class HashEmbeddingModel:
    """Vectors of the words of a text: texts that share words are near, and nothing is learned.

    Args:
        dimensions: Length of a vector.
        name: Of the model, as a knowledge base remembers it.
    """

    def __init__(self, dimensions: int = 64, name: str = "hash") -> None:
        self._dimensions = dimensions
        self._name = name
        self.embedded: list[str] = []

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self._dimensions

    def embed(self, texts: Sequence[str], kind: TextKind = "passage") -> NDArray[np.float32]:
        """Unit vectors, one row a text; the texts are remembered in `embedded`."""
        self.embedded.extend(texts)
        vectors = np.zeros((len(texts), self._dimensions), np.float32)
        for row, text in enumerate(texts):
            for term in terms(text):
                digest = int.from_bytes(blake2b(term.encode(), digest_size=8).digest(), "little")
                vectors[row, digest % self._dimensions] += 1.0 if digest >> 63 else -1.0
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(norms, np.float32(1e-12)), np.float32)


class ScriptedChatModel:
    """Replies with the lines of its script, in order, and fails when the script runs out.

    Args:
        script: What to reply; an exception is raised instead.
        name: Of the model.
    """

    def __init__(self, script: Sequence[str | Exception], name: str = "scripted") -> None:
        self._script = list(script)
        self._name = name
        self._lock = threading.Lock()
        self.requests: list[ChatRequest] = []

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    def complete(self, request: ChatRequest) -> ChatReply:
        """The next line of the script; the request is remembered in `requests`."""
        with self._lock:
            self.requests.append(request)
            if not self._script:
                raise ModelReplyError(f"the script of {self._name} has run out after {len(self.requests) - 1} replies")
            line = self._script.pop(0)
        if isinstance(line, Exception):
            raise line
        read = sum(estimate_tokens(message.content) for message in request.messages)
        return ChatReply(line, usage=Usage(1, 0, read, estimate_tokens(line), 0.0))

    def stream(self, request: ChatRequest) -> Iterator[str | ChatReply]:
        """The words of the next line, then the whole reply."""
        reply = self.complete(request)
        for word in reply.text.split(" "):
            yield f"{word} "
        yield reply
