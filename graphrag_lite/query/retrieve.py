"""From a question to ranked passages, by words, vectors and links over the graph; no language model.

A passage counts for what it says itself (BM25, vectors, entities of the question), and for what it links to: from the
best passages so far, follow the entities that they name to the passages that speak of those, worth more when these
hold the words of the question that the first lacks. Two such rounds reach evidence three passages away. Every score
keeps the link that made it, which is the evidence path.

All work is on flat arrays (`index.arrays`), bounded by the number of sources and the reach of an entity, whatever
the size of the knowledge base; only adding up scores is linear in the number of chunks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphrag_lite.query.spelling import corrected
from graphrag_lite.text.keys import key_hash
from graphrag_lite.text.lexicon import STOP_WORDS
from graphrag_lite.text.normalize import has_cjk, name_text, scan, terms

# Round numbers on flat plateaus; tests/benchmarks/retrieval.py measures them.
LEXICAL = 0.7  # BM25 beside vectors (1.0)
ENTITY = 2.0  # the question's own entities beside both together (1.0)
SOURCES = 20  # passages that are left through their entities in a round
ROUNDS = (0.8, 0.4)  # weight of the links of each round
FLOOR = 1.0  # a best link weaker than this does not count in full: single facts stay what they are
COVERAGE = 3.0  # a link is worth 1 + 3 x the share of the question's still missing terms that its target has
REACH = 200  # an entity leads to at most its 200 strongest chunks
POOL = 1000  # chunks that are ranked
DENSE_TOP = 100  # nearest chunks by vector that count
_LEAST_BOUND = 1e-4  # of a score that makes a candidate
_MOST_ASKED = 10_000  # chunks of an entity that the question names
_MOST_TERMS = 64  # of a question; the rarest are taken. They are bits of one 64-bit word
_MOST_WORDS_IN_A_NAME = 12
_MOST_CHARACTERS_IN_A_NAME = 24  # of Chinese: firms in full
_MOST_MEANINGS = 5

Array = np.ndarray[Any, Any]


@dataclass(slots=True)
class Ranking:
    """The chunks that something speaks for, and how each was reached.

    Attributes:
        rows: Best first; equal scores in the order of rows.
        score: Of each, above 0.
        asked: Entities that the question names.
        by_entity: (rows, entities): chunks that an entity of the question speaks for, the strongest last.
        rounds: For each round (target rows, source rows, entities) of the links that set a score.
    """

    rows: Array
    score: Array
    asked: list[int]
    by_entity: tuple[Array, Array]
    rounds: list[tuple[Array, Array, Array]] = field(default_factory=list)

    def top(self, k: int) -> list[tuple[int, float]]:
        """(row, score) of the k best."""
        return list(zip(self.rows[:k].tolist(), self.score[:k].tolist(), strict=True))

    def path(self, row: int) -> list[tuple[int | None, int]]:
        """(entity, row) from the question to a row; entity None: matched by its words or vector."""
        steps: list[tuple[int | None, int]] = []
        for target, source, entity in reversed(self.rounds):
            at = np.flatnonzero(target == row)
            if len(at):
                steps.append((int(entity[at[0]]), row))
                row = int(source[at[0]])
        hits = np.flatnonzero(self.by_entity[0] == row)
        steps.append((int(self.by_entity[1][hits[-1]]) if len(hits) else None, row))
        return steps[::-1]


class Retriever:
    """Searches the arrays of one snapshot; holds no state of its own, so threads may share it.

    Args:
        arrays: As `index.arrays` builds them, in memory or memory-mapped.
        size: Number of chunks.
    """

    def __init__(self, arrays: dict[str, Array], size: int) -> None:
        self.arrays = arrays
        self.size = size

    def search(
        self,
        question: str,
        dense: tuple[Array, Array] | None = None,
        mask: Array | None = None,
        rounds: tuple[float, ...] = ROUNDS,
    ) -> Ranking:
        """Rank the chunks.

        Args:
            question: As asked.
            dense: Rows of the nearest chunks by vector and their similarities; None without vectors.
            mask: [chunks] True for those that may be used at all; None for all.
            rounds: Weight of the links of each round; empty: none are followed.
        """
        question = corrected(question, self._occurrences)
        found, idf = self._question_terms(question)
        total, has = self._lexical(found)
        if dense is not None:
            _add_dense(total, *dense)
        _normalise(total)
        asked = self.question_entities(question)
        by_entity = self._add_entities(total, asked)
        if mask is not None:
            total *= mask
        pool = _best(total, POOL)
        _normalise(total, float(total[pool].max(initial=0.0)))
        ranking = Ranking(pool, total[pool], asked, by_entity)
        hops = _Hops(self.arrays, total, has, np.array(asked, np.int64), idf, mask)
        is_in_pool = np.zeros(self.size, bool)
        is_in_pool[pool] = True
        for weight in rounds:
            reached = hops.run(pool, weight)
            if reached is None:
                break
            ranking.rounds.append(reached)
            new = reached[0][~is_in_pool[reached[0]]]
            is_in_pool[new] = True
            pool = np.concatenate([pool, new])
        pool = pool[np.lexsort((pool, -total[pool]))]
        pool = pool[total[pool] > 0]
        ranking.rows, ranking.score = pool, total[pool]
        return ranking

    def _occurrences(self, words: Sequence[str]) -> list[int]:
        """Chunks that hold each of some ASCII words, none of them a stop word, in any of its forms."""
        hashes = np.fromiter(map(key_hash, terms(" ".join(words))), np.uint64, len(words))
        known, starts = self.arrays["term_hash"], self.arrays["term_start"]
        if not len(known):
            return [0] * len(words)
        at = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
        return list(np.where(known[at] == hashes, starts[at + 1] - starts[at], 0).tolist())

    def lexical(self, question: str) -> Array:
        """BM25 of every row."""
        return self._lexical(self._question_terms(question)[0])[0]

    def nearest(self, vector: Array, k: int, mask: Array | None = None) -> tuple[Array, Array] | None:
        """Rows of the k permitted chunks nearest to a unit vector, and cosines; None where no matrix is mapped."""
        if "vectors" not in self.arrays:
            return None
        similarity = self.arrays["vectors"] @ vector
        if mask is not None:
            similarity = np.where(mask, similarity, np.float32(-1.0))
        best = np.argpartition(-similarity, min(k, self.size) - 1)[:k] if self.size else np.zeros(0, np.int64)
        return best, similarity[best]

    def rows_of_vectors(self, hashes: Sequence[str], similarity: Array) -> tuple[Array, Array]:
        """Rows of the chunks whose embedded texts have these hashes; several where texts are equal."""
        known, rows = self.arrays["embedded_hash"], self.arrays["embedded_hash_row"]
        wanted = np.fromiter(map(key_hash, hashes), np.uint64, len(hashes))
        first, last = np.searchsorted(known, wanted, "left"), np.searchsorted(known, wanted, "right")
        which = np.repeat(np.arange(len(wanted)), last - first)
        at = np.arange(len(which)) - np.repeat(np.cumsum(last - first) - (last - first), last - first)
        return rows[at + np.repeat(first, last - first)], similarity[which]

    def term_weight(self, term: str) -> float:
        """Inverse document frequency of a term; that of the rarest where it occurs nowhere."""
        index = self._find("term_hash", term)
        return float(self.arrays["term_idf"][index]) if index >= 0 else float(np.log(1 + 2 * self.size))

    def rows_of_terms(self, wanted: Iterable[str]) -> Array:
        """Rows that hold any of some terms, ascending."""
        starts = self.arrays["term_start"]
        found = [index for term in wanted if (index := self._find("term_hash", term)) >= 0]
        has = np.zeros(self.size, bool)
        for i in found:
            has[self.arrays["posting_row"][int(starts[i]) : int(starts[i + 1])]] = True
        return np.flatnonzero(has)

    def row_of_chunk(self, chunk_id: str) -> int:
        """The row of a chunk; -1 when there is none."""
        return int(self.arrays["chunk_hash_row"][at]) if (at := self._find("chunk_hash", chunk_id)) >= 0 else -1

    def question_entities(self, question: str) -> list[int]:
        """Entities that a question names; in a question without capitals any word may be a name."""
        tokens = scan(question)
        any_case = not any(token.is_capital for token in tokens[1:])
        found: set[int] = set()
        i = 0
        while i < len(tokens):
            step = 1
            for n in range(min(_MOST_WORDS_IN_A_NAME, len(tokens) - i), 0, -1):
                words = [token.word for token in tokens[i : i + n]]
                if all(word in STOP_WORDS for word in words):
                    continue
                name = self._find("name_hash", " ".join(words))
                is_shown = any_case or any(token.is_capital for token in tokens[i : i + n])
                if name >= 0 and (is_shown or self.arrays["name_is_free"][name]):
                    found.update(self._meanings(name))
                    step = n
                    break
            i += step
        return sorted(found | self._cjk_entities(question))

    def _cjk_entities(self, question: str) -> set[int]:
        return {entity for _, name in self._cjk_names(question) for entity in self._meanings(name)}

    def cjk_names(self, question: str) -> list[str]:
        """The names in Chinese that a question holds, in order, in the characters of their keys."""
        return [found for found, _ in self._cjk_names(question)]

    def _cjk_names(self, question: str) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = []
        text = name_text(question)
        i = 0
        while has_cjk(question) and i < len(text):
            step = 1
            for n in range(min(_MOST_CHARACTERS_IN_A_NAME, len(text) - i), 1, -1):
                name = self._find("name_hash", text[i : i + n]) if has_cjk(text[i : i + n]) else -1
                if name >= 0:
                    found.append((text[i : i + n], name))
                    step = n
                    break
            i += step
        return found

    def _meanings(self, name: int) -> list[int]:
        starts = self.arrays["name_start"]
        meant = self.arrays["name_entity"][starts[name] : starts[name + 1]].tolist()
        links = self.arrays["entity_start"]
        return sorted(meant, key=lambda entity: (links[entity] - links[entity + 1], entity))[:_MOST_MEANINGS]

    def _find(self, array: str, key: str) -> int:
        hashes, wanted = self.arrays[array], np.uint64(key_hash(key))
        at = int(np.searchsorted(hashes, wanted))
        return at if at < len(hashes) and hashes[at] == wanted else -1

    def _question_terms(self, question: str) -> tuple[list[int], Array]:
        """Indices of the question's terms, rarest first, and their idf."""
        found = sorted({index for term in terms(question) if (index := self._find("term_hash", term)) >= 0})
        idf = self.arrays["term_idf"][found] if found else np.zeros(0, np.float32)
        order = np.argsort(-idf, kind="stable")[:_MOST_TERMS]
        return [found[i] for i in order], idf[order]

    def _lexical(self, found: list[int]) -> tuple[Array, Array]:
        """BM25, and for each chunk the bits of the question terms that it holds."""
        score, has = np.zeros(self.size, np.float32), np.zeros(self.size, np.uint64)
        starts = self.arrays["term_start"]
        for bit, term in enumerate(found):
            at = slice(int(starts[term]), int(starts[term + 1]))
            rows = self.arrays["posting_row"][at]
            score[rows] += self.arrays["posting_weight"][at]
            has[rows] |= np.uint64(1 << bit)
        return score, has

    def _add_entities(self, total: Array, asked: list[int]) -> tuple[Array, Array]:
        """Add what the question's entities say; gives the rows, and the entity of each, strongest last."""
        entities = np.array(asked, np.int64)
        which, at = _take(self.arrays["entity_start"], entities, _MOST_ASKED)
        strength = self.arrays["entity_strength"][at]
        order = np.argsort(strength, kind="stable")
        rows = self.arrays["entity_row"][at[order]]
        bonus = np.zeros(self.size if len(rows) else 0, np.float32)
        if len(rows):
            bonus[rows] = strength[order]  # of several entities of a chunk the strongest is written last
            total += np.float32(ENTITY) * bonus
        return rows, entities[which[order]]


