"""A question answered without a model: routed, and quoted from what is found for it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from graphrag_lite.query.asked import read_question
from graphrag_lite.query.entries import entries, manuals
from graphrag_lite.query.extractive.answer import ExtractiveAnswer
from graphrag_lite.query.extractive.local import answer_from_passages
from graphrag_lite.query.options import OptionAsked, option_asked
from graphrag_lite.query.parts import parts_asked
from graphrag_lite.query.retrieve import Ranking
from graphrag_lite.query.search import Search
from graphrag_lite.query.settle import BROAD, INSTEAD, finish, route, scope_asked
from graphrag_lite.records import Answer, Passage, QuestionPart
from graphrag_lite.text.metadata import searched_metadata

_OF_MANUAL = 400  # passages of the manual of a command that are looked through for one of its options


def answer_by_quoting(search: Search, question: str, mode: str, may_change: bool) -> Answer:
    """An answer without any model."""
    start = time.perf_counter()
    session = search.session
    ranking = search.rank(question)
    about = _about_document(search, question, ranking) if mode in ("auto", "global") else None
    if special := about or (_in_parts(search, question, mode) if mode != "global" else None):
        return replace(special, timings={"retrieve": 0.0, "answer": time.perf_counter() - start, **special.timings})
    chosen, reason = route(search, question, mode, ranking)
    if chosen == "basic":
        ranking = search.rank(question, hops=False)
    passages = _read(search, question, ranking) if chosen != "global" else []
    found = time.perf_counter()
    if chosen == "global":
        from graphrag_lite.query.extractive.whole import answer_about_whole  # questions for facts do not pay for it

        passages, composed = answer_about_whole(search, question, ranking)
        if not composed.is_supported and may_change:
            chosen, reason = "local", INSTEAD
            passages = _read(search, question, ranking)
            composed = _local(search, question, passages, chosen)
    else:
        composed = _local(search, question, passages, chosen)
        passages = _shown(passages, session.settings.query.top_k, composed)
    composed_at = time.perf_counter()
    answer = finish(search, composed.text, composed.citations, (chosen, reason), passages)
    timings = {"retrieve": found - start, "answer": composed_at - found, **answer.timings}
    return replace(answer, timings=timings, is_supported=composed.is_supported)


def _in_parts(search: Search, question: str, mode: str) -> Answer | None:
    """The answer to two questions in one; None where it is one, or neither of the two is answered."""
    questions = parts_asked(question, search.session.retriever.cjk_names(question))
    if not questions:
        return None
    from graphrag_lite.query.extractive.in_parts import AnsweredPart, answer_in_parts

    chosen = "local" if mode == "auto" else mode
    parts = []
    for part in questions:
        passages = _read(search, part, search.rank(part, hops=chosen != "basic"))
        parts.append(AnsweredPart(part, passages, _local(search, part, passages, chosen)))
    composed = answer_in_parts(parts, chosen, search.document_count)
    if composed is None:
        return None
    distinct = {passage.chunk_id: passage for part in parts for passage in part.passages}
    passages = _shown(list(distinct.values()), search.session.settings.query.top_k, composed)
    answer = finish(search, composed.text, composed.citations, (chosen, "asked in parts"), passages)
    return replace(answer, is_supported=composed.is_supported, parts=tuple(map(QuestionPart, questions)))


def _about_document(search: Search, question: str, ranking: Ranking) -> Answer | None:
    """What one document is about, where the question asks that and the document says it."""
    if (scope := scope_asked(search, question, ranking)) is None:
        return None
    from graphrag_lite.query.extractive.whole import answer_about_whole

    within, named = scope
    passages, composed = answer_about_whole(within, named.rest, within.rank(question))
    if not composed.is_supported:
        return None
    return finish(search, composed.text, composed.citations, ("global", named.reason), passages)


def _read(search: Search, question: str, ranking: Ranking) -> list[Passage]:
    """The best passages, and those further down that may say what the question is about."""
    if option := option_asked(question):
        return _with_entries(search, question, option, search.passages(ranking, BROAD))
    top_k, reads_on = search.session.settings.query.top_k, read_question(question).reads_on
    passages = search.passages(ranking, BROAD if reads_on else top_k)
    return passages[:top_k] + [passage for passage in passages[top_k:] if reads_on and reads_on(passage.text)]


def _with_entries(search: Search, question: str, option: OptionAsked, passages: list[Passage]) -> list[Passage]:
    """The best passages, and those of all others, and of the manuals of the command, that have an entry of an option.

    What an option does is told in other words than the question's, so that many passages say more of these.
    """
    distinct = {passage.chunk_id: passage for passage in passages}
    for document_id in manuals(option, passages, search.session.document_text):
        within = replace(search, permitted=search.session.only(document_id))
        for passage in within.passages(within.rank(question, hops=False), _OF_MANUAL):
            distinct.setdefault(passage.chunk_id, passage)
    found = list(distinct.values())
    top_k = search.session.settings.query.top_k
    return found[:top_k] + [passage for passage in found[top_k:] if any(entries(option.spelling, passage.text))]


def _shown(passages: list[Passage], top_k: int, composed: ExtractiveAnswer) -> list[Passage]:
    """`top_k` passages: those that are cited, also from further down, and the best of the others."""
    shown = {citation.chunk_id for citation in composed.citations}
    others = (passage.chunk_id for passage in passages if passage.chunk_id not in shown)
    shown.update(islice(others, max(0, top_k - len(shown))))
    return [passage for passage in passages if passage.chunk_id in shown]


def _with_metadata(passage: Passage, keys: Sequence[str]) -> Passage:
    """A passage whose title says who wrote it, and when, where its metadata do."""
    stated = searched_metadata(passage.metadata, keys)
    return replace(passage, title=f"{passage.title} {stated}".lstrip()) if stated else passage


def _local(search: Search, question: str, passages: list[Passage], mode: str) -> ExtractiveAnswer:
    return answer_from_passages(
        question,
        [_with_metadata(passage, search.session.settings.query.metadata) for passage in passages],
        mode=mode,
        document_count=search.document_count,
        term_weight=search.session.retriever.term_weight,
        names=search.session.retriever.cjk_names(question),
        document_text=search.session.document_text,
    )
