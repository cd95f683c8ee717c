"""A sentence as what it states: its telling words, names and numbers in order, each with what tells its part."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from graphrag_lite.text.amounts import Amount, amounts
from graphrag_lite.text.forms import PAST_FORMS
from graphrag_lite.text.lexicon import FUNCTION_WORDS, word_set
from graphrag_lite.text.normalize import CJK_RANGES, Token, has_cjk, scan, terms
from graphrag_lite.text.variants import simplified

_LONGEST = 1000  # characters: more are a table, or a model in a loop
PLACE = word_set("in at on near during")
_LINKS = PLACE | word_set(
    "of from to by with for as than like until till since before after between over under against into through toward "
    "towards about around within along across behind beside despite because while when where who whom whose which that "
    "what how why or and but if whether although though nor unless per via inside outside above below upon"
)
_DETERMINERS = word_set("a an the this that these those his her its their")
_BE = word_set("is was are were be been being")
# Of function words those that tell how much or how often.
_TELLING = word_set(
    "all most some several many few more less least only first second third every always often usually sometimes "
    "another once half both other own even still yet already just too very much each any either again"
)
_MEANINGLESS = FUNCTION_WORDS - _TELLING
_TURNING = word_set(
    "not no never none nor neither without nobody nothing may might could would should will shall can must if unless "
    "whether perhaps maybe possibly probably almost"
)
_TURNING_ZH = re.compile("[不没未无非否莫勿拟]|可能|或许|也许|如果|假如|倘若|据说|据称|计划")
_SHORT = {"ca": "can", "wo": "will", "can": "can"}  # can't, won't, cannot
_PARTICLES = frozenset("的了在于也已曾")
_JOINING = " \t\r\n的之"  # behind 的 stands what a name is an attribute of
_HE = re.compile(r"(?:He|She)\b(?!['’])")
_NAME = re.compile(r"[^\W\d_a-z][\w.]*(?: [^\W\d_a-z][\w.]*){1,3}\b")
_CHARACTER = re.compile(f"[{CJK_RANGES}]")


@dataclass(frozen=True, slots=True)
class Term:
    """A word, a number or a Chinese character that means something: `text[start:end]` of its statement.

    `link` is the word before it that tells its part, and `role` that of the phrase which it is in; `is_led`: an article
    stands before it.
    """

    key: str
    start: int
    end: int
    number: Amount | None = None
    link: str = ""
    role: str = ""
    is_led: bool = False
    is_name: bool = False
    is_possessive: bool = False
    is_passive: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """The terms of a sentence in order; `turning` counts its words that may turn a meaning."""

    text: str
    terms: tuple[Term, ...]
    turning: Counter[str]

    def word(self, number: int) -> str:
        """A term as it is written, in lower case."""
        return self.text[self.terms[number].start : self.terms[number].end].lower()

    def between(self, one: int, other: int) -> str:
        """The text between two terms."""
        return self.text[self.terms[one].end : self.terms[other].start]

    def is_joined(self, number: int) -> bool:
        """Whether a term directly follows the one before it, as part of the same phrase."""
        return 0 < number < len(self.terms) and not self.between(number - 1, number).strip(_JOINING)


def read_statement(text: str) -> Statement:
    """What a sentence states; nothing where it is too long to be one."""
    return _Reader(text).read() if len(text) <= _LONGEST else Statement(text, (), Counter())


def with_name(sentence: str, before: str) -> str:
    """A sentence that begins with "he" or "she", with the name in its place; "" where it does not, or two may be meant.

    Args:
        sentence: One of a text.
        before: That before it, which has to begin with the name, and to name only places besides.
    """
    pronoun = _HE.match(sentence)
    if not pronoun or not (name := _NAME.match(before)):
        return ""
    others = (term for term in read_statement(before).terms if term.is_name and term.start >= name.end())
    return "" if any(term.role not in PLACE for term in others) else name[0] + sentence[pronoun.end() :]


class _Reader:
    """Goes through a sentence; what stands before the next term gathers here."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._terms: list[Term] = []
        self._turning = Counter(_TURNING_ZH.findall(simplified(text)) if has_cjk(text) else ())
        self._link, self._is_led, self._is_behind_be = "", False, False

    def read(self) -> Statement:
        pieces: dict[int, Token | Amount | str] = {token.start: token for token in scan(self._text)}
        if has_cjk(self._text):
            pieces |= {match.start(): simplified(match[0]) for match in _CHARACTER.finditer(self._text)}
        pieces |= {one.start: one for one in amounts(self._text) if self._is_figure(one)}
        end = 0
        for start in sorted(pieces):
            piece = pieces[start]
            if start < end:  # a word of a number
                continue
            if isinstance(piece, Token):
                self._take(piece)
            elif isinstance(piece, Amount):
                end = piece.end
                self._add("", start, end, number=piece)
            elif piece not in _PARTICLES:
                self._add(piece, start, start + 1)
        return Statement(self._text, tuple(self._terms), self._turning)

    def _is_figure(self, amount: Amount) -> bool:
        """Whether a number stands alone, and is no pronoun and no part of a word or of a Chinese name."""
        written = self._text[amount.start : amount.end]
        around = self._text[max(0, amount.start - 1) : amount.start] + self._text[amount.end : amount.end + 1]
        if written.lower() == "one" or (has_cjk(written) and len(written) == 1):
            return False
        return not any(c.isalpha() and c.isascii() for c in around)

    def _take(self, token: Token) -> None:
        is_may = token.word == "may" and token.is_capital and token.start > 0
        if token.word in _MEANINGLESS and not is_may:
            self._pass(token.word)
            return
        is_participle = token.word.endswith(("ed", "en")) or token.word in PAST_FORMS
        self._add(
            next(iter(terms(token.word)), token.word),
            token.start,
            token.end,
            is_name=token.is_capital,
            is_possessive=token.is_possessive,
            is_passive=self._is_behind_be and is_participle,
        )

    def _pass(self, word: str) -> None:
        """A word that means nothing alone."""
        is_not = word.endswith("nt") or word == "cannot"
        verb = word.removesuffix("nt" if word.endswith("nt") else "not")
        said = ("not", _SHORT.get(verb, verb)) if is_not else (word,)
        self._turning.update(one for one in said if one in _TURNING)
        if word in _LINKS:
            self._link = word
        self._is_led = word in _DETERMINERS
        self._is_behind_be = word in _BE or (self._is_behind_be and not self._is_led)

    def _add(
        self,
        key: str,
        start: int,
        end: int,
        *,
        number: Amount | None = None,
        is_name: bool = False,
        is_possessive: bool = False,
        is_passive: bool = False,
    ) -> None:
        role = self._link
        if not role and self._terms:
            gap = self._text[self._terms[-1].end : start].strip()
            role = self._terms[-1].role if not gap or (gap == "," and number) else ""
        self._terms.append(
            Term(key, start, end, number, self._link, role, self._is_led, is_name, is_possessive, is_passive)
        )
        self._link, self._is_led, self._is_behind_be = "", False, False
