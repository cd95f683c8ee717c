"""How models write the markers of citations: their forms, and what is read off a text that holds some."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from graphrag_lite.query.by_model.denials import denies
from graphrag_lite.text.normalize import CJK_RANGES
from graphrag_lite.text.sentences import sentence_spans

# [1], [2, 3], [1-3], [1 and 2], [^1], [#1], [passage 1], 【1】, 【1†source】, ［1；2］, [1至3], [段落1], [第1段]; also
# [see passage 1], [citation:1], [#mark 1], [mark 1], [1: a title], [1, p. 3], [[1]], \[1\] and [1](#1).
# No part may repeat without bounds next to another, and what was read of a list is never read again (?>…): rows of
# blanks in a table would take quadratic time, and an array of numbers over several lines exponential time.
_S = r"\s{0,2}"
_NAMED = r"passages?|points?|sources?|reports?|items?|refs?|doc(?:ument)?s?|citations?|cite|id|no\.?"
_NAMED_ZH = "段落?|要点|[来來]源|(?:参考)?[资資]料|[报報]告|文[档檔]|文件|材料|片段|引用|参考|出处|依据|[编編][号號]|第"
_LABEL = rf"(?:(?:{_NAMED}|{_NAMED_ZH}|see|参?见|(?:#|(?=[a-f]*\d))[0-9a-f]{{6}}(?=\s))[\s_]{{0,2}}[:：]?{_S}){{0,2}}"
_NUMBER = rf"{_LABEL}[\^#]?\d{{1,3}}{_S}(?:段落?|号)?"
_BETWEEN = rf"{_S}(?:[,，、;；&]{_S}(?:and\s)?|and\s|to\s|以及|[-–—~～〜和与及至到]){_S}"
_NUMBERS = rf"(?>{_NUMBER}(?:{_BETWEEN}{_NUMBER})*)"
_REST = r"(?:†|:\s(?=[^\W\d])|：(?=[^\W\d])|[,，]\s?(?=(?:pp?\.|pages?|第)\s?\d))[^\]】］〕\[\n]{0,80}"
_INNER = rf"{_S}{_NUMBERS}{_S}(?:{_REST})?"
_MARKER = rf"(?:\[\[{_INNER}\]\]|\\?[\[【［〔]{_INNER}\\?[\]】］〕])(?:\((?:\#|https?://)[^()\s]{{0,80}}\))?"
_NEXT = rf"[ \t]*(?:[,，、;；–-][ \t]?)?{_MARKER}"
_RUN, _SHORT_RUN = rf"(?>{_MARKER}(?:{_NEXT})*)", rf"(?>{_MARKER}(?:{_NEXT}){{0,30}})"
# A passage may also be named in words, "As passage 2 says", "根据片段1", or by the line before it; 资料1份 counts.
_PLAIN = r"\d{1,3}(?!\.?\d|\.?[A-Za-z]|\s?[个個份种種项項篇条條类類处處家名年月日分秒次部页頁万萬亿億%％])"
_PASSAGE_ZH = "段落|片段|[来來]源|(?:参考)?[资資]料|文[档檔]"
_PASSAGE = rf"(?:passages?|{_PASSAGE_ZH}|#[0-9a-f]{{6}}(?=\s))"
_SPOKEN = rf"(?>{_PASSAGE}{_S}{_PLAIN}(?:{_BETWEEN}(?:{_PASSAGE}{_S})?{_PLAIN}){{0,5}})"
# And in round brackets: (Source 1), (sources: 1, 2), （来源：1）.
_SOURCE = r"(?:sources?|refs?\.?|references?|citations?|[来來]源|引用|出处|参考(?:[资資]料)?)"
_ROUND = rf"[(（]{_S}{_SOURCE}{_S}[:：]?{_S}{_PLAIN}(?:{_BETWEEN}(?:{_SOURCE}{_S}[:：]?{_S})?{_PLAIN}){{0,5}}{_S}[)）]"
# What may enclose markers goes with them: (see [1]), （见[1]）, (passage 1), **[1]**, <sup>[1]</sup>.
_POINTED = rf"(?:(?:see(?:\salso)?|cf\.?|from|{_NAMED}|参?见|详见|参阅|如|{_NAMED_ZH}){_S}[:：]?{_S})?"
_ENCLOSED = (
    rf"(?<![A-Za-z0-9_)\]])\({_S}{_POINTED}(?:{_SHORT_RUN}|{_SPOKEN}){_S}\)|（{_S}{_POINTED}(?:{_SHORT_RUN}|{_SPOKEN}){_S}）"
    rf"|(?<![\w*])(?P<stars>\*{{1,2}}){_SHORT_RUN}(?P=stars)(?![\w*])|<sup>{_SHORT_RUN}</sup>|\^{_SHORT_RUN}\^"
)
_LONGEST_MARKER, _LONGEST_ENCLOSED = 200, 600  # characters between brackets
# What prompts ask for where there is no answer, however a model writes it.
_NONE = rf"(?:no[ _-]?answer(?:[ _](?:found|available|given))?|无答案|没有答案|無答案|没有找到答案){_S}[.。]?"
_UNKNOWN = rf"[*_\"'“‘「]{{0,3}}[\[【［]{_S}{_NONE}{_S}[\]】］][*_\"'”’」]{{0,3}}"
_SO_FAR = r"(?:(?:the\s)?answer\s?[:：]|答案?\s?[:：]|回答\s?[:：])?"
_WHOLLY_UNKNOWN = re.compile(rf"\W{{0,9}}{_SO_FAR}\W{{0,9}}{_NONE}\W{{0,9}}", re.IGNORECASE)
# Words for nothing alone, without a marker: with one they may be what a passage says.
_NOT_TOLD = re.compile(
    rf"\W{{0,9}}{_SO_FAR}\W{{0,9}}(?:n/a|unknown|not (?:mentioned|specified|provided|stated|given|available|found)"
    r"|未知|不详|不清楚)\W{0,9}",
    re.IGNORECASE,
)
# Behind it a model may well explain itself, with citations: that is no answer all the same.
_FIRST_UNKNOWN = re.compile(
    rf"[\s*_#>\"'“‘「-]{{0,9}}{_SO_FAR}[\s*_\"'“‘「]{{0,9}}(?:{_UNKNOWN}|no answer\s?[.:：\n])", re.IGNORECASE
)
_GAP = r"(?:(?<![ \t])[ \t]+)?"
_CODE = r"(?<!`)(?P<ticks>`+)(?!`)[^\n]*?[^`\n](?P=ticks)(?!`)"
PART = re.compile(
    rf"(?P<code>{_CODE})|(?P<gap>{_GAP})"
    rf"(?:(?P<unknown>{_UNKNOWN})|(?P<run>{_ENCLOSED}|{_RUN})|(?<![A-Za-z0-9_`-])(?P<spoken>{_SPOKEN}|{_ROUND}))",
    re.IGNORECASE,
)
_ANY = re.compile(
    rf"[\[【［〔`#]|passage|{_PASSAGE_ZH}|[(（]{_S}{_SOURCE}", re.IGNORECASE
)  # every part holds one; most sentences do not
_EACH = re.compile(rf"[\[【［〔]{_S}({_NUMBERS}){_S}(?:{_REST})?\\?[\]】］〕]|({_SPOKEN}|{_ROUND})", re.IGNORECASE)
_JOINED = re.compile(r"\\?[\]】］〕]\s?[–-]\s?\\?[\[【［〔]")  # [1]-[3]
_MARK = re.compile(r"#?\b[0-9a-f]{6}\b", re.IGNORECASE)
_RANGE = re.compile(r"(\d+)\D*?(?:[-–—~～〜至到]|to)\D*?(\d+)", re.IGNORECASE)
_LONGEST_RANGE = 20
# What the next piece may turn into a marker or into code. What is longer than this is neither.
_OPENED = re.compile(
    rf"{_GAP}(?:\\?[\[【［〔][^\]】］〕\n]{{0,{_LONGEST_MARKER}}}|`+[^`\n]{{0,{_LONGEST_MARKER}}}"
    rf"|[(（][^()（）\n\[【［〔\d]{{0,16}}(?:[\[【［〔\d][^()（）\n]{{0,{_LONGEST_ENCLOSED}}})?|<sup>[^<\n]{{0,{_LONGEST_ENCLOSED}}}"
    rf"|(?<![A-Za-z0-9_-])(?:[段片来來资資文参]|参考[资資]?|{_PASSAGE})(?:[\s\d,，、;；&–—~～〜和与及至到以-]|and\s|to\s|{_PASSAGE}){{0,80}})\Z",
    re.IGNORECASE,
)
FENCE = re.compile(r"\s*```[^`\n]*\Z")  # a line
WRAPPING = re.compile(r"\s*```(?:markdown|md|text|plaintext)\s*\Z", re.IGNORECASE)
# Directly behind a letter or a bracket, [1] is an index or a link, unless a clause ends there or Chinese goes on.
_INDEXED = re.compile(r"[A-Za-z0-9)\]]\(?\Z")
_CLAUSE_END = re.compile(rf"\s*\Z|[.,;:!?]+(?:[\s\"'”’)*_]|\Z)|[，。；：！？、）”》」{CJK_RANGES}]")
# What needs a word behind it: where its marker cites nothing, something has to stand there all the same.
_LEADING_TO = re.compile(
    r"(?:\b(?:according to|based on|per|see|also|in|from|by|of|with|and|or|to|both|between|passages?|points?|sources?)"
    r"|根据|依据|按照|参?见|如|与|和|及|或|由|从|在|段落|要点|[来來]源|[资資]料|片段)[ \t]*\Z",
    re.IGNORECASE,
)
_TELLS = re.compile(
    r"[ \t]*(?:[a-z]|指出|表示|说|认为|提到|提及|显示|称|记载|规定)"
)  # behind a marker that begins a sentence
_HIDDEN = "\ue000"  # for private use: in no text


def is_unknown(text: str) -> bool:
    """Whether a model's whole text, its markers aside, says that there is no answer."""
    if _NOT_TOLD.fullmatch(text):
        return True
    if _FIRST_UNKNOWN.match(text) or _WHOLLY_UNKNOWN.fullmatch(without_markers(text)):
        return True
    parts = [part for part in PART.finditer(text) if not part["code"]]
    is_said = any(part["unknown"] for part in parts) and not any(part["run"] for part in parts)
    return is_said or denies([(without_markers(one).strip(), cites(one)) for one in sentences(text)])


