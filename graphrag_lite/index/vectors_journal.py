"""The journal of vectors in the reply cache: what a server was paid to embed survives a kill before a table holds it.

A table takes many vectors at once, since each write is a file and a version of its own; a reply brings a few.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from graphrag_lite.llm.cache import ReplyCache

_SPACE = "vectors/1"  # base64 of little-endian float32
_NUMBERS = np.dtype("<f4")

Array = np.ndarray[Any, Any]


def keep_vectors(journal: ReplyCache, table: str, keys: Sequence[str], vectors: Array) -> None:
    """Note the vectors of one reply the moment they are there.

    Args:
        journal: The reply cache.
        table: The table that will hold them.
        keys: Of the texts.
        vectors: Of shape [len(keys), dimensions].
    """
    rows = np.ascontiguousarray(vectors, _NUMBERS)
    journal.note_all(_space(table), {key: b64encode(row).decode() for key, row in zip(keys, rows, strict=True)})


def kept_vectors(journal: ReplyCache, table: str, keys: Collection[str]) -> Mapping[str, Array]:
    """What was noted for a table under these keys."""
    found = journal.notes(_space(table), keys)
    return {key: np.frombuffer(b64decode(noted), _NUMBERS) for key, noted in found.items()}


def forget_vectors(journal: ReplyCache, table: str, keys: Collection[str] | None = None) -> None:
    """Drop what the table holds by now; without keys all that was noted for it."""
    space = _space(table)
    with journal.transaction():
        for key in journal.all_notes(space) if keys is None else keys:
            journal.forget_note(space, key)


def _space(table: str) -> str:
    return f"{_SPACE} {table}"
