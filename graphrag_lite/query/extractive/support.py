"""Whether there is an answer: in the passages, and then in what would be quoted of them."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from graphrag_lite.query.agents import leaves_out_agent
from graphrag_lite.query.asked import Asked, within_words
from graphrag_lite.query.defining import tells_doing
from graphrag_lite.query.extractive.choose import NAMED, Choice, beside_head, head
from graphrag_lite.query.extractive.quotations import OF_ANOTHER, Quotation, most_said
from graphrag_lite.query.extractive.whose import is_elsewhere
from graphrag_lite.query.headings import label_of
from graphrag_lite.query.instructions import Instruction, deed_in_chinese
from graphrag_lite.query.measures import gives_age
from graphrag_lite.query.options import asks_for_option, has_options_of
from graphrag_lite.records import Passage
from graphrag_lite.text.normalize import CHINESE_DIGITS, fold, has_cjk, names_of, terms, title_names
from graphrag_lite.text.sentences import sentence_spans

# Parts of the weight of the question's terms. Measured on answerable and unanswerable questions of several corpora:
# one passage alone should hold the first; or the second, if another that it leads to brings the sum to the third.
_ENOUGH_ALONE = 0.45
_ENOUGH_TO_LEAD_ON = 0.33
_ENOUGH_TOGETHER = 0.6
# What the quotations have to say themselves of it: one that holds the kind of thing that is asked for, another one.
_ANSWERED, _ANSWERED_UNCUED = 0.6, 0.8
_ANSWERED_WITHOUT = 0.9  # where a date or number is asked for and none is quoted: "It was largest under Trajan."
_ANSWERED_CHINESE = 0.55
_LONG, _SHORTER = 5, 0.03  # terms from which on each takes off so much: long questions are said in other words
_LEAST_ANSWERED = 0.36
_VERBS = 0.2  # of what the terms weigh that are no names, unless so much is said
_PLAINLY = 0.8
_NEAR = 600  # characters between quotations of a passage that speak of one thing
_NAME = 1.5  # how much more a name weighs than another term as rare
# What the closest passages have to hold and the quotation to say where none answers: of a question without names, of
# one with names, which are held; of a Chinese one, where pairs of characters across two words stand in no text.
_NEARBY, _NEARBY_NAMED, _NEARBY_CHINESE = (0.4, 0.3), (0.25, 0.2), (0.3, 0.25)
_YEAR = re.compile(r"(?<!\d)(?:1\d|20)\d\d(?=年)")
_YEAR_EN = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_EXTREME = re.compile(
    r"(?i)\b(largest|biggest|smallest|highest|lowest|longest|shortest|oldest|newest|youngest|greatest|fewest|heaviest"
    r"|lightest|fastest|slowest|cheapest|strongest|deepest|tallest|widest|maximum|minimum|default)\s+([a-z]+)"
)
# What says a time without a date: "under Trajan", "after the war", "in version 3.13".
_WHEN = re.compile(
    r"(?i)\b(?:under|during|after|before|when|whenever|while|until|till|(?<![,;]\s)since|once|as soon as"
    r"|at the (?:time|end|start|beginning)|reign|era|age|period|war|today|yesterday|tomorrow|tonight|now|ago|night"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)?day"
    r"|morning|afternoon|evening|noon|midnight|spring|summer|autumn|winter|christmas|easter|eve|week|weekend|month"
    r"|year|hour|o'clock|daily|every|always|never|(?:version|release) v?\d[\d.]*)s?\b"
)
_NUMBERED_CJK = re.compile(r"(?<![\d十百千])(\d+) ?(号[厅楼馆线机库门院房室车])")  # 十二 is no 2
_VERSION = re.compile(r"(?<![\d.])\d+(?:\.\d+)+")
_YEAR_ASKED = re.compile(r"(?i)\b(?:year|date)\b")
_SPANS = frozenset({"often", "long"})  # how they are asked for
# What only the sentence before tells, and whom only that one names, where the quotation does not point back to it.
_TOLD_BEFORE, _NAMED_BEFORE = 0.6, 0.4
_SAID_BESIDE = 0.7
_FAINT = 0.3  # up to which a term is not said, only not far away
_OF_TWO_STEPS = 2  # terms beside names that a question has at least which one passage begins and another ends
_CHAINED = 0.1  # what such passages have to say more of it: each says something of anything
_KINDS = ("date", "number", "person", "place", "reason")


def is_answered(choice: Choice, chosen: Sequence[Quotation], weights: Mapping[str, float]) -> bool:
    """Whether the quotations themselves say most of what is asked, not only the passages around them."""
    asked = choice.asked
    if not _is_of_version(asked, chosen):
        return False
    if asked.kind in _KINDS:  # "Absent: Ned" tells nothing of why Ned is absent
        chosen = [q for q in chosen if not q.own <= asked.reach]
    chosen = [q for q in chosen if has_options_of(asked.text, f"{q.passage.headings}\n{q.text}")]
    if asked.names and not asked.is_chinese:
        chosen = [q for q in chosen if not is_elsewhere(asked, q.text)]
    if not chosen:
        return False
    if asked.is_chinese:
        return _is_answered_in_chinese(choice, chosen, weights)
    cued = [q for q in chosen if choice.cue[id(q)] > 1.0]
    if asked.names_owner:
        return any(_owner(asked) & q.says.keys() for q in cued)
    if asked.kind == "person" and asked.is_definition:
        return bool(cued) or tells_doing(asked.subject, chosen[0].text)
    if asked.asks_for_meaning and not (cued or asks_for_option(asked.text)):
        return any(_is_headed(asked, q.passage) or (asked.names and tells_doing(asked.subject, q.text)) for q in chosen)
    if asked.kind == "person" and not cued and any(q.record for q in chosen):
        return False  # a line of a record does not tell who did what another label says
    if _is_of_other_year(asked, chosen, weights) or _is_of_other_extreme(asked, chosen):
        return False
    telling = chosen if asked.kind == "reason" else cued  # which is often told without any word for it
    least = _ANSWERED if asked.kind not in _KINDS or _says_first(asked, telling) else _ANSWERED_UNCUED
    least = max(_LEAST_ANSWERED, least - _SHORTER * max(0, len(asked.terms) - _LONG))
    if asked.counted and not any(_counts(asked, q) for q in chosen):
        return False
    if not any(gives_age(asked.text, q.text) for q in chosen):
        return False
    if asked.kind in ("date", "number") and not any(q.values for q in chosen):
        told = [q for q in chosen if _sum_said(weights, q.says) >= _ANSWERED_WITHOUT]
        chosen = [q for q in told if _tells_time(asked, q.text)]
    verbs = {t: w for t, w in weights.items() if t not in asked.name_terms}
    for group in _connected(choice, chosen) if choice.instruction is None else _instructing(choice.instruction, chosen):
        says = most_said(q.says for q in group)
        if any(q.is_row or q.record for q in group) and not _holds_names(asked, weights, frozenset(says)):
            continue  # a row tells of nobody whom it does not name
        said = _sum_said(weights, says)
        if not _tells_deed(asked, group) or _is_done_to_another(asked, group):
            continue
        if "who" in asked.words and (
            _is_of_one_word(asked, says) or leaves_out_agent(asked.text, "\n".join(q.text for q in group))
        ):
            continue
        enough = least + (_CHAINED if any(q.passage is not group[0].passage for q in group) else 0.0)
        if said >= enough and (said >= _PLAINLY or _sum_said(verbs, says) >= _VERBS * math.fsum(verbs.values())):
            return True
    return False


def _is_of_version(asked: Asked, chosen: Sequence[Quotation]) -> bool:
    """Whether what is quoted, or what it stands in, gives each version that is asked about: "3.0" is not "2.3.0"."""
    versions, halls = _VERSION.findall(asked.text), _numbered(asked.text)
    if not (versions or halls):
        return True
    text = " ".join(f"{q.passage.title} {q.passage.headings} {q.passage.text}" for q in chosen)
    if not halls <= _numbered(text):
        return False  # hall 2 is not hall 1
    return all(re.search(rf"(?<![\d.]){re.escape(v)}(?![\d])", text) for v in versions)


def _numbered(text: str) -> frozenset[tuple[str, str]]:
    return frozenset(_NUMBERED_CJK.findall(text.translate(CHINESE_DIGITS)))


def _is_headed(asked: Asked, passage: Passage) -> bool:
    """Whether a passage stands under what is asked about: there, what something is need not be said of it by name."""
    return asked.terms <= frozenset(terms(f"{passage.headings} {label_of(passage)}"))


def _says_first(asked: Asked, quoted: Sequence[Quotation]) -> bool:
    """Whether one of some quotations says what is asked first: "managed" of "Who managed the plant …?"."""
    first = asked.deed.verb & asked.terms if asked.deed else head(asked)
    return any(not first or any(q.says.get(t, 0.0) > _FAINT for t in first) for q in quoted)


def _is_done_to_another(asked: Asked, group: Sequence[Quotation]) -> bool:
    """Whether one passage tells who did what is asked, and only another names to whom: "Who taught Ada to read?"."""
    done, named = head(asked), beside_head(asked)
    telling = [q.passage for q in group if any(q.says.get(t, 0.0) > _FAINT for t in done)]
    naming = [q.passage for q in group if any(q.says.get(t, 0.0) > 0.0 for t in named)]
    return bool(named and telling) and not any(one is other for one in telling for other in naming)


def _instructing(instruction: Instruction, chosen: Sequence[Quotation]) -> list[list[Quotation]]:
    """Each quotation that tells how to do what is asked: of two, one would tell of doing it, one of another thing."""
    return [[q] for q in chosen if instruction.is_given(q.text, q.says)]


def _is_of_one_word(asked: Asked, says: Mapping[str, float]) -> bool:
    """Whether only one of several words of a question is said: "Repairs are done by Ned" of who repairs the lamps."""
    return len(asked.terms) > 1 and sum(share > _FAINT for share in says.values()) == 1


def _tells_time(asked: Asked, text: str) -> bool:
    """Whether a time is asked for that need not be a date or number, and told in other words than the question's."""
    is_open = not _YEAR_ASKED.search(asked.text) if asked.kind == "date" else not _SPANS.isdisjoint(asked.words)
    return is_open and any(match[0].lower() not in asked.words for match in _WHEN.finditer(text))


