"""Community reports without a model: a title of central names, and the sentences that say most about them.

A report is a pure function of its community: its entities, its relationships and the sentences that name them. The
same members with the same sentences give the same report, whatever else the knowledge base holds.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from graphrag_lite.index.extract import reading_of
from graphrag_lite.index.relate import Ints, Mentions
from graphrag_lite.records import Community, CommunityReport, Entity, Evidence, Finding, Relationship
from graphrag_lite.text.fragments import fragment_factor
from graphrag_lite.text.informative import informativeness, leans, quotable, telling_alone, without_speaker
from graphrag_lite.text.lexicon import DOCUMENT_PARTS, ORDINARY_WORDS
from graphrag_lite.text.normalize import fold, has_cjk, scan, terms, words

EXTRACTOR = "extractive/3"
_TITLE_NAMES = 3
_LEAST_IN_TITLE = 0.12  # of the first name's weight
_PEOPLE = re.compile(
    r"(?:Chin|Japan|Portugu|Vietnam)ese|(?:Engl|Span|Brit|Ir|Scott|Turk|Pol|Swed|Dan|Finn|Jew)ish|French|Dutch|Greek|Arabic"
    r"|(?:Americ|Germ|Ital|Russ|Ind|Europe|Afric|As|Canad|Austral|Christ|Rom)i?an|Latin"
)
_CODE = re.compile(r"\d|^[A-Z]{1,2}$")
# "Stave Two", "TS-85": a place in a text, a code of one word.
_PART = re.compile(r"(?:\w+ (?:one|two|three|four|five|six|seven|eight|nine|ten|[ivx]{2,4})|\S*\d\S*)", re.IGNORECASE)
_PART_FACTOR = 0.1
_SUMMARY_SENTENCES = 2
_LEAST_SCORE = 0.12  # below, a sentence is no statement that a reader could use
_REPETITION = 0.7  # weight of likeness to what is already said, in choosing the next sentence
_LONGEST_FINDING = 420
# "I remember …", "'Not coming!' said he": what somebody says of himself, or to another, tells little of a community.
_ASIDE = re.compile(r"(?:I|I['’]\w+|My|We|You)\b|['‘’\"“][^'\"“”’]{1,80}[!?,.]['’\"”]")
_ASIDE_FACTOR = 0.5
_MEASURED = 20_000  # sentences whose measure is remembered
_SAID = 5_000  # of which the terms are, some 5 MB
_COMPARED = 30  # best sentences among which a varied choice is made


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that names members of a community: `chunk.text[start:end] == text`."""

    chunk_id: str
    start: int
    end: int
    text: str
    entity_ids: tuple[str, ...]
    document_id: str = ""


def write_report(
    community: Community,
    entities: Mapping[str, Entity],
    relationships: Sequence[Relationship],
    sentences: Sequence[Sentence],
    *,
    share: float = 0.0,
    children: Callable[[], Sequence[CommunityReport]] = tuple,
    max_findings: int = 6,
) -> CommunityReport:
    """The extractive report of one community.

    Args:
        community: What it is about.
        entities: At least its members, by id.
        relationships: Those between its members; others are ignored.
        sentences: That name members (see `SentencesToRead`).
        share: Part of the corpus that names a member, from 0 to 1; becomes the rating.
        children: Gives the reports of the next level, asked when no sentence says what the community consists of.
        max_findings: Findings at most.
    """
    central = centrality(community, entities, relationships)
    title = _title(community, entities, _distinctive(central, entities, sentences))
    findings = choose_findings(sentences, central, children=children, max_findings=max_findings)
    summary = _join([f.text for f in findings[:_SUMMARY_SENTENCES]]) or _members(community, entities, central)
    return CommunityReport(community.id, community.level, title, summary, findings, rating(share), EXTRACTOR)


def choose_findings(
    sentences: Sequence[Sentence],
    central: Mapping[str, float],
    *,
    children: Callable[[], Sequence[CommunityReport]],
    max_findings: int,
) -> tuple[Finding, ...]:
    """The findings of the report; see `write_report`. `central` is the `centrality` of the members."""
    chosen = _choose(sentences, central, max_findings)
    if chosen:
        return tuple(Finding(quotable(s.text), (Evidence(s.chunk_id, s.start, s.end),)) for s in chosen)
    best = sorted(children(), key=lambda r: (-r.rating, r.community_id))
    return tuple(f for report in best for f in report.findings[:1])[:max_findings]


def rating(share: float) -> float:
    """0 to 10 from the share of the corpus that a community covers; a thousandth is 2.5, a tenth is 7.5."""
    return round(max(0.0, min(10.0, 10 + 2.5 * math.log10(share))), 2) if share > 0 else 0.0


