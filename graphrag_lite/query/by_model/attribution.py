"""Sources of an answer whose model named none: the passages that plainly say what its sentences do.

Many small models answer from the passages, often word for word, and forget the markers. Nothing of such an answer could
be checked. A wrong source would be worse, so only what says the same in the same words counts, see
`text.same_statement`; and a sentence that speaks of "it", or of nobody by name, only where it cannot mean another.

The text may have been shown already, so that the markers stand at its end. Where it holds more than they stand for,
each sentence that is borne out is named there again.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graphrag_lite.query.asked import question_language
from graphrag_lite.query.by_model.json_answers import asks_for_json, may_be_json
from graphrag_lite.query.by_model.marker_forms import FENCE, sentences, without_markers
from graphrag_lite.query.by_model.marker_forms import says as has_words
from graphrag_lite.query.cite import citation_of
from graphrag_lite.records import Citation, Passage
from graphrag_lite.text.forms import FORMS
from graphrag_lite.text.lexicon import word_set
from graphrag_lite.text.normalize import has_cjk, names_of, scan, terms, words
from graphrag_lite.text.same_statement import is_telling, says
from graphrag_lite.text.sentences import sentence_spans
from graphrag_lite.text.statements import Statement, read_statement, with_name

_MOST_LOOKED_FOR, _MOST_TRIED = 60, 8  # sentences of an answer; of the passages, for each
_MOST_NAMED = 60  # characters of a sentence that is named again
_FOUND = {"en": "Found in the documents:", "zh": "见于文档："}
_SENTENCE_END = re.compile(r"[。！？；）」』”]\Z")  # a space behind it is wide enough
_ENDED = re.compile(r"[.!?。！？][\"'”’」』)）\s]*\Z")
# What models put before what they were asked for: the number of an item, a label, where they have it from.
_LEAD = re.compile(
    r"(?:[\s>#*_-]|[+•·]\s|\d{1,2}[.)、]\s?)*"
    r"(?:(?:according to|based on|from) (?:the )?(?:(?:provided|given|numbered|retrieved) )?"
    r"(?:passages?|documents?|texts?|context|information|sources?)(?: provided)?, "
    r"|(?:the )?(?:passages?|documents?|texts?|context) (?:states?|says?|mentions?) that "
    r"|(?:the )?(?:final )?answer(?: is)?: |根据(?:所?提供的?|上述|以上)?(?:段落|资料|文档|文章|信息|内容|上下文)[，,]"
    r"|(?:答案?|回答)(?:是)?[：:])?[\s*_]*",
    re.IGNORECASE,
)
_OF_PERSONS = word_set("he she his her him they their them")
_PRONOUNS = _OF_PERSONS | word_set("it its this that these those")
_PRONOUN_ZH = re.compile("[他她它该其此这那]|本(?=公司|集团|院|所|行|合同|协议|报告|基金|办法)")


@dataclass(frozen=True, slots=True)
class Attribution:
    """What an answer goes on with, its citations, and what is told of them."""

    ending: str
    citations: tuple[Citation, ...]
    told: str


@dataclass(frozen=True, slots=True)
class _Held:
    """What a passage says in `passage.text[start:end]`, its sentence of that number, as it is compared."""

    passage: Passage
    number: int
    start: int
    end: int
    text: str


def attribute(text: str, passages: Sequence[Passage], question: str, *, is_cut_off: bool = False) -> Attribution | None:
    """The sources of a text without any; None where no passage plainly bears out any of its sentences.

    Args:
        text: As it is shown. Code and JSON say nothing.
        passages: Best first.
        question: Who names nobody speaks of whom this does.
        is_cut_off: Its last sentence may have no end, and then states nothing.
    """
    if asks_for_json(question) or may_be_json(text):
        return None
    told = list(_sentences(text))
    said = list(dict.fromkeys(told[:-1] if is_cut_off and told and not _ENDED.search(told[-1]) else told))
    found = _Passages(passages, question).bearing_out(said[:_MOST_LOOKED_FOR])
    if not found:
        return None
    order: dict[str, int] = {}
    marks = {one: order.setdefault(held.passage.chunk_id, len(order) + 1) for one, held in found.items()}
    cited = dict.fromkeys(
        citation_of(held.passage, str(marks[one]), held.start, held.end) for one, held in found.items()
    )
    is_whole = len(found) == len(said)
    how = "the model gave no sources, so they were found by comparing the words"
    return Attribution(
        _marked(text, order.values()) if is_whole and "\n" not in text else _named_again(marks, question),
        tuple(sorted(cited, key=lambda citation: int(citation.marker))),
        how if is_whole else f"{how}, for {len(found)} of {len(said)} sentences",
    )


def without_attribution(text: str) -> str:
    """An answer without the paragraph that names its sentences again."""
    before, _, last = text.rpartition("\n\n")
    return before if last.startswith(tuple(_FOUND.values())) else text


def _sentences(text: str) -> Iterator[str]:
    """What a text says, sentence by sentence, without code and without what leads to it."""
    is_code = False
    for line in text.splitlines():
        is_fence = bool(FENCE.match(line))
        if not is_code and not is_fence:
            told = (without_markers(one).strip() for one in sentences(line))
            yield from (one for one in told if has_words(one))
        is_code ^= is_fence


def _marked(text: str, marks: Iterable[int]) -> str:
    return ("" if _SENTENCE_END.search(text) else " ") + "".join(f"[{mark}]" for mark in marks)


def _named_again(marks: Mapping[str, int], question: str) -> str:
    """By the begin of each, which sentences are borne out, and by what."""
    named = (f"“{_shortened(sentence[_lead(sentence) :])}” [{mark}]" for sentence, mark in marks.items())
    return f"\n\n{_FOUND[question_language(question)]} {' '.join(named)}"


def _shortened(sentence: str) -> str:
    if has_cjk(sentence):
        return sentence if len(sentence) <= _MOST_NAMED // 2 else sentence[: _MOST_NAMED // 2] + "…"
    return sentence if len(sentence) <= _MOST_NAMED else sentence[:_MOST_NAMED].rpartition(" ")[0].rstrip(",;:") + " …"


def _lead(sentence: str) -> int:
    match = _LEAD.match(sentence)
    return match.end() if match else 0


class _Passages:
    """The sentences of some passages, by what they hold."""

    def __init__(self, passages: Sequence[Passage], question: str) -> None:
        self._asked = names_of(question)
        self._held: list[_Held] = []
        self._holding: defaultdict[str, set[int]] = defaultdict(set)
        self._read: dict[int, Statement] = {}
        for passage in passages:
            before, start = "", 0
            for number, span in enumerate(sentence_spans(passage.text)):
                text = passage.text[slice(*span)]
                self._add(_Held(passage, number, *span, text))
                if named := with_name(text, before):
                    self._add(_Held(passage, number, start, span[1], named))
                before, start = text, span[0]

    def _add(self, held: _Held) -> None:
        for term in set(terms(held.text)):
            self._holding[term].add(len(self._held))
        self._held.append(held)

    def bearing_out(self, said: Sequence[str]) -> dict[str, _Held]:
        """For each sentence of an answer that is borne out what does so."""
        found: dict[str, _Held] = {}
        before: _Held | None = None
        for sentence in said:
            before = self._saying(sentence, before)
            if before:
                found[sentence] = before
        return found

    def _saying(self, sentence: str, before: _Held | None) -> _Held | None:
        """What says the same as a sentence; `before` is that for the sentence before it."""
        bare = sentence[_lead(sentence) :]
        statement = read_statement(bare)
        if not is_telling(statement):
            return None
        numbers = self._holding_all(term.key for term in statement.terms if not term.number)
        held = [self._held[n] for n in numbers[:_MOST_TRIED] if says(self._statement(n), statement)]
        if pronoun := _unnamed(bare, statement):
            goes_on = (one for one in held if before and _is_next(before, one) and pronoun in one.text.lower())
            return next(goes_on, None)
        if not names_of(bare):
            held = [one for one in held if self._asked <= _named(one.passage)]
            if len({one.passage.document_id for one in held}) > 1:
                return None
        return next(iter(held), None)

    def _statement(self, number: int) -> Statement:
        if number not in self._read:
            self._read[number] = read_statement(self._held[number].text)
        return self._read[number]

    def _holding_all(self, keys: Iterable[str]) -> list[int]:
        """Numbers of the sentences that hold each of some terms in some form, the best first."""
        holding = [set().union(*(self._holding.get(form, ()) for form in (key, *FORMS.get(key, ())))) for key in keys]
        return sorted(set.intersection(*holding)) if holding else []


def _named(passage: Passage) -> set[str]:
    """What a passage, or what stands above it, may name."""
    return set(words(" ".join((passage.title, passage.source, passage.headings, passage.text))))


def _is_next(before: _Held, held: _Held) -> bool:
    return before.passage.chunk_id == held.passage.chunk_id and before.number + 1 == held.number


def _unnamed(sentence: str, statement: Statement) -> str:
    """The first pronoun of a sentence that stands for something outside of it; "" where there is none."""
    if has_cjk(sentence):
        begun = _PRONOUN_ZH.match(sentence)
        return begun[0] if begun else ""
    for token in scan(sentence):
        if token.word in _PRONOUNS:
            before = [term for term in statement.terms if term.start < token.start]
            if not any(term.is_led or (term.is_name and token.word in _OF_PERSONS) for term in before):
                return token.word
    return ""
