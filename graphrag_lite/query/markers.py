"""Markers of citations in a model's text: found, numbered in order, and settled while the text still grows.

A text is read sentence by sentence, since what a marker is there for is the sentence around it. Code is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from graphrag_lite.query.denials import denies
from graphrag_lite.query.source_lists import SourceLists
from graphrag_lite.text.normalize import CJK_RANGES
from graphrag_lite.text.sentences import sentence_spans

# [1], [2, 3], [1-3], [1 and 2], [^1], [#1], [passage 1], 【1】, 【1†source】, ［1；2］, [1至3], [段落1], [第1段]; also
# [citation:1], [#mark 1], [1: a title], [1, p. 3], [[1]], \[1\] and [1](#1).
# No part may repeat without bounds next to another, and what was read of a list is never read again (?>…): rows of
# blanks in a table would take quadratic time, and an array of numbers over several lines exponential time.
_S = r"\s{0,2}"
_NAMED = r"passages?|points?|sources?|reports?|items?|refs?|doc(?:ument)?s?|citations?|cite|no\.?"
_NAMED_ZH = "段落?|要点|来源|资料|报告|文档|片段|引用|第"
_LABEL = rf"(?:(?:{_NAMED}|{_NAMED_ZH}|#[0-9a-f]{{6}}(?=\s)){_S}[:：]?{_S})?"
_NUMBER = rf"{_LABEL}[\^#]?\d{{1,3}}{_S}(?:段落?|号|条)?"
_BETWEEN = rf"{_S}(?:[,，、;；&]{_S}(?:and\s)?|and\s|to\s|以及|[-–—~～〜和与及至到]){_S}"
_NUMBERS = rf"(?>{_NUMBER}(?:{_BETWEEN}{_NUMBER})*)"
_REST = r"(?:†|:\s(?=[^\W\d])|：(?=[^\W\d])|[,，]\s?(?=(?:pp?\.|pages?|第)\s?\d))[^\]】］〕\[\n]{0,80}"
_INNER = rf"{_S}{_NUMBERS}{_S}(?:{_REST})?"
_MARKER = rf"(?:\[\[{_INNER}\]\]|\\?[\[【［〔]{_INNER}\\?[\]】］〕])(?:\((?:\#|https?://)[^()\s]{{0,80}}\))?"
_NEXT = rf"[ \t]*(?:[,，、;；–-][ \t]?)?{_MARKER}"
_RUN, _SHORT_RUN = rf"(?>{_MARKER}(?:{_NEXT})*)", rf"(?>{_MARKER}(?:{_NEXT}){{0,30}})"
# A passage may also be named in words, "As passage 2 says", "段落1指出", or by the line before it.
_PLAIN = r"\d{1,3}(?!\.?\d|[A-Za-z])"
_PASSAGE = r"(?:passages?|段落|#[0-9a-f]{6}(?=\s))"
_SPOKEN = rf"(?>{_PASSAGE}{_S}{_PLAIN}(?:{_BETWEEN}(?:{_PASSAGE}{_S})?{_PLAIN}){{0,5}})"
# What may enclose markers goes with them: (see [1]), （见[1]）, (passage 1), **[1]**, <sup>[1]</sup>.
_POINTED = rf"(?:(?:see(?:\salso)?|cf\.?|from|{_NAMED}|参?见|如|{_NAMED_ZH}){_S}[:：]?{_S})?"
_ENCLOSED = (
    rf"(?<![A-Za-z0-9_)\]])\({_S}{_POINTED}(?:{_SHORT_RUN}|{_SPOKEN}){_S}\)|（{_S}{_POINTED}(?:{_SHORT_RUN}|{_SPOKEN}){_S}）"
    rf"|(?<![\w*])(?P<stars>\*{{1,2}}){_SHORT_RUN}(?P=stars)(?![\w*])|<sup>{_SHORT_RUN}</sup>"
)
_LONGEST_MARKER, _LONGEST_ENCLOSED = 200, 600  # characters between brackets
# What prompts ask for where there is no answer, however a model writes it.
_NONE = rf"(?:no[ _-]?answer(?:[ _](?:found|available|given))?|无答案|没有答案|無答案|没有找到答案){_S}[.。]?"
_UNKNOWN = rf"[*_\"'“‘「]{{0,3}}[\[【［]{_S}{_NONE}{_S}[\]】］][*_\"'”’」]{{0,3}}"
_SO_FAR = r"(?:(?:the\s)?answer\s?[:：]|答案?\s?[:：]|回答\s?[:：])?"
_WHOLLY_UNKNOWN = re.compile(rf"\W{{0,9}}{_SO_FAR}\W{{0,9}}{_NONE}\W{{0,9}}", re.IGNORECASE)
# Behind it a model may well explain itself, with citations: that is no answer all the same.
_FIRST_UNKNOWN = re.compile(
    rf"[\s*_#>\"'“‘「-]{{0,9}}{_SO_FAR}[\s*_\"'“‘「]{{0,9}}(?:{_UNKNOWN}|no answer\s?[.:：\n])", re.IGNORECASE
)
_GAP = r"(?:(?<![ \t])[ \t]+)?"
_CODE = r"(?<!`)(?P<ticks>`+)(?!`)[^\n]*?[^`\n](?P=ticks)(?!`)"
_PART = re.compile(
    rf"(?P<code>{_CODE})|(?P<gap>{_GAP})"
    rf"(?:(?P<unknown>{_UNKNOWN})|(?P<run>{_ENCLOSED}|{_RUN})|(?<![A-Za-z0-9_`-])(?P<spoken>{_SPOKEN}))",
    re.IGNORECASE,
)
_ANY = re.compile(r"[\[【［〔`#]|passage|段落", re.IGNORECASE)  # every part holds one; most sentences do not
_EACH = re.compile(rf"[\[【［〔]{_S}({_NUMBERS}){_S}(?:{_REST})?\\?[\]】］〕]|({_SPOKEN})", re.IGNORECASE)
_JOINED = re.compile(r"\\?[\]】］〕]\s?[–-]\s?\\?[\[【［〔]")  # [1]-[3]
_MARK = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
_RANGE = re.compile(r"(\d+)\D*?(?:[-–—~～〜至到]|to)\D*?(\d+)", re.IGNORECASE)
_LONGEST_RANGE = 20
# What the next piece may turn into a marker or into code. What is longer than this is neither.
_OPENED = re.compile(
    rf"{_GAP}(?:\\?[\[【［〔][^\]】］〕\n]{{0,{_LONGEST_MARKER}}}|`+[^`\n]{{0,{_LONGEST_MARKER}}}"
    rf"|[(（][^()（）\n\[【［〔\d]{{0,16}}(?:[\[【［〔\d][^()（）\n]{{0,{_LONGEST_ENCLOSED}}})?|<sup>[^<\n]{{0,{_LONGEST_ENCLOSED}}}"
    rf"|(?<![A-Za-z0-9_-])(?:段|{_PASSAGE})(?:[\s\d,，、;；&–—~～〜和与及至到以-]|and\s|to\s|{_PASSAGE}){{0,80}})\Z",
    re.IGNORECASE,
)
_FENCE = re.compile(r"\s*```[^`\n]*\Z")  # a line
# What a text is read by, however it was cut on its way: words, and characters that are whole as they come.
_UNIT = re.compile(rf"[\s{CJK_RANGES}]|[^\s{CJK_RANGES}]+")
_WHOLE_UNIT = re.compile(rf"[\s{CJK_RANGES}]")
_LONGEST_SENTENCE = 1000  # characters; a model that repeats itself may never end one
# Directly behind a letter or a bracket, [1] is an index or a link, unless a clause ends there or Chinese goes on.
_INDEXED = re.compile(r"[A-Za-z0-9)\]]\(?\Z")
_CLAUSE_END = re.compile(rf"\s*\Z|[.,;:!?]+(?:[\s\"'”’)*_]|\Z)|[，。；：！？、）”》」{CJK_RANGES}]")
# What needs a word behind it: where its marker cites nothing, something has to stand there all the same.
_LEADING_TO = re.compile(
    r"(?:\b(?:according to|based on|per|see|also|in|from|by|of|with|and|or|to|both|between|passages?|points?|sources?)"
    r"|根据|依据|按照|参?见|如|与|和|及|或|由|从|在|段落|要点|来源)[ \t]*\Z",
    re.IGNORECASE,
)
_TELLS = re.compile(
    r"[ \t]*(?:[a-z]|指出|表示|说|认为|提到|提及|显示|称|记载|规定)"
)  # behind a marker that begins a sentence
_NOBODY = "[?]"
_HIDDEN = "\ue000"  # for private use: in no text
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


def renumber(text: str, source_count: int, judge: Judge | None = None) -> Marked:
    """Markers of a model's text numbered in order of appearance; those which cite nothing that was offered go.

    Args:
        text: Cites with [1], [2, 3], [1-3], [^1], 【1】 or the like, counting from 1.
        source_count: How many sources the context offered.
        judge: Whose markers else go; None: any source bears out anything.
    """
    numbering = Numbering(source_count, judge)
    numbering.add(text)
    return numbering.finish()[1]


def is_unknown(text: str) -> bool:
    """Whether a model's whole text, its markers aside, says that there is no answer."""
    if _FIRST_UNKNOWN.match(text) or _WHOLLY_UNKNOWN.fullmatch(without_markers(text)):
        return True
    parts = [part for part in _PART.finditer(text) if not part["code"]]
    is_said = any(part["unknown"] for part in parts) and not any(part["run"] for part in parts)
    return is_said or denies([(without_markers(one).strip(), cites(one)) for one in _sentences(text)])


