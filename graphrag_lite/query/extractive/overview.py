"""Answers to questions about the whole that name nothing to look for: what the collection is, and its themes.

The themes are the topics of the collection (see `topics`), each said in one or two sentences of different
works. One work that is to be told, not sorted, is shown part by part in its own order.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrag_lite.query.asked import Asked
from graphrag_lite.query.extractive.answer import ExtractiveAnswer
from graphrag_lite.query.extractive.notices import spans_of_works
from graphrag_lite.query.extractive.outline import outline
from graphrag_lite.query.extractive.themes import (
    FOREIGN,
    LIKE,
    LONGEST_SENTENCE,
    UNLABELLED,
    Statement,
    likeness,
    telling,
    write,
)
from graphrag_lite.query.extractive.topics import Sample, Topic, find_parts, find_topics, sampled
from graphrag_lite.query.retrieve import Array
from graphrag_lite.query.search import Search
from graphrag_lite.query.works import work_of
from graphrag_lite.records import Passage
from graphrag_lite.text.boilerplate import asks_for_boilerplate
from graphrag_lite.text.normalize import fold, has_cjk, terms, words
from graphrag_lite.text.places import PLACE_OF_DEMONYM
from graphrag_lite.text.sentences import sentence_spans

_THEMES = 7
_TOPICS = 10  # of which some have no sentence worth quoting
_PARTS = 6  # of one work that is told in its own order
_PASSAGES_OF_A_TOPIC = 12
_OF_ONE_WORK = 3  # passages of a topic
_LEAST_SCORE = 0.08
_WORTH_ADDING = 0.45  # of the first sentence of a theme
_HEARD = 0.5  # factor of a sentence for each one of the same work so far
_NAMES = 5
_OPENING = 60  # characters that show the language of a passage
_ENOUGH_PASSAGES = 12
_SHORT = 4  # passages of a document that is told from its beginning to its end
_NUMERALS = frozenset(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", *"123456789"])
_IN_ORDER = re.compile(
    r"(?i)\b(?:story|plot|summar\w+|synopsis|happens|events|chapters?|narrat\w+|outline|retell)\b|故事|情节|梗概|概要|经过|摘要"
)


@dataclass(frozen=True, slots=True)
class _Pool:
    """The passages that an overview may quote: rows, the work of each, and what of a row is no part of a work."""

    rows: Array
    works: Array
    spans: Mapping[int, tuple[int, int]]


def overview(search: Search, asked: Asked) -> ExtractiveAnswer | None:
    """A first line that says what the collection is, then its themes with cited sentences.

    Args:
        search: What may be looked at.
        asked: A question that names nothing to look for.

    Returns:
        None where nothing worth quoting was found.
    """
    pool = _pool(search, asked)
    if not len(pool.rows):
        return None
    table = search.session.passages_table
    if len(pool.rows) <= _SHORT and len(table["document_id"].take(pa.array(pool.rows, pa.int64())).unique()) == 1:
        return _outline(search, asked, pool)
    texts = lambda rows: table["text"].take(pa.array(rows, pa.int64())).to_pylist()  # noqa: E731 (one line, used once)
    sample = Sample(pool.rows, pool.works, texts)
    arrays = search.session.retriever.arrays
    is_told = pool.works.max() == 0 and _IN_ORDER.search(asked.text) is not None
    if is_told:
        topics = find_parts(arrays, sample, _PARTS)
    else:
        topics = find_topics(arrays, sample, is_chinese=asked.is_chinese, limit=_TOPICS)
    themes = _themes(search, asked, pool, topics, _PARTS if is_told else _THEMES, is_told)
    if not themes:
        return None
    return write(asked, themes, search.document_count, _named(search, asked, pool), "part" if is_told else "theme")


def _outline(search: Search, asked: Asked, pool: _Pool) -> ExtractiveAnswer | None:
    """What a document of few passages says, which have no words enough to sort them by."""
    ids = search.session.passages_table["chunk_id"]
    passages = [passage for row in pool.rows.tolist() if (passage := search.passage(ids[row].as_py()))]
    names = _named(search, asked, pool) if len(passages) > 1 else []  # in one passage each name stands as often
    spans = {ids[row].as_py(): span for row, span in pool.spans.items()}
    return outline(asked, passages, spans, document_count=search.document_count, names=names)


def _pool(search: Search, asked: Asked) -> _Pool:
    session = search.session
    table = session.passages_table
    rows = sampled(search.rows)
    spans = {} if asks_for_boilerplate(asked.text) else spans_of_works(search, rows)
    rows = _in_language(search, rows, asked)
    rows = rows[[spans.get(row, (0, 1)) != (0, 0) for row in rows.tolist()]] if spans else rows
    columns = table.select(["document_id", "title", "source"]).take(pa.array(rows, pa.int64()))
    documents = columns["document_id"].to_pylist()
    titled = dict(
        zip(documents, zip(columns["title"].to_pylist(), columns["source"].to_pylist(), strict=True), strict=True)
    )
    shared = Counter(source for _, source in titled.values())
    number: dict[str, int] = {}
    of = {
        document: number.setdefault(work_of(document, title, source if shared[source] == 1 else ""), len(number))
        for document, (title, source) in titled.items()
    }
    return _Pool(rows, np.array([of[d] for d in documents], np.int64), spans)


def _in_language(search: Search, rows: Array, asked: Asked) -> Array:
    """Of a mixed collection the passages in the language of the question, where they are not too few."""
    column = search.session.passages_table["text"].take(pa.array(rows, pa.int64()))
    openings = pc.utf8_slice_codeunits(column, 0, _OPENING).to_pylist()
    is_same = np.array([has_cjk(text) == asked.is_chinese for text in openings], bool)
    return rows[is_same] if np.count_nonzero(is_same) >= _ENOUGH_PASSAGES else rows


def _themes(
    search: Search, asked: Asked, pool: _Pool, topics: Sequence[Topic], most: int, is_told: bool
) -> dict[str, list[Statement]]:
    """The themes with their statements, in order; one without a statement worth reading is left out."""
    themes: dict[str, list[Statement]] = {}
    heard, used = Counter[str](), list[Statement]()
    work = dict(zip(pool.rows.tolist(), pool.works.tolist(), strict=True))
    if not is_told:
        topics = sorted(topics, key=lambda topic: len(topic.words) == 1)  # a word alone says less
    for topic in topics:
        if len(themes) == most:
            break
        passages = list(_passages(search, topic, work, None if is_told else _OF_ONE_WORK))
        label = _label(topic, [passage.text for _, passage in passages]) or f"{UNLABELLED}{len(themes)}"
        offered = [
            s for row, p in passages for s in _statements(asked, topic, label, p, str(work[row]), pool.spans.get(row))
        ]
        chosen = _chosen(offered, heard, used, in_order=is_told)
        if chosen:
            themes.setdefault(label, []).extend(chosen)
            used += chosen
            heard.update(s.family for s in chosen)
    return themes


def _passages(
    search: Search, topic: Topic, work: Mapping[int, int], most_of_one: int | None
) -> Iterator[tuple[int, Passage]]:
    ids = search.session.passages_table["chunk_id"]
    seen = Counter[int]()
    shown = 0
    for row in topic.rows:
        seen[work[row]] += 1
        if most_of_one is not None and (
            seen[work[row]] > max(most_of_one, _PASSAGES_OF_A_TOPIC // (max(work.values()) + 1))
        ):
            continue
        passage = search.passage(ids[row].as_py())
        if passage is not None:
            yield row, passage
            shown += 1
        if most_of_one is not None and shown == _PASSAGES_OF_A_TOPIC:
            return


def _statements(
    asked: Asked, topic: Topic, label: str, passage: Passage, work: str, span: tuple[int, int] | None
) -> Iterator[Statement]:
    """The sentences of a passage that speak of a topic, scored."""
    low, high = span or (0, len(passage.text))
    for start, end in sentence_spans(passage.text):
        text = passage.text[start:end]
        if not low <= start < end <= high or len(text) > LONGEST_SENTENCE:
            continue
        said = frozenset(terms(text))
        hits = len(said & topic.terms)
        is_on_topic = hits > 1 or bool(said & topic.seeds) or not topic.terms
        covered = hits / max(1, min(3, len(topic.terms)))
        score = telling(text) if is_on_topic else 0.0
        if not asked.is_in_language_of(text):
            score *= FOREIGN
        if score:
            yield Statement(text, passage, start, end, label, work, said, score * (0.4 + 0.6 * min(1.0, covered)))


def _chosen(
    offered: Sequence[Statement], heard: Mapping[str, int], used: Sequence[Statement], *, in_order: bool
) -> list[Statement]:
    """One or two statements that say different things, of different works where there are several."""
    chosen: list[Statement] = []
    is_one = len({s.family for s in offered}) == 1
    for _ in range(2):
        rated = []
        for at, s in enumerate(offered):
            value = s.score * _HEARD ** (
                0 if is_one else min(4, heard[s.family] + sum(c.family == s.family for c in chosen))
            )
            like = max((likeness(s, other) for other in (*used, *chosen)), default=0.0)
            rated.append((value * (1 - like if like < LIKE else 0.0), -at))
        best, at = max(rated, default=(0.0, 0))
        if best < (_WORTH_ADDING * chosen[0].score if chosen else _LEAST_SCORE):
            break
        chosen.append(offered[-at])
    return sorted(chosen, key=lambda s: s.passage.start + s.start) if in_order else chosen


def _label(topic: Topic, texts: Sequence[str]) -> str:
    """The words of a topic, those that stand together in the text as one phrase."""
    if any(map(has_cjk, topic.words)):
        return "、".join(topic.words[:3])
    following = Counter[tuple[str, str]]()
    alone = Counter[str]()
    for text in texts:
        found = words(text)
        alone.update(found)
        following.update(pairwise(found))
    parts = list(topic.words)
    for one in topic.words:
        for other in topic.words:
            pair = following[fold(one), fold(other)]
            if (
                one in parts
                and other in parts
                and one != other
                and 4 * pair >= min(alone[fold(one)], alone[fold(other)]) > 0
            ):
                parts[parts.index(one)] = f"{one} {other}"
                parts.remove(other)
    parts = parts[:3]
    label = " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]])) if parts else ""
    return label[:1].upper() + label[1:]


def _named(search: Search, asked: Asked, pool: _Pool) -> list[str]:
    """The names that most passages hold; none under a filter, where a name may be spelled as in another document."""
    if search.permitted is not None:
        return []
    names: list[str] = []
    for _, name in search.session.frequent_entities(pool.rows):
        is_part = fold(name).rpartition(" ")[2] in _NUMERALS or name.isdigit()
        is_foreign = has_cjk(name) and not asked.is_chinese
        is_known = any(set(words(name)) & set(words(n)) for n in names)
        if not (is_part or is_foreign or is_known or fold(name) in PLACE_OF_DEMONYM):
            names.append(name)
        if len(names) == _NAMES:
            break
    return names
