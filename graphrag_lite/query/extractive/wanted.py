"""What a question about many documents wants to hear, weighed against the passages that were read for it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from graphrag_lite.query.asked import Asked
from graphrag_lite.query.asked_in_chinese import within_words
from graphrag_lite.query.extractive.aspects import aspects_of
from graphrag_lite.query.extractive.weights import rarities
from graphrag_lite.query.works import work_of_passage
from graphrag_lite.records import Passage
from graphrag_lite.text.lexicon import FUNCTION_WORDS
from graphrag_lite.text.normalize import terms

# What a question about many documents asks for, rather than what they say.
RELATION = frozenset(
    terms(
        "role impact influence importance significance implication effect leader expert participant author balance go "
        "went gone come came make made get got do done somebody nobody anybody everybody world well one course see "
        "deal face handle treat recur exist next last first down up through"
    )
)
# The weights of its words.
_RARITY = 1.3  # power of a word's rarity
_NAMED = 0.5  # of the mean weight, that a name has at least
_SITUATED = 0.6  # weight of a name beside other words: it says where, they say what
_WHERE = re.compile(r"\b(?:in|at|within|around|near) (?:the )?((?:[A-Z][\w'’-]*\s?)+)")
_OTHER_FORM, _SHOWN = 0.7, 1.0  # of a word's weight, for another form of it, and for what says its aspect
_FITTING, _UNNAMED = 1.4, 0.4
# Words that the best passages have in common.
_MODELS, _LEAST_MODELS = 12, 3  # passages that they are taken from, and that have each of them
_COMMON = 16  # of them
_COMMON_WEIGHT = 0.4  # of all of them beside those of the question
# What a passage has to hold of a question, for the documents to speak of it.
_HELD = 0.3  # of one of very many words; all of one word
_BACKED = 0.75  # of that, in a second passage


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked.

    `weights` of the question's terms that some passage holds (sum 1), `common` those of what the best passages share;
    `aspects` what is wanted of it, with the terms that ask for each; `subject` the names that do not only say where.
    """

    asked: Asked
    weights: Mapping[str, float]
    common: Mapping[str, float]
    aspects: Sequence[tuple[frozenset[str], re.Pattern[str]]]
    subject: frozenset[str]

    def coverage(self, said: frozenset[str], text: str = "") -> float:
        """Share of the question that some terms hold, other forms of its words and what says its aspects included."""
        forms = self.asked.related
        shown = frozenset[str]().union(*(words for words, saying in self.aspects if text and saying.search(text)))
        total = 0.0
        for term, weight in self.weights.items():
            if term in said:
                total += weight
            elif term in forms and forms[term] & said:
                total += _OTHER_FORM * weight
            elif term in shown:
                total += _SHOWN * weight
        return total

    def kinship(self, said: frozenset[str]) -> float:
        """How much of what is common some terms hold."""
        return sum(weight for term, weight in self.common.items() if term in said)

    def names_subject(self, said: frozenset[str]) -> float:
        """A factor below 1 for what does not name whom or what the question names."""
        return 1.0 if not self.subject or self.subject & said else _UNNAMED

    def fits(self, text: str) -> float:
        """A factor above 1 for a text that has what is wanted of the topic."""
        return _FITTING if any(saying.search(text) for _, saying in self.aspects) else 1.0


def wanted(asked: Asked, passages: Sequence[Passage], term_weight: Callable[[str], float] | None) -> Wanted | None:
    """What is asked, weighed; None where the passages say too little of it.

    Args:
        asked: The question.
        passages: What was read for it, with scores.
        term_weight: Rarity of a term in the corpus; None: estimated from the passages.
    """
    held = {p.chunk_id: terms_around(p) for p in passages}
    raw = _raw_weights(asked, list(held.values()), term_weight)
    aspects = [(frozenset(terms(asking)), saying) for asking, saying in aspects_of(asked.text).items()]
    is_one = len({work_of_passage(p) for p in passages}) == 1
    topic = Wanted(asked, {}, {}, aspects, asked.name_terms - _places(asked) if is_one else frozenset())
    if not held or not _is_held(topic, raw, held, {p.chunk_id: p.text for p in passages}):
        return None
    present = frozenset[str]().union(*held.values())
    asking = frozenset[str]().union(*(words for words, _ in aspects))
    kept = {t: w for t, w in raw.items() if t in asking or present & {t, *asked.related.get(t, ())}}
    topic = replace(topic, weights=_situated(asked, kept))
    return replace(topic, common=_common(topic, passages, term_weight))


