"""How headings, lists and tables look in the text of a converted document.

Light Markdown for structure, no emphasis and no escapes, so that a quotation reads as the page did. A table row
becomes a sentence that names its columns: it keeps its meaning when a chunk or a citation holds it alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_NUMBER = re.compile(r"[-+(]?[$€£¥]?\s?\d[\d.,:/\s%-]*\)?$")
_MIDNIGHT = re.compile(r"^(\d{4}-\d\d-\d\d)[ T]00:00:00(?:\.0+)?$")
_MAX_NAME = 60


@dataclass(slots=True)
class Table:
    """Rows of cells. `has_header`: the first row is known to name the columns."""

    rows: list[list[str]]
    has_header: bool


def heading(text: str, level: int) -> str:
    """A heading on a line of its own."""
    return f"{'#' * min(max(level, 1), 6)} {' '.join(text.split())}"


def list_item(text: str) -> str:
    """An item; its further lines are indented."""
    return "- " + text.replace("\n", "\n  ")


def render_table(table: Table) -> str:
    """One line a row, as `Name: Aurora; Built: 1912`; two columns without a sure header as `Born: 1912`."""
    rows = [[_tidy(cell) for cell in row] for row in table.rows]
    rows = [row for row in rows if any(row)]
    if not rows:
        return ""
    width = max(len(row) for row in rows)
    if width == 2 and not table.has_header:
        return "\n".join(": ".join(cell for cell in row if cell) for row in rows)
    if width > 1 and len(rows) > 1 and (table.has_header or names_columns(rows[0])):
        return "\n".join(line for row in rows[1:] if (line := render_row(rows[0], row)))
    return "\n".join("; ".join(cell for cell in row if cell) for row in rows)


def render_row(names: Sequence[str], row: Sequence[str]) -> str:
    """A row with the names of its columns; empty cells are left out."""
    cells = ((names[i] if i < len(names) else "", cell) for i, cell in enumerate(row))
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in cells if cell)


def names_columns(row: Sequence[str]) -> bool:
    """True when a first row can be a header: every cell a short, different text that is no number."""
    cells = [cell.strip() for cell in row]
    is_name = all(cell and len(cell) <= _MAX_NAME and not _NUMBER.match(cell) for cell in cells)
    return is_name and len(set(cells)) == len(cells)


def _tidy(cell: str) -> str:
    text = " ".join(cell.split())
    match = _MIDNIGHT.match(text)
    return match[1] if match else text
