"""Notices that a model goes round in circles: it writes one block over and over until something stops it.

Such a text ends with three blocks at least that are exactly the same. Numbers that begin lines do not tell them apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from graphrag_lite.llm.protocols import ChatReply

_SHORTEST_LOOP, _LEAST_BLOCKS = 300, 3  # characters; once more may be a refrain
_LONGEST_BLOCK = 3200  # characters
_REACH = 12_000  # characters of a stream that are kept: the blocks, and the numbers of their lines
_STEP = 300  # characters that a stream grows by before it is looked at again
_NUMBER = re.compile(r"^[ \t]*+\d{1,4}(?:[.)][ \t]++|[、．）]|[.)]?\Z)", re.MULTILINE)
_END = re.compile(r"[.!?][\"”')\]]*\s|[。！？}\n]")  # of a sentence, a line, an object


class LoopWatch:
    """Listens to a text that comes in pieces."""

    def __init__(self) -> None:
        self._heard = ""
        self._new: list[str] = []
        self._unread = 0

    def add(self, piece: str) -> bool:
        """True as soon as the text repeats itself."""
        self._new.append(piece)
        self._unread += len(piece)
        if self._unread < _STEP:
            return False
        self._heard = (self._heard + "".join(self._new))[-_REACH:]
        self._new, self._unread = [], 0
        return bool(_period(_NUMBER.sub("", self._heard)))


def without_loop(reply: ChatReply) -> ChatReply:
    """The reply, cut behind the first of the blocks where it was stopped while it repeated itself.

    Its finish_reason is "repetition" then.
    """
    if reply.finish_reason not in ("length", "repetition"):
        return reply
    text, reasoning = reply.text, reply.reasoning
    if end := _end_of_first(text or reasoning):
        text, reasoning = (text[:end], reasoning) if text else ("", reasoning[:end])
        return replace(reply, text=text, reasoning=reasoning, finish_reason="repetition")
    return reply


def last_reply(pieces: Iterable[str | ChatReply]) -> ChatReply:
    """The reply at the end of a stream of which nobody is shown a piece, cut where it repeats itself."""
    *_, reply = pieces
    assert isinstance(reply, ChatReply)
    return without_loop(reply)


def _end_of_first(text: str) -> int:
    """Where the first of the blocks ends that a text repeats, at the end of its sentence if it has one; 0: none."""
    bare = _NUMBER.sub("", text)
    period = _period(bare)
    if not period:
        return 0
    start = len(bare) - period
    while start and bare[start - 1] == bare[start - 1 + period]:
        start -= 1
    end = start + period
    # What precedes the loop may end like the block, so that this is amid a sentence.
    if closing := _END.search(bare, end - 2, end + period):
        end = closing.end()
    for number in _NUMBER.finditer(text):
        if number.start() >= end:
            break
        end += len(number.group())
    return len(text[:end].rstrip())


def _period(text: str) -> int:
    """Characters of the block that a text ends with again and again; 0: it does not.

    Looks at the last characters alone, a few times, whatever they are.
    """
    back = text[: -_LEAST_BLOCKS * _LONGEST_BLOCK - 1 : -1]
    size = _SHORTEST_LOOP // _LEAST_BLOCKS
    while size <= _LONGEST_BLOCK:
        # Of a loop whose block is no longer than the end that is looked for, the next place of that end is one block
        # back: a nearer one would be a shorter block (Fine and Wilf 1965, doi:10.2307/2034009).
        period = back.find(back[:size], 1, 2 * size)
        span = max(_SHORTEST_LOOP, _LEAST_BLOCKS * period)
        is_loop = period > 0 and len(back) >= span and back[period:span] == back[: span - period]
        if is_loop and any(map(str.isalpha, back[:period])):  # a ruler of a table holds no letter
            return period
        size *= 2
    return 0
