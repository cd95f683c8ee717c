"""What the steps of one indexing run share: the writer, the settings, the models, and what happened so far."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from graphrag_lite.errors import BudgetExceededError
from graphrag_lite.index.fingerprints import step_fingerprints, wants_model
from graphrag_lite.llm.counting import CountingChatModel
from graphrag_lite.llm.embedding import OpenAIEmbeddingModel
from graphrag_lite.llm.protocols import EmbeddingModel
from graphrag_lite.llm.usage import UsageMeter
from graphrag_lite.progress import Progress, Task
from graphrag_lite.recipes import Recipe
from graphrag_lite.records import Failure, Usage
from graphrag_lite.settings import Settings
from graphrag_lite.store.writer import Writer

# Steps whose failures the next run tries again.
ENRICHING = frozenset({"extract", "summarise", "resolve", "report", "embed"})


@dataclass(slots=True)
class Run:
    """What the steps of one run share."""

    writer: Writer
    settings: Settings
    recipe: Recipe
    progress: Progress
    embedding_model: EmbeddingModel | None = None
    chat: CountingChatModel | None = None
    budget_usd: float = 0.0
    meter: UsageMeter = field(default_factory=UsageMeter)  # of the embeddings, shared with the chat model
    replaces: str = ""  # the snapshot of an earlier round of the same command
    stopped_at_budget: bool = False
    has_given_up: bool = False  # the model failed call after call
    misses_vectors: bool = False
    embeds_no_more: bool = False  # the money left pays for no vectors; it may do for the chat model
    started: float = field(default_factory=time.perf_counter)
    timings: dict[str, float] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    has_failed: threading.Event = field(default_factory=threading.Event)  # what goes on beside is to end

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Task]:
        """Show and time a step."""
        start = time.perf_counter()
        with self.progress.step(name, total) as task:
            yield task
        self.timings[name] = self.timings.get(name, 0.0) + time.perf_counter() - start

    @property
    def lacks_vectors(self) -> bool:
        """True when a model is there and the snapshot has no vectors at all."""
        return self.embedding_model is not None and not self.writer.manifest.vector_table

    @property
    def embed_usage(self) -> Usage:
        """What the embedding model has cost so far; nothing where it runs in this process."""
        return self.embedding_model.usage if isinstance(self.embedding_model, OpenAIEmbeddingModel) else Usage()

    @property
    def usage(self) -> Usage:
        """What all models have cost so far."""
        return (self.chat.usage if self.chat else Usage()) + self.embed_usage

    @property
    def is_whole(self) -> bool:
        """False when the next run finds something to do although no source changes: what the model did not do."""
        wanted = wants_model(self.settings) and (self.chat is None or self.stopped_at_budget or bool(self.chat.pending))
        return not wanted and not self.misses_vectors and not any(f.step in ENRICHING for f in self.failures)

    def asks_after(self, *purposes: str) -> bool:
        """True while the model is worth asking for what builds on these: they are done, and it and the money last.

        What it wrote about half of the facts would be written again, and paid again, with the other half.
        """
        return not (self.chat is None or self.stopped_at_budget or self.has_given_up or self.awaits(*purposes))

    def awaits(self, *purposes: str) -> bool:
        """True when replies for one of these come with a batch: what builds on them is left to the next run."""
        return self.chat is not None and not self.chat.pending.isdisjoint(purposes)

    def stop_at_budget(self, error: BudgetExceededError) -> None:
        """Note that the money is spent: what follows does without the model."""
        if not self.stopped_at_budget:
            self.notices.append(str(error))
        self.stopped_at_budget = True

    def give_up_model(self) -> None:
        """Note that one call after the other fails: what follows does without the model."""
        if not self.has_given_up and self.chat is not None:
            self.notices.append(
                f"Every call to {self.chat.name} failed in the end, so it was not asked any further. "
                "What it can do: grl llm check"
            )
        self.has_given_up = True

    @contextmanager
    def embeds_within_budget(self) -> Iterator[None]:
        """Where the money ends inside, note that vectors are missing: the next run goes on."""
        try:
            yield
        except BudgetExceededError as error:
            if not self.embeds_no_more:
                self.notices.append(str(error))
            self.embeds_no_more = self.misses_vectors = True

    def is_stale(self, step: str) -> bool:
        """True when a step's code or settings differ from those of the last snapshot."""
        return self.writer.manifest.fingerprints.get(step) != step_fingerprints(self.settings)[step]
