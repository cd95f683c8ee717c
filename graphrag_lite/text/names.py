"""Names in text of spaced scripts: runs of capitalised words, dates, speaker labels and quoted titles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from graphrag_lite.text.lexicon import (
    ABBREVIATED_TITLES,
    BODY_HEADS,
    COUNTED_HEADS,
    FUNCTION_WORDS,
    GIVEN_NAMES,
    GREETINGS,
    HYPHEN_TAILS,
    LEGAL_SUFFIXES,
    MONTH_NAMES,
    MONTHS,
    NOT_A_START,
    PARTICLES,
    POLITE_TITLES,
    ROLES,
    word_set,
)
from graphrag_lite.text.normalize import Token

_MONTH = f"(?:{'|'.join(map(str.title, MONTH_NAMES))})"
_YEAR = r"(?:1[0-9]{3}|20[0-9]{2})"
_MONTH_DATE = rf"{_MONTH} (?:\d{{1,2}}(?:st|nd|rd|th)?(?:, {_YEAR})?(?![\d:])|{_YEAR})|{_MONTH}, {_YEAR}"
_DAY_DATE = rf"\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH}(?:,? {_YEAR})?|{_YEAR}(?:s|-\d\d-\d\d)"
# Every branch begins with a letter or a digit of few: that lets the engine skip all other places.
DATE = re.compile(
    rf"(?:(?:Early|early|Mid|mid|Late|late)[ -](?:{_MONTH_DATE}|{_DAY_DATE}|{_YEAR})|{_MONTH_DATE}|{_DAY_DATE})\b"
    r"|公元前?\d{1,4}年|\d{3,4}年(?:\d{1,2}月(?:\d{1,2}[日号])?)?|\d{1,2}年\d{1,2}月(?:\d{1,2}[日号])?"
)
# A bare number is a year where the words before it say so and what follows is not what it counts.
YEAR = re.compile(
    rf"{_YEAR}\b(?![,.]\d|[%’'-]|\s+(?!was\b|is\b|has\b|as\b)[a-z]+s\b| (?:people|men|women|million|feet)\b)"
)
BEFORE_YEAR = re.compile(
    r"(?:\b(?:in|since|by|from|until|till|to|and|during|circa|around|before|after|between|of|early|mid|late)[ -]"
    r"|\(|\d[–-])$",
    re.IGNORECASE,
)
_LABEL_WORD = r"[^\W\d_a-z][^\W_]*(?:[.'’-][^\W_]+)*\.?"
SPEAKER = re.compile(
    rf"^[ \t]*(?:\[?\d{{1,2}}:\d{{2}}(?::\d{{2}})?\]?[ \t]*)?({_LABEL_WORD}(?:[ \t]+{_LABEL_WORD}){{0,3}})"
    r"[ \t]*(?:\([^)\n]{1,30}\)|\[[^]\n]{1,30}\])?:(?=\s)",
    re.MULTILINE,
)
QUOTED = re.compile(r"[“\"]([^“”\"\n]{2,80})[”\"]|``\s?([^`'\n]{2,80}?)\s?''|\*([^*\n]{2,80})\*|\b_([^_\n]{2,80})_\b")
# Small words that have a capital for other reasons than a title, and those that end none.
_NO_TITLE = word_set("the a an i im ive ill id and or but so o")
_NOT_AN_END = word_set(
    "the a an and but he she they we this that these those if when while since from for with by to as at of or "
    "nor because although however there"
)
_AFTER_PRONOUN = word_set(
    "think am have know mean want guess would can could do dont love feel believe wanted remember see say like "
    "just really will shall should hope wish didnt dont never"
)
_ROLE_STARTS = frozenset(["chief", "ceo", "cto", "cfo", "coo", "cio", "cofounder"])
_OPENING_MARKS = frozenset("\"“‘`':|*_#>•·[{=/—–")
# Behind a number: it counts what follows and ends no name, as in "RTO 30 minutes".
_COUNTED_BEHIND = re.compile(
    r"\s?(?:(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?)\b|%|[分秒时天周月年日个名元万亿次台件人岁倍])"
)
_INITIAL_GAPS = frozenset({". ", "."})
_SHOUTING_SHARE = 0.6


class Run(NamedTuple):
    """A capitalised run: tokens `first` to `last`, both included."""

    first: int
    last: int


def capitalised_runs(text: str, tokens: Sequence[Token], first: int, end: int) -> Iterator[Run]:
    """Runs that may be names among `tokens[first:end]`, the words of one sentence.

    Runs go over particles ("University of Copenhagen"), initials, hyphens, numbers at the end ("Apollo 11"), "&",
    and over "and" and "for" inside the name of a body ("Ministry of Health and Welfare"). Words that begin no name
    are cut off in front.
    """
    i = first
    while i < end:
        is_name_start = tokens[i].is_capital and not _is_in_decimal(text, tokens[i].start)  # 4GHz of "2.4GHz"
        if not is_name_start and not _is_counted(text, tokens, i, end):
            i += 1
            continue
        last = _run_end(text, tokens, i, end)
        start = i
        if not _begins_title(text, tokens, i, last, first):
            while start <= last and (tokens[start].word in NOT_A_START or _is_greeting(tokens, start, last)):
                start += 1
        i = last + 1
        while last > start and (tokens[last].word in _NOT_AN_END or _is_pronoun(tokens, last, end)):
            last -= 1
        if start <= last:
            yield from _split_role(tokens, start, last)


def is_opening(text: str, token: Token) -> bool:
    """True behind a mark that gives a word a capital as the start of a sentence does: a quote, a colon, a table bar."""
    at = token.start - 1
    while at >= 0 and text[at] == " ":
        at -= 1
    return at < 0 or text[at] in _OPENING_MARKS


def _is_greeting(tokens: Sequence[Token], start: int, last: int) -> bool:
    return start < last and tokens[start].word in GREETINGS


def _is_pronoun(tokens: Sequence[Token], last: int, end: int) -> bool:
    """True for the "I" of "Kevin I think", not for that of "Elizabeth I of England"."""
    word = tokens[last].word
    return word in ("im", "ive", "ill", "id") or (
        word == "i" and last + 1 < end and tokens[last + 1].word in _AFTER_PRONOUN
    )


def _begins_title(text: str, tokens: Sequence[Token], i: int, last: int, first: int) -> bool:
    """True where a small word inside a sentence has a capital because a title begins: "on Behind the Tech"."""
    word = tokens[i].word
    return (
        i > first
        and last > i
        and word in FUNCTION_WORDS
        and word not in _NO_TITLE
        and text[tokens[i - 1].end : tokens[i].start] in (" ", "'s ", "’s ")
    )


def _split_role(tokens: Sequence[Token], start: int, last: int) -> Iterator[Run]:
    """The names in one run of capitals.

    A role and its body are two things, and so are a person and a role ("CTO of Microsoft"), and an owner and a thing
    of several words each ("Philip Sheridan's Valley Campaigns"). The title of a full name is no part of it.
    """
    for i in range(start + 2, last + 1):
        if tokens[i].word in _ROLE_STARTS:
            last = i - 1
            break
    for i in range(start + 1, last - 1):
        if tokens[i].is_possessive and tokens[i].word not in PARTICLES:
            yield Run(start, i)
            start = i + 1
            break
    has_of = any(t.word == "of" for t in tokens[start : last + 1])
    if has_of and last - start >= 2 and tokens[start].word in ROLES and tokens[start + 1].word == "of":
        after = start + 3 if tokens[start + 2].word == "the" else start + 2
        start = min(after, last)
    elif not has_of and last - start >= 2 and tokens[start].word in POLITE_TITLES:
        start += 1
    yield Run(start, last)


def _run_end(text: str, tokens: Sequence[Token], i: int, end: int) -> int:
    last = i
    is_body = False
    while last + 1 < end:
        is_body = is_body or tokens[last].word in BODY_HEADS
        step = _extension(text, tokens, last, end, is_body)
        if not step:
            break
        last += step
    return last


def _extension(text: str, tokens: Sequence[Token], last: int, end: int, is_body: bool) -> int:
    """How many tokens the run may take after `last`: 0 ends it."""
    ahead = tokens[last + 1]
    if not _joins(text, tokens[last], ahead):
        return 0
    if ahead.is_capital:
        return 1
    if text[ahead.start].isdigit():
        is_counting = _COUNTED_BEHIND.match(text, ahead.end) is not None
        return int(len(ahead.word) <= 4 and not is_counting and not tokens[last].is_possessive)
    gap = text[tokens[last].end : ahead.start]
    if gap == "-" and _is_second_syllable(text, tokens, last):
        return 1
    if last + 2 >= end:
        return 0
    after = tokens[last + 2]
    if ahead.word == "of" and len(after.word) == 4 and after.word.isdigit() and gap == " ":
        return 2  # "Constitution of 1993"
    if ahead.word == "the" and tokens[last].word in GIVEN_NAMES and after.is_capital and _joins(text, ahead, after):
        return 2  # "Henry the Navigator"
    is_title = ahead.word == "the" and tokens[last].word in FUNCTION_WORDS and text[tokens[last].start].isupper()
    if ahead.word in PARTICLES or is_title or (is_body and ahead.word in ("and", "for")):
        if not _joins(text, ahead, after):
            return 0
        if after.is_capital:
            return 2 if ahead.word != "and" or _is_noun_list(tokens, last) else 0
        is_longer = ahead.word != "and" and after.word in ("the", "la", "las", "los", "der") and last + 3 < end
        return 3 if is_longer and tokens[last + 3].is_capital and _joins(text, after, tokens[last + 3]) else 0
    hyphens = text[tokens[last].end : ahead.start] == "-" == text[ahead.end : after.start]
    return 2 if hyphens and after.is_capital else 0  # Stratford-upon-Avon


def _is_second_syllable(text: str, tokens: Sequence[Token], last: int) -> bool:
    """True for the lower-case end of an East Asian given name: "Kim Il-sung"."""
    tail = tokens[last + 1]
    is_single = text[tail.end : tail.end + 1] != "-"
    has_surname = last > 0 and tokens[last - 1].is_capital and text[tokens[last - 1].end : tokens[last].start] == " "
    is_short = len(tokens[last].word) < 6 and len(tail.word) < 6 and tail.word.isalpha()
    return is_single and has_surname and is_short and tail.word not in HYPHEN_TAILS


def _is_noun_list(tokens: Sequence[Token], last: int) -> bool:
    # "Ministry of Agriculture and Land Reclamation", but not "University of Oxford and Cambridge".
    return tokens[last].word not in BODY_HEADS


def _joins(text: str, left: Token, right: Token) -> bool:
    gap = text[left.end : right.start]
    if left.is_possessive:
        gap = gap[2:]
    if gap in (" ", "-", "  "):
        return True
    if gap == "." and _is_in_decimal(text, right.start):  # PM2.5
        return True
    if gap in _INITIAL_GAPS:
        if right.word in FUNCTION_WORDS and len(right.word) > 1:
            return False  # "Section D. The ..."
        return (
            len(left.word) == 1
            or (gap == "." and len(left.word) < 3)
            or left.word in ABBREVIATED_TITLES
            or left.word in ("st", "mt", "ft", "jr")
        )
    if gap in (" & ", "&", "+") or (gap == ", " and right.is_capital and right.word in (*LEGAL_SUFFIXES, "jr", "sr")):
        return True
    return gap.isspace() and gap.count("\n") == 1 and len(gap) <= 12  # a wrapped line


def _is_in_decimal(text: str, start: int) -> bool:
    return start > 1 and text[start - 1] == "." and text[start].isdigit() and text[start - 2].isdigit()


def _is_counted(text: str, tokens: Sequence[Token], i: int, end: int) -> bool:
    """True for a year or an ordinal that begins a name: "1948 Summer Olympics", "14th Lok Sabha"."""
    if not text[tokens[i].start].isdigit() or i + 1 >= end or not tokens[i + 1].is_capital:
        return False
    if not _joins(text, tokens[i], tokens[i + 1]) or tokens[i + 1].word in MONTHS:
        return False
    word = tokens[i].word
    if word.endswith(("st", "nd", "rd", "th")) and word[:-2].isdigit():
        return True
    is_year = len(word) == 4 and word.isdigit()
    return is_year and any(
        tokens[j].word in COUNTED_HEADS for j in range(i + 1, min(i + 6, end)) if tokens[j].is_capital
    )


def is_shouting(text: str, tokens: Sequence[Token], first: int, end: int) -> bool:
    """True where capitals say nothing, because nearly every word of the sentence has only capitals."""
    span = tokens[first:end]
    if 2 * sum(t.is_capital for t in span) < len(span):
        return False
    letters = [t for t in span if len(t.word) > 1 and t.word[0].isalpha()]
    loud = sum(text[t.start : t.end].isupper() for t in letters)
    return len(letters) > 1 and loud > _SHOUTING_SHARE * len(letters)


def is_heading(text: str, tokens: Sequence[Token], first: int, end: int) -> bool:
    """True for a line in title case without an end mark, where capitals say little."""
    span = tokens[first:end]
    if not 3 <= len(span) <= 14 or text[span[-1].end : span[-1].end + 1] in (".", "!", "?", ","):
        return False
    content = [t for t in span if t.word not in NOT_A_START and t.word[0].isalpha()]
    return len(content) > 2 and all(t.is_capital for t in content)


def is_loud_run(text: str, tokens: Sequence[Token], run: Run) -> bool:
    """True for several words in capitals, which shout or head a section; short ones are acronyms ("BBC TV")."""
    span = tokens[run.first : run.last + 1]
    letters = [t for t in span if t.word.isalpha()]
    return (
        len(span) > 1
        and bool(letters)
        and all(text[t.start : t.end].isupper() for t in letters)
        and any(len(t.word) > 4 for t in span)
    )


def is_title_case(title: str, tokens: Sequence[Token]) -> bool:
    """True when a quoted string looks like the title of a work: capitals on all but small words, no end mark."""
    if not 1 < len(tokens) <= 10 or title.isupper() or title.rstrip()[-1] in ".,;:-–—":
        return False
    is_cased = all(t.is_capital or t.word in NOT_A_START for t in tokens)
    return (
        is_cased
        and tokens[0].is_capital
        and tokens[-1].is_capital
        and any(t.is_capital for t in tokens[1:-1] or tokens)
    )
