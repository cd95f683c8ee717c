"""Of which thing a Chinese text speaks, by the name before its noun, 成都研发基地, or the clause of its number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise

from graphrag_lite.query.asked import Asked
from graphrag_lite.query.extractive.weights import share_held
from graphrag_lite.text.chinese_words import Word, tagged
from graphrag_lite.text.lexicon import word_set
from graphrag_lite.text.normalize import terms
from graphrag_lite.text.variants import simplified

_PROPER = word_set("ns nr nt nz nrt nrfg")
_NOUNS = word_set("n vn j nz an ng")
_NAME = 2  # characters of a name that tell it from others: 武汉 of 武汉市, 粤汉 of 粤汉铁路
# No name ends in these: 本公司, 我们的公司.
_NO_NAME = "本该此各其某全的了在于和与及或是为有由到从向对被把"
_CLAUSES = re.compile("[，。；！？,;\n]")
_APART = 0.7  # what a number still tells of what only other clauses say
_END = Word(0, 0, "", "")


def is_of_another(question: str, around: str, text: str) -> bool:
    """Whether a name in a question is nowhere `around` a text, and the text has its noun behind another.

    Args:
        question: In simplified characters.
        around: The passage, with its title and headings.
        text: What would be quoted of it.
    """
    around, text = simplified(around), simplified(text)
    nouns = [noun for name, noun in _named_things(question) if name not in around]
    return any(re.search(rf"[^\W{_NO_NAME}]{re.escape(noun)}", text) for noun in nouns)


def beside_values(asked: Asked, weights: Mapping[str, float], own: frozenset[str], text: str) -> float:
    """How surely a date or number of a text is that of what is asked about, up to 1 where its clause says it all.

    "硕士委员会三人，博士委员会五人" has no three of what it says of 博士.

    Args:
        asked: The question.
        weights: How much each term of it tells.
        own: Terms of the text.
        text: What would be quoted.
    """
    said = share_held(weights, own)
    shares = sorted(
        ((share_held(weights, _terms(clause)), clause) for clause in set(_CLAUSES.split(text))), reverse=True
    )
    of_clause = next((share for share, clause in shares if asked.values(clause)), said)
    return _APART + (1.0 - _APART) * of_clause / said if said else 1.0


@lru_cache(maxsize=20_000)  # a clause is a part of several quotations
def _terms(text: str) -> frozenset[str]:
    return frozenset(terms(text))


def _named_things(question: str) -> Iterator[tuple[str, str]]:
    """Names and the nouns behind them: 武汉 and 研发 of 武汉研发基地, 粤汉 and 铁路."""
    for word, following in pairwise([*tagged(question), _END]):
        if word.pos in _PROPER and len(word.text) >= 2 * _NAME:
            yield word.text[:_NAME], word.text[_NAME:]
        elif word.pos in _PROPER and len(word.text) >= _NAME and following.pos in _NOUNS:
            yield word.text[:_NAME], following.text
