"""Whether what would be quoted answers: what it is refused for, and which kinds of question one rule settles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from graphrag_lite.query.asked import Asked
from graphrag_lite.query.defining import tells_doing
from graphrag_lite.query.extractive import refusals_in_chinese
from graphrag_lite.query.extractive.choose import NAMED, Choice, head
from graphrag_lite.query.extractive.quotations import Quotation, most_said
from graphrag_lite.query.extractive.refusals import FAINT, KINDS, OF_ALL, OF_GROUP, OF_ONE, Quoted, Rule
from graphrag_lite.query.extractive.weights import share_said, without_characters
from graphrag_lite.query.headings import label_of
from graphrag_lite.records import Passage
from graphrag_lite.text.normalize import CHINESE_DIGITS, terms

# Parts of the weight of the question's terms that quotations have to say themselves: one that holds the kind of thing
# that is asked for, another one. Measured on answerable and unanswerable questions of several corpora.
_ANSWERED, _ANSWERED_UNCUED = 0.6, 0.8
_ANSWERED_WITHOUT = 0.9  # where a date or number is asked for and none is quoted: "It was largest under Trajan."
_LONG, _SHORTER = 5, 0.03  # terms from which on each takes off so much: long questions are said in other words
_LEAST_ANSWERED = 0.36
_NEAR = 600  # characters between quotations of a passage that speak of one thing
# What says a time without a date: "under Trajan", "after the war", "in version 3.13".
_WHEN = re.compile(
    r"(?i)\b(?:under|during|after|before|when|whenever|while|until|till|(?<![,;]\s)since|once|as soon as"
    r"|at the (?:time|end|start|beginning)|reign|era|age|period|war|today|yesterday|tomorrow|tonight|now|ago|night"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)?day"
    r"|morning|afternoon|evening|noon|midnight|spring|summer|autumn|winter|christmas|easter|eve|week|weekend|month"
    r"|year|hour|o'clock|daily|every|always|never|(?:version|release) v?\d[\d.]*)s?\b"
)
# A clause that says when something is done, if not at which time: "when the goods arrive damaged".
_CONDITION = re.compile(r"(?i)\b(?:when|if|unless|in case|provided that|as long as)\b[^,;.]*")
# 十二 is no 2; B款 is not A款
_NUMBERED_CJK = re.compile(
    r"(?<![\d十百千])(\d+) ?(号[厅楼馆线机库门院房室车])|(?<![A-Za-z])([A-Z]\d?) ?([款型栋座区])"
)
_VERSION = re.compile(r"(?<![\d.])\d+(?:\.\d+)+")
_YEAR_ASKED = re.compile(r"(?i)\b(?:year|date)\b")
_SOON = 3  # words: "before founding the yard", "after he founded it" tell no time of that
_SPANS = frozenset({"often", "long"})  # how they are asked for
_OF_TWO_STEPS = 2  # terms beside names that a question has at least which one passage begins and another ends


def refusal(choice: Choice, chosen: Sequence[Quotation], weights: Mapping[str, float]) -> str:
    """The name of the rule by which quotations answer nothing; "" where they answer.

    They have to say most of what is asked themselves, not only the passages around them.

    Args:
        choice: Of which they were chosen.
        chosen: The quotations.
        weights: How much each term of the question tells; sum 1.
    """
    asked = choice.asked
    if not chosen:
        return "nothing quoted"
    if _is_of_other_version(asked, chosen):
        return "another version"
    reasons = [_first(OF_ONE, asked, q) for q in chosen]
    kept = [q for q, reason in zip(chosen, reasons, strict=True) if not reason]
    if not kept:
        return reasons[0]
    quoted = Quoted(choice, kept, without_characters(weights) if asked.is_chinese else weights)
    if asked.is_chinese:
        reason = _first(refusals_in_chinese.OF_ALL, quoted)
        return reason or _of_groups(refusals_in_chinese.OF_GROUP, quoted, _connected(choice, kept))
    for name, (is_asked, is_told) in _SETTLED.items():
        if is_asked(quoted):
            return "" if is_told(quoted) else name
    if name := _first(OF_ALL, quoted):
        return name
    quoted = replace(quoted, least=_least(quoted))
    if asked.kind in ("date", "number") and not quoted.has_values:
        kept = [q for q in kept if share_said(weights, q.says) >= _ANSWERED_WITHOUT and _tells_time(asked, q.text)]
    # Of two that tell how to do something, one would tell of doing it, one of another thing.
    groups = [[q] for q in kept] if choice.instruction else _connected(choice, kept)
    return _of_groups(OF_GROUP, quoted, groups)


def _first(rules: Mapping[str, Callable[..., bool]], *what: object) -> str:
    return next((name for name, refuses in rules.items() if refuses(*what)), "")


def _of_groups(rules: Mapping[str, Rule], quoted: Quoted, groups: Iterable[Sequence[Quotation]]) -> str:
    """The name of the rule that refuses the first group; "" where one group is refused by none."""
    reasons = []
    for group in groups:
        reason = _first(rules, replace(quoted, quotations=group, says=most_said(q.says for q in group)))
        if not reason:
            return ""
        reasons.append(reason)
    return reasons[0] if reasons else "no date or number"


def _is_of_other_version(asked: Asked, chosen: Sequence[Quotation]) -> bool:
    """Whether what is quoted, and what it stands in, lacks a version that is asked about: "3.0" is not "2.3.0"."""
    versions, halls = _VERSION.findall(asked.text), _numbered(asked.text)
    if not (versions or halls):
        return False
    text = " ".join(map(_around, chosen))
    if not halls <= _numbered(text):
        return True  # hall 2 is not hall 1
    return not all(re.search(rf"(?<![\d.]){re.escape(v)}(?![\d])", text) for v in versions)


def _around(q: Quotation) -> str:
    """What may say of which version a quotation is: its passage, or of an entry of a log that alone."""
    if q.entry:
        passage, *span = q.entry
        return f"{q.passage.title} {passage.text[slice(*span)]} {q.text}"
    return f"{q.passage.title} {q.passage.headings} {q.passage.text}"


def _numbered(text: str) -> frozenset[tuple[str, str]]:
    return frozenset(_NUMBERED_CJK.findall(text.translate(CHINESE_DIGITS)))


def _least(quoted: Quoted) -> float:
    """How much of the question has to be said: less where the kind of thing that is asked for is there."""
    asked = quoted.asked
    # A reason is often told without a word for it.
    telling = quoted.quotations if asked.kind == "reason" else quoted.cued
    least = _ANSWERED if asked.kind not in KINDS or _says_first(asked, telling) else _ANSWERED_UNCUED
    return max(_LEAST_ANSWERED, least - _SHORTER * max(0, len(asked.terms) - _LONG))


def _says_first(asked: Asked, quoted: Sequence[Quotation]) -> bool:
    """Whether one of some quotations says what is asked first: "managed" of "Who managed the plant …?"."""
    first = asked.deed.verb & asked.terms if asked.deed else head(asked)
    return any(not first or any(q.says.get(t, 0.0) > FAINT for t in first) for q in quoted)


def _tells_time(asked: Asked, text: str) -> bool:
    """Whether a time is asked for that need not be a date or number, and told in other words than the question's."""
    is_open = not _YEAR_ASKED.search(asked.text) if asked.kind == "date" else not _SPANS.isdisjoint(asked.words)
    if not is_open:
        return False
    told = (match for match in _WHEN.finditer(text) if match[0].lower() not in asked.words)
    is_told = any(asked.verbs.isdisjoint(terms(" ".join(text[match.end() :].split()[:_SOON]))) for match in told)
    return is_told or (asked.kind == "date" and _tells_condition(asked, text))


