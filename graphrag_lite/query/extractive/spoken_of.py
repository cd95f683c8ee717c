"""Of whom a text goes on to speak: "Ada Quill was an engineer. Her lamps were sold. In 1902 she moved to Skien."."""

from __future__ import annotations

from itertools import takewhile

from graphrag_lite.query.asked import Asked
from graphrag_lite.query.extractive.whose import names_another
from graphrag_lite.text.informative import without_speaker
from graphrag_lite.text.lexicon import RELATIVES, word_set
from graphrag_lite.text.normalize import Token, scan, terms

_PRONOUNS = {
    **dict.fromkeys(word_set("he his"), "he"),
    **dict.fromkeys(word_set("she her"), "she"),
    **dict.fromkeys(word_set("they their"), "they"),
}


class SpokenOf:
    """The last one named that a question asks about, while sentences go on with the same pronoun and name nobody else.

    Args:
        asked: The question.
    """

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._name: frozenset[str] = frozenset()
        self._pronoun = ""

    def read(self, sentence: str) -> frozenset[str]:
        """Terms of the name for which a pronoun stands in the next sentence of the text."""
        tokens = scan(without_speaker(sentence))
        named, said = self._named_first(tokens), frozenset[str]()
        if named:
            self._name, self._pronoun = named, ""
        else:
            said = self._go_on(tokens)
        if names_another(self._asked, sentence):
            self.forget()  # who may be meant from then on
        return said

    @property
    def is_nobody(self) -> bool:
        """Whether it is open who is meant by a pronoun that follows."""
        return not self._name

    def _go_on(self, tokens: list[Token]) -> frozenset[str]:
        pronouns = {_PRONOUNS[token.word] for token in tokens if token.word in _PRONOUNS}
        is_same = len(pronouns) == 1 and (not self._pronoun or self._pronoun in pronouns)
        if not is_same or any(token.word in RELATIVES for token in tokens):
            self.forget()  # "His father was a miner. He …"
        self._pronoun = min(pronouns, default="")
        return self._name

    def forget(self) -> None:
        """Nobody is spoken of any more, as under a new heading."""
        self._name, self._pronoun = frozenset(), ""

    def _named_first(self, tokens: list[Token]) -> frozenset[str]:
        """Terms of the one asked about where the sentence begins with the name."""
        opening = list(takewhile(lambda token: token.is_capital, tokens))
        if any(token.is_possessive for token in opening):
            return frozenset()
        return self._asked.name_terms.intersection(terms(" ".join(token.word for token in opening)))
