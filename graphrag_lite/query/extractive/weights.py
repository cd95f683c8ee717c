"""How much each term of a question tells, and how much of it a text holds or says."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from graphrag_lite.query.asked import Asked
from graphrag_lite.query.asked_in_chinese import within_words, words_in_chinese
from graphrag_lite.query.asking import said_otherwise
from graphrag_lite.query.extractive.quotations import Quotation
from graphrag_lite.query.instructions import verb_of_any
from graphrag_lite.text.normalize import CHINESE_DIGITS, has_cjk

_NAME = 1.5  # how much more a name weighs than another term as rare
_LITTLE = 0.25  # of the weight of a verb that says little: without it what is quoted has to hold what is asked for
_WORD = 0.3  # how far a Chinese word of several pairs of characters counts as one: 0 not, 1 as one of its pairs
_ACROSS = 0.5  # of the weight of a pair of which two words have a character each: 件列 of 邮件列表
_SAID = 0.8  # from which on a quotation says a term, rather than stands near it


def rarities(
    asked: Iterable[str], held: Sequence[frozenset[str]], term_weight: Callable[[str], float] | None
) -> tuple[dict[str, float], float]:
    """How rare each term is, and what no text holds.

    Args:
        asked: Terms.
        held: Those of texts, by which it is estimated without the next.
        term_weight: Rarity of a term in the corpus, or None.
    """
    if term_weight is not None:
        return {t: max(0.1, term_weight(t)) for t in asked}, term_weight("\0")
    counts = Counter(t for terms in held for t in terms)
    return {t: math.log(1 + (len(held) + 1) / (counts[t] + 0.5)) for t in asked}, math.log(1 + 2 * (len(held) + 1))


def corpus_weights(
    asked: Asked, offered: Sequence[Quotation], term_weight: Callable[[str], float] | None
) -> dict[str, float]:
    """Weight of each term of the question by its rarity, a whole name above another word; sum 1."""
    matter = asked.terms - verb_of_any(asked.text) or asked.terms
    raw = within_words(*rarities(matter, [q.own for q in offered], term_weight))
    raw |= {t: _LITTLE * raw[t] for t in _light(asked, matter)}
    if asked.is_chinese:
        return _normalised(_by_words(list(words_in_chinese(asked.text)), raw))
    names = (name & matter for name in asked.names)
    for name in filter(None, names):  # a long name is one thing that is asked about, not many
        share = _NAME * max(raw[t] for t in name) / math.fsum(raw[t] for t in name)
        raw |= {t: raw[t] * share for t in name}
    return _normalised(raw)


def _by_words(words: Sequence[frozenset[str]], raw: Mapping[str, float]) -> dict[str, float]:
    """Weights of Chinese terms, so that a long word is not as many things as it has pairs of characters."""
    inside = frozenset[str]().union(*words)
    found = {t: w * (_ACROSS if len(t) > 1 and has_cjk(t) and t not in inside else 1.0) for t, w in raw.items()}
    for word in words:
        if pairs := [t for t in word if len(t) > 1 and t in raw]:
            share = (max(raw[t] for t in pairs) / math.fsum(raw[t] for t in pairs)) ** _WORD
            found |= {t: found[t] * share for t in pairs}
    return found


def _light(asked: Asked, matter: frozenset[str]) -> frozenset[str]:
    """Terms for which an answer may well have another word; none where it is asked who did it, or what somebody did."""
    light = matter & said_otherwise(asked.text)
    is_apart = asked.kind != "person" and asked.deed is None and not asked.is_chinese
    return light if is_apart and matter - light - asked.name_terms else frozenset()


def telling_weights(weights: Mapping[str, float], offered: Sequence[Quotation]) -> dict[str, float]:
    """Weights for choosing: what every passage says (the name they were found by) tells none from another."""
    counts = Counter(t for q in offered for t, s in q.says.items() if s >= _SAID)
    return _normalised({t: w * math.log(2 + len(offered) / (counts[t] + 0.5)) for t, w in weights.items()})


def without_parts(found: Iterable[str]) -> frozenset[str]:
    """Terms without single Chinese characters that are parts of others, or numerals: 二 of 二号 may be written 2."""
    kept = frozenset(found)
    parts = frozenset[str]().union(*(t for t in kept if len(t) > 1 and has_cjk(t)))
    return frozenset(t for t in kept - parts if ord(t[0]) not in CHINESE_DIGITS or len(t) > 1)


def without_characters(weights: Mapping[str, float]) -> dict[str, float]:
    """Weights without single Chinese characters, which stand in any text, but for words of one: 退 of 押金能退吗."""
    words = without_parts(weights)
    return _normalised({t: w for t, w in weights.items() if t in words} or weights)


def share_held(weights: Mapping[str, float], held: frozenset[str]) -> float:
    """How much of a question some terms are."""
    return math.fsum(weight for term, weight in weights.items() if term in held)


def share_said(weights: Mapping[str, float], says: Mapping[str, float]) -> float:
    """How much of a question is said, of each term how far it is."""
    return math.fsum(weight * says.get(term, 0.0) for term, weight in weights.items())


def holds_names(asked: Asked, weights: Mapping[str, float], held: frozenset[str]) -> bool:
    """Whether some terms are most of what the names of a question weigh."""
    names = {t: w for t, w in weights.items() if t in asked.name_terms}
    return share_held(names, held) >= 0.5 * math.fsum(names.values())


def _normalised(raw: Mapping[str, float]) -> dict[str, float]:
    total = math.fsum(raw.values())
    return {t: w / total for t, w in sorted(raw.items())} if total else {}
