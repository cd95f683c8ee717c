"""How much a sentence tells a reader who sees nothing else of its text.

General features only, for prose, transcripts and Chinese: length, share of content words, completeness, whether it
leans on its context (a pronoun at the start) and whether it is talk rather than statement.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache

from graphrag_lite.text.lexicon import DISCOURSE_WORDS, FUNCTION_WORDS, JOB_ENDS, ROLES
from graphrag_lite.text.normalize import COMMENT, has_cjk, scan, unwrapped, words


def _set(words_: str) -> frozenset[str]:
    return frozenset(words_.split())


SPEAKER = re.compile(r"(?:\[?\d{1,2}:\d{2}(?::\d{2})?\]?\s*)?(?:[A-Z][\w.'’-]*(?:[ \t]+[A-Z(][\w.'’)-]*){0,4}):\s+")
_MARKUP = re.compile(r"^(?:[#>*•|\-–—]+\s+|\d+[.)]\s+)+")
_TABLE = re.compile(r"\|.*\||\t.*\t|(?:\s{3,}\S+){3}|[.…·]{4,}|_{4,}")
_END = re.compile(r"[.!…。！”\"’')\]」』）]\s*$")
_FILE_NAME = re.compile(r"\S_\S|\S\.(?:txt|md|html?|pdf|docx?|pptx?|xlsx?|csv|jsonl?|epub|log|xml)\b|https?://", re.I)
_QUOTED_LINE = re.compile(r"\n[ \t]*>[> \t]*")
_QUESTION = re.compile(r"[?？][”\"’')\]」』）]*\s*$")
_LEANING = _set(
    "he she it they this that these those his her their its him them there here such so and but or because then "
    "also which who well yeah yes no oh okay ok right like now thus hence therefore however moreover"
)
_FIRST_PERSON = _set("i me my mine we us our ours you your yours im ive id ill youre youve weve")
FILLERS = _set(
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

# A sentence that holds an opinion, a reason or an outlook says more about a theme than one that introduces a person.
_STANCE = re.compile(
    r"(?i)\b(?:think|believe|hope|worry|worried|fear|should|must|need|needs|will|would|could|important|matters?|"
    r"because|means?|future|better|worse|problems?|challenges?|opportunit(?:y|ies)|risks?|ability|able|instead|learn(?:ed)?)\b"
    "|认为|应该|必须|需要|因为|由于|重要|未来|问题|影响|作用|导致|能够"
)
# Talk about the talk: "our guest today", "in this episode", "we're going to hear from".
_HOUSEKEEPING = re.compile(
    r"(?i)\b(?:(?:this|our|today's|next) (?:\w+ )?(?:episode|conversation|podcast|show|interview|chat|guests?)"
    r"|(?:the|a|what a) (?:\w+ )?conversation"
    r"|going to (?:hear|talk)|thank(?:s| you)|welcome|listeners?|tune in|please (?:share|join)|stories? about how)\b"
    r"|转载|记者|列席|出席"
)
_ADDRESSED = re.compile(r"\b(?:I|[Mm]y|me|[Yy]ou(?:r|'re|’re)?)\b")
_LIST = re.compile(
    r"^[^.!?。！？:：]{1,24}[:：](?:[^.!?。！？,、;；]*[,、;；]){2}[^.!?。！？]*[.。；;]?$"
)  # "Present: A, B, C."
# "Ada is a professor at …", "Ada joined …": who somebody is, not what is said.
_INTRODUCTION = re.compile(
    r"^(?:(?:And|But|Today|So|Now|Here|Then|In \d{4}),? |As [^,.]{3,60}, )?"
    r"(?:(?:[A-Z][\w.'’-]*\s+(?:el |de |van |von )?){1,4}|[Hh]e |[Ss]he |[Ww]e )"
    r"(?:also |currently |recently |now )*"
    r"(?:is|was|has|had|earned|received|holds|held|serves|served|joined|founded|leads|led|worked|works|started|graduated|"
    r"chatted|spoke|talked|provides|helped|designs?|writes|runs|teaches|oversees)\b"
    r"|^(?:[A-Z][\w.-]*(?: [A-Z][\w.-]*)?|[Hh]e|[Ss]he)['’]s (?:one of|a|an|the|passionate|also|been|currently)\b"
)


_WHOLE = re.compile(r"[.!…。！][”\"’')\]」』）]*\s*$")
_PERSONS = (
    ROLES | JOB_ENDS | _set("entrepreneur executive pioneer educator researcher leader musician artist technologist")
)
_FEW_CHARACTERS = 12
_LEAST_MATTER = 0.35
_LABELLED = re.compile(r"^[^，。：\s]{1,12}：")
_ADDRESS_FACTOR, _PEOPLE_FACTOR, _TALK_FACTOR, _LEANING_FACTOR, _STANCE_FACTOR = 0.5, 0.15, 0.2, 0.3, 1.5
_PRONOUN = re.compile(r"\b(?:[Hh]e|[Ss]he|[Hh]is|[Hh]er|[Hh]im)\b|[她他]")


def quotable(text: str) -> str:
    """`text` on one line, without comments and the marks of a quotation that begin its lines.

    White space is collapsed; where Chinese goes on, there is none.
    """
    text = COMMENT.sub(" ", text) if "<!--" in text else text
    return " ".join(unwrapped(_QUOTED_LINE.sub("\n", text)).split() if "\n" in text else text.split())


def without_speaker(text: str) -> str:
    """`text` without the label of its speaker, heading marks and list marks."""
    bare = _MARKUP.sub("", text.strip())
    label = SPEAKER.match(bare)
    return bare[label.end() :] if label else bare


def leans(text: str) -> bool:
    """True when `text` begins with a word that points back: "He …", "These …", "因此…"."""
    bare = without_speaker(quotable(text)).lstrip("\"“‘'(「『（")
    if has_cjk(bare[:2]):
        return bare.startswith(_CJK_LEANING)
    return bool(found := words(bare[:24])) and found[0] in _LEANING


@lru_cache(maxsize=20_000)  # asked for descriptions, for reports and for those of the parents
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
    content = [w for w in found if w not in FUNCTION_WORDS and w not in DISCOURSE_WORDS and w not in FILLERS]
    size: float = min(1.0, count / 9) * min(1.0, math.pow(34 / count, 0.7))
    density = min(1.0, len(content) / count / 0.5)
    variety = len(set(content)) / max(1, len(content))
    talk = 0.5 * sum(w in _FIRST_PERSON for w in found) + 1.5 * sum(w in FILLERS or w in DISCOURSE_WORDS for w in found)
    score = size * density * (0.5 + 0.5 * variety) / (1 + 4 * talk / count)
    return score * _wholeness(bare, found)


def matter(text: str) -> float:
    """Share of the content words of `text` that are no names: what is said, rather than who and where; 1 for CJK."""
    content = [t for t in scan(without_speaker(text)) if t.word not in FUNCTION_WORDS and t.word not in FILLERS]
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


def _is_list(text: str) -> bool:
    """True for "Present: A, B, C." and for any sentence that strings names together and says little else."""
    return _LIST.search(text) is not None or (text.count(",") > 1 and matter(text) < _LEAST_MATTER)


def _misses_a_name(bare: str) -> bool:
    """True for "I liked her work": a pronoun for a person whom nothing before it names."""
    pronoun = _PRONOUN.search(bare)
    if pronoun is None:
        return False
    if has_cjk(bare):
        return pronoun.start() < _FEW_CHARACTERS
    return not any(t.is_capital and t.word not in FUNCTION_WORDS for t in scan(bare[: pronoun.start()])[1:])


def is_housekeeping(text: str) -> bool:
    """True for talk about the talk: "our guest today", "thank you", who was present."""
    return _HOUSEKEEPING.search(text) is not None


def telling_alone(text: str) -> float:
    """How well `text` stands for what is said on a subject: stated, in general, readable alone; 0 for a fragment."""
    bare = without_speaker(quotable(text))
    if text.startswith(("#", "|")) or not _WHOLE.search(bare) or _is_list(text) or _FILE_NAME.search(bare):
        return 0.0
    telling = informativeness(text) * (0.3 + 0.7 * matter(text))
    if not telling:
        return 0.0
    roles = sum(word.removesuffix("s") in _PERSONS for word in words(bare))
    telling *= _PEOPLE_FACTOR if roles > 1 or _INTRODUCTION.search(bare) else 1.0
    telling *= _TALK_FACTOR if _HOUSEKEEPING.search(bare) or _LABELLED.search(text) else 1.0
    telling *= _ADDRESS_FACTOR if _ADDRESSED.search(bare) else 1.0
    telling *= _LEANING_FACTOR if leans(text) or _misses_a_name(bare) else 1.0
    return telling * (_STANCE_FACTOR if _STANCE.search(bare) else 1.0)
