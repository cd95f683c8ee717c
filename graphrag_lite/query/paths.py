"""The way from a question to a passage, as a person reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

import pyarrow as pa

from graphrag_lite.query.headings import is_of_records
from graphrag_lite.records import PathStep

_MOST_CHARACTERS = 60


def path_steps(path: list[tuple[int | None, int]], entity_names: Any, passages: pa.Table) -> tuple[PathStep, ...]:
    """An evidence path: the question, then entity and passage in turn.

    Args:
        path: (entity, row) from the question on; entity None: matched by its words or vector.
        entity_names: By entity.
        passages: Columns chunk_id, title, source and text, by row.
    """
    steps = [PathStep("question", "", "question")]
    for entity, row in path:
        if entity is not None:
            steps.append(PathStep("entity", str(entity), entity_names[entity].as_py()))
        label = passages["title"][row].as_py() or passage_name(
            passages["source"][row].as_py() or "", passages["text"][row].as_py()
        )
        steps.append(PathStep("passage", passages["chunk_id"][row].as_py(), label))
    return tuple(steps)


def without_foreign_names(steps: tuple[PathStep, ...], texts: Sequence[str]) -> tuple[PathStep, ...]:
    """A path without names of entities that none of its texts spells so: another document may have."""
    together = "\n".join(texts).lower()
    return tuple(
        replace(step, label="a shared name") if step.kind == "entity" and step.label.lower() not in together else step
        for step in steps
    )


def passage_name(source: str, text: str) -> str:
    """What a person knows a passage without a title by: its file, or its first words where it is one record of many."""
    path = PurePath(source)
    if path.is_absolute() and not is_of_records(source):
        return path.name
    words = " ".join(text.split())
    return words if len(words) <= _MOST_CHARACTERS else f"{words[: _MOST_CHARACTERS - 1].rstrip()}…"
