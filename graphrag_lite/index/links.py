"""Which chunk speaks of which entity and how strongly: the links that retrieval follows, as flat arrays.

A chunk has an entity in a role, and the strength of the link from an entity to a chunk is role / sqrt(s + sum of the
squared roles of all its chunks): the more chunks speak of a thing, the less each of them says about a question. One
formula serves titles, rare names and names that are everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphrag_lite.index.entities import MentionColumns
from graphrag_lite.index.match import match_document
from graphrag_lite.index.vocabulary import Entry, Vocabulary
from graphrag_lite.text.keys import key_hash
from graphrag_lite.text.lexicon import STOP_WORDS
from graphrag_lite.text.normalize import has_cjk, title_keys
from graphrag_lite.text.places import PLACE_OF_DEMONYM

# It is the title of the document that the chunk opens; what its first sentence or its heading is about; part of the
# title, or the title of a later chunk; named; part of a longer name.
OWNER, TOPIC, TITLE, MENTION, INNER = 1.0, 0.7, 0.5, 0.3, 0.15
_LINKS_OUT = 0.2  # a name inside a longer name can be reached, but a chunk is not left through it
_SMOOTH = 0.05

Ints = np.ndarray[Any, np.dtype[np.int64]]
Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class ChunkLabels:
    """What stands above the chunks, one item a row.

    Attributes:
        titles: Title of the document.
        headings: The innermost heading.
        topics: Key of what the first sentence defines, or "".
        is_first: Whether the chunk is the first of its document.
    """

    titles: Sequence[str]
    headings: Sequence[str]
    topics: Sequence[str]
    is_first: Sequence[bool]


@dataclass(slots=True)
class _Roles:
    """(row, entity, role) of everything that was found, in parts."""

    rows: list[Ints] = field(default_factory=list)
    entities: list[Ints] = field(default_factory=list)
    roles: list[Array] = field(default_factory=list)

    def add(self, rows: Iterable[int] | Ints, entities: Iterable[int] | Ints, role: float | Array) -> None:
        """Add rows with their entities; those of an unknown entity (-1) are left out."""
        row, entity = np.asarray(rows, np.int64), np.asarray(entities, np.int64)
        known = entity >= 0
        self.rows.append(row[known])
        self.entities.append(entity[known])
        self.roles.append(np.broadcast_to(role, row.shape)[known])

    def strongest(self, entity_count: int) -> tuple[Ints, Ints, Array]:
        """Each pair of row and entity once, in order, with its strongest role."""
        row, entity, role = (np.concatenate(part) for part in (self.rows, self.entities, self.roles))
        pair = row * max(entity_count, 1) + entity
        order = np.lexsort((-role, pair))
        pair, role = pair[order], role[order]
        first = np.ones(len(pair), bool)
        first[1:] = pair[1:] != pair[:-1]
        return pair[first] // max(entity_count, 1), pair[first] % max(entity_count, 1), role[first]


class _Names:
    """The entities that link, by key, and what lies in a name."""

    def __init__(self, columns: MentionColumns, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        entries = vocabulary.entries
        linking = {e.entity_key for e in entries.values()} | set(columns.entity_keys)
        self.keys = sorted({_place(k) for k in linking if k not in entries or _is_linking(entries[k])})
        self._index = {key: i for i, key in enumerate(self.keys)}

    def entity(self, entity_key: str) -> int:
        """The index of an entity by its canonical key; -1 for a date or an unknown one."""
        return self._index.get(_place(entity_key), -1)

    def meant(self, key: str) -> int:
        """The index of the entity that a name stands for everywhere; -1 where it is none."""
        entry = self.vocabulary.entries.get(key)
        return self.entity(entry.entity_key) if entry and _is_linking(entry) else -1

    def inside(self, key: str) -> list[int]:
        """Entities whose names are part of a longer name: Mississippi in "History of Mississippi"."""
        words = key.split(" ")
        if len(words) < 2 or has_cjk(key):
            return []
        found = []
        for i in range(len(words)):
            for n in range(min(self.vocabulary.longest.get(words[i], 0), len(words) - i), 0, -1):
                part = words[i : i + n]
                inner = self.meant(" ".join(part))
                if n < len(words) and inner >= 0 and not all(w in STOP_WORDS or w.isdigit() for w in part):
                    found.append(inner)
                    break
        return found

    def in_label(self, label: str) -> tuple[list[int], list[int]]:
        """Entities that a title or heading is, and those that it names or that its part before a comma is."""
        keys = [self.meant(key) for key in title_keys(label)]
        named = match_document(self.vocabulary, "", [label])[0][0] if label else []
        return keys[:2], keys[2:] + [self.entity(m.entity_key) for m in named] + self.inside(_first(title_keys(label)))


def link_arrays(
    columns: MentionColumns, vocabulary: Vocabulary, labels: ChunkLabels
) -> tuple[dict[str, Array], list[str]]:
    """The arrays of entities, and the key of each entity.

    Args:
        columns: All mentions.
        vocabulary: Names; dates do not link.
        labels: Titles, headings and topics of the chunks.

    Returns:
        `chunk_start`, `chunk_entity` (rows to the entities they are left through), `entity_start`, `entity_row`,
        `entity_strength` (entities to rows, strongest first), `name_hash`, `name_start`, `name_entity`,
        `name_is_free` (names to entities; free: also where written in lower case).
    """
    names = _Names(columns, vocabulary)
    found = _Roles()
    _add_mentions(found, columns, names)
    _add_labels(found, labels, names)
    n, m = len(labels.titles), len(names.keys)
    row, entity, role = found.strongest(m)
    strength = (role / np.sqrt(_SMOOTH + np.bincount(entity, role**2, m))[entity]).astype(np.float32)
    by_entity = np.lexsort((row, -strength, entity))
    out = role >= _LINKS_OUT
    return {
        "chunk_start": _starts(row[out], n),
        "chunk_entity": entity[out].astype(np.int32),
        "entity_start": _starts(entity, m),
        "entity_row": row[by_entity].astype(np.int32),
        "entity_strength": strength[by_entity],
        **_name_arrays(columns, names),
    }, names.keys


def _add_mentions(found: _Roles, columns: MentionColumns, names: _Names) -> None:
    """Names in the text: what they were resolved to, what they mean elsewhere, and the names inside them."""
    resolved = np.array([names.entity(key) for key in columns.entity_keys], np.int64)
    meant = np.array([names.meant(key) for key in columns.keys], np.int64)
    if not len(columns.chunk):
        return
    entries = names.vocabulary.entries
    found.add(columns.chunk, resolved[columns.entity], MENTION)
    found.add(columns.chunk, meant[columns.key], MENTION)
    pairs = np.unique(columns.chunk * len(columns.keys) + columns.key)
    chunk, key = pairs // len(columns.keys), pairs % len(columns.keys)
    frequency = np.bincount(key, minlength=len(columns.keys))
    inside = [names.inside(k) for k in columns.keys]
    length = np.array([len(part) for part in inside], np.int64)
    flat = np.array([entity for part in inside for entity in part], np.int64)
    start = np.cumsum(length) - length
    which = np.repeat(np.arange(len(key)), length[key])
    first = np.repeat(np.cumsum(length[key]) - length[key], length[key])
    at = np.arange(len(which)) - first + np.repeat(start[key], length[key])
    # A long name that only this chunk has links nothing, so the names inside it count as named.
    is_title = np.array([k in entries and entries[k].kind == "title" for k in columns.keys])
    is_lone = (frequency == 1) & ~is_title
    found.add(chunk[which], flat[at], np.where(is_lone[key[which]], MENTION, INNER))


def _add_labels(found: _Roles, labels: ChunkLabels, names: _Names) -> None:
    """Titles, headings and topics."""
    known: dict[str, tuple[list[int], list[int]]] = {}
    for label in {*labels.titles, *labels.headings}:
        known[label] = names.in_label(label)
    rows: dict[float, list[int]] = {OWNER: [], TOPIC: [], TITLE: []}
    entities: dict[float, list[int]] = {OWNER: [], TOPIC: [], TITLE: []}

    def say(row: int, found: Sequence[int], role: float) -> None:
        rows[role].extend([row] * len(found))
        entities[role].extend(found)

    each = zip(labels.titles, labels.headings, labels.topics, labels.is_first, strict=True)
    for row, (title, heading, topic, is_first) in enumerate(each):
        own, named = known[title]
        say(row, own, OWNER if is_first else TITLE)
        say(row, named, TITLE)
        if heading != title:
            own, named = known[heading]
            say(row, own, TOPIC)
            say(row, named, TITLE)
        if topic:
            say(row, [names.meant(topic)], TOPIC)
    for role in rows:
        found.add(rows[role], entities[role], role)


def _name_arrays(columns: MentionColumns, names: _Names) -> dict[str, Array]:
    """From the names that a question may use to the entities that they mean."""
    meant: dict[str, set[int]] = {}
    for pair in np.unique(columns.key * max(len(columns.entity_keys), 1) + columns.entity).tolist():
        key, entity = divmod(pair, len(columns.entity_keys))
        meant.setdefault(columns.keys[key], set()).add(names.entity(columns.entity_keys[entity]))
    entries = names.vocabulary.entries
    for key in entries:
        meant.setdefault(key, set()).add(names.meant(key))
    for demonym in PLACE_OF_DEMONYM:
        meant.setdefault(demonym, set()).add(names.entity(demonym))
    known = {key: sorted(found - {-1}) for key, found in meant.items() if found - {-1}}
    hashes = np.fromiter((key_hash(key) for key in known), np.uint64, len(known))
    order = np.argsort(hashes)
    listed = list(known)
    ordered = [listed[i] for i in order]
    return {
        "name_hash": hashes[order],
        "name_start": np.cumsum([0, *(len(known[key]) for key in ordered)]).astype(np.int64),
        "name_entity": np.array([entity for key in ordered for entity in known[key]], np.int32),
        "name_is_free": np.array([_is_free(key, names.vocabulary) for key in ordered], bool),
    }


def _is_linking(entry: Entry) -> bool:
    """Dates link nothing; nor does what facts call an entity though nobody writes it as a name ("many people")."""
    return entry.kind not in ("date", "phrase")


def _is_free(key: str, vocabulary: Vocabulary) -> bool:
    entry = vocabulary.entries.get(key)
    return entry is not None and " " in key and entry.kind != "name"


def _place(entity_key: str) -> str:
    """A demonym leads where its country does."""
    return PLACE_OF_DEMONYM.get(entity_key, entity_key)


def _first(keys: Sequence[str]) -> str:
    return keys[0] if keys else ""


def _starts(group: Ints, count: int) -> Ints:
    return np.concatenate([[0], np.cumsum(np.bincount(group, minlength=count))]).astype(np.int64)


def entity_name(key: str, vocabulary: Mapping[str, Any]) -> str:
    """How an entity of the links is shown."""
    entry = vocabulary.get(key)
    return entry.name if entry else key.title()
