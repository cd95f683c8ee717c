"""Signs that a sentence is only a piece of something: a half quotation, a list item, a file name that runs into it."""

from __future__ import annotations

import re

_PAIRS = ("“”", "()", "[]", "「」", "『』", "（）", "《》")
_FILE_NAME = re.compile(r"\w_\w|\w\.(?:txt|md|html?|pdf|docx?|pptx?|xlsx?|csv|jsonl?|epub)\b", re.IGNORECASE)
_ITEM = re.compile(r"\s*(?:\d{1,3}(?:\.\d+)*[.)、]|[-*•·▪]|[（(]?[一二三四五六七八九十]{1,3}[）)、])\s*\S")
_ENUMERATION_CJK = 5  # so many 、, one for every few characters, and a sentence is a list
_CHARACTERS_OF_AN_ITEM = 9


def is_cut_off(text: str) -> bool:
    """True for a sentence that a file name runs into, or that lacks the other half of a quotation mark or bracket."""
    bare = text.strip()
    if _FILE_NAME.search(bare):
        return True
    return bare.count('"') % 2 == 1 or any(bare.count(pair[0]) != bare.count(pair[1]) for pair in _PAIRS)


def is_item(text: str) -> bool:
    """True for an item of a list, numbered or marked, and for a sentence that only strings names together."""
    count = text.count("、")
    return _ITEM.match(text) is not None or (
        count >= _ENUMERATION_CJK and count * _CHARACTERS_OF_AN_ITEM > len(text.strip())
    )
