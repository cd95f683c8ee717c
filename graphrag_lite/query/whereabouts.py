"""Where something is: what "Where is the lighthouse?" asks of, and whether a sentence says it of that very thing."""

from __future__ import annotations

import re

from graphrag_lite.text.informative import leans
from graphrag_lite.text.lexicon import ARTICLES, FUNCTION_WORDS
from graphrag_lite.text.normalize import Token, scan, terms

_ASKED = re.compile(
    r"(?i)\s*where (?:is|are|was|were|(?:do|can|should) (?:i|we|you) (?:get|find)) "
    r"(?P<subject>(?:[\w.+#'’-]+ ){0,5}?[\w.+#'’-]+)(?: (?:located|situated))?\s*\?*"
)
_AT = (
    r"(?:in|at|on|near|by (?=the\b|an?\b)|off|between|beside|behind"
    r"|above|below|beneath|under|over|along|outside|inside|within|where"
    r"|next|opposite|north|south|east|west|among|across|around|beyond)\b(?! \d)"
)
_BE = r"(?:is|are|was|were|stands?|stood|lies?|lay|sits?|sat|located|situated|found|based|lives?|lived)\b"
# What follows a thing where it is said where that is: "stands on a shelf", ", in the hills,", "(near Millbeck)".
_PLACED = re.compile(
    rf"(?i)[\"'”’]?(?:,[^,.;]{{1,80}},)?(?:\s*[,(]?\s*| [^.;,]{{0,20}}?\b{_BE}[^.;,]{{0,30}}?\b){_AT}"
    r"| of (?:the )?(?-i:[A-Z])"  # the Museum of Tulsa
)
_BEFORE = re.compile(r"(?i)\b(?:located|situated|stands?|stood|lies?|lay)\b")  # "On the cliff stands the lighthouse"


def thing_placed(question: str) -> str:
    """The last word, as written, of what an English question asks only the place of; "" of another question."""
    match = _ASKED.fullmatch(question)
    tokens = scan(match["subject"]) if match else []
    if not tokens or any(token.word in FUNCTION_WORDS - ARTICLES for token in tokens) or tokens[-1].word in ARTICLES:
        return ""  # "Where is Ada from?", "Where is the office of Acme?"
    is_done = not tokens[-1].is_capital and tokens[-1].word.endswith(
        ("ed", "en", "ing", "born", "kept", "held", "made")
    )
    if is_done or match is None or any(token.is_possessive for token in tokens):
        return ""
    return match["subject"][tokens[-1].start : tokens[-1].end]


def is_placed(thing: str, text: str) -> bool:
    """Whether `text` says where a thing is: the thing itself, or it, where the sentence points back."""
    tokens, is_name = scan(text), thing[:1].isupper()  # a yard is not Thorsby Yard
    named = [at for at, token in enumerate(tokens) if terms(token.word) == terms(thing) and token.is_capital >= is_name]
    if not named and leans(text):
        named = [0]
    return any(_is_placed_at(tokens, at, text) for at in named)


def _is_placed_at(tokens: list[Token], at: int, text: str) -> bool:
    end = tokens[at].end
    goes_on = at + 1 < len(tokens) and tokens[at + 1].is_capital and tokens[at].is_capital
    if tokens[at].is_possessive or (goes_on and not text[end : tokens[at + 1].start].strip()):
        return False  # the Gannet Head Lighthouse Trust is not Gannet Head
    begins = max(text.rfind(mark, 0, end) for mark in (". ", "; ", "\n\n")) + 1
    return _PLACED.match(text, end) is not None or _BEFORE.search(text, begins, end) is not None