def centrality(
    community: Community, entities: Mapping[str, Entity], relationships: Sequence[Relationship]
) -> dict[str, float]:
    """How much each member stands for its community: weight inside, damped for those with links everywhere."""
    inside = dict.fromkeys(community.entity_ids, 0.0)
    links = Counter[str]()
    for link in relationships:
        if link.source_id in inside and link.target_id in inside:
            for end in (link.source_id, link.target_id):
                inside[end] += link.weight
                links[end] += 1
    central = {}
    for entity_id, weight in inside.items():
        entity = entities.get(entity_id)
        outside = max(0, (entity.degree if entity else 0) - links[entity_id])
        loyalty = (links[entity_id] + 1) / (links[entity_id] + outside + 1)
        central[entity_id] = (weight + 0.1) * math.sqrt(loyalty) * (_NAMEABLE.get(entity.type, 1.0) if entity else 1.0)
    top = max(central.values(), default=1.0)
    return {entity_id: value / top for entity_id, value in central.items()}


_NAMEABLE = {"date": 0.05, "number": 0.05}  # a community is about things, and happens at dates


class SentencesToRead:
    """The most promising sentences of a community, found without reading any text.

    Args:
        mentions: All mentions, ordered by chunk and place.
        entity_count: Entity indices are below this.
        limit: Sentences for one community, at most.
    """

    def __init__(self, mentions: Mentions, entity_count: int, *, limit: int = 60) -> None:
        is_new = np.ones(len(mentions.chunk), bool)
        is_new[1:] = (np.diff(mentions.chunk) != 0) | (np.diff(mentions.sentence_start) != 0)
        first = np.flatnonzero(is_new)
        count = max(1, len(first))
        pair = np.unique(mentions.entity * count + np.cumsum(is_new) - 1)
        self._bounds = np.searchsorted(pair // count, np.arange(entity_count + 1))
        self._of_entity = pair % count
        self._chunk, self._start, self._end = (
            column[first] for column in (mentions.chunk, mentions.sentence_start, mentions.sentence_end)
        )
        length = self._end - self._start
        self._fit = np.clip(length / 60, 0.2, 1) * np.clip(260 / np.maximum(length, 1), 0.2, 1)
        self._limit = limit

    def of(self, members: Sequence[int]) -> list[tuple[int, int, int]]:
        """(chunk, start, end) of sentences that name entities with these indices, the best first.

        Those that name several come first, of these the ones of a readable length; of the same chunk at most three
        are taken.
        """
        bounds = self._bounds
        rows = np.concatenate([self._of_entity[bounds[e] : bounds[e + 1]] for e in members] or [self._of_entity[:0]])
        found, count = np.unique(rows, return_counts=True)
        best = found[np.lexsort((found, -np.minimum(count, 4) * self._fit[found]))]
        best = best[_rank_in_group(self._chunk[best]) < 3][: self._limit]
        columns = (column[best].tolist() for column in (self._chunk, self._start, self._end))
        return list(zip(*columns, strict=True))


def _rank_in_group(values: Ints) -> Ints:
    """0 for the first of its value, 1 for the second, and so on."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])) if len(values) else values
    rank = np.empty(len(values), np.int64)
    rank[order] = np.arange(len(values)) - np.repeat(starts, np.diff(np.append(starts, len(values))))
    return rank


def _choose(sentences: Sequence[Sentence], central: Mapping[str, float], limit: int) -> list[Sentence]:
    """Sentences that are informative, central, and different from one another (maximal marginal relevance)."""
    pool = _scored(sentences, central)
    likeness = [0.0] * len(pool)  # to the chosen sentence that is most like it
    left, chosen = list(range(len(pool))), list[Sentence]()
    while left and len(chosen) < limit:
        worth, first = max((pool[n][0] * (1 - _REPETITION * likeness[n]), -n) for n in left)
        if worth < _LEAST_SCORE and chosen:
            break
        left.remove(-first)
        _, sentence, said = pool[-first]
        chosen.append(sentence)
        for n in left:
            likeness[n] = max(likeness[n], _likeness(*pool[n][1:], sentence, said))
    return chosen


def _scored(
    sentences: Sequence[Sentence], central: Mapping[str, float]
) -> list[tuple[float, Sentence, frozenset[str]]]:
    seen: set[str] = set()
    rated: list[tuple[float, Sentence]] = []
    for sentence in sorted(sentences, key=lambda s: (s.chunk_id, s.start)):
        key, quality = _measure(sentence.text)
        if quality > 0 and key not in seen and len(key) <= _LONGEST_FINDING:
            seen.add(key)
            members = central.keys() & set(sentence.entity_ids)
            names = 1 - math.prod(1 - 0.7 * central[e] for e in sorted(members))
            several = min(1.0, 0.7 + 0.15 * len(members))
            rated.append((quality * several * (0.25 + 0.75 * names), sentence))
    rated.sort(key=lambda row: (-row[0], row[1].chunk_id, row[1].start))
    kept = [(value, sentence, _said(sentence.text)) for value, sentence in rated[:_COMPARED]]
    shared = Counter(term for _, _, said in kept for term in said)
    most = max(1.0, math.log2(len(kept) + 1))
    pool = []
    for value, sentence, said in kept:
        topical = sum(math.log2(shared[t]) for t in said) / max(1, len(said)) / most
        pool.append((value * (0.7 + 0.3 * min(1.0, 2 * topical)), sentence, said))
    return sorted(pool, key=lambda row: (-row[0], row[1].chunk_id, row[1].start))


def read_ahead(texts: Iterable[str]) -> Iterator[None]:
    """Measure the sentences of some texts before reports are written of them, a text at a time.

    As many as are remembered: it is for the time in which nothing else is to be done.
    """
    left = _MEASURED
    for text in texts:
        sentences = reading_of(text).sentences
        left -= len(sentences)
        if left < 0:
            return
        for start, end in sentences:
            if _measure(text[start:end])[1]:
                _said(text[start:end])
        yield


@lru_cache(maxsize=_MEASURED)
def _measure(text: str) -> tuple[str, float]:
    """What makes a sentence the same as another, and how informative it is; a parent reads its children's again."""
    shown = quotable(text)
    bare = without_speaker(shown)
    quality = 0.4 * informativeness(text) + 0.6 * telling_alone(text)
    if quality:
        quality *= fragment_factor(text)
    if quality and (leans(text) or _ASIDE.match(bare)):
        quality *= _ASIDE_FACTOR
    return bare.lower(), quality


@lru_cache(maxsize=_SAID)
def _said(text: str) -> frozenset[str]:
    return frozenset(terms(text))


def _likeness(sentence: Sentence, said: frozenset[str], other: Sentence, others: frozenset[str]) -> float:
    overlap = min(1.0, 1.5 * len(said & others) / max(1, min(len(said), len(others))))
    near = 0.5 if other.chunk_id == sentence.chunk_id else 0.2 if other.document_id == sentence.document_id else 0.0
    return max(overlap, near if sentence.document_id else 0.0)


def _distinctive(
    central: Mapping[str, float], entities: Mapping[str, Entity], sentences: Sequence[Sentence]
) -> dict[str, float]:
    """Centrality, lowered for names that tell little: ordinary words, single codes, names in the rarer script."""
    lower = {t.word for s in sentences for t in scan(s.text) if not t.is_capital}
    ordinary = lower | DOCUMENT_PARTS | ORDINARY_WORDS
    weighed = {}
    for entity_id, value in central.items():
        name = entities[entity_id].name if entity_id in entities else ""
        found = words(name)
        if found and not has_cjk(name):
            is_ordinary = _PEOPLE.fullmatch(name) is not None or ordinary.issuperset(found)
            value *= 0.15 if is_ordinary else 0.08 if len(found) == 1 and _CODE.search(name) else 1.0
            value *= _PART_FACTOR if len(found) > 1 and _PART.fullmatch(name) else 1.0
            value *= 1.3 if 1 < len(found) < 6 and not is_ordinary else 1.0
        weighed[entity_id] = value
    cjk = sum(v for e, v in weighed.items() if e in entities and has_cjk(entities[e].name))
    is_cjk = cjk * 2 > sum(weighed.values())
    return {e: v * (1.0 if e in entities and has_cjk(entities[e].name) == is_cjk else 0.1) for e, v in weighed.items()}


def _title(community: Community, entities: Mapping[str, Entity], central: Mapping[str, float]) -> str:
    """Two or three central names, none of which is part of another."""
    names: list[str] = []
    best = 0.0
    for entity_id in sorted(community.entity_ids, key=lambda e: (-central.get(e, 0.0), e)):
        entity = entities.get(entity_id)
        if entity is None or any(_same_thing(entity.name, name) for name in names):
            continue
        if names and central.get(entity_id, 0.0) < _LEAST_IN_TITLE * best:
            break
        best = best or central.get(entity_id, 0.0)
        names.append(entity.name)
        if len(names) == _TITLE_NAMES:
            break
    return join_names(names) or "—"


def _same_thing(name: str, other: str) -> bool:
    a, b = fold(name), fold(other)
    if has_cjk(a) or has_cjk(b):
        return a in b or b in a
    return bool(set(words(a)) <= set(words(b)) or set(words(b)) <= set(words(a)))


def join_names(names: Sequence[str]) -> str:
    """Names as a list for reading, in the language that most of them have."""
    if sum(has_cjk(name) for name in names) * 2 > len(names):
        return "和".join(filter(None, ["、".join(names[:-1]), names[-1]]))
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""


def _members(community: Community, entities: Mapping[str, Entity], central: Mapping[str, float]) -> str:
    ordered = sorted(community.entity_ids, key=lambda e: (-central.get(e, 0.0), e))
    return join_names([entities[e].name for e in ordered[:8] if e in entities])


def _join(texts: Sequence[str]) -> str:
    """Sentences one after the other; between Chinese sentences there is no space."""
    joined = ""
    for text in texts:
        joined += (
            text if not joined or (has_cjk(joined[-2:]) and has_cjk(text[:2])) or joined[-1] in "。！？" else f" {text}"
        )
    return joined
