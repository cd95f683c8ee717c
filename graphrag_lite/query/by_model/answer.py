"""Answers that a chat model writes from a packed context; every citation becomes a sentence of a stored document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from graphrag_lite.errors import ModelError
from graphrag_lite.llm.counting import CountingChatModel
from graphrag_lite.llm.protocols import ChatRequest
from graphrag_lite.query.by_model.attribution import attribute
from graphrag_lite.query.by_model.context import (
    MOST_PASSAGES,
    Context,
    Source,
    basic_context,
    distinct,
    documents_shown,
    fit,
    global_sources,
    local_context,
    passage_sources,
)
from graphrag_lite.query.by_model.decompose import Decomposed, rank_in_parts
from graphrag_lite.query.by_model.denials import denies
from graphrag_lite.query.by_model.generate import (
    ContextItem,
    Generated,
    Point,
    answer_request,
    batch_items,
    follow_up_questions,
    follow_up_request,
    generate_answer,
    map_request,
    stream_answer,
)
from graphrag_lite.query.by_model.mapping import Allowance, Part, map_batches
from graphrag_lite.query.by_model.markers import Marked, Numbering, Said, renumber
from graphrag_lite.query.by_model.room import Room
from graphrag_lite.query.cite import citation_of
from graphrag_lite.query.retrieve import Ranking
from graphrag_lite.query.search import AnyRanking, Search, merge_rankings
from graphrag_lite.records import Citation, Passage, QuestionPart, Turn
from graphrag_lite.text.grounds import Grounds
from graphrag_lite.text.normalize import terms
from graphrag_lite.text.sentences import sentence_spans
from graphrag_lite.text.tokens import estimate_tokens

# Of the tokens of a global answer: what is mapped, and the points that are reduced. The rest are prompts and questions.
_MAPPED, _REDUCED = 0.7, 0.25
_PRIMER = 0.4
_LEAST_KEPT = 0.5  # of the sources of the last call, where parts have to be asked for again
_WORTH_SPLITTING = 0.5  # of the usual context: with less room left the question is not looked at in parts
_ON_THE_WAY = 0.5  # of the context, at most, goes to short answers on the way
_LONG_QUESTION = 500  # tokens; each batch that is mapped pays for it once more
_FOLLOW_UP_PASSAGES = 6
_MOST_NAMED = 3  # documents of a point
_SHORT_SENTENCE = 8  # tokens; one such as "He did." bears out nothing alone


@dataclass(frozen=True, slots=True)
class Asking:
    """One question to a model, with the turns before it, among which it read `asked`.

    `worded` is how it is looked for, see `wordings`; `parts` are the questions that it was split into. `streams` yields
    the text in pieces as they come.
    """

    search: Search
    room: Room
    question: str
    worded: tuple[str, ...]
    turns: tuple[Turn, ...] = ()
    asked: str = ""
    streams: bool = False
    parts: tuple[QuestionPart, ...] = ()

    @property
    def model(self) -> CountingChatModel:
        """Who answers."""
        return self.room.model

    @property
    def looked_for(self) -> str:
        """All wordings as one text."""
        return " ".join(self.worded)

    @property
    def prompts(self) -> str:
        """Folder of the user's own prompts."""
        return self.search.session.settings.llm.prompts

    def with_others(self, ranking: Ranking, *, hops: bool = True) -> AnyRanking:
        """The ranking of the first wording together with those of the others."""
        others = [(self.search.rank(wording, hops=hops), 1.0) for wording in self.worded[1:]]
        return merge_rankings(ranking, others, self.search.session.passages_table.num_rows) if others else ranking

    def request(self, items: Sequence[ContextItem], name: str) -> ChatRequest:
        """The last call: `name` is that of its prompt."""
        return answer_request(
            self.question, items, self.turns, asked=self.asked, parts=self.parts, prompts=self.prompts, name=name
        )

    def room_for(self, name: str, wanted: int) -> int:
        """`wanted` tokens of sources for the last call, or as many as are left."""
        return self.room.for_sources(self.request((), name), wanted)


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote. Empty `text`: the context does not hold the answer.

    `cut_off` says why it has no end, `flaw` what could not be read, and `attributed` how its sources were found where
    the model gave none.
    """

    text: str
    citations: tuple[Citation, ...]
    context: Context
    dropped: int = 0
    cut_off: str = ""
    flaw: str = ""
    attributed: str = ""
    parts: tuple[QuestionPart, ...] = ()


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Points drawn from reports and passages, the best first; how many numbers named nothing, and what went wrong."""

    sources: list[Source]
    dropped: int
    flaw: str

    def note(self, pieces: Iterable[str | Written]) -> Iterator[str | Written]:
        """An answer from the points, which says so."""
        for piece in pieces:
            if not isinstance(piece, str):
                piece = replace(piece, dropped=piece.dropped + self.dropped, flaw=self.flaw)
            yield piece


