"""Whether a quotation leads to one of another passage: it names somebody or something that the other is about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import takewhile

from graphrag_lite.query.asked import Asked
from graphrag_lite.query.extractive.quotations import Quotation
from graphrag_lite.records import Passage
from graphrag_lite.text.informative import without_speaker
from graphrag_lite.text.lexicon import FUNCTION_WORDS, NOT_A_NAME
from graphrag_lite.text.normalize import fold, has_cjk, name_key, scan, title_names, words

_ABOUT = 1.15  # a document about what leads there
_BY_NAME = 0.9  # a name in common links less surely than a path of the graph
_BRACKETED = re.compile(r"\([^)]*\)")


class Links:
    """The ways between quotations of the passages that were found for a question."""

    def __init__(self, asked: Asked, passages: Sequence[Passage]) -> None:
        self._asked = asked
        self._bridges = bridges(passages)
        self._subjects: dict[int, frozenset[str]] = {}

    def between(self, first: Quotation, last: Quotation) -> float:
        """Whether the first names somebody or something new that the last, or its document, is about."""
        for label in sorted(self._bridges.get((first.passage.chunk_id, last.passage.chunk_id), ())):
            if self._is_named(label, first) and not self._asked.words.issuperset(label.split()):
                if label == name_key(last.passage.title):
                    return _ABOUT
                if _holds(last.folded, label) or label in fold(last.passage.title):
                    return 1.0
        subject = first.names & self._subject(last)
        is_named = bool(subject) and any(
            name <= subject and name - self._asked.words for name in whole_names(first.text)
        )
        return _BY_NAME if is_named else 0.0

    def _is_named(self, label: str, q: Quotation) -> bool:
        """Whether a quotation has a name; of one word, as a whole one, beside what is asked about."""
        found = [] if has_cjk(label) or " " in label else [name for name in whole_names(q.text) if label in name]
        return _holds(q.folded, label) and (not found or any(name - self._asked.words == {label} for name in found))

    def _subject(self, q: Quotation) -> frozenset[str]:
        """Names that it, or its document, is about: each is the end of many chains."""
        if id(q) not in self._subjects:
            self._subjects[id(q)] = opening_names(q.text) | title_names(_BRACKETED.sub("", q.passage.title))
        return self._subjects[id(q)]


def _holds(folded: str, label: str) -> bool:
    return label in folded if has_cjk(label) else f" {label} " in f" {folded} "


def opening_names(text: str) -> frozenset[str]:
    """The capitalised words that a text begins with, which it is about."""
    opening = takewhile(lambda token: token.is_capital and not token.is_possessive, scan(without_speaker(text)))
    return frozenset(token.word for token in opening) - FUNCTION_WORDS


@lru_cache(maxsize=20_000)
def whole_names(text: str) -> frozenset[frozenset[str]]:
    """The words of each name in a text: capitalised ones that stand together. Joseph Hart is another than Joseph."""
    found: list[set[str]] = []
    end = -1  # of the word before, where that may be of the same name
    for token in scan(text):
        if not token.is_capital or token.word in NOT_A_NAME:
            end = -1
            continue
        if end < 0 or text[end : token.start].strip():
            found.append(set())
        found[-1].add(token.word)
        end = -1 if token.is_possessive else token.end
    return frozenset(map(frozenset, found))


def bridges(passages: Sequence[Passage]) -> dict[tuple[str, str], frozenset[str]]:
    """Names of entities, folded, by the two chunks between which a path of the graph goes over them."""
    found: dict[tuple[str, str], set[str]] = {}
    for passage in passages:
        for one, entity, other in zip(passage.path, passage.path[1:], passage.path[2:], strict=False):
            if (one.kind, entity.kind, other.kind) == ("passage", "entity", "passage"):
                label = entity.label if has_cjk(entity.label) else " ".join(words(entity.label))
                for pair in ((one.id, other.id), (other.id, one.id)):
                    found.setdefault(pair, set()).add(label)
    return {pair: frozenset(labels - {""}) for pair, labels in found.items()}
