"""Multi-hop questions: the questions they consist of, ranked one by one, the answer to one filled into the next.

Perfect sub-questions find far more of the evidence than the question itself does; sub-questions whose "#1" stays open
find less. So a reference is resolved by a small call over the best passages, and dropped where that fails.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphrag_lite.errors import ModelError
from graphrag_lite.llm.protocols import ChatModel
from graphrag_lite.query.generate import ContextItem, decompose_question, short_answer
from graphrag_lite.query.retrieve import Array, Ranking
from graphrag_lite.query.search import AnyRanking, MergedRanking, Search

_WHOLE = 0.5  # how much the whole question counts beside the best of its parts
_REFERENCE = re.compile(r"#(\d+)")
_READ = 3  # passages read for a short answer


@dataclass(frozen=True, slots=True)
class Decomposed:
    """A ranking over all parts of a question. `bridges` counts the short answers that were asked for."""

    ranking: AnyRanking
    questions: tuple[str, ...] = ()
    bridges: int = 0


def rank_in_parts(search: Search, model: ChatModel, question: str, whole: Ranking, *, prompts: str = "") -> Decomposed:
    """Rank by the questions that `question` consists of. One small call, and one for each open reference.

    Args:
        search: What may be looked at.
        model: Splits the question and answers its first parts.
        question: As asked.
        whole: Its own ranking, which stands where the question is simple or the model fails.
        prompts: Folder of the user's own prompts.
    """
    try:
        questions = decompose_question(model, question, prompts=prompts)
        if len(questions) < 2:
            return Decomposed(whole)
        parts, filled, bridges = _rank_each(search, model, questions, prompts)
    except ModelError:
        return Decomposed(whole)
    if len(parts) < len(questions):
        parts.append(whole)
    return Decomposed(merge_rankings(whole, parts, search.session.passages_table.num_rows), tuple(filled), bridges)


def _rank_each(
    search: Search, model: ChatModel, questions: Sequence[str], prompts: str
) -> tuple[list[Ranking], list[str], int]:
    """Rankings of the sub-questions that could be completed, those questions, and the short answers asked for."""
    referred = {int(number) for question in questions for number in _REFERENCE.findall(question)}
    answers: dict[int, str] = {}
    parts, filled = [], []
    bridges = 0
    for number, question in enumerate(questions, 1):
        if any(int(n) not in answers for n in _REFERENCE.findall(question)):
            continue
        filled.append(_REFERENCE.sub(lambda match: answers[int(match.group(1))], question))
        # Complete sub-questions need no further hop: each asks for one fact.
        parts.append(search.rank(filled[-1], hops=False))
        if number in referred:
            read = search.passages(parts[-1], _READ)
            bridges += 1
            answer = short_answer(model, filled[-1], [ContextItem(p.text, p.title) for p in read], prompts=prompts)
            if answer:
                answers[number] = answer
    return parts, filled, bridges


def merge_rankings(whole: Ranking, parts: Sequence[Ranking], size: int) -> AnyRanking:
    """One ranking: the best score over the parts, each on its own scale, and half of the whole question's.

    Args:
        whole: Of the question as asked.
        parts: Of the questions that it consists of.
        size: Number of chunks.
    """
    parts = [part for part in parts if len(part.rows)]
    if not parts:
        return whole
    total, winner = np.zeros(size), np.full(size, -1)
    for number, part in enumerate(parts):
        score = part.score / part.score[0]
        better = score > total[part.rows]
        winner[part.rows[better]] = number
        total[part.rows] = np.maximum(total[part.rows], score)
    if len(whole.rows):
        total[whole.rows] += _WHOLE * whole.score / whole.score[0]
    rows: Array = np.flatnonzero(total)
    rows = rows[np.lexsort((rows, -total[rows]))]
    best = {row: parts[winner[row]] if winner[row] >= 0 else whole for row in rows.tolist()}
    asked = list(dict.fromkeys(entity for ranking in (whole, *parts) for entity in ranking.asked))
    return MergedRanking(rows, total[rows] / (1 + _WHOLE), asked, best)
