"""What of a question can be searched for."""

from __future__ import annotations

import logging

from graphrag_lite.errors import QuestionError

MOST_CHARACTERS = 8_000  # about four pages; the time of a search grows with the words of the question

log = logging.getLogger(__name__)


def usable_question(question: str) -> str:
    """The question without white space around it; of a very long one its beginning and its end.

    Raises:
        QuestionError: It holds no letter and no digit.
    """
    if not isinstance(question, str) or not any(map(str.isalnum, question)):
        raise QuestionError("the question holds no word to search for. Ask with at least one word or number")
    text = question.strip()
    if len(text) <= MOST_CHARACTERS:
        return text
    half = MOST_CHARACTERS // 2  # what is asked stands before or after what was pasted in
    log.warning("the question has %s characters; its first and last %s are used", f"{len(text):,}", f"{half:,}")
    return f"{text[:half]}\n{text[-half:]}"
