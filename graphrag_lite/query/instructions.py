"""What a question wants to be told how to do: "How do I lock the keys?" is answered where locking keys is told of."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import product

from graphrag_lite.text.forms import in_all_forms
from graphrag_lite.text.lexicon import FUNCTION_WORDS, word_set
from graphrag_lite.text.normalize import Token, has_cjk, scan, terms

_HOW = re.compile(r"(?i)\bhow (?:(?:do|can|could|should|would|may|might|must|shall) (?:i|you|we|one|people)|to)\b")
# 申请 of 怎么申请年假
_HOW_CJK = re.compile(
    r"^(?:请问|我们?|你们?|应该?|该|要)*(?:如何|怎么|怎样)(?!样|办[？?])(?:才能|可以|能够|去|来)?([\u3400-\u9fff]{2})"
)
# What hardly any instruction repeats: "--timeout: seconds after which …" tells how to set a timeout.
_ANY = frozenset(
    terms("set use get make let have do find show tell say specify give need want go fix solve resolve handle")
)
_ENDS = word_set(
    "of to in on at for from with without by into onto as if when while after before so that which using via through "
    "and or during between per than under over"
)

_NOT_SAID = 0.6  # up to which a term is only said beside it
_NEAR = 6  # words from what is done to what it is done to
_HEADING = re.compile(r"(?m)^#{1,6} (.*)")
_BREAK = re.compile(r"[.!?;:]\s")
_POINTING = word_set("it them this that")
# A way to do it, whatever the deed is called: "can be raised with `lift`".
_WAY = re.compile(r"(?i)\bcan be \w+(?:ed|en|t|n) (?:with|by|using|through|via)\b")


@dataclass(frozen=True, slots=True)
class Instruction:
    """What is to be done, its other forms included, and to what: terms that an answer has to say, each one of them."""

    deed: frozenset[str]
    to: frozenset[str]

    def is_given(self, text: str, says: Mapping[str, float]) -> bool:
        """Whether `text`, which says some terms so far, tells of doing it; a title may say one of the two."""
        if self.to and not any(says.get(t, 0.0) > _NOT_SAID for t in self.to):
            return False
        said = terms(text)
        if self.deed and self.deed.isdisjoint(said):
            if not self.to.isdisjoint(said) and _WAY.search(text):
                return True
            return any(says.get(t, 0.0) > _NOT_SAID for t in self.deed)
        if not self.deed or self.to.isdisjoint(said):
            return True
        tokens = scan(text)
        done = [at for at, token in enumerate(tokens) if not self.deed.isdisjoint(terms(token.word))]
        to = [at for at, token in enumerate(tokens) if not self.to.isdisjoint(terms(token.word))]
        if any(at > to[0] and at + 1 < len(tokens) and tokens[at + 1].word in _POINTING for at in done):
            return True  # "The keys are new. Lock them."
        return any(_are_near(text, tokens[one], tokens[other]) for one, other in product(done, to))


def _are_near(text: str, *tokens: Token) -> bool:
    first, last = min(tokens), max(tokens)
    between = text[first.end : last.start]
    return len(between.split()) <= _NEAR and not _BREAK.search(between)


def verb_of_any(question: str) -> frozenset[str]:
    """Terms of the verb of what an English question asks how to do, where instructions hardly ever repeat it."""
    match = None if has_cjk(question) else _HOW.search(question)
    tokens = scan(question[match.end() :]) if match else []
    return frozenset(terms(tokens[0].word)) & _ANY if tokens else frozenset()


def is_headed(wanted: frozenset[str], text: str) -> bool:
    """Whether a heading of a passage says just what is asked how to do: "add_custom_command", "Installing Targets"."""
    return any(frozenset(terms(heading)) == wanted for heading in _HEADING.findall(text))


def instruction_asked(question: str, kept: Collection[str]) -> Instruction | None:
    """What an English question asks how to do; None where it asks something else.

    Args:
        question: As asked.
        kept: Its content terms.
    """
    match = None if has_cjk(question) else _HOW.search(question)
    if match is None:
        return None
    tokens = scan(question[match.end() :])
    at = next((i for i, token in enumerate(tokens) if token.word not in FUNCTION_WORDS), len(tokens))
    if at == len(tokens):
        return None
    verb = frozenset(terms(tokens[at].word))
    deed = frozenset[str]() if verb & _ANY else verb
    to: frozenset[str] = frozenset()
    for token in tokens[at + 1 :]:
        if token.word in _ENDS and to:
            break
        to = frozenset(terms(token.word)).intersection(kept) or to  # the last noun: "the public key"
    return Instruction(in_all_forms(deed), to)


def deed_in_chinese(question: str) -> str:
    """The verb of what a Chinese question asks how to do, which an instruction says; "" of another question."""
    match = _HOW_CJK.search(question)
    return match[1] if match else ""
