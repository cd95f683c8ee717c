"""Lines "Label: value" that make one record: one of them names what the others tell of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from graphrag_lite.text.normalize import fold, has_cjk
from graphrag_lite.text.sentences import BLANK_LINE

_FIELD = re.compile(
    r"(?:[-*+•]|:(?=[^\W\d_][^:\n]*: ))?[ \t]*\**"  # ":Weight: 3" of reStructuredText
    r"(?P<label>[^\W\d_][^:：;|\n.?!。？！，]{0,40}?)\**(?:：\**[ \t]*|:\**[ \t]+)\**"
    r"(?P<value>\S[^\n]{0,160})"
)
_NEXT_FIELD = re.compile(r"[;；][^:：;；]{1,40}[:：]")  # of a row of a table
_SENTENCE = re.compile(r"[.!?…。！？][\"'”’)）」』*]*$")
_MOST_WORDS = 5  # of a label
_FEW_WORDS = 3  # with a point behind them: "Acme Inc.", "J. B. Lippincott Co."
_LONGEST_NAME = 60  # characters of a line above the fields that names their record


def field_of(text: str) -> tuple[str, str] | None:
    """Label and value of a line "Label: value"; None for a sentence with a colon and for a row of several fields."""
    match = _FIELD.fullmatch(text.strip())
    if not match or len(match["label"].split()) > _MOST_WORDS or _NEXT_FIELD.search(match["value"]):
        return None
    is_sentence = _SENTENCE.search(match["value"]) and _is_long(match["value"])
    return None if is_sentence else (match["label"].strip(), match["value"].strip("* "))


def _is_long(value: str) -> bool:
    return has_cjk(value) or len(value.split()) > _FEW_WORDS


def records_among(text: str, spans: Sequence[tuple[int, int]]) -> list[int]:
    """For each span the number of the record of several lines that it is one of; 0 for what is of none.

    A blank line ends a record unless one stands between all its lines, and so does a second line of its first label.
    A line without a label right above the first one belongs to it.
    """
    labels = [_label(text[start:end]) for start, end in spans]
    numbers = [0] * len(spans)
    is_spaced = False  # whether blank lines stand between the lines of the record
    first, size, number = -1, 0, 0
    for at, label in enumerate(labels):
        if not label:
            first = -1
            continue
        is_apart = at > 0 and BLANK_LINE.search(text, spans[at - 1][1], spans[at][0]) is not None
        goes_on = first >= 0 and label != labels[first] and (size == 1 or is_apart == is_spaced)
        if goes_on:
            is_spaced, size = is_apart, size + 1
        else:
            first, size, number = at, 1, number + 1
            if at > 0 and not labels[at - 1] and not is_apart and _may_name_record(text[slice(*spans[at - 1])]):
                numbers[at - 1] = number
        numbers[at] = number
    sizes = Counter(numbers)
    return [number if sizes[number] > 1 else 0 for number in numbers]


def _label(text: str) -> str:
    """The label of a field, folded, or of the first of several that one span holds; "" for anything else."""
    lines = text.split("\n")
    found = [field_of(line) for line in lines]
    is_field = found[0] is not None and all(
        field or line[:1].isspace() for field, line in zip(found, lines, strict=True)
    )
    return fold(found[0][0]) if found[0] and is_field else ""


def _may_name_record(line: str) -> bool:
    return len(line) <= _LONGEST_NAME and not _SENTENCE.search(line) and not line.startswith("#")