def _counts(asked: Asked, q: Quotation) -> bool:
    """Whether it gives a number of what is counted; in a table the column or another line may name that."""
    return asked.counts(q.text) or (bool(q.is_row or q.record) and not asked.counted.isdisjoint(q.says))


def _tells_deed(asked: Asked, group: Sequence[Quotation]) -> bool:
    """Whether it is not only told of another; and where nothing else is asked, whether it is told, and of whom."""
    if asked.deed is None or not (verb := asked.deed.verb & asked.terms):
        return True
    if asked.kind in ("date", "number") and any(q.values for q in group):
        group = [q for q in group if q.values]  # a date that is told of something else
    told = [max(q.says.get(t, 0.0) for t in verb) for q in group]
    if _without_parts(asked.terms - asked.name_terms - asked.deed.subject) <= verb:
        named = [min(q.says.get(t, 0.0) for t in asked.deed.subject) for q in group]
        return any(t > _TOLD_BEFORE and n > _NAMED_BEFORE for t, n in zip(told, named, strict=True))
    return max(told) != OF_ANOTHER


def _is_of_other_year(asked: Asked, chosen: Sequence[Quotation], weights: Mapping[str, float]) -> bool:
    """Whether what says most beside the names and years speaks of other years: the revenue of the next one."""
    asked_years = frozenset(_YEAR_EN.findall(asked.text))
    if not asked_years or asked.kind == "date" or any(q.passage is not chosen[0].passage for q in chosen):
        return False
    rest = {t: w for t, w in weights.items() if t not in asked.name_terms and t not in asked_years}
    sentences = [q.text[start:end] for q in chosen for start, end in sentence_spans(q.text)]
    said = frozenset(_YEAR_EN.findall(max(sentences, key=lambda text: _sum(rest, frozenset(terms(text))), default="")))
    return bool(said) and not any(min(said) <= year <= max(said) for year in asked_years)


