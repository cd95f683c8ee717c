"""What a question asks for, read from its words: content terms, names, the kind of answer, the language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from graphrag_lite.text.informative import without_speaker
from graphrag_lite.text.lexicon import FUNCTION_WORDS
from graphrag_lite.text.normalize import fold, has_cjk, scan, terms, words

# Words about the collection and the asking, not about the matter: "which guests discuss …", "main themes of these …".
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
    "believe mean means meaning name named called within do does did is are was were be been being have has had "
    "can could would should will may might which who whom whose what when where why how many much"
)
_ASKING_CJK = re.compile(
    "[做干]什么|什么时候|什么样|什么|为什么|为何|何时|何地|何处|何人|何种|哪里|哪儿|哪些|哪个|哪位|哪一|哪年|多少|多大|多长|几个|怎么样|怎样|怎么|如何|"
    "是谁|谁的|谁|是否|有没有|请问|请|主要|主题|讨论|提到|介绍|总结|概述|这些|那些|文档|文章|资料|内容|"
    "讲述|讲了|谈到|谈了|说了|有关|关于|以及|吗|呢|的|了|是"
)
_DATE = re.compile(
    r"\b\d{4}s?\b|\b(?:january|february|march|april|june|july|august|september|october|november|december)\b"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\bcentur|\byears?\b"
    r"|[\d一二三四五六七八九十〇零]+[年月日]|世纪",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|thousand|million|billion|"
    r"half|twice|several)\b|[一二三四五六七八九十百千万亿两]+[个名位种人条座次年米公里岁所家部本篇]",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:because|since|due to|owing to|so that|in order to|therefore|reason|caused?|result(?:s|ed)?|thanks to)\b"
    r"|因|由于|所以|故|为了|导致",
    re.IGNORECASE,
)
_PLACE = re.compile(r"\b(?:in|at|near|from|to|of|on)\s+(?:the\s+)?[A-Z]|located|位于|在|地处|分布|来自|于")
_DEFINITION = re.compile("[^，。；]{0,8}(?:[（(，]|是|为|简称|又称|指|位于|成立于)")
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "number",
        re.compile(
            r"\bhow (?:many|much|old|long|far|tall|high|deep|large|big|often)\b|\bpercentage\b|\bpopulation of\b"
            r"|多少|几[个名位种人条座次岁]|多[大长高]"
        ),
    ),
    (
        "date",
        re.compile(
            r"\bwhen\b|\b(?:what|which) (?:year|date|month|day|century|decade)\b"
            r"|何时|什么时候|哪一?年|几月|几年|时间"
        ),
    ),
    ("person", re.compile(r"\bwho(?:m|se)?\b|\bnames? of\b|\bnamed\b|谁|何人|哪位|什么人")),
    (
        "place",
        re.compile(
            r"\bwhere\b|\b(?:what|which) (?:city|country|state|county|place|region|town|river|continent)\b"
            r"|哪里|何地|何处|哪儿|在哪|什么地方|哪些地区"
        ),
    ),
    ("reason", re.compile(r"\bwhy\b|\bwhat (?:caused?|reason)|为什么|为何|原因|死因")),
)
# Forms of one word that a stemmer keeps apart.
_RELATED = (
    "die died dying dead death deceased",
    "bear born birth birthplace",
    "live lives lived life residence reside resided resides",
    "marry married marriage wife husband spouse wed",
    "write wrote written writer author authored",
    "speak spoke spoken speech",
    "buy bought purchase purchased acquire acquired acquisition",
    "sell sold sale",
    "win won winner victory",
    "lose lost loss defeat defeated",
    "build built construct constructed construction",
    "begin began begun start started beginning",
    "found founded founder founders cofounder establish established",
    "lead led leader",
    "teach taught teacher",
    "think thought thinking",
    "know knew known knowledge",
    "make made maker",
    "sing sang sung song singer performer performed",
    "kill killed murder murdered slay slew slain",
    "work works worked employ employed job",
    "rich wealth wealthy wealthiest",
    "poor poverty",
    "big biggest large larger largest",
    "country nation national",
    "film movie",
    "child children son daughter",
    "light lights lit lighted",
    "design designs designed designer",
)
# What a Chinese question begins with, up to its first "的": 量子计算机的工作原理
_SUBJECT_CJK = re.compile(r"([\u3400-\u9fff]{3,12})(?=，)")
_ARTICLES = frozenset({"a", "an", "the", "one"})
_CUED, _DEFINING = 1.35, 2.4  # factors of a sentence that has what is asked for
_OPENING_WORDS = 4
_OPENING_CHARACTERS = 8
_COPULAS = frozenset({"is", "was", "are", "were"})
_CUES = {"number": _NUMBER, "date": _DATE, "place": _PLACE, "reason": _REASON}
# Values of a kind as they are written, to tell two answers apart.
_VALUES = {
    "date": re.compile(r"\b1\d{3}\b|\b20\d{2}\b|[\d一二三四五六七八九十〇零]{2,4}年"),
    "number": re.compile(
        r"\d[\d,.:]*\d|\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|thousand|million"
        r"|billion|half|twice|several)\b|[一二三四五六七八九十百千万亿两]+(?=[个名位种人条座次年米公里岁所家部本篇项])",
        re.IGNORECASE,
    ),
}
_DEFINES = re.compile(
    r"^\s*(?:who|what)(?:'s| is| are| was| were)\s+(?!the\b.*\b(?:of|that|which|who|in|for)\b)"
    r"|^什么是|^[^的]{1,16}是(?:什么|谁|[做干]什么的)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, read.

    `terms` are its content terms (see `text.normalize.terms`); `name_terms` those of capitalised or quoted names;
    `words` are all its words, folded; `related` gives other forms of a term (die: dead, death). `kind` is
    person, date, number, place, reason, or "". `is_definition`: it asks what or who something is.
    """

    text: str
    terms: frozenset[str]
    name_terms: frozenset[str]
    words: frozenset[str]
    related: Mapping[str, frozenset[str]]
    kind: str
    is_definition: bool
    is_chinese: bool

    @property
    def reach(self) -> frozenset[str]:
        """Its terms and their other forms."""
        return self.terms.union(*self.related.values())

    def with_forms(self, says: Mapping[str, float]) -> dict[str, float]:
        """How far a sentence says each term of the question, other forms included: "dead" answers "die"."""
        said = {}
        for term in self.terms:
            others = [0.8 * says[form] for form in self.related.get(term, ()) if form in says]
            if level := max([says.get(term, 0.0), *others]):
                said[term] = level
        return said

    def values(self, text: str) -> frozenset[str]:
        """What `text` holds of the kind that is asked for, and the question does not hold itself."""
        if self.kind not in _VALUES:
            return frozenset()
        found = {fold(match).strip(" ,.") for match in _VALUES[self.kind].findall(text)}
        return frozenset(v for v in found if v and v not in self.text.lower())

    @property
    def is_general(self) -> bool:
        """True when it names nothing to look for ("What are the main themes?")."""
        return not self.terms

    def cue(self, sentence: str) -> float:
        """How much a sentence looks like such an answer: 1 not at all; more with a date, number, name or reason."""
        if self.is_definition:
            return self._defines(sentence)
        if self.kind == "person":
            is_cued = self._names_another(sentence)
        else:
            is_cued = self.kind in _CUES and _CUES[self.kind].search(sentence) is not None
        return _CUED if is_cued else 1.0

    def _defines(self, sentence: str) -> float:
        """High for "Name, a …", "Name (the …)" and "Name is …", most of all where they begin the sentence."""
        if self.is_chinese:
            subject = "".join(_ASKING_CJK.sub(" ", self.text).split()).strip("？?。，")
            at = sentence.find(subject, 0, _OPENING_CHARACTERS + len(subject))
            return _DEFINING if at >= 0 and _DEFINITION.match(sentence, at + len(subject)) else 1.0
        text = without_speaker(sentence)
        if text.rstrip("\"'”’) ").endswith(("!", "?")):
            return 1.0  # who is called or asked for is not told
        tokens = scan(text)
        for place, (token, following) in enumerate(pairwise(tokens)):
            if token.is_possessive or not set(terms(token.word)) & self.terms:
                continue
            gap = text[token.end : following.start].strip("\"'”’) ")
            is_noun = following.word in _ARTICLES or following.word not in FUNCTION_WORDS
            if following.word in _COPULAS or (is_noun and gap.startswith((",", "(", "–", "—", "--"))):
                return _DEFINING if place < _OPENING_WORDS else _CUED
        return 1.0

    def _names_another(self, sentence: str) -> bool:
        if self.is_chinese:
            return True  # no capitals tell a name from a word
        return any(
            token.is_capital
            and token.start > 0
            and token.word not in FUNCTION_WORDS
            and not set(terms(token.word)) & self.terms
            for token in scan(sentence)
        )


