"""Candidates of one chunk: what its text alone says about names. Facts, stored once for each chunk text.

Whether a candidate is a name depends on the whole corpus and is decided in `vocabulary`.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import NamedTuple

from graphrag_lite.text.chinese import STYLE, chinese_aliases, chinese_names, styled_names
from graphrag_lite.text.chinese_persons import recurring_persons
from graphrag_lite.text.chinese_words import has_han
from graphrag_lite.text.lexicon import (
    AMBIGUOUS_GIVEN_NAMES,
    DEFINING_NOUNS,
    FUNCTION_WORDS,
    GIVEN_NAMES,
    HEADS,
    PERSON_TITLES,
    word_set,
)
from graphrag_lite.text.names import (
    BEFORE_YEAR,
    DATE,
    QUOTED,
    SPEAKER,
    YEAR,
    capitalised_runs,
    is_heading,
    is_loud_run,
    is_opening,
    is_shouting,
    is_title_case,
)
from graphrag_lite.text.normalize import Token, has_cjk, identifier_spans, joined, mask_identifiers, name_key, scan
from graphrag_lite.text.sentences import sentence_spans
from graphrag_lite.text.topic import topic

_ACRONYM = re.compile(r"\((?:the |or |also |abbreviated |short )*[“\"']?([A-Z][A-Za-z&.-]{1,9})[”\"']?(?:[;,][^)]*)?\)")
_BORN = re.compile(
    r"[\s,]*(?:\((?:[^()]{0,40}\b)?(?:born|b\.)\s|\bwas born\b|\(\d{1,2} \w+ \d{4} ?[–-]|\(\w+ \d{1,2}, \d{4} ?[–-])"
)
_DEFINED = re.compile(
    r"[\s,]*(?:\([^()]{0,80}\)[\s,]*)?(?:is|was|are|were)\s+(?:a|an|the|one of the)\s+([^.;:(]{3,80})"
)
_SAYS = re.compile(
    r"[,]? (?:said|says|told|asked|replied|wrote|cried|exclaimed|explained|answered|thought|smiled|laughed)\b"
)
# What a type noun must be followed by to be the head of its phrase: "an American film director" is no film.
_HEAD_ENDS = word_set("of in by that which who for from at on and or with to located based born whose where near")
_WORK_BEFORE = re.compile(
    r"(?:song|single|album|film|movie|novel|book|play|poem|episode|series|track|paper|essay|story|opera)s?,?\s*$", re.I
)
_DIGIT = re.compile(r"\d")
_DEFINING_WORDS = 9
_BEFORE_NOUNS = word_set(
    "a an the of in for with by on about and or from this that these our its their your his her my some any all many "
    "most more each every no such"
)


@dataclass(frozen=True, slots=True)
class Candidates:
    """What one chunk text says.

    Attributes:
        names: (surface, sure, unsure): how often the surface stands where a capital (or a Chinese part of speech)
            shows a name, and how often where it shows little: at the start of a sentence, in a heading.
        runs: Lower-case words in order, stop words left out: spaces join neighbours, "|" separates; "+" before a run
            says that an article, a preposition or the like stands before it, as before a noun phrase.
        dates: Surfaces of dates.
        aliases: (long form, other name, reason).
        cues: (surface, type, count).
    """

    names: tuple[tuple[str, int, int], ...] = ()
    runs: str = ""
    dates: tuple[str, ...] = ()
    aliases: tuple[tuple[str, str, str], ...] = ()
    cues: tuple[tuple[str, str, int], ...] = ()

    def to_json(self) -> str:
        """Compact JSON; `from_json` gives an equal object."""
        parts = [self.names, self.runs, self.dates, self.aliases, self.cues]
        return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Candidates:
        """The object that `to_json` wrote."""
        names, runs, dates, aliases, cues = json.loads(text)
        return cls(
            tuple((s, a, b) for s, a, b in names),
            runs,
            tuple(dates),
            tuple((a, b, c) for a, b, c in aliases),
            tuple((s, t, n) for s, t, n in cues),
        )


class _Found:
    """Collects what the passes over one text find."""

    def __init__(self) -> None:
        self.sure: Counter[str] = Counter()
        self.unsure: Counter[str] = Counter()
        self.cues: Counter[tuple[str, str]] = Counter()
        self.aliases: dict[tuple[str, str, str], None] = {}
        self.runs: list[str] = []

    def add(self, surface: str, is_sure: bool, type_: str = "") -> None:
        (self.sure if is_sure else self.unsure)[surface] += 1
        if type_:
            self.cues[surface, type_] += 1


class Reading(NamedTuple):
    """A chunk text as the extraction and the matching of names read it: `text` without its identifiers.

    `identifiers` are those of code: (start, end, key).
    """

    text: str
    tokens: list[Token]
    words: list[str]  # those of the tokens
    sentences: list[tuple[int, int]]
    dates: list[tuple[int, int]]
    identifiers: list[tuple[int, int, str]]

    def words_within(self, start: int, end: int) -> tuple[int, int]:
        """The tokens of a sentence: their first, and the one after their last."""
        return bisect_left(self.tokens, (start,)), bisect_left(self.tokens, (end,))


@dataclass(slots=True)
class _Remembered:
    """Readings for later steps: the first ones, as far as there is room.

    Each step goes through all texts in the same order; the last ones would have made place for one another by then.
    """

    room: int  # characters
    readings: dict[str, Reading] = field(default_factory=dict)

    def add(self, text: str, reading: Reading) -> None:
        if len(text) <= self.room:
            self.room -= len(text)
            self.readings[text] = reading


_ROOM = 500_000  # characters, as of a long book: their readings take 20 MB
_ROOM_IF_AWAITED = 2_000_000
_REMEMBERED: ContextVar[_Remembered | None] = ContextVar("_REMEMBERED", default=None)


@contextmanager
def remembered_readings(*, is_awaited: bool = False) -> Iterator[None]:
    """Let `reading_of` read a text once, in this thread and as far as there is room; afterwards all is forgotten.

    `is_awaited` says that texts are read while there is nothing else to do, and then a server waits for what comes of
    them: there is room for more.
    """
    token = _REMEMBERED.set(_Remembered(_ROOM_IF_AWAITED if is_awaited else _ROOM))
    try:
        yield
    finally:
        _REMEMBERED.reset(token)


def forget_readings() -> None:
    """Forget them before that, and remember no more."""
    if remembered := _REMEMBERED.get():
        remembered.readings, remembered.room = {}, 0


def reading_of(text: str) -> Reading:
    """Read the text of a chunk; who is given a reading leaves it as it is."""
    reading = _remembered_reading(text)
    if reading is None:
        reading = _read(text)
        if remembered := _REMEMBERED.get():
            remembered.add(text, reading)
    return reading


def sentences_of(text: str) -> list[tuple[int, int]]:
    """The sentences of its reading, without the rest of it, which takes the longest."""
    reading = _remembered_reading(text)
    return reading.sentences if reading else sentence_spans(mask_identifiers(text))


def _remembered_reading(text: str) -> Reading | None:
    remembered = _REMEMBERED.get()
    return remembered.readings.get(text) if remembered else None


def _read(text: str) -> Reading:
    identifiers = [(start, end, name_key(text[start:end])) for start, end in identifier_spans(text)]
    text = mask_identifiers(text)
    tokens = scan(text)
    words = [token.word for token in tokens]
    return Reading(text, tokens, words, sentence_spans(text), date_spans(text), identifiers)


def extract_candidates(text: str) -> Candidates:
    """Candidate names, dates, aliases and word statistics of one chunk text; the text alone decides."""
    found = _Found()
    reading = reading_of(text)
    text, tokens, dates = reading.text, reading.tokens, reading.dates
    for start, end in reading.sentences:
        first, last = reading.words_within(start, end)
        is_chinese = has_han(text[start:end])
        if first < last:
            _english(text, tokens, first, last, dates, found, is_chinese=is_chinese)
        if is_chinese:
            for name in chinese_names(text, start, end):
                found.add(joined(text[name.start : name.end])[0], name.is_strong, name.type)
    subject = topic(text)
    if subject and not has_cjk(subject):  # in Chinese, what stands before 是 is as often an everyday word
        found.add(subject, is_sure=True)
    _speakers(text, found)
    _quoted(text, found)
    if has_cjk(text):
        line = joined(text)[0]
        for person in recurring_persons(line):
            found.add(person, True, "person")
        _aliases(line, found)
    surfaces = sorted(found.sure.keys() | found.unsure.keys())
    return Candidates(
        tuple((s, found.sure[s], found.unsure[s]) for s in surfaces),
        "|".join(found.runs),
        tuple(sorted({text[a:b] for a, b in dates})),
        tuple(found.aliases),
        tuple((s, t, n) for (s, t), n in sorted(found.cues.items())),
    )


def date_spans(text: str) -> list[tuple[int, int]]:
    """Spans of dates and years, in order, none inside another."""
    if _DIGIT.search(text) is None:
        return []
    spans = [
        m.span()
        for m in DATE.finditer(text)
        if not (
            m.start() and text[m.start() - 1].isalnum() and text[m.start()].isascii() and text[m.start() - 1].isascii()
        )
    ]
    for match in YEAR.finditer(text):
        start = match.start()
        if BEFORE_YEAR.search(text, max(0, start - 10), start):
            spans.append(match.span())
    chosen: list[tuple[int, int]] = []
    for span in sorted(spans, key=lambda s: (s[0], -s[1])):
        if not chosen or span[0] >= chosen[-1][1]:
            chosen.append(span)
    return chosen


def _english(
    text: str,
    tokens: Sequence[Token],
    first: int,
    last: int,
    dates: Sequence[tuple[int, int]],
    found: _Found,
    *,
    is_chinese: bool,
) -> None:
    found.runs += _lower_runs(text, tokens, first, last)
    label = SPEAKER.match(text, tokens[first].start)
    begin = first
    if label:
        while begin < last and tokens[begin].start < label.end():
            begin += 1
    if not is_chinese and (is_shouting(text, tokens, begin, last) or is_heading(text, tokens, begin, last)):
        return  # capitals say nothing here
    for lo, hi in _between_dates(tokens, begin, last, dates):
        for run in capitalised_runs(text, tokens, lo, hi):
            is_initial = not is_chinese and (
                run.first == begin or (run.first == run.last and is_opening(text, tokens[run.first]))
            )
            if is_loud_run(text, tokens, run):
                continue
            surface = _surface(text, tokens, run.first, run.last)
            found.add(surface, not is_initial)
            _word_cues(tokens, run.first, run.last, surface, found)
            _context_cues(text, tokens[run.last].end, surface, found, is_subject=run.first <= begin + 1)


def _between_dates(
    tokens: Sequence[Token], first: int, last: int, dates: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """The token ranges that dates leave over."""
    at = bisect_left(dates, (tokens[first].start, 0)) if first < last else 0
    lo = first
    for start, end in dates[at:]:
        if lo >= last or start >= tokens[last - 1].end:
            break
        hi = lo
        while hi < last and tokens[hi].start < start:
            hi += 1
        if hi > lo:
            yield lo, hi
        while hi < last and tokens[hi].start < end:
            hi += 1
        lo = hi
    if lo < last:
        yield lo, last


def _surface(text: str, tokens: Sequence[Token], first: int, last: int) -> str:
    end = tokens[last].end
    if len(tokens[last].word) == 1 and text[end : end + 1] == "." and "." in text[tokens[first].start : end]:
        end += 1  # the last point of "U.S."
    surface = text[tokens[first].start : end]
    return " ".join(surface.split()) if "\n" in surface or "  " in surface else surface


def _lower_runs(text: str, tokens: Sequence[Token], first: int, last: int) -> list[str]:
    runs: list[str] = []
    run: list[str] = []
    end = -1
    before = ""
    for token in tokens[first:last]:
        word = token.word
        is_content = not token.is_capital and word not in FUNCTION_WORDS and len(word) > 1 and word[0].isalpha()
        if run and (not is_content or text[end : token.start] not in (" ", "-", "\n")):
            runs.append(" ".join(run))
            run = []
        if is_content:
            run.append(("+" + word) if not run and before in _BEFORE_NOUNS and text[end : token.start] == " " else word)
        before, end = word, token.end
    return [*runs, " ".join(run)] if run else runs


def _word_cues(tokens: Sequence[Token], first: int, last: int, surface: str, found: _Found) -> None:
    """What the words of a run say about its type."""
    head, tail = tokens[first].word, tokens[last].word
    is_phrase = any(t.word in ("of", "the", "for") for t in tokens[first : last + 1])
    if last == first:
        if head in GIVEN_NAMES and head not in AMBIGUOUS_GIVEN_NAMES:
            found.cues[surface, "person"] += 1
    elif tail in HEADS and not is_phrase:
        found.cues[surface, HEADS[tail]] += 3
    elif head in HEADS and tokens[first + 1].word in ("of", "for"):
        found.cues[surface, HEADS[head]] += 3
    elif head in PERSON_TITLES and not is_phrase:
        found.cues[surface, "person"] += 3
    elif head in ("lake", "mount", "cape", "fort", "port", "river"):
        found.cues[surface, "place"] += 3
    elif head in GIVEN_NAMES and last - first < 4 and not is_phrase and tail.isalpha():
        found.cues[surface, "person"] += 1


def _context_cues(text: str, end: int, surface: str, found: _Found, *, is_subject: bool) -> None:
    """What the words behind a run say about its type, and the acronym in brackets behind it."""
    after = text[end : end + 160]
    if _BORN.match(after):
        found.cues[surface, "person"] += 3
    elif _SAYS.match(after):
        found.cues[surface, "person"] += 1
    elif is_subject and (defined := _DEFINED.match(after)):
        type_ = _defined_type(defined.group(1))
        if type_:
            found.cues[surface, type_] += 2
    if after.startswith(" (") and (acronym := _ACRONYM.match(after[1:])):
        short = acronym.group(1)
        if is_acronym_of(short, surface):
            found.aliases[surface, short, "acronym"] = None


def _defined_type(definition: str) -> str:
    """The type that the head noun of a definition tells: "city in Texas" is a place."""
    defining = scan(definition)
    for i, token in enumerate(defining[:_DEFINING_WORDS]):
        is_last = i + 1 == len(defining) or definition[token.end : defining[i + 1].start] != " "
        if token.word in DEFINING_NOUNS and (is_last or defining[i + 1].word in _HEAD_ENDS):
            return DEFINING_NOUNS[token.word]
        if token.word in _HEAD_ENDS and token.word not in ("and", "or"):
            return ""
    return ""


def is_acronym_of(short: str, long: str) -> bool:
    """True when the capitals of `short` are the initials of `long`, small words counted or not."""
    letters = "".join(c for c in short if c.isalpha())
    if len(letters) < 2 or sum(c.isupper() for c in letters) < 2 or short == long:
        return False
    all_words = [t.word for t in scan(long)]
    large = "".join(t.word[0] for t in scan(long) if t.is_capital)
    small = "".join(w[0] for w in all_words)
    wanted = "".join(c for c in letters if c.isupper()).lower()
    return len(all_words) > 1 and (wanted in (large, small) or letters.lower() in (large, small))


def _aliases(text: str, found: _Found) -> None:
    """Chinese aliases; the long form is the longest candidate that stands right before the bracket."""
    for name, other in styled_names(text):
        found.add(name, True, "person")
        found.aliases[name, other, STYLE] = None
    known = sorted(found.sure.keys() | found.unsure.keys(), key=lambda s: (-len(s), s))
    for long, short, reason in chinese_aliases(text):
        surface = next((s for s in known if long.endswith(s) and s != short), "")
        if surface:
            found.aliases[surface, short, reason] = None
            found.sure[surface] += 1


def _speakers(text: str, found: _Found) -> None:
    """Names before a colon at the start of a line: "KEVIN SCOTT:"."""
    labels = Counter(match.group(1) for match in SPEAKER.finditer(text))
    for label, count in sorted(labels.items()):
        if " " not in label and label.lower() not in GIVEN_NAMES:
            continue  # "Note:", "EJV:"
        shown = label.title() if label.isupper() else label
        shown = re.sub(r"(?<=['’])S\b", "s", " ".join(shown.split()))
        if name_key(shown):
            found.unsure[shown] += count
            found.cues[shown, "speaker"] += count


def _quoted(text: str, found: _Found) -> None:
    """Titles of works in quotation marks or emphasis."""
    for match in QUOTED.finditer(text):
        title = next(g for g in match.groups() if g).strip()
        if is_title_case(title, scan(title)):
            is_work = bool(_WORK_BEFORE.search(text, max(0, match.start() - 30), match.start()))
            found.add(title, True, "work" if is_work else "")
