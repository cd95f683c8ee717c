"""Lines "Label: value", and rows "| label | value |", whose label a question asks for: "Symbol: Qu" of the symbol."""

from __future__ import annotations

import re

from graphrag_lite.query.asked import Asked
from graphrag_lite.text.fields import field_of
from graphrag_lite.text.normalize import has_cjk, terms
from graphrag_lite.text.variants import simplified

# Of "Number of lamps" the question "How many lamps …?" says so by how it asks.
_BY_KIND = {"number": frozenset(terms("number")), "date": frozenset(terms("date")), "person": frozenset(terms("name"))}
_TOLD_AT_LENGTH = "reason"


def is_label_asked(asked: Asked, line: str) -> bool:
    """Whether a question says the label of a line, apart from names, which tell of what, and not its value."""
    field = (field_of(line) or _cells(line)) if asked.kind != _TOLD_AT_LENGTH else None
    if field is None:
        return False
    label, value = (frozenset(terms(part)) for part in field)
    if has_cjk(field[0]) and not _is_noun(field[0], asked.matter):
        return False
    is_asked = bool(label & asked.terms - asked.name_terms)
    return is_asked and label - _BY_KIND.get(asked.kind, frozenset()) <= asked.terms and not value <= asked.terms


def _cells(line: str) -> tuple[str, str] | None:
    """The two cells of a row that has no more."""
    row = line.strip()
    cells = [cell.strip() for cell in row.strip("|").split("|")] if row.startswith("|") and "\n" not in row else []
    if len(cells) != 2 or not all(any(map(str.isalnum, cell)) for cell in cells):
        return None
    return cells[0].strip("*_` "), cells[1]


def _is_noun(label: str, matter: str) -> bool:
    """Whether a label stands apart: 时间 in 上班时间 is that of something."""
    return re.search(rf"(?<![^\W_]){re.escape(simplified(label))}(?![^\W_])", matter) is not None