class _Hops:
    """Rounds of links over the scores of one question, which they raise in place."""

    def __init__(
        self, arrays: dict[str, Array], total: Array, has: Array, asked: Array, idf: Array, mask: Array | None
    ) -> None:
        self.arrays, self.total, self.has, self.asked, self.mask = arrays, total, has, asked, mask
        self.covered, self.parent = has.copy(), np.full(len(total), -1, np.int32)
        self.base, self.slot = total.copy(), np.empty(len(total), np.int32)
        self.amount = _weigher(idf)

    def run(self, pool: Array, weight: float) -> tuple[Array, Array, Array] | None:
        """Follow the links of the best chunks of the pool; (targets, sources, entities) of those that count."""
        total, covered = self.total, self.covered
        sources = pool[np.lexsort((pool, -total[pool]))][:SOURCES]
        sources = sources[total[sources] > 0]
        which, entity, target, strength = self._links(sources)
        if not len(target):
            return None
        source = sources[which]
        worth = total[sources] / total[sources].max()
        missing = ~covered[sources]
        lack = np.maximum(1.0, self.amount(missing))
        gain = self.amount(missing[which] & self.has[target]) / lack[which]
        value = worth[which] * strength * (1 + COVERAGE * gain)
        order = np.argsort(value, kind="stable")
        self.slot[target[order]] = order  # the best link of each target is written last
        score = self.base[target] + weight * value / max(float(value.max()), FLOOR)
        wins = np.flatnonzero((self.slot[target] == np.arange(len(target))) & (score > total[target]))
        target, source, entity = target[wins], source[wins], entity[wins]
        total[target], self.parent[target] = score[wins], source
        covered[target] = covered[source] | self.has[target]
        return target, source, entity

    def _links(self, sources: Array) -> tuple[Array, Array, Array, Array]:
        """Links source -> entity -> target: (index into sources, entity, target row, strength)."""
        which, at = _take(self.arrays["chunk_start"], sources)
        entity = self.arrays["chunk_entity"][at].astype(np.int64)
        keep = ~np.isin(entity, self.asked)
        which, entity = which[keep], entity[keep]
        link, at = _take(self.arrays["entity_start"], entity, REACH)
        target = self.arrays["entity_row"][at]
        source = sources[which[link]]
        keep = (target != source) & (target != self.parent[source])  # not back to where the source came from
        if self.mask is not None:
            keep &= self.mask[target]
        link, target, strength = link[keep], target[keep], self.arrays["entity_strength"][at][keep]
        return which[link], entity[link], target, strength


