"""The words of Chinese text with their parts of speech, as the dictionary and its guesses see them."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from graphrag_lite.text.late import late
from graphrag_lite.text.variants import simplified

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
HAN_RUN = late(f"[{HAN}]+")
_KANA = late("[\u3040-\u30ff]")


class Word(NamedTuple):
    """A Chinese word with its part of speech: `text[start:end]`."""

    start: int
    end: int
    text: str
    pos: str


def has_han(text: str) -> bool:
    """True for text that the Chinese dictionary can cut: Chinese characters and no kana."""
    return not text.isascii() and HAN_RUN.search(text) is not None and _KANA.search(text) is None


def tagged(text: str) -> list[Word]:
    """The words of `text`, in simplified characters, with their parts of speech."""
    words, position = [], 0
    for word, pos in _segmenter().tag(simplified(text)):
        words.append(Word(position, position + len(word), word, pos))
        position += len(word)
    return words


def boundaries(text: str) -> frozenset[int]:
    """Places where the dictionary sees a word begin or end."""
    return frozenset(w.start for w in tagged(text)) | {len(text)}


def is_known(word: str) -> bool:
    """True for a word of the dictionary; what else `tagged` gives for one word is its guess."""
    return bool(_segmenter().has_word(word))


@cache
def _segmenter() -> Any:
    import rjieba

    return rjieba
