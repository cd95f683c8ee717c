"""What a question asks for, read from its words: content terms, names, the kind of answer, the language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from graphrag_lite.prompts import prompt_language
from graphrag_lite.query.agents import agents_asked, names_agent
from graphrag_lite.query.deeds import Deed, deed_asked
from graphrag_lite.query.defining import defines, may_define
from graphrag_lite.query.happenings import asks_for_happening, is_entry, tells_happening_in_chinese, without_happening
from graphrag_lite.query.instructions import Instruction, instruction_asked
from graphrag_lite.query.measures import UNITS, measured_in_chinese, measures_asked
from graphrag_lite.query.relating import relates, relation_of
from graphrag_lite.text.forms import FORMS
from graphrag_lite.text.lexicon import FUNCTION_WORDS, PARTICLES, word_set
from graphrag_lite.text.normalize import fold, has_cjk, identifier_spans, scan, terms, words
from graphrag_lite.text.number_words import ABOVE_ONE
from graphrag_lite.text.variants import simplified

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
# Whose what is asked for: 海州市的人口是多少
_ATTRIBUTE_CJK = re.compile(r"[^，,的]{2,}的([^，,的]{1,8}?)[是为有在叫由]{0,2}(?:谁|哪|什么|多|几|何)")
_COUNTED_EN = re.compile(
    rf"(?i)\bhow many (?!{UNITS}\b)(?:[\w-]+ ){{0,3}}?((?!does|is|was|has)[\w-]+s|children|men|women)\b"
)
_COUNTED = "个位些所家种类本部座条项门首届级款只台间份名件天年月日次国省市县支艘辆"  # what 哪 and 几 ask for
# 员工 of 有多少名员工. What is measured or paid is hardly ever named beside its number, and what 几 asks for is listed.
_MEASURED = f"人钱元米公里厘毫分小时秒吨克度倍岁周亩平千万亿字{_COUNTED}"
_COUNTED_CJK = re.compile(rf"多少[{_COUNTED}篇张位头棵]?((?![{_MEASURED}])[\u3400-\u9fff]{{1,6}})[？?]*$")
_NEAR_COUNTED = 5  # words from a number to what it counts
_ASKED_END_CJK = re.compile("的[？?]*$")
_ASKING_CJK = re.compile(
    "发生[了过]?(?:什么|何)(?:事情?)?|后来怎么样了?|(?:[做干]|[讲说谈]的?是?)什么|(?:是)?什么意思|多[长少]时间|什么(?:时候|时间|地方|原因|名字|样|人)|什么|为什么|为何|何[时地处人种年]|哪里|哪儿|"
    f"[哪几][{_COUNTED}]|哪[一几][{_COUNTED}]?|多少|多久|多(?=[大长高远重深宽厚快])|怎么样|怎么办|怎样|怎么|如何|"
    "是谁|谁的|谁|是否|有没有|请问|(?<![申邀])请(?!假|求)|主要|主题|讨论|提到|介绍|总结|概述|这些|那些|文档|文章|资料|内容|"
    "讲述|讲了|谈到|谈了|说了|有关|关于|以及|吗|呢|的|了|是"
)
_ASKING_EN = re.compile(
    r"(?i)\b(?:what|who|whom|whose|where|when|which|why|how|do|does|did|is|are|was|were|tell|list|describe|explain)\b"
)
_DATE = re.compile(
    r"\b\d{4}s?\b|\b(?:january|february|march|april|june|july|august|september|october|november|december)\b"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\bcentur|\byears?\b|\b\d{1,2}:\d{2}\b"
    r"|[\d一二三四五六七八九十〇零]+[年月日]|世纪",
    re.IGNORECASE,
)
# A single numeral is as often part of a word: 一般, 统一.
_COUNT_CJK = (
    "[一二三四五六七八九十百千万]+分之[一二三四五六七八九十]+|"
    "[一二三四五六七八九十百千万亿两](?=[个名位种人条座次年米岁所家部本篇项元天小分秒倍成期件台款份页卷首届艘辆套场度吨克公里])"
    "|[〇零一二三四五六七八九十百千万亿两壹贰叁肆伍陆柒捌玖拾佰仟]{2,}"
)
_COUNT = rf"{ABOVE_ONE}|dozen|hundred|thousand|million|billion|half|twice|several"
_NUMBER = re.compile(rf"\d|\b(?:one|{_COUNT})\b|{_COUNT_CJK}", re.IGNORECASE)
_REASON = re.compile(
    r"\b(?:because|since|due to|owing to|so that|in order to|therefore|reason|caused?|result(?:s|ed)?|thanks to)\b"
    r"|因|由于|所以|故|为了|导致",
    re.IGNORECASE,
)
_PLACE = re.compile(r"\b(?:in|at|near|from|to|of|on)\s+(?:the\s+)?[A-Z]|located|位于|在|地处|分布|来自|于")
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "number",
        re.compile(
            r"\bhow (?:many|much|old|long|far|tall|high|deep|large|big|often)\b|\bpercentage\b|\bpopulation of\b"
            r"|^which costs?\b"
            r"|^(?:at |for )?what\b.*\b(?:cost|price|charge|fee|sum|budget|amount|salary|temperature|speed)\b"
            r"|多少|几[个名位种人条座次岁天项件份家所款台]|多[大长久高远重深宽厚快]"
        ),
    ),
    (
        "date",
        re.compile(
            r"^(?:\w+ )?when\b|\bwhen (?:did|was|were|is|are|does|do|will)\b|\bwhen\?*$"
            r"|\b(?:what|which) (?:year|date|month|day|century|decade|time)\b"
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
    ("reason", re.compile(r"\bwhy\b|\bwhat (?:caused?|reason)|(?<![称之名作成认视])为什么|为何|原因|死因")),
)
# What a Chinese question begins with, up to its first "的": 量子计算机的工作原理
_SUBJECT_CJK = re.compile(r"([\u3400-\u9fff]{3,12})(?=，)")
_BEGINNING = 40  # characters that show the language of a text
_CUED, _CUED_AT, _RELATING = 1.35, 1.6, 2.0  # factors of a sentence that has what is asked for
_WHERE = frozenset({"in", "at", "on", "near", "from", "to", "into"})
_CUES = {"number": _NUMBER, "date": _DATE, "place": _PLACE, "reason": _REASON}
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)"
)
# Values of a kind as they are written, to tell two answers apart.
_VALUES = {
    "date": re.compile(
        rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}\b|\b{_MONTH} \d{{1,2}}\b"
        r"|\b1\d{3}\b|\b20\d{2}\b|\b\d{1,2}:\d{2}\b|\b\w+ (?:years?|months?|days?) ago\b|"
        r"[\d一二三四五六七八九十〇零]{2,4}年|[一二三四五六七八九元]年|\d{1,2}月(?:\d{1,2}[日号])?"
    ),
    "number": re.compile(
        rf"(?:(?<![a-z_])|(?<=eur|usd|gbp|chf|cny|rmb|jpy))(?:\d[\d,.:]*\d|\d)|\b(?:{_COUNT})\b|{_COUNT_CJK}",
        re.IGNORECASE,
    ),
}
_NO_AMOUNT = frozenset({"several"})  # of "how much"
# Days, hours, versions, pages of a manual and the number of an item, which no question for a number asks for.
_CALENDAR = re.compile(
    r"\A\s*\d{1,3}[.)]\s|\bv?\d+(?:\.\d+){2,}|(?<=\w)\(\d\)|\d{4}年(?:\d{1,2}月)?(?:\d{1,2}[日号])?|\d{1,2}月\d{1,2}[日号]|\d{1,2}日(?=[上下]午|[凌早晚])|\d{1,2}时\d{1,2}分"
)
# "What does Ada Quill do?" asks what she is: a sentence that says what somebody does hardly ever says "does".
_DOES = re.compile(
    r"^\s*what (?:does|do) (?P<subject>[^,;]+?)"
    r"(?:(?<! to) do(?: (?:for (?:a living|work)|professionally))?|(?<!\byou)(?<!\bthey)(?<!he) mean)[\s?]*$",
    re.IGNORECASE,
)
# Who does something, rather than what: ServerAliveInterval and E12 are no persons.
_PERSON = re.compile(r"(?:the )?[A-Z](?!\S*(?:[a-z][A-Z]|[_=\d])\S*$)")
_PAGE = re.compile(r"(?i)\bpages?\b|\bcontents\b|\bchapters\b|\bsections\b|页|目录|哪[一几]?章|哪[一几]?节|几章")
_GIVEN = re.compile(r"(?i)(?:the|my|our|your|its|his|her|their|this|these)\b")
_DEFINES = re.compile(
    r"^\s*(?:who|what)(?:'s| is| are| was| were)\s+(?!.*['’]s\b)"
    r"(?!(?-i:[a-z]+) (?:for|by|to|with)\b)"  # "Who is responsible for …?"
    r"(?!.*(?-i:[A-Z])\w+ (?-i:[a-z]+ing)\b)(?!(?:not )?\w+ed by\b)"  # "What is Ada building?"
    r"(?!.*\b(?:\w+ed|made) (?:of|for|from|to|with)[\s?]*$)"  # "What are lamps made of?"
    r"(?!.*\b(?:when|where|in|at|during|that|which|after|is|was|are|were)\b)(?!the\b.*\b(?:of|that|which|who|in|for)\b)"
    r"|^什么是|^[^的]{1,16}是(?:什么|谁(?![\u3400-\u9fff]*的)|[做干]什么的)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, read.

    `terms` are its content terms (see `text.normalize.terms`); `names` those of each capitalised or quoted name,
    `name_terms` those of all names; `verbs` are the others in all their forms; `words` are all its words, folded;
    `related` gives other forms of a term (die: dead, death); `signs` are those that ask for a sum, a measure or who did
    something, by what says them. `kind` is person, date, number, place, reason, or "". `is_definition`: it asks what
    or who something is. `relation` is whose what it asks for, or empty; `deed` what it asks of somebody's doing.
    """

    text: str
    terms: frozenset[str]
    names: tuple[frozenset[str], ...]
    name_terms: frozenset[str]
    verbs: frozenset[str]
    words: frozenset[str]
    related: Mapping[str, frozenset[str]]
    signs: Mapping[re.Pattern[str], frozenset[str]]
    kind: str
    is_definition: bool
    relation: tuple[str, str]
    is_chinese: bool
    deed: Deed | None

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

    def said_by_sign(self, text: str) -> frozenset[str]:
        """Terms of the question that ask for a sum, a measure or an agent that `text` holds."""
        return frozenset[str]().union(*(said for saying, said in self.signs.items() if saying.search(text)))

    def names_agent(self, line: str) -> bool:
        """Whether a line "Author: Name" names the person who is asked for."""
        is_asked = self.kind == "person" and not self.is_definition
        return is_asked and names_agent(line, (self.verbs, self.name_terms), self.signs)

    def is_in_language_of(self, text: str) -> bool:
        """Whether `text` begins in the language of the question."""
        return has_cjk(text[:_BEGINNING]) == self.is_chinese

    def values(self, text: str) -> frozenset[str]:
        """What `text` holds of the kind that is asked for, and the question does not hold itself."""
        if self.kind == "number" and (units := measured_in_chinese(self.text)):
            text = "".join(match[0] for match in units.finditer(text))
        found = values_of(self.kind, text) - (_NO_AMOUNT if "much" in self.words else frozenset())
        return frozenset(v for v in found if v not in self.text.lower())

    def tells_nothing(self, text: str) -> bool:
        """Whether it asks what somebody did or what became of them, and `text` tells of nothing that happened."""
        if self.is_chinese:
            return asks_for_happening(self.text) and not tells_happening_in_chinese(text)
        does = self.deed is not None and not self.deed.is_passive
        return (does or asks_for_happening(self.text)) and is_entry(text)

    @property
    def asks_for_page(self) -> bool:
        """True where a table of contents may answer: "On which page is chapter 4?"."""
        return _PAGE.search(self.text) is not None

    @property
    def counted(self) -> frozenset[str]:
        """What it asks the number of, in all forms: "How many small boats has Ada?"."""
        if self.is_chinese:
            return self._counted_in_chinese
        match = _COUNTED_EN.search(self.text)
        found = self.terms.intersection(terms(match[1])) if match else frozenset()
        return found.union(*(self.related.get(t, ()) for t in found))

    @property
    def _counted_in_chinese(self) -> frozenset[str]:
        match = _COUNTED_CJK.search(self.text)
        found = terms(match[1]) if match else []
        return frozenset(t for t in found if len(t) == min(2, len(match[1]) if match else 2))

    def counts(self, text: str) -> bool:
        """Whether `text` has a number beside what the question asks the number of."""
        counted = self.counted
        places = [token.start for token in scan(text) if not counted.isdisjoint(terms(token.word))]
        values = [start for start, _ in value_spans("number", text)]
        return any(len(text[min(at, v) : max(at, v)].split()) <= _NEAR_COUNTED for at in places for v in values)

    @property
    def instruction(self) -> Instruction | None:
        """What it asks how to do."""
        return instruction_asked(self.text, self.terms)

    @property
    def attribute(self) -> frozenset[str]:
        """Pairs of characters of what a Chinese question asks for of something: 人口 of 海州市的人口是多少."""
        match = _ATTRIBUTE_CJK.match(self.text) if self.is_chinese else None
        return frozenset(t for t in terms(match[1]) if len(t) > 1) if match else frozenset()

    @property
    def owner(self) -> frozenset[str]:
        """Pairs of characters of whose `attribute` it asks for, where that is one step away: 海州市 of the same."""
        before, of, after = self.text.partition("的")
        is_one_step = bool(of) and "的" not in _ASKED_END_CJK.sub("", after)
        return frozenset(t for t in terms(before) if len(t) > 1) & self.terms if is_one_step else frozenset()

    @property
    def is_general(self) -> bool:
        """True when it names nothing to look for ("What are the main themes?")."""
        return not self.terms

    @property
    def names_only(self) -> bool:
        """True when it names somebody or something and asks nothing in particular: "What happened to the Aurora?"."""
        is_open = not (self.kind or self.is_definition or self.is_chinese)
        return is_open and bool(self.names) and self.terms <= self.name_terms

    def cue(self, sentence: str, around: str) -> float:
        """How much a sentence looks like such an answer: 1 not at all; more with a date, number, name or reason."""
        if self.is_definition:
            return defines(self.subject, sentence, around)
        if self.relation[1]:
            return _RELATING if relates(*self.relation, sentence) else 1.0
        if self.kind == "place" and self._places(sentence):
            return _CUED_AT
        if self.kind == "person":
            is_cued = self._names_another(sentence)
        else:
            is_cued = self.kind in _CUES and _CUES[self.kind].search(sentence) is not None
        return _CUED if is_cued else 1.0

    @property
    def reads_on(self) -> Callable[[str], bool] | None:
        """Whether a passage further down may define what is asked about, or name who stands in that relation.

        None where the best passages will do.
        """
        if self.is_definition:
            return lambda text: may_define(self.subject, text)
        if not self.relation[1]:
            return None
        wanted = frozenset(terms(self.relation[1].split()[-1])) | self.name_terms
        return lambda text: wanted <= frozenset(terms(text))

    @property
    def names_owner(self) -> bool:
        """Whether it asks for a relation of somebody whom it names: "Who is Ada's teacher?"."""
        return bool(self.relation[1]) and frozenset(terms(self.relation[0])) <= self.name_terms

    @property
    def subject(self) -> str:
        """What a definition is asked of."""
        if self.is_chinese:
            return "".join(_ASKING_CJK.sub(" ", self.text).split()).strip("？?。，")
        return _DEFINES.sub("", self.text).strip(" ?.!\"'")

    @property
    def asks_for_meaning(self) -> bool:
        """True of "What is a covered lamp?": "What is the warranty?" asks which one there is, and what it gives."""
        return self.is_definition and _GIVEN.match(self.subject) is None

    def _places(self, sentence: str) -> bool:
        """Whether a word of the question is followed by where: "lived in chambers", "born at Aldmoor"."""
        tokens = scan(sentence)
        for at, token in enumerate(tokens):
            if token.word not in FUNCTION_WORDS and any(t.word in _WHERE for t in tokens[at + 1 : at + 3]):
                said = set(terms(token.word))
                if said & self.verbs:
                    return True
        return False

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


