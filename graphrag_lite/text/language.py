"""The language of a text, where that is certain."""

from __future__ import annotations

import re

from graphrag_lite.text.normalize import words

_SAMPLE = 4000  # characters that tell the language
# Words of English that its neighbours do not share, the share of all words that are such, and of Chinese characters.
_ENGLISH_WORDS = frozenset(["the", "and", "with", "from", "that", "by", "to", "were", "are", "this", "which", "not"])
_ENGLISH, _CHINESE = 0.08, 0.2
_HAN, _NOT_CHINESE = re.compile(r"[\u3400-\u9fff]"), re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")


def language_of(text: str) -> str:
    """The language, "en" or "zh", where that is certain; else "": then a missing word tells nothing."""
    sample = text[:_SAMPLE]
    if len(_HAN.findall(sample)) >= _CHINESE * max(1, len(sample)):
        return "" if _NOT_CHINESE.search(sample) else "zh"
    found = words(sample)
    return "en" if sum(word in _ENGLISH_WORDS for word in found) >= max(1, _ENGLISH * len(found)) else ""
