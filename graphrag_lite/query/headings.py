"""The headings that a sentence of a passage stands under: those above its chunk, and those inside it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import PurePath

from graphrag_lite.records import Passage
from graphrag_lite.text.chapters import is_chapter
from graphrag_lite.text.normalize import has_cjk

_MARKED = re.compile(r"(#{1,6})\s+(.*)")
_RULED = re.compile(r"([^\n]{1,200})\n\s{0,3}([=\-~^])\2{2,}\s*")
_OF_RECORDS = frozenset({".jsonl", ".ndjson", ".json", ".csv", ".tsv"})
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_LONGEST_SHOUTED, _LEAST_LETTERS = 60, 3
_SHOUTED_LEVEL = 2  # "EXIT STATUS" of a manual page
_BLANK_BEFORE = re.compile(r"(?:\n[ \t]*\n|\A)[ \t]*\Z")
_BLANK_BEHIND = re.compile(r"[ \t]*(?:\n[ \t]*\n|\n?\Z)")
_NO_HEADING = re.compile(r"[:;|\n]|[.!?,]$")


def is_of_records(source: str) -> bool:
    """True for a file that holds many documents, so that its name is that of none."""
    return PurePath(source).suffix.lower() in _OF_RECORDS


def label_of(passage: Passage) -> str:
    """The title of its document, or the name of the file: "lease.txt" often says nowhere else that it is one."""
    return passage.title or file_of(passage)


def file_of(passage: Passage) -> str:
    """The name of its file, without the ending; "" for a file of many documents."""
    return "" if is_of_records(passage.source) else PurePath(passage.source).stem


def labels_of(passage: Passage) -> str:
    """All that names its document, a line each: of a title "Incident report" the file tells which one it is."""
    return "\n".join(filter(None, dict.fromkeys((passage.title, file_of(passage)))))


def heading_of(text: str) -> tuple[int, str] | None:
    """Level, from 1, and words of a sentence that is a heading: marked, underlined or in capitals; else None."""
    if marked := _MARKED.fullmatch(text):
        return len(marked[1]), marked[2].rstrip("# ")
    if ruled := _RULED.fullmatch(text):
        return (1 if ruled[2] == "=" else 2), ruled[1].strip()
    is_shouted = text.isupper() and len(text) <= _LONGEST_SHOUTED and sum(map(str.isalpha, text)) >= _LEAST_LETTERS
    is_heading = is_shouted and not has_cjk(text) and not _NO_HEADING.search(text)  # Chinese has no capitals
    return (_SHOUTED_LEVEL, text) if is_heading else None


def headings_among(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, str] | None]:
    """For each span what `heading_of` says of it; None inside fenced code, where # begins a comment."""
    fences = [match.start() for match in _FENCE.finditer(text)]
    return [
        None if bisect_left(fences, start) % 2 else heading_of(text[start:end]) or _chapter(text, start, end)
        for start, end in spans
    ]


def _chapter(text: str, start: int, end: int) -> tuple[int, str] | None:
    """Level and words of a chapter's heading, which blank lines set apart."""
    if not is_chapter(line := text[start:end]):
        return None
    stands_alone = _BLANK_BEFORE.search(text, 0, start) and _BLANK_BEHIND.match(text, end)
    return (1, " ".join(line.split())) if stands_alone else None


class HeadingPath:
    """The headings that are open at a place, the outermost first.

    Args:
        above: Those above the chunk, joined by " > "; some may stand at its beginning as well.
    """

    def __init__(self, above: str) -> None:
        names = [name for name in above.split(" > ") if name]
        self._open = list(enumerate(names, 1))

    @property
    def names(self) -> list[str]:
        """As they are written."""
        return [name for _, name in self._open]

    def enter(self, level: int, name: str) -> None:
        """Go on under a heading, which ends those of its level and below."""
        known = next((i for i, (_, other) in enumerate(self._open) if other == name), None)
        if known is not None:  # it is of those above the chunk, whose levels are not told
            self._open = self._open[:known]
        while self._open and self._open[-1][0] >= level:
            self._open.pop()
        self._open.append((level, name))