def values_of(kind: str, text: str) -> frozenset[str]:
    """Dates or numbers that `text` holds, as written; of another kind none."""
    if kind not in _VALUES:
        return frozenset()
    text = simplified(text)
    text = _CALENDAR.sub(" ", text) if kind == "number" else text
    return frozenset(fold(match).strip(" ,.") for match in _VALUES[kind].findall(text)) - {""}


def value_spans(kind: str, text: str) -> list[tuple[int, int]]:
    """Where the dates or numbers of `text` stand; of another kind none."""
    return [match.span() for match in _VALUES[kind].finditer(simplified(text))] if kind in _VALUES else []


def read_question(question: str, known_names: Sequence[str] = ()) -> Asked:
    """Read a question in English or Chinese; no capitals tell which of its words in Chinese are `known_names`."""
    is_chinese = has_cjk(question)
    question = simplified(question)  # the words of asking are known in simplified characters
    question = _DOES.sub(lambda m: f"{'Who' if _PERSON.match(m['subject']) else 'What'} is {m['subject']}?", question)
    content = terms(_ASKING_CJK.sub(" ", question) if is_chinese else without_happening(question))
    kept = frozenset(t for t in content if t not in _ASKING_STEMS) | _things(question) | _of_code(question)
    lowered = question.lower()
    kind = next((name for name, pattern in _KINDS if pattern.search(lowered)), "")
    names = tuple(group & kept for group in _names(question, known_names) if group & kept)
    name_terms = frozenset[str]().union(*names)
    deed = deed_asked(question, names, known_names)
    if deed and deed.is_saying and kept and kept <= name_terms | deed.subject:
        kept |= deed.verb  # nothing else is asked for: "What does Ada say?"
    related = {t: _forms_asked(kind, FORMS[t]) for t in sorted(kept) if t in FORMS}
    return Asked(
        question,
        kept,
        names,
        name_terms,
        (kept - name_terms).union(*(forms for t, forms in related.items() if t not in name_terms)),
        frozenset(words(question)),
        related,
        _signs(kind, question, kept),
        kind,
        _DEFINES.search(question) is not None,
        relation_of(question) if kind == "person" else ("", ""),
        is_chinese,
        deed,
    )