def _sentences(text: str) -> Iterator[str]:
    """The sentences of a text, each with the markers behind it."""
    for line in text.splitlines():
        # Neither code nor markers begin or end a sentence.
        begun = [start for start, _ in sentence_spans(_masked(line).replace(_HIDDEN, " "))][1:]
        yield from (line[a:b] for a, b in pairwise([0, *begun, len(line)]))


def cites(text: str) -> bool:
    """Whether a text holds a marker."""
    return any(part["run"] or part["spoken"] for part in _PART.finditer(text))


def defused(text: str) -> str:
    """A document's text, its own markers in round brackets: a model that copies them must not cite our sources."""
    lines, is_code = [], False
    for line in text.split("\n"):
        is_fence = bool(_FENCE.match(line))
        is_plain = is_code or is_fence or not _ANY.search(line)
        lines.append(line if is_plain else _PART.sub(_in_round_brackets, line))
        is_code ^= is_fence
    return "\n".join(lines)


def _in_round_brackets(part: re.Match[str]) -> str:
    if part["code"] or (_is_behind_word(part) and _is_index(part)):
        return part.group()
    plain = re.sub(r"[\[【［〔]", "(", re.sub(r"[\]】］〕]", ")", part.group()))
    return re.sub(r"(?i)(passages?\s?|段落\s?)(?=\d)", r"\1#", plain)