def _is_of_other_extreme(asked: Asked, chosen: Sequence[Quotation]) -> bool:
    """Whether nothing that is quoted says the extreme with its noun: of the largest capacity, not the largest sum."""
    if not (match := _EXTREME.search(asked.text)):
        return False
    extreme, noun = (frozenset(terms(part)) for part in match.groups())
    if not (extreme and noun) or not (extreme | noun) <= asked.terms:
        return False
    return not any(all(q.says.get(t, 0.0) >= _SAID_BESIDE for t in extreme | noun) for q in chosen)


def _owner(asked: Asked) -> frozenset[str]:
    return frozenset(terms(asked.relation[0]))


def _is_answered_in_chinese(choice: Choice, chosen: Sequence[Quotation], weights: Mapping[str, float]) -> bool:
    """The same where there are no words, no word forms and no capitals to go by."""
    asked = choice.asked
    if asked.kind in ("date", "number") and not any(q.values for q in chosen):
        return False
    deed = deed_in_chinese(asked.text)
    if deed in weights and not any(q.says.get(deed, 0.0) >= _SAID_BESIDE for q in chosen):
        return False
    if asked.counted and not any(q.says.get(t, 0.0) >= _SAID_BESIDE for t in asked.counted for q in chosen):
        return False
    if not _years(asked.text) <= _years("\n".join(f"{q.passage.title}\n{q.passage.text}" for q in chosen)):
        return False  # the profit of another year answers nothing
    weights = _without_characters(weights)
    for group in _connected(choice, chosen):
        says = most_said(q.says for q in group)
        is_of_it = not asked.attribute or asked.attribute & says.keys()
        if (
            is_of_it
            and _tells_deed(asked, group)
            and _speaks_of_names(asked, group, weights)
            and _sum_said(weights, says) >= _ANSWERED_CHINESE
        ):
            return True
    return False


