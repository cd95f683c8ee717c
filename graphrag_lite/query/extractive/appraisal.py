"""What each quotation is worth: how well it reads alone, and whether it holds the kind of thing that is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from graphrag_lite.query.agents import leaves_out_agent
from graphrag_lite.query.asked import Asked
from graphrag_lite.query.extractive.leading import led_to
from graphrag_lite.query.extractive.quotations import Quotation
from graphrag_lite.query.extractive.tables import is_cell_asked, is_key_asked, place_of, text_of
from graphrag_lite.query.extractive.units import whole_cells
from graphrag_lite.query.extractive.whose import is_of_another
from graphrag_lite.query.extractive.whose_in_chinese import beside_values
from graphrag_lite.query.identifiers import has_identifiers_of, is_other_identifier
from graphrag_lite.query.kinds import asks_for_several
from graphrag_lite.query.labels import is_label_asked
from graphrag_lite.query.labels_in_chinese import says_value
from graphrag_lite.query.options import has_options_of
from graphrag_lite.query.remedies import gives_remedy
from graphrag_lite.records import Passage
from graphrag_lite.text.informative import telling_alone
from graphrag_lite.text.normalize import scan, terms

_CUED, _LABELLED = 1.6, 2.0
_TELLING = 0.4  # what a fragment is worth where nothing in particular is asked
COMFORTABLE = 300  # characters; a longer quotation holds everything and answers nothing
_CELL, _MOST_CELLS = 0.2, 2  # what each value of a row that the question names adds
_OTHER_OPTION = 0.3  # what is worth a sentence without the option that is asked about
_OTHER_IDENTIFIER = 0.6  # the same of a name of code, for which others words may stand
_OTHER_ROW = 0.3  # … a row of another thing, in a table with one of what is asked about
_JOINED = 0.5  # what is worth a sentence of HIP/C++, in a document about HIP, where C++ is asked about
_FURTHER_DOWN = 0.15  # what each rank of the passage takes off


class Appraisal:
    """Weighs quotations beside what they say of the question.

    Args:
        asked: The question.
        offered: What can be quoted.
        weights: How much each term of the question tells; sum 1.
        passages: Those of the quotations.
    """

    def __init__(
        self, asked: Asked, offered: Sequence[Quotation], weights: Mapping[str, float], passages: Sequence[Passage]
    ) -> None:
        self._asked = asked
        self._weights = weights
        self._instruction = asked.instruction
        self._is_for_several = asks_for_several(asked.text)
        self._joining = {p.chunk_id: _joining(asked, p) for p in passages}
        self._other_code = {p.chunk_id for p in passages if is_other_identifier(asked.text, p.title)}
        self._tables = {  # those with a row of the very thing that is asked about
            place_of(q.columns) for q in offered if q.columns and is_key_asked(asked.text, q.text)
        }
        self._labelled = {id(q) for q in offered if _is_labelled(asked, q)}

    def cue(self, q: Quotation) -> float:
        """Above 1 for one that holds the kind of thing that is asked for."""
        asked = self._asked
        if asked.names_agent(q.text):
            return _LABELLED
        if says_value(asked.label, q.text) and (q.values or asked.kind not in ("date", "number")):
            return _LABELLED
        if id(q) in self._labelled:
            return _LABELLED
        if asked.asks_for_remedy:
            return _CUED if gives_remedy(q.text) else 1.0
        if self._instruction:
            return _CUED if self._instruction.is_given(q.text, q.says) else 1.0
        if asked.kind == "person" and q.record:
            return 1.0  # the label of another line does not say who did it
        if asked.kind in ("date", "number") and not asked.is_definition:
            if not q.values or is_of_another(asked, q.text):
                return 1.0
            share = beside_values(asked, self._weights, q.own, q.text) if asked.is_chinese else 1.0
            return 1.0 + (_CUED - 1.0) * share
        if asked.kind == "person" and not (asked.is_definition or asked.relation[1] or asked.is_chinese):
            names = {name for name in q.names if len(name) > 1}  # -W is nobody
            return _CUED if names - asked.words and not leaves_out_agent(asked.text, q.text) else 1.0
        if not asked.kind and self._is_for_several and led_to(q.passage.text, q.start, q.end) > q.end:
            return _CUED
        return asked.cue(q.text, f"{q.passage.title}\n{q.passage.text}")

    def worth(self, q: Quotation) -> float:
        """How well it reads alone, and how near it is to the very thing that is asked about."""
        cells = min(_MOST_CELLS, whole_cells(self._asked.text, q.text))
        length = min(1.0, COMFORTABLE / (q.end - q.start))
        if self._asked.names_only:
            length *= _TELLING + (1 - _TELLING) * min(1.0, telling_alone(q.text))
        if not has_options_of(self._asked.text, f"{q.passage.headings}\n{q.text}"):
            length *= _OTHER_OPTION
        is_about_other = q.passage.chunk_id in self._other_code
        if is_about_other or not has_identifiers_of(self._asked.text, q.passage.title, q.passage.headings, q.text):
            length *= _OTHER_IDENTIFIER
        if others := self._joining.get(q.passage.chunk_id):
            joined = list(_joined(self._asked.name_terms, others, q.text, "/ "))
            length *= _JOINED if joined and all(joined) else 1.0
        if self.is_of_other_row(q):
            length *= _OTHER_ROW
        reads = 1.0 if id(q) in self._labelled else q.worth  # its label makes a statement of a value
        return reads * length * (1 + _CELL * cells) / (1 + _FURTHER_DOWN * q.rank)

    def is_of_other_row(self, q: Quotation) -> bool:
        """Whether it is a row of another thing, in a table with one of what is asked about."""
        is_of_table = q.columns is not None and place_of(q.columns) in self._tables
        return is_of_table and not is_key_asked(self._asked.text, q.text)


def _is_labelled(asked: Asked, q: Quotation) -> bool:
    """Whether it is a line whose label is asked for, with such a value, or a row with the very cell."""
    is_of_kind = bool(q.values) or asked.kind not in ("date", "number")
    is_who = asked.is_chinese and asked.kind == "person"  # of 谁主持 the label may be of another meeting
    is_line = is_of_kind and not is_who and is_label_asked(asked, q.text)
    return is_line or (q.columns is not None and is_cell_asked(asked, text_of(q.columns), q.text))


def _joining(asked: Asked, passage: Passage) -> frozenset[str]:
    """Terms of the things to which a passage about them joins what is asked about: HIP, of HIP/C++.

    The title has to name them, and the question not.
    """
    if "/" not in passage.text or asked.is_chinese or not asked.name_terms:
        return frozenset()
    others = frozenset(terms(passage.title)) - asked.terms
    return others if others and any(_joined(asked.name_terms, others, passage.text, "/")) else frozenset()


def _joined(names: frozenset[str], others: frozenset[str], text: str, by: str) -> Iterator[bool]:
    """For each word of a name in a text, whether one of others stands before it with one of some signs between."""
    tokens = scan(text)
    for before, token in pairwise([None, *tokens]):
        if token is not None and not names.isdisjoint(terms(token.word)):
            gap = text[before.end : token.start] if before else ""
            yield before is not None and gap in tuple(by) and not others.isdisjoint(terms(before.word))
