"""Who speaks where in a transcript, an interview or a play: labels such as "ADA QUILL:" as lines begin.

It matters where it is asked what somebody says or thinks: what the other one says is no answer.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence

from graphrag_lite.query.asked import Asked
from graphrag_lite.records import Passage
from graphrag_lite.text.informative import SPEAKER
from graphrag_lite.text.normalize import terms

_SOMEBODY = "Somebody:"
_SPEAKERS = re.compile(f"^{SPEAKER.pattern}", re.MULTILINE)


def speaker_at(text: str, end: int, opening: str = "") -> str:
    """The label of who speaks at a place; of nobody in particular where only later ones are labelled.

    Args:
        text: Of a passage.
        end: The place.
        opening: The label of who is speaking as it begins, where that is known.
    """
    speakers = list(_SPEAKERS.finditer(text))
    before = [match.group() for match in speakers if match.end() <= end]
    return before[-1] if before else opening or (_SOMEBODY if speakers else "")


def is_said_by_another(asked: Asked, speaker: str, following: str, own: frozenset[str]) -> bool:
    """Whether it is asked what somebody says, another is speaking, and does not tell what anybody says.

    Args:
        asked: The question.
        speaker: The label of who speaks.
        following: What stands behind in the passage.
        own: Terms of what is said.
    """
    if asked.deed is None or not asked.deed.is_saying or not speaker or not asked.deed.forms.isdisjoint(own):
        return False
    if speaker != _SOMEBODY:
        return asked.deed.subject.isdisjoint(terms(speaker))
    then = _SPEAKERS.search(following)  # whoever speaks before Ada does is not Ada
    return then is not None and asked.deed.subject <= frozenset(terms(then.group()))


def speaking_first(
    asked: Asked, passages: Sequence[Passage], document_text: Callable[[str], str | None]
) -> dict[str, str]:
    """By chunk id the label of who is speaking as a passage begins, in documents where the one asked about has one.

    Elsewhere what looks like a label may be one of something else: "Note:", "Warning:".
    """
    if asked.deed is None or not asked.deed.is_saying:
        return {}
    labels: dict[str, list[tuple[int, str]]] = {}
    for document_id in {passage.document_id for passage in passages}:
        found = _SPEAKERS.finditer(document_text(document_id) or "")
        labels[document_id] = [(match.start(), match.group()) for match in found]
    speaking = {}
    for passage in passages:
        in_document = labels[passage.document_id]
        at = bisect_left(in_document, (passage.start, ""))
        if at and any(asked.deed.subject <= frozenset(terms(label)) for _, label in in_document):
            speaking[passage.chunk_id] = in_document[at - 1][1]
    return speaking
