"""Text repaired and tidied, with a map back to the offsets of the original.

Mojibake is undone line by line, Unicode composed (NFC: what a reader sees stays the same, unlike NFKC), invisible
characters dropped, white space at line ends and long runs of blank lines removed, words put together that the end of a
line broke. Line breaks inside paragraphs stay.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from graphrag_lite.records import Document
from graphrag_lite.settings import CleanSettings

OffsetMap = tuple[tuple[int, int], ...]
_Edit = tuple[int, int, str]

# UTF-8 read as a one-byte encoding leaves a capital with an accent, or a Cyrillic one, before a sign or a control.
_MOJIBAKE = re.compile(
    r"[\u00c2-\u00f4\u0102-\u0111\u0139\u0420\u0421\u0432\u0413][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e"
    r"\u0192\u02c6\u02c7\u02d8\u02da\u02db\u02dc\u2013-\u2026\u2030\u2039\u203a\u20ac\u2116\u2122\u0402-\u040f\u0452-\u045f\u0490\u0491]"
)
_ODD = re.compile(
    r"(?P<line>\r\n?|[\x0b\x0c\x85\u2028\u2029])"
    r"|(?P<space>[\u00a0\u2000-\u200a\u202f\u205f])"
    r"|(?P<broken>[\ud800-\udfff])"
    # Joiners (U+200C, U+200D) stay: emoji, Persian and Indic scripts need them.
    r"|\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]+"
    r"|[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]+"
)
_ANY_ODD = re.compile(  # the first characters of `_ODD`, ten times as quick to look for
    r"[\r\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\xad\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f-\u2069"
    r"\ud800-\udfff\ufeff\ufff9-\ufffb]"
)
_BLANK = re.compile(r"(?<![ \t])[ \t]++(?=\n|\Z)")
_BLANK_LINES = re.compile(r"\A\n++|\n{4,}+|\n++\Z")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_WORD = re.compile(r"\S+")
_LETTER = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff"
_BROKEN = re.compile(
    rf"(?<![\w-])(?P<first>[{_LETTER}]{{2,}})(?P<hyphen>[-\u2010])(?P<gap>\n[ \t]*)"
    r"(?P<second>[a-z\u00df-\u00f6\u00f8-\u00ff]{2,})(?P<rest>\S*)[ \t]*"
)
_LATIN_WORD = re.compile(rf"[{_LETTER}]+(?:-[{_LETTER}]+)*")
_INNER_HYPHEN = re.compile(r"\w\u2010\w")


def clean_document(document: Document, settings: CleanSettings) -> Document:
    """The document with its text repaired; itself where nothing was to do.

    `offset_map` leads back to the text as it was given, `pages` follow the text. Cleaning twice changes nothing more.
    Half surrogates, which no file can hold, are replaced even where `repair` is off.
    """
    passes = _PASSES if settings.repair else (_half_surrogates,)
    text, offsets, pages = document.text, document.offset_map, document.pages
    for find_edits in passes:
        edits = list(find_edits(text))
        if edits:
            text, steps = _apply(text, edits)
            pages = tuple(min(_forward(steps, page), len(text)) for page in pages)
            offsets = _compose_maps(offsets, steps) if offsets else steps
    title = _tidy_title(document.title)
    if text is document.text and title == document.title:
        return document
    return replace(document, text=text, title=title, offset_map=offsets, pages=pages)


def original_offset(offset_map: Sequence[tuple[int, int]], offset: int) -> int:
    """The offset in the original text of an offset in the cleaned text.

    Exact outside of replaced words; inside one that changed its length, at most a few characters off.
    """
    at = bisect_right(offset_map, (offset, 1 << 62)) - 1
    return offset if at < 0 else offset_map[at][1] + offset - offset_map[at][0]


def _mojibake(text: str) -> Iterator[_Edit]:
    if text.isascii() or not _MOJIBAKE.search(text):
        return
    import ftfy

    line_end = -1
    for match in _MOJIBAKE.finditer(text):
        if match.start() < line_end:
            continue
        line_start = text.rfind("\n", 0, match.start()) + 1
        line_end = text.find("\n", match.start())
        line_end = len(text) if line_end < 0 else line_end
        line = text[line_start:line_end]
        fixed = ftfy.fix_encoding(line)
        if fixed != line:
            yield from _narrowed(line_start, line, fixed)


def _narrowed(start: int, old: str, new: str) -> Iterator[_Edit]:
    """An edit per word where both lines have the same words, else one without the common beginning and end."""
    olds, news = list(_WORD.finditer(old)), new.split()
    if len(olds) == len(news) and _WORD.sub("", old) == _WORD.sub("", new):
        for word, fixed in zip(olds, news, strict=True):
            if word.group() != fixed:
                yield start + word.start(), start + word.end(), fixed
        return
    head = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    room = min(len(old), len(new)) - head
    tail = next((i for i in range(room) if old[-1 - i] != new[-1 - i]), room)
    yield start + head, start + len(old) - tail, new[head : len(new) - tail]


def _odd_characters(text: str) -> Iterator[_Edit]:
    first = _ANY_ODD.search(text)
    for match in _ODD.finditer(text, first.start()) if first else ():
        kind = match.lastgroup
        yield match.start(), match.end(), {"line": "\n", "space": " ", "broken": "\ufffd"}.get(kind or "", "")


def _compose(text: str) -> Iterator[_Edit]:
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return
    for word in _WORD.finditer(text):
        if unicodedata.is_normalized("NFC", word.group()):
            continue
        clusters = _clusters(word.group())
        parts = [unicodedata.normalize("NFC", cluster) for cluster in clusters]
        whole = unicodedata.normalize("NFC", word.group())
        if "".join(parts) != whole:  # some Indic vowels join without a combining class
            clusters, parts = [word.group()], [whole]
        at = word.start()
        for cluster, part in zip(clusters, parts, strict=True):
            if cluster != part:
                yield at, at + len(cluster), part
            at += len(cluster)


def _clusters(word: str) -> list[str]:
    """The word cut before each character that does not combine with the one before it."""
    cuts = [i for i, c in enumerate(word) if not i or not (unicodedata.combining(c) or "\u1160" <= c <= "\u11ff")]
    return [word[a:b] for a, b in zip(cuts, [*cuts[1:], len(word)], strict=True)]


def _blanks(text: str) -> Iterator[_Edit]:
    if " \n" not in text and "\t\n" not in text and text[-1:] not in (" ", "\t"):
        return
    for match in _BLANK.finditer(text):
        yield match.start(), match.end(), ""


def _blank_lines(text: str) -> Iterator[_Edit]:
    if "\n\n\n\n" not in text and text[:1] != "\n" != text[-1:]:
        return
    for match in _BLANK_LINES.finditer(text):
        at_edge = match.start() == 0 or match.end() == len(text)
        yield match.start(), match.end(), "" if at_edge else "\n\n\n"


def _broken_words(text: str) -> Iterator[_Edit]:
    """Words that the end of a line broke, put on its line where the text has them whole, or the hyphen is no other."""
    breaks = list(_BROKEN.finditer(text)) if "-\n" in text or "\u2010\n" in text else []
    if not breaks:
        return
    known = {word.lower() for word in _LATIN_WORD.findall(text)}
    is_soft = not _INNER_HYPHEN.search(text)  # manual pages write U+2010 at the ends of lines alone
    for match in breaks:
        first, second = match["first"].lower(), match["second"]
        is_whole = first + second in known or (match["hyphen"] == "\u2010" and is_soft)
        if is_whole and f"{first}-{second}" not in known and not match["rest"].endswith(("-", "\u2010")):
            gap = "" if match.end() == len(text) or text[match.end()] == "\n" else match["gap"]
            yield match.start("hyphen"), match.end(), second + match["rest"] + gap


def _half_surrogates(text: str) -> Iterator[_Edit]:
    for match in _SURROGATE.finditer(text):
        yield match.start(), match.end(), "\ufffd"


_PASSES = (_mojibake, _odd_characters, _compose, _blanks, _blank_lines, _broken_words)


def _apply(text: str, edits: Sequence[_Edit]) -> tuple[str, OffsetMap]:
    """The edited text, and (new offset, old offset) after each edit that changed the length."""
    parts: list[str] = []
    steps: list[tuple[int, int]] = []
    done = length = 0
    for start, end, replacement in edits:
        parts += (text[done:start], replacement)
        length += start - done + len(replacement)
        done = end
        if len(replacement) != end - start:
            steps.append((length, end))
    parts.append(text[done:])
    # Of two steps at one place, such as deletions side by side, the last one holds.
    return "".join(parts), tuple(dict(steps).items())


def _forward(steps: OffsetMap, offset: int) -> int:
    """The new offset of an old one; what was deleted goes to the end of its edit."""
    at = bisect_right(steps, offset, key=lambda step: step[1]) - 1
    new = offset if at < 0 else steps[at][0] + offset - steps[at][1]
    return min(new, steps[at + 1][0]) if at + 1 < len(steps) else new


def _compose_maps(first: OffsetMap, second: OffsetMap) -> OffsetMap:
    """The map of two passes in a row: offsets after the second to those before the first."""
    merged = {new: original_offset(first, middle) for new, middle in second}
    for middle, old in first:
        at = bisect_right(second, middle, key=lambda step: step[1]) - 1
        new = middle if at < 0 else second[at][0] + middle - second[at][1]
        if at + 1 == len(second) or new < second[at + 1][0]:  # else the second pass deleted the place
            merged.setdefault(new, old)
    return tuple(sorted(merged.items()))


def _tidy_title(title: str) -> str:
    if not title:
        return title
    tidy, _ = _apply(title, list(_odd_characters(title)))
    return " ".join(unicodedata.normalize("NFC", tidy).split())
