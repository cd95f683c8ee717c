"""A question answered by a chat model: rewritten from its conversation, routed, composed, and verified."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import replace

from graphrag_lite.errors import ModelReplyError
from graphrag_lite.llm.counting import CountingChatModel
from graphrag_lite.query.by_model.answer import Asking, Written, answer_by_drift, answer_globally, answer_locally
from graphrag_lite.query.by_model.context import MOST_PASSAGES, Context, basic_context, global_sources, local_context
from graphrag_lite.query.by_model.generate import rewrite_question
from graphrag_lite.query.by_model.room import room_of
from graphrag_lite.query.by_model.wordings import wordings
from graphrag_lite.query.retrieve import Ranking
from graphrag_lite.query.search import Search
from graphrag_lite.query.settle import INSTEAD, Question, finish, not_known, route, scope_asked
from graphrag_lite.records import Answer


def ask_model(
    search: Search, question: str, asked: Question, mode: str, model: CountingChatModel, *, streams: bool
) -> Iterator[str | Answer]:
    """Pieces of the text where it streams, then the `Answer`.

    Args:
        search: What may be looked at.
        question: As it reads without the conversation; see `rewritten`.
        asked: As the user put it, with the turns before it.
        mode: Of `asked`, or of the settings.
        model: Who answers.
        streams: Whether pieces of the text are wanted.

    Raises:
        ModelError: The model failed; nothing of what it wrote counts.
    """
    start = time.perf_counter()
    worded = wordings(search.session, question, model)
    ranking = search.rank(worded[0])
    scope = scope_asked(search, worded[0], ranking) if mode in ("auto", "global") else None
    if scope is not None:
        chosen, reason, ranking = "global", scope[1].reason, scope[0].rank(worded[0])
    else:
        chosen, reason = ("drift", "") if mode == "drift" else route(search, question, mode, ranking)
    routed = time.perf_counter()
    asking = Asking(
        scope[0] if scope else search,
        room_of(model, chosen, search.session.settings.query),
        question,
        worded,
        tuple(asked.history),
        asked.text,
        streams,
    )
    written = yield from _composed(asking, chosen, ranking)
    if not written.text and chosen == "global" and mode == "auto":
        chosen, reason = "local", INSTEAD
        written = yield from _composed(asking, chosen, ranking)
    looked_for = f"looked for “{worded[-1]}”" if worded != (question,) else ""
    reason = "; ".join(filter(None, (reason, looked_for, written.flaw, written.cut_off, written.attributed)))
    text = written.text or not_known(search, question, chosen)
    if streams and not written.text:
        yield text
    answered = time.perf_counter()
    answer = finish(search, text, written.citations, (chosen, reason), written.context.passages)
    yield replace(
        answer,
        usage=model.usage,
        timings={"retrieve": routed - start, "answer": answered - routed, **answer.timings},
        models={**answer.models, "answer": model.name},
        context=written.context.text,
        dropped_citations=answer.dropped_citations + written.dropped,
        is_supported=bool(written.text and answer.citations),
        parts=written.parts,
    )


def rewritten(search: Search, asked: Question, model: CountingChatModel) -> str:
    """The question as it reads without the turns before it; as it is where the reply is unusable.

    Raises:
        ModelError: The model cannot be reached or refuses; the answer itself would fare no better.
    """
    try:
        return rewrite_question(model, asked.text, asked.history, prompts=search.session.settings.llm.prompts)
    except ModelReplyError:
        return asked.text


def _composed(asking: Asking, mode: str, ranking: Ranking) -> Generator[str | Answer, None, Written]:
    """Pieces of the text; returns the whole."""
    is_shown = False
    for piece in _fitted(asking, mode, ranking):
        if isinstance(piece, Written):
            if is_shown and not piece.text:  # a long text that ends with there being no answer: another one follows
                yield "\n\n"
            return piece
        is_shown = True
        yield piece
    raise AssertionError("every way of answering ends with what was written")


def _fitted(asking: Asking, mode: str, ranking: Ranking) -> Iterator[str | Written]:
    """As `_compose`; once more where a refusal has just told how small the model's window is."""
    known, has_begun = asking.model.longest_prompt, False
    try:
        for piece in _compose(asking, mode, ranking):
            yield piece
            has_begun = True
    except ModelReplyError:
        if has_begun or asking.model.longest_prompt == known:
            raise
        yield from _compose(asking, mode, ranking)


def _compose(asking: Asking, mode: str, ranking: Ranking) -> Iterator[str | Written]:
    if mode not in ("global", "drift"):
        return answer_locally(asking, mode, ranking)
    passages = asking.search.passages(asking.with_others(ranking), MOST_PASSAGES)
    return answer_globally(asking, passages) if mode == "global" else answer_by_drift(asking, passages)


def pack(search: Search, question: str, mode: str) -> Context:
    """What a model would be shown for a question, without asking one."""
    settings = search.session.settings.query
    ranking = search.rank(question)
    if scope := scope_asked(search, question, ranking) if mode in ("auto", "global") else None:
        search, ranking, mode = scope[0], scope[0].rank(question), "global"
    chosen = "global" if mode == "drift" else route(search, question, mode, ranking)[0]
    if chosen == "basic":
        found = search.passages(search.rank(question, hops=False), MOST_PASSAGES)
        return basic_context(search, found, settings.local_context_tokens)
    passages = search.passages(ranking, MOST_PASSAGES)
    if chosen == "global":
        return Context(tuple(global_sources(search, question, passages, settings.global_context_tokens)))
    return local_context(search, question, passages, ranking.asked, settings.local_context_tokens)
