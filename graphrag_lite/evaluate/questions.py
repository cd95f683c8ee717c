"""Questions with known answers: one JSON object a line.

`{"id", "question"}` are required. `gold` names the documents that hold the evidence, by document id or by the end of
the source path ("fenn/history.docx"); all of them are needed. `gold_alternatives` maps a gold entry to others that
serve as well. `answer`, `kind` (for the breakdown) and `hops` are optional, other keys are left alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphrag_lite.errors import InputError

_EXPECTED = '{"id": ..., "question": ..., "gold": [...]}'


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the documents that answer it; without `gold` it can be asked but not scored."""

    id: str
    question: str
    answer: str = ""
    gold: tuple[str, ...] = ()
    alternatives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hops: int = 0
    kind: str = ""

    @property
    def group(self) -> str:
        """The line of the breakdown it belongs to; empty where it states neither kind nor hops."""
        return self.kind or (f"{self.hops} hops" if self.hops else "")


def read_questions(path: Path) -> list[Question]:
    """The questions of a JSONL file, in its order.

    Raises:
        InputError: The file or a line cannot be read, an id occurs twice, or there is none; names the line.
    """
    found: dict[str, Question] = {}
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    question = _parse(line, f"{path}, line {number}")
                    if question.id in found:
                        raise InputError(f"{path}, line {number}: id {question.id!r} occurs twice. Give each its own")
                    found[question.id] = question
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as UTF-8 text ({error}). Give a JSONL file of questions") from error
    if not found:
        raise InputError(f"{path}: holds no question. Each line is {_EXPECTED}")
    return list(found.values())


def _parse(line: str, place: str) -> Question:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise InputError(f"{place}: not JSON ({error}). Each line is {_EXPECTED}") from error
    if not isinstance(record, dict):
        raise InputError(f"{place}: not a JSON object. Each line is {_EXPECTED}")
    for key in ("id", "question"):
        if not isinstance(record.get(key), (str, int)) or not str(record[key]).strip():
            raise InputError(f"{place}: {key!r} is missing or empty. Each line is {_EXPECTED}")
    alternatives = record.get("gold_alternatives") or {}
    if not isinstance(alternatives, dict):
        raise InputError(f"{place}: 'gold_alternatives' must map a gold document to a list of others")
    return Question(
        id=str(record["id"]),
        question=str(record["question"]),
        answer=str(record.get("answer") or ""),
        gold=_names(record.get("gold"), place),
        alternatives={str(name): _names(others, place) for name, others in alternatives.items()},
        hops=_whole_number(record.get("hops"), place),
        kind=str(record.get("kind") or ""),
    )


def _names(value: Any, place: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(name, (str, int)) for name in value):
        raise InputError(f"{place}: 'gold' must be a list of document ids or source paths")
    return tuple(dict.fromkeys(map(str, value)))


def _whole_number(value: Any, place: str) -> int:
    if value is None or isinstance(value, int):
        return value or 0
    raise InputError(f"{place}: 'hops' must be a whole number, not {value!r}")
