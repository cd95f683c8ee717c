"""Headings: lines that are one without any marks ("Chapter 4 The filter", 第四章 滤芯), and the bare words of one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

DIVISION = "(?:chapter|part|book|stave|act|canto|section|appendix)"
_ORDINAL = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|the [a-z]{4,9}"
# To be compiled without regard to case.
CHAPTER = (
    rf"(?:{DIVISION}[ ](?:\d{{1,4}}|[ivxlc]{{1,7}}|{_ORDINAL})"
    r"\b[^\n]{0,60})|第[一二三四五六七八九十百千零〇两\d]{1,7}[章回节節卷部篇幕][^\n]{0,40}"
)
_CHAPTER = re.compile(CHAPTER, re.IGNORECASE)
_SENTENCE = re.compile(r"[!?。！？;；,，:：]$|\w+ \w+ \w+ \w+.*\.$")
# "Title ..... 27", and what may be a column of figures as well: "Title      27".
_DOTTED = re.compile(r"(?:[.…·_]{3,}|…|(?:[.·] ){3,})[ \t]*(?P<page>\d{1,4})$")
_SPACED = re.compile(r"(?:[ \t]{3,}|\t)(?P<page>\d{1,4})$")
_NUMBER = re.compile(
    rf"(?i)^(?:{DIVISION}[ ](?:\d+|[ivxlc]+|{_ORDINAL})\b|第[^\s章回节節卷部篇幕]{{1,7}}[章回节節卷部篇幕]"
    r"|\d+(?:\.\d+)*\.?(?=\s))[\s:.–—-]*"
)
_MARKUP = re.compile(r"\*\*|__|`|!?\[([^\]]*)\]\([^)]*\)")
_LEAST_LINES = 3  # of a table of contents


def is_chapter(line: str) -> bool:
    """Whether a line that stands alone is the heading of a chapter or the like."""
    return _CHAPTER.fullmatch(line) is not None and not is_sentence(line)


def is_sentence(line: str) -> bool:
    """Whether a line that begins like such a heading goes on as a sentence."""
    return _SENTENCE.search(line.rstrip()) is not None


def without_number(heading: str) -> str:
    """A heading without what counts it: "Chapter 4", 第四章, "2.1"; as it is where it says nothing else."""
    return _NUMBER.sub("", heading) or heading


def without_markup(heading: str) -> str:
    """A heading of Markdown as a reader sees it: of a link its words, no marks of emphasis and code."""
    return _MARKUP.sub(lambda m: m[1] or "", heading)


def contents_among(lines: Sequence[str], *, may_be_figures: bool = False) -> list[bool]:
    """Which lines are of a table of contents: three or more in a row, each with the page it leads to, in order.

    Args:
        lines: Of a passage.
        may_be_figures: Figures are wanted, so that points have to lead to the page.
    """
    leaders = (_DOTTED,) if may_be_figures else (_DOTTED, _SPACED)
    pages = [_page(line, leaders) if line[-1:].isdigit() else -1 for line in lines]
    goes_on = [later >= earlier >= 0 for earlier, later in pairwise([*pages, -1])]
    found = [False] * len(lines)
    start = 0
    for at, is_followed in enumerate(goes_on):
        if not is_followed:
            if at + 1 - start >= _LEAST_LINES:
                found[start : at + 1] = [True] * (at + 1 - start)
            start = at + 1
    return found


def _page(line: str, leaders: Sequence[re.Pattern[str]]) -> int:
    return next((int(match["page"]) for leader in leaders if (match := leader.search(line))), -1)
