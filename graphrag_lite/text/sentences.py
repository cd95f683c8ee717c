"""Where sentences begin and end, with exact offsets; English and other spaced scripts, and CJK."""

from __future__ import annotations

import re

from graphrag_lite.text.lexicon import word_set

BLANK_LINE = re.compile(r"\n[ \t]*\n")
_CLOSERS = "\"'”’)\\]」』）】》"
_OPENERS = "\"'“‘(\\[「『（【《_*"
_BOUNDARY = re.compile(rf"[.!?…]+[{_CLOSERS}_*]*(?=\s)|[。！？；]+[{_CLOSERS}]*|\n")
_NEXT = re.compile(rf"\s*[{_OPENERS}–—-]*\s*(\S)")
_LAST_WORD = re.compile(r"([^\W\d_](?:[\w.&]*[\w])?|\d+)\.$")
_LIST_ITEM = re.compile(
    r"[ \t]*(?:[-*+•·▪◦–—][ \t]|\(?\d{1,3}[.)、][ \t]?|\(?[A-Za-z][.)][ \t]|#{1,6}[ \t]|\||>[ \t]"
    r"|[一二三四五六七八九十]{1,3}、|[●○■□◆◇★☆▶►➢※①-⑳]|[（(][一二三四五六七八九十\d]{1,3}[）)])"
)
_SPEAKER = re.compile(r"[ \t]*(?:\[?\d{1,2}:\d{2}(?::\d{2})?\]?[ \t]*)?[A-Z][\w.'’ -]{0,40}:(?:\s|$)")
# When a line of a chat or a log was written: in brackets, or with its day; a bare time may stand in any sentence.
_STAMP = re.compile(
    r"[ \t]*(?:[\[(<](?:\d{4}-\d\d-\d\d[T, ]+)?\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d+)?(?:[ \t]?[AaPp][Mm])?[\])>]"
    r"|\[?\d{4}[-/]\d\d[-/]\d\d[T, ]+\d{1,2}:\d\d|\[?\d{1,2}[./]\d{1,2}[./]\d{2,4},? \d{1,2}:\d\d)"
)
_HEADING = re.compile(r"#{1,6}[ \t]")
_LEADERS = 4  # points between a title and its page in a table of contents
_PAGED = re.compile(r"(?:[.…·_]{3,}|[ \t]{3,}|\t)[ \t]*\d{1,4}$")
# A line of at least so many columns that ends without punctuation was broken by an editor, not by the author.
_WRAPPED_LINE = 45
_WIDE = re.compile("[\u3000-\u30ff\u3400-\u9fff\uac00-\ud7af\uff01-\uff60]")
_ABBREVIATIONS = word_set(
    "mr mrs ms dr st ste jr sr prof gen col lt sgt capt cpt maj cmdr adm rev hon gov sen rep pres supt messrs "
    "mme mlle vs v viz cf inc ltd co corp bros mt ft fig figs eq eqs vol vols ch sec pp p ed eds al ca approx "
    "dept est e.g i.e jan feb mar apr jun jul aug sep sept oct nov dec ave blvd rd u.s u.k u.n d.c ph.d m.d "
    "b.a m.a b.sc m.sc a.d b.c nos art op cit"
)
_BEFORE_NUMBER = word_set("no nos p pp fig vol ch art sec eq")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Half-open spans of the sentences of `text`, in order, without white space around them.

    Abbreviations and initials do not end a sentence. Blank lines, list items, headings, speaker labels and the
    times of a chat or log begin one; a line that an editor wrapped does not.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _BOUNDARY.finditer(text):
        if match.start() < start:
            continue
        is_end = _ends_line(text, start, match.start()) if match.group() == "\n" else _ends_sentence(text, match, start)
        if is_end:
            _append(spans, text, start, match.end())
            start = match.end()
    _append(spans, text, start, len(text))
    return spans


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    bare = piece.strip()
    if bare and (bare[0].isalnum() or any(c.isalnum() for c in bare)):
        start += len(piece) - len(piece.lstrip())
        spans.append((start, start + len(bare)))
    elif bare.strip(">") and spans:  # closing marks that stand alone belong to what they close
        spans[-1] = (spans[-1][0], start + len(piece.rstrip()))


def _ends_sentence(text: str, match: re.Match[str], start: int) -> bool:
    mark = match.group()[0]
    if mark in "。！？；":
        return True
    ahead = _NEXT.match(text, match.end())
    if ahead is None:
        return True
    if ahead.group(1).islower():  # "What?" said he; e.g. this
        return False
    if mark != "." or match.group().startswith(".."):
        return not (len(match.group()) >= _LEADERS and ahead.group(1).isdigit())
    last = _LAST_WORD.search(text, max(start, match.start() - 24), match.start() + 1)
    if last is None:
        return True
    word = last.group(1)
    if word.isdigit():  # the number of a list item
        return bool(text[start : last.start()].strip())
    if word.lower() in _BEFORE_NUMBER:
        return not ahead.group(1).isdigit()
    return not (word.lower() in _ABBREVIATIONS or (len(word) == 1 and word.isupper()) or _is_dotted(word))


def _is_dotted(word: str) -> bool:
    """True for "U.S" and "J.R.R", not for "a.m" and "p.m", which often end a sentence."""
    return "." in word and all(len(part) == 1 and part.isupper() for part in word.split("."))


def _ends_line(text: str, start: int, end: int) -> bool:
    line_start = max(text.rfind("\n", 0, end) + 1, 0)
    next_end = text.find("\n", end + 1)
    following = text[end + 1 : next_end if next_end >= 0 else len(text)]
    line = text[line_start:end].strip()
    if line.startswith(">") and following.lstrip().startswith(">"):  # a quotation, wrapped as any text
        line, following = line.lstrip("> \t"), following.lstrip("> \t")
    bare = following.strip()
    if not bare or any(begun.match(following) for begun in (_LIST_ITEM, _SPEAKER, _STAMP)):
        return True
    if not text[start:end].strip() or (line[-1:].isdigit() and _PAGED.search(line)):
        return True
    is_shouted = line.isupper() and len(line) < _WRAPPED_LINE and not _WIDE.search(line)  # Chinese has no capitals
    if _HEADING.match(line) or (is_shouted and any(map(str.islower, bare))):
        return True
    if bare[0].islower():
        return False
    return len(line) + len(_WIDE.findall(line)) < _WRAPPED_LINE