def _speaks_of_names(asked: Asked, group: Sequence[Quotation], weights: Mapping[str, float]) -> bool:
    """Whether what says most of the rest of a question speaks of one that it names, as the text up to there does."""
    rest = {t: w for t, w in weights.items() if t not in asked.name_terms}
    most = max(group, key=lambda q: _sum_said(rest, q.says))
    if any(q.passage is not most.passage for q in group):
        return True  # another passage leads to it
    before = frozenset(terms(f"{most.passage.title}\n{most.passage.text[: most.end]}"))
    return not asked.names or any(2 * len(name & before) >= len(name) for name in asked.names)


def _years(text: str) -> frozenset[str]:
    return frozenset(_YEAR.findall(fold(text).translate(CHINESE_DIGITS)))


def is_near(asked: Asked, q: Quotation, weights: Mapping[str, float]) -> bool:
    """Whether a quotation is worth showing though it does not answer: of a passage that names what is asked about."""
    weights = _without_characters(weights)
    held = _held(asked, q.passage)
    least_held, least_said = _NEARBY_CHINESE if asked.is_chinese else _NEARBY_NAMED if asked.names else _NEARBY
    is_said = _sum(weights, held) >= least_held and _sum_said(weights, q.says) >= least_said
    return is_said and _holds_names(asked, weights, held)


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
        return bool(choice.link(one, other))
    return bool(choice.link(one, other) or choice.link(other, one))


