"""Rows "| value | value |" of a table: the names of their columns, and the cell for which a question asks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

from graphrag_lite.query.asked import Asked
from graphrag_lite.records import Passage
from graphrag_lite.text.normalize import fold, terms

Columns = tuple[Passage, int, int]  # where they are named, which may be before the passage of the row

_OF_RULE = " \t\r\n:|-"  # what the line below the names of columns is made of
_REACH = 20_000  # characters before a passage in which its table may begin
_MOSTLY = 0.5  # of the name of a column, that a question has to say


def columns_before(passages: Sequence[Passage], document_text: Callable[[str], str | None]) -> Mapping[str, Columns]:
    """By chunk id where the columns are named of a table that goes on as a passage begins, as it can be cited."""
    found: dict[str, Columns] = {}
    for passage in passages:
        if not passage.start or passage.page or not passage.text.startswith("|"):
            continue
        before = (document_text(passage.document_id) or "")[: passage.start][-_REACH:]
        rows = list(takewhile(lambda line: line.lstrip().startswith("|"), reversed(before.splitlines(keepends=True))))
        if len(rows) > 1 and not rows[-2].strip(_OF_RULE) and "-" in rows[-2]:
            row = rows[-1].lstrip()
            start, named = passage.start - sum(map(len, rows)) + len(rows[-1]) - len(row), row.rstrip()
            there = replace(passage, text=named, start=start, end=start + len(named))
            found[passage.chunk_id] = there, 0, len(named)
    return found


def ruled_at(text: str, start: int, end: int) -> int | None:
    """Where the names of columns end, if the rule below them ends `text[start:end]`."""
    names = text[start:end].rstrip(_OF_RULE)
    at = text.find("\n", start + len(names), end)
    return at if at >= 0 and "-" in text[at:end] else None


def place_of(columns: Columns) -> tuple[str, int]:
    """Where in which document they are named, which tells one table from another."""
    passage, start, _ = columns
    return passage.document_id, passage.start + start


def text_of(columns: Columns) -> str:
    """The names of the columns, as a row."""
    passage, start, end = columns
    return passage.text[start:end]


def is_cell_asked(asked: Asked, names: str, row: str) -> bool:
    """Whether a question says what a row begins with, as a whole, and the name of a column that tells something of it.

    Args:
        asked: The question.
        names: Of the columns, as a row.
        row: The row.
    """
    key, *values = cells(row)
    if not is_key_asked(asked.text, row):
        return False
    said = asked.reach.union(terms(asked.text))  # "reason" is how a question asks, and what a column is called
    for name, value in zip(cells(names)[1:], values, strict=False):  # a row may be cut off
        named = frozenset(terms(name)) - frozenset(terms(key))
        is_of_kind = asked.kind not in ("date", "number") or bool(asked.values(value))
        if named and len(named & said) >= _MOSTLY * len(named) and is_of_kind and _is_new(value, asked.text):
            return True
    return False


def is_key_asked(question: str, row: str) -> bool:
    """Whether a question says what a row begins with: "TS-85" is not "TS-85S"."""
    key = fold(cells(row)[0])
    return bool(re.search(r"[^\W\d]", key)) and bool(
        re.search(rf"(?<![a-z0-9.]){re.escape(key)}(?![a-z0-9]|\.\d)", fold(question))
    )


def cells(row: str) -> list[str]:
    """The values of a row "| value | value |"."""
    return [cell.strip(" \t*`_") for cell in row.strip().removeprefix("|").removesuffix("|").split("|")]


def _is_new(value: str, text: str) -> bool:
    return any(map(str.isalnum, value)) and fold(value) not in fold(text)
