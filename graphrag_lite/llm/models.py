"""The models of one knowledge base: those that its owner gave, else those of the settings, opened once and kept."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from graphrag_lite.errors import StoreError, as_sentence

if TYPE_CHECKING:
    from graphrag_lite.llm.chat import CheckedChatModel
    from graphrag_lite.llm.protocols import ChatModel, EmbeddingModel
    from graphrag_lite.settings import EmbeddingSettings, LLMSettings

log = logging.getLogger(__name__)


class Models:
    """Safe to ask from several threads. Nothing is imported or opened before somebody asks.

    Args:
        folder: The knowledge base, which keeps the replies and what they cost.
        given_chat: Used instead of the chat model that settings name.
        given_embedding: Used instead of the embedding model that settings name.
    """

    def __init__(self, folder: Path, given_chat: ChatModel | None, given_embedding: EmbeddingModel | None) -> None:
        self.given_chat = given_chat
        self.given_embedding = given_embedding
        self._cache_path = folder / "cache.sqlite"
        self._chat: CheckedChatModel | None = None
        self._embedding: EmbeddingModel | None = None
        self._lock = threading.Lock()

    def open_embedding(self, settings: EmbeddingSettings) -> EmbeddingModel | None:
        """The model that embeds; None where there is none."""
        from graphrag_lite.llm.embedding import open_embedding_model

        if self.given_embedding is not None:
            return self.given_embedding
        with self._lock:
            if self._embedding is None:
                self._embedding = open_embedding_model(settings)
            return self._embedding

    def open_embedding_to_ask(self, settings: EmbeddingSettings) -> EmbeddingModel | None:
        """The same for questions: what they cost goes into the ledger too."""
        from graphrag_lite.llm.embedding import OpenAIEmbeddingModel
        from graphrag_lite.llm.ledger import entering_for_questions

        model = self.open_embedding(settings)
        if not isinstance(model, OpenAIEmbeddingModel):
            return model
        return model.told_to(entering_for_questions(self._cache_path, model.name))

    def open_chat(self, settings: LLMSettings) -> ChatModel | None:
        """The model that answers questions; None where none is named. Its replies are cached with the rest."""
        if self.given_chat is not None or not settings.model:
            return self.given_chat
        from graphrag_lite.llm.chat import open_chat_model

        with self._lock:
            if self._chat is None:
                cache = self._cache_path if os.access(self._cache_path.parent, os.W_OK) else ":memory:"
                try:
                    self._chat = open_chat_model(settings, cache_path=cache)
                except StoreError as error:  # who asks a question waits for no repair
                    log.warning("%s Questions are answered without it meanwhile.", as_sentence(str(error)))
                    self._chat = open_chat_model(settings)
                self._chat.is_awaited = True
            return self._chat

    def close_chat(self) -> None:
        """Let go of the chat model that was opened."""
        with self._lock:
            if self._chat is not None:
                self._chat.close()
                self._chat = None

    def close_embedding(self) -> None:
        """Let go of the embedding model that was opened, where it holds connections."""
        with self._lock:
            close = getattr(self._embedding, "close", None)
            if close is not None:  # a model in this process has no connections, and takes seconds to load
                close()
                self._embedding = None
