"""Answers without a model: the sentences of the retrieved passages that answer best, quoted and cited.

Everything shown is text of a document. When the passages do not hold what the question names, the answer says that it
does not know and what was searched.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from graphrag_lite.query.asked import Asked, read_question
from graphrag_lite.query.cite import citation_of
from graphrag_lite.records import Citation, Passage
from graphrag_lite.text.informative import informativeness, quotable
from graphrag_lite.text.lexicon import FUNCTION_WORDS
from graphrag_lite.text.normalize import has_cjk, scan, terms
from graphrag_lite.text.sentences import sentence_spans

_MOST_SENTENCES = 4
# Parts of the weight of the question's terms. Measured on answerable and unanswerable questions of several corpora:
# one passage alone should hold the first; or the second, if another that it leads to brings the sum to the third.
_ENOUGH_ALONE = 0.45
_ENOUGH_TO_LEAD_ON = 0.33
_ENOUGH_TOGETHER = 0.6
_LEAST_GAIN = 0.12  # of that weight: what a further sentence has to add
_LONGEST_SENTENCE = 600
_COMFORTABLE = 300  # characters; longer sentences hold everything and answer nothing


@dataclass(frozen=True, slots=True)
class ExtractiveAnswer:
    """An answer made of quotations. `is_supported` is False when it says that the answer is not known."""

    text: str
    citations: tuple[Citation, ...]
    is_supported: bool


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A sentence of a passage. `says` are the terms it stands for: its own, and faintly those around it."""

    passage: Passage
    rank: int
    start: int
    end: int
    text: str
    own: frozenset[str]
    says: Mapping[str, float]
    names: frozenset[str]


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
    candidates = _candidates(asked, passages)
    weights = _corpus_weights(asked, candidates, term_weight)
    if not weights or not _is_supported(asked, passages, weights):
        return ExtractiveAnswer(unknown(asked, mode, document_count), (), False)
    chosen = _choose(asked, candidates, _telling_weights(weights, candidates))
    return quote([(c.passage, c.start, c.end) for c in chosen])


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


def _candidates(asked: Asked, passages: Sequence[Passage]) -> list[_Candidate]:
    found = []
    for rank, passage in enumerate(passages):
        title = frozenset(terms(passage.title))
        spans = sentence_spans(passage.text)
        own = [frozenset(terms(passage.text[start:end])) for start, end in spans]
        for index, (start, end) in enumerate(spans):
            if end - start > _LONGEST_SENTENCE:
                continue
            text = passage.text[start:end]
            # "He died in 1848." speaks of whom the title and the sentence before name.
            says = dict.fromkeys(own[index - 1] if index else (), 0.4)
            says |= dict.fromkeys(title, 0.7) | dict.fromkeys(own[index], 1.0)
            found.append(
                _Candidate(passage, rank, start, end, text, own[index], _with_forms(says, asked), _capitals(text))
            )
    return found


def _with_forms(says: dict[str, float], asked: Asked) -> dict[str, float]:
    """What a sentence says, other forms of the asked words included: "dead" answers "die"."""
    for term, forms in asked.related.items():
        says[term] = max([says.get(term, 0.0), *(0.8 * says[f] for f in forms if f in says)])
    return says


def _corpus_weights(
    asked: Asked, candidates: Sequence[_Candidate], term_weight: Callable[[str], float] | None
) -> dict[str, float]:
    """Weight of each term of the question by its rarity, names above other words; sum 1."""
    if term_weight is not None:
        raw = {t: max(0.1, term_weight(t)) for t in asked.terms}
    else:
        counts = Counter(t for c in candidates for t in c.own)
        raw = {t: math.log(1 + (len(candidates) + 1) / (counts[t] + 0.5)) for t in asked.terms}
    return _normalised({t: w * (1.5 if t in asked.name_terms else 1.0) for t, w in raw.items()})


