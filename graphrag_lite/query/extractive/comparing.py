"""Questions that weigh two against each other: "Who is older, Ada or Ned?" needs a sentence for each of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from graphrag_lite.query.asked import Asked
from graphrag_lite.query.extractive.quotations import Quotation
from graphrag_lite.query.values import values_of
from graphrag_lite.text.forms import in_all_forms
from graphrag_lite.text.normalize import has_cjk, terms

_ORDER = "first|last|earlier|later|sooner|older|younger|newer"
_SIZE = (
    "more|less|fewer|most|least|longer|shorter|larger|bigger|smaller|higher|lower|taller|heavier|faster|farther|deeper"
)
_TWO = re.compile(
    rf"^(?P<aspect>(?:who|which|what)\b[^,]*?\b(?:(?P<order>{_ORDER})|{_SIZE})\b[^,]*),\s*"
    r"(?P<one>.+?),? or (?P<other>[^?]+?)\s*\?*$",
    re.IGNORECASE,
)
_TWO_CJK = re.compile(
    r"^(?P<one>[^，,？]{2,}?)(?:和|与|跟|同|还是)(?P<other>[^，,？]{2,})[，,]?\s*"
    r"(?P<aspect>(?:哪|谁)[^？]*?(?:(?P<order>先|早|晚|年轻|年长|老)|更?[多少大小长短高低快慢重轻深])[^？]*)"
)
_ASKING_CJK = re.compile("哪一?[个家种款位座条项]?|谁|更|比较")
_COMPARED = frozenset(terms(f"{_ORDER}|{_SIZE}".replace("|", " ")))
_LEAST_NAMED = 0.55  # of a side that its sentence has to say
_OFF_ASPECT = 0.3  # of the worth of a sentence, where it does not say what is compared
_SAID = 0.6  # how far a term counts as said
# What the word that compares asks for itself.
_MEANT = {
    **dict.fromkeys(("older", "younger", "年轻", "年长", "老"), frozenset(terms("born birth aged age 生于 出生 岁"))),
}
_FURTHER_DOWN = 0.05


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides, each by the terms that the other lacks, the terms of what is compared, and the kind of value."""

    sides: tuple[frozenset[str], frozenset[str]]
    aspect: frozenset[str]
    kind: str


def comparison(asked: Asked) -> Comparison | None:
    """What a question weighs against each other; None where it does not."""
    match = (_TWO_CJK if asked.is_chinese else _TWO).match(asked.text.strip())
    if match is None:
        return None
    one, other = _telling(match["one"]), _telling(match["other"])
    if not one - other or not other - one:
        return None
    meant = _MEANT.get((match["order"] or "").lower(), frozenset())
    said = _telling(_ASKING_CJK.sub(" ", match["aspect"])) - _COMPARED - asked.name_terms
    aspect = meant.union(in_all_forms(said))
    return Comparison((one - other, other - one), aspect, "date" if match["order"] else "number")


def both_sides(compared: Comparison, offered: Sequence[Quotation]) -> tuple[list[Quotation], bool]:
    """The best sentence for each side that holds a date or number, and whether they settle what is compared."""
    found = []
    for side, other in (compared.sides, compared.sides[::-1]):
        scored = [(_score(compared, side, other, q), -i) for i, q in enumerate(offered)]
        score, index = max(scored, default=(0.0, 0))
        if score > 0:
            found.append(offered[-index])
    is_settled = len(found) == 2 and all(_says_aspect(compared, q) for q in found)
    return found[:1] if len(found) == 2 and found[0] is found[1] else found, is_settled


def _telling(text: str) -> frozenset[str]:
    """Terms of a side; of Chinese without single characters, which stand anywhere."""
    found = frozenset(terms(text))
    return frozenset(t for t in found if len(t) > 1 or not has_cjk(t)) or found


def _score(compared: Comparison, side: frozenset[str], other: frozenset[str], q: Quotation) -> float:
    named, instead = _share(side, q), _share(other, q)
    if named < _LEAST_NAMED or instead > named or not values_of(compared.kind, q.text):
        return 0.0
    aspect = 1.0 if _says_aspect(compared, q) else _OFF_ASPECT
    return named * aspect * q.worth / (1 + _FURTHER_DOWN * q.rank)


def _share(wanted: frozenset[str], q: Quotation) -> float:
    return sum(q.says.get(t, 0.0) for t in sorted(wanted)) / len(wanted) if wanted else 0.0


def _says_aspect(compared: Comparison, q: Quotation) -> bool:
    """Whether it says what is compared; "Which is larger?" leaves open what that is."""
    return not compared.aspect.isdisjoint(q.own | {t for t, share in q.says.items() if share >= _SAID})
