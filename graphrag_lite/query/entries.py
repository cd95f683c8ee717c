"""The entry of an option in a manual: the line that begins with it, and what stands beside or below that line.

Every other sentence that holds the option speaks of something else: "See also -k", "if the -e option is not set".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from graphrag_lite.query.headings import label_of
from graphrag_lite.query.options import OptionAsked, has_options_of
from graphrag_lite.records import Passage
from graphrag_lite.text.normalize import terms, words
from graphrag_lite.text.sentences import sentence_spans

Span = tuple[int, int]

_MANUALS, _OTHERS = 2, 8  # documents that are read for a command: that are called so, that have its option
_LONGEST = 600  # characters of it that are quoted, whole sentences
_HEAD = 200  # characters from where an entry begins to an option or another spelling of it
_MARK = re.compile(r"[ \t]*(?:(?:[*+•·|]|-(?= ))[ \t]+)?[`*_\"“]{0,3}")  # of an item of a list, a row, a piece of code
_BESIDE = re.compile(r" {2,}|\t|[`*_\"”]*:\s|[`*_\"” ]* [—–-] |[`*_]*[ \t]*\|")  # between an option and what it does
_SPELLINGS = re.compile(r"(?:.*(?:,|/|\||\bor)[ \t]*)?[`*_\"“]{0,3}")  # "-x, --extract", of which the last is asked
_INDENT = re.compile(r"[ \t]*")
_PARAGRAPH = re.compile(r"(?<!:)\n[ \t]*\n")  # what follows a colon belongs to it


def entry_asked(
    option: OptionAsked, passages: Sequence[Passage], document_text: Callable[[str], str | None]
) -> tuple[Passage, int, int] | None:
    """The entry of the option that is asked about: of its command, where one is named; None where there is none.

    Args:
        option: The option.
        passages: Best first.
        document_text: The text of a document: what an entry stands under may have begun before its passage.
    """
    command = frozenset(terms(" ".join(option.command)))
    found = []
    for rank, passage in enumerate(passages):
        for start, end in entries(option.spelling, passage.text):
            label = frozenset(terms(label_of(passage)))
            is_of_command = command <= label | frozenset(terms(passage.headings))
            if is_of_command or _is_in_entry(option.command, passage, start, document_text(passage.document_id)):
                found.append((len(label - command) if command else 0, rank, start, end))
    _, rank, start, end = min(found, default=(0, -1, 0, 0))
    return (passages[rank], start, end) if rank >= 0 else None


def manuals(option: OptionAsked, passages: Sequence[Passage], document_text: Callable[[str], str | None]) -> list[str]:
    """The documents of some passages that have an entry of the option and explain its command: those called so first.

    In others an entry of the command has one of the option: a shell explains what it has built in.
    """
    command = frozenset(terms(" ".join(option.command)))
    if not command:
        return []
    labels = {passage.document_id: frozenset(terms(label_of(passage))) for passage in passages}
    called_so = [document_id for document_id, label in labels.items() if command <= label]
    called_so.sort(key=lambda document_id: len(labels[document_id]))
    typed = (p.document_id for p in passages if has_options_of(option.spelling, p.text))
    found: list[str] = []
    for document_id in dict.fromkeys([*called_so[:_MANUALS], *islice(dict.fromkeys(typed), _OTHERS)]):
        text = document_text(document_id) or ""
        is_called_so = document_id in called_so
        if found and not is_called_so:
            break
        if any(is_called_so or _is_below(option.command, text, at) for at, _ in entries(option.spelling, text)):
            found.append(document_id)
    return found[:_MANUALS]


def entries(option: str, text: str) -> Iterator[Span]:
    """Where a text has entries of an option, with as much of what it does as one quotes."""
    for match in re.finditer(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text):
        start = text.rfind("\n", max(0, match.start() - _HEAD), match.start()) + 1
        if not start and match.start() > _HEAD:
            continue
        line = _line(text, start)
        begins = _MARK.match(line)
        head = _BESIDE.split(line[begins.end() :], maxsplit=1)[0] if begins else ""
        at = match.start() - start - (begins.end() if begins else 0)
        is_entry = head.startswith("-") and 0 <= at < len(head) and _SPELLINGS.fullmatch(head, 0, at)
        if is_entry and begins and not _goes_on(text, start, is_item=bool(begins[0].strip())):
            end = _end(text, start, is_told=len(line.rstrip()) > begins.end() + len(head) + 1)
            if end:
                yield start + len(line) - len(line.lstrip()), end


def _line(text: str, start: int) -> str:
    end = text.find("\n", start)
    return text[start : end if end >= 0 else len(text)]


def _indent(line: str) -> int:
    match = _INDENT.match(line)
    return len(match[0].expandtabs()) if match else 0


def _goes_on(text: str, start: int, *, is_item: bool) -> bool:
    """Whether a line goes on with the one before it: where a wrapped sentence happens to have an option."""
    before = text[text.rfind("\n", 0, max(0, start - 1)) + 1 : start].rstrip("\n")
    if is_item or not before.strip() or before.lstrip().startswith("-"):
        return False
    return _indent(before) == _indent(_line(text, start))


def _end(text: str, start: int, *, is_told: bool) -> int:
    """Where what is quoted of an entry ends; 0 where nothing is told of its option.

    Args:
        text: Of a passage.
        start: Where the line of the option begins.
        is_told: Whether the line tells what the option does, rather than lines below it.
    """
    line = _line(text, start)
    indent, body = _indent(line), start + len(line)
    end = body
    while end < min(len(text), start + 2 * _LONGEST):
        following = _line(text, end + 1)
        may_be_spelling = not is_told and end < start + _HEAD
        is_other_spelling = may_be_spelling and following.lstrip().startswith("-") and _indent(following) == indent
        if following.strip() and _indent(following) <= indent and not is_other_spelling:
            break
        end += 1 + len(following)
        if following.strip() and not is_other_spelling:
            is_told = True
    if not is_told:
        return 0
    begins = body + len(text[body:end]) - len(text[body:end].lstrip())
    stop = _PARAGRAPH.search(text, begins, end)
    spans = sentence_spans(text[start : stop.start() if stop else end])
    return start + max([stop for _, stop in spans if stop <= _LONGEST], default=spans[0][1])


def _is_in_entry(command: Sequence[str], passage: Passage, at: int, document: str | None) -> bool:
    """Whether a place of a passage is in the entry of a command, which may have begun before the passage."""
    return _is_below(command, document, passage.start + at) if document else _is_below(command, passage.text, at)


def _is_below(command: Sequence[str], text: str, at: int) -> bool:
    """Whether a line stands, further in, below one that begins with a command: -e below "set [-abe]"."""
    end = text.rfind("\n", 0, at)
    indent = _indent(_line(text, end + 1))
    while end > 0 and indent:
        start = text.rfind("\n", 0, end) + 1
        line = text[start:end]
        if line.strip() and _indent(line) < indent:
            indent = _indent(line)
            if words(line)[: len(command)] == list(command):
                return True
        end = start - 1
    return False
