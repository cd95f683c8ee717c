"""Signs that a sentence is no statement of its own: a half quotation, a list item, a call to subscribe."""

from __future__ import annotations

import re

_PAIRS = ("“”", "()", "[]", "「」", "『』", "（）", "《》")
_FILE_NAME = re.compile(r"\w_\w|\w\.(?:txt|md|html?|pdf|docx?|pptx?|xlsx?|csv|jsonl?|epub)\b", re.IGNORECASE)
_STARTS_LATE = re.compile(r"[.,;:!?/)\]，。；：、）]")
_SOLICITATION = re.compile(
    r"(?i)\b(?:subscribe|sponsor(?:s|ed)?|promo code|coupon|discount code|newsletter|sign up (?:at|for|to|now|today)"
    r"|(?:follow|email|contact|find|join) us|send us|rate and review|leave (?:us )?a review|check out (?:our|the full)"
    r"|visit (?:our|us|www)|(?:favou?rite|wherever you get your) podcast\w*|brought to you by)\b"
    r"|订阅|关注(?:我们|公众号)|点击(?:链接|下方)|扫码|赞助|优惠码"
)
# What a call cannot do without; the expression is slow, and almost all sentences have none of these.
_OF_CALLS = (
    "subscribe",
    "sponsor",
    "promo",
    "coupon",
    "discount",
    "newsletter",
    "sign up",
    " us ",
    " us.",
    "review",
    "check out",
    "visit ",
    "podcast",
    "brought to",
    "订阅",
    "关注",
    "点击",
    "扫码",
    "赞助",
    "优惠码",
)
_ITEM = re.compile(r"\s*(?:\d{1,3}(?:\.\d+)*[.)、]|[-*•·▪]|[（(]?[一二三四五六七八九十]{1,3}[）)、])\s*\S")
_OF_A_PIECE, _OF_A_CALL = 0.2, 0.1
_ENUMERATION_CJK = 5  # so many 、, one for every few characters, and a sentence is a list
_CHARACTERS_OF_AN_ITEM = 9


def is_cut_off(text: str) -> bool:
    """True for a sentence that a file name runs into, or that lacks its beginning or half of a quotation."""
    bare = text.strip()
    if _FILE_NAME.search(bare) or _STARTS_LATE.match(bare):
        return True
    return bare.count('"') % 2 == 1 or any(bare.count(pair[0]) != bare.count(pair[1]) for pair in _PAIRS)


def is_item(text: str) -> bool:
    """True for an item of a list, numbered or marked, and for a sentence that only strings names together."""
    count = text.count("、")
    return _ITEM.match(text) is not None or (
        count >= _ENUMERATION_CJK and count * _CHARACTERS_OF_AN_ITEM > len(text.strip())
    )


def is_solicitation(text: str) -> bool:
    """True for a call to subscribe, write in or buy, and for a word from a sponsor."""
    lowered = text.lower()
    return any(stem in lowered for stem in _OF_CALLS) and _SOLICITATION.search(text) is not None


def fragment_factor(text: str) -> float:
    """Below 1 for what is no statement of its own."""
    return (_OF_A_PIECE if is_cut_off(text) or is_item(text) else 1.0) * (_OF_A_CALL if is_solicitation(text) else 1.0)
