"""Misspelt words of a question: a word that no document has is read as the nearest one that some document has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from graphrag_lite.text.lexicon import STOP_WORDS

# Nearly every word of four letters is one letter away from another.
_LEAST_LETTERS = 5
_MOST_LETTERS = 24
_WORD = re.compile(r"[^\W\d_]+")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def corrected(question: str, occurrences: Callable[[Sequence[str]], Sequence[int]]) -> str:
    """The question with each unknown word replaced by the best known word that differs in one letter.

    Args:
        question: As asked.
        occurrences: How many texts hold each of some words; never asked of stop words.

    Source: Peter Norvig, How to Write a Spelling Corrector, https://norvig.com/spell-correct.html
    """

    def read(match: re.Match[str]) -> str:
        word = match.group()
        plain = word.lower()
        is_read = _LEAST_LETTERS <= len(word) <= _MOST_LETTERS and word.isascii() and plain not in STOP_WORDS
        if not is_read or occurrences([plain])[0]:
            return word
        near = sorted(_one_letter_away(plain) - STOP_WORDS)
        # A first letter is seldom wrong.
        found = [(one[0] == plain[0], count, one) for one, count in zip(near, occurrences(near), strict=True) if count]
        if not found:
            return word
        best = max(found)[2]
        return best.upper() if word.isupper() else best.capitalize() if word[0].isupper() else best

    return _WORD.sub(read, question)


def _one_letter_away(word: str) -> set[str]:
    def made() -> Iterator[str]:
        for i in range(len(word) + 1):
            head, tail = word[:i], word[i:]
            if tail:
                yield head + tail[1:]
                yield from (head + letter + tail[1:] for letter in _LETTERS)
            if len(tail) > 1:
                yield head + tail[1] + tail[0] + tail[2:]
            yield from (head + letter + tail for letter in _LETTERS)

    return set(made()) - {word}
