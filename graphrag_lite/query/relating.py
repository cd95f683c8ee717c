"""Whether a sentence names the one who stands in a relation: "Ned, Ada's nephew", "her clerk Bob", …."""

from __future__ import annotations

import re
from collections.abc import Sequence

from graphrag_lite.text.lexicon import COPULAS, FUNCTION_WORDS, PERSON_TITLES
from graphrag_lite.text.normalize import Token, scan, terms, words

_OF = re.compile(
    r"^\s*(?:who|what)(?:['’]s| is| was| are| were) (?:the names? of )?the (?P<role>[\w-]+(?: [\w-]+){0,2}?)"
    r" (?:of|to|at|for) (?P<owner>[^?]+?)\s*\??$",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(
    r"^\s*(?:who|what)(?:['’]s| is| was| are| were) (?:the names? of )?(?P<owner>[^?]+?)['’]s?"
    r" (?P<role>[\w-]+(?: [\w-]+){0,2}?)(?:['’]s name)?\s*\??$",
    re.IGNORECASE,
)
_LABEL = re.compile(r"\W{0,4}(?P<name>[\w-]+(?: [\w-]+)?)\W{0,2}[:：]\W{0,3}(?P<value>[^:：;\n]{2,80})$")
_REACH = 7  # words between the name and the relation
_RUN = 4  # words of a name, some of which may be those of the owner
_FAR = 14


def relation_of(question: str) -> tuple[str, str]:
    """(whose, which relation) of "Who is Ada's teacher?" or "Who was the teacher of Ada?"; ("", "") of another."""
    for pattern in (_OF, _POSSESSIVE):
        match = pattern.match(question)
        if match and not match["role"].lower().endswith(("name", "names")):
            return match["owner"], match["role"]
    return "", ""


def relates(owner: str, role: str, sentence: str) -> bool:
    """Whether `sentence` puts a new name beside the relation, of the owner or of "his", "my" and the like.

    A line "Author: Name" speaks of what the text around it is about; whether that is the owner is for the reader.
    """
    tokens = scan(sentence)
    known = frozenset(words(owner)) | frozenset(words(role)) | PERSON_TITLES
    head = frozenset(terms(role.split()[-1]))
    if label := _LABEL.match(sentence):
        named = scan(label["value"])
        is_asked = head <= frozenset(terms(label["name"])) <= frozenset(terms(role))
        return is_asked and bool(named) and _is_new_name(named[0], known)
    is_owned = bool(known.intersection(words(owner)).intersection(token.word for token in tokens))
    return is_owned and any(
        _names_before(sentence, tokens[max(0, at - _REACH) : at + 1], known)
        or _names_after(sentence, tokens[at : at + _FAR], known)
        for at, token in enumerate(tokens)
        if head & frozenset(terms(token.word))
    )


def _is_new_name(token: Token, known: frozenset[str]) -> bool:
    return token.is_capital and token.word not in known and token.word not in FUNCTION_WORDS and not token.is_possessive


def _names_before(text: str, tokens: Sequence[Token], known: frozenset[str]) -> bool:
    """As in "Name, his former partner" and "Name is the founder": a break or copula, and the name before it."""
    for at in range(len(tokens) - 1, 0, -1):
        one, other = tokens[at - 1], tokens[at]
        gap = text[one.end : other.start]
        if other.word in COPULAS:
            return _is_new_name(one, known)
        if re.search(r"[,(–—;:.!?]|--", gap):
            return "," in gap and not re.search(r"[.!?]", gap) and _is_new_name(one, known)
    return False


def _names_after(text: str, tokens: Sequence[Token], known: frozenset[str]) -> bool:
    """As in "his partner, Name", "his partner Name", "Partner: Name" and "the founder of the yard was Name"."""
    for at, token in enumerate(tokens[1:], 1):
        gap = text[tokens[at - 1].end : token.start]
        if re.search(r"[.!?;:\n]", gap) and not (at == 1 and gap.strip() == ":"):
            return False
        if at == 1 or tokens[at - 1].word in COPULAS:
            run = [t for t in tokens[at : at + _RUN] if t.is_capital]
            if token.is_capital and any(_is_new_name(t, known) for t in run):
                return True
    return False
