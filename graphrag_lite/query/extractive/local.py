"""Answers in modes basic and local: the sentences of the retrieved passages that answer best, quoted and cited.

Everything shown is text of a document. Where the passages speak of what is asked but do not say it, the answer says
that it does not know and quotes what comes closest; where they do not even name it, it says what was searched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from graphrag_lite.query.asked import Asked, read_question
from graphrag_lite.query.cite import citation_of
from graphrag_lite.query.defining import is_of
from graphrag_lite.query.entries import entry_asked
from graphrag_lite.query.extractive.answer import ExtractiveAnswer, not_certain, unknown
from graphrag_lite.query.extractive.answering import refusal
from graphrag_lite.query.extractive.choose import Choice
from graphrag_lite.query.extractive.comparing import both_sides, comparison
from graphrag_lite.query.extractive.leading import led_to, list_headed
from graphrag_lite.query.extractive.quotations import Quotation, quotations
from graphrag_lite.query.extractive.releases import in_releases
from graphrag_lite.query.extractive.sections import section_asked
from graphrag_lite.query.extractive.speakers import speaking_first
from graphrag_lite.query.extractive.support import is_near, is_supported
from graphrag_lite.query.extractive.tables import columns_before
from graphrag_lite.query.extractive.units import units
from graphrag_lite.query.extractive.weights import corpus_weights, telling_weights
from graphrag_lite.query.options import option_asked
from graphrag_lite.records import Passage
from graphrag_lite.text.informative import leans, quotable
from graphrag_lite.text.normalize import has_cjk

_LONGEST_WITH_CONTEXT = 500
_MOST_NEAR = 2  # quotations beside "I do not know"


def answer_from_passages(
    question: str,
    passages: Sequence[Passage],
    *,
    mode: str = "local",
    document_count: int = 0,
    term_weight: Callable[[str], float] | None = None,
    names: Sequence[str] = (),
    document_text: Callable[[str], str | None] = lambda document_id: None,
) -> ExtractiveAnswer:
    """The one to four sentences that answer best, each followed by its marker.

    Args:
        question: In English or Chinese.
        passages: Best first.
        mode: Named when the answer is not known.
        document_count: Documents that were searched, named when the answer is not known.
        term_weight: Rarity of a term in the corpus; None: estimated from the passages.
        names: What of a Chinese question is known to be a name: no capitals tell it.
        document_text: The text of a document: who speaks may be said before a passage begins.
    """
    asked = read_question(question, names)
    speaking = speaking_first(asked, passages, document_text)
    said = quotations(asked, passages, speaking, columns_before(passages, document_text))
    offered = list(in_releases(asked, said, document_text))
    weights = corpus_weights(asked, offered, term_weight)
    if not weights:
        return ExtractiveAnswer(unknown(asked, mode, document_count), (), False)
    if (option := option_asked(question)) and (entry := entry_asked(option, passages, document_text)):
        return quote([entry])
    if section := section_asked(asked, passages, weights):
        return quote([section])
    answering, near = _chosen(asked, passages, offered, weights)
    if answering:
        return quote(_as_read(asked, answering))
    if near:
        return not_certain(asked, quote(_as_read(asked, near[:_MOST_NEAR])), mode, document_count)
    return ExtractiveAnswer(unknown(asked, mode, document_count), (), False)


def _chosen(
    asked: Asked, passages: Sequence[Passage], offered: Sequence[Quotation], weights: Mapping[str, float]
) -> tuple[list[Quotation], list[Quotation]]:
    """What answers, and where nothing does, what comes close."""
    compared = comparison(asked)
    sides: list[Quotation] = []
    if compared:
        sides, is_settled = both_sides(compared, offered)
        if is_settled:
            return sides, []
    choice = Choice(asked, offered, telling_weights(weights, offered), passages)
    chosen = choice.run()
    is_known = is_supported(asked, passages, weights) and not refusal(choice, chosen, weights)
    if compared:  # half of a comparison settles nothing
        valued = {q.passage.chunk_id for q in chosen if q.values}
        is_known = is_known and len(valued) >= len(compared.sides) and not asked.is_chinese
    if is_known:
        return chosen, []
    return [], sides or [q for q in chosen if is_near(asked, q, weights)]


def quote(spans: Sequence[tuple[Passage, int, int]]) -> ExtractiveAnswer:
    """Spans of passages as one text, each followed by its marker, with the citations."""
    text, citations = "", []
    for number, (passage, start, end) in enumerate(spans, 1):
        shown = quotable(passage.text[start:end])
        gap = "" if not text or (has_cjk(shown[:4]) and shown[0] != "|") else " "
        text += f"{gap}{shown}{'' if has_cjk(shown[-4:]) else ' '}[{number}]"
        citations.append(citation_of(passage, str(number), start, end))
    return ExtractiveAnswer(text, tuple(citations), True)


def _as_read(asked: Asked, chosen: Sequence[Quotation]) -> list[tuple[Passage, int, int]]:
    """Spans to quote: neighbours as one, what begins in the air with the sentence before, a row with what names it."""
    spans: list[tuple[Passage, int, int]] = []
    for q in chosen:
        named_by = (q.passage, *q.named_by) if q.named_by else None
        for names in filter(None, (q.entry, q.columns, named_by)):
            if names not in spans and not any((c.passage, c.start, c.end) == names for c in chosen):
                spans.append(names)
        if not asked.kind and (listed := list_headed(asked.terms, q.passage.text, q.start)):
            spans += [(q.passage, *listed)] if (q.passage, *listed) not in spans else []
            continue
        start = _unleant(asked, q)
        end = max(q.end, *(led_to(q.passage.text, *span) for span in _sentences(q)))
        if spans and spans[-1][0] is q.passage and _are_neighbours(q.passage.text, spans[-1][1:], (start, end)):
            spans[-1] = (q.passage, min(start, spans[-1][1]), max(end, spans[-1][2]))
        elif (q.passage, start, end) not in spans:
            spans.append((q.passage, start, end))
    return spans


def _sentences(q: Quotation) -> list[tuple[int, int]]:
    return [span for span in units(q.passage.text) if q.start <= span[0] and span[1] <= q.end] or [(q.start, q.end)]


def _are_neighbours(text: str, one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether nothing stands between two spans, whichever of them comes first."""
    first, second = sorted((one, other))
    return not text[first[1] : second[0]].strip()


def _unleant(asked: Asked, q: Quotation) -> int:
    text = q.passage.text
    is_partial = asked.is_definition and not asked.is_chinese and not is_of(asked.subject, q.text)
    if q.is_row or not (is_partial or leans(q.text)):
        return q.start
    before = [span for span in units(text) if span[1] <= q.start]
    if before and q.end - before[-1][0] <= _LONGEST_WITH_CONTEXT and "\n\n" not in text[before[-1][1] : q.start]:
        return before[-1][0]
    return q.start