def _sum_said(weights: Mapping[str, float], says: Mapping[str, float]) -> float:
    return math.fsum(weight * says.get(term, 0.0) for term, weight in weights.items())


def corpus_weights(
    asked: Asked, offered: Sequence[Quotation], term_weight: Callable[[str], float] | None
) -> dict[str, float]:
    """Weight of each term of the question by its rarity, a whole name above another word; sum 1."""
    if term_weight is not None:
        raw = {t: max(0.1, term_weight(t)) for t in asked.terms}
        rarest = term_weight("\0")  # what no text holds
    else:
        counts = Counter(t for q in offered for t in q.own & asked.terms)
        raw = {t: math.log(1 + (len(offered) + 1) / (counts[t] + 0.5)) for t in asked.terms}
        rarest = math.log(1 + 2 * (len(offered) + 1))
    raw = within_words(raw, rarest)
    for name in () if asked.is_chinese else asked.names:  # a long name is one thing that is asked about, not many
        share = _NAME * max(raw[t] for t in name) / math.fsum(raw[t] for t in name)
        raw |= {t: raw[t] * share for t in name}
    return _normalised(raw)


def telling_weights(weights: Mapping[str, float], offered: Sequence[Quotation]) -> dict[str, float]:
    """Weights for choosing: what every passage says (the name they were found by) tells none from another."""
    counts = Counter(t for q in offered for t, s in q.says.items() if s >= 0.8)
    return _normalised({t: w * math.log(2 + len(offered) / (counts[t] + 0.5)) for t, w in weights.items()})


def _normalised(raw: Mapping[str, float]) -> dict[str, float]:
    total = math.fsum(raw.values())
    return {t: w / total for t, w in sorted(raw.items())} if total else {}


def _without_parts(found: Iterable[str]) -> frozenset[str]:
    """Terms without single Chinese characters."""
    return frozenset(t for t in found if len(t) > 1 or not has_cjk(t))


def _without_characters(weights: Mapping[str, float]) -> dict[str, float]:
    """Weights without single Chinese characters, which stand in any text, where there are pairs of them."""
    words = _without_parts(weights)
    return _normalised({t: w for t, w in weights.items() if t in words} or weights)


def is_supported(asked: Asked, passages: Sequence[Passage], weights: Mapping[str, float]) -> bool:
    """Whether a passage, alone or with one that it leads to, speaks of what the question names."""
    weights = _without_characters(weights)
    held = [_held(asked, passage) for passage in passages]
    named = [(names_of(passage.text) | title_names(passage.title)) - asked.words for passage in passages]
    order = sorted(range(len(held)), key=lambda i: -_sum(weights, held[i]))
    for first in order[:3]:
        alone = _sum(weights, held[first])
        if alone >= _ENOUGH_ALONE and _holds_names(asked, weights, held[first]):
            return True
        if alone < _ENOUGH_TO_LEAD_ON:
            break
        for other in order:
            together = held[first] | held[other]
            is_led_to = asked.is_chinese or bool(named[first] & named[other])
            if is_led_to and _sum(weights, together) >= _ENOUGH_TOGETHER and _holds_names(asked, weights, together):
                return True
    return False


def _held(asked: Asked, passage: Passage) -> frozenset[str]:
    found = frozenset(terms(f"{label_of(passage)}\n{passage.headings}\n{passage.text}"))
    found |= asked.said_by_sign(passage.text)
    return found | {term for term, forms in asked.related.items() if forms & found}


def _sum(weights: Mapping[str, float], held: frozenset[str]) -> float:
    return math.fsum(weight for term, weight in weights.items() if term in held)


def _holds_names(asked: Asked, weights: Mapping[str, float], held: frozenset[str]) -> bool:
    """Whether most of what the question's names weigh is there."""
    names = {t: w for t, w in weights.items() if t in asked.name_terms}
    return _sum(names, held) >= 0.5 * math.fsum(names.values())