def _tells_condition(asked: Asked, text: str) -> bool:
    """Whether it is told on which condition what is asked is done: "Ring when the pump starts" tells of ringing."""
    conditions = [match[0] for match in _CONDITION.finditer(text)]
    rest = asked.verbs.intersection(terms(_CONDITION.sub(" ", text)))
    return bool(conditions) and asked.verbs.intersection(terms(" ".join(conditions))) <= rest


def _asks_who(quoted: Quoted) -> bool:
    return quoted.asked.kind == "person" and quoted.asked.is_definition


def _tells_who(quoted: Quoted) -> bool:
    return bool(quoted.cued) or tells_doing(quoted.asked.subject, quoted.quotations[0].text)


def _asks_meaning_untold(quoted: Quoted) -> bool:
    """Whether it is asked what something is, and nothing quoted looks like a definition."""
    return quoted.asked.asks_for_meaning and not quoted.cued


def _tells_meaning(quoted: Quoted) -> bool:
    asked = quoted.asked
    return any(
        _is_headed(asked, q.passage) or (asked.names and tells_doing(asked.subject, q.text)) for q in quoted.quotations
    )


def _is_headed(asked: Asked, passage: Passage) -> bool:
    """Whether a passage stands under what is asked about: there, what something is need not be said of it by name."""
    return asked.terms <= frozenset(terms(f"{passage.headings} {label_of(passage)}"))


def _names_related(quoted: Quoted) -> bool:
    owner = frozenset(terms(quoted.asked.relation[0]))
    return any(owner & q.says.keys() for q in quoted.cued)


def _connected(choice: Choice, chosen: Sequence[Quotation]) -> list[list[Quotation]]:
    """The quotations in groups that lead to one another or stand together."""
    groups: list[list[Quotation]] = []
    for q in chosen:
        near = [group for group in groups if any(_belong(choice, q, other) for other in group)]
        groups = [group for group in groups if group not in near] + [[*(o for group in near for o in group), q]]
    return groups


def _belong(choice: Choice, one: Quotation, other: Quotation) -> bool:
    if one.passage is other.passage:
        if one.is_of_other_record(other) or one.is_row != other.is_row:
            return False
        return max(one.start, other.start) - min(one.end, other.end) <= _NEAR
    if len(choice.asked.terms - choice.asked.name_terms) < _OF_TWO_STEPS and not choice.asked.is_chinese:
        return False  # "Who founded the Aurora?" is no question of two steps
    named = [q for q in (one, other) if any(q.says.get(t, 0.0) >= NAMED for t in choice.asked.name_terms)]
    if len(named) == 1:  # what is asked about leads to another, and not the other way round
        one, other = named[0], other if named[0] is one else one
        return bool(choice.links.between(one, other))
    return bool(choice.links.between(one, other) or choice.links.between(other, one))


# Questions that are settled by whether the thing itself is told: when they are, and whether it is.
_SETTLED: Mapping[str, tuple[Rule, Rule]] = {
    "nobody in the relation": (lambda quoted: quoted.asked.names_owner, _names_related),
    "not who it is": (_asks_who, _tells_who),
    "not what it is": (_asks_meaning_untold, _tells_meaning),
}
