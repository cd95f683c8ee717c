"""From a question to ranked passages, by words, vectors and links over the graph; no language model.

A passage counts for what it says itself (BM25, vectors, entities of the question), and for what it links to: from the
best passages so far, follow the entities that they name to the passages that speak of those, worth more when these
hold the words of the question that the first lacks. Two such rounds reach evidence three passages away. Every score
keeps the link that made it, which is the evidence path.

All work is on flat arrays (`index.arrays`), bounded by the number of sources and the reach of an entity, whatever
the size of the knowledge base; only adding up scores is linear in the number of chunks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphrag_lite.records import PathStep
from graphrag_lite.text.keys import key_hash
from graphrag_lite.text.lexicon import STOP_WORDS
from graphrag_lite.text.normalize import has_cjk, scan, terms

# Round numbers on flat plateaus; tests/benchmarks/retrieval.py measures them.
LEXICAL = 0.7  # BM25 beside vectors (1.0)
ENTITY = 1.0  # the question's own entities beside both
SOURCES = 20  # passages that are expanded in a round
ROUNDS = (0.8, 0.56)  # weight of the links of each round
COVERAGE = 3.0  # a link is worth (1 + 3 x share of the question's missing terms that its target has)
REACH = 200  # an entity leads to at most its 200 strongest chunks
DENSE_TOP = 100  # nearest chunks by vector that count
_MOST_TERMS = 64  # of a question; the rarest are taken. They are bits of one 64-bit word
_MOST_WORDS_IN_A_NAME = 12
_MOST_MEANINGS = 5

Array = np.ndarray[Any, Any]


@dataclass(slots=True)
class Ranking:
    """Scores of all chunks for one question, and how each was reached.

    Attributes:
        score: [chunks], 0 for those that nothing speaks for.
        asked: Entities that the question names.
        by_entity: Row to the entity of the question that speaks for it most.
        rounds: For each round (target row, source row, entity, whether it set the score), best last.
        term_count: Distinct terms of the question that occur anywhere.
    """

    score: Array
    asked: list[int]
    by_entity: tuple[Array, Array]
    rounds: list[tuple[Array, Array, Array, Array]] = field(default_factory=list)
    term_count: int = 0

    def path(self, row: int) -> list[tuple[int | None, int]]:
        """(entity, row) from the question to a row; entity None: matched by its words or vector."""
        return self._path(row, len(self.rounds))

    def _path(self, row: int, depth: int) -> list[tuple[int | None, int]]:
        for at in range(depth, 0, -1):
            target, source, entity, is_better = self.rounds[at - 1]
            if is_better[row]:
                link = int(np.flatnonzero(target == row)[-1])
                return [*self._path(int(source[link]), at - 1), (int(entity[link]), row)]
        hits = np.flatnonzero(self.by_entity[0] == row)
        return [(int(self.by_entity[1][hits[-1]]) if len(hits) else None, row)]


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
        """Rank all chunks.

        Args:
            question: As asked.
            dense: Rows of the nearest chunks by vector and their similarities; None without vectors.
            mask: [chunks] True for those that may be used at all; None for all.
            rounds: Weight of the links of each round; empty: none are followed.
        """
        found, idf = self._question_terms(question)
        base, has = self._lexical(found)
        if dense is not None:
            base = _fuse(base, *dense)
        asked = self.question_entities(question)
        by_entity = self._entity_bonus(asked)
        bonus = np.zeros(self.size, np.float32)
        bonus[by_entity[0]] = by_entity[2]
        base = _normalised(base + ENTITY * bonus)
        if mask is not None:
            base *= mask
        ranking = Ranking(base.copy(), asked, by_entity[:2], term_count=len(found))
        covered = has.copy()
        for weight in rounds:
            if not self._hop(ranking, base, has, covered, idf, weight, mask):
                break
        return ranking

    def top(self, score: Array, k: int) -> list[int]:
        """Rows of the k best above 0, best first; equal scores in the order of rows."""
        k = min(k, len(score))
        if not k:
            return []
        best = np.argpartition(-score, k - 1)[:k]
        best = np.flatnonzero(score >= score[best].min())
        best = best[np.lexsort((best, -score[best]))][:k]
        return [int(row) for row in best if score[row] > 0]

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
        found: set[int] = set()
        text = question.lower()
        i = 0
        while has_cjk(question) and i < len(text):
            step = 1
            for n in range(min(_MOST_WORDS_IN_A_NAME, len(text) - i), 1, -1):
                name = self._find("name_hash", text[i : i + n]) if has_cjk(text[i : i + n]) else -1
                if name >= 0:
                    found.update(self._meanings(name))
                    step = n
                    break
            i += step
        return found

    def _meanings(self, name: int) -> list[int]:
        starts = self.arrays["name_start"]
        meant = self.arrays["name_entity"][starts[name] : starts[name + 1]].tolist()
        frequency = np.diff(self.arrays["entity_start"])
        return sorted(meant, key=lambda entity: (-frequency[entity], entity))[:_MOST_MEANINGS]

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
        """BM25 over its maximum, and for each chunk the bits of the question terms that it holds."""
        score, has = np.zeros(self.size, np.float32), np.zeros(self.size, np.uint64)
        starts = self.arrays["term_start"]
        for bit, term in enumerate(found):
            at = slice(int(starts[term]), int(starts[term + 1]))
            rows = self.arrays["posting_row"][at]
            score[rows] += self.arrays["posting_weight"][at]
            has[rows] |= np.uint64(1 << bit)
        return _normalised(score), has

    def _entity_bonus(self, asked: list[int]) -> tuple[Array, Array, Array]:
        """Rows that speak of the question's entities, the entity and its strength, strongest last."""
        entities = np.array(asked, np.int64)
        which, at = _take(self.arrays["entity_start"], entities)
        strength = self.arrays["entity_strength"][at]
        order = np.argsort(strength, kind="stable")
        return self.arrays["entity_row"][at[order]], entities[which[order]], strength[order]

    def _hop(
        self, ranking: Ranking, base: Array, has: Array, covered: Array, idf: Array, weight: float, mask: Array | None
    ) -> bool:
        """Add one round of links to the ranking; False when there are none."""
        total = ranking.score
        k = min(SOURCES, self.size)
        sources = np.sort(np.argpartition(-total, k - 1)[:k]) if k else np.zeros(0, np.int64)
        sources = sources[total[sources] > 0]
        link_source, entity, target, strength = self._links(sources, ranking.asked)
        if mask is not None and len(target):
            keep = mask[target]
            link_source, entity, target, strength = (x[keep] for x in (link_source, entity, target, strength))
        if not len(target):
            return False
        worth = total[sources] / total.max()
        missing = ~covered[sources]
        lack = np.maximum(1.0, _amount(missing, idf))
        gain = _amount(missing[link_source] & has[target], idf) / lack[link_source]
        value = (worth[link_source] * strength * (1 + COVERAGE * gain)).astype(np.float32)
        order = np.argsort(value, kind="stable")  # of several links to one chunk the best is written last
        link_source, entity, target, value = link_source[order], entity[order], target[order], value[order]
        hop = np.zeros(self.size, np.float32)
        hop[target] = value
        score = base + weight * hop / value[-1]
        reached = has.copy()
        reached[target] = covered[sources[link_source]] | has[target]
        is_better = score > total
        np.copyto(total, score, where=is_better)
        np.copyto(covered, reached, where=is_better)
        ranking.rounds.append((target, sources[link_source], entity, is_better))
        return True

    def _links(self, sources: Array, asked: list[int]) -> tuple[Array, Array, Array, Array]:
        """Links source -> entity -> target: (index into sources, entity, target row, strength)."""
        starts = self.arrays["entity_start"]
        which, at = _take(self.arrays["chunk_start"], sources)
        entity = self.arrays["chunk_entity"][at].astype(np.int64)
        keep = ~np.isin(entity, asked)
        which, entity = which[keep], entity[keep]
        count = np.minimum(starts[entity + 1] - starts[entity], REACH)
        link = np.repeat(np.arange(len(entity)), count)
        at = np.arange(len(link)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(starts[entity], count)
        target, strength = self.arrays["entity_row"][at], self.arrays["entity_strength"][at]
        keep = target != sources[which[link]]
        link, target, strength = link[keep], target[keep], strength[keep]
        return which[link], entity[link], target, strength


def path_steps(
    path: list[tuple[int | None, int]], entity_names: Any, chunk_ids: Any, titles: Any
) -> tuple[PathStep, ...]:
    """An evidence path for people: question, then entity and passage in turn."""
    steps = [PathStep("question", "", "question")]
    for entity, row in path:
        if entity is not None:
            name = entity_names[entity].as_py()
            steps.append(PathStep("entity", str(entity), name))
        chunk_id = chunk_ids[row].as_py()
        steps.append(PathStep("passage", chunk_id, titles[row].as_py() or chunk_id))
    return tuple(steps)


def _take(starts: Array, groups: Array) -> tuple[Array, Array]:
    """Positions of several groups of a flat array: (which group, position)."""
    length = starts[groups + 1] - starts[groups]
    which = np.repeat(np.arange(len(groups)), length)
    first = np.repeat(np.cumsum(length) - length, length)
    return which, np.arange(len(which)) - first + np.repeat(starts[groups], length)


def _normalised(score: Array) -> Array:
    scaled: Array = score / (score.max(initial=0.0) + np.float32(1e-9))
    return scaled


def _fuse(lexical: Array, rows: Array, similarity: Array) -> Array:
    """BM25 and the similarities of the nearest chunks, each on its own scale from 0 to 1."""
    top = np.argsort(-similarity, kind="stable")[:DENSE_TOP]
    rows, similarity = rows[top], similarity[top]
    span = similarity.max(initial=0.0) - similarity.min(initial=1.0)
    score = lexical * np.float32(LEXICAL)
    score[rows] += (similarity - similarity.min(initial=1.0)) / (span + 1e-9)
    return _normalised(score)


def _amount(bits: Array, idf: Array) -> Array:
    """Sum of the idf of the set bits."""
    if not len(idf):
        return np.zeros(len(bits), np.float32)
    places = np.arange(len(idf), dtype=np.uint64)
    return ((bits[:, None] >> places) & np.uint64(1)).astype(np.float32) @ idf