def cites(text: str) -> bool:
    """Whether a text holds a marker."""
    return any(part["run"] or part["spoken"] for part in PART.finditer(text))


def without_markers(text: str) -> str:
    """A text without its markers and the blanks before them."""
    return PART.sub(lambda part: part["code"] or "", text)


def defused(text: str) -> str:
    """A document's text, its own markers in round brackets: a model that copies them must not cite our sources."""
    lines, is_code = [], False
    for line in text.split("\n"):
        is_fence = bool(FENCE.match(line))
        is_plain = is_code or is_fence or not _ANY.search(line)
        lines.append(line if is_plain else PART.sub(_in_round_brackets, line))
        is_code ^= is_fence
    return "\n".join(lines)


def _in_round_brackets(part: re.Match[str]) -> str:
    if part["code"] or (is_behind_word(part) and is_index(part)):
        return part.group()
    plain = re.sub(r"[\[【［〔]", "(", re.sub(r"[\]】］〕]", ")", part.group()))
    return re.sub(rf"(?i)((?:passages?|{_PASSAGE_ZH}|{_SOURCE})\s?[:：]?\s?)(?=\d)", r"\1#", plain)


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text, each with the markers behind it."""
    for line in text.splitlines():
        # Neither code nor markers begin or end a sentence.
        begun = [start for start, _ in sentence_spans(_masked(line).replace(_HIDDEN, " "))][1:]
        yield from (line[a:b] for a, b in pairwise([0, *begun, len(line)]))


def closed(line: str) -> str:
    """A line as far as no bracket and no code is open in it, without code and markers, of the same length."""
    masked = _masked(line)
    opened = _OPENED.search(masked.replace(_HIDDEN, "1"))  # as a number, a marker may go on
    masked = masked.replace(_HIDDEN, " ")
    return masked[: opened.start()] if opened else masked


def _masked(text: str) -> str:
    """`text` of the same length without code, and with something else for markers."""
    if not _ANY.search(text):
        return text
    return PART.sub(lambda part: ("x" if part["code"] else _HIDDEN) * len(part.group()), text)


def numbers_of(run: re.Match[str]) -> list[int]:
    """The sources that a run of markers names."""
    cited = _JOINED.sub("-", run["run"] or run["spoken"] or "")
    found = (_MARK.sub("", each[1] or each[2]) for each in _EACH.finditer(cited))
    return [int(n) for numbers in found for n in re.findall(r"\d+", _RANGE.sub(_spread, numbers))]


def _spread(match: re.Match[str]) -> str:
    first, last = int(match.group(1)), int(match.group(2))
    if first > last or last - first > _LONGEST_RANGE:
        return match.group()
    return ",".join(str(n) for n in range(first, last + 1))


def is_overlong(run: re.Match[str]) -> bool:
    """Whether brackets hold more than any marker does."""
    longest = max(map(len, re.split(r"[\]】］〕]", run["run"])))
    return longest > _LONGEST_MARKER or (run["run"][0] in "(（*<" and len(run["run"]) > _LONGEST_ENCLOSED)


def is_behind_word(run: re.Match[str]) -> bool:
    """Whether brackets stand directly behind a letter, a number or other brackets."""
    return run.group().startswith("[") and bool(_INDEXED.search(run.string, 0, run.start()))


def is_index(run: re.Match[str]) -> bool:
    """Whether brackets directly behind a word are code or a link."""
    return "=" in run.string[: run.start()] or not _CLAUSE_END.match(run.string, run.end())


def is_needed(run: re.Match[str]) -> bool:
    """Whether a sentence cannot be read without what a marker stands for: "According to [2], …", "[2] says …"."""
    before = run.string[: run.start()]
    if _LEADING_TO.search(before):
        return True
    return not says(before) and bool(_TELLS.match(run.string, run.end()))


def says(text: str) -> bool:
    """Whether a text is more than signs."""
    return any(c.isalnum() for c in text)
