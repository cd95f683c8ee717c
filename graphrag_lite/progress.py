"""How long work tells of itself: a protocol that the command line draws and everybody else may ignore."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Task(Protocol):
    """One running step."""

    def advance(self, amount: int = 1, note: str = "") -> None:
        """Count `amount` more items as done; `note` is shown beside the bar."""


class Progress(Protocol):
    """Somebody who wants to see steps run."""

    def step(self, name: str, total: int | None = None) -> AbstractContextManager[Task]:
        """A context manager that yields the `Task` of a step with `total` items (None: unknown)."""


class SilentProgress:
    """Shows nothing."""

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Task]:
        """A task that forgets what it is told."""
        yield self

    def advance(self, amount: int = 1, note: str = "") -> None:
        """Nothing."""
