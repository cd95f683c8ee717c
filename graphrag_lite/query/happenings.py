"""What became of somebody: whether a question asks it, and whether a text tells of anything that happened at all."""

from __future__ import annotations

import re
from collections.abc import Sequence

from graphrag_lite.query.clauses import DETERMINERS, PERSONAL, PREPOSITIONS, is_plural
from graphrag_lite.text.forms import PAST_FORMS
from graphrag_lite.text.lexicon import PARTICLES, word_set
from graphrag_lite.text.normalize import Token, has_cjk, scan

_FINITE = word_set("is was are were am be been has had have will would shall should can could may might must did does")
_HAPPENING = re.compile(
    r"(?i)\b(?:happen(?:s|ed|ing)? to|(?:becomes?|became) of)\b"
    r"|发生[了过]?(?:什么|何)|怎么样?了|(?:结局|下场|结果)(?:是|如何|怎)"
)
_HAPPENED_CJK = re.compile("[了被把]|[死亡]于|去世|逝世|成为|失踪|病逝|遇难|辞职|离开|回到|后来|终于|不再")
_IN_NAMES = PARTICLES | {"the"}
_ENTRY = re.compile(r"[,(–—]|--")
_STOP = re.compile(r"[.!?]")
_RELATIVE = re.compile(r"\b(?:who|which|that)\b[^,.;]*")


def asks_for_happening(question: str) -> bool:
    """Whether a question asks what became of somebody or something."""
    return _HAPPENING.search(question) is not None


def without_happening(question: str) -> str:
    """An English question without the words for what became of something, which hardly any answer repeats."""
    return _HAPPENING.sub(" ", question)


def tells_happening_in_chinese(text: str) -> bool:
    """Whether a Chinese `text` has a sign that something came about: 小威，鼓手 has none."""
    return _HAPPENED_CJK.search(text) is not None


def is_entry(text: str) -> bool:
    """Whether an English `text` is an entry of a list, without any verb: "Ned, a miller, son of Ada"."""
    if has_cjk(text):
        return False
    bare = _RELATIVE.sub("", text)
    tokens = scan(bare)
    end = next((i for i, t in enumerate(tokens) if not (t.is_capital or t.word in _IN_NAMES)), len(tokens))
    is_named = end > 0 and (end == len(tokens) or _ENTRY.search(bare, tokens[0].end, tokens[end].start))
    return bool(is_named) and not any(_is_finite(bare, tokens, at) for at in range(len(tokens)))


def _is_finite(text: str, tokens: Sequence[Token], at: int) -> bool:
    word, before = tokens[at].word, tokens[at - 1] if at else None
    if text[tokens[at].start - 1 : tokens[at].start] == "-":
        return False  # "kind-hearted"
    if (word in _FINITE and not tokens[at].is_capital) or (tokens[at].is_possessive and word in PERSONAL):
        return True
    is_opening = before is not None and _STOP.search(text, before.end, tokens[at].start)  # "A clerk. Studied law."
    if word in PAST_FORMS or (word.endswith("ed") and len(word) > 3 and (is_opening or not tokens[at].is_capital)):
        return before is None or before.word not in DETERMINERS | PREPOSITIONS | {"and", "or"}
    if before is None or len(word) < 4 or tokens[at].is_capital or not is_plural(word):
        return False
    return before.is_capital or before.word in PERSONAL or "," in text[before.end : tokens[at].start]
