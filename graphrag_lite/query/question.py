"""What of a question, and of the turns before it, can be searched for and sent."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

from graphrag_lite.errors import QuestionError
from graphrag_lite.llm.reasoning import encodable
from graphrag_lite.records import Turn

MOST_CHARACTERS = 8_000  # about four pages; the time of a search grows with the words of the question

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")  # but for tabs and line ends

log = logging.getLogger(__name__)


def usable_question(question: str) -> str:
    """The question without white space around it and signs that no text has; of a very long one both its ends.

    Raises:
        QuestionError: It holds no letter and no digit.
    """
    if not isinstance(question, str) or not any(map(str.isalnum, question)):
        raise QuestionError("the question holds no word to search for. Ask with at least one word or number")
    text = _plain(question).strip()
    if len(text) <= MOST_CHARACTERS:
        return text
    half = MOST_CHARACTERS // 2  # what is asked stands before or after what was pasted in
    log.warning("the question has %s characters; its first and last %s are used", f"{len(text):,}", f"{half:,}")
    return f"{text[:half]}\n{text[-half:]}"


def usable_turns(history: Iterable[Turn]) -> tuple[Turn, ...]:
    """The turns, without signs that no text has.

    Raises:
        QuestionError: One is no `Turn` of two texts.
    """
    turns = tuple(history)
    for turn in turns:
        if not (isinstance(turn, Turn) and isinstance(turn.question, str) and isinstance(turn.answer, str)):
            raise QuestionError(f"history holds {turn!r:.80}. Give a Turn(question, answer) for each earlier turn")
    return tuple(Turn(_plain(turn.question), _plain(turn.answer)) for turn in turns)


def _plain(text: str) -> str:
    """Half a character, as a broken paste brings it, reaches no server; a NUL is taken for the end of a text."""
    return _CONTROL.sub(" ", encodable(text))
