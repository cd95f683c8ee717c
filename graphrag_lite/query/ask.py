"""From a question to an answer: by a model where there is one, and by quoting where there is none or it fails."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from threading import Event

from graphrag_lite.errors import BudgetExceededError, ModelError
from graphrag_lite.llm.protocols import ChatModel
from graphrag_lite.query.asked import question_language, read_question
from graphrag_lite.query.extractive.answer import nothing_permitted
from graphrag_lite.query.extractive.ask import answer_by_quoting
from graphrag_lite.query.search import Search
from graphrag_lite.query.session import Session
from graphrag_lite.query.settle import Question, finish
from graphrag_lite.records import Answer

# Between what a model wrote before it failed and the answer that counts.
_BROKE_OFF = {
    "en": "The model broke off. This is what the documents say instead:",
    "zh": "模型中断了，以下改为引用文档：",
}
_TURNS_UNREAD = "earlier turns were not read, which takes a model"


def query(
    session: Session, question: Question, model: ChatModel | None = None, given_up: Event | None = None
) -> Answer:
    """Answer a question; see `KnowledgeBase.query`. Once it is `given_up`, the model is asked nothing more."""
    *_, answer = _events(session, question, model, given_up, streams=False)
    assert isinstance(answer, Answer)
    return answer


def stream(
    session: Session, question: Question, model: ChatModel | None = None, given_up: Event | None = None
) -> Iterator[str | Answer]:
    """Pieces of the text, then the `Answer`; without a model the text is one piece."""
    return _events(session, question, model, given_up, streams=True)


def _events(
    session: Session, asked: Question, model: ChatModel | None, given_up: Event | None, *, streams: bool
) -> Iterator[str | Answer]:
    clock = time.perf_counter()
    search = Search(session, session.permitted(asked.where))
    mode = asked.mode or session.settings.query.mode
    if search.permitted is not None and not search.document_count:
        text = nothing_permitted(read_question(asked.text))
        chosen = "local" if mode == "auto" else mode
        answer = replace(finish(search, text, (), (chosen, ""), ()), is_supported=False)
    elif model is None or not search.document_count:
        answer = answer_by_quoting(search, asked.text, mode, asked.mode in (None, "auto"))
        if asked.history and model is None:
            answer = replace(answer, mode_reason=f"{answer.mode_reason}; {_TURNS_UNREAD}".removeprefix("; "))
    else:
        from graphrag_lite.llm.counting import CountingChatModel  # no question without a model pays for these
        from graphrag_lite.query.by_model.ask import ask_model, rewritten

        counted = CountingChatModel(model, given_up)
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
            answer = answer_by_quoting(search, question, "global" if mode == "drift" else mode, True)
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