def _take(starts: Array, groups: Array, most: int = 2**31) -> tuple[Array, Array]:
    """Positions of several groups of a flat array, the first `most` of each: (which group, position)."""
    length = np.minimum(starts[groups + 1] - starts[groups], most)
    which = np.repeat(np.arange(len(groups)), length)
    first = np.repeat(np.cumsum(length) - length, length)
    return which, np.arange(len(which)) - first + np.repeat(starts[groups], length)


def _normalise(score: Array, top: float | None = None) -> None:
    """Scale to a maximum of 1, in place."""
    score /= np.float32((float(score.max(initial=0.0)) if top is None else top) + 1e-9)


def _add_dense(lexical: Array, rows: Array, similarity: Array) -> None:
    """BM25 and the similarities of the nearest chunks, each on its own scale from 0 to 1, added in place."""
    _normalise(lexical)
    lexical *= np.float32(LEXICAL)
    top = np.argsort(-similarity, kind="stable")[:DENSE_TOP]
    rows, similarity = rows[top], similarity[top]
    if len(rows):
        low = similarity.min()
        lexical[rows] += (similarity - low) / (similarity.max() - low + 1e-9)


def _best(score: Array, k: int) -> Array:
    """About k best rows (all that have a score, if fewer), without sorting everything."""
    if len(score) <= 4 * k:
        return np.lexsort((np.arange(len(score)), -score))[:k]
    bound = float(score.max()) / 2
    found = np.flatnonzero(score > bound)
    if len(found) < k and bound > _LEAST_BOUND:
        # Lower bounds are tried on what has a score at all: of a large collection that is a small part.
        any_score = np.flatnonzero(score > _LEAST_BOUND / 2)
        scored = score[any_score]
        while bound > _LEAST_BOUND and np.count_nonzero(scored > bound) < k:
            bound *= 0.7
        found = any_score[scored > bound]
    if len(found) > 8 * k:
        found = found[np.argpartition(-score[found], k)[:k]]
    return found


def _weigher(idf: Array) -> Callable[[Array], Array]:
    """A function from bits of question terms to the sum of their idf, eight terms a look-up."""
    padded = np.append(idf, np.zeros(-len(idf) % 8, np.float32))
    sums = ((np.arange(256)[:, None] >> np.arange(8)) & 1) @ padded.reshape(-1, 8).T
    low = np.uint64(255)

    def amount(bits: Array) -> Array:
        total = np.zeros(len(bits), np.float64)
        for byte in range(sums.shape[1]):
            total += sums[(bits >> np.uint64(8 * byte)) & low, byte]
        return total

    return amount
