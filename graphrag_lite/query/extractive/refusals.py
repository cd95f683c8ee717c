"""Rules by which quotations answer nothing, each with its name and its reason; the tables stand at the end.

Quotations can say most of the words of a question and still tell something else: of another year, of another's deed, of
something that is done without telling who does it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from graphrag_lite.query.agents import leaves_out_agent
from graphrag_lite.query.asked import Asked
from graphrag_lite.query.extractive.choose import Choice, beside_head, head
from graphrag_lite.query.extractive.quotations import OF_ANOTHER, Quotation
from graphrag_lite.query.extractive.support import held_by
from graphrag_lite.query.extractive.tables import text_of
from graphrag_lite.query.extractive.units import first_cell
from graphrag_lite.query.extractive.weights import holds_names, share_held, share_said, without_parts
from graphrag_lite.query.extractive.whose import is_elsewhere
from graphrag_lite.query.headings import label_of
from graphrag_lite.query.identifiers import has_identifiers_of
from graphrag_lite.query.measures import gives_age
from graphrag_lite.query.numbered import is_of_other_number
from graphrag_lite.query.options import has_options_of, option_asked
from graphrag_lite.query.things import things_asked
from graphrag_lite.query.whereabouts import is_placed, thing_placed
from graphrag_lite.text.normalize import terms
from graphrag_lite.text.sentences import sentence_spans

KINDS = ("date", "number", "person", "place", "reason")  # of an answer that is told apart from others
FAINT = 0.3  # up to which a term is not said, only not far away
_VERBS = 0.2  # of what the terms weigh that are no names, unless so much is said
_PLAINLY = 0.8
_CHAINED = 0.1  # what passages that lead to one another have to say more of it: each says something of anything
# What only the sentence before tells, and whom only that one names, where the quotation does not point back to it.
_TOLD_BEFORE, _NAMED_BEFORE = 0.6, 0.4
OF_ROW = 0.4  # what a row of the very thing that is asked about has to say: the table tells the rest
_SAID_BESIDE = 0.7
_YEAR_EN = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_EXTREME = re.compile(
    r"(?i)\b(largest|biggest|smallest|highest|lowest|longest|shortest|oldest|newest|youngest|greatest|fewest|heaviest"
    r"|lightest|fastest|slowest|cheapest|strongest|deepest|tallest|widest|maximum|minimum|default)\s+([a-z]+)"
)
_WHICH = re.compile(r"(?i)\b(?:which|what) ([^\W\d_]+)\b(?! of\b)")
_MOST = re.compile(r"(?i)\b(?:most|least|fewest|\w+est)\b")
# "What is the budget of the trip?": of "the population of the capital of Norway" the thing is to be found first.
_OF_THING = re.compile(r"(?i)\s*what (?:is|was|are|were) the ([\w -]+?) of ((?:(?! of )[\w -])+?)\s*\?*$")


@dataclass(frozen=True, slots=True)
class Quoted:
    """What would be quoted of a question, or a group of it that belongs together.

    `weights` are those of the question's terms; `says` is how far the quotations say each, and `least` how much of it
    all they have to say, where they are such a group.
    """

    choice: Choice
    quotations: Sequence[Quotation]
    weights: Mapping[str, float]
    says: Mapping[str, float] = field(default_factory=dict)
    least: float = 1.0

    @property
    def asked(self) -> Asked:
        """The question."""
        return self.choice.asked

    @property
    def cued(self) -> list[Quotation]:
        """Those that hold the kind of thing that is asked for."""
        return [q for q in self.quotations if self.choice.cue[id(q)] > 1.0]

    @property
    def has_values(self) -> bool:
        """Whether one holds a date or number of the kind that is asked for."""
        return any(q.values for q in self.quotations)

    def say_beside(self, wanted: Iterable[str]) -> bool:
        """Whether one says one of some terms, if only by what stands around it."""
        return any(q.says.get(t, 0.0) >= _SAID_BESIDE for t in wanted for q in self.quotations)


Rule = Callable[[Quoted], bool]


def _repeats_question(asked: Asked, q: Quotation) -> bool:
    """Whether it says no more than the question: "Absent: Ned" tells nothing of why Ned is absent."""
    return asked.kind in KINDS and q.own <= asked.reach and not (q.entry and q.values)


def _is_of_other_option(asked: Asked, q: Quotation) -> bool:
    if not has_options_of(asked.text, f"{q.passage.headings}\n{q.text}"):
        return True
    option = option_asked(asked.text)  # -e of curl is none of "set -e"
    return option is not None and not option.is_of_command(f"{label_of(q.passage)}\n{q.passage.headings}", q.text)


def _is_of_other_identifier(asked: Asked, q: Quotation) -> bool:
    """Whether what is quoted, and what it stands in, has a name of code only as a part of others."""
    return not has_identifiers_of(asked.text, label_of(q.passage), q.passage.headings, q.passage.text)


def _is_of_other_number(asked: Asked, q: Quotation) -> bool:
    passage, *span = q.entry or (q.passage, 0, 0)
    return not asked.is_chinese and is_of_other_number(asked.text, f"{passage.text[slice(*span)]}\n{q.text}")


def _is_elsewhere(asked: Asked, q: Quotation) -> bool:
    return bool(asked.names) and not asked.is_chinese and is_elsewhere(asked, q.text)


def _is_of_other_year(quoted: Quoted) -> bool:
    """Whether what says most beside the names and years speaks of other years: the revenue of the next one."""
    asked, chosen = quoted.asked, quoted.quotations
    asked_years = frozenset(_YEAR_EN.findall(asked.text))
    if not asked_years or asked.kind == "date" or any(q.passage is not chosen[0].passage for q in chosen):
        return False
    rest = {t: w for t, w in quoted.weights.items() if t not in asked.name_terms and t not in asked_years}
    sentences = [q.text[start:end] for q in chosen for start, end in sentence_spans(q.text)]
    most = max(sentences, key=lambda text: share_held(rest, frozenset(terms(text))), default="")
    said = frozenset(_YEAR_EN.findall(most) or _YEAR_EN.findall(" ".join(sentences)))  # quoted with it
    return bool(said) and not any(min(said) <= year <= max(said) for year in asked_years)


def _is_of_other_extreme(quoted: Quoted) -> bool:
    """Whether nothing that is quoted says the extreme with its noun: of the largest capacity, not the largest sum."""
    if not (match := _EXTREME.search(quoted.asked.text)):
        return False
    extreme, noun = (frozenset(terms(part)) for part in match.groups())
    if not (extreme and noun) or not (extreme | noun) <= quoted.asked.terms:
        return False
    return not any(all(q.says.get(t, 0.0) >= _SAID_BESIDE for t in extreme | noun) for q in quoted.quotations)


def _counts_nothing(quoted: Quoted) -> bool:
    """Whether none gives a number of what is counted; in a table the column or another line may name that."""
    asked = quoted.asked
    counted = asked.counted
    return bool(counted) and not any(
        asked.counts(q.text) or (bool(q.is_row or q.record) and not counted.isdisjoint(q.says))
        for q in quoted.quotations
    )


def _gives_no_age(quoted: Quoted) -> bool:
    return not any(gives_age(quoted.asked.text, q.text) for q in quoted.quotations)


def _instructs_otherwise(group: Quoted) -> bool:
    """Whether it does not tell how to do what is asked."""
    instruction = group.choice.instruction
    return instruction is not None and not any(instruction.is_given(q.text, q.says) for q in group.quotations)


def _gives_no_remedy(group: Quoted) -> bool:
    """Whether it only says again what the trouble is."""
    return group.asked.asks_for_remedy and not group.cued


def _is_row_of_nobody(group: Quoted) -> bool:
    """Whether it has a row, which tells of nobody whom it does not name, and does not name whom is asked about."""
    is_row = any(q.is_row or q.record for q in group.quotations)
    return is_row and not holds_names(group.asked, group.weights, frozenset(group.says))


def is_deed_of_another(group: Quoted) -> bool:
    """Whether it is only told of another; or not told of the one named, where that alone, or what is said, is asked."""
    asked = group.asked
    if asked.deed is None or not (verb := asked.deed.verb & asked.terms):
        return False
    told_in = group.quotations
    if asked.kind in ("date", "number") and group.has_values:
        told_in = [q for q in told_in if q.values]  # a date that is told of something else
    told = [max(q.says.get(t, 0.0) for t in verb) for q in told_in]
    is_all = without_parts(asked.terms - asked.name_terms - asked.deed.subject) <= verb
    if is_all or (asked.deed.is_saying and asked.deed.is_to_somebody):
        named = [min(q.says.get(t, 0.0) for t in asked.deed.subject) for q in told_in]
        return not any(t > _TOLD_BEFORE and n > _NAMED_BEFORE for t, n in zip(told, named, strict=True))
    return max(told) == OF_ANOTHER


def _is_done_to_another(group: Quoted) -> bool:
    """Whether one passage tells who did what is asked, and only another names to whom: "Who taught Ada to read?"."""
    done, named = head(group.asked), beside_head(group.asked)
    telling = [q.passage for q in group.quotations if any(q.says.get(t, 0.0) > FAINT for t in done)]
    naming = [q.passage for q in group.quotations if any(q.says.get(t, 0.0) > 0.0 for t in named)]
    return bool(named and telling) and not any(one is other for one in telling for other in naming)


def _leaves_out_who(group: Quoted) -> bool:
    text = "\n".join(q.text for q in group.quotations)
    return "who" in group.asked.words and leaves_out_agent(group.asked.text, text)


def _tells_no_place(group: Quoted) -> bool:
    """Whether it is asked where something is, and nothing says it of that: at its foot an eel was released."""
    thing = thing_placed(group.asked.text)
    told = [q for q in group.quotations if q.is_row or q.record or is_placed(thing, q.text)]
    return bool(thing) and group.asked.kind == "place" and not told


def _is_same_of_another(group: Quoted) -> bool:
    """Whether a number that is asked for of one thing is told of another, or in another section: that of the mural."""
    match = _OF_THING.match(group.asked.text) if group.asked.kind == "number" else None
    if match is None:
        return False
    what, thing = (group.asked.terms.intersection(terms(part)) for part in match.groups())
    telling = [q for q in group.quotations if any(q.says.get(t, 0.0) >= _SAID_BESIDE for t in what)]
    naming = [q for q in group.quotations if not thing.isdisjoint(q.says)]
    return bool(thing and telling) and not any(
        q in naming or (f"{match[1].split()[-1]} of " not in q.text and any(_is_in_section(q, of) for of in naming))
        for q in telling
    )


def _knows_nothing_of_thing(group: Quoted) -> bool:
    """Whether a thing that the question speaks of is in no passage of it: the rate of a boat is none of the clerks."""
    asked = group.asked
    unsaid = {t for t in asked.terms if group.says.get(t, 0.0) <= FAINT}
    things = [thing for word in things_asked(asked.text) if unsaid & (thing := frozenset(terms(word)))]
    held = frozenset[str]().union(*(held_by(q.passage, asked) for q in group.quotations)) if things else frozenset()
    return any(held.isdisjoint(thing) for thing in things)


def _knows_nothing_of_name(group: Quoted) -> bool:
    """Whether a name of the question is whole in none of its passages: the Yard of Leith is not that of Falkirk."""
    asked = group.asked
    said = ((q, {t for t, share in q.says.items() if share > FAINT}) for q in group.quotations)
    known = [held_by(q.passage, asked) | terms_ for q, terms_ in said]
    return any(not any(name & asked.terms <= held for held in known) for name in asked.names)


def _is_in_section(one: Quotation, other: Quotation) -> bool:
    """Whether both stand in one passage, and no heading between them."""
    first, last = sorted(((one.start, one.end), (other.start, other.end)))
    return one.passage is other.passage and "\n#" not in one.passage.text[first[1] : last[0]]


def _is_cell_asked(asked: Asked, q: Quotation) -> bool:
    """Whether a row has the column that "Which system does it run?" asks for, and says all else but what is done."""
    match = _WHICH.search(asked.text)
    if match is None or not q.columns or _MOST.search(asked.text):
        return False
    column = frozenset(terms(match[1]))
    unsaid = {t for t in asked.terms - column if q.says.get(t, 0.0) < _SAID_BESIDE}
    is_of_column = bool(column) and column <= frozenset(terms(text_of(q.columns)))
    may_go_unsaid = len(unsaid) <= 1 and unsaid.isdisjoint(asked.name_terms) and not any(map(str.isdigit, unsaid))
    return is_of_column and may_go_unsaid and not q.own.isdisjoint(asked.terms - column)


def _is_row_asked(asked: Asked, q: Quotation) -> bool:
    """Whether a row is that of the very thing that is asked about, and so what it tells is told of it."""
    named = frozenset(terms(first_cell(q.text))) if q.is_row else frozenset()
    return bool(named) and named <= asked.terms


def _says_too_little(group: Quoted) -> bool:
    """Whether too little of the question is said, or hardly anything of it but names."""
    if any(_is_cell_asked(group.asked, q) for q in group.quotations):
        return False
    said = share_said(group.weights, group.says)
    first = group.quotations[0].passage
    least = min(group.least, OF_ROW) if any(_is_row_asked(group.asked, q) for q in group.cued) else group.least
    if said < least + (_CHAINED if any(q.passage is not first for q in group.quotations) else 0.0):
        return True
    verbs = {t: w for t, w in group.weights.items() if t not in group.asked.name_terms}
    return said < _PLAINLY and share_said(verbs, group.says) < _VERBS * math.fsum(verbs.values())


# What one quotation is left out for.
OF_ONE: Mapping[str, Callable[[Asked, Quotation], bool]] = {
    "the question again": _repeats_question,
    "another option": _is_of_other_option,
    "another name of code": _is_of_other_identifier,
    "another number": _is_of_other_number,
    "the same thing elsewhere": _is_elsewhere,
}
# What all quotations together are refused for, and then each group of them that belongs together.
OF_ALL: Mapping[str, Rule] = {
    "another year": _is_of_other_year,
    "another extreme": _is_of_other_extreme,
    "no number of what is counted": _counts_nothing,
    "no age": _gives_no_age,
}
OF_GROUP: Mapping[str, Rule] = {
    "not how to do it": _instructs_otherwise,
    "not what to do": _gives_no_remedy,
    "a row of nobody named": _is_row_of_nobody,
    "what another does": is_deed_of_another,
    "what is done to another": _is_done_to_another,
    "not who does it": _leaves_out_who,
    "not where it is": _tells_no_place,
    "the same of another": _is_same_of_another,
    "nothing of a thing": _knows_nothing_of_thing,
    "nothing of a name": _knows_nothing_of_name,
    "too little of it": _says_too_little,
}
