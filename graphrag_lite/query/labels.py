"""Lines "Label: value" whose label is what an English question asks for: "Symbol: Qu" of the symbol of quillium."""

from __future__ import annotations

from functools import lru_cache

from graphrag_lite.text.fields import field_of
from graphrag_lite.text.normalize import terms

# Of "Number of lamps" the question "How many lamps …?" says so by how it asks.
_BY_KIND = {"number": frozenset(terms("number")), "date": frozenset(terms("date")), "person": frozenset(terms("name"))}
_TOLD_AT_LENGTH = "reason"


@lru_cache(maxsize=5_000)  # every quotation is asked twice
def is_label_asked(kind: str, asked: frozenset[str], names: frozenset[str], line: str) -> bool:
    """Whether a question says the label of a line, apart from names, and not its value.

    Args:
        kind: Of the answer; a reason is told in sentences.
        asked: Terms of the question.
        names: Those of names, which tell of what and not what is asked.
        line: As it is written.
    """
    field = field_of(line) if kind != _TOLD_AT_LENGTH else None
    if field is None:
        return False
    label, value = (frozenset(terms(part)) for part in field)
    return bool(label & asked - names) and label - _BY_KIND.get(kind, frozenset()) <= asked and not value <= asked
