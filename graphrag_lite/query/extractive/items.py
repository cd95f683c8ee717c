"""Items of a list, whose later sentences tell of what the item begins with: "- Ada Quill, clerk. Pays the wages."."""

from __future__ import annotations

import re

from graphrag_lite.query.clauses import is_plural
from graphrag_lite.text.forms import PAST_FORMS
from graphrag_lite.text.lexicon import FUNCTION_WORDS, word_set
from graphrag_lite.text.normalize import scan

_MARK = re.compile(r"(?:[-*•+]|\d+[.)])[ \t]")
_AUXILIARIES = word_set("is are was were has have had will would can could may might must shall should does do did")


def begins_item(sentence: str) -> bool:
    """Whether a sentence begins with the mark of an item."""
    return _MARK.match(sentence) is not None


def lacks_subject(sentence: str) -> bool:
    """Whether an English sentence begins with what somebody does: "Pays the wages.", "Studied law."."""
    tokens = scan(sentence)
    if len(tokens) < 2 or tokens[1].word in (*_AUXILIARIES, "of"):
        return False  # "Wages are paid."
    first = tokens[0].word
    if first in FUNCTION_WORDS:
        return first in _AUXILIARIES
    return is_plural(first) or first.endswith("ed") or first in PAST_FORMS
