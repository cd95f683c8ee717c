"""Mentions: where the names of the vocabulary stand in the chunks of one document, and whom short names mean there."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from graphrag_lite.index.extract import Reading, reading_of
from graphrag_lite.index.resolve import merge_id
from graphrag_lite.index.vocabulary import Entry, Vocabulary
from graphrag_lite.records import Mention, Merge
from graphrag_lite.settings import ResolveSettings
from graphrag_lite.text.chinese import surname_addressed
from graphrag_lite.text.chinese_persons import is_given
from graphrag_lite.text.chinese_words import boundaries, has_han
from graphrag_lite.text.lexicon import HEADS, PARTICLES, PERSON_TITLES, RELATIVE_TITLES, STOP_WORDS
from graphrag_lite.text.names import is_shouting
from graphrag_lite.text.normalize import Token, has_cjk, joined, name_key, name_text, title_keys

# A CJK name of this length is taken for itself even where the dictionary cuts the words otherwise; so is a person's.
_CERTAIN_LENGTH = 4
# A first name which stands alone so much more often than with a surname is somebody else's.
_FIRST_NAME_RATIO = 12
_POSSESSIVE = re.compile(r"['’]s\s|s['’]\s")


def match_document(
    vocabulary: Vocabulary,
    title: str,
    chunks: Sequence[str],
    *,
    scope: str = "",
    settings: ResolveSettings | None = None,
    undone: Collection[str] = (),
) -> tuple[list[list[Mention]], list[Merge]]:
    """Mentions of each chunk in order of their offsets, and the merges that hold in this document only.

    Args:
        vocabulary: Names to look for.
        title: Title of the document; a short name means the title's entity before any other.
        chunks: Texts of the chunks, in order.
        scope: Id of the document, recorded in its merges.
        settings: `surnames` turns the merges off.
        undone: Ids of merges without effect.
    """
    found = [_match_chunk(vocabulary, text) for text in chunks]
    merges = []
    if (settings or ResolveSettings()).surnames:
        counts = Counter(m.key for mentions in found for m in mentions)
        merges = _document_merges(vocabulary.entries, counts, title, scope, undone)
    into = {m.key: vocabulary.entries[m.into].entity_key for m in merges if not m.undone}
    if into:
        found = [[_redirected(m, into) for m in mentions] for mentions in found]
    return found, merges


def _redirected(mention: Mention, into: Mapping[str, str]) -> Mention:
    if mention.key not in into:
        return mention
    return Mention(
        mention.key, into[mention.key], mention.start, mention.end, mention.sentence_start, mention.sentence_end
    )


def _match_chunk(vocabulary: Vocabulary, text: str) -> list[Mention]:
    reading = reading_of(text)
    text, may_be_cjk = reading.text, has_cjk(reading.text)
    mentions: list[Mention] = []
    for start, end in reading.sentences:
        fixed = [
            *_dates(vocabulary.entries, text, reading.dates, start, end),
            *_identifiers(vocabulary.entries, reading.identifiers, start, end),
        ]
        first, last = reading.words_within(start, end)
        taken = list(fixed)
        is_cjk = may_be_cjk and has_cjk(text[start:end])
        for layer in vocabulary.layers:
            found = _match_cjk(layer, text, start, end, fixed) if is_cjk else []
            blocked = sorted((a, b) for _, a, b in [*fixed, *found])
            taken += found + _match_words(layer, reading, first, last, blocked)
        for key, a, b in sorted(taken, key=lambda t: t[1]):
            mentions.append(Mention(key, vocabulary.entries[key].entity_key, a, b, start, end))
    return mentions


def _dates(
    entries: Mapping[str, Entry], text: str, dates: Sequence[tuple[int, int]], start: int, end: int
) -> list[tuple[str, int, int]]:
    at = bisect_left(dates, (start, 0))
    found = []
    for a, b in dates[at:]:
        if a >= end:
            break
        key = name_key(text[a:b])
        if key in entries:
            found.append((key, a, b))
    return found


def _identifiers(
    entries: Mapping[str, Entry], identifiers: Sequence[tuple[int, int, str]], start: int, end: int
) -> list[tuple[str, int, int]]:
    within = identifiers[bisect_left(identifiers, (start,)) : bisect_left(identifiers, (end,))]
    return [(key, a, b) for a, b, key in within if key in entries]


def _match_words(
    vocabulary: Vocabulary, reading: Reading, first: int, last: int, blocked: Sequence[tuple[int, int]]
) -> list[tuple[str, int, int]]:
    """Greedy longest match over the words of one sentence."""
    text, tokens, words = reading.text, reading.tokens, reading.words
    entries, longest = vocabulary.entries, vocabulary.longest
    beginnings = [i for i, word in enumerate(words[first:last], first) if word in longest]
    if not beginnings:
        return []
    is_loud: bool | None = None  # which is seldom asked
    found = []
    free = first
    for i in beginnings:
        start = tokens[i].start
        if i < free or (blocked and any(a <= start < b for a, b in blocked)):
            continue
        most = min(longest[words[i]], last - i)
        if most > 1:  # the next word rules out nearly all of them
            most = min(longest.get(f"{words[i]} {words[i + 1]}", 1), most)
        for end in range(i + most, i, -1):
            key = words[i] if end == i + 1 else " ".join(words[i:end])
            entry = entries.get(key)
            if entry is None or not _is_match(key, entry, tokens[i:end]):
                continue
            if end == i + 1 and entry.is_common:  # a capital must say something
                is_loud = is_shouting(text, tokens, first, last) if is_loud is None else is_loud
                if i == first or is_loud:
                    continue
            found.append((key, start, tokens[end - 1].end))
            free = end
            break
    return found


def _is_match(key: str, entry: Entry, part: Sequence[Token]) -> bool:
    if entry.kind == "date":
        return False  # found by their form
    if len(part) == 1:
        return part[0].is_capital and key not in STOP_WORDS
    if entry.kind in ("title", "term"):
        return not all(t.word in STOP_WORDS for t in part)
    return any(t.is_capital for t in part)


def _match_cjk(
    vocabulary: Vocabulary, text: str, start: int, end: int, taken: Sequence[tuple[str, int, int]]
) -> list[tuple[str, int, int]]:
    entries, longest = vocabulary.entries, vocabulary.longest_cjk
    sentence, places = joined(text[start:end])
    lowered = name_text(sentence)
    edges = boundaries(sentence) if has_han(sentence) else frozenset(range(len(sentence) + 1))
    blocked = [(a - start, b - start) for _, a, b in taken]
    found = []
    i = 0
    while i < len(lowered):
        step = 1
        for n in range(min(longest.get(lowered[i : i + 2], 0), len(lowered) - i), 1, -1):
            key = lowered[i : i + n]
            if key not in entries or entries[key].kind == "date":
                continue
            is_certain = n >= _CERTAIN_LENGTH or (n > 2 and is_given(key))
            if not is_certain and not (i in edges and i + n in edges):
                continue
            first, after = places[i], places[i + n - 1] + 1
            if not any(a < after and first < b for a, b in blocked):
                found.append((key, start + first, start + after))
                step = n
                break
        i += step
    return found


def _document_merges(
    entries: Mapping[str, Entry], counts: Counter[str], title: str, scope: str, undone: Collection[str]
) -> list[Merge]:
    own = [k for k in title_keys(title)[:2] if k in entries]
    keys = sorted(counts.keys() | set(own))
    full = [k for k in keys if _is_full_name(k, entries[k])]
    by_end: dict[str, list[str]] = {}
    for key in full:
        parts = key.split(" ")
        by_end.setdefault(parts[-1], []).append(key)
        by_end.setdefault(parts[0], []).append(key)
    merges = []
    for key, into in _short_forms(counts, entries):
        id_ = merge_id(key, into, scope)
        merges.append(Merge(id_, key, into, "short form", scope, undone=id_ in undone))
    for key in sorted(counts):
        into = _addressed(key, entries, keys) if has_cjk(key) else _meant(key, entries, by_end, own)
        if into and key == into.split(" ")[0] and into not in own and counts[key] > _FIRST_NAME_RATIO * counts[into]:
            continue  # Joe, all through the book, is not the Joe Miller of one joke
        if into and entries[into].entity_key != entries[key].entity_key:
            id_ = merge_id(key, into, scope)
            merges.append(Merge(id_, key, into, "short for the full name", scope, undone=id_ in undone))
    return merges


def _short_forms(keys: Collection[str], entries: Mapping[str, Entry]) -> list[tuple[str, str]]:
    """Short forms with what they stand for: "Harbour Board", the only "Kelder Haven Harbour Board" of the document."""
    ends: dict[str, set[str]] = {}
    for key in keys:
        parts = key.split(" ")
        if len(parts) > 2 and parts[-1] in HEADS and entries[key].type == HEADS[parts[-1]]:
            for n in (1, 2):
                ends.setdefault(" ".join(parts[-n:]), set()).add(key)
    found = []
    for key in sorted(keys):
        longer = ends.get(key, set()) - {key}
        if len({entries[k].entity_key for k in longer}) == 1 and entries[key].kind == "name":
            found.append((key, min(longer)))
    return found


def _is_full_name(key: str, entry: Entry) -> bool:
    """True for the full name of a person: two to four words, none of them a title, a class noun or small.

    What a model calls a person may be no such name: "Three Spirits", "Marley's Ghost".
    """
    parts = key.split(" ")
    return (
        2 <= len(parts) <= 4
        and entry.kind in ("name", "title", "stated")
        and entry.type == "person"
        and not entry.is_common
        and not _POSSESSIVE.search(entry.name)
        and parts[0] not in PERSON_TITLES
        and len(set(parts)) == len(parts)
        and not any(p in HEADS or p in ("of", "the", "and", "for") or p.isdigit() for p in parts)
    )


def _addressed(key: str, entries: Mapping[str, Entry], keys: Collection[str]) -> str:
    """The one person of the document whom a Chinese surname with a title stands for: 张总 for 张三; "" for others."""
    surname = surname_addressed(key)
    fitting = [
        k
        for k in (keys if surname else ())
        if k != key and k.startswith(surname) and entries[k].type == "person" and not surname_addressed(k)
    ]
    return min(fitting) if len({entries[k].entity_key for k in fitting}) == 1 else ""


def _meant(key: str, entries: Mapping[str, Entry], by_end: Mapping[str, list[str]], own: Sequence[str]) -> str:
    """The one full name that a first name, a surname or "Mr" and a surname stands for; "" where none or several."""
    parts = key.split(" ")
    title = parts[0] if len(parts) == 2 and parts[0] in PERSON_TITLES else ""
    if (len(parts) != 1 and not title) or entries[key].type not in ("", "person") or has_cjk(key):
        return ""
    if title in RELATIVE_TITLES or parts[-1] in PARTICLES:
        return ""
    fitting = [k for k in by_end.get(parts[-1], ()) if k != key and (k.endswith(" " + parts[-1]) or not title)]
    things = {entries[k].entity_key for k in fitting}
    if len(things) > 1:
        fitting = [k for k in fitting if k in own]
        things = {entries[k].entity_key for k in fitting}
    return min(fitting, key=lambda k: (len(k), k)) if len(things) == 1 else ""
