"""What a question asks for, read from its words: content terms, names, the kind of answer, the language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from graphrag_lite.prompts import prompt_language
from graphrag_lite.query.agents import agents_asked, names_agent
from graphrag_lite.query.asked_in_chinese import (
    as_definition_in_chinese,
    asks_in_chinese,
    attribute_in_chinese,
    defines_in_chinese,
    matter_in_chinese,
    opening_in_chinese,
    owner_in_chinese,
    subject_in_chinese,
)
from graphrag_lite.query.asking import asks_in_english, of_the_matter, without_contractions
from graphrag_lite.query.counting import OF_ONE_KIND, counted_asked, counted_in_chinese, counts
from graphrag_lite.query.deeds import Deed, deed_asked
from graphrag_lite.query.defining import as_definition, asks_to_define, defines, is_given, may_define, subject_asked
from graphrag_lite.query.happenings import asks_for_happening, is_entry, tells_happening_in_chinese, without_happening
from graphrag_lite.query.instructions import Instruction, instruction_asked, is_headed
from graphrag_lite.query.labels_in_chinese import label_asked
from graphrag_lite.query.lives_in_chinese import asks_origin, life_asked, tells_origin
from graphrag_lite.query.measures import measured_in_chinese, measures_asked
from graphrag_lite.query.options import option_asked
from graphrag_lite.query.relating import relates, relation_of
from graphrag_lite.query.remedies import asks_for_remedy
from graphrag_lite.query.values import kind_of_answer, looks_like, values_of
from graphrag_lite.query.whereabouts import is_placed, thing_placed
from graphrag_lite.text.forms import FORMS
from graphrag_lite.text.lexicon import FUNCTION_WORDS, PARTICLES
from graphrag_lite.text.normalize import has_cjk, scan, terms, words
from graphrag_lite.text.variants import simplified

_BEGINNING = 40  # characters that show the language of a text
_CUED, _CUED_AT, _RELATING = 1.35, 1.6, 2.0  # factors of a sentence that has what is asked for
_WHERE = frozenset({"in", "at", "on", "near", "from", "to", "into"})
_NO_AMOUNT = frozenset({"several"})  # of "how much"
_PAGE = re.compile(r"(?i)\bpages?\b|\bcontents\b|\bchapters\b|\bsections\b|页|目录|哪[一几]?章|哪[一几]?节|几章")


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
            text = "".join(match[0] for match in units.finditer(simplified(text)))
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
            return counted_in_chinese(self.text)
        found = self.terms & counted_asked(self.text)
        return found.union(*(self.related.get(t, ()) for t in found - OF_ONE_KIND))

    def counts(self, text: str) -> bool:
        """Whether `text` has a number beside what the question asks the number of."""
        return counts(self.counted, text)

    @property
    def instruction(self) -> Instruction | None:
        """What it asks how to do."""
        return instruction_asked(self.text, self.terms)

    @property
    def asks_for_remedy(self) -> bool:
        """Whether it asks what to do about a trouble."""
        return not self.is_chinese and asks_for_remedy(self.text)

    @property
    def attribute(self) -> frozenset[str]:
        """Pairs of characters of what a Chinese question asks for of something: 人口 of 海州市的人口是多少."""
        return attribute_in_chinese(self.text) if self.is_chinese else frozenset()

    @property
    def owner(self) -> frozenset[str]:
        """Pairs of characters of whose `attribute` it asks for, where that is one step away: 海州市 of the same."""
        return owner_in_chinese(self.text) & self.terms

    @property
    def label(self) -> str:
        """What a Chinese question asks for by a noun alone: 项目经理 of 项目经理是谁."""
        return label_asked(self.text) if self.is_chinese else ""

    @property
    def matter(self) -> str:
        """What it asks about: in Chinese with spaces for its words of asking and of grammar."""
        return matter_in_chinese(self.text) if self.is_chinese else self.text

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
        if self.kind == "place" and asks_origin(self.text):
            return _CUED_AT if tells_origin(sentence) else 1.0
        if self.kind == "place" and (thing := thing_placed(self.text)):
            return _CUED_AT if is_placed(thing, sentence) else 1.0
        if self.kind == "place" and self._places(sentence):
            return _CUED_AT
        is_cued = self._names_another(sentence) if self.kind == "person" else looks_like(self.kind, sentence)
        return _CUED if is_cued else 1.0

    @property
    def reads_on(self) -> Callable[[str], bool] | None:
        """Whether a passage further down may define what is asked about, tell how to do it, or name who stands so.

        None where the best passages will do.
        """
        if self.is_definition:
            return lambda text: may_define(self.subject, text)
        if self.instruction:
            return lambda text: is_headed(self.terms, text)
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
        if option := option_asked(self.text):
            return option.spelling
        return subject_in_chinese(self.text) if self.is_chinese else subject_asked(self.text)

    @property
    def asks_for_meaning(self) -> bool:
        """True of "What is a covered lamp?": "What is the warranty?" asks which one there is, and what it gives."""
        return self.is_definition and not is_given(self.subject)

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


def read_question(question: str, known_names: Sequence[str] = ()) -> Asked:
    """Read a question in English or Chinese; no capitals tell which of its words in Chinese are `known_names`."""
    is_chinese = has_cjk(question)
    question = simplified(question)  # the words of asking are known in simplified characters
    question = as_definition_in_chinese(question) if is_chinese else as_definition(without_contractions(question))
    kept = of_the_matter(question, terms(matter_in_chinese(question) if is_chinese else without_happening(question)))
    kind = kind_of_answer(question)
    names = tuple(group & kept for group in _names(question, known_names) if group & kept)
    name_terms = frozenset[str]().union(*names)
    deed = deed_asked(question, names, known_names)
    if deed and deed.is_saying and kept and (deed.is_to_somebody or kept <= name_terms | deed.subject):
        kept |= deed.verb  # no matter is asked for: "What does Ada say?", "What does Ada say to Ned?"
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
        asks_to_define(question) or defines_in_chinese(question),
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
    measures = measures_asked(question, kept) if kind == "number" else {}
    return {**measures, **life_asked(kind, kept)}


def question_language(question: str) -> str:
    """The language, "en" or "zh", that a question is asked in, whatever that of the names in it."""
    is_english, is_chinese = asks_in_english(question), asks_in_chinese(simplified(question))
    if is_english != is_chinese:
        return "en" if is_english else "zh"
    return prompt_language(question)


def _names(question: str, known_names: Sequence[str]) -> tuple[frozenset[str], ...]:
    """Terms of each name: capitalised words in a row, a quotation, what a Chinese question begins with."""
    found = [terms(quoted) for quoted in re.findall(r"[\"“《「『]([^\"”》」』]+)[\"”》」』]", question)]
    found.append(opening_in_chinese(question))
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