def _forms_asked(kind: str, forms: frozenset[str]) -> frozenset[str]:
    """Other forms of a word that say it: "the founder, who came in 2001" does not tell when anything was founded."""
    return frozenset(form for form in forms if not (kind == "date" and form.endswith(("er", "or"))))


def _signs(kind: str, question: str, kept: frozenset[str]) -> Mapping[re.Pattern[str], frozenset[str]]:
    if kind == "person":
        return agents_asked(question, kept)
    return measures_asked(question, kept) if kind == "number" else {}


def question_language(question: str) -> str:
    """The language, "en" or "zh", that a question is asked in, whatever that of the names in it."""
    is_english, is_chinese = _ASKING_EN.search(question), _ASKING_CJK.search(simplified(question))
    if bool(is_english) != bool(is_chinese):
        return "en" if is_english else "zh"
    return prompt_language(question)


def _of_code(question: str) -> frozenset[str]:
    """What the names of code in it consist of: "find" of find_package is no word of asking."""
    return frozenset(t for start, end in identifier_spans(question) for t in terms(question[start:end]))


def _things(question: str) -> frozenset[str]:
    """Terms of the question that look like words of asking and are what it asks about."""
    said = words(question)
    found = [word for word in said if word in _NO_ASKING]
    if _FOUND.search(question):
        found.append("found")
    if _OF_TALK.isdisjoint(said):
        found += _THINGS.findall(question)
        found += [word for word, other in pairwise([*said, "of"]) if word == "key" and other in FUNCTION_WORDS]
    return frozenset(terms(" ".join(found)))


