"""Whose a date or number is: of the one who is asked about, or of another whom the sentence names in between."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphrag_lite.query.asked import Asked, value_spans
from graphrag_lite.text.lexicon import FUNCTION_WORDS, MONTHS, WEEKDAYS
from graphrag_lite.text.normalize import Token, scan, terms
from graphrag_lite.text.places import PLACE_OF_DEMONYM

_WHERE = frozenset({"in", "at", "on", "near", "from", "into", "the"})  # what follows is a place or a thing
_BEGINS = re.compile(r"[.!?:\n\"“‘]|\B'$")
_NO_PERSON = FUNCTION_WORDS | MONTHS | WEEKDAYS | PLACE_OF_DEMONYM.keys()


def is_of_another(asked: Asked, text: str) -> bool:
    """Whether values in `text` have another name between them and the one that is asked about, and none follows that.

    "Ada found a place for Ned, which brings five crowns": what Ada earns is not told.
    """
    if asked.is_chinese or not asked.names:
        return False
    spans = [span for span in value_spans(asked.kind, text) if text[slice(*span)].lower() not in asked.text.lower()]
    owners = [[_is_asked(asked, name) for name in _names(asked, text, start)] for start, _ in spans]
    return any(any(are_asked) for are_asked in owners) and not any(are_asked and are_asked[-1] for are_asked in owners)


def _is_asked(asked: Asked, name: Token) -> bool:
    return not asked.name_terms.isdisjoint(terms(name.word))


def _names(asked: Asked, text: str, end: int) -> Iterator[Token]:
    """The names before a place: those that are asked about, and of others what begins no sentence and says no place."""
    before: Token | None = None
    is_person = False
    for token in scan(text):
        if token.end > end:
            return
        gap = text[before.end : token.start] if before else "."
        if not token.is_capital or token.word in _NO_PERSON:
            is_person = False
        elif before is None or gap.strip() or not before.is_capital:  # the first word of a name
            is_person = _BEGINS.search(gap) is None and (before is None or before.word not in _WHERE)
        if is_person or _is_asked(asked, token):
            yield token
        before = token
