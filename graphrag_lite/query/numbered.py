"""Numbers that belong to a name in a question, "Lamp 8", "a 7-cell lamp", and texts that have them of others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from graphrag_lite.text.lexicon import FUNCTION_WORDS
from graphrag_lite.text.normalize import terms

_NUMBERED = re.compile(
    r"(?<![A-Za-z\d.])(?:(?P<name>[A-Z][A-Za-z\d]*) (?P<number>\d{1,3}(?:\.\d+)*)|v?(?P<version>\d+(?:\.\d+)+))"
    r"(?![A-Za-z\d%]|[.,:]\d)(?! [a-z]+s\b)"
)
_COUNTED = re.compile(r"(?<![\w.-])(?P<number>\d+)-(?P<noun>[a-z]{3,})\b")
_MONTH = re.compile(r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)")


def without_numbers_of_others(question: str, found: frozenset[str], text: str) -> frozenset[str]:
    """Terms that `text` says, less the digits of a name's number that it has beside no such name.

    Args:
        question: In English.
        found: Terms of `text`.
        text: A sentence, a row or a heading; a version may begin it without the name.
    """
    for digits, told, _ in _numbered(question):
        if digits & found and not told.search(text):
            found -= digits
    return found


def is_of_other_number(question: str, text: str) -> bool:
    """Whether a text has the name and never with its number: that of Lamp 7, where Lamp 8 is asked about."""
    return any(alike.search(text) and not told.search(text) for _, told, alike in _numbered(question))


@lru_cache(maxsize=64)  # every quotation asks for it
def _numbered(question: str) -> tuple[tuple[frozenset[str], re.Pattern[str], re.Pattern[str]], ...]:
    return tuple(_read(question))


def _read(question: str) -> Iterator[tuple[frozenset[str], re.Pattern[str], re.Pattern[str]]]:
    """Digits of each number of a name, what tells them in a text, and what tells those of another of its kind."""
    for match in _NUMBERED.finditer(question):
        name, number = match["name"], match["number"] or match["version"]
        if name and (name.lower() in FUNCTION_WORDS or not match.start() or _MONTH.match(name)):
            continue
        # A version may stand alone: in brackets, behind "v", in a cell.
        beside = rf"(?:{name}\b[^.;:(\n\d]{{0,25}}?|\bv|\b(?:version|release)\s+|\A[\W_]*|\|\s*)" if name else ""
        is_whole = rf"(?<![\d.]){re.escape(number)}(?!\.?\d)(?!\.\s)"
        alike = [rf"\b{name} v?\d"] * bool(name) + [r"\d\.\d"] * ("." in number)
        yield frozenset(terms(number)), re.compile(f"(?i){beside}{is_whole}"), re.compile("|".join(alike))
    for match in _COUNTED.finditer(question):
        number, noun = match.groups()
        told = rf"(?i)(?<![\w.]){number}(?:[- ]{noun}|[^\w.-]|\Z)"  # a table gives the number alone
        yield frozenset(terms(number)), re.compile(told), re.compile(rf"(?i)\b\d+-{noun}\b")