def without_markers(text: str) -> str:
    """A text without its markers and the blanks before them."""
    return _PART.sub(lambda part: part["code"] or "", text)


class Numbering:
    """`renumber` for a text that comes in pieces: what it gives adds up to the text of the whole."""

    def __init__(self, source_count: int, judge: Judge | None = None) -> None:
        self._source_count = source_count
        self._judge = judge
        self._order: dict[int, list[Said]] = {}
        self._dropped = 0
        self._lists = SourceLists()
        self._unread = ""  # the begin of a word
        self._line = ""  # read, not settled: the end of a line from where a sentence begins
        self._is_whole_line = True
        self._sentence = ""  # the last one, for markers on a line of their own
        self._is_code = False
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
        closed = self._line[: len(self._closed())]
        undecided = next((part.start() for part in _PART.finditer(closed) if not part["code"]), len(closed))
        return self._give(closed[:undecided], _EDGES)

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
        closed = self._closed()
        spans = sentence_spans(closed)
        begun = spans[-1][0] if len(spans) > 1 else len(closed) if len(closed) > _LONGEST_SENTENCE else 0
        if begun:
            self._settled += self._read(self._line[:begun])
            self._line, self._is_whole_line = self._line[begun:], False

    def _closed(self) -> str:
        """The line, masked, as far as no bracket and no code is open in it."""
        masked = _masked(self._line)
        opened = _OPENED.search(masked.replace(_HIDDEN, "1"))  # as a number, a marker may go on
        masked = masked.replace(_HIDDEN, " ")
        return masked[: opened.start()] if opened else masked

    def _end_line(self) -> None:
        is_fence = self._is_whole_line and bool(_FENCE.match(self._line))
        self._settled += self._line if self._is_code or is_fence else self._read(self._line)
        self._is_code ^= is_fence
        self._line, self._is_whole_line = "", True

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
        return "".join(map(self._read_sentence, _sentences(text)))

    def _read_sentence(self, text: str) -> str:
        sentence = without_markers(text).strip()
        self._sentence = sentence if _says(sentence) else self._sentence
        runs = [part for part in _PART.finditer(text) if not part["code"] and self._is_marker(part)]
        borne_out = self._borne_out(runs)
        numbered, end = "", 0
        for run in runs:
            before = without_markers(text[end : run.start()]).strip()
            said = Said(self._sentence, before if _says(before) else self._sentence)
            numbered += text[end : run.start()] + self._marks(run, said, borne_out)
            end = run.end()
        return numbered + text[end:]

    def _is_marker(self, run: re.Match[str]) -> bool:
        """Whether a run of brackets is no index."""
        if run["unknown"]:
            return True
        is_offered = all(1 <= n <= self._source_count for n in _numbers(run))
        if run["spoken"]:
            return is_offered
        if max(map(len, re.split(r"[\]】］〕]", run["run"]))) > _LONGEST_MARKER:
            return False
        if run["run"][0] in "(（*<" and len(run["run"]) > _LONGEST_ENCLOSED:
            return False
        return not _is_behind_word(run) or (is_offered and not _is_index(run))

    def _borne_out(self, runs: Sequence[re.Match[str]]) -> Collection[int]:
        """Numbers of the sources that bear out the sentence, of those that it cites."""
        cited = dict.fromkeys(n for run in runs for n in _numbers(run) if 1 <= n <= self._source_count)
        if self._judge is None or not cited:
            return cited
        return {index + 1 for index in self._judge(self._sentence, [number - 1 for number in cited])}

    def _marks(self, run: re.Match[str], said: Said, borne_out: Collection[int]) -> str:
        marks = []
        self._is_unknown |= bool(run["unknown"])
        for number in dict.fromkeys(_numbers(run)):
            if number in borne_out:
                self._order.setdefault(number, []).append(said)
                marks.append(f"[{list(self._order).index(number) + 1}]")
            else:
                self._dropped += 1
        if not marks and not run["unknown"] and _is_needed(run):
            marks = [_NOBODY]
        is_word_next = run.string[run.end() : run.end() + 1].isalnum()
        return run["gap"] + "".join(marks) if marks or is_word_next else ""


