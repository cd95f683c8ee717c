"""The vocabulary: which candidates of a whole collection are names, what they are called and which are one thing.

A pure function of the candidates. An entry depends on the statistics of its own key and of its own words, never on
totals of the collection: adding a document changes the entries of the words that it contains, and no others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphrag_lite.index.extract import Candidates
from graphrag_lite.index.resolve import Naming, decide_merges, follow
from graphrag_lite.records import ExtractedEntity, Merge
from graphrag_lite.settings import ResolveSettings
from graphrag_lite.text.lexicon import (
    AMBIGUOUS_GIVEN_NAMES,
    DOCUMENT_PARTS,
    FUNCTION_WORDS,
    GIVEN_NAMES,
    HEADS,
    JOB_ENDS,
    JOB_STARTS,
    LEGAL_SUFFIXES,
    NOT_A_NAME,
    ORDINARY_WORDS,
    PARTICLES,
    ROLES,
    SECTIONS,
    STOP_WORDS,
    UNITS,
)
from graphrag_lite.text.lexicon_zh import NO_NAMES
from graphrag_lite.text.normalize import has_cjk, is_name_like, name_key, scan, title_forms, title_keys

_MAX_WORDS = 12
# A recurring phrase is a term where it makes up this share of its rarest word.
_TERM_SHARE = 0.1
_TERM_CHUNKS = 4
# What a model or an import says of a type counts for so many cues.
_STATED_VOTES = 10
# One vote for so many occurrences is enough for a type.
_TYPE_SHARE = 10


@dataclass(frozen=True, slots=True)
class Entry:
    """A name of the vocabulary.

    Attributes:
        name: How it is shown: its most frequent spelling.
        type: person, organization, place, event, work, product, concept, date, or "" where no text says.
        entity_key: The key of the entity that it names; its own where nothing was merged.
        kind: name, title, term, date, stated (a name that only facts tell of), or phrase (an entity of facts that is
            written as no name: known only where it is stated).
        is_common: The word is often written in lower case too, so a capital at the start of a sentence says nothing. Of
            several words: so is the first, and it is no given name: "Evil Spirit".
    """

    name: str
    type: str
    entity_key: str
    kind: str = "name"
    is_common: bool = False


@dataclass(frozen=True)
class Vocabulary:
    """Every accepted name by its key, and the decisions that made two of them one."""

    entries: Mapping[str, Entry] = field(default_factory=dict)
    merges: tuple[Merge, ...] = ()

    def named(self, name: str) -> Entry | None:
        """The entry of a name, however it is spelled."""
        return self.entries.get(name_key(name))

    @cached_property
    def layers(self) -> tuple[Vocabulary, ...]:
        """What texts are matched for, one by one: a stated name lies over the names inside it and hides none."""
        found = {key: entry for key, entry in self.entries.items() if entry.kind not in ("stated", "phrase")}
        stated = {key: entry for key, entry in self.entries.items() if entry.kind == "stated"}
        return (Vocabulary(found), Vocabulary(stated)) if len(found) < len(self.entries) else (self,)

    @cached_property
    def longest(self) -> Mapping[str, int]:
        """For each first word of a key, and each two first words, the number of words of the longest key they begin."""
        found: dict[str, int] = {}
        for key in self.entries:
            n = key.count(" ") + 1
            if n <= _MAX_WORDS and not has_cjk(key):
                first, *others = key.split(" ", 2)
                if n > found.get(first, 0):
                    found[first] = n
                if others and n > found.get(two := f"{first} {others[0]}", 0):
                    found[two] = n
        return found

    @cached_property
    def longest_cjk(self) -> Mapping[str, int]:
        """For each two first characters of a CJK key, the number of characters of the longest key they begin."""
        found: dict[str, int] = {}
        for key in self.entries:
            if has_cjk(key):
                found[key[:2]] = max(found.get(key[:2], 0), len(key))
        return found

    def to_columns(self) -> dict[str, list[Any]]:
        """Entries as columns of plain values, sorted by key; `from_columns` reads them."""
        keys = sorted(self.entries)
        rows = [self.entries[k] for k in keys]
        return {
            "key": keys,
            "name": [e.name for e in rows],
            "type": [e.type for e in rows],
            "entity_key": [e.entity_key for e in rows],
            "kind": [e.kind for e in rows],
            "is_common": [e.is_common for e in rows],
        }

    @classmethod
    def from_columns(cls, columns: Mapping[str, list[Any]]) -> Vocabulary:
        """The vocabulary that `to_columns` wrote."""
        names = ("name", "type", "entity_key", "kind", "is_common")
        rows = zip(*(columns[n] for n in names), strict=True)
        return cls({k: Entry(*row) for k, row in zip(columns["key"], rows, strict=True)})

    def changed_keys(self, other: Vocabulary) -> set[str]:
        """Keys whose matching differs: mentions of a text that holds the words of none of them stay as they are."""
        keys = self.entries.keys() | other.entries.keys()
        return {k for k in keys if _matching(self.entries.get(k)) != _matching(other.entries.get(k))}


def _matching(entry: Entry | None) -> tuple[str, str, str, bool] | None:
    return None if entry is None else (entry.type, entry.entity_key, entry.kind, entry.is_common)


def build_vocabulary(
    counts: Counts,
    stated: Iterable[ExtractedEntity] = (),
    settings: ResolveSettings | None = None,
    undone: Collection[str] = (),
) -> Vocabulary:
    """Decide names, their spelling, type and merges over a whole collection.

    Args:
        counts: Of all chunks and titles; what is stated is added to them.
        stated: Entities that a model or an import states; always accepted, their type counts most.
        settings: Which merges are made.
        undone: Ids of merges that a person has undone; they are listed as undone and have no effect.
    """
    for entity in stated:
        counts.add_stated(entity)
    kinds = counts.accepted()
    shown = {key: counts.display(key) for key in kinds}
    namings = {
        key: Naming(
            type=_voted(counts.types.get(key, {}), total := counts.total(key)),
            count=total,
            kind=kind,
            is_acronym=shown[key].isupper(),
        )
        for key, kind in kinds.items()
    }
    decided = decide_merges(namings, counts.aliases, settings or ResolveSettings(), undone)
    return Vocabulary(_entries(counts, kinds, shown, namings, decided), decided)


def _entries(
    counts: Counts,
    kinds: Mapping[str, str],
    shown: Mapping[str, str],
    namings: Mapping[str, Naming],
    merges: tuple[Merge, ...],
) -> dict[str, Entry]:
    into = {m.key: m.into for m in merges if not m.undone}
    canonical = {key: follow(key, into) for key in kinds}
    merged: dict[str, list[str]] = {into_key: [] for key, into_key in canonical.items() if key != into_key}
    for key, entity_key in canonical.items():
        if entity_key in merged:
            merged[entity_key].append(key)
    types = {entity_key: _type_of_all(keys, counts, namings) for entity_key, keys in merged.items()}
    return {
        key: Entry(
            name=shown[key],
            type="date" if kind == "date" else types.get(canonical[key], namings[key].type),
            entity_key=canonical[key],
            kind=kind,
            is_common=_is_common(key, counts),
        )
        for key, kind in sorted(kinds.items())
    }


def _is_common(key: str, counts: Counts) -> bool:
    first, _, rest = key.partition(" ")
    if rest and first in GIVEN_NAMES:
        return False
    return (bool(rest) and first in FUNCTION_WORDS) or 2 * counts.lower[first] > counts.sure[first]


def _type_of_all(keys: Iterable[str], counts: Counts, namings: Mapping[str, Naming]) -> str:
    """The type of one entity by the votes for all of its names."""
    votes: Counter[str] = Counter()
    total = 0
    for key in keys:
        votes.update(counts.types.get(key, {}))
        total += namings[key].count
    return _voted(votes, total)


def _voted(votes: Mapping[str, int], total: int) -> str:
    """The type with most votes; "" where hardly any of the occurrences says it."""
    best = min(votes, key=lambda t: (-votes[t], t)) if votes else ""
    return best if best and votes[best] * _TYPE_SHARE >= total else ""


def _is_shaped(key: str) -> bool:
    """False for what is no name whatever its statistics: small words, measures, numbers, jobs, parts of documents."""
    if len(key) < 2 or key in NOT_A_NAME or key.lstrip("0123456789") in UNITS or key in DOCUMENT_PARTS or key in ROLES:
        return False
    return key not in LEGAL_SUFFIXES and key not in SECTIONS and not _is_number_or_part(key.split(" "))


def _is_number_or_part(parts: list[str]) -> bool:
    """True for keys that only count or tell a job: "section 3", "e 8", "chapter one", "senior engineer"."""
    if len(parts) > _MAX_WORDS or (all(p.isdigit() or len(p) == 1 for p in parts) and any(p.isdigit() for p in parts)):
        return True
    if parts[0] in JOB_STARTS and parts[-1] in JOB_ENDS:
        return True
    is_part = 2 <= len(parts) <= 3 and parts[-2] in DOCUMENT_PARTS
    return is_part and (parts[-1][0].isdigit() or parts[-1] in FUNCTION_WORDS)


class Counts:
    """Statistics of a collection by key; the candidates of every chunk are to be added once.

    Args:
        candidates: One for each chunk, in any order; read once.
        titles: Titles of the documents; those that look like names are accepted.
    """

    def __init__(self, candidates: Iterable[Candidates] = (), titles: Iterable[str] = ()) -> None:
        self.sure: Counter[str] = Counter()
        self.unsure: Counter[str] = Counter()
        self.speakers: Counter[str] = Counter()
        self.surfaces: dict[str, dict[str, int]] = {}
        self.types: dict[str, dict[str, int]] = {}
        self.lower: Counter[str] = Counter()
        self.phrases: Counter[str] = Counter()
        self.dates: dict[str, str] = {}
        self.titles: dict[str, str] = {}
        self.stated: dict[str, str] = {}
        self.aliases: Counter[tuple[str, str, str]] = Counter()
        for one in candidates:
            self.add(one)
        for title in titles:
            self.add_title(title)

    def add(self, candidates: Candidates) -> None:
        """Count the candidates of one chunk."""
        labels = {surface for surface, type_, _ in candidates.cues if type_ == "speaker"}
        for surface, sure, unsure in candidates.names:
            key = name_key(surface)
            if sure:
                self.sure[key] += sure
            if unsure:
                self.unsure[key] += unsure
            # The spelling of a label in capitals is made up: "Neil Degrasse Tyson".
            self._surface(key, surface, 1 if surface in labels else sure + unsure)
        for surface, type_, count in candidates.cues:
            key = name_key(surface)
            if type_ == "speaker":
                self.speakers[key] += count
                type_ = "person"
            votes = self.types.setdefault(key, {})
            votes[type_] = votes.get(type_, 0) + count
        for date in candidates.dates:
            key = name_key(date)
            self.dates[key] = min(date, self.dates.get(key, date))
        for long, short, reason in candidates.aliases:
            long_key, short_key = name_key(long), name_key(short)
            if long_key and short_key and long_key != short_key:
                self.aliases[long_key, short_key, reason] += 1
                self._surface(short_key, short, 1)
        self._count_runs(candidates.runs)

    def _count_runs(self, runs: str) -> None:
        if not runs:
            return
        self.lower.update(runs.replace("|", " ").replace("+", "").split(" "))
        seen: set[str] = set()
        for run in runs.split("|"):
            length = run.count(" ") + 1 + (run[0] == "+")
            if 3 <= length <= 5:  # the last two or three words of a longer run, or a phrase that stands alone
                parts = run.removeprefix("+").split(" ")
                ending = f"{parts[-2]} {parts[-1]}"
                seen.add(ending)
                if length > 3:
                    seen.add(f"{parts[-3]} {ending}")
        self.phrases.update(seen)

    def add_title(self, title: str) -> None:
        """Count the title of a document."""
        if not is_name_like(title):
            return
        for key, surface in title_forms(title).items():
            if key.count(" ") < _MAX_WORDS and key not in DOCUMENT_PARTS and not key.isdigit():
                self.titles.setdefault(key, surface)
                self._surface(key, surface, 1)

    def add_stated(self, entity: ExtractedEntity) -> None:
        """Count what facts say of an entity."""
        key = name_key(entity.name)
        if key:
            self.stated.setdefault(key, entity.name)
            self._surface(key, entity.name, 1)
            for bare in title_keys(entity.name)[1:2] if entity.name.endswith((")", "）")) else ():
                self.aliases[bare, key, "name and its brackets"] += 1  # "European Union (EU)"
            if entity.type:
                votes = self.types.setdefault(key, {})
                votes[entity.type] = votes.get(entity.type, 0) + _STATED_VOTES

    def _surface(self, key: str, surface: str, count: int) -> None:
        spellings = self.surfaces.setdefault(key, {})
        spellings[surface] = spellings.get(surface, 0) + count

    def total(self, key: str) -> int:
        """How often the key was seen, in any spelling."""
        return sum(self.surfaces.get(key, {}).values())

    def display(self, key: str) -> str:
        """The most frequent spelling; one in capitals only where there is no other."""
        spellings = self.surfaces.get(key)
        if not spellings:
            return self.dates.get(key, key)
        if len(spellings) == 1:
            return next(iter(spellings))
        is_loud = {s: s.isupper() and " " in s for s in spellings}
        return min(spellings, key=lambda s: (is_loud[s], -spellings[s], s))

    def accepted(self) -> dict[str, str]:
        """Accepted keys with their kind."""
        kinds = dict.fromkeys(self.dates, "date")
        kinds.update((key, "term") for key in self.phrases if self._is_term(key))
        kinds.update((key, "name") for key in self.surfaces if self._is_name(key))
        for key in sorted(k for k in kinds if kinds[k] == "name"):
            if thing := self._owned(key, kinds):
                del kinds[key]
                kinds.setdefault(name_key(thing), "name")
                self._surface(name_key(thing), thing, 1)
        for key in [k for k in kinds if len(k) > 5 and has_cjk(k) and self._is_padded(k, kinds)]:
            del kinds[key]
        kinds.update((key, "title") for key in self.titles)
        for long, short, _ in self.aliases:
            if long in kinds and len(short) > 1 and short not in STOP_WORDS:
                kinds.setdefault(short, "name")
        for key in self.stated:
            if key not in kinds:  # a date stays a date, a title a title
                kinds[key] = "stated" if self._is_written_as_name(key) else "phrase"
        return kinds

    def _is_written_as_name(self, key: str) -> bool:
        """False for what facts call an entity though no text writes it as a name: "many people", "in March", 甲方."""
        if has_cjk(key):
            return key not in NO_NAMES
        is_common = " " not in key and 2 * self.lower[key] > self.sure[key]
        if is_common or not _is_shaped(key) or key.split(" ")[0] in FUNCTION_WORDS:
            return False
        small = FUNCTION_WORDS | PARTICLES
        return all(t.is_capital or t.word in small or t.word[0].isdigit() for t in scan(self.display(key)))

    def _is_name(self, key: str) -> bool:
        if not _is_shaped(key):
            return False
        sure, unsure = self.sure[key], self.unsure[key]
        if has_cjk(key):
            return sure > 0 or unsure > 1
        if self.speakers[key] > 1:
            return key not in DOCUMENT_PARTS
        if " " not in key:
            # Class nouns and common words are names only where they mostly have a capital: "the Ghost".
            is_plain = key in HEADS or key in ORDINARY_WORDS
            if key in GIVEN_NAMES and key not in AMBIGUOUS_GIVEN_NAMES:
                return self.lower[key] <= 2 * (sure + unsure)
            return sure > 0 and self.lower[key] <= (sure - 1 if is_plain else 2 * sure + 2)
        if self._is_shouted(key):
            return False
        if unsure and not sure:
            return not self._is_opening(key)
        return sure > 0

    def _is_shouted(self, key: str) -> bool:
        """True for small and everyday words that only capitals make look like a name: "SEE ALSO", "MUST NOT"."""
        parts = key.split(" ")
        is_loud = all(surface.isupper() and "-" not in surface for surface in self.surfaces[key])
        if not is_loud or not any(p in FUNCTION_WORDS for p in parts):
            return False
        return all(p in FUNCTION_WORDS or self.lower[p] > self.sure[p] for p in parts)

    def _is_opening(self, key: str) -> bool:
        """True where the first word is only the first of the sentence: "Poor Bob" beside "Bob"."""
        first, rest = key.split(" ", 1)
        return self.lower[first] > 2 * self.sure[first] and self.sure[rest] > 0

    def _is_padded(self, key: str, kinds: Mapping[str, str]) -> bool:
        """True for a name with a noun in front which is mostly used without it: 客户芬恩泵业."""
        suffixes = (key[i:] for i in range(2, len(key) - 3))
        return any(kinds.get(s) == "name" and self.total(s) >= 2 * self.total(key) for s in suffixes)

    def _owned(self, key: str, kinds: Mapping[str, str]) -> str:
        """The thing of an owner that is known alone: "Ben Bloomberg" of "MIT's Ben Bloomberg"; else ""."""
        for surface in sorted(self.surfaces[key]):
            owner, mark, thing = surface.replace("’", "'").partition("'s ")
            if not mark:
                continue
            owner_key, thing_key = name_key(owner), name_key(thing)
            if (
                thing_key
                and _is_shaped(thing_key)
                and kinds.get(owner_key) in ("name", "title")
                and self.sure[owner_key]
            ):
                is_known = kinds.get(thing_key) == "name" and self.sure[thing_key] >= self.sure[key]
                return thing if is_known or (" " in thing_key and thing[0].isupper()) else ""
        return ""

    def _is_term(self, key: str) -> bool:
        if self.phrases[key] < _TERM_CHUNKS:
            return False
        parts = key.split(" ")
        if any(p in ORDINARY_WORDS or p.endswith("ly") or len(p) < 3 for p in parts) or parts[-1].endswith("ed"):
            return False
        return self.phrases[key] >= _TERM_SHARE * max(self.lower[p] for p in parts)
