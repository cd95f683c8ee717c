"""Two questions in one: "Who is Ada Quill and what did she found?" asks as well what Ada Quill founded."""

from __future__ import annotations

import re
from collections.abc import Sequence

from graphrag_lite.query.asked import Asked, read_question
from graphrag_lite.text.lexicon import PARTICLES
from graphrag_lite.text.normalize import has_cjk, scan

_ASKING = "who|whom|whose|what|when|where|why|how|which"
_TWO = re.compile(
    rf"^\s*(?P<one>(?:{_ASKING})\b(?:(?!,\s*(?:{_ASKING})\b)[^?])*?)(?:\s*\?\s*(?:and\s+)?|,?\s+and\s+)"
    rf"(?P<other>(?:(?:in|at|to|for|with|from|by|on)\s+)?(?:{_ASKING})\b[^?]*)\?*\s*$",
    re.IGNORECASE,
)
_PERSONAL = re.compile(
    r"\b(?P<whose>his|their(?! own)|her(?=\s+[a-z]))\b|\b(?:he|she|they|him|her|them)\b", re.IGNORECASE
)
_THING = re.compile(r"\b(?P<whose>its)\b|\bit\b", re.IGNORECASE)
_QUESTION_CJK = "谁|什么|哪|何|多少|几|怎|多[大长久高]"
_TWO_CJK = re.compile(
    rf"^\s*(?P<one>[^，,；;？?]*(?:{_QUESTION_CJK})[^，,；;？?]*)[，,；;？?]\s*(?:并且|而且|以及|还有|和|又)?"
    rf"(?P<other>[^？?]*(?:{_QUESTION_CJK})[^？?]*)[？?]*\s*$"
)
_PERSONAL_CJK, _THING_CJK = re.compile("[他她](?!们)|(?<![尤与极])其(?![他她它中实次余])"), re.compile("它(?!们)")
_DEFINED_CJK = re.compile("^什么是|是(?:谁|什么)$")
_OF_THINGS = re.compile(r"(?i)^(?:what|which)\b|什么(?!时候|时间|地方)|哪(?!里|儿|一?年)")
_OF_PERSONS = re.compile(r"(?i)^(?:who|whom|whose)\b|谁")


def parts_asked(question: str, known_names: Sequence[str] = ()) -> tuple[str, ...]:
    """The two questions of one, the second with the name in place of its pronoun; none where it asks one.

    Nothing is split where the pronoun may stand for what the first one asks for: "Who founded the yard and where was
    she born?".
    """
    match = (_TWO_CJK if has_cjk(question) else _TWO).match(question)
    if match is None:
        return ()
    asked = read_question(match["one"], [name for name in known_names if name in match["one"]])
    name = _name(asked, known_names)
    pronoun = _pronoun(asked, match["other"]) if name else None
    if pronoun is None:
        return ()
    end = "？" if asked.is_chinese else "?"
    is_owner = not asked.is_chinese and pronoun["whose"] is not None
    instead = f"{name}{'’s' if is_owner else ''}"
    other = match["other"][: pronoun.start()] + instead + match["other"][pronoun.end() :]
    return f"{match['one'].strip()}{end}", f"{other[0].upper()}{other[1:].strip()}{end}"


def _pronoun(asked: Asked, other: str) -> re.Match[str] | None:
    """The first pronoun of the second question, where it can only stand for what the first one names."""
    personal, thing = (_PERSONAL_CJK, _THING_CJK) if asked.is_chinese else (_PERSONAL, _THING)
    may_be = [personal, thing]
    if not (_DEFINED_CJK.search(asked.text) if asked.is_chinese else asked.is_definition):
        may_be = [personal] * (not _OF_PERSONS.search(asked.text)) + [thing] * (not _OF_THINGS.search(asked.text))
    found = [match for pattern in (personal, thing) if (match := pattern.search(other))]
    first = min(found, key=lambda match: match.start(), default=None)
    return first if first is not None and first.re in may_be else None


def _name(asked: Asked, known_names: Sequence[str]) -> str:
    """The one thing that a question names, as it is written; "" where it names none or several."""
    if asked.is_chinese:
        found = [name for name in known_names if name in asked.text]
        return asked.subject if _DEFINED_CJK.search(asked.text) else found[0] if len(found) == 1 else ""
    if asked.is_definition:
        return asked.subject
    if len(asked.names) != 1:
        return ""
    tokens = scan(asked.text)
    named = [i for i, token in enumerate(tokens) if i and token.is_capital]
    between = (tokens[i] for i in range(named[0], named[-1])) if named else ()
    if not named or any(not token.is_capital and token.word not in PARTICLES | {"the"} for token in between):
        return ""
    return asked.text[tokens[named[0]].start : tokens[named[-1]].end]
