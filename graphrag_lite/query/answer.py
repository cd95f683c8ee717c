"""Answers without a model: the sentences of the retrieved passages that answer best, quoted and cited.

Everything shown is text of a document. When the passages do not hold what the question names, the answer says that it
does not know and what was searched.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graphrag_lite.query.asked import Asked, read_question
from graphrag_lite.query.cite import citation_of
from graphrag_lite.query.quotations import Quotation, names_of, quotations, units
from graphrag_lite.records import Citation, Passage
from graphrag_lite.text.informative import leans, quotable
from graphrag_lite.text.normalize import has_cjk, terms

_CUED = 1.6
_MOST_QUOTATIONS = 4
# Parts of the weight of the question's terms. Measured on answerable and unanswerable questions of several corpora:
# one passage alone should hold the first; or the second, if another that it leads to brings the sum to the third.
_ENOUGH_ALONE = 0.45
_ENOUGH_TO_LEAD_ON = 0.33
_ENOUGH_TOGETHER = 0.6
_LEAST_GAIN = 0.12  # of that weight: what a further quotation has to add
_COMFORTABLE = 300  # characters; a longer quotation holds everything and answers nothing
_FURTHER_DOWN = 0.15  # what each rank of the passage takes off
_LINKED_ENDS = 5  # quotations of a passage that are tried as an end of a chain
_CHAIN = 1.15  # a chain of two has to be this much better than one quotation
_AS_GOOD = 0.9  # of the question that a quotation has to say itself to contradict another
_LONGEST_WITH_CONTEXT = 500
_ITSELF = 0.7
_NAMED = 0.6  # how far a name has to be said to count as named


@dataclass(frozen=True, slots=True)
class ExtractiveAnswer:
    """An answer made of quotations. `is_supported` is False when it says that the answer is not known."""

    text: str
    citations: tuple[Citation, ...]
    is_supported: bool


def answer_from_passages(
    question: str,
    passages: Sequence[Passage],
    *,
    mode: str = "local",
    document_count: int = 0,
    term_weight: Callable[[str], float] | None = None,
) -> ExtractiveAnswer:
    """The one to four sentences that answer best, each followed by its marker.

    Args:
        question: In English or Chinese.
        passages: Best first.
        mode: Named when the answer is not known.
        document_count: Documents that were searched, named when the answer is not known.
        term_weight: Rarity of a term in the corpus; None: estimated from the passages.
    """
    asked = read_question(question)
    offered = quotations(asked, passages)
    weights = _corpus_weights(asked, offered, term_weight)
    if not weights or not _is_supported(asked, passages, _without_characters(weights)):
        return ExtractiveAnswer(unknown(asked, mode, document_count), (), False)
    choice = _Choice(asked, offered, _telling_weights(weights, offered))
    return quote(_as_read(choice.run()))


def unknown(asked: Asked, mode: str, document_count: int) -> str:
    """That the answer is not known and what was searched, in the language of the question."""
    if asked.is_chinese:
        searched = f"检索了 {document_count} 篇文档" if document_count else "检索了知识库"
        return f"我不知道：{searched}（{mode} 模式），没有找到能够支持答案的内容。"
    searched = f"{document_count:,} documents" if document_count > 1 else "the documents"
    return f"I do not know: I searched {searched} (mode {mode}) and found no passage that supports an answer."


def quote(spans: Sequence[tuple[Passage, int, int]]) -> ExtractiveAnswer:
    """Spans of passages as one text, each followed by its marker, with the citations."""
    text, citations = "", []
    for number, (passage, start, end) in enumerate(spans, 1):
        shown = quotable(passage.text[start:end])
        gap = "" if not text or has_cjk(shown[:4]) else " "
        text += f"{gap}{shown}{'' if has_cjk(shown[-4:]) else ' '}[{number}]"
        citations.append(citation_of(passage, str(number), start, end))
    return ExtractiveAnswer(text, tuple(citations), True)


class _Choice:
    """The quotations that answer best: one, or two of passages that lead to one another, and what these lack."""

    def __init__(self, asked: Asked, offered: Sequence[Quotation], weights: Mapping[str, float]) -> None:
        self.asked = asked
        self.weights = weights
        self.pool = list(offered)
        self.cue = {id(q): self._cue(q) for q in self.pool}
        self.alone = [self._said(q) * self.cue[id(q)] * self._worth(q) for q in self.pool]

    def run(self) -> list[Quotation]:
        if not self.pool:
            return []
        best = max(range(len(self.pool)), key=lambda i: (self.alone[i], -i))
        if self.asked.is_definition and self.cue[id(self.pool[best])] > 1.0:
            return [self.pool[best]]  # what says who or what something is needs no other beside it
        score, chain = max(self._chains(), key=lambda row: row[0], default=(0.0, ()))
        chosen = list(chain) if score > _CHAIN * self.alone[best] else [self.pool[best]]
        while len(chosen) < _MOST_QUOTATIONS and (further := self._further(chosen)):
            chosen.append(further)
        chosen = self._in_order(chosen)
        return chosen + self._contradicting(chosen)

    def _said(self, q: Quotation) -> float:
        return sum(self.weights[t] * s for t, s in q.says.items())

    def _cue(self, q: Quotation) -> float:
        asked = self.asked
        if asked.kind in ("date", "number") and not asked.is_definition:
            return _CUED if q.values else 1.0
        if asked.kind == "person" and not asked.is_definition and not asked.is_chinese:
            return _CUED if q.names - asked.words else 1.0
        return asked.cue(q.text)

    def _worth(self, q: Quotation) -> float:
        return q.worth * min(1.0, _COMFORTABLE / (q.end - q.start)) / (1 + _FURTHER_DOWN * q.rank)

    def _said_itself(self, q: Quotation) -> float:
        """What it says in its own words, none of its neighbours' or its title's."""
        return sum(self.weights[t] for t, s in q.says.items() if s >= _ITSELF)

    def _chains(self) -> Iterator[tuple[float, tuple[Quotation, ...]]]:
        ends: dict[int, list[int]] = {}
        for i in sorted(range(len(self.pool)), key=lambda i: (-self.alone[i], i)):
            of_passage = ends.setdefault(self.pool[i].rank, [])
            if len(of_passage) < _LINKED_ENDS:
                of_passage.append(i)
        for one in ends:
            for other in ends:
                if one != other:
                    for i in ends[one]:
                        for j in ends[other]:
                            yield self._chain(self.pool[i], self.pool[j])

    def _chain(self, first: Quotation, last: Quotation) -> tuple[float, tuple[Quotation, ...]]:
        if not self._is_linked(first, last):
            return 0.0, ()
        gain = sum(w * max(first.says.get(t, 0.0), last.says.get(t, 0.0)) for t, w in self.weights.items())
        worth = math.sqrt(self._worth(first) * self._worth(last))
        return gain * self.cue[id(last)] * worth, (first, last)

    def _is_linked(self, first: Quotation, last: Quotation) -> bool:
        """Whether the first names somebody or something new that the last, or its document, is about."""
        subject = last.names | names_of(last.passage.title)
        return bool((first.names & subject) - self.asked.words)

    def _further(self, chosen: Sequence[Quotation]) -> Quotation | None:
        covered: dict[str, float] = {}
        for q in chosen:
            for t, s in q.says.items():
                is_named = s >= _NAMED and t in self.asked.name_terms
                covered[t] = max(1.0 if is_named else s, covered.get(t, 0.0))
        is_named = any(self.cue[id(q)] > 1.0 for q in chosen)
        found = []
        for i, q in enumerate(self.pool):
            gain = sum(self.weights[t] * max(0.0, s - covered.get(t, 0.0)) for t, s in q.says.items())
            gain *= self._worth(q) * (1.0 if is_named else self.cue[id(q)])
            if 1.3 * gain >= _LEAST_GAIN:
                found.append((gain * self._connection(q, chosen, covered), -i))
        best, index = max(found, default=(0.0, 0))
        return self.pool[-index] if best >= _LEAST_GAIN else None

    def _connection(self, q: Quotation, chosen: Sequence[Quotation], covered: Mapping[str, float]) -> float:
        """Above 1 for what speaks of somebody or something new that was brought up so far; 0 for a repetition."""
        if any(len(q.own & c.own) >= 0.7 * max(1, min(len(q.own), len(c.own))) for c in chosen):
            return 0.0
        if any(c.passage is not q.passage and self._is_linked(c, q) for c in chosen):
            return 1.3
        if any(c.passage is q.passage for c in chosen):
            return 0.7
        names_more = any(covered.get(t, 0.0) < _NAMED <= q.says.get(t, 0.0) for t in self.asked.name_terms)
        return 0.7 if names_more else 0.3

    def _contradicting(self, chosen: Sequence[Quotation]) -> list[Quotation]:
        """A quotation of another document that answers as well with another date or number."""
        if len(chosen) > 1 or not chosen[0].values or self._said_itself(chosen[0]) < _AS_GOOD:
            return []
        found = [
            (self._said_itself(q), self._worth(q), -i)
            for i, q in enumerate(self.pool)
            if q.values
            and not q.values & chosen[0].values
            and q.passage.document_id != chosen[0].passage.document_id
            and q.end - q.start <= _COMFORTABLE
        ]
        said, _, index = max(found, default=(0.0, 0.0, 0))
        return [self.pool[-index]] if said >= _AS_GOOD else []

    def _in_order(self, chosen: list[Quotation]) -> list[Quotation]:
        """As in the text within a passage; else from what the question starts from to what it asks for.

        English asks first and describes then ("Who taught the designer of …"), Chinese the other way round.
        """
        if len({q.passage.chunk_id for q in chosen}) == 1:
            return sorted(chosen, key=lambda q: q.start)
        place = {t: n for n, t in enumerate(terms(self.asked.text))}
        shared = {t for t in place if all(q.says.get(t, 0.0) >= _NAMED for q in chosen)}

        def mean(q: Quotation) -> float:
            said = [place[t] for t, s in q.says.items() if s >= _NAMED and t in place and t not in shared]
            return sum(said) / len(said) if said else len(place) / 2

        return sorted(chosen, key=mean if self.asked.is_chinese else lambda q: -mean(q))


def _as_read(chosen: Sequence[Quotation]) -> list[tuple[Passage, int, int]]:
    """Spans to quote: neighbours as one, and with the sentence before where one would begin in the air."""
    spans: list[tuple[Passage, int, int]] = []
    for q in chosen:
        start = _unleant(q)
        if spans and spans[-1][0] is q.passage and not q.passage.text[spans[-1][2] : start].strip():
            spans[-1] = (q.passage, min(start, spans[-1][1]), max(q.end, spans[-1][2]))
        else:
            spans.append((q.passage, start, q.end))
    return spans


def _unleant(q: Quotation) -> int:
    text = q.passage.text
    if not leans(text[q.start : q.end]):
        return q.start
    before = [span for span in units(text) if span[1] <= q.start]
    if before and q.end - before[-1][0] <= _LONGEST_WITH_CONTEXT and "\n\n" not in text[before[-1][1] : q.start]:
        return before[-1][0]
    return q.start


def _corpus_weights(
    asked: Asked, offered: Sequence[Quotation], term_weight: Callable[[str], float] | None
) -> dict[str, float]:
    """Weight of each term of the question by its rarity, names above other words; sum 1."""
    if term_weight is not None:
        raw = {t: max(0.1, term_weight(t)) for t in asked.terms}
    else:
        counts = Counter(t for q in offered for t in q.own & asked.terms)
        raw = {t: math.log(1 + (len(offered) + 1) / (counts[t] + 0.5)) for t in asked.terms}
    return _normalised({t: w * (1.5 if t in asked.name_terms else 1.0) for t, w in raw.items()})


def _telling_weights(weights: Mapping[str, float], offered: Sequence[Quotation]) -> dict[str, float]:
    """Weights for choosing: what every passage says (the name they were found by) tells none from another."""
    counts = Counter(t for q in offered for t, s in q.says.items() if s >= 0.8)
    return _normalised({t: w * math.log(2 + len(offered) / (counts[t] + 0.5)) for t, w in weights.items()})


def _normalised(raw: Mapping[str, float]) -> dict[str, float]:
    total = sum(raw.values())
    return {t: w / total for t, w in sorted(raw.items())} if total else {}


def _without_characters(weights: Mapping[str, float]) -> dict[str, float]:
    """Weights without single Chinese characters, which stand in any text, where there are pairs of them."""
    words = {t: w for t, w in weights.items() if len(t) > 1 or not has_cjk(t)}
    return _normalised(words or weights)


def _is_supported(asked: Asked, passages: Sequence[Passage], weights: Mapping[str, float]) -> bool:
    """Whether a passage, alone or with one that it leads to, speaks of what the question names."""
    held = [_held(asked, passage) for passage in passages]
    named = [names_of(passage.text) - asked.words for passage in passages]
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
    found = frozenset(terms(f"{passage.title}\n{passage.text}"))
    return found | {term for term, forms in asked.related.items() if forms & found}


def _sum(weights: Mapping[str, float], held: frozenset[str]) -> float:
    return sum(weight for term, weight in weights.items() if term in held)


def _holds_names(asked: Asked, weights: Mapping[str, float], held: frozenset[str]) -> bool:
    """Whether most of what the question's names weigh is there."""
    names = {t: w for t, w in weights.items() if t in asked.name_terms}
    return _sum(names, held) >= 0.5 * sum(names.values())
