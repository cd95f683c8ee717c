"""Pairs of names that cheap signals leave undecided: a chat model says whether they are one, and a merge records it.

Asked are only names that look alike, are of one type and are described; an answer is kept and never asked for again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import combinations

from graphrag_lite.index.enrich import take
from graphrag_lite.index.refine_llm import UndecidedPair, decide_pairs
from graphrag_lite.index.resolve import follow, merge_id
from graphrag_lite.index.run import Run
from graphrag_lite.index.vocabulary import Vocabulary
from graphrag_lite.prompts import prompt_fingerprint
from graphrag_lite.records import Facts, Merge
from graphrag_lite.text.lexicon import FUNCTION_WORDS
from graphrag_lite.text.normalize import has_cjk

REASON = "the model takes them for one"
_JOURNAL = "same"
_LARGEST_BLOCK = 12  # a word that more names share says nothing
_ALIKE = 0.85
MOST_PAIRS = 400


def resolve_doubts(run: Run, vocabulary: Vocabulary, facts: Sequence[Facts], decisions: Sequence[Merge]) -> Vocabulary:
    """The vocabulary with the merges that a model has decided, now or in an earlier run.

    Args:
        run: The run; without a model only earlier answers count.
        vocabulary: Its names, as rules have merged them.
        facts: Stated facts, whose descriptions the model compares.
        decisions: Those of the last snapshot; what a person has undone stays undone.
    """
    if not run.settings.resolve.llm:
        return vocabulary
    entries = vocabulary.entries
    same = {(m.key, m.into) for m in decisions if m.reason == REASON and m.key in entries and m.into in entries}
    if run.asks_after("extract"):
        asked = {merge_id(*pair) for pair in same}
        pairs = undecided_pairs(vocabulary, facts)
        same |= _ask(run, [pair for pair in pairs if merge_id(*_directed(pair.keys)) not in asked])
    return with_merges(vocabulary, same, {m.id for m in decisions if m.undone})


def undecided_pairs(vocabulary: Vocabulary, facts: Iterable[Facts]) -> list[UndecidedPair]:
    """Described entities of one type whose names look alike, the most alike first."""
    described: dict[str, str] = {}
    for one in facts:
        for entity in one.entities:
            entry = vocabulary.named(entity.name)
            if entry and entity.description and entry.kind != "date":
                described[entry.entity_key] = max(described.get(entry.entity_key, ""), entity.description, key=len)
    blocks: dict[str, list[str]] = {}
    for key in sorted(described):
        for part in _parts(key):
            blocks.setdefault(part, []).append(key)
    found: dict[tuple[str, str], float] = {}
    for block in blocks.values():
        for pair in combinations(block, 2) if len(block) <= _LARGEST_BLOCK else ():
            types = {vocabulary.entries[key].type for key in pair if key in vocabulary.entries} - {""}
            if pair not in found and len(types) < 2 and (likeness := _likeness(*pair)) >= _ALIKE:
                found[pair] = likeness
    best = sorted(found, key=lambda pair: (-found[pair], pair))[:MOST_PAIRS]
    return [_pair(vocabulary, described, pair) for pair in best]


def with_merges(vocabulary: Vocabulary, same: Iterable[tuple[str, str]], undone: set[str]) -> Vocabulary:
    """The vocabulary with further pairs (key, into) merged; those undone are listed and have no effect."""
    into: dict[str, str] = {}
    merges = []
    for key, target in sorted(same):
        merge = Merge(merge_id(key, target), key, target, REASON, undone=merge_id(key, target) in undone)
        merges.append(merge)
        if not merge.undone and follow(target, into) != key:
            into.setdefault(key, target)
    entries = {
        key: replace(entry, entity_key=follow(entry.entity_key, into)) for key, entry in vocabulary.entries.items()
    }
    return Vocabulary(entries, (*vocabulary.merges, *merges))


def _ask(run: Run, pairs: Sequence[UndecidedPair]) -> set[tuple[str, str]]:
    """The pairs (key, into) that are one thing."""
    model = run.chat
    if model is None or not pairs:
        return set()
    words = prompt_fingerprint(("resolve",), run.settings.llm.prompts)
    journal = {_note_key(model.name, words, pair): pair for pair in pairs}
    cache = model.cache
    known = cache.notes(_JOURNAL, sorted(journal)) if cache else {}
    same = {_directed(journal[key].keys) for key, answer in known.items() if answer == "yes"}
    open_pairs = [pair for key, pair in journal.items() if key not in known]
    with run.step("decide names", len(open_pairs)) as task:
        outcomes = decide_pairs(open_pairs, model, concurrency=model.concurrency, prompts=run.settings.llm.prompts)
        for outcome in outcomes:
            if take(run, outcome, "resolve", f"{len(outcome.key)} pairs of names"):
                chosen = set(outcome.value or ())
                same |= {_directed(pair.keys) for pair in chosen}
                if cache is not None:
                    for pair in outcome.key:
                        cache.note(_JOURNAL, _note_key(model.name, words, pair), "yes" if pair in chosen else "no")
            task.advance(len(outcome.key))
    return same


def _note_key(model: str, words: str, pair: UndecidedPair) -> str:
    return "\x1f".join((model, words, *pair.keys, *pair.descriptions))


def _directed(keys: tuple[str, str]) -> tuple[str, str]:
    """(key, into): the fuller name stays."""
    short, full = sorted(keys, key=lambda key: (len(key), key))
    return short, full


def _parts(key: str) -> set[str]:
    if has_cjk(key):
        return {key[i : i + 2] for i in range(len(key) - 1)}
    return {word for word in key.split() if len(word) > 2 and word not in FUNCTION_WORDS}


def _likeness(one: str, other: str) -> float:
    shared, least = _parts(one) & _parts(other), min(_parts(one), _parts(other), key=len)
    return 1.0 if shared == least else SequenceMatcher(None, one, other).ratio()


def _pair(vocabulary: Vocabulary, described: Mapping[str, str], keys: tuple[str, str]) -> UndecidedPair:
    one, other = (vocabulary.entries[key].name if key in vocabulary.entries else key for key in keys)
    return UndecidedPair(keys, (one, other), (described[keys[0]], described[keys[1]]))
