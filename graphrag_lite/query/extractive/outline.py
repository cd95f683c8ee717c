"""What a short text says from its beginning to its end: the most telling sentence of each of its paragraphs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from graphrag_lite.query.asked import Asked
from graphrag_lite.query.extractive.answer import ExtractiveAnswer
from graphrag_lite.query.extractive.themes import (
    LIKE,
    LONGEST_SENTENCE,
    Statement,
    likeness,
    telling,
    unlabelled,
    write,
)
from graphrag_lite.query.works import work_of_passage
from graphrag_lite.records import Passage
from graphrag_lite.text.normalize import terms
from graphrag_lite.text.sentences import BLANK_LINE, sentence_spans

_MOST = 6  # sentences
_LEAST = 0.05  # how telling a sentence has to be
_OPENING = 1.3  # factor of the first sentence of a paragraph


def outline(
    asked: Asked,
    passages: Sequence[Passage],
    spans: Mapping[str, tuple[int, int]],
    *,
    document_count: int = 1,
    names: Sequence[str] = (),
) -> ExtractiveAnswer | None:
    """A bullet for each of the sentences, in the order of the text; None where none tells anything.

    Args:
        asked: The question.
        passages: All of the text, in order.
        spans: By chunk id what of a passage belongs to the work; of those left out all does.
        document_count: Documents that were searched.
        names: That the text names most often.
    """
    found = [
        (number, max(paragraph, key=lambda s: (s.score, -s.start)))
        for number, paragraph in enumerate(
            paragraph for p in passages for paragraph in _paragraphs(p, spans.get(p.chunk_id, (0, len(p.text))))
        )
    ]
    chosen = found[:1]  # how it begins says what it is
    for number, statement in sorted(found[1:], key=lambda row: -row[1].score):
        if len(chosen) < _MOST and all(likeness(statement, other) < LIKE for _, other in chosen):
            chosen.append((number, statement))
    if not chosen:
        return None
    in_order = [statement for _, statement in sorted(chosen, key=lambda row: row[0])]
    return write(asked, unlabelled(in_order), document_count, names, "passage")


def _paragraphs(passage: Passage, span: tuple[int, int]) -> Iterator[list[Statement]]:
    """The statements of each paragraph that has some."""
    work = work_of_passage(passage)
    statements: list[Statement] = []
    last = span[0]
    is_first = True
    for start, end in sentence_spans(passage.text):
        if not span[0] <= start < end <= span[1]:
            continue
        if BLANK_LINE.search(passage.text, last, start):
            if statements:
                yield statements
            statements, is_first = [], True
        text = passage.text[start:end]
        score = telling(text) * (_OPENING if is_first else 1.0)
        if score >= _LEAST and end - start <= LONGEST_SENTENCE:
            statements.append(Statement(text, passage, start, end, "", work, frozenset(terms(text)), score))
        last, is_first = end, False
    if statements:
        yield statements
