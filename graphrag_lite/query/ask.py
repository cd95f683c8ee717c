"""From a question to an answer: retrieve, compose, verify every citation."""

from __future__ import annotations

import time
from collections.abc import Iterator

from graphrag_lite.query.answer import ExtractiveAnswer, answer_from_passages
from graphrag_lite.query.cite import verify
from graphrag_lite.query.filters import Filter
from graphrag_lite.query.global_ import ReportHit, answer_from_reports, family_of, select_reports
from graphrag_lite.query.route import choose_mode
from graphrag_lite.query.session import Permitted, Session
from graphrag_lite.records import Answer, Passage

_BROAD = 60  # passages that a global answer looks at
_REPORTS = 12  # reports that a global answer looks at


def query(session: Session, question: str, *, mode: str | None = None, where: Filter | None = None) -> Answer:
    """Answer a question; see `KnowledgeBase.query`."""
    start = time.perf_counter()
    permitted = session.permitted(where)
    ranking = session.rank(question, permitted=permitted)
    chosen, reason = choose_mode(
        question,
        mode or session.settings.query.mode,
        has_reports=session.manifest.counts["reports"] > 0,
        names_entities=bool(ranking.asked),
    )
    if chosen == "basic":
        ranking = session.rank(question, hops=False, permitted=permitted)
    k = _BROAD if chosen == "global" else session.settings.query.top_k
    passages = session.passages(ranking, k, is_filtered=permitted is not None)
    found = time.perf_counter()
    if chosen == "global":
        composed = _global(session, question, passages, permitted)
        if not composed.is_supported and mode in (None, "auto"):
            chosen, reason = "local", "no report and no passage bears on the whole of the question"
            composed = _local(session, question, passages[: session.settings.query.top_k], chosen)
    else:
        composed = _local(session, question, passages, chosen)
    composed_at = time.perf_counter()
    checked = verify(composed.citations, session.document_text)
    end = time.perf_counter()
    return Answer(
        composed.text,
        checked.citations,
        chosen,
        tuple(passages),
        timings={
            "retrieve": found - start,
            "answer": composed_at - found,
            "verify": end - composed_at,
            "total": end - start,
        },
        snapshot=session.manifest.id,
        mode_reason=reason,
        models={"retrieval": session.embedding_model.name if session.embedding_model else "none", "answer": "none"},
    )


def stream(
    session: Session, question: str, *, mode: str | None = None, where: Filter | None = None
) -> Iterator[str | Answer]:
    """Pieces of the text, then the `Answer`; without a model the text is one piece."""
    answer = query(session, question, mode=mode, where=where)
    yield answer.text
    yield answer


def _local(session: Session, question: str, passages: list[Passage], mode: str) -> ExtractiveAnswer:
    return answer_from_passages(
        question,
        passages,
        mode=mode,
        document_count=session.document_count,
        term_weight=session.retriever.term_weight,
    )


def _global(session: Session, question: str, passages: list[Passage], permitted: Permitted | None) -> ExtractiveAnswer:
    hits = [
        ReportHit(report, relevance, parent_id, tuple(dict.fromkeys(map(family_of, evidence))))
        for report, relevance, parent_id, evidence in session.search_reports(question, permitted)
    ]
    chosen = select_reports(question, hits, limit=_REPORTS)
    return answer_from_reports(
        question,
        chosen,
        passages,
        session.passage_of_chunk,
        document_count=session.document_count,
        term_weight=session.retriever.term_weight,
    )
