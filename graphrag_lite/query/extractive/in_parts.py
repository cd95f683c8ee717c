"""One answer to two questions in one, of what was quoted for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from graphrag_lite.query.asked import read_question
from graphrag_lite.query.extractive.answer import ExtractiveAnswer, unknown
from graphrag_lite.query.extractive.local import quote
from graphrag_lite.records import Passage


@dataclass(frozen=True, slots=True)
class AnsweredPart:
    """One of the questions, and what was quoted for it of the passages that were found."""

    question: str
    passages: Sequence[Passage]
    answer: ExtractiveAnswer


def answer_in_parts(parts: Sequence[AnsweredPart], mode: str, document_count: int) -> ExtractiveAnswer | None:
    """What answers the parts, and which of them is not known; None where none is answered.

    It is supported only where all are: half an answer does not pass for a whole one.
    """
    spans: list[tuple[Passage, int, int]] = []
    for part in parts:
        if part.answer.is_supported:
            spans += [span for span in _spans(part) if not any(_holds(other, span) for other in spans)]
    if not spans:
        return None
    found = quote(spans)
    open_parts = [part for part in parts if not part.answer.is_supported]
    for part in open_parts:
        is_near = bool(part.answer.citations)
        not_known = unknown(read_question(part.question), mode, document_count, is_near=is_near)
        found = replace(found, text=f"{found.text}\n\n{part.question} {not_known}", is_supported=False)
    return found


def _spans(part: AnsweredPart) -> list[tuple[Passage, int, int]]:
    by_chunk = {passage.chunk_id: passage for passage in part.passages}
    return [
        (passage, citation.start - passage.start, citation.end - passage.start)
        for citation in part.answer.citations
        if (passage := by_chunk.get(citation.chunk_id))
    ]


def _holds(one: tuple[Passage, int, int], other: tuple[Passage, int, int]) -> bool:
    return one[0].chunk_id == other[0].chunk_id and one[1] <= other[1] and other[2] <= one[2]