def answer_locally(asking: Asking, mode: str, ranking: Ranking) -> Iterator[str | Written]:
    """From passages (mode basic), and from what the graph says around them (mode local)."""
    settings, search = asking.search.session.settings.query, asking.search
    room = asking.room_for("answer", settings.local_context_tokens)
    if mode == "basic":
        best_alone = asking.with_others(search.rank(asking.worded[0], hops=False), hops=False)
        found = search.passages(best_alone, MOST_PASSAGES)
        context = basic_context(search, found, room)
    else:
        if settings.decompose and room >= _WORTH_SPLITTING * settings.local_context_tokens:
            on_the_way, before = int(_ON_THE_WAY * room), asking.model.asked_tokens
            best = rank_in_parts(search, asking.model, asking.worded, ranking, room=on_the_way, prompts=asking.prompts)
            # A question in parts costs no more than a whole one: a larger context held hardly more of the evidence.
            spent = asking.model.asked_tokens - before
            asking = replace(asking, parts=best.parts)
            room = asking.room_for("answer", settings.local_context_tokens - spent)
        else:
            best = Decomposed(asking.with_others(ranking))
        passages = search.passages(best.ranking, MOST_PASSAGES)
        asked = " ".join((asking.looked_for, *(part.question for part in asking.parts)))
        context = local_context(search, asked, passages, best.ranking.asked, room)
    for piece in _write(asking, context, "answer"):
        yield piece if isinstance(piece, str) else replace(piece, parts=asking.parts)


def answer_globally(asking: Asking, passages: Sequence[Passage]) -> Iterator[str | Written]:
    """From the reports that bear on the question and the best passages, mapped to points and reduced."""
    room = asking.search.session.settings.query.global_context_tokens
    kept = int(_REDUCED * room * _LEAST_KEPT)
    drawn = _draw(asking, passages, int(_MAPPED * room), [asking.request((), "reduce")], kept)
    reduced = asking.room_for("reduce", int(_REDUCED * room))
    yield from drawn.note(_write(asking, Context(tuple(fit(drawn.sources, reduced))), "reduce"))