def _telling_weights(weights: Mapping[str, float], candidates: Sequence[_Candidate]) -> dict[str, float]:
    """Weights for choosing: what every passage says (the name they were found by) tells none from another."""
    counts = Counter(t for c in candidates for t in weights if c.says.get(t, 0.0) >= 0.8)
    return _normalised({t: w * math.log(2 + len(candidates) / (counts[t] + 0.5)) for t, w in weights.items()})


def _normalised(raw: Mapping[str, float]) -> dict[str, float]:
    total = sum(raw.values())
    return {t: w / total for t, w in sorted(raw.items())} if total else {}


def _choose(asked: Asked, candidates: Sequence[_Candidate], weights: Mapping[str, float]) -> list[_Candidate]:
    """The best sentence, then those that add what the question asks for and the first ones lack."""
    chosen: list[_Candidate] = []
    covered: dict[str, float] = {}
    pool = list(candidates)
    while pool and len(chosen) < _MOST_SENTENCES:
        scored = [(_score(asked, c, weights, covered, chosen), -i) for i, c in enumerate(pool)]
        best, index = max(scored)
        if best < (_LEAST_GAIN if chosen else 1e-9):
            break
        candidate = pool.pop(-index)
        chosen.append(candidate)
        for term in weights:
            covered[term] = max(covered.get(term, 0.0), candidate.says.get(term, 0.0))
        pool = [c for c in pool if len(c.own & candidate.own) < 0.7 * max(1, min(len(c.own), len(candidate.own)))]
    return _in_order(asked, chosen)


def _score(
    asked: Asked,
    candidate: _Candidate,
    weights: Mapping[str, float],
    covered: Mapping[str, float],
    chosen: Sequence[_Candidate],
) -> float:
    gain = sum(w * max(0.0, candidate.says.get(t, 0.0) - covered.get(t, 0.0)) for t, w in weights.items())
    if chosen:
        gain *= _connection(asked, candidate, chosen)
    cue = asked.cue(candidate.text)
    whole = 0.4 + 0.6 * min(1.0, 2 * informativeness(candidate.text))
    whole *= min(1.0, _COMFORTABLE / len(candidate.text))
    return gain * cue * whole / (1 + 0.06 * candidate.rank)


def _connection(asked: Asked, candidate: _Candidate, chosen: Sequence[_Candidate]) -> float:
    """Above 1 for a further hop: what speaks of somebody or something that the sentences so far brought up."""
    if any((candidate.names & c.names) - asked.words for c in chosen if c.passage is not candidate.passage):
        return 1.3
    return 0.7 if any(c.passage is candidate.passage for c in chosen) else 0.4


def _in_order(asked: Asked, chosen: list[_Candidate]) -> list[_Candidate]:
    """The sentence with the names of the question first, the one reached through it last."""
    named = {id(c): len(c.own & asked.name_terms) for c in chosen}
    if len({c.passage.chunk_id for c in chosen}) == 1:
        return sorted(chosen, key=lambda c: c.start)
    return sorted(chosen, key=lambda c: -named[id(c)])


def _is_supported(asked: Asked, passages: Sequence[Passage], weights: Mapping[str, float]) -> bool:
    """Whether a passage, alone or with one that it leads to, speaks of what the question names."""
    held = [_held(asked, passage) for passage in passages]
    named = [_capitals(passage.text) - asked.words for passage in passages]
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


def _capitals(text: str) -> frozenset[str]:
    return frozenset(t.word for t in scan(text) if t.is_capital and t.start > 0 and t.word not in FUNCTION_WORDS)


def _sum(weights: Mapping[str, float], held: frozenset[str]) -> float:
    return sum(weight for term, weight in weights.items() if term in held)


def _holds_names(asked: Asked, weights: Mapping[str, float], held: frozenset[str]) -> bool:
    """Whether most of what the question's names weigh is there."""
    names = {t: w for t, w in weights.items() if t in asked.name_terms}
    return _sum(names, held) >= 0.5 * sum(names.values())
