"""Multi-hop questions: the questions they consist of, ranked one by one, the answer to one filled into the next.

Perfect sub-questions find far more of the evidence than the question itself does, and models do not write perfect
ones. So a reference is resolved by a small call over the best passages and only by what these hold; a part that stays
open is dropped, one that names nothing counts for less, and the whole question is always one of the parts: with wrong
parts, little less is found than without them (`tests/benchmarks/decomposition.py`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from graphrag_lite.errors import ModelRefusedError, ModelReplyError
from graphrag_lite.llm.protocols import ChatModel
from graphrag_lite.query.by_model.context import fit, passage_sources
from graphrag_lite.query.by_model.generate import ContextItem, decompose_question, short_answer
from graphrag_lite.query.retrieve import Ranking
from graphrag_lite.query.search import AnyRanking, Search, merge_rankings
from graphrag_lite.records import QuestionPart
from graphrag_lite.text.normalize import fold, terms
from graphrag_lite.text.tokens import estimate_tokens

_VAGUE = 0.5  # weight of a part that names nothing: "Who was the first president of it?"
_REFERENCE = re.compile(r"#(\d+)")
_READ = 3  # passages read for a short answer
_PROMPT_TOKENS = 130  # of a short answer, beside question and passages


@dataclass(frozen=True, slots=True)
class Decomposed:
    """A ranking over all parts of a question, and these; none where it was not split."""

    ranking: AnyRanking
    parts: tuple[QuestionPart, ...] = ()


def rank_in_parts(
    search: Search,
    model: ChatModel,
    worded: Sequence[str],
    whole: Ranking,
    *,
    room: int = 2500,
    prompts: str = "",
) -> Decomposed:
    """Rank by the questions that a question consists of. One small call, and one for each open reference.

    Args:
        search: What may be looked at.
        model: Splits the question and answers its first parts.
        worded: The question, which is split, then the same in other languages.
        whole: The ranking of the first, which stands where the question is simple or the reply is unusable.
        room: Prompt tokens of the short answers on the way, all together.
        prompts: Folder of the user's own prompts.

    Raises:
        ModelError: The model cannot be reached or refuses; the answer itself would fare no better.
    """
    rankings: list[tuple[Ranking, float]] = []
    parts: list[QuestionPart] = []
    with suppress(ModelReplyError):
        questions = _distinct(decompose_question(model, worded[0], prompts=prompts))
        if len(questions) > 1:
            rankings, parts = _rank_each(search, model, questions, room, prompts)
    rankings += [(search.rank(wording), 1.0) for wording in worded[1:]]
    if not rankings:
        return Decomposed(whole)
    return Decomposed(merge_rankings(whole, rankings, search.session.passages_table.num_rows), tuple(parts))


def _rank_each(
    search: Search, model: ChatModel, questions: Sequence[str], room: int, prompts: str
) -> tuple[list[tuple[Ranking, float]], list[QuestionPart]]:
    """Rankings of the sub-questions that could be completed and their weights, and all sub-questions."""
    answers: dict[int, str] = {}
    rankings: list[tuple[Ranking, float]] = []
    parts: list[QuestionPart] = []
    for number, question in enumerate(questions, 1):
        references = [int(n) for n in _REFERENCE.findall(question)]
        complete = _REFERENCE.sub(lambda match: answers.get(int(match.group(1)), match.group()), question)
        parts.append(QuestionPart(complete))
        if any(n not in answers for n in references):
            continue
        # Complete sub-questions need no further hop: each asks for one fact.
        ranking = search.rank(complete, hops=False)
        rankings.append((ranking, 1.0 if references or ranking.asked else _VAGUE))
        mark = f"#{number}"
        later = next((q for q in questions[number:] if mark in _marks(q)), "")
        if not later:
            continue
        room -= _PROMPT_TOKENS + estimate_tokens(complete) + estimate_tokens(later)
        if read := fit(passage_sources(search, search.passages(ranking, _READ)), room):
            room -= sum(source.tokens for source in read)
            items = [source.item for source in read]
            if answer := _read_answer(model, complete, items, (mark, later), prompts):
                answers[number] = answer
                parts[-1] = QuestionPart(complete, answer)
    return rankings, parts


def _distinct(questions: Sequence[str]) -> list[str]:
    """The questions, each once, their references numbered anew."""
    kept: dict[str, int] = {}
    number_of: dict[int, int] = {}
    for number, question in enumerate(questions, 1):
        plain = _REFERENCE.sub(lambda match: f"#{number_of.get(int(match.group(1)), match.group(1))}", question)
        number_of[number] = kept.setdefault(plain, len(kept) + 1)
    return list(kept)


def _marks(question: str) -> list[str]:
    return [match.group() for match in _REFERENCE.finditer(question)]


def _read_answer(
    model: ChatModel, question: str, read: Sequence[ContextItem], needed_for: tuple[str, str], prompts: str
) -> str:
    """The short answer to a question; "" where the passages read do not hold it: then the model made it up."""
    try:
        answer = short_answer(model, question, read, needed_for=needed_for, prompts=prompts)
    except (ModelReplyError, ModelRefusedError):  # it did split the question, so these passages are what it refuses
        return ""
    text = "\n".join(part for item in read for part in (item.title, item.text))
    wanted = set(terms(answer))
    is_read = fold(answer) in fold(text) or 0 < len(wanted) <= 2 * len(wanted & set(terms(text)))
    return answer if is_read else ""