def _is_behind_word(run: re.Match[str]) -> bool:
    return run.group().startswith("[") and bool(_INDEXED.search(run.string, 0, run.start()))


def _is_index(run: re.Match[str]) -> bool:
    """Whether brackets directly behind a word are code or a link."""
    return "=" in run.string[: run.start()] or not _CLAUSE_END.match(run.string, run.end())


def _masked(text: str) -> str:
    """`text` of the same length without code, and with something else for markers."""
    if not _ANY.search(text):
        return text
    return _PART.sub(lambda part: ("x" if part["code"] else _HIDDEN) * len(part.group()), text)


def _says(text: str) -> bool:
    return any(c.isalnum() for c in text)


def _is_needed(run: re.Match[str]) -> bool:
    """Whether a sentence cannot be read without what a marker stands for: "According to [2], …", "[2] says …"."""
    before = run.string[: run.start()]
    if _LEADING_TO.search(before):
        return True
    return not _says(before) and bool(_TELLS.match(run.string, run.end()))


def _numbers(run: re.Match[str]) -> list[int]:
    cited = _JOINED.sub("-", run["run"] or run["spoken"] or "")
    found = (_MARK.sub("", each[1] or each[2]) for each in _EACH.finditer(cited))
    return [int(n) for numbers in found for n in re.findall(r"\d+", _RANGE.sub(_spread, numbers))]


def _spread(match: re.Match[str]) -> str:
    first, last = int(match.group(1)), int(match.group(2))
    if first > last or last - first > _LONGEST_RANGE:
        return match.group()
    return ",".join(str(n) for n in range(first, last + 1))
