"""The same rules for Chinese questions, where there are no words, no word forms and no capitals to go by."""

from __future__ import annotations

import re
from collections.abc import Mapping

from graphrag_lite.query.extractive.refusals import FAINT, OF_ROW, Quoted, Rule, is_deed_of_another
from graphrag_lite.query.extractive.units import whole_cells
from graphrag_lite.query.extractive.weights import share_said
from graphrag_lite.query.extractive.whose_in_chinese import is_of_another
from graphrag_lite.query.headings import label_of
from graphrag_lite.query.instructions import deed_in_chinese
from graphrag_lite.query.lives_in_chinese import asks_origin, tells_origin
from graphrag_lite.text.chinese import chinese_names
from graphrag_lite.text.lexicon_zh import HONORIFICS, SURNAMES
from graphrag_lite.text.normalize import CHINESE_DIGITS, fold, terms
from graphrag_lite.text.variants import simplified

_ANSWERED = 0.52  # of the weight of the question's terms, which quotations have to say themselves
_BESIDE = 4  # characters from a name to what somebody is
# What stands behind an office that is told: 院长为, 院长（, 院长刘刚。
_IS = re.compile(rf"[是为叫系由：:（(]|[{''.join(sorted(SURNAMES))}][\u3400-\u9fff]{{1,2}}(?![\u3400-\u9fff])")
_OFFICES = ("：", ":", "为", "是", *sorted(HONORIFICS))
# What is done at the time that is asked for: 出生 of 陈嘉树是哪年出生的.
_DONE = re.compile(r"(?:何时|什么时候|哪一?[年月日天]|几[年月日点号])(?P<done>[\u3400-\u9fff]{1,8})[？?]*$")
_LABELLED = re.compile("时间|日期|期限|时段")  # 会议时间：5月24日 tells when it is held
_YEAR = re.compile(r"(?<!\d)(?:1\d|20)\d\d(?=年)")


def _has_no_value(quoted: Quoted) -> bool:
    return quoted.asked.kind in ("date", "number") and not quoted.has_values


def _instructs_otherwise(quoted: Quoted) -> bool:
    deed = deed_in_chinese(quoted.asked.text)
    return deed in quoted.weights and not quoted.say_beside([deed])


def _counts_nothing(quoted: Quoted) -> bool:
    counted = quoted.asked.counted
    return bool(counted) and not quoted.say_beside(counted)


def _tells_nobody(quoted: Quoted) -> bool:
    """Whether it is asked who somebody is, and nothing quoted says it."""
    asked = quoted.asked
    is_asked = asked.kind == "person" and asked.is_definition
    return is_asked and not quoted.cued and not any(_says_who(asked.subject, q.text) for q in quoted.quotations)


def _says_who(subject: str, text: str) -> bool:
    """Whether a text tells who holds an office, or which one somebody holds: 院长由陈立功担任, 法定代表人：马丽娟."""
    text = simplified(text)
    names = [(f.start, f.end) for f in chinese_names(text, 0, len(text)) if f.type in ("person", "organization")]
    for match in re.finditer(re.escape(subject[-2:]), text):  # the noun at the end: of 第一医院院长, 院长
        gaps = (max(start - match.end(), match.start() - end) for start, end in names)
        if _IS.match(text, match.end()) or any(0 <= gap <= _BESIDE for gap in gaps):
            return True
    before, _, after = text.partition(subject)
    return len(before) + len(after) < len(text) and before.endswith(_OFFICES)


def _tells_no_origin(quoted: Quoted) -> bool:
    return asks_origin(quoted.asked.text) and not any(tells_origin(q.text) for q in quoted.quotations)


def _tells_other_time(quoted: Quoted) -> bool:
    """Whether each date that is quoted is told of something else than was asked: of a degree, not of a birth."""
    asked = quoted.asked
    match = _DONE.search(asked.text) if asked.kind == "date" else None
    # 项 of 项目何时立项 says nothing of 立项.
    done = (
        asked.terms.intersection(terms(match["done"])).difference(terms(asked.text[: match.start()])) if match else ()
    )
    dated = [q for q in quoted.quotations if q.values]
    is_told = any(_LABELLED.search(q.text) or any(q.says.get(t, 0.0) > FAINT for t in done) for q in dated)
    return bool(done and dated) and not is_told


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
    before = frozenset(terms(f"{label_of(most.passage)}\n{most.passage.headings}\n{most.passage.text[: most.end]}"))
    return not any(2 * len(name & before) >= len(name) for name in asked.names)


def _is_of_other_name(group: Quoted) -> bool:
    held = "\n".join(f"{label_of(q.passage)}\n{q.passage.headings}\n{q.passage.text}" for q in group.quotations)
    return any(is_of_another(group.asked.text, held, q.text) for q in group.quotations)


def _says_too_little(group: Quoted) -> bool:
    is_row = any(q.is_row and whole_cells(group.asked.text, q.text) for q in group.quotations)
    return share_said(group.weights, group.says) < (OF_ROW if is_row else _ANSWERED)


OF_ALL: Mapping[str, Rule] = {
    "no date or number": _has_no_value,
    "not how to do it": _instructs_otherwise,
    "no number of what is counted": _counts_nothing,
    "not who it is": _tells_nobody,
    "not where from": _tells_no_origin,
    "another year": _is_of_other_year,
    "the time of something else": _tells_other_time,
}
OF_GROUP: Mapping[str, Rule] = {
    "another attribute": _is_other_attribute,
    "what another does": is_deed_of_another,
    "of another name": _is_of_other_name,
    "of nobody named": _is_of_nobody_named,
    "too little of it": _says_too_little,
}