def answer_by_drift(asking: Asking, passages: Sequence[Passage]) -> Iterator[str | Written]:
    """From a global primer and what a search for its follow-up questions finds."""
    settings, search = asking.search.session.settings.query, asking.search
    later = [follow_up_request(asking.worded[0], (), prompts=asking.prompts), asking.request((), "answer")]
    kept = int(settings.local_context_tokens * _LEAST_KEPT)
    drawn = _draw(asking, passages, int(_PRIMER * settings.global_context_tokens), later, kept)
    primer = fit(drawn.sources, settings.local_context_tokens // 5)
    points = [source.item for source in primer]
    questions = follow_up_questions(asking.model, asking.worded[0], points, prompts=asking.prompts)
    found = [search.passages(search.rank(q), _FOLLOW_UP_PASSAGES) for q in (*asking.worded, *questions)]
    in_turn = distinct(p for p in chain.from_iterable(zip_longest(*found)) if p is not None)
    sources = [*primer, *passage_sources(search, in_turn)]
    room = asking.room_for("answer", settings.local_context_tokens)
    yield from drawn.note(_write(asking, Context(tuple(fit(sources, room))), "answer"))


def _draw(asking: Asking, passages: Sequence[Passage], wanted: int, later: Sequence[ChatRequest], kept: int) -> _Drawn:
    """What reports and passages add to an answer, each point with the passages it rests on.

    `later` are the calls that follow, as far as they are known, for which room must be left, and `kept` tokens of
    sources for these that no second try may take.
    """
    bare = map_request(asking.question, (), prompts=asking.prompts)
    parts = 1 if estimate_tokens(asking.question) > _LONG_QUESTION else 2
    room = max(0, min(wanted, int(_MAPPED * asking.room.left(*[bare] * parts, *later))))
    sources = global_sources(asking.search, asking.looked_for, passages, room)
    items = [source.item for source in sources]
    sizes = [source.tokens for source in sources]
    # With half of the longest beside its share, what fits into no part any more fits into the last.
    share = sum(sizes) // parts + max(sizes, default=0) // 2 + 1
    batches = batch_items(items, asking.room.in_window(bare, share))
    firsts = [map_request(asking.question, [items[n] for n in batch], prompts=asking.prompts) for batch in batches]
    allowance = Allowance(asking.room.left(*firsts, *later) - kept)
    read = map_batches(asking.model, asking.question, items, batches, allowance, prompts=asking.prompts)
    failed = [part.error for part in read if part.error]
    if failed and len(failed) == len(read):
        raise failed[0]
    points = [point for part in read for point in part.mapped.points]
    points.sort(key=lambda point: (-point.score, point.sources, point.text))
    return _Drawn(
        [_point_source(asking.search, point, sources) for point in points if point.sources],
        sum(point.dropped for point in points),
        _flaw(read, failed),
    )


def _flaw(read: Sequence[Part], failed: Sequence[ModelError]) -> str:
    """What of the parts is missing."""
    cut_off = sum(not part.mapped.is_whole for part in read)
    lost = f"{len(failed)} of {len(read)} parts could not be read: {failed[0]}" if failed else ""
    cut = f"{cut_off} of {len(read)} parts could be read only in part: the reply was cut off" if cut_off else ""
    return "; ".join(filter(None, (lost, cut)))


def _point_source(search: Search, point: Point, sources: Sequence[Source]) -> Source:
    """A point under the documents that say it, unless these are many: who reads points sees nothing else of them."""
    drawn_from = [sources[n] for n in point.sources]
    evidence = {p.chunk_id: p for source in drawn_from for p in source.passages}
    documents = list(dict.fromkeys(told for source in drawn_from for told in documents_shown(search, source)))
    title = "; ".join(filter(None, documents)) if len(documents) <= _MOST_NAMED else ""
    item = ContextItem(point.text, title)
    return Source(item, tuple(evidence.values()), tuple(source.item.title for source in drawn_from))


def _write(asking: Asking, context: Context, name: str) -> Iterator[str | Written]:
    if not context.sources:
        yield Written("", (), context)
        return
    request = asking.request(context.items, name)
    grounds = Grounds(asking.question, [source.ground for source in context.sources])
    shown = ""
    generated = Generated("")
    count, same = len(context.sources), context.of_same_passage()
    for piece in _generated(asking, request, Numbering(count, grounds.bearing_out, same)):
        if isinstance(piece, str):
            shown += piece
            yield piece
        else:
            generated = piece
    marked = renumber(generated.text, count, grounds.bearing_out, same)
    if marked.is_unknown or not marked.text:
        yield Written("", (), context, marked.dropped)
        return
    text = marked.text + (" …" if generated.cut_off else "")
    found = None
    if not marked.sources:
        is_cut_off = bool(generated.cut_off)
        found = attribute(marked.text, context.passages, asking.question, is_cut_off=is_cut_off)
    if found:
        text += found.ending
    if asking.streams and not text.startswith(shown):  # a thought, as only its end has told
        yield f"\n\n{text}"
    elif asking.streams and len(text) > len(shown):
        yield text[len(shown) :]
    cited = found.citations if found else cite_sources(marked, context, asking.question, asking.looked_for)
    told = found.told if found else ""
    yield Written(text, cited, context, marked.dropped, generated.cut_off, attributed=told)


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


def cite_sources(marked: Marked, context: Context, question: str, looked_for: str = "") -> tuple[Citation, ...]:
    """For each marker the sentences that say most of what it is cited for, in order; none: the first passage whole.

    That a passage does not tell something is in none of its sentences, so there the others that cite it count. What the
    question was looked for with besides its own words counts as said: those of a passage in another language.
    """
    citations, asked = [], frozenset(terms(question))
    besides = frozenset(terms(looked_for)) - asked
    for number, (index, cited_for) in enumerate(zip(marked.sources, marked.said, strict=True), 1):
        source = context.sources[index]
        said = [one for one in cited_for if not denies([(one.sentence, True)])] or cited_for
        found = dict.fromkeys(best for one in said if (best := _best_sentence(source, one, asked, besides)))
        whole = (source.passages[0], 0, len(source.passages[0].text))
        citations += [citation_of(passage, str(number), start, end) for passage, start, end in found or [whole]]
    return tuple(citations)


def _best_sentence(
    source: Source, said: Said, asked: frozenset[str], besides: frozenset[str]
) -> tuple[Passage, int, int] | None:
    """The sentence of a source that holds most of what it is cited for; None where none holds any.

    The whole sentence counts, since a marker may stand at its begin ("According to [2], …"), and what precedes the
    marker counts once more. What the question does not say counts double: it is what answers. `besides` decides among
    sentences that hold some of it, never alone: a question names its subject, which many a sentence has.
    """
    own = set(terms(source.item.text))
    sentence, before = set(terms(said.sentence)), set(terms(said.before))
    is_shared = bool(sentence & own)
    said_by = (sentence, before, besides) if is_shared else (sentence, before)
    best, most = None, (0, 0)
    for passage in source.passages:
        spans = sentence_spans(passage.text)
        for number, (start, end) in enumerate(spans):
            found = set(terms(passage.text[start:end]))
            held = found & own if is_shared else found
            hits = [term for told in said_by for term in held & told]
            rank = (sum(1 if term in asked else 2 for term in hits), len(found & own))
            if rank[0] and rank > most:
                best, most = (passage, spans, number), rank
    return best and (best[0], *_with_neighbour(*best, sentence))


def _with_neighbour(
    passage: Passage, spans: Sequence[tuple[int, int]], number: int, wanted: set[str]
) -> tuple[int, int]:
    """Start and end of a sentence; a very short one with that beside it which says more of what is wanted, if any.

    As in 'Asked who taught her, she gives one name. "Edmund Vashley."', where the name alone tells nothing.
    """
    start, end = spans[number]
    if estimate_tokens(passage.text[start:end]) > _SHORT_SENTENCE:
        return start, end
    beside = [spans[n] for n in (number - 1, number + 1) if 0 <= n < len(spans)]
    shared = [len(wanted & set(terms(passage.text[slice(*span)]))) for span in beside]
    if not any(shared):
        return start, end
    other = beside[shared.index(max(shared))]
    return min(start, other[0]), max(end, other[1])
