"""Which quotations answer: one that says it all, or a chain of them from passage to passage."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from graphrag_lite.query.asked import Asked
from graphrag_lite.query.extractive.appraisal import COMFORTABLE, Appraisal
from graphrag_lite.query.extractive.links import Links
from graphrag_lite.query.extractive.quotations import Quotation
from graphrag_lite.query.extractive.weights import share_said
from graphrag_lite.records import Passage
from graphrag_lite.text.informative import telling_alone
from graphrag_lite.text.lexicon import ARTICLES, POLITE_TITLES
from graphrag_lite.text.normalize import scan, terms

_MOST_OF_DOCUMENTS, _NEARLY_AS_GOOD = 3, 0.5  # documents quoted then, and how good each has to be beside the best
_MOST_ROWS = 6  # quoted of a table
_REPEATS = 0.7  # of the terms of two quotations: then one repeats the other
_MOST_QUOTATIONS = 4
_LEAST_GAIN = 0.12  # of the question's weight: what a further quotation has to add
_LEAST_LINKED = 0.1  # the same of one that another passage leads to, which counts more
_LINKED_ENDS = 5  # quotations of a passage that are tried as an end of a chain
_LINKED_PASSAGES = 12
_CHAIN = 1.1  # a chain of two has to be this much better than one quotation
_AS_GOOD = 0.9  # of the question that a quotation has to say itself to contradict another
_ALL = 0.95  # of the question: what says so much itself needs no chain
_ITSELF = 0.7
_CLOSE = 0.6  # of the best quotation: one so good, with a date or number, is taken before it where that is asked for
_TOLD = 0.7  # of the question, that it takes to name a relation
NAMED = 0.6  # how far a name has to be said to count as named
_WH = frozenset({"who", "whom", "whose", "what", "which", "many", "much"})
_AFTER_HEAD = frozenset({"of", "that", "who", "which", "where", "when", "for", "in", "at", "to"})
_HEAD_REACH = 6  # words
_IN_PLACE, _LINKED, _BESIDE = 0.7, 1.3, 0.7


class Choice:
    """The quotations that answer best: one, or two of passages that lead to one another, and what these lack.

    Args:
        asked: The question.
        offered: What can be quoted.
        weights: How much each term of the question tells; sum 1.
        passages: Those of the quotations, for the ways between them.
    """

    def __init__(
        self, asked: Asked, offered: Sequence[Quotation], weights: Mapping[str, float], passages: Sequence[Passage]
    ) -> None:
        self.asked = asked
        self.weights = weights
        self.pool = list(offered)
        self.links = Links(asked, passages)
        self.instruction = asked.instruction
        self._appraisal = Appraisal(asked, self.pool, weights, passages)
        self.cue = {id(q): self._appraisal.cue(q) for q in self.pool}
        self.worth = {id(q): self._appraisal.worth(q) for q in self.pool}
        self.alone = [self._said(q) * self.cue[id(q)] * self.worth[id(q)] for q in self.pool]

    def run(self) -> list[Quotation]:
        """The chosen ones, in the order in which they read best."""
        if not self.pool:
            return []
        told = self._told()
        best = max(told or self._giving(), key=lambda i: (self.alone[i], -i))
        if told or (self.asked.is_definition and self.cue[id(self.pool[best])] > 1.0):
            return [self._line(self.pool[best])]  # what says who or what something is needs no other beside it
        if self.asked.names_only:
            return self._of_documents(best)
        chains = self._chains() if self._said_itself(self.pool[best]) < _ALL else ()
        score, chain = max(chains, key=lambda row: row[0], default=(0.0, ()))
        chosen = list(chain) if score > _CHAIN * self.alone[best] else [self.pool[best]]
        while len(chosen) < _MOST_QUOTATIONS and (further := self._further(chosen)):
            chosen.append(further)
        if len(chosen) < _MOST_QUOTATIONS and (asked_first := self._asked_first(chosen)):
            chosen.append(asked_first)
        chosen = self._in_order(chosen)
        return chosen + (self._contradicting(chosen) or self._other_rows(chosen))

    def _of_documents(self, best: int) -> list[Quotation]:
        """What several documents say where nothing in particular is asked of what is named, the best first."""
        chosen = [self.pool[best]]
        for i in sorted(range(len(self.pool)), key=lambda i: (-self.alone[i], i)):
            q = self.pool[i]
            if len(chosen) == _MOST_OF_DOCUMENTS or self.alone[i] < _NEARLY_AS_GOOD * self.alone[best]:
                break
            is_new = not any(_repeats(q, c) for c in chosen)
            if is_new and telling_alone(q.text) and all(q.passage.document_id != c.passage.document_id for c in chosen):
                chosen.append(q)
        return chosen

    def _told(self) -> list[int]:
        """Quotations that name who stands in the relation asked for; one of them, from however far down, answers."""
        is_relation = bool(self.asked.relation[1])
        told = [
            i
            for i, q in enumerate(self.pool)
            if self.cue[id(q)] > 1.0 and (is_relation or self.asked.names_agent(q.text)) and self._said(q) >= _TOLD
        ]
        alone = [q for i in told if "\n" not in (q := self.pool[i]).text]
        # Of lines below one another, as in a list of persons, the one that tells it is enough.
        return [i for i in told if "\n" not in self.pool[i].text or not any(map(self.pool[i].holds, alone))]

    def _giving(self) -> Sequence[int]:
        """Quotations with the date or number without which no Chinese question for one is answered; else all."""
        least = _CLOSE * max(self.alone)
        giving = [i for i, q in enumerate(self.pool) if q.values and self.alone[i] >= least]
        return giving if giving and self.asked.is_chinese else range(len(self.pool))

    def _line(self, q: Quotation) -> Quotation:
        """Of lines below one another, as in a list of persons, the one that tells it."""
        within = [one for one in self.pool if "\n" not in one.text and self.cue[id(one)] > 1.0 and q.holds(one)]
        return max(within, key=self._said, default=q) if "\n" in q.text else q

    def _said(self, q: Quotation) -> float:
        return share_said(self.weights, q.says)

    def _said_itself(self, q: Quotation) -> float:
        """What it says in its own words, none of its neighbours' or its title's."""
        return math.fsum(self.weights.get(t, 0.0) for t, s in q.says.items() if s >= _ITSELF)

    def _chains(self) -> Iterator[tuple[float, tuple[Quotation, ...]]]:
        ends: dict[int, list[Quotation]] = {}
        for i in sorted(range(len(self.pool)), key=lambda i: (-self.alone[i], i)):
            q = self.pool[i]
            if q.rank < _LINKED_PASSAGES and len(of_passage := ends.setdefault(q.rank, [])) < _LINKED_ENDS:
                of_passage.append(q)
        for one in ends:
            for other in ends:
                if one != other:
                    for first in ends[one]:
                        for last in ends[other]:
                            yield self._chain(first, last)

    def _chain(self, first: Quotation, last: Quotation) -> tuple[float, tuple[Quotation, ...]]:
        link = self.links.between(first, last)
        if not link:
            return 0.0, ()
        gain = math.fsum(w * max(first.says.get(t, 0.0), last.says.get(t, 0.0)) for t, w in self.weights.items())
        if min(self._adds(first, last), self._adds(last, first)) < _LEAST_LINKED:
            return 0.0, ()  # a date or name of the neighbourhood answers nothing, and what says it all needs no other
        worth = math.sqrt(self.worth[id(first)] * self.worth[id(last)])
        return gain * self._end_cue(first, last) * worth * link, (first, last)

    def _adds(self, one: Quotation, other: Quotation) -> float:
        """How much one of two quotations says of the question beyond the other."""
        return math.fsum(w * max(0.0, one.says.get(t, 0.0) - other.says.get(t, 0.0)) for t, w in self.weights.items())

    def _end_cue(self, first: Quotation, last: Quotation) -> float:
        """Whether the end of a chain brings a person, date or number that its beginning did not name."""
        if (
            self.asked.kind == "person"
            and not self.asked.is_chinese
            and not last.names - self.asked.words - first.names
        ):
            return 1.0
        return self.cue[id(last)]

    def _further(self, chosen: Sequence[Quotation]) -> Quotation | None:
        covered: dict[str, float] = {}
        for q in chosen:
            for t, s in q.says.items():
                is_named = s >= NAMED and t in self.asked.name_terms
                covered[t] = max(1.0 if is_named else s, covered.get(t, 0.0))
        is_named = any(self.cue[id(q)] > 1.0 for q in chosen)
        found = []
        for i, q in enumerate(self.pool):
            gain = math.fsum(self.weights.get(t, 0.0) * max(0.0, s - covered.get(t, 0.0)) for t, s in q.says.items())
            gain *= self.worth[id(q)] * (1.0 if is_named else self.cue[id(q)])
            if _LINKED * gain >= _LEAST_LINKED:
                connection = self._connection(q, chosen, covered)
                if connection * gain >= (_LEAST_LINKED if connection == _LINKED else _LEAST_GAIN):
                    found.append((gain * connection, -i))
        return self.pool[-max(found)[1]] if found else None

    def _asked_first(self, chosen: Sequence[Quotation]) -> Quotation | None:
        """What says the word that is asked first, where nothing else does: "managed" of "Who managed the plant …?"."""
        first = head(self.asked)
        if not first or any(q.says.get(t, 0.0) >= NAMED for q in chosen for t in first):
            return None
        found = [
            (self.alone[i], -i)
            for i, q in enumerate(self.pool)
            if self.cue[id(q)] > 1.0
            and any(q.says.get(t, 0.0) >= _ITSELF for t in first)
            and self._connection(q, chosen, {})
        ]
        return self.pool[-max(found)[1]] if found else None

    def _connection(self, q: Quotation, chosen: Sequence[Quotation], covered: Mapping[str, float]) -> float:
        """Above 1 for what speaks of somebody or something new that was brought up so far; 0 for what stands apart."""
        if any(_repeats(q, c) for c in chosen):
            return 0.0
        if any(c.passage is not q.passage and self.links.between(c, q) for c in chosen):
            return _LINKED
        beside = [c for c in chosen if c.passage is q.passage and not c.is_of_other_record(q)]
        if any(_goes_on(c, q) for c in beside):
            return 1.0
        if beside:
            return _IN_PLACE
        names_more = any(covered.get(t, 0.0) < NAMED <= q.says.get(t, 0.0) for t in self.asked.name_terms)
        return _BESIDE if names_more else 0.0

    def _contradicting(self, chosen: Sequence[Quotation]) -> list[Quotation]:
        """A quotation of another document that answers as well with another date or number."""
        if len(chosen) > 1 or not chosen[0].values or self._said_itself(chosen[0]) < _AS_GOOD:
            return []
        found = [
            (self._said_itself(q), self.worth[id(q)], -i)
            for i, q in enumerate(self.pool)
            if q.values
            and not q.values & chosen[0].values
            and q.passage.document_id != chosen[0].passage.document_id
            and q.end - q.start <= COMFORTABLE
        ]
        said, _, index = max(found, default=(0.0, 0.0, 0))
        return [self.pool[-index]] if said >= _AS_GOOD else []

    def _other_rows(self, chosen: Sequence[Quotation]) -> list[Quotation]:
        """Further rows that say as much of the question as the row that was chosen: all customers in France."""
        row = chosen[0]
        if len(chosen) > 1 or not row.is_row:
            return []
        said = self._said_itself(row)
        others = [
            q
            for q in self.pool
            if q.is_row
            and q.passage.document_id == row.passage.document_id
            and q is not row
            and not self._appraisal.is_of_other_row(q)
        ]
        found = [q for q in others if self._said_itself(q) >= said > 0 and not q.holds(row) and not row.holds(q)]
        return found[: _MOST_ROWS - 1]

    def _in_order(self, chosen: list[Quotation]) -> list[Quotation]:
        """As in the text within a passage; else from what the question starts from to what it asks for.

        English asks first and describes then ("Who taught the designer of …"), Chinese the other way round.
        """
        if len({q.passage.chunk_id for q in chosen}) == 1:
            return sorted(chosen, key=lambda q: q.start)
        place = {t: n for n, t in enumerate(terms(self.asked.text))}
        shared = {t for t in place if all(q.says.get(t, 0.0) >= NAMED for q in chosen)}

        def mean(q: Quotation) -> float:
            said = [place[t] for t, s in q.says.items() if s >= NAMED and t in place and t not in shared]
            return sum(said) / len(said) if said else len(place) / 2

        return sorted(chosen, key=mean if self.asked.is_chinese else lambda q: -mean(q))


def _goes_on(one: Quotation, other: Quotation) -> bool:
    """Whether one of two stands right behind the other in a paragraph or an item."""
    first, second = sorted((one, other), key=lambda q: q.start)
    between = first.passage.text[first.end : second.start]
    return first.end <= second.start and not between.strip() and between.count("\n") < 2 and not second.is_row


def _repeats(one: Quotation, other: Quotation) -> bool:
    return len(one.own & other.own) >= _REPEATS * max(1, min(len(one.own), len(other.own)))


def head(asked: Asked) -> frozenset[str]:
    """The first word behind the one that asks that is no name, as far as it can be told."""
    tokens = scan(asked.text)
    at = next((i for i, t in enumerate(tokens) if t.word in _WH), None)
    if at is None or asked.is_chinese:
        return frozenset()
    for token in tokens[at + 1 : at + 1 + _HEAD_REACH]:
        if token.word in _AFTER_HEAD:
            break
        if found := frozenset(terms(token.word)) & asked.terms - asked.name_terms:
            return found
    return frozenset()


def beside_head(asked: Asked) -> frozenset[str]:
    """The name that follows what somebody is asked to have done: Ada of "Who taught Ada to read?"."""
    first, tokens = head(asked) if asked.kind == "person" else frozenset[str](), scan(asked.text)
    at = next((i for i, t in enumerate(tokens) if not first.isdisjoint(terms(t.word))), len(tokens))
    beside = next((t for t in tokens[at + 1 :] if t.word not in ARTICLES and t.word not in POLITE_TITLES), None)
    found = (name for name in asked.names if beside is not None and not name.isdisjoint(terms(beside.word)))
    return next(found, frozenset())
