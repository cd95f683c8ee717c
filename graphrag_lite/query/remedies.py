"""What to do about a trouble: "What should I do if the lift stops?" is answered by what is to be done, not when."""

from __future__ import annotations

import re

from graphrag_lite.query.clauses import is_plural
from graphrag_lite.text.forms import PAST_FORMS
from graphrag_lite.text.lexicon import FUNCTION_WORDS

_SELF = "(?:i|we|you|one|people|users)"
_ASKED = re.compile(
    rf"(?i)\bwhat (?:should|can|could|must|do|shall|to) (?:{_SELF} )?do (?:if|when|whenever|about|against|in case)\b"
    rf"|\bhow (?:(?:do|can|could|should|must|shall) {_SELF}|to) (?:fix|solve|resolve|handle|troubleshoot|deal with)\b"
)
_ADVICE = re.compile(r"(?i)\b(?:should|must|shall|you can|please|(?:needs?|has|have|is) to|workaround|remedy)\b")
_THING = r"(?:the|an?|your|it|them|all|any|each|this|that)\b|[`\"“]|(?:[a-z]+ )?[a-z]+s (?:with|from|off|into|to)\b"
# A sentence, or what follows a condition, that begins with what to do: "Restart the pump", ", open the tray".
_STEP = re.compile(rf"(?:^|[.!?:]\W+)(?:(?:Then|First) )?(?P<verb>[A-Z][a-z]+) (?:{_THING})", re.MULTILINE)
_STEP_BEHIND = re.compile(rf"(?i:\b(?:if|when|whenever)\b)[^.]*?, (?:then )?(?P<verb>[a-z]+) (?:{_THING}|to\b|[A-Z])")


def asks_for_remedy(question: str) -> bool:
    """Whether an English question asks what to do about something."""
    return _ASKED.search(question) is not None


def gives_remedy(text: str) -> bool:
    """Whether an English `text` says what is to be done: "Restart the pump.", "You should call Ned."."""
    steps = (match["verb"].lower() for pattern in (_STEP, _STEP_BEHIND) for match in pattern.finditer(text))
    return _ADVICE.search(text) is not None or any(map(_is_told, steps))


def _is_told(verb: str) -> bool:
    """Whether a word may be the form in which somebody is told to do something."""
    return not (verb in FUNCTION_WORDS or verb in PAST_FORMS or is_plural(verb) or verb.endswith(("ed", "ing")))
