"""What its source states of a document, as it is read: "date: 2024-03-05; author: Ana Ruiz"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from graphrag_lite.text.lexicon import MONTH_NAMES

_LONGEST = 80  # characters of a value; what is longer describes, and belongs into the text
_DATE = re.compile(r"(?<!\d)(\d{4})-(0[1-9]|1[0-2])(?:-\d\d)?(?!\d)")


def shown_metadata(metadata: Mapping[str, Any], keys: Sequence[str]) -> str:
    """The values of some keys on one line, in the order of the keys; a key without one is left out.

    Args:
        metadata: Of a document.
        keys: As filters name them: `a.b` reaches inside.
    """
    return "; ".join(f"{key}: {value}" for key, value in _values(metadata, keys))


def searched_metadata(metadata: Mapping[str, Any], keys: Sequence[str]) -> str:
    """The values of some keys as questions say them: 2024-03-05 is in March."""
    values = [value for _, value in _values(metadata, keys)]
    dates = [match for value in values for match in _DATE.finditer(value)]
    months = [f"{MONTH_NAMES[int(m[2]) - 1].title()} {m[1]} {m[1]}年{int(m[2])}月" for m in dates]
    return " ".join([*values, *months])


def value_at(metadata: Mapping[str, Any], key: str) -> Any:
    """The value of a metadata key, `a.b` being b inside of a; None where there is none."""
    if key in metadata:
        return metadata[key]
    value: Any = metadata
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _values(metadata: Mapping[str, Any], keys: Sequence[str]) -> Iterator[tuple[str, str]]:
    found = ((key, _shown(value_at(metadata, key))) for key in keys)
    return ((key, value) for key, value in found if value)


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
