"""Whose a verb is in a text: what the one named does, another, or nobody where it is a noun, "the work".

A text is read by the closed words of English (determiners, pronouns, auxiliaries) and by where a clause may end. Only
what is certainly of another is told apart: the company, he and the old man may well be the one named.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from graphrag_lite.text.lexicon import DEFINING_NOUNS, FUNCTION_WORDS, PERSON_TITLES, POLITE_TITLES, RELATIVES, word_set
from graphrag_lite.text.normalize import Token, scan, terms

_AUXILIARIES = word_set(
    "will would shall should can could may might must do does did has have had is was are were am be been being not "
    "never always also then now soon just still even ever only all both already really finally afterwards yet"
)
PERSONAL = word_set("i you he she it we they who which that himself herself itself themselves whom")
_PRONOUNS = word_set("he she it they")
_THEIR, _THEM = word_set("his her their"), word_set("he she it they him her them")
# "her father", "his teacher"
_OTHERS = RELATIVES | {noun for noun, kind in DEFINING_NOUNS.items() if kind == "person"}
_WHO = word_set("who which")
# "She became a judge who …" tells of her.
_BEING = word_set("is are was were be been being became become remained as like")
_SUBORDINATING = word_set("while whereas when because where")
_OWN = word_set("his her its their my our your")
DETERMINERS = _OWN | word_set("the a an this these those no any some each every such another")
_INDEFINITE = word_set("a an no any some each every another")
_MANY = word_set("people police men women children staff")
_SAME_IN_PAST = word_set("cut put set let hit read cost spread split quit shut hurt beat burst bet cast")
PREPOSITIONS = word_set("upon of for with in at from into on against without under")
_OF_OWNER = word_set("by in of to")
_REACH = 5  # words between a deed and whose it is
_BREAK = re.compile(r"[.!?;:,—()\"“”]|--")
_QUOTED = re.compile(r"[’'”\"] *$")
_STOP = re.compile(r"[.!?]")
_END = re.compile(r"[.!?;:]")


@dataclass(frozen=True, slots=True)
class Clauses:
    """A text and whom it is read for.

    `tokens` are its words, `named` the places of those that name the `subject`, `others` pronouns that here are never
    of the subject; `asked` are the terms of the question.
    """

    text: str
    tokens: Sequence[Token]
    subject: frozenset[str]
    asked: frozenset[str]
    others: Collection[str]
    named: frozenset[int]

    @classmethod
    def of(cls, text: str, subject: frozenset[str], asked: frozenset[str], others: Collection[str]) -> Clauses:
        """Those of `text`, read for the one whom the terms of a name stand for."""
        tokens = scan(text)
        named = frozenset(i for i in range(len(tokens)) if _is_name(tokens, i, subject))
        return cls(text, tokens, subject, asked, others, named)

    def places(self, forms: frozenset[str]) -> list[int]:
        """Where one of some terms stands."""
        return [i for i, token in enumerate(self.tokens) if not forms.isdisjoint(terms(token.word))]

    def is_of_another(self, at: int, asked_as: str) -> bool:
        """Whether the verb at a place is certainly not what the subject does; `asked_as` is it in the question."""
        tokens = self.tokens
        if self._is_named_after(at):
            return False
        if self._is_exclaimed(at) or self._is_of_compound(at) or self._is_said_by_next(at):
            return True
        start = at
        while start and not self._is_break(start) and _carries(tokens[start - 1].word):
            start -= 1
        if not start or self._is_break(start):
            return self.is_of_relative(at)
        before = tokens[start - 1]
        if start == at and _is_noun(tokens, at):
            if tokens[at].word.endswith("ing") and self._is_somebody(0, at):
                return False  # "they toured as the opening act"
            return not (before.word in _OWN or (before.is_possessive and start - 1 in self.named))
        if self._last_spoken_of(at) in self.others:
            return True
        if self.is_of_relative(at) or (before.word in _WHO and self._is_of_new(start - 1)):
            return True
        if before.word in _PRONOUNS and self._is_named_only_behind(at):
            return True
        if before.word in PERSONAL or start - 1 in self.named or before.word == "to":
            return before.is_possessive
        if start == at and tokens[at].word == asked_as and self._is_noun_behind(at):
            return True
        return self._is_other_subject(start)

    def is_done(self, at: int) -> bool:
        """Whether the verb at a place is done to somebody: "was born"."""
        return at > 0 and self.tokens[at - 1].word in _BEING

    def is_of_relative(self, at: int) -> bool:
        """Whether the clause tells of one who is called by whose he is, and of nobody else: "her brother moved"."""
        first = self._sentence(at)
        for i in range(at - 1, first, -1):
            if i in self.named or self.tokens[i].word in _THEM - _THEIR:
                return False
            if self.tokens[i].word in _OTHERS and self.asked.isdisjoint(terms(self.tokens[i].word)):
                owner = self._owner(i, first)
                if owner is not None and self._opens_clause(owner, first):
                    return True
        return False

    def _owner(self, at: int, first: int) -> int | None:
        """Where "her" or "Ada's" of "her elder brother" begins; None of a noun that has no such word before it."""
        for i in range(at - 1, max(first, at - _REACH) - 1, -1):
            if self.tokens[i].word in _THEIR:
                return i
            if i in self.named and self.tokens[i].is_possessive:
                while i > first and i - 1 in self.named:
                    i -= 1
                return i
            if self.tokens[i].word in FUNCTION_WORDS or self._is_break(i + 1):
                return None
        return None

    def _opens_clause(self, at: int, first: int) -> bool:
        """Whether a subject begins at a place: of "She met Ned, her cousin, and left" none does."""
        before = self.tokens[at - 1].word if at > first else ""
        if not before or before in _SUBORDINATING:
            return True
        if before in ("and", "but"):
            return at - 1 == first or self._is_break(at - 1)
        return self._is_break(at) and not self._is_somebody(first, at)

    def _sentence(self, at: int) -> int:
        """Where the sentence, or what a semicolon parts of it, begins."""
        return next((i for i in range(at, 0, -1) if _END.search(self._gap(i))), 0)

    def _is_of_new(self, at: int) -> bool:
        """Whether "who" stands for one who is only brought up: "a judge who retired", if nobody is said to be that."""
        start = at
        while start and not self._is_break(start) and self.tokens[start - 1].word not in FUNCTION_WORDS:
            start -= 1
        if not start or start == at or self._is_break(start) or self.tokens[start - 1].word not in _INDEFINITE | _THEIR:
            return False
        start -= 1
        while start and not self._is_break(start) and _carries(self.tokens[start - 1].word):
            start -= 1
        ahead = {token.word for token in self.tokens[max(0, start - 1) : at]}
        return start > 0 and not self._is_break(start) and ahead.isdisjoint(_BEING | PERSONAL)

    def _is_other_subject(self, end: int) -> bool:
        """Whether the words before the verb name another: "the ends", "her clerk" where she comes later, "Ned"."""
        before = self.tokens[end - 1]
        opening = self.tokens[end - 2] if end > 1 else None
        is_named_later = any(i >= end for i in self.named)
        if opening is not None and opening.is_possessive and end - 2 in self.named:
            return True
        if before.is_capital and before.word not in FUNCTION_WORDS | POLITE_TITLES | PERSON_TITLES:
            return is_named_later
        if opening is None or opening.word not in DETERMINERS:
            return False
        if opening.word in _INDEFINITE:
            return True
        return is_named_later or (is_plural(before.word) and not any(map(is_plural, self.subject)))

    def _is_noun_behind(self, at: int) -> bool:
        """Whether a word in the form of the question stands behind one thing: "the government work" does no work."""
        before, opening = self.tokens[at - 1].word, self.tokens[at - 2].word if at > 1 else ""
        is_one = opening in DETERMINERS and not is_plural(before) and before not in _MANY
        return is_one and self.tokens[at].word not in _SAME_IN_PAST

    def _is_exclaimed(self, at: int) -> bool:
        """Whether somebody is told or asked to do it, and nobody is said to: "Mend the fence and sell a goat!"."""
        end = _STOP.search(self.text, self.tokens[at].end)
        sentence = self.text[: end.end() if end else len(self.text)]
        start = max(sentence[:-1].rfind(mark) for mark in ".!?") + 1
        first = next(i for i, token in enumerate(self.tokens) if token.start >= start)
        return sentence.endswith(("!", "?")) and not self._is_somebody(first, at)

    def _is_somebody(self, start: int, end: int) -> bool:
        return any(i in self.named or self.tokens[i].word in PERSONAL for i in range(start, end))

    def _is_named_after(self, at: int) -> bool:
        """Whether the name follows: "said Ada", "bought by Ada", "the change in Ada"."""
        for i in range(at + 1, min(len(self.tokens), at + _REACH)):
            if self._is_break(i):
                return False
            if i in self.named:
                between = {token.word for token in self.tokens[at + 1 : i]} - POLITE_TITLES
                return not self.tokens[i].is_possessive and (not between or bool(between & _OF_OWNER))
        return False

    def _last_spoken_of(self, at: int) -> str:
        """The last pronoun or part of the name before a place."""
        found = (self.tokens[i].word for i in range(at - 1, -1, -1) if self._is_somebody(i, i + 1))
        return next(found, "")

    def _is_named_only_behind(self, at: int) -> bool:
        """Whether a pronoun can not be the one named, who comes after it: "he said that Ada left"."""
        first = min(self.named, default=0)
        return first > at and not any(self._is_break(i) for i in range(at + 1, first + 1))

    def _is_said_by_next(self, at: int) -> bool:
        """Whether a word behind a quotation has its subject behind it: “…,” said the clerk."""
        if not at or at + 1 == len(self.tokens) or not _QUOTED.search(self._gap(at)) or self._is_break(at + 1):
            return False
        following = self.tokens[at + 1]
        return following.word in DETERMINERS or (following.is_capital and following.word not in FUNCTION_WORDS)

    def _gap(self, at: int) -> str:
        return self.text[self.tokens[at - 1].end : self.tokens[at].start]

    def _is_of_compound(self, at: int) -> bool:
        """Whether a word is the beginning of another: "death-cold eyes"."""
        end = self.tokens[at].end
        return self.text[end : end + 1] == "-" and self.text[end : end + 2] != "--"

    def _is_break(self, at: int) -> bool:
        """Whether a clause may end before the word at a place."""
        return _BREAK.search(self._gap(at)) is not None


def is_plural(word: str) -> bool:
    """Whether a word has the ending of a plural, or of a verb of one who does something."""
    return word.endswith("s") and not word.endswith(("ss", "us", "is"))


def _is_name(tokens: Sequence[Token], at: int, subject: frozenset[str]) -> bool:
    """Whether a word is one of the name and of no longer one: "Mrs. Quill" and "Ned Quill" are not Ada Quill."""
    if not tokens[at].is_capital or subject.isdisjoint(terms(tokens[at].word)):
        return False
    before = tokens[at - 1] if at else None
    if before is None or len(subject) == 1 or not before.is_capital or before.word in FUNCTION_WORDS:
        return True
    return not subject.isdisjoint(terms(before.word)) or before.word in ("mr", "dr", "old")


def _is_noun(tokens: Sequence[Token], at: int) -> bool:
    before = tokens[at - 1]
    if tokens[at].word.endswith("ing"):
        return before.word in DETERMINERS
    return before.word in DETERMINERS | PREPOSITIONS or before.is_possessive


def _carries(word: str) -> bool:
    return word in _AUXILIARIES or (word.endswith("ly") and len(word) > 4)
