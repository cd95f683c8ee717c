"""The same rules for Chinese questions, where there are no words, no word forms and no capitals to go by."""

from __future__ import annotations

import re
from collections.abc import Mapping

from graphrag_lite.query.extractive.refusals import Quoted, Rule, is_deed_of_another
from graphrag_lite.query.extractive.weights import share_said
from graphrag_lite.query.instructions import deed_in_chinese
from graphrag_lite.text.normalize import CHINESE_DIGITS, fold, terms

_ANSWERED = 0.55  # of the weight of the question's terms, which quotations have to say themselves
_YEAR = re.compile(r"(?<!\d)(?:1\d|20)\d\d(?=年)")


def _has_no_value(quoted: Quoted) -> bool:
    return quoted.asked.kind in ("date", "number") and not quoted.has_values


def _instructs_otherwise(quoted: Quoted) -> bool:
    deed = deed_in_chinese(quoted.asked.text)
    return deed in quoted.weights and not quoted.say_beside([deed])


def _counts_nothing(quoted: Quoted) -> bool:
    counted = quoted.asked.counted
    return bool(counted) and not quoted.say_beside(counted)


def _is_of_other_year(quoted: Quoted) -> bool:
    """Whether the passages lack a year that is asked about: the profit of another year answers nothing."""
    held = "\n".join(f"{q.passage.title}\n{q.passage.text}" for q in quoted.quotations)
    return not _years(quoted.asked.text) <= _years(held)


def _years(text: str) -> frozenset[str]:
    return frozenset(_YEAR.findall(fold(text).translate(CHINESE_DIGITS)))


def _is_other_attribute(group: Quoted) -> bool:
    attribute = group.asked.attribute
    return bool(attribute) and attribute.isdisjoint(group.says)


def _is_of_nobody_named(group: Quoted) -> bool:
    """Whether what says most of the rest of a question, and the text up to there, speaks of none whom it names."""
    asked = group.asked
    rest = {t: w for t, w in group.weights.items() if t not in asked.name_terms}
    most = max(group.quotations, key=lambda q: share_said(rest, q.says))
    if not asked.names or any(q.passage is not most.passage for q in group.quotations):
        return False  # another passage leads to it
    before = frozenset(terms(f"{most.passage.title}\n{most.passage.text[: most.end]}"))
    return not any(2 * len(name & before) >= len(name) for name in asked.names)


def _says_too_little(group: Quoted) -> bool:
    return share_said(group.weights, group.says) < _ANSWERED


OF_ALL: Mapping[str, Rule] = {
    "no date or number": _has_no_value,
    "not how to do it": _instructs_otherwise,
    "no number of what is counted": _counts_nothing,
    "another year": _is_of_other_year,
}
OF_GROUP: Mapping[str, Rule] = {
    "another attribute": _is_other_attribute,
    "what another does": is_deed_of_another,
    "of nobody named": _is_of_nobody_named,
    "too little of it": _says_too_little,
}
