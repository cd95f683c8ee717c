"""Text that stands around a work rather than in it: licences, copyright notices, marks of where a work begins and ends.

It stays in the index and answers questions that ask for it; an overview of what documents say leaves it out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from graphrag_lite.text.lexicon import word_set

# Words of notices about copying, rather than of law in general: a contract between two firms is no boilerplate.
_NOTICE_STEMS = (
    "copyright",
    "licens",
    "licenc",
    "trademark",
    "redistribut",
    "ebook",
    "e-book",
    "royalt",
    "rights reserved",
    "public domain",
    "terms of use",
    "terms of service",
    "privacy policy",
    "unsubscribe",
    "版权",
    "著作权",
    "许可协议",
    "隐私政策",
    "使用条款",
    "未经授权",
)
_LEGAL_WORDS = word_set(
    "agree agreed agreement permission distribute distributed distributing distribution copies copy copying warranty "
    "warranties liability liable disclaimer disclaimers damages refund donation donations donate fee fees terms "
    "paragraph section comply compliance complying law laws provided electronic tax holder format derivative "
    "foundation defect replacement access owner states"
)
_WORD = re.compile(r"[a-z\u3400-\u9fff-]+")
_MARK = re.compile(
    r"^[ \t]*(?:\*{2,}|-{3,}|={3,})[ \t]*(START|END|BEGIN)(?:NING)? OF\b[^\n]*", re.MULTILINE | re.IGNORECASE
)
_RULES = ("**", "---", "===")  # that marks are made of
_LEAST_WORDS = 8
_NOTICE_SHARE = 0.07  # of the words of a passage are of notices or of law, and at least two of notices
_NEAR_SHARE = 0.04  # the same for what lies between two such passages
_LONGEST_GAP = 8  # passages
_LARGEST_SHARE = 0.5  # of a document: one that is mostly a licence is about it
_LICENCE_SHARE = 0.015  # of the words of a document are of notices: twice what one about anything else has
_CALLED_LICENCE = re.compile(r"(?i)licen[sc]e|copying|copyright|许可|版权")
# Two firms agree on one, a licence names none.
_SUM = re.compile(r"[£$€¥￥]\s?\d|\d\s?(?:euros?|dollars?|pounds?|万?元)\b")
_ASKS_FOR_IT = re.compile(
    r"(?i)\b(?:licen[sc]\w*|copyrights?|trademarks?|legal|terms of|rights|permissions?|redistribut\w+|royalt\w+|isbn)\b"
    r"|版权|著作权|许可|授权|转载|法律"
)


def asks_for_boilerplate(question: str) -> bool:
    """True for a question about licences, copyright and the like."""
    return _ASKS_FOR_IT.search(question) is not None


def is_notice(text: str) -> bool:
    """True for a passage about how a text may be copied."""
    return bool(_notices([text]))


def is_licence(texts: Sequence[str], name: str = "") -> bool:
    """True for a document that is the licence of others, by its words or by its name.

    Args:
        texts: Its passages.
        name: Its title or file.
    """
    text = "\n".join(texts)
    lowered = text.lower()
    hits = _count_notices(lowered)
    is_dense = hits >= _LICENCE_SHARE * max(_LEAST_WORDS, len(_WORD.findall(lowered)))
    is_called = _CALLED_LICENCE.search(name) is not None and _legal_share(lowered, hits) >= _NEAR_SHARE
    return hits > 1 and (is_dense or is_called) and not _SUM.search(text)


def work_spans(texts: Sequence[str]) -> list[tuple[int, int]]:
    """Which part of each passage of a document belongs to the work itself; (0, 0): none of it.

    Two signs tell: marks such as "*** END OF … ***", and passages full of words about copying, with those between
    them. A document of which more than half would go is left whole: it is about such things.

    Args:
        texts: The passages of one document, in order.
    """
    whole = [(0, len(text)) for text in texts]
    spans = _inside_marks(texts, whole)
    for row in _notices(texts):
        spans[row] = (0, 0)
    kept = sum(end - start for start, end in spans)
    return spans if kept >= _LARGEST_SHARE * sum(end for _, end in whole) else whole


def _inside_marks(texts: Sequence[str], whole: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans between a mark of the start in the first half and one of the end in the last."""
    spans = list(whole)
    for row, text in enumerate(texts):
        if not any(rule in text for rule in _RULES):
            continue
        for mark in _MARK.finditer(text):
            is_end = mark.group(1).upper() == "END"
            if is_end and 2 * row >= len(texts) - 1:
                spans[row] = (spans[row][0], max(spans[row][0], mark.start()))
                spans[row + 1 :] = [(0, 0)] * (len(texts) - row - 1)
                return spans
            if not is_end and 2 * row <= len(texts):
                spans[row] = (mark.end(), len(text))
                spans[:row] = [(0, 0)] * row
    return spans


def _notices(texts: Sequence[str]) -> list[int]:
    """Passages about copying, and legal ones that lie between them."""
    found: list[int] = []
    for row, text in enumerate(texts):
        lowered = text.lower()
        hits = _count_notices(lowered)
        if hits > 1 and _legal_share(lowered, hits) >= _NOTICE_SHARE:
            if found and row - found[-1] <= _LONGEST_GAP:
                between = range(found[-1] + 1, row)
                found += [r for r in between if _legal_share(texts[r].lower(), 0) >= _NEAR_SHARE]
            found.append(row)
    return found


def _count_notices(lowered: str) -> int:
    """How many words of notices stand in a text."""
    return sum(lowered.count(stem) for stem in _NOTICE_STEMS)


def _legal_share(lowered: str, hits: int) -> float:
    words = _WORD.findall(lowered)
    return (hits + sum(word in _LEGAL_WORDS for word in words)) / max(_LEAST_WORDS, len(words))
