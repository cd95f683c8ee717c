"""The list of sources that some models put below an answer, though it cites them in its sentences.

Its numbers are those of the prompt, its titles are often wrong, and a reader is shown the verified sources anyway.
"""

from __future__ import annotations

import re

from graphrag_lite.query.by_model.marker_forms import cites

_ENGLISH = (
    "source, sources, sources cited, sources used, cited sources, cited passages, reference, references, citations, "
    "works cited"
)
_CHINESE = "参考, 参考资料, 参考文献, 参考来源, 来源, 资料来源, 引用, 引用来源, 出处"
_HEADINGS = frozenset(f"{_ENGLISH}, {_CHINESE}".split(", "))
_FRAME = " \t#>*_-"
_LISTED = re.compile(r"[\s*_>-]*(?:\d{1,2}[.)]\s+)?(?:[\[【［〔]|(?:passage|段落)\s?\d)[^\]】］〕\n]{0,40}.{0,300}")
_NOTE = re.compile(r"\s*\[\^\d{1,3}\]:\s.*")  # of Markdown
_NOTE_BEGUN = re.compile(r"\s*(?:\[(?:\^(?:\d{1,3}(?:\](?::(?:\s.*)?)?)?)?)?)?")
_ITEM = re.compile(r"\s*(?:\d{1,2}[.)]|[-*•])\s+.{1,300}")  # a title alone; what cites something is a statement


class SourceLists:
    """Lets the words of a text through, but for a list of sources where the text before it has cited some."""

    def __init__(self) -> None:
        self._line = ""  # held back
        self._heading = ""  # the heading of a list with what follows it, held back until something is listed
        self._is_open = True  # the line may be a heading, or is listed
        self._is_list = False

    def take(self, word: str, has_cited: bool) -> str:
        """What goes on: nothing while the line may be the heading of a list, or is part of one.

        Args:
            word: Never more than the end of one line.
            has_cited: Whether the text before has cited anything.
        """
        self._line += word
        if word == "\n":
            return self._end_line(has_cited)
        if self._is_open and (self._is_list or (has_cited and _may_be_heading(self._line))):
            return ""
        self._is_open = False
        return self._let_go()

    def finish(self) -> str:
        """What was held back and is no list."""
        return self._end_line(False)

    def _end_line(self, has_cited: bool) -> str:
        line = self._line.strip()
        is_open, self._is_open = self._is_open, True
        if self._is_list and (not line or _LISTED.fullmatch(line) or (_ITEM.fullmatch(line) and not cites(line))):
            self._heading = "" if line else self._heading and self._heading + self._line
            self._line = ""
            return ""
        is_note = bool(_NOTE.fullmatch(line))
        if is_open and has_cited and not self._is_list and (is_note or line.strip(_FRAME + ":：").lower() in _HEADINGS):
            self._is_list, self._heading, self._line = True, "" if is_note else self._line, ""
            return ""
        self._is_list = False
        return self._let_go()

    def _let_go(self) -> str:
        held, self._heading, self._line = self._heading + self._line, "", ""
        return held


def _may_be_heading(line: str) -> bool:
    """Whether a line, so far, is the begin of a heading of sources, or of a note that names one."""
    if _NOTE_BEGUN.fullmatch(line):
        return True
    begun = line.strip(_FRAME).rstrip(":：*_ ").lower()
    return any(heading.startswith(begun) for heading in _HEADINGS)
