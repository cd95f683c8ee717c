"""How well and how fast passages are found.

`recall@k` is the mean share of gold documents among the first k passages, `all-gold@k` the share of questions with
every one of them there, `mrr` the mean of 1 / rank of the first gold document (0 where none is found).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from graphrag_lite.errors import InputError, SettingsError
from graphrag_lite.evaluate.questions import Question
from graphrag_lite.records import Passage

_KS = (1, 2, 5, 8, 10, 20, 50)
_RESAMPLES = 2000


class Retriever(Protocol):
    """Whatever ranks passages; a `KnowledgeBase` does."""

    def retrieve(self, question: str, *, top_k: int | None = None) -> list[Passage]:
        """The passages that best support an answer, best first."""


@dataclass(frozen=True, slots=True)
class Result:
    """One question asked. `ranks` has the rank, from 1, of each gold document; 0 where it was not found."""

    question: Question
    ranks: tuple[int, ...]
    latency_s: float


@dataclass(frozen=True, slots=True)
class Run:
    """All questions asked of one knowledge base. `open_s` is the first, unmeasured call; `unscored` had no gold."""

    top_k: int
    results: tuple[Result, ...]
    open_s: float
    unscored: int = 0


def ask(retriever: Retriever, questions: Sequence[Question], top_k: int, *, mode: str | None = None) -> Run:
    """Retrieve for every question that has gold documents.

    Args:
        retriever: What is measured.
        questions: With their gold documents.
        top_k: Passages that count.
        mode: How to retrieve; None: as the retriever does by itself.

    Raises:
        InputError: No question has any.
    """
    scored = [question for question in questions if question.gold]
    if not scored:
        raise InputError("no question names its gold documents, so there is nothing to measure. Add 'gold': [...]")
    start = time.perf_counter()
    options: dict[str, Any] = {"top_k": top_k} | ({"mode": mode} if mode else {})
    retriever.retrieve(scored[0].question, **options)  # opens tables, so that no question pays for it
    open_s = time.perf_counter() - start
    results = []
    for question in scored:
        start = time.perf_counter()
        passages = retriever.retrieve(question.question, **options)
        latency_s = time.perf_counter() - start
        results.append(Result(question, gold_ranks(question, passages), latency_s))
    return Run(top_k, tuple(results), open_s, len(questions) - len(scored))


def gold_ranks(question: Question, passages: Sequence[Passage]) -> tuple[int, ...]:
    """The rank of each gold document, 0 where neither it nor an alternative is among the passages."""
    ranks = []
    for gold in question.gold:
        names = (gold, *question.alternatives.get(gold, ()))
        found = (rank for rank, p in enumerate(passages, 1) if any(_is_named(p, name) for name in names))
        ranks.append(next(found, 0))
    return tuple(ranks)


def _is_named(passage: Passage, name: str) -> bool:
    """True when the name is the document's id, its source, or the last parts of its source."""
    return name in (passage.document_id, passage.source) or passage.source.endswith(f"/{name}")


def cutoffs(top_k: int) -> list[int]:
    """The k of the tables."""
    return sorted({k for k in _KS if k <= top_k} | {top_k})


def per_question(results: Iterable[Result], metric: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """One value a question of `recall@k`, `all-gold@k` or `mrr`."""
    name, _, k = metric.partition("@")
    if name == "mrr":
        return np.array([1 / min(found) if (found := [r for r in one.ranks if r]) else 0.0 for one in results])
    hits = [[0 < rank <= int(k) for rank in one.ranks] for one in results]
    return np.array([float(all(hit)) if name == "all-gold" else sum(hit) / len(hit) for hit in hits])


def score(results: Sequence[Result], top_k: int) -> dict[str, float]:
    """Every metric over the results."""
    names = [f"{name}@{k}" for name in ("recall", "all-gold") for k in cutoffs(top_k)]
    return {name: float(per_question(results, name).mean()) for name in (*names, "mrr")}


def groups(results: Sequence[Result]) -> dict[str, list[Result]]:
    """The results by kind of question, or by hops; empty where all are of one sort."""
    found: dict[str, list[Result]] = {}
    for result in results:
        found.setdefault(result.question.group, []).append(result)
    return dict(sorted(found.items())) if len(found) > 1 else {}


def latency_ms(results: Sequence[Result]) -> dict[str, float]:
    """Percentiles of the time a question takes, in milliseconds."""
    values = np.array([result.latency_s for result in results]) * 1000
    return {f"p{share}": float(np.percentile(values, share)) for share in (50, 95, 99)}


def paired_difference(first: Run, second: Run, metric: str, *, seed: int = 7) -> tuple[float, float, float]:
    """How much better the second run is, and the 95% interval of that, from a paired bootstrap over questions."""
    difference = per_question(second.results, metric) - per_question(first.results, metric)
    draws = np.random.default_rng(seed).integers(0, len(difference), (_RESAMPLES, len(difference)))
    low, high = np.percentile(difference[draws].mean(axis=1), [2.5, 97.5])
    return float(difference.mean()), float(low), float(high)


def parse_limits(texts: Sequence[str], top_k: int) -> dict[str, float]:
    """`recall@5=0.7` and its like, by metric.

    Raises:
        SettingsError: One is not of this form, or needs more than `top_k` passages.
    """
    limits: dict[str, float] = {}
    for text in texts:
        metric, _, value = text.replace(" ", "").partition("=")
        name, _, k = metric.partition("@")
        is_metric = metric == "mrr" or (name in ("recall", "all-gold") and k.isdecimal() and int(k) > 0)
        if not is_metric or not _is_number(value):
            raise SettingsError(f"{text!r} is no limit. Write recall@5=0.7, all-gold@8=0.5 or mrr=0.6")
        if k and int(k) > top_k:
            raise SettingsError(f"{text!r} needs {k} passages, and only {top_k} are retrieved. Add --top-k {k}")
        limits[metric] = float(value)
    return limits


def missed(run: Run, limits: Mapping[str, float]) -> list[str]:
    """The limits that the run stays under, in words."""
    values = {metric: float(per_question(run.results, metric).mean()) for metric in limits}
    return [
        f"{metric} is {values[metric]:.3f}, not {limit:g}" for metric, limit in limits.items() if values[metric] < limit
    ]


def _is_number(text: str) -> bool:
    try:
        return float(text) == float(text)  # not nan
    except ValueError:
        return False
