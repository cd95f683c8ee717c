"""What a collection speaks of, as groups of words that keep company: found from the postings, without a model.

A word is a topic word when the passages that have it repeat it (a word that is merely used does not come back), when
several works have it, and when it stands as a noun. Topic words that share passages more often than chance make one
topic; its passages are those that hold most of its words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from graphrag_lite.query.retrieve import Array
from graphrag_lite.text.chinese_words import has_han, tagged
from graphrag_lite.text.informative import FILLERS
from graphrag_lite.text.keys import key_hash
from graphrag_lite.text.lexicon import (
    DISCOURSE_WORDS,
    DOCUMENT_PARTS,
    FUNCTION_WORDS,
    MONTHS,
    PERSON_TITLES,
    WEEKDAYS,
    word_set,
)
from graphrag_lite.text.normalize import fold, has_cjk, scan, terms
from graphrag_lite.text.places import PLACE_OF_DEMONYM

_MOST_ROWS = 12_000  # passages that are looked at; of more, evenly spread ones
_CANDIDATES = 2500  # words whose postings are read, the commonest
_CHINESE_FACTOR = 3  # pairs of characters, of which most are no words
_TRIED = 220  # words whose use in the text is read
_WORDS = 160  # topic words among which topics are sought
_LARGEST_SHARE = 0.25  # of the passages: a word in more of them is no topic
_LEAST_PASSAGES = 3
_FEW_ROWS = 60  # in fewer passages two make a topic
_FEW_PASSAGES = 8  # of a small collection a topic may fill more than its share
_PLAIN = 0.45  # saturation of a word that stands once in a passage of common length
_LIFT = 1.8  # how much oftener than chance words of one topic meet
_WORDS_OF_A_TOPIC = 4
_ROWS_OF_A_TOPIC = 24
# Shares of what was read of a word that make it a noun.
_LEAST_NOUN, _LEAST_DETERMINED, _MOST_LEADING = 0.45, 0.2, 0.7
_LABEL_SHARE = 0.1
_OF_ONE_WORK = 0.5  # of its passages: such a word is no topic of many works
_MANY_WORKS = 6
_FEW_WORKS = 3
_BEFORE_NOUN = word_set(
    "the a an of this that these those our their his her its my your in with for on into from by about and or 's no "
    "some any every each more many"
)
_BEFORE_VERB = word_set("to i you we they he she it will would can could should must may might not did do does who")
_EMPTY_NOUNS = word_set(
    "year years day days time times people person persons man men woman women way ways thing things lot lots place "
    "places part parts number numbers fact facts kind kinds case cases point points end ends side sides one ones "
    "moment moments example examples bit sort name names word words hour hours minute minutes week weeks month "
    "months decade century today guy guys folk folks sir reason reasons question questions idea ideas page line "
    "left right top half hand hands head face eye eyes voice door room"
)
_EMPTY = FUNCTION_WORDS | DISCOURSE_WORDS | FILLERS | DOCUMENT_PARTS | MONTHS | WEEKDAYS | PERSON_TITLES | _EMPTY_NOUNS
_CHINESE_NOUNS = word_set("n nr ns nt nz nrt vn ng an")


@dataclass(frozen=True, slots=True)
class Topic:
    """Words that keep company, the most telling first, their terms, and the rows of passages that hold most of them."""

    words: tuple[str, ...]
    terms: frozenset[str]
    rows: tuple[int, ...]

    @property
    def seeds(self) -> frozenset[str]:
        """The terms of its first word, which alone stand for it."""
        return frozenset(terms(self.words[0])) if self.words else frozenset()


@dataclass(frozen=True, slots=True)
class Sample:
    """The passages that topics are sought in.

    Attributes:
        rows: Of the passages, ascending.
        works: For each row the number of the work that it is part of.
        texts: Gives the texts of rows.
    """

    rows: Array
    works: Array
    texts: Callable[[Sequence[int]], list[str]]


@dataclass(slots=True)
class _Use:
    """How a word stands in the passages that were read."""

    forms: Counter[str] = field(default_factory=Counter)
    determined: int = 0  # behind an article and the like
    nouns: int = 0
    verbs: int = 0
    leads: int = 0  # followed by a content word
    capitals: int = 0
    inside: int = 0  # not at the start of a sentence
    labels: int = 0  # in front of what somebody says

    @property
    def is_named(self) -> bool:
        return self.capitals * 2 > self.inside

    @property
    def shown(self) -> str:
        """The commonest way that it is written, small but for names."""
        forms = self.forms
        if not self.is_named:
            forms = Counter()
            for form, count in self.forms.items():
                forms[form.lower()] += count
        return min(forms, key=lambda form: (-forms[form], form))


def sampled(rows: Array) -> Array:
    """At most as many rows as topics need, evenly spread."""
    step = -(-len(rows) // _MOST_ROWS) or 1
    return rows[::step]


def find_topics(
    arrays: Mapping[str, Array], sample: Sample, *, is_chinese: bool = False, limit: int = 8
) -> list[Topic]:
    """Topics of some passages, the widest and most telling first.

    Args:
        arrays: The postings, as `index.arrays` builds them.
        sample: The passages.
        is_chinese: Which of the languages of a mixed collection comes first.
        limit: Topics at most.
    """
    weights = _matrix(arrays, sample, _CHINESE_FACTOR if is_chinese else 1)
    if not weights.hashes:
        return []
    uses = _uses(weights, sample)
    own = [i for i, use in uses.items() if use.forms and has_cjk(use.forms.most_common(1)[0][0]) == is_chinese]
    rest = [i for i in uses if i not in set(own)]
    topics = _groups(weights, uses, own, limit)
    if len(topics) < limit // 2:
        topics += _groups(weights, uses, rest, limit - len(topics))
    return topics


def find_parts(arrays: Mapping[str, Array], sample: Sample, count: int) -> list[Topic]:
    """The passages of one work in equal parts, in their order, each with the words that are most its own."""
    matrix = _matrix(arrays, sample, 1)
    uses = _uses(matrix, sample) if matrix.hashes else {}
    total = matrix.held.sum(axis=0)
    parts = []
    for places in np.array_split(np.arange(len(sample.rows)), count):
        if len(places):
            inside = matrix.held[places].sum(axis=0)
            own = inside * (inside / np.maximum(total, 1e-9) - 1 / count)
            best = [int(i) for i in np.argsort(-own, kind="stable") if own[i] > 0 and int(i) in uses]
            parts.append(_topic(uses, best[: _WORDS_OF_A_TOPIC - 1], sample.rows[places]))
    return parts


@dataclass(frozen=True, slots=True)
class _Matrix:
    """Candidate words: their hashes, their value, and `held` [rows, words]: 0, or how far a passage repeats a word."""

    hashes: list[int]
    value: Array
    held: Array
    rows: Array


def _matrix(arrays: Mapping[str, Array], sample: Sample, breadth: int) -> _Matrix:
    size = int(arrays["posting_row"].max(initial=0)) + 1 if len(arrays["posting_row"]) else 0
    place = np.full(max(size, int(sample.rows.max(initial=0)) + 1), -1, np.int32)
    place[sample.rows] = np.arange(len(sample.rows), dtype=np.int32)
    start = arrays["term_start"]
    df = np.diff(start)
    least = max(_LEAST_PASSAGES if len(sample.rows) > _FEW_ROWS else 2, 0.0012 * len(sample.rows))
    most = max(_FEW_PASSAGES, _LARGEST_SHARE * len(sample.rows))
    candidates = np.flatnonzero((df >= least) & (df <= _LARGEST_SHARE * size + _FEW_PASSAGES))
    candidates = np.sort(candidates[np.argsort(-df[candidates], kind="stable")[: breadth * _CANDIDATES]])
    empty, hashes = _empty_hashes(), arrays["term_hash"][candidates]  # np.isin would load np.ma, a tenth of a second
    candidates = candidates[empty[np.minimum(np.searchsorted(empty, hashes), len(empty) - 1)] != hashes]
    found = []
    works = max(1, int(sample.works.max(initial=0)) + 1)
    for term in candidates.tolist():
        at = slice(int(start[term]), int(start[term + 1]))
        rows = place[arrays["posting_row"][at]]
        is_in = rows >= 0
        rows = rows[is_in]
        if not least <= len(rows) <= most:
            continue
        repeated = arrays["posting_weight"][at][is_in] / (2.2 * arrays["term_idf"][term])
        by_work = np.bincount(sample.works[rows])
        spread = int(np.count_nonzero(by_work)) if works > _FEW_WORKS else 1
        excess = float(repeated.sum()) / len(rows) - _PLAIN
        is_of_one = works > _MANY_WORKS and int(by_work.max()) > max(1, _OF_ONE_WORK * len(rows))
        if excess > 0 and not is_of_one:
            value = np.log2(1 + len(rows)) * excess * np.log2(1 + spread)
            found.append((float(value), int(arrays["term_hash"][term]), rows, repeated))
    found.sort(key=lambda row: (-row[0], row[1]))
    found = found[: breadth * _TRIED]
    held = np.zeros((len(sample.rows), len(found)), np.float32)
    for column, (_, _, rows, repeated) in enumerate(found):
        held[rows, column] = repeated
    return _Matrix([row[1] for row in found], np.array([row[0] for row in found]), held, sample.rows)


@cache
def _empty_hashes() -> Array:
    numbers = [str(n) for n in range(2100)] + [f"0{n}" for n in range(10)] + list("abcdefghijklmnopqrstuvwxyz")
    stems = {stem for word in sorted(_EMPTY) for stem in terms(word)}
    return np.array(sorted({key_hash(t) for t in [*numbers, *stems]}), np.uint64)


def _uses(matrix: _Matrix, sample: Sample) -> dict[int, _Use]:
    """How the candidates are used, read in the passage that repeats each most and a few others."""
    wanted = {h: i for i, h in enumerate(matrix.hashes)}
    places = sorted({int(p) for p in np.argmax(matrix.held, axis=0)})
    uses: dict[int, _Use] = {}
    index_of = _Index(wanted)
    for text in sample.texts([int(matrix.rows[p]) for p in places]):
        for index, word, context in _read(text, index_of):
            _note(uses.setdefault(index, _Use()), word, context)
    return {i: use for i, use in sorted(uses.items()) if _is_noun(use)}


class _Index(dict[str, int]):
    """The candidate that a word is a form of, or -1; each word is stemmed and hashed once."""

    def __init__(self, wanted: Mapping[int, int]) -> None:
        super().__init__()
        self._wanted = wanted

    def __missing__(self, word: str) -> int:
        stems = terms(word) if word not in _EMPTY else []
        term = word if has_cjk(word) else stems[0] if stems else ""
        self[word] = found = self._wanted.get(key_hash(term), -1) if term else -1
        return found


def _read(text: str, index_of: _Index) -> Iterator[tuple[int, str, tuple[str, str, bool] | None]]:
    """(candidate, word as written, its context) for every word that is a candidate.

    The context is the word before, the word after, and whether it has a capital inside a sentence; None: it labels
    a speaker. A Chinese noun stands for every pair of its characters.
    """
    if has_han(text):
        for word in tagged(text):
            if 1 < len(word.text) < 5 and word.pos in _CHINESE_NOUNS:
                for at in range(len(word.text) - 1):
                    if (index := index_of[word.text[at : at + 2]]) >= 0:
                        yield index, text[word.start : word.end], ("the", "", False)
    tokens = scan(text)
    for at, token in enumerate(tokens):
        index = index_of[token.word]
        if index < 0 or (len(token.word) < 3 and not token.is_capital):
            continue
        written = text[token.start : token.end]
        gap_before = text[tokens[at - 1].end : token.start] if at else "."
        gap_after = text[token.end : tokens[at + 1].start] if at + 1 < len(tokens) else "."
        if gap_after.startswith(":") or (written.isupper() and gap_before.endswith("\n")):
            yield index, written, None
            continue
        before = tokens[at - 1].word if at and not gap_before.strip("'’\"“ \n") else ""
        after = tokens[at + 1].word if at + 1 < len(tokens) and not gap_after.strip(" \n") else ""
        yield index, written, (before, after, token.is_capital and bool(before))


def _note(use: _Use, word: str, context: tuple[str, str, bool] | None) -> None:
    if context is None:
        use.labels += 1
        return
    before, after, is_capital = context
    use.forms[word] += 1
    is_content = before != "" and before not in FUNCTION_WORDS
    use.determined += before in _BEFORE_NOUN
    use.nouns += before in _BEFORE_NOUN or (is_content and (not after or after in FUNCTION_WORDS))
    use.verbs += before in _BEFORE_VERB
    use.leads += bool(after) and after not in FUNCTION_WORDS
    use.inside += bool(before)
    use.capitals += is_capital


def _is_noun(use: _Use) -> bool:
    total = sum(use.forms.values())
    if total < 2 or use.labels > _LABEL_SHARE * total:
        return False
    if use.is_named:
        return fold(use.shown) not in PLACE_OF_DEMONYM
    return (
        use.nouns - use.verbs >= _LEAST_NOUN * total
        and use.determined >= _LEAST_DETERMINED * total
        and use.leads <= _MOST_LEADING * total
    )


def _groups(matrix: _Matrix, uses: Mapping[int, _Use], members: Sequence[int], limit: int) -> list[Topic]:
    chosen = np.array(sorted(members, key=lambda i: (-matrix.value[i], i))[:_WORDS], np.int64)
    if not len(chosen):
        return []
    held = matrix.held[:, chosen]
    has = (held > 0).astype(np.float32)
    count = has.sum(axis=0)
    together = has.T @ has
    lift = together * len(held) / np.maximum(1.0, np.outer(count, count))
    value = matrix.value[chosen].copy()
    topics: list[Topic] = []
    free = np.ones(len(chosen), bool)
    while len(topics) < limit and free.any() and value[free].max() > 0:
        seed = int(np.argmax(np.where(free, value, -1.0)))
        affinity = np.where(free, np.sqrt(together[seed]) * np.log(np.maximum(lift[seed], 1e-9)), -1.0)
        affinity[(lift[seed] < _LIFT) | (together[seed] < _LEAST_PASSAGES)] = -1.0
        affinity[seed] = 0.0
        near = [int(i) for i in np.argsort(-affinity, kind="stable")[: _WORDS_OF_A_TOPIC * 2] if affinity[i] > 0]
        group = [seed, *near[: _WORDS_OF_A_TOPIC - 1]]
        free[seed] = False
        score = held[:, seed] * 1.5 + held[:, group[1:]].sum(axis=1)
        score[held[:, seed] == 0] *= 0.5
        best = [int(p) for p in np.argsort(-score, kind="stable")[:_ROWS_OF_A_TOPIC] if score[p] > 0]
        topics.append(_topic(uses, [int(chosen[i]) for i in group], matrix.rows[best]))
        covered = has[best].sum(axis=0) / np.maximum(1.0, np.minimum(count, len(best)))
        value *= 1 - 0.8 * covered
        free[near] = False
    return topics


def _topic(uses: Mapping[int, _Use], members: Sequence[int], rows: Array) -> Topic:
    words = tuple(dict.fromkeys(uses[i].shown for i in members))
    return Topic(words, frozenset(stem for word in words for stem in terms(word)), tuple(rows.tolist()))
