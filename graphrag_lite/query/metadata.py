"""What its source states of a document, as it stands beside a passage: "date: 2024-03-05; author: Ana Ruiz"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphrag_lite.query.filters import value_at

_LONGEST = 80  # characters of a value; what is longer describes, and belongs into the text


def shown_metadata(metadata: Mapping[str, Any], keys: Sequence[str]) -> str:
    """The values of some keys on one line, in the order of the keys; a key without one is left out.

    Args:
        metadata: Of a document.
        keys: As filters name them: `a.b` reaches inside.
    """
    found = ((key, _shown(value_at(metadata, key))) for key in keys)
    return "; ".join(f"{key}: {value}" for key, value in found if value)


def _shown(value: Any) -> str:
    """A text, a number, a truth value, or a list of these; anything else is not for reading."""
    if isinstance(value, (list, tuple)):
        return ", ".join(filter(None, map(_shown, value)))[:_LONGEST]
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, (str, int, float)):
        return ""
    flat = " ".join(str(value).split())
    return flat if len(flat) <= _LONGEST else flat[: _LONGEST - 1] + "…"