def read_question(question: str) -> Asked:
    """Read a question in English or Chinese."""
    is_chinese = has_cjk(question)
    content = terms(_ASKING_CJK.sub(" ", question)) if is_chinese else terms(question)
    kept = frozenset(t for t in content if t not in _ASKING_STEMS)
    lowered = question.lower()
    kind = next((name for name, pattern in _KINDS if pattern.search(lowered)), "")
    related = {t: _FORMS[t] for t in sorted(kept) if t in _FORMS}
    return Asked(
        question,
        kept,
        _name_terms(question) & kept,
        frozenset(words(question)),
        related,
        kind,
        _DEFINES.search(question) is not None,
        is_chinese,
    )


def _name_terms(question: str) -> frozenset[str]:
    """Terms of capitalised words (not the first one), of quotations, and of what a Chinese question begins with."""
    found = set(terms(" ".join(re.findall(r"[\"“《「『]([^\"”》」』]+)[\"”》」』]", question))))
    if subject := _SUBJECT_CJK.match(_ASKING_CJK.sub(" ", question.replace("的", "，", 1)).strip()):
        found.update(t for t in terms(subject[1]) if len(t) > 1)
    tokens = scan(question)
    for token in tokens[1:]:
        if token.is_capital and token.word not in FUNCTION_WORDS:
            found.update(terms(token.word))
    return frozenset(found)


def _forms() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for line in _RELATED:
        stems = frozenset(terms(line))
        found.update({stem: found.get(stem, frozenset()) | stems - {stem} for stem in stems})
    return found


_FORMS = _forms()
_ASKING_STEMS = frozenset(terms(_ASKING)) | frozenset(words(_ASKING))