def terms_around(passage: Passage) -> frozenset[str]:
    """Terms of a passage and of its headings."""
    return frozenset(terms(f"{title_and_file(passage)} {passage.text}"))


def title_and_file(passage: Passage) -> str:
    """The title of a passage and the last two parts of its source: a folder and a file say what it is."""
    return " ".join([passage.title, *passage.source.replace("\\", "/").rsplit("/", 2)[-2:]])


def _raw_weights(
    asked: Asked, held: Sequence[frozenset[str]], term_weight: Callable[[str], float] | None
) -> dict[str, float]:
    """Rarity of each term of the question."""
    raw, rarest = rarities(sorted(asked.terms - RELATION or asked.terms), held, term_weight)
    if not asked.is_chinese:
        return raw
    return {t: w for t, w in within_words(raw, rarest).items() if len(t) > 1} or raw


def _is_held(
    topic: Wanted, raw: Mapping[str, float], held: Mapping[str, frozenset[str]], texts: Mapping[str, str]
) -> bool:
    """Whether passages speak of so much of the question that the documents can be said to: one of it all, or two."""
    weights = {t: math.sqrt(w) for t, w in _floored(topic.asked.name_terms, raw).items()}
    total = sum(weights.values())
    if not total:
        return False
    whole = replace(topic, weights={t: w / total for t, w in weights.items()})
    found = sorted((whole.coverage(said, texts[chunk_id]) for chunk_id, said in held.items()), reverse=True)
    least = _HELD + (1 - _HELD) / len(weights)
    is_backed = len(found) > 1 and found[1] >= _BACKED * least
    return found[0] >= (least if is_backed else (1 + least) / 2)


def _floored(names: frozenset[str], raw: Mapping[str, float], share: float = 1.0) -> dict[str, float]:
    """Names weigh as much as other words, or a share of that: however common, they say of whom."""
    mean = share * sum(raw.values()) / max(1, len(raw))
    return {t: max(w, mean) if t in names else w for t, w in raw.items()}


def _situated(asked: Asked, raw: Mapping[str, float]) -> dict[str, float]:
    """Weights with sum 1: a name that says where counts less, one that says of whom never less than other words."""
    where = _places(asked)
    raw = _floored(asked.name_terms - where, raw, _NAMED)
    if raw.keys() - where:
        raw = {t: w * (_SITUATED if t in where else 1.0) for t, w in raw.items()}
    raw = {t: w**_RARITY for t, w in raw.items()}
    total = sum(raw.values())
    return {t: w / total for t, w in raw.items()} if total else {}


def _places(asked: Asked) -> frozenset[str]:
    """Of the names of a question those that say where."""
    return frozenset(terms(" ".join(match.group(1) for match in _WHERE.finditer(asked.text)))) & asked.name_terms


def _common(
    topic: Wanted,
    passages: Sequence[Passage],
    term_weight: Callable[[str], float] | None,
) -> dict[str, float]:
    """Terms that the best passages share and the collection at large does not, weighed, of several works."""
    if term_weight is None:
        return {}
    models = [p for p in passages if topic.asked.is_in_language_of(p.text)]
    models = sorted(models, key=lambda p: -p.score)[:_MODELS]
    works: dict[str, set[str]] = {}
    amount = Counter[str]()
    for passage in models:
        for term in set(terms(passage.text)) - topic.asked.terms - FUNCTION_WORDS:
            works.setdefault(term, set()).add(passage.document_id)
            amount[term] += 1
    least = min(_LEAST_MODELS, len({p.document_id for p in models}))
    rated = {
        t: (n / len(models)) * max(0.0, term_weight(t) - 1) ** 2
        for t, n in amount.items()
        if n >= _LEAST_MODELS and len(works[t]) >= least and not t.isdigit() and len(t) > 1
    }
    best = sorted(rated, key=lambda t: (-rated[t], t))[:_COMMON]
    total = sum(rated[t] for t in best)
    return {t: _COMMON_WEIGHT * rated[t] / total for t in best} if total else {}
