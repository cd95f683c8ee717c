"""How many tokens a text will have, roughly, without a tokenizer.

An estimate that needs no files and never changes keeps chunk borders, and with them every paid fact, the same on any
machine. Measured: 1.1 times the true count for English, 0.7 to 1.1 for Chinese.
"""

from __future__ import annotations

import re

WEIGHT_PER_TOKEN = 4
_CJK = re.compile(
    r"[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]+"
)


def token_weight(text: str) -> int:
    """Quarter tokens of `text`: 4 for a CJK character or mark, 1 for any other. Weights of pieces add up."""
    if text.isascii():
        return len(text)
    return len(text) + (WEIGHT_PER_TOKEN - 1) * sum(len(run) for run in _CJK.findall(text))


def estimate_tokens(text: str) -> int:
    """Tokens of `text`: a CJK character is one, four other characters are one, rounded up."""
    return -(-token_weight(text) // WEIGHT_PER_TOKEN)


def first_tokens(text: str, most: int) -> str:
    """The beginning of `text` that has at most `most` tokens; the whole where it fits."""
    if estimate_tokens(text) <= most:
        return text
    low, high = 0, WEIGHT_PER_TOKEN * most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if estimate_tokens(text[:middle]) <= most else (low, middle - 1)
    return text[:low]
