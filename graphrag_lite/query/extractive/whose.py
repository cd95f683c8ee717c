"""Whose a thing, a date or a number is: of the one who is asked about, or of another whom the sentence names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from graphrag_lite.query.asked import Asked
from graphrag_lite.query.values import value_spans
from graphrag_lite.text.lexicon import FUNCTION_WORDS, MONTHS, WEEKDAYS
from graphrag_lite.text.normalize import Token, scan, terms
from graphrag_lite.text.places import PLACE_OF_DEMONYM

_WHERE = frozenset({"in", "at", "on", "near", "from", "into", "the"})  # what follows is a place or a thing
_AT = frozenset({"at", "in", "of", "on", "from", "for"})
# Before the name of a place: "she moved to Crete", not "she wrote to Ann".
_GOES_TO = re.compile(
    r"\b(?:went|goes|moved?|moves|came|comes|sailed|travelled|returned|emigrated|took|takes)\b[^.,;]{0,20}?\bto "
)
_SUCH = frozenset({"that", "those", "one", "ones"})  # "the gate at Falkirk, and that at Leith"
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


def names_another(asked: Asked, text: str) -> bool:
    """Whether `text` names somebody beside those who are asked about, as far as it can be told from a place."""
    text = _GOES_TO.sub("in ", text)
    return not all(_is_asked(asked, name) for name in _names(asked, text, len(text)))


def is_elsewhere(asked: Asked, text: str) -> bool:
    """Whether `text` speaks of the thing that is asked about at another place only: "the gate at Falkirk"."""
    tokens = scan(text)
    placed = list(_placed(tokens, text))
    for thing, place in _placed(scan(asked.text), asked.text):
        if asked.name_terms.isdisjoint(terms(place.word)) or asked.terms.isdisjoint(terms(thing.word)):
            continue
        here = [token for token in tokens if token.word == place.word]
        elsewhere = [where for other, where in placed if not _is_same(other, thing) and other.word not in _SUCH]
        is_at_other = any(_is_same(other, thing) and where.word != place.word for other, where in placed)
        if is_at_other and all(token in elsewhere for token in here):
            return True
    return False


def _is_same(one: Token, other: Token) -> bool:
    return terms(one.word) == terms(other.word)


def _placed(tokens: Sequence[Token], text: str) -> Iterator[tuple[Token, Token]]:
    """Things and the names behind them that say where or whose they are."""
    for at in range(len(tokens) - 2):
        thing, link, place = tokens[at : at + 3]
        if place.word == "the" and at + 3 < len(tokens):
            place = tokens[at + 3]
        is_name = place.is_capital and place.word not in _NO_PERSON - PLACE_OF_DEMONYM.keys()
        if link.word in _AT and is_name and not thing.is_capital and not text[thing.end : link.start].strip():
            yield thing, place


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
