"""Answers that a chat model writes from a packed context; every citation becomes a sentence of a stored document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from graphrag_lite.llm.counting import CountingChatModel
from graphrag_lite.llm.dispatch import run_all
from graphrag_lite.llm.protocols import ChatRequest
from graphrag_lite.query.cite import citation_of
from graphrag_lite.query.context import (
    MOST_PASSAGES,
    Context,
    Source,
    basic_context,
    fit,
    global_sources,
    local_context,
    passage_source,
)
from graphrag_lite.query.decompose import rank_in_parts
from graphrag_lite.query.generate import (
    ContextItem,
    Generated,
    answer_request,
    batch_items,
    follow_up_questions,
    generate_answer,
    map_reports,
    stream_answer,
)
from graphrag_lite.query.grounds import Grounds
from graphrag_lite.query.markers import Marked, Numbering, Said, renumber
from graphrag_lite.query.retrieve import Ranking
from graphrag_lite.query.search import AnyRanking, Search
from graphrag_lite.records import Citation, Passage, Turn
from graphrag_lite.text.normalize import terms
from graphrag_lite.text.sentences import sentence_spans

# Of the tokens of a global answer: what is mapped, and the points that are reduced. The rest are prompts and questions.
_MAPPED, _REDUCED = 0.7, 0.25
_PRIMER = 0.4
_BRIDGE_TOKENS = 1000  # what a short answer on the way costs is taken from the last context
_LEAST_ROOM = 0.4
_FOLLOW_UP_PASSAGES = 6


@dataclass(frozen=True, slots=True)
class Asking:
    """One question to a model. `streams` yields the text in pieces as they come."""

    search: Search
    model: CountingChatModel
    question: str
    turns: tuple[Turn, ...] = ()
    streams: bool = False

    @property
    def prompts(self) -> str:
        """Folder of the user's own prompts."""
        return self.search.session.settings.llm.prompts


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote. Empty `text`: the context does not hold the answer."""

    text: str
    citations: tuple[Citation, ...]
    context: Context
    dropped: int = 0
    is_complete: bool = True


def answer_locally(asking: Asking, mode: str, ranking: Ranking) -> Iterator[str | Written]:
    """From passages (mode basic), and from what the graph says around them (mode local)."""
    settings, search = asking.search.session.settings.query, asking.search
    room = settings.local_context_tokens
    if mode == "basic":
        context = basic_context(search.passages(search.rank(asking.question, hops=False), MOST_PASSAGES), room)
    else:
        found: AnyRanking = ranking
        if settings.decompose:
            parts = rank_in_parts(search, asking.model, asking.question, ranking, prompts=asking.prompts)
            found = parts.ranking
            room = max(int(_LEAST_ROOM * room), room - _BRIDGE_TOKENS * parts.bridges)
        passages = search.passages(found, MOST_PASSAGES)
        context = local_context(search, asking.question, passages, found.asked, room)
    yield from _write(asking, context, "answer")


def answer_globally(asking: Asking, passages: Sequence[Passage]) -> Iterator[str | Written]:
    """From the reports that bear on the question and the best passages, mapped to points and reduced."""
    room = asking.search.session.settings.query.global_context_tokens
    points = _points(asking, passages, int(_MAPPED * room))
    yield from _write(asking, Context(tuple(fit(points, int(_REDUCED * room)))), "reduce")


def answer_by_drift(asking: Asking, passages: Sequence[Passage]) -> Iterator[str | Written]:
    """From a global primer and what a search for its follow-up questions finds."""
    settings, search = asking.search.session.settings.query, asking.search
    points = _points(asking, passages, int(_PRIMER * settings.global_context_tokens))
    primer = fit(points, settings.local_context_tokens // 5)
    first = "\n".join(source.item.text for source in primer) or "-"
    questions = follow_up_questions(asking.model, asking.question, first, prompts=asking.prompts)
    found = [search.passages(search.rank(q), _FOLLOW_UP_PASSAGES) for q in (asking.question, *questions)]
    in_turn = [p for p in chain.from_iterable(zip_longest(*found)) if p is not None]
    distinct = {p.chunk_id: passage_source(p) for p in reversed(in_turn)}
    sources = [*primer, *list(distinct.values())[::-1]]
    yield from _write(asking, Context(tuple(fit(sources, settings.local_context_tokens))), "answer")


def _points(asking: Asking, passages: Sequence[Passage], room: int) -> list[Source]:
    """What reports and passages add to an answer, the best first, each with the passages it rests on."""
    sources = global_sources(asking.search, asking.question, passages, room)
    items = [source.item for source in sources]
    batches = batch_items(items, -(-room // 2))
    outcomes = list(
        run_all(
            lambda batch: map_reports(asking.model, asking.question, items, batch, prompts=asking.prompts),
            batches,
            concurrency=asking.model.concurrency,
        )
    )
    if outcomes and all(outcome.error for outcome in outcomes):
        outcomes[0].result()
    points = [point for outcome in outcomes if not outcome.error for point in outcome.result() if point.sources]
    return [
        Source(
            ContextItem(point.text), tuple({p.chunk_id: p for n in point.sources for p in sources[n].passages}.values())
        )
        for point in sorted(points, key=lambda point: (-point.score, point.sources, point.text))
    ]


def _write(asking: Asking, context: Context, name: str) -> Iterator[str | Written]:
    if not context.sources:
        yield Written("", (), context)
        return
    request = answer_request(asking.question, context.items, asking.turns, prompts=asking.prompts, name=name)
    grounds = Grounds(asking.question, [source.ground for source in context.sources])
    shown = ""
    generated = Generated("")
    for piece in _generated(asking, request, Numbering(len(context.sources), grounds.bearing_out)):
        if isinstance(piece, str):
            shown += piece
            yield piece
        else:
            generated = piece
    marked = renumber(generated.text, len(context.sources), grounds.bearing_out)
    if marked.is_unknown or not marked.text:
        yield Written("", (), context, marked.dropped)
        return
    ending = "" if generated.is_complete else " …"
    if asking.streams and marked.text.startswith(shown) and len(marked.text + ending) > len(shown):
        yield marked.text[len(shown) :] + ending
    cited = cite_sources(marked, context)
    yield Written(marked.text + ending, cited, context, marked.dropped, generated.is_complete)


def _generated(asking: Asking, request: ChatRequest, numbering: Numbering) -> Iterator[str | Generated]:
    """Pieces with their markers numbered as the whole will have them, then the whole as the model wrote it."""
    if not asking.streams:
        yield generate_answer(asking.model, request)
        return
    for piece in stream_answer(asking.model, request):
        if isinstance(piece, Generated):
            yield piece
        elif settled := numbering.add(piece):
            yield settled


def cite_sources(marked: Marked, context: Context) -> tuple[Citation, ...]:
    """For each marker the sentences that say most of what it is cited for, in order; none: the first passage whole."""
    citations = []
    for number, (index, said) in enumerate(zip(marked.sources, marked.said, strict=True), 1):
        source = context.sources[index]
        found = dict.fromkeys(best for one in said if (best := _best_sentence(source, one)))
        whole = (source.passages[0], 0, len(source.passages[0].text))
        citations += [citation_of(passage, str(number), start, end) for passage, start, end in found or [whole]]
    return tuple(citations)


def _best_sentence(source: Source, said: Said) -> tuple[Passage, int, int] | None:
    """The sentence of a source that holds most of what it is cited for; None where none holds any.

    The whole sentence counts, since a marker may stand at its begin ("According to [2], …"), and what precedes the
    marker counts once more.
    """
    own = set(terms(source.item.text))
    sentence, before = set(terms(said.sentence)), set(terms(said.before))
    is_shared = bool(sentence & own)
    best, most = None, (0, 0)
    for passage in source.passages:
        for start, end in sentence_spans(passage.text):
            found = set(terms(passage.text[start:end]))
            held = found & own if is_shared else found
            rank = (len(held & sentence) + len(held & before), len(found & own))
            if rank[0] and rank > most:
                best, most = (passage, start, end), rank
    return best
