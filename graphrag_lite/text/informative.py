"""How much a sentence tells a reader who sees nothing else of its text.

General features only, for prose, transcripts and Chinese: length, share of content words, completeness, whether it
leans on its context (a pronoun at the start) and whether it is talk rather than statement.
"""

from __future__ import annotations

import math
import re

from graphrag_lite.text.lexicon import DISCOURSE_WORDS, FUNCTION_WORDS
from graphrag_lite.text.normalize import has_cjk, scan, words


def _set(words_: str) -> frozenset[str]:
    return frozenset(words_.split())


_SPEAKER = re.compile(r"^(?:\[?\d{1,2}:\d{2}(?::\d{2})?\]?\s*)?(?:[A-Z][\w.'’-]*(?:[ \t]+[A-Z(][\w.'’)-]*){0,4}):\s+")
_MARKUP = re.compile(r"^(?:[#>*•|\-–—]+\s+|\d+[.)]\s+)+")
_TABLE = re.compile(r"\|.*\||\t.*\t|(?:\s{3,}\S+){3}|\.{4,}|_{4,}")
_END = re.compile(r"[.!…。！”\"’')\]」』）]\s*$")
_FILE_NAME = re.compile(
    r"\S+_\S+|\S+\.(?:txt|md|html?|pdf|docx?|pptx?|xlsx?|csv|jsonl?|epub|log|xml)\b|https?://", re.I
)
_QUESTION = re.compile(r"[?？][”\"’')\]」』）]*\s*$")
_LEANING = _set(
    "he she it they this that these those his her their its him them there here such so and but or because then "
    "also which who well yeah yes no oh okay ok right like now thus hence therefore however moreover"
)
_FIRST_PERSON = _set("i me my mine we us our ours you your yours im ive id ill youre youve weve")
_FILLERS = _set(
    "like just really actually basically literally kinda sorta gonna wanna yeah okay ok um uh oh well know mean guess "
    "thing things stuff lot lots maybe kind sort bit way pretty super totally sure right"
)
_CJK_LEANING = (
    "他",
    "她",
    "它",
    "这",
    "那",
    "其",
    "此",
    "但",
    "而",
    "所以",
    "因此",
    "然后",
    "并",
    "也",
    "該",
    "该",
    "這",
)
_CJK_COMPLETE = re.compile(r"[。！；…」』”]$")


def quotable(text: str) -> str:
    """`text` on one line, white space collapsed."""
    return " ".join(text.split())


def without_speaker(text: str) -> str:
    """`text` without the label of its speaker, heading marks and list marks."""
    return _SPEAKER.sub("", _MARKUP.sub("", text.strip()), count=1)


def leans(text: str) -> bool:
    """True when `text` begins with a word that points back: "He …", "These …", "因此…"."""
    bare = without_speaker(quotable(text)).lstrip("\"“‘'(「『（")
    if has_cjk(bare[:2]):
        return bare.startswith(_CJK_LEANING)
    return bool(found := words(bare[:24])) and found[0] in _LEANING


def informativeness(text: str) -> float:
    """From 0 (a fragment, a table row, "Yeah, right.") to 1 (a complete statement that stands alone)."""
    bare = without_speaker(quotable(text))
    if not bare or _TABLE.search(text):
        return 0.0
    if has_cjk(bare) and sum(map(len, filter(has_cjk, words(bare)))) * 2 > len(bare):
        return _cjk_score(bare)
    found = words(bare)
    if len(found) < 4:
        return 0.0
    count = len(found)
    content = [w for w in found if w not in FUNCTION_WORDS and w not in DISCOURSE_WORDS and w not in _FILLERS]
    size: float = min(1.0, count / 9) * min(1.0, math.pow(34 / count, 0.7))
    density = min(1.0, len(content) / count / 0.5)
    variety = len(set(content)) / max(1, len(content))
    talk = 0.5 * sum(w in _FIRST_PERSON for w in found) + 1.5 * sum(
        w in _FILLERS or w in DISCOURSE_WORDS for w in found
    )
    score = size * density * (0.5 + 0.5 * variety) / (1 + 4 * talk / count)
    return score * _wholeness(bare, found)


def matter(text: str) -> float:
    """Share of the content words of `text` that are no names: what is said, rather than who and where; 1 for CJK."""
    content = [t for t in scan(without_speaker(text)) if t.word not in FUNCTION_WORDS and t.word not in _FILLERS]
    if has_cjk(text) or not content:
        return 1.0
    return sum(not t.is_capital for t in content) / len(content)


def _wholeness(bare: str, found: list[str]) -> float:
    """Lowered for questions, fragments, sentences in the middle of a thought, and shouted headings."""
    score: float = 1.0
    if _QUESTION.search(bare):
        score *= 0.15
    elif not _END.search(bare):
        score *= 0.35
    if bare[0].islower() or bare[0] in ",;)–—-[":
        score *= 0.4
    if _FILE_NAME.search(bare):
        score *= 0.2
    if found[0] in _LEANING:
        score *= 0.6
    if bare.isupper():
        score *= 0.2
    return score


def _cjk_score(bare: str) -> float:
    count = len(bare)
    if count < 8:
        return 0.0
    size: float = min(1.0, count / 18) * min(1.0, math.pow(70 / count, 0.7))
    score = size * (0.3 + 0.7 * len(set(bare)) / count if count < 60 else size)
    if _QUESTION.search(bare):
        score *= 0.15
    elif not _CJK_COMPLETE.search(bare):
        score *= 0.5
    if bare.startswith(_CJK_LEANING):
        score *= 0.6
    return score
