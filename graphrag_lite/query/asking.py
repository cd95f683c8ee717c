"""Words of asking: what an English question says of the collection and of being asked, not of the matter."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from graphrag_lite.text.lexicon import FUNCTION_WORDS, word_set
from graphrag_lite.text.normalize import identifier_spans, terms, words

# "which guests discuss …", "main themes of these …".
_ASKING = (
    "theme themes topic topics main major key important common recurring frequent frequently often typical typically "
    "usually general generally overall summary summarise summarize overview describe description list example examples "
    "mention mentions mentioned discuss discusses discussed discussion discussions talk talks talked talking say says "
    "said tell tells told share shares shared speak speaks spoke spoken express expressed present presented cite cited "
    "conversation conversations episode episodes podcast podcasts guest guests host speaker speakers interview "
    "interviews document documents text texts passage passages book article articles corpus collection dataset "
    "transcript transcripts people person anyone someone specific particular certain different various kind kinds type "
    "types sort way ways find found give show explain identify compare throughout across regarding concerning there "
    "happen happened happens please know information content contents story stories highlight highlighted highlights "
    "highlighting feature features involve involved revolve address addressed addresses focus focused focuses "
    "emphasize emphasise occur perceive view views viewed perspective perspectives opinion opinions think thought "
    "believe mean means meaning name named called within do does did am is are was were be been being have has had "
    "become becomes became located situated "
    "can could would should will may might must shall which who whom whose what when where why how many much "
    "i me my we us our you your"
)
# What stems like a word of asking and is none: "Who founded …?".
_NO_ASKING = word_set("founded founder founders founding import imports imported importing collect collects collected")
_FOUND = re.compile(r"\b(?:do|does|did) (?:[\w'’.-]+ ){1,5}found\b", re.IGNORECASE)  # to found: else it were "find"
# Words of asking that name things as well, unless a question speaks of what is talked about: "the default host".
_THINGS = re.compile(
    r"\b(?:address(?:es)?|features?|hosts?|keys|types?(?! of\b)|views?(?! (?:on|of|are)\b))\b", re.IGNORECASE
)
_OF_TALK = word_set(
    "theme themes topic topics discuss discusses discussed discussion discussions mention mentions mentioned talk "
    "talks conversation conversations episode episodes podcast podcasts guest guests speaker speakers interview "
    "interviews documents texts transcript transcripts corpus collection main major important common recurring overall"
)
_TOLD_TO = re.compile(
    r"(?i:\bwhat (?:do|does|did) [\w'’ -]+? tell )(?:(?:the|his|her|their|its|my|our) )?\w+\s*(?:\?|about\b|$)"
)
# Verbs that say little beside what they take, "get the keys"; "How long does it take?" is all of one.
_LIGHT = re.compile(r"(?i)\b(?:get|need|(?:take|make)(?= \w))\b")
_STEMS = frozenset(terms(_ASKING)) | frozenset(words(_ASKING))
_NEGATED = re.compile(
    r"(?i)\b(?P<verb>do|does|did|is|are|was|were|has|have|had|ca|could|wo|would|sha|should|must|need|might)n['’]t\b"
)
_IRREGULAR = {"ca": "can", "wo": "will", "sha": "shall"}
_WORDS = re.compile(
    r"(?i)\b(?:what|who|whom|whose|where|when|which|why|how|do|does|did|is|are|was|were|tell|list|describe|explain)\b"
)


def without_contractions(question: str) -> str:
    """A question with its negations written out: "Why didn't Ada come?" asks no more of "didn't" than of "did not"."""
    return _NEGATED.sub(lambda m: f"{_IRREGULAR.get(m['verb'].lower(), m['verb'])} not", question)


def asks_in_english(question: str) -> bool:
    """Whether a question has English words of asking."""
    return _WORDS.search(question) is not None


def of_the_matter(question: str, found: Iterable[str]) -> frozenset[str]:
    """Of terms of a question those of what it asks about."""
    return frozenset(t for t in found if t not in _STEMS) | _things(question) | _of_code(question)


def said_otherwise(question: str) -> frozenset[str]:
    """Terms of verbs for which answers have many others: "Keys are handed out at the gate" tells where to get them."""
    return frozenset(terms(" ".join(_LIGHT.findall(question))))


def _of_code(question: str) -> frozenset[str]:
    """What the names of code in it consist of: "find" of find_package is no word of asking."""
    return frozenset(t for start, end in identifier_spans(question) for t in terms(question[start:end]))


def _things(question: str) -> frozenset[str]:
    """Terms of the question that look like words of asking and are what it asks about."""
    said = words(question)
    found = [word for word in said if word in _NO_ASKING]
    if _FOUND.search(question):
        found.append("found")
    if _TOLD_TO.search(question):
        found.append("tell")  # what anybody says at all is no answer
    if _OF_TALK.isdisjoint(said):
        found += _THINGS.findall(question)
        found += [word for word, other in pairwise([*said, "of"]) if word == "key" and other in FUNCTION_WORDS]
    return frozenset(terms(" ".join(found)))
