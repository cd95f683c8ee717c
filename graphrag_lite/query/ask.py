"""From a question to an answer: rewrite, retrieve, compose (by a model or by quoting), verify every citation."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from graphrag_lite.errors import BudgetExceededError, ModelError
from graphrag_lite.llm.protocols import ChatModel
from graphrag_lite.query.asked import question_language, read_question
from graphrag_lite.query.cite import verify
from graphrag_lite.query.extractive.answer import ExtractiveAnswer, nothing_permitted, unknown
from graphrag_lite.query.extractive.local import answer_from_passages
from graphrag_lite.query.filters import Filter
from graphrag_lite.query.named_document import NamedDocument, asks_about_document, named_document
from graphrag_lite.query.parts import parts_asked
from graphrag_lite.query.retrieve import Ranking
from graphrag_lite.query.route import choose_mode
from graphrag_lite.query.search import Search
from graphrag_lite.query.session import Session
from graphrag_lite.records import Answer, Citation, Passage, QuestionPart, Turn
from graphrag_lite.text.metadata import searched_metadata

# Between what a model wrote before it failed and the answer that counts.
_BROKE_OFF = {
    "en": "The model broke off. This is what the documents say instead:",
    "zh": "模型中断了，以下改为引用文档：",
}
_NO_VECTORS = "the embedding model does not answer, so passages were found by words and links alone"
_TURNS_UNREAD = "earlier turns were not read, which takes a model"
_BROAD = 60  # passages that are read for a definition or a relation


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


def query(session: Session, question: Question, model: ChatModel | None = None) -> Answer:
    """Answer a question; see `KnowledgeBase.query`."""
    *_, answer = _events(session, question, model, streams=False)
    assert isinstance(answer, Answer)
    return answer


def stream(session: Session, question: Question, model: ChatModel | None = None) -> Iterator[str | Answer]:
    """Pieces of the text, then the `Answer`; without a model the text is one piece."""
    return _events(session, question, model, streams=True)


def _events(session: Session, asked: Question, model: ChatModel | None, *, streams: bool) -> Iterator[str | Answer]:
    clock = time.perf_counter()
    search = Search(session, session.permitted(asked.where))
    mode = asked.mode or session.settings.query.mode
    if search.permitted is not None and not search.document_count:
        text = nothing_permitted(read_question(asked.text))
        chosen = "local" if mode == "auto" else mode
        answer = replace(finish(search, text, (), (chosen, ""), ()), is_supported=False)
    elif model is None or not search.document_count:
        answer = _quoted(search, asked.text, mode, asked.mode in (None, "auto"))
        if asked.history and model is None:
            answer = replace(answer, mode_reason=f"{answer.mode_reason}; {_TURNS_UNREAD}".removeprefix("; "))
    else:
        from graphrag_lite.llm.counting import CountingChatModel  # no question without a model pays for these
        from graphrag_lite.query.by_model.ask import ask_model, rewritten

        counted = CountingChatModel(model)
        shown = False
        question, turns_unread = asked.text, _TURNS_UNREAD if asked.history else ""
        try:
            question, turns_unread = rewritten(search, asked, counted), ""
            for event in ask_model(search, question, asked, mode, counted, streams=streams):
                if isinstance(event, Answer):
                    yield _counted(search, event, clock)
                    return
                shown = True
                yield event
        except (ModelError, BudgetExceededError) as error:
            answer = _quoted(search, question, "global" if mode == "drift" else mode, True)
            instead = "documents are quoted" if answer.citations else "it was searched without one"
            why = (answer.mode_reason, turns_unread, f"the model failed, so {instead}: {error}")
            answer = replace(answer, mode_reason="; ".join(filter(None, why)), usage=counted.usage)
        if shown:
            yield f"\n\n{_BROKE_OFF[question_language(asked.text)]}\n\n"
    yield answer.text
    yield _counted(search, answer, clock)


def _counted(search: Search, answer: Answer, start: float) -> Answer:
    """The answer with what its embeddings cost besides, and the time since `start`."""
    usage = sum(search.embedded, answer.usage)
    return replace(answer, usage=usage, timings={**answer.timings, "total": time.perf_counter() - start})


def route(search: Search, question: str, mode: str, ranking: Ranking) -> tuple[str, str]:
    """The mode to run and why."""
    return choose_mode(
        question,
        mode,
        has_reports=search.session.manifest.counts["reports"] > 0,
        names_entities=bool(ranking.asked),
    )


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


def _quoted(search: Search, question: str, mode: str, may_change: bool) -> Answer:
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
            chosen, reason = "local", "no report and no passage bears on the whole of the question"
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


def scope_asked(search: Search, question: str, ranking: Ranking) -> tuple[Search, NamedDocument] | None:
    """The search in the one document that a question wants an overview of; None where it wants something else."""
    if not asks_about_document(question):
        return None
    named = named_document(question, search.passages(ranking, _BROAD))
    return (replace(search, permitted=search.session.only(named.document_id)), named) if named else None


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
    top_k, reads_on = search.session.settings.query.top_k, read_question(question).reads_on
    passages = search.passages(ranking, _BROAD if reads_on else top_k)
    return passages[:top_k] + [passage for passage in passages[top_k:] if reads_on and reads_on(passage.text)]


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
    )
