"""Answers that a model put whole into a fence for code, where a citation would count for none."""

from __future__ import annotations

from graphrag_lite.query.by_model.marker_forms import FENCE, cites

_BARE = "```"


def may_be_fenced(begun: str) -> bool:
    """Whether an answer begins as one in a fence without a label does, and goes on behind no end of it."""
    start = begun.strip()
    if len(start) < len(_BARE):
        return bool(start) and _BARE.startswith(start)
    fenced = _fenced(start)
    return fenced is not None and not fenced[1]


def unfenced(answer: str) -> str:
    """What cites, out of the fence around the whole of it; code may be what was asked for, and stays."""
    fenced = _fenced(answer.strip())
    return fenced[0] if fenced and not fenced[1] and cites(fenced[0]) else answer


def _fenced(text: str) -> tuple[str, str] | None:
    """What a bare fence at the begin of a text holds, with the code in it, and what follows its end; None: no such."""
    first, *lines = text.split("\n")
    if first.strip() != _BARE:
        return None
    depth = 1
    for number, line in enumerate(lines):
        if FENCE.match(line):
            depth += 1 if line.strip(" \t\r`") else -1  # a label is at the begin alone
            if not depth:
                return "\n".join(lines[:number]), "\n".join(lines[number + 1 :]).strip()
    return "\n".join(lines), ""