def _names(question: str, known_names: Sequence[str]) -> tuple[frozenset[str], ...]:
    """Terms of each name: capitalised words in a row, a quotation, what a Chinese question begins with."""
    found = [terms(quoted) for quoted in re.findall(r"[\"“《「『]([^\"”》」』]+)[\"”》」』]", question)]
    if subject := _SUBJECT_CJK.match(_ASKING_CJK.sub(" ", question.replace("的", "，", 1)).strip()):
        found.append([t for t in terms(subject[1]) if len(t) > 1])
    found += [[t for t in terms(name) if len(t) > 1] for name in known_names]
    tokens = scan(question)
    start = 0
    for at, token in enumerate(tokens[1:], 1):
        if found and start == at - 1 > 0 and token.word.isdigit() and question[tokens[start].end : token.start] == "-":
            found[-1] += terms(token.word)  # P-7
        if not token.is_capital or token.word in FUNCTION_WORDS:
            continue
        gap = question[tokens[start].end : token.start] if start else ","
        if found and start and set(gap.split()) <= PARTICLES | {"and", "the"} and not tokens[start].is_possessive:
            found[-1] += terms(f"{gap} {token.word}")
        else:
            found.append(terms(token.word))
        start = at
    taken: set[str] = set()
    groups = []
    for group in found:
        groups.append(frozenset(group) - taken)
        taken.update(group)
    return tuple(group for group in groups if group)


def within_words(raw: Mapping[str, float], rarest: float) -> dict[str, float]:
    """Weights of terms without pairs of Chinese characters that are no word of the question.

    A pair that no text holds, beside one that some text does, is the end of one word and the beginning of the next.

    Args:
        raw: By term.
        rarest: The weight of what no text holds.
    """
    pairs = {t for t in raw if len(t) == 2 and has_cjk(t)}
    known = {t for t in pairs if raw[t] < rarest}
    ends, starts = {t[1] for t in known}, {t[0] for t in known}
    return {t: w for t, w in raw.items() if t not in pairs or t in known or (t[0] not in ends and t[1] not in starts)}


_ASKING_STEMS = frozenset(terms(_ASKING)) | frozenset(words(_ASKING))
