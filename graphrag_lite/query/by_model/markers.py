"""Markers of citations in a model's text, numbered in order and settled while the text still grows.

A text is read sentence by sentence, since what a marker is there for is the sentence around it. Code is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from graphrag_lite.query.by_model.marker_forms import (
    FENCE,
    PART,
    WRAPPING,
    closed,
    is_behind_word,
    is_index,
    is_needed,
    is_overlong,
    numbers_of,
    says,
    sentences,
    without_markers,
)
from graphrag_lite.query.by_model.source_lists import SourceLists
from graphrag_lite.text.normalize import CJK_RANGES
from graphrag_lite.text.sentences import sentence_spans

# What a text is read by, however it was cut on its way: words, and characters that are whole as they come.
_UNIT = re.compile(rf"[\s{CJK_RANGES}]|[^\s{CJK_RANGES}]+")
_WHOLE_UNIT = re.compile(rf"[\s{CJK_RANGES}]")
_LONGEST_SENTENCE = 1000  # characters; a model that repeats itself may never end one
_NOBODY = "[?]"
_EDGES = " \t\r\n*_\"'“‘「"  # may stand before a marker that goes, and then go too


@dataclass(frozen=True, slots=True)
class Said:
    """What a marker stands for: its sentence, and of that what precedes it back to the marker before."""

    sentence: str
    before: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A text whose markers are numbered [1], [2], … in order, and the sources that they stand for.

    `sources[n - 1]` is the index, in the context that was offered, of what [n] cites, and `said[n - 1]` what it is
    cited for. `dropped` counts markers that cite nothing of the context. `is_unknown`: the model says that the context
    does not hold the answer, and cites nothing else.
    """

    text: str
    sources: tuple[int, ...]
    dropped: int = 0
    said: tuple[tuple[Said, ...], ...] = ()
    is_unknown: bool = False


# Of the sources that a sentence cites together, by index, those which can bear it out.
Judge = Callable[[str, Sequence[int]], Collection[int]]


def renumber(text: str, source_count: int, judge: Judge | None = None, same: Mapping[int, int] | None = None) -> Marked:
    """Markers of a model's text numbered in order of appearance; those which cite nothing that was offered go.

    Args:
        text: Cites with [1], [2, 3], [1-3], [^1], 【1】 or the like, counting from 1.
        source_count: How many sources the context offered.
        judge: Whose markers else go; None: any source bears out anything.
        same: By the index of a source that of another which stands for it, and has its number.
    """
    numbering = Numbering(source_count, judge, same)
    numbering.add(text)
    return numbering.finish()[1]


