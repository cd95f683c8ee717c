"""Whether a source can bear out what a sentence cites it for.

Only what is plain counts against a citation: a sentence of some length that shares no word with its source though both
are of one language, a short one whose names only another source has, or one whose years and amounts stand in none of
its sources and are no sum of what does. Paraphrases and translations pass.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from graphrag_lite.text.amounts import Amount, amounts, held_amounts
from graphrag_lite.text.forms import FORMS
from graphrag_lite.text.language import language_of
from graphrag_lite.text.lexicon import FUNCTION_WORDS
from graphrag_lite.text.normalize import has_cjk, names_of, terms, title_names, words
from graphrag_lite.text.same_amounts import bears_out, is_misplaced, is_reckoned

# Terms, or pairs of characters, from which on a sentence counts: a shorter one may say the same in other words, though
# less likely so where it names somebody.
_FEWEST, _FEWEST_NAMED, _FEWEST_PAIRS = 5, 3, 4
_STEM = 5  # characters that tell one word from another: Hungary, Hungarian
_FEWEST_DIGITS = 3  # years and amounts; a smaller number may be counted or reckoned
_DIGIT = re.compile(r"\d")
_INSIDE = re.compile(r"[A-Za-z0-9_.]")
_DECADE = re.compile(r"s\b|\s?年代|\s?世纪|\d")  # holds other years


@dataclass(frozen=True)
class Grounds:
    """The sources of one answer.

    Args:
        question: Its numbers prove nothing against a source, and its language is that of short sentences.
        texts: What each source says, its title and file name with it.
    """

    question: str
    texts: Sequence[str]

    def bearing_out(self, sentence: str, sources: Sequence[int]) -> list[int]:
        """Those of the sources, by index, that can bear out a sentence which cites them together."""
        found = [index for index in sources if self._speaks_of(sentence, index)]
        return [] if self._contradicts(found, sentence) else found

    def is_invented(self, sentence: str) -> bool:
        """Whether none of the sources holds what a sentence gives numbers of, whichever of them it cites."""
        if not _DIGIT.search(sentence):
            return False
        figures = [said.written for said in _figures(sentence)]
        if any(figure in text for figure in figures for text in self.texts):  # as in nearly all: the rest takes long
            return False
        return self._contradicts(range(len(self.texts)), sentence)

    def _contradicts(self, found: Sequence[int], sentence: str) -> bool:
        """Whether none of the numbers of a sentence is in its sources, or one has lost or won a digit."""
        said = [one for one in _figures(sentence) if not any(bears_out(held, one) for held in self._asked_amounts)]
        held = [amount for index in found for amount in self._held_amounts[index]] if said else []
        if any(is_misplaced(held, one) for one in said):
            return True
        telling = [one for one in said if _is_telling_amount(one)]
        return bool(telling) and not any(
            any(bears_out(amount, one) for amount in held) or is_reckoned(held, one) for one in telling
        )

    def _speaks_of(self, sentence: str, index: int) -> bool:
        """Whether the source shares a word with the sentence, as far as their languages let one tell."""
        # A short answer tells no language; it was asked for in that of the question.
        language = language_of(sentence) or ("" if has_cjk(sentence) else self._asked_language)
        wanted = _content(sentence)
        if not language or language != self._languages[index]:
            return True
        related = {form for term in wanted for form in FORMS.get(term, ())}
        if not _stems(wanted | related).isdisjoint(self._held[index]):
            return True
        return not _is_telling(sentence, wanted, language) and not self._is_named_elsewhere(sentence)

    def _is_named_elsewhere(self, sentence: str) -> bool:
        """Whether a source holds the names of a short sentence, which then is not borne out by one that does not."""
        named = _stems(_content(" ".join(title_names(sentence))))
        return bool(named) and any(named <= held for held in self._held)

    @cached_property
    def _asked_language(self) -> str:
        return language_of(self.question)

    @cached_property
    def _asked_amounts(self) -> list[Amount]:
        return held_amounts(self.question)

    @cached_property
    def _held(self) -> list[frozenset[str]]:
        return [_stems(_content(text)) for text in self.texts]

    @cached_property
    def _held_amounts(self) -> list[list[Amount]]:
        return [held_amounts(text) for text in self.texts]

    @cached_property
    def _languages(self) -> list[str]:
        return [language_of(text) for text in self.texts]


def _content(text: str) -> frozenset[str]:
    """Stems of words that mean something, pairs of Chinese characters, numbers."""
    telling = " ".join(word for word in words(text) if word not in FUNCTION_WORDS)
    return frozenset(term for term in terms(telling) if len(term) > 1 or not has_cjk(term))


def _is_telling(sentence: str, wanted: frozenset[str], language: str) -> bool:
    """Whether a sentence says enough for a source of the same to share a word with it."""
    if language == "zh":
        return sum(map(has_cjk, wanted)) >= _FEWEST_PAIRS
    return sum(map(str.isalpha, wanted)) >= (_FEWEST_NAMED if names_of(sentence) else _FEWEST)


def _stems(found: frozenset[str] | set[str]) -> frozenset[str]:
    return frozenset(term[:_STEM] for term in found)


def _figures(sentence: str) -> list[Amount]:
    """The numbers of a sentence in digits, but for those that stand inside a word or mean a decade."""
    return [
        said
        for said in amounts(sentence)
        if said.written
        and not _INSIDE.match(sentence[max(0, said.start - 1) : said.start])
        and not _DECADE.match(sentence[said.end :])
    ]


def _is_telling_amount(said: Amount) -> bool:
    """Whether the sources of a sentence have to hold it."""
    return said.is_marked or said.scale != 1 or len(said.written) >= _FEWEST_DIGITS
