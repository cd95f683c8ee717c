"""What a passage offers for quotation: its sentences, and pairs of neighbours where one alone says too little."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from graphrag_lite.query.asked import Asked
from graphrag_lite.query.deeds import Deed
from graphrag_lite.query.extractive.items import begins_item, lacks_subject
from graphrag_lite.query.extractive.leading import led_to
from graphrag_lite.query.extractive.speakers import is_said_by_another, speaker_at
from graphrag_lite.query.extractive.spoken_of import SpokenOf
from graphrag_lite.query.extractive.tables import Columns, ruled_at, text_of
from graphrag_lite.query.extractive.units import is_row, records_of, units
from graphrag_lite.query.headings import HeadingPath, headings_among, label_of, labels_of
from graphrag_lite.query.measures import EARNED, SAID_BY_SIGN
from graphrag_lite.query.numbered import without_numbers_of_others
from graphrag_lite.records import Passage
from graphrag_lite.text.chapters import contents_among, without_number
from graphrag_lite.text.fields import field_of
from graphrag_lite.text.informative import SPEAKER, informativeness, leans, without_speaker
from graphrag_lite.text.lexicon import FUNCTION_WORDS, POLITE_TITLES
from graphrag_lite.text.normalize import Token, has_cjk, names_of, scan, terms, title_names, words

_LONGEST_PAIR = 420
# How far words around a sentence count as said by it: a title that is the very name asked about, other titles, …
_ABOUT, _TITLE, _HEADING, _BEFORE, _LEANT_ON = 0.9, 0.7, 0.5, 0.4, 0.6
_ANSWERED = 0.8  # … a question right above: its answer need not say it again
_SPOKEN_BY = 0.6
_LED_TO = 0.7  # … the list or the code that it leads to
_SPOKEN_OF = 0.5  # … whom a pronoun stands for, so that the sentence that names them is still quoted with it
_BY_PART = 0.6  # … the rest of a name of which it says a part
_COLUMN = 0.7  # … the names of its columns
_OF_RECORD = 0.8  # … the values of the other lines of its record
OF_ANOTHER = 0.15  # … the verb that is asked about, where another does it: so little that it answers nothing
_NO_HAPPENING = 0.3  # … all that is asked, where it is an entry of a list and a happening is asked for
_GENERIC = frozenset(terms("number date address code"))  # of "serial number", where a label says only "Serial"
_ASKS = 0.6  # factor of what holds a question, and of a value that the question gives: it answers none
_ARTICLES = ("the", "this", "a", "an", "such", "any", "our", "your")
_QUESTION = re.compile(r"[?？][*_:：]*\Z")
_REST = re.compile(r"[*_:：]*[ \t]*(?:\n|\Z)")  # of the line of a question
_BRACKETED = re.compile(r"\s*[(（][^)）]*[)）]")


@dataclass(frozen=True, slots=True)
class Quotation:
    """`passage.text[start:end]` as a possible part of an answer.

    `own` are its terms; `says` the terms of the question that it stands for, faintly also by what is around it;
    `names` its capitalised words; `values` what it holds of the kind that the question asks for; `worth` how well it
    reads, up to 1; `record` the number of the record in the passage that it is a line of, or 0, and `named_by` the line
    there that says of the question what it does not. What may stand before the passage: `columns`, where the columns
    are named of which it is a row; `entry`, what the entry of a log or a list begins with in which it stands.
    """

    passage: Passage
    rank: int
    start: int
    end: int
    own: frozenset[str]
    says: Mapping[str, float]
    names: frozenset[str]
    values: frozenset[str]
    worth: float
    columns: Columns | None = None
    record: int = 0
    named_by: tuple[int, int] | None = None
    entry: tuple[Passage, int, int] | None = None

    def is_of_other_record(self, other: Quotation) -> bool:
        """Whether both are lines of records or stand in entries, and not of the same."""
        is_same = self.passage is other.passage and self.record == other.record
        is_of_entries = self.entry is not None and other.entry is not None
        return (self.record > 0 and other.record > 0 and not is_same) or (is_of_entries and self.entry != other.entry)

    def holds(self, other: Quotation) -> bool:
        """Whether the other one is a part of it."""
        return self.passage is other.passage and self.start <= other.start and other.end <= self.end

    @property
    def is_row(self) -> bool:
        """Whether it is one row of a table that names its columns."""
        return self.columns is not None or is_row(self.text)

    @property
    def folded(self) -> str:
        """Its words in their normal form, in order; Chinese as it is."""
        return self.text if has_cjk(self.text) else " ".join(words(self.text))

    @property
    def text(self) -> str:
        """As it stands in the passage."""
        return self.passage.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class _Begun:
    """What goes on as a passage begins: the words of a `speaker`, a table of some `columns`."""

    speaker: str
    columns: Columns | None


def _said_above(asked: Asked, label: str, share: float) -> dict[str, float]:
    """How far a title or heading says terms of the question for all that stands under it."""
    bare = _terms(without_number(_BRACKETED.sub("", label)))
    is_about = bool(bare) and bare <= asked.terms
    said = without_numbers_of_others(asked.text, _terms(label) & asked.reach, label)
    return dict.fromkeys(said, _ABOUT if is_about else share)


def said_around(asked: Asked, titles: str, above: HeadingPath) -> dict[str, float]:
    """How far the titles, a line each, and the open headings say terms of the question for what stands under them."""
    about = (_said_above(asked, label, _TITLE) for label in titles.split("\n"))
    return most_said([*about, *(_said_above(asked, name, _HEADING) for name in above.names)])


def most_said(several: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """How far each term is said by the one of several that says most of it."""
    says: dict[str, float] = {}
    for one in several:
        for term, share in one.items():
            says[term] = max(share, says.get(term, 0.0))
    return says


def quotations(
    asked: Asked,
    passages: Sequence[Passage],
    speaking: Mapping[str, str] | None = None,
    columns: Mapping[str, Columns] | None = None,
) -> list[Quotation]:
    """All quotations of the passages, best passage first, in the order of the text.

    Args:
        asked: The question.
        passages: Best first.
        speaking: By chunk id who is speaking as a passage begins, where that is known.
        columns: By chunk id where those are named of a table that goes on there.
    """
    are_of_one = len({passage.document_id for passage in passages}) == 1  # then its file's name tells nothing apart
    titles = [passage.title if are_of_one else labels_of(passage) for passage in passages]
    found: list[Quotation] = []
    owner, attribute = asked.owner, asked.attribute
    for rank, (passage, title) in enumerate(zip(passages, titles, strict=True)):
        begun = _Begun((speaking or {}).get(passage.chunk_id, ""), (columns or {}).get(passage.chunk_id))
        here = _of_passage(asked, passage, title, rank, begun)
        if owner and attribute and 2 * len(owner & _terms(f"{title}\n{passage.headings}\n{passage.text}")) < len(owner):
            here = (replace(q, says=_without(q.says, attribute)) for q in here)  # the capital of another country
        found += here
    return found


def _without(says: Mapping[str, float], terms_: frozenset[str]) -> Mapping[str, float]:
    return {term: share for term, share in says.items() if term not in terms_}


def _of_passage(asked: Asked, passage: Passage, title: str, rank: int, begun: _Begun) -> Iterator[Quotation]:
    text, above = passage.text, HeadingPath(passage.headings)
    around = said_around(asked, title, above)
    previous: Quotation | None = None
    item: Quotation | None = None  # the beginning of the item of a list that is being read
    opening, columns = begun.speaker, begun.columns
    posed: tuple[int, Mapping[str, float]] | None = None  # where a question of the text ends, and what it says
    spoken_of = SpokenOf(asked)
    spans = units(text)
    records = records_of(text)
    are_contents = [False] * len(spans)
    if not asked.asks_for_page:
        may_be_figures = asked.kind in ("number", "date")
        are_contents = contents_among([text[slice(*span)] for span in spans], may_be_figures=may_be_figures)
    parts = zip(spans, headings_among(text, spans), records, are_contents, strict=True)
    for (start, end), heading, record, is_contents in parts:
        if is_contents:
            continue
        line = heading[1] if heading else text[start:end]
        if _QUESTION.search(line) and (rest := _REST.match(text, end)):
            posed = rest.end(), dict.fromkeys(_terms(line) & asked.reach, _ANSWERED)
        is_row = text.startswith("|", start)
        columns = columns if is_row else None
        if is_row and (names_end := ruled_at(text, start, end)) is not None:
            columns, previous = (passage, start, names_end), None
        elif columns:
            named = dict.fromkeys(_terms(text_of(columns)) & asked.reach, _COLUMN) | around
            yield replace(_quotation(asked, passage, rank, (start, end), named, None, opening), columns=columns)
        elif heading:
            above.enter(*heading)
            around, previous, item = said_around(asked, title, above), None, None
            spoken_of.forget()
        elif record:
            others = [span for span, of in zip(spans, records, strict=True) if of == record and span[0] != start]
            quotation = _quotation(asked, passage, rank, (start, end), around, None, opening)
            yield replace(_of_record(asked, quotation, others), record=record)
            previous = None
        else:
            is_item = begins_item(text[start:end])
            if item is not None and (is_item or "\n\n" in text[item.end : start]):
                previous, item = (previous if previous is item else None), None  # what one item says is not of the next
            if item is not None and lacks_subject(text[start:end]):
                start, previous = item.start, None  # it tells of what the item begins with
            meant = spoken_of.read(text[start:end])
            led = _terms(text[end : led_to(text, start, end)]) & asked.reach
            here = most_said([around, dict.fromkeys(meant, _SPOKEN_OF), dict.fromkeys(led, _LED_TO)])
            if posed and not text[posed[0] : start].strip():
                here = most_said([here, posed[1]])
            quotation = _quotation(asked, passage, rank, (start, end), here, previous, opening)
            item = quotation if is_item else item
            yield quotation
            if previous is not None and not quotation.is_row and _belong_together(text, previous, quotation):
                pair = _pair(previous, quotation)
                yield pair
                quotation = pair if asked.asks_for_remedy else quotation  # which may stand some sentences further on
            is_last = quotation.is_row or bool(meant and spoken_of.is_nobody)  # of "She met Ann. She …" nobody is named
            previous = None if is_last else quotation  # a row says nothing of what stands below it


def _of_record(asked: Asked, line: Quotation, others: Sequence[tuple[int, int]]) -> Quotation:
    """A line of a record with what the values of the others say: "Serial: 4711" below "Unit: P-7" is that of P-7."""
    reach = asked.reach
    fields = {span: _field(line.passage.text[slice(*span)]) for span in others}
    found = {span: (_terms(value) & reach) - line.own for span, (_, value) in fields.items()}
    named_by = max(found, key=lambda span: len(found[span]), default=None)
    label, value = _field(line.text)
    generic = _GENERIC if _terms(label) & reach else frozenset()
    borrowed = asked.with_forms(dict.fromkeys(frozenset(generic).union(*found.values()), _OF_RECORD))
    asks_other = any((_terms(other) & reach) - line.own for other, _ in fields.values())
    return replace(
        line,
        says=most_said([line.says, borrowed]),
        names=title_names(value),
        worth=line.worth * (_ASKS if asks_other and _terms(value) <= asked.terms else 1.0),
        named_by=named_by if named_by and found[named_by] else None,
    )


@lru_cache(maxsize=20_000)  # each line of a record is read beside each of the others
def _field(line: str) -> tuple[str, str]:
    return field_of(line) or ("", line)


def _quotation(
    asked: Asked,
    passage: Passage,
    rank: int,
    span: tuple[int, int],
    around: Mapping[str, float],
    previous: Quotation | None,
    opening: str,
) -> Quotation:
    text = passage.text[slice(*span)]
    label = text[: -len(bare)] if (bare := without_speaker(text)) else ""  # who says it is not what is said
    own = without_numbers_of_others(asked.text, _terms(bare) | (_terms(label) - asked.name_terms), text)
    said_by = speaker_at(passage.text, span[0] + len(label), opening) if asked.deed else ""
    deed = _deed_of_another(asked, bare, own, said_by)
    if deed:
        own -= deed.forms
    speaker = said_by if asked.deed and asked.deed.is_saying else label
    says = dict(around) | dict.fromkeys(_terms(speaker) & asked.name_terms, _SPOKEN_BY)
    if previous is not None:  # "He died in 1848." speaks of whom the sentence before names
        share = _LEANT_ON if leans(text) else _BEFORE
        for term in previous.own & asked.reach:
            says[term] = max(share, says.get(term, 0.0))
    is_of_somebody = EARNED in asked.signs and bool(asked.names)
    if not is_of_somebody or own & asked.name_terms or leans(text):  # any other money is not what they earn
        for term in asked.said_by_sign(text):
            says[term] = max(SAID_BY_SIGN, says.get(term, 0.0))
    if asked.deed and asked.deed.is_saying and asked.deed.subject <= _terms(speaker):
        own |= asked.deed.verb
    says |= dict.fromkeys(own & asked.reach, 1.0)
    for term in _said_by_part(asked, text, passage, own):
        says[term] = max(_BY_PART, says.get(term, 0.0))
    says = asked.with_forms(says)
    if deed:
        says |= dict.fromkeys(deed.verb & asked.terms, OF_ANOTHER)
    is_of_another = is_said_by_another(asked, speaker, passage.text[span[1] :], own) or (deed and deed.is_saying)
    if asked.tells_nothing(text) or is_of_another:
        says = {term: _NO_HAPPENING * share for term, share in says.items()}
    return Quotation(passage, rank, *span, own, says, names_of(text), asked.values(text), _worth(text))


def _deed_of_another(asked: Asked, text: str, own: frozenset[str], speaker: str) -> Deed | None:
    """The deed that is asked about, where it is only told of another; `speaker` is who may say it."""
    if asked.deed is None or asked.deed.forms.isdisjoint(own):
        return None
    return asked.deed if asked.deed.is_of_another(text, speaker) else None


def _said_by_part(asked: Asked, text: str, passage: Passage, own: frozenset[str]) -> Iterator[str]:
    """The rest of a name that `text` says in part, in no other name: "Ingrid starts in May" of Ingrid Solheim.

    "This Licence" is that of the passage or its document, whatever else is called one.
    """
    for name in asked.names:
        if own & name and name - own and (part := _alone(own & name, text, passage.text)):
            is_common = any(f"{article} {text[part.start : part.end]}" in text for article in _ARTICLES)
            if not is_common or name <= _terms(f"{label_of(passage)}\n{passage.headings}\n{passage.text}"):
                yield from name - own


def _alone(part: frozenset[str], text: str, around: str) -> Token | None:
    """Where a part of a name stands without another name beside it."""
    tokens = [t for t in scan(text) if t.word not in POLITE_TITLES]
    for at, token in enumerate(tokens):
        if token.is_capital and part & _terms(token.word):
            beside = [t for t in (tokens[max(0, at - 1) : at] + tokens[at + 1 : at + 2]) if _is_beside(text, token, t)]
            is_other = any(t.is_capital and t.word not in FUNCTION_WORDS and not part & _terms(t.word) for t in beside)
            if not is_other and not re.search(rf"\b{re.escape(token.word)}\b", around):  # no common word with a capital
                return token
    return None


def _is_beside(text: str, one: Token, other: Token) -> bool:
    return not text[min(one.end, other.end) : max(one.start, other.start)].strip()


def _pair(first: Quotation, second: Quotation) -> Quotation:
    return Quotation(
        first.passage,
        first.rank,
        first.start,
        second.end,
        first.own | second.own,
        most_said([first.says, second.says]),
        first.names | second.names,
        first.values | second.values,
        max(first.worth, 0.9 * second.worth),
    )


def _belong_together(text: str, first: Quotation, second: Quotation) -> bool:
    between = text[first.end : second.start]
    if SPEAKER.match(text, second.start, second.end):
        return False
    is_row = "\n" in between and text[first.end - 1].isalnum()
    return not is_row and between.count("\n") < 2 and second.end - first.start <= _LONGEST_PAIR


@lru_cache(maxsize=20_000)
def _terms(text: str) -> frozenset[str]:
    return frozenset(terms(text))


@lru_cache(maxsize=20_000)
def _worth(text: str) -> float:
    reads = 0.5 + 0.5 * min(1.0, 2 * informativeness(text))
    return reads * (_ASKS if "?" in text or "？" in text else 1.0)
