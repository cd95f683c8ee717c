"""Persons in Chinese text: a surname and one or two characters, where the words around them say that it is a name.

The dictionary knows few persons. It cuts their names anywhere, or glues the surname to the word in front.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import pairwise

from graphrag_lite.text.chinese_words import HAN, Word, is_known
from graphrag_lite.text.late import late
from graphrag_lite.text.lexicon_zh import (
    CHINESE_HEADS,
    DOUBLE_SURNAMES,
    GIVEN_CHARACTERS,
    NEVER_GIVEN,
    ORDINARY_CHINESE,
    PERSON_DEEDS,
    PERSON_ROLES,
    SURNAMES,
)

PERSON = "person"  # the part of speech of a name that the words around it tell


def _any(words: Collection[str]) -> str:
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))


# Classes of characters come first in a pattern, or words alone: it is looked for in every sentence.
_FIRST = "".join(sorted(SURNAMES.union(name[0] for name in DOUBLE_SURNAMES)))
_SURNAMED = late(f"[{_FIRST}](?=[{HAN}]{{2}})")
_BEHIND_ROLE = late(rf"(?:{_any(PERSON_ROLES)})(?:[为是由]|[：:]?\s?)(?=[{_FIRST}][{HAN}])")
_DOING = late(rf"[{_FIRST}](?:(?<![{HAN}].)|(?<=[由据请].))[{HAN}]{{1,3}}?(?={_any(PERSON_DEEDS)}|[（(]\d)")
_FIELD = late(rf"(?:[：:|]\s?|人[为是])([{_FIRST}][{HAN}]{{1,3}})(?=[，。；、（(|\s]|$)")
_LISTING = frozenset("、和与及")
_LAST_GIVEN = GIVEN_CHARACTERS - CHINESE_HEADS.keys() - NEVER_GIVEN - {"家"}  # 高丽国, 毛利家
_RECURS = 3
_DOTS = frozenset("·・•‧")


def cued_persons(text: str, words: Sequence[Word]) -> list[tuple[int, int]]:
    """Spans of persons in a sentence, in order: behind a role, in front of a deed, alone in a field, or in one list."""
    spans: dict[int, int] = {}
    for role in _BEHIND_ROLE.finditer(text):
        start = role.end()
        if end := _name_end(text, start, words):
            spans[start] = end
    for match, group in [*((m, 0) for m in _DOING.finditer(text)), *((m, 1) for m in _FIELD.finditer(text))]:
        start, end = match.span(group)
        if is_given(text[start:end]) and not _is_inside_word(start, end, words):
            spans.setdefault(start, end)
    for end in list(spans.values()):
        while text[end : end + 1] in _LISTING and end + 1 not in spans:
            start, end = end + 1, _name_end(text, end + 1, words)
            if not is_given(text[start:end]):
                break
            spans[start] = end
    apart = pairwise([(0, 0), *sorted(spans.items())])
    return [span for before, span in apart if span[0] >= before[1]]


def recurring_persons(text: str) -> list[str]:
    """Names that occur three times or more, between different neighbours: no word that is cut at the wrong place.

    Their given names have two characters; what seems to be one recurs as often inside other words.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for match in _SURNAMED.finditer(text):
        start = match.start()
        if text[start + 1] in GIVEN_CHARACTERS and text[start + 2] in _LAST_GIVEN:
            places[text[start : start + 3]].append(start)
    return [name for name, starts in places.items() if len(starts) >= _RECURS and _stands_alone(text, name, starts)]


def _stands_alone(text: str, name: str, starts: Sequence[int]) -> bool:
    before = {text[start - 1 : start] for start in starts}
    after = {text[start + len(name) : start + len(name) + 1] for start in starts}
    return len(before) > 1 and len(after) > 1 and not (before | after) & _DOTS and not is_known(name)


def with_persons(text: str, words: Sequence[Word], spans: Sequence[tuple[int, int]]) -> list[Word]:
    """The words, each of the names one of them, whatever the dictionary took its characters for."""
    persons = dict(spans)
    cut: list[Word] = []
    at = 0
    for word in words:
        while at < word.end:
            pos = PERSON if at in persons else word.pos
            end = persons.get(at) or next(e for e in range(at + 1, word.end + 1) if e == word.end or e in persons)
            cut.append(Word(at, end, text[at:end], pos))
            at = end
    return cut


def is_given(name: str) -> bool:
    """True for a surname in front of characters that given names are made of."""
    size = surname_size(name)
    return bool(size) and size < len(name) < size + 3 and all(c in GIVEN_CHARACTERS for c in name[size:])


def surname_size(name: str) -> int:
    """How many characters of `name`, which is simplified, are its surname; 0 where it begins with none."""
    return 2 if name[:2] in DOUBLE_SURNAMES else int(name[:1] in SURNAMES)


def _name_end(text: str, start: int, words: Sequence[Word]) -> int:
    """Where the name that begins at `start` ends, any characters for the given one; 0 where a word stands there."""
    size = surname_size(text[start:])
    shorter, longer = start + size + 1, start + size + 2
    if not size or _is_inside_word(start, longer, words) or not _may_be_given(text[shorter - 1 : shorter]):
        return 0
    last = text[shorter:longer]
    is_longer = (
        last in GIVEN_CHARACTERS or not _may_be_given(text[longer : longer + 1]) or not _ends_word(shorter, words)
    )
    if is_longer and _may_be_given(last) and _ends_word(longer, words):
        return longer
    return shorter if _ends_word(shorter, words) else 0


def _may_be_given(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" and character not in NEVER_GIVEN


def _ends_word(end: int, words: Sequence[Word]) -> bool:
    at = bisect_left(words, (end,))
    return at == len(words) or words[at].start == end


def _is_inside_word(start: int, end: int, words: Sequence[Word]) -> bool:
    """Whether a name from `start` on would be part of a word of the dictionary, or begin with one: 高度, 师傅."""
    word = words[bisect_left(words, (start + 1,)) - 1]
    if len(word.text) < 2 or (word.start == start and word.text in DOUBLE_SURNAMES) or not is_known(word.text):
        return False
    is_whole = word.start == start and word.end <= end and word.pos.startswith("nr")
    return not is_whole or word.text in ORDINARY_CHINESE or (len(word.text) < 3 and not is_given(word.text))
