"""Answers about many documents or all of them, without a model: a listing, an overview or a survey."""

from __future__ import annotations

from graphrag_lite.query.asked import Asked, read_question
from graphrag_lite.query.extractive.answer import ExtractiveAnswer, unknown
from graphrag_lite.query.extractive.findings import answer_from_reports
from graphrag_lite.query.extractive.listing import listing
from graphrag_lite.query.extractive.notices import spans_of_works
from graphrag_lite.query.extractive.wide_reading import read_widely
from graphrag_lite.query.kinds import kind_asked
from graphrag_lite.query.reports import reports_for
from graphrag_lite.query.retrieve import Ranking
from graphrag_lite.query.route import asks_for_overview
from graphrag_lite.query.search import Search
from graphrag_lite.records import Passage
from graphrag_lite.text.boilerplate import asks_for_boilerplate

_SHOWN = 20  # passages beside an answer that was not made from those found, or as many as it cites


def answer_about_whole(search: Search, question: str, ranking: Ranking) -> tuple[list[Passage], ExtractiveAnswer]:
    """The passages that were looked at, and the answer.

    Args:
        search: What may be looked at.
        question: As asked.
        ranking: Of the passages for it.
    """
    asked = read_question(question)
    count = search.document_count
    if (kind := kind_asked(asked)) and (found := listing(search, asked, kind)):
        return _beside(found, search, ranking), found
    if asks_for_overview(asked):
        from graphrag_lite.query.extractive.overview import overview

        found = overview(search, asked) or _from_reports(search, asked, question)
        return _beside(found, search, ranking), found
    from graphrag_lite.query.extractive.survey import survey

    passages = read_widely(search, asked, ranking)
    weight = search.session.retriever.term_weight
    surveyed = survey(asked, passages, document_count=count, term_weight=weight)
    return passages, surveyed or ExtractiveAnswer(unknown(asked, "global", count), (), False)


def _beside(answer: ExtractiveAnswer, search: Search, ranking: Ranking) -> list[Passage]:
    """The best passages for the question, and in place of the last of these what the answer cites."""
    best = search.passages(ranking, _SHOWN)
    known = {passage.chunk_id for passage in best}
    cited = dict.fromkeys(citation.chunk_id for citation in answer.citations)
    further = [p for chunk_id in cited if chunk_id not in known and (p := search.passage(chunk_id))]
    kept = [p for p in best if p.chunk_id in cited]
    others = [p for p in best if p.chunk_id not in cited][: max(0, _SHOWN - len(kept) - len(further))]
    return sorted([*kept, *others], key=best.index) + further


def _from_reports(search: Search, asked: Asked, question: str) -> ExtractiveAnswer:
    """An overview of few documents by their reports, without what these quote of no work."""
    hidden: set[str] = set()
    if not asks_for_boilerplate(asked.text):
        spans = spans_of_works(search, search.rows)
        ids = search.session.passages_table["chunk_id"]
        hidden = {ids[row].as_py() for row, span in spans.items() if span == (0, 0)}
    return answer_from_reports(
        asked,
        reports_for(search, question),
        lambda chunk_id: None if chunk_id in hidden else search.passage(chunk_id),
        search.document_count,
    )
