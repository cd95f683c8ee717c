"""Whether a source can bear out what a sentence cites it for.

Only what is plain counts against a citation: a sentence of some length that shares no word with its source though both
are of one language, or one whose years and amounts stand in none of its sources. Paraphrases and translations pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from unicodedata import normalize

from graphrag_lite.query.forms import FORMS
from graphrag_lite.query.quotations import names_of
from graphrag_lite.text.lexicon import FUNCTION_WORDS
from graphrag_lite.text.normalize import CHINESE_DIGITS, has_cjk, terms, words

# Terms, or pairs of characters, from which on a sentence counts: a shorter one may say the same in other words, though
# less likely so where it names somebody.
_FEWEST, _FEWEST_NAMED, _FEWEST_PAIRS = 5, 3, 4
_STEM = 5  # characters that tell one word from another: Hungary, Hungarian
_SAMPLE = 4000  # characters that tell the language
# Words of English that its neighbours do not share, the share of all words that are such, and of Chinese characters.
_ENGLISH_WORDS = frozenset(["the", "and", "with", "from", "that", "by", "to", "were", "are", "this", "which", "not"])
_ENGLISH, _CHINESE = 0.08, 0.2
_HAN, _NOT_CHINESE = re.compile(r"[\u3400-\u9fff]"), re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
# Years and amounts; a smaller number may be counted or reckoned, a decade or century holds other years.
_NUMBER = r"\d{1,3}(?:[,.\u2009\u202f]\d{3})+(?!\d)|\d+(?:\.\d+)?"
_AMOUNT = re.compile(
    rf"(?<![A-Za-z0-9_.])(?P<sign>[$€£¥￥]\s?)?(?P<number>{_NUMBER})\s?(?P<unit>[%％]|percent\b)?(?!\d|s\b|\s?年代|\s?世纪)"
)
_LEAST_DIGITS = 3
_ROUGHLY = re.compile(
    r"(?:\b(?:about|approximately|approx\.?|roughly|around|circa|ca\.|nearly|almost|over|under|some)"
    r"|\b(?:more|less|fewer) than|[约近逾超]过?|不到)\s*$",
    re.IGNORECASE,
)
_ANY_NUMBER = re.compile(_NUMBER)
# A source that writes such numbers may mean any.
_IN_WORDS = re.compile(
    r"\b(?:hundreds?|thousands?|dozens?|(?:\w+teen|\w+ty|one|two|three|four|five|six|seven|eight|nine|ten|half an?)"
    r"[ -](?:millions?|billions?))\b|[一二两三四五六七八九十][十百千万亿]|[壹贰叁肆伍陆柒捌玖][拾佰仟万亿]",
    re.IGNORECASE,
)


_ONES = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_ONES += ["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_VALUES = dict(zip(_ONES, range(1, 20), strict=True)) | dict(zip(_TENS, range(20, 100, 10), strict=True))
_IN_LETTERS = re.compile(rf"\b(?:{'|'.join(_VALUES)})(?:(?:-| )(?:{'|'.join(_VALUES)}))*\b", re.IGNORECASE)
_PARTS = (
    (re.compile(r"(?i)\bhal(?:f|ves)\b|半"), ("50",)),
    (re.compile(r"(?i)\bquarters?\b|\bfourths?\b|四分之"), ("25", "75")),
    (re.compile(r"(?i)\bthirds?\b|三分之"), ("33", "66", "67")),
    (re.compile(r"(?i)\b(?:doubled?|twice)\b|翻[倍番]"), ("100", "200")),
)


@dataclass(frozen=True)
class Grounds:
    """The sources of one answer.

    Args:
        question: Its numbers prove nothing against a source.
        texts: What each source says, its title and file name with it.
    """

    question: str
    texts: Sequence[str]

    def bearing_out(self, sentence: str, sources: Sequence[int]) -> list[int]:
        """Those of the sources, by index, that can bear out a sentence which cites them together."""
        found = [index for index in sources if self._speaks_of(sentence, index)]
        wanted = _amounts(sentence) - _numbers(self.question)
        if wanted and not any(_IN_WORDS.search(self.texts[i]) or wanted & self._held_numbers[i] for i in found):
            return []
        return found

    def _speaks_of(self, sentence: str, index: int) -> bool:
        """Whether the source shares a word with the sentence, as far as their languages let one tell."""
        language = _language(sentence)
        wanted = _content(sentence)
        if not language or language != self._languages[index] or not _is_telling(sentence, wanted, language):
            return True
        related = {form for term in wanted for form in FORMS.get(term, ())}
        return not _stems(wanted | related).isdisjoint(self._held[index])

    @cached_property
    def _held(self) -> list[frozenset[str]]:
        return [_stems(_content(text)) for text in self.texts]

    @cached_property
    def _held_numbers(self) -> list[frozenset[str]]:
        return [_numbers(text) for text in self.texts]

    @cached_property
    def _languages(self) -> list[str]:
        return [_language(text) for text in self.texts]


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


def _language(text: str) -> str:
    """The language, "en" or "zh", where that is certain; else "": then a missing word tells nothing."""
    sample = text[:_SAMPLE]
    if len(_HAN.findall(sample)) >= _CHINESE * max(1, len(sample)):
        return "" if _NOT_CHINESE.search(sample) else "zh"
    found = words(sample)
    return "en" if sum(word in _ENGLISH_WORDS for word in found) >= max(1, _ENGLISH * len(found)) else ""


def _amounts(sentence: str) -> frozenset[str]:
    sentence = normalize("NFKC", sentence)
    return frozenset(
        _plain(match["number"])
        for match in _AMOUNT.finditer(sentence)
        if (match["sign"] or match["unit"] or sum(map(str.isdigit, match["number"])) >= _LEAST_DIGITS)
        and not _ROUGHLY.search(sentence[: match.start()])
    ) - {""}


def _numbers(text: str) -> frozenset[str]:
    plain = normalize("NFKC", text).translate(CHINESE_DIGITS)  # digits of full width are others to a comparison
    shares = (share for said, values in _PARTS if said.search(text) for share in values)
    return frozenset(map(_plain, [*_ANY_NUMBER.findall(plain), *re.findall(r"\d+", plain), *shares, *_spelled(text)]))


def _spelled(text: str) -> Iterator[str]:
    """Numbers below 100 that stand in English words, and years such as eighteen sixty-two."""
    for match in _IN_LETTERS.finditer(text):
        said: list[int] = []
        for word in re.split(r"[- ]", match.group().lower()):
            value = _VALUES[word]
            if said and value < 10 and said[-1] >= 20 and said[-1] % 10 == 0:
                said[-1] += value
            else:
                said.append(value)
        yield from map(str, said)
        yield from (f"{century}{year}" for century, year in pairwise(said) if 10 <= century <= 20 and year >= 10)


def _plain(number: str) -> str:
    """The digits that all ways of writing a number share: of 1,200,000 and 1.2 million "12"."""
    return re.sub(r"\D", "", number).strip("0")