class Numbering:
    """`renumber` for a text that comes in pieces: what it gives adds up to the text of the whole."""

    def __init__(self, source_count: int, judge: Judge | None = None, same: Mapping[int, int] | None = None) -> None:
        self._source_count = source_count
        self._judge = judge
        self._same = same or {}
        self._order: dict[int, list[Said]] = {}
        self._dropped = 0
        self._lists = SourceLists()
        self._unread = ""  # the begin of a word
        self._line = ""  # read, not settled: the end of a line from where a sentence begins
        self._is_whole_line = True
        self._sentence = ""  # the last one, for markers on a line of their own
        self._is_code = False
        self._is_wrapped = False  # as a whole, in a fence for Markdown, which is no code
        self._is_unknown = False
        self._settled = ""  # not given yet
        self._ahead = 0  # characters given of what is not settled
        self._given: list[str] = []

    def add(self, piece: str) -> str:
        """What the text goes on with, as far as nothing that may follow changes it."""
        units = _UNIT.findall(self._unread + piece)
        self._unread = units.pop() if units and not _WHOLE_UNIT.match(units[-1]) else ""
        for unit in units:
            self._hear(unit)
        if self._is_code:
            return self._give(self._line, _EDGES)
        read = self._line[: len(closed(self._line))]
        undecided = next((part.start() for part in PART.finditer(read) if not part["code"]), len(read))
        return self._give(read[:undecided], _EDGES)

    def finish(self) -> tuple[str, Marked]:
        """The end of the text, and the whole."""
        self._hear(self._unread)
        for unit in _UNIT.findall(self._lists.finish()):
            self._take(unit)
        self._end_line()
        rest = self._give("", None)
        sources = tuple(number - 1 for number in self._order)
        said = tuple(map(tuple, self._order.values()))
        return rest, Marked("".join(self._given), sources, self._dropped, said, self._is_unknown and not sources)

    def _hear(self, unit: str) -> None:
        if self._is_code:
            return self._take(unit)
        for passed in _UNIT.findall(self._lists.take(unit, bool(self._order))):
            self._take(passed)
        return None

    def _take(self, unit: str) -> None:
        if unit == "\n":
            self._end_line()
            self._settled += unit
            return
        self._line += unit
        if self._is_code or unit.isspace():
            return
        read = closed(self._line)
        spans = sentence_spans(read)
        begun = spans[-1][0] if len(spans) > 1 else len(read) if len(read) > _LONGEST_SENTENCE else 0
        if begun:
            self._settled += self._read(self._line[:begun])
            self._line, self._is_whole_line = self._line[begun:], False

    def _end_line(self) -> None:
        is_fence = self._is_whole_line and bool(FENCE.match(self._line))
        if is_fence and not self._is_code and self._is_wrapping():
            self._line, is_fence = "", False
        self._settled += self._line if self._is_code or is_fence else self._read(self._line)
        self._is_code ^= is_fence
        self._line, self._is_whole_line = "", True

    def _is_wrapping(self) -> bool:
        """Whether a fence begins or ends a wrapped text."""
        is_first = not self._given and not self._settled.strip()
        self._is_wrapped |= is_first and bool(WRAPPING.match(self._line))
        return self._is_wrapped and (is_first or not self._line.strip(" `"))

    def _give(self, unsettled: str, edges: str | None) -> str:
        ready = (self._settled + unsettled).rstrip(edges)
        new = ready[self._ahead :] if self._given else ready.lstrip()
        given = max(len(ready), self._ahead)
        settled = min(len(self._settled), given)
        self._settled, self._ahead = self._settled[settled:], given - settled
        if new:
            self._given.append(new)
        return new

    def _read(self, text: str) -> str:
        """Whole sentences of one line with their markers numbered; markers behind a sentence belong to it."""
        return "".join(map(self._read_sentence, sentences(text)))

    def _read_sentence(self, text: str) -> str:
        sentence = without_markers(text).strip()
        self._sentence = sentence if says(sentence) else self._sentence
        runs = [part for part in PART.finditer(text) if not part["code"] and self._is_marker(part)]
        borne_out = self._borne_out(runs)
        numbered, end = "", 0
        for run in runs:
            before = without_markers(text[end : run.start()]).strip()
            said = Said(self._sentence, before if says(before) else self._sentence)
            numbered += text[end : run.start()] + self._marks(run, said, borne_out)
            end = run.end()
        return numbered + text[end:]

    def _is_marker(self, run: re.Match[str]) -> bool:
        """Whether a run of brackets is no index."""
        if run["unknown"]:
            return True
        is_offered = all(1 <= n <= self._source_count for n in numbers_of(run))
        if run["spoken"]:
            return is_offered
        return not is_overlong(run) and (not is_behind_word(run) or (is_offered and not is_index(run)))

    def _borne_out(self, runs: Sequence[re.Match[str]]) -> Collection[int]:
        """Numbers of the sources that bear out the sentence, of those that it cites."""
        cited = dict.fromkeys(n for run in runs for n in numbers_of(run) if 1 <= n <= self._source_count)
        if self._judge is None or not cited:
            return cited
        return {index + 1 for index in self._judge(self._sentence, [number - 1 for number in cited])}

    def _marks(self, run: re.Match[str], said: Said, borne_out: Collection[int]) -> str:
        marks = []
        self._is_unknown |= bool(run["unknown"])
        cited = dict.fromkeys(numbers_of(run))
        self._dropped += sum(number not in borne_out for number in cited)
        for number in dict.fromkeys(self._same.get(n - 1, n - 1) + 1 for n in cited if n in borne_out):
            self._order.setdefault(number, []).append(said)
            marks.append(f"[{list(self._order).index(number) + 1}]")
        if not marks and not run["unknown"] and is_needed(run):
            marks = [_NOBODY]
        is_word_next = run.string[run.end() : run.end() + 1].isalnum()
        return run["gap"] + "".join(marks) if marks or is_word_next else ""
