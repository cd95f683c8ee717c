"""Whose deed a sentence tells: "What does Ada promise?" is not answered by what the clerk promises.

Only what is certainly of another, or no deed at all, is told apart: a noun ("the work upon the table"), another subject
("the clerk promised, and Ada left").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from graphrag_lite.query.clauses import PREPOSITIONS, Clauses
from graphrag_lite.text.forms import in_all_forms
from graphrag_lite.text.lexicon import (
    PARTICLES,
    word_set,
)
from graphrag_lite.text.normalize import has_cjk, scan, terms

_ASKING = word_set("what why how where when who whom which")
_DO, _BE = word_set("do does did"), word_set("is are was were")
_OF_SPEAKER, _OF_HEARERS = word_set("i we"), word_set("he she they you")
_ABOUT = word_set("about")
_SAYING = frozenset(terms("say tell think believe feel argue suggest recommend predict claim 说"))
_ASKED_CJK = re.compile(
    r"(?:后来|到底|究竟)?(?:[是在于从]?(?:怎么样?|怎样|如何|为什么|为何|什么时候|何时|哪里|哪儿|何处|哪一?年))"
    r"(?P<verb>[\u3400-\u9fff]{2})"
)
_SAYING_CJK = re.compile(r"(?P<name>(?:(?!的)[\u3400-\u9fff]){2,6}?)[都还]?(?P<verb>说)[了过到]?些?什么[？?]*$")


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody or something named is said to do.

    `subject` are the terms of the name, `verb` those of what is done, `forms` also those of its other forms, `word` is
    it as the question has it; `is_passive` where it is done to the subject, `is_to_somebody` where "to" follows;
    `asked` are all terms of the question. Of a Chinese question `chinese` are the name and the verb as written.
    """

    subject: frozenset[str]
    verb: frozenset[str]
    forms: frozenset[str]
    word: str = ""
    is_passive: bool = False
    is_to_somebody: bool = False
    asked: frozenset[str] = frozenset()
    chinese: tuple[str, str] | None = None

    @property
    def is_saying(self) -> bool:
        """Whether it is asked what somebody says or thinks."""
        return not self.verb.isdisjoint(_SAYING)

    def is_of_another(self, text: str, speaker: str = "") -> bool:
        """Whether `text` says the verb, and each time certainly not of the subject; `speaker` is who says it."""
        if self.chinese:
            return _is_of_what_is_theirs(*self.chinese, text)
        speaking = frozenset(terms(speaker))
        others = _OF_HEARERS if self.subject <= speaking else _OF_SPEAKER if self.subject.isdisjoint(speaking) else ()
        told = Clauses.of(text, self.subject, self.asked, others if speaker else ())
        places = told.places(self.forms)
        if self.is_passive:  # "founded by Ned" and "which Ned founded" tell when the yard was
            return bool(places) and all(told.is_done(at) and told.is_of_relative(at) for at in places)
        return bool(places) and all(told.is_of_another(at, self.word) for at in places)


def deed_asked(question: str, names: Sequence[frozenset[str]], known: Sequence[str]) -> Deed | None:
    """The deed of one who is named that a question asks about; None where it asks for nothing of the kind.

    Args:
        question: In simplified characters.
        names: The terms of each of its names.
        known: The names of a Chinese question.
    """
    if has_cjk(question):
        return _deed_in_chinese(question, known)
    tokens = scan(question)
    at = next((i for i, token in enumerate(tokens) if token.word in _DO | _BE), 0)
    if not at or not any(token.word in _ASKING for token in tokens[:at]):
        return None
    end = at + 1 + (at + 1 < len(tokens) and tokens[at + 1].word == "the")
    subject: set[str] = set()
    while end < len(tokens) and (tokens[end].is_capital or (subject and tokens[end].word in PARTICLES)):
        if tokens[end].is_possessive:
            return None
        subject.update(terms(tokens[end].word))
        end += 1
    while end + 1 < len(tokens) and question[tokens[end].end : tokens[end + 1].start] == "-":
        end += 1  # "co-found"
    named = frozenset(subject) & frozenset[str]().union(*names)
    if not named or end == len(tokens) or not (verb := frozenset(terms(tokens[end].word))):
        return None
    following = tokens[end + 1].word if end + 1 < len(tokens) else "about"
    is_to_somebody = following == "to" or (tokens[end].word == "tell" and following not in PREPOSITIONS | _ABOUT)
    asked = frozenset(terms(question))
    return Deed(named, verb, in_all_forms(verb), tokens[end].word, tokens[at].word in _BE, is_to_somebody, asked)


def _deed_in_chinese(question: str, known: Sequence[str]) -> Deed | None:
    match = _SAYING_CJK.match(question)
    name = match["name"] if match else next((name for name in known if question.startswith(name)), "")
    match = match or (_ASKED_CJK.match(question, len(name)) if name else None)
    if match is None:
        return None
    verb = frozenset(t for t in terms(match["verb"]) if len(t) == len(match["verb"]))
    return Deed(frozenset(terms(name)), verb, verb, chinese=(name, match["verb"]))


def _is_of_what_is_theirs(name: str, verb: str, text: str) -> bool:
    """Whether a Chinese `text` says the verb of what the named one has alone: 林海的房子改变了."""
    before = [re.split("[，。；！？\n]", text[: match.start()])[-1] for match in re.finditer(re.escape(verb), text)]
    return bool(before) and all(clause.startswith(f"{name}的") for clause in before)
