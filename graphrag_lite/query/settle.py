"""What both ways to answer share: the question, how it is to be answered, and the answer with verified citations."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from graphrag_lite.query.asked import read_question
from graphrag_lite.query.cite import verify
from graphrag_lite.query.extractive.answer import unknown
from graphrag_lite.query.filters import Filter
from graphrag_lite.query.named_document import NamedDocument, asks_about_document, named_document
from graphrag_lite.query.retrieve import Ranking
from graphrag_lite.query.route import choose_mode
from graphrag_lite.query.search import Search
from graphrag_lite.query.session import Session
from graphrag_lite.records import Answer, Citation, Passage, Turn

INSTEAD = "no report and no passage bears on the whole of the question"  # why `auto` goes on from global to local
BROAD = 60  # passages that are read for a definition or a relation
_NO_VECTORS = "the embedding model does not answer, so passages were found by words and links alone"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and how.

    Attributes:
        text: As the user wrote it.
        mode: auto, basic, local, global or drift; None: that of the settings.
        where: A filter of documents by metadata.
        history: Earlier turns, oldest first; with a model they complete the question.
    """

    text: str
    mode: str | None = None
    where: Filter | None = None
    history: Sequence[Turn] = ()


def route(search: Search, question: str, mode: str, ranking: Ranking) -> tuple[str, str]:
    """The mode to run and why."""
    return choose_mode(
        question,
        mode,
        has_reports=search.session.manifest.counts["reports"] > 0,
        names_entities=bool(ranking.asked),
    )


def scope_asked(search: Search, question: str, ranking: Ranking) -> tuple[Search, NamedDocument] | None:
    """The search in the one document that a question wants an overview of; None where it wants something else."""
    if not asks_about_document(question):
        return None
    named = named_document(question, search.passages(ranking, BROAD))
    return (replace(search, permitted=search.session.only(named.document_id)), named) if named else None


def finish(
    search: Search, text: str, citations: Sequence[Citation], mode: tuple[str, str], passages: Sequence[Passage]
) -> Answer:
    """The answer, its citations verified against the stored text."""
    start = time.perf_counter()
    session = search.session
    checked = verify(citations, session.document_text)
    return Answer(
        text,
        checked.citations,
        mode[0],
        tuple(passages),
        timings={"verify": time.perf_counter() - start},
        snapshot=session.manifest.id,
        mode_reason="; ".join(
            filter(None, (mode[1], _filtered(search), _NO_VECTORS if session.misses_vectors else ""))
        ),
        models={"retrieval": _retrieved_by(session), "answer": "none"},
        dropped_citations=checked.dropped,
    )


def _retrieved_by(session: Session) -> str:
    model = None if session.misses_vectors else session.embedding_model
    return model.name if model else "none"


def _filtered(search: Search) -> str:
    """How much a filter leaves; "" where there is none."""
    if search.permitted is None:
        return ""
    count = search.document_count
    return "1 document passes the filter" if count == 1 else f"{count:,} documents pass the filter"


def not_known(search: Search, question: str, mode: str) -> str:
    """That the answer is not known, and what was searched."""
    return unknown(read_question(question), mode, search.document_count)
