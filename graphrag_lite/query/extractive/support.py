"""Whether passages speak of what is asked, so that an answer may be looked for in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphrag_lite.query.asked import Asked
from graphrag_lite.query.extractive.quotations import Quotation
from graphrag_lite.query.extractive.weights import holds_names, share_held, share_said, without_characters
from graphrag_lite.query.headings import labels_of
from graphrag_lite.records import Passage
from graphrag_lite.text.normalize import names_of, terms, title_names

# Parts of the weight of the question's terms. Measured on answerable and unanswerable questions of several corpora:
# one passage alone should hold the first; or the second, if another that it leads to brings the sum to the third.
_ENOUGH_ALONE = 0.45
_ENOUGH_TO_LEAD_ON = 0.33
_ENOUGH_TOGETHER = 0.6
# What the closest passages have to hold and the quotation to say where none answers: of a question without names, of
# one with names, which are held; of a Chinese one, where pairs of characters across two words stand in no text.
_NEARBY, _NEARBY_NAMED, _NEARBY_CHINESE = (0.4, 0.3), (0.25, 0.2), (0.3, 0.25)


def is_supported(asked: Asked, passages: Sequence[Passage], weights: Mapping[str, float]) -> bool:
    """Whether a passage, alone or with one that it leads to, speaks of what the question names."""
    weights = without_characters(weights)
    held = [held_by(passage, asked) for passage in passages]
    named = [(names_of(passage.text) | title_names(passage.title)) - asked.words for passage in passages]
    order = sorted(range(len(held)), key=lambda i: -share_held(weights, held[i]))
    for first in order[:3]:
        alone = share_held(weights, held[first])
        if alone >= _ENOUGH_ALONE and holds_names(asked, weights, held[first]):
            return True
        if alone < _ENOUGH_TO_LEAD_ON:
            break
        for other in order:
            both = held[first] | held[other]
            is_led_to = asked.is_chinese or bool(named[first] & named[other])
            if is_led_to and share_held(weights, both) >= _ENOUGH_TOGETHER and holds_names(asked, weights, both):
                return True
    return False


def is_near(asked: Asked, q: Quotation, weights: Mapping[str, float]) -> bool:
    """Whether a quotation is worth showing though it does not answer: of a passage that names what is asked about."""
    weights = without_characters(weights)
    held = held_by(q.passage, asked)
    least_held, least_said = _NEARBY_CHINESE if asked.is_chinese else _NEARBY_NAMED if asked.names else _NEARBY
    is_said = share_held(weights, held) >= least_held and share_said(weights, q.says) >= least_said
    return is_said and holds_names(asked, weights, held)


def held_by(passage: Passage, asked: Asked) -> frozenset[str]:
    """Terms of a passage and what it stands under, and those of the question that it has in another form."""
    found = frozenset(terms(f"{labels_of(passage)}\n{passage.headings}\n{passage.text}"))
    found |= asked.said_by_sign(passage.text)
    return found | {term for term, forms in asked.related.items() if forms & found}
