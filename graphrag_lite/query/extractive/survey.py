"""Answers to questions about many documents that have a topic: a survey of what they say, quoted and cited.

The best passages for the question and for its parts are read; sentences count for the words of the question that they
hold, and for words that the passages found have in common and others lack ("eelgrass" where the wildlife of a bay is
asked for). What is chosen is spread over documents and over the words of the question.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from graphrag_lite.query.asked import Asked, read_question
from graphrag_lite.query.extractive.answer import ExtractiveAnswer
from graphrag_lite.query.extractive.aspects import aspects_of
from graphrag_lite.query.extractive.themes import FOREIGN, Statement, labelled, likeness, unlabelled, write
from graphrag_lite.query.extractive.wanted import Wanted, terms_around, title_and_file, wanted
from graphrag_lite.query.extractive.wide_reading import question_parts
from graphrag_lite.query.works import readable_title, work_of_passage
from graphrag_lite.records import Passage
from graphrag_lite.text.boilerplate import asks_for_boilerplate, is_notice
from graphrag_lite.text.fragments import is_cut_off, is_solicitation
from graphrag_lite.text.informative import (
    informativeness,
    is_housekeeping,
    leans,
    matter,
    quotable,
    telling_alone,
    without_speaker,
)
from graphrag_lite.text.normalize import terms
from graphrag_lite.text.sentences import sentence_spans

_QUOTATIONS = 8
_OF_ONE_WORK = 2
_LONGEST = 420
# What a sentence says of the topic: itself, and the passage around it.
_OWN, _NEAR = 0.75, 0.25
_TOGETHER = 1.3  # power: two words of the question in one sentence are worth more than in two
_HEADED = 0.5  # of a word's weight, where only the title or the file says it
_LEAST_OWN = 0.08
_ON_TOPIC = 0.4  # of what the best one says of the topic
# How well it reads.
_TELLING = 0.7  # of its quality: how well it stands for what is said; the rest: how well it reads alone
_LEANING, _BROKEN = 0.3, 0.2
_RECALLED = re.compile(r"(?i)\b(?:chatted|(?:we|and I|I) (?:also )?(?:talked|spoke|asked)|asked (?:him|her|them))\b")
_LEAST_QUALITY = 0.2
_GIVEN = 0.2  # beside the quality, which is mostly under 1
# The choice.
_POOL = 300  # statements whose quality is looked at
_WORTH_SAYING = 0.2  # of the best one's score
_HEARD = 0.5  # factor for each quotation of the same work so far
_SAID = 0.7  # factor of a word of the question for each quotation that says it
_LIKE = 0.6  # share of terms that makes two sentences the same point


def survey(
    asked: Asked,
    passages: Sequence[Passage],
    *,
    document_count: int = 0,
    term_weight: Callable[[str], float] | None = None,
) -> ExtractiveAnswer | None:
    """Quotations from as many documents as speak of what is asked.

    Args:
        asked: The question.
        passages: Best first, with their scores; some dozens give breadth.
        document_count: Documents that were searched.
        term_weight: Rarity of a term in the corpus; None: estimated from the passages.

    Returns:
        None where too little of what is asked stands in any passage.
    """
    if not asks_for_boilerplate(asked.text):
        passages = [passage for passage in passages if not is_notice(passage.text)]
    topic = wanted(asked, passages, term_weight)
    if topic is None:
        return None
    chosen = _chosen(topic, _offered(topic, passages))
    if not chosen:
        return None
    if len({s.family for s in chosen}) == 1:
        chosen.sort(key=lambda s: (s.passage.document_id, s.passage.start + s.start))
    else:
        chosen.sort(key=_part_of(asked))
    if document_count == 1:  # its title would stand above everything
        return write(asked, unlabelled(chosen), 1, what="passage")
    themes: dict[str, list[Statement]] = {}
    for statement in chosen:
        themes.setdefault(statement.theme, []).append(statement)
    return write(asked, labelled(themes, {}, passages), document_count, what="passage")


def _part_of(asked: Asked) -> Callable[[Statement], int]:
    """Which part of the question a statement speaks of most; 0 where it has none."""
    parts = [(read_question(part).terms, aspects_of(part).values()) for part in question_parts(asked)]

    def part_of(statement: Statement) -> int:
        said = [
            len(words & statement.said) / len(words) + any(saying.search(statement.text) for saying in sayings)
            for words, sayings in parts
        ]
        return said.index(max(said)) if said else 0

    return part_of


def _offered(topic: Wanted, passages: Sequence[Passage]) -> list[Statement]:
    """The sentences that speak most of the topic and read well, best first, the same text once."""
    top = max((p.score for p in passages), default=0.0) or 1.0
    rated: dict[str, tuple[float, Statement]] = {}
    for passage in passages:
        near = topic.coverage(terms_around(passage))
        above = frozenset(terms(title_and_file(passage)))
        rank = 0.5 + 0.5 * max(0.0, passage.score) / top
        title, work = readable_title(passage), work_of_passage(passage)
        for start, end in _readable_spans(passage.text):
            text = passage.text[start:end]
            said = frozenset(terms(text))
            own = topic.coverage(said, text)
            own += _HEADED * (topic.coverage(said | above, text) - own) if own else 0.0
            own = own**_TOGETHER + topic.kinship(said)
            if own >= _LEAST_OWN:
                aim = (_OWN * own + _NEAR * near) * topic.names_subject(said | above)
                statement = Statement(text, passage, start, end, title, work, said, aim * rank * topic.fits(text))
                rated.setdefault(quotable(without_speaker(text)).lower(), (aim, statement))
    return _readable(topic, sorted(rated.values(), key=lambda row: (-row[1].score, row[1].passage.chunk_id)))


def _readable(topic: Wanted, rated: Sequence[tuple[float, Statement]]) -> list[Statement]:
    """Of the statements that speak most of the topic those that read well, scored by both."""
    found: list[tuple[float, Statement]] = []
    for aim, statement in rated[:_POOL]:
        quality = _quality(statement.text)
        if not topic.asked.is_in_language_of(statement.text):
            quality *= FOREIGN
        if quality >= _LEAST_QUALITY:
            found.append((aim, replace(statement, score=statement.score * (_GIVEN + quality))))
    best = max((aim for aim, _ in found), default=0.0)
    kept = [statement for aim, statement in found if aim >= _ON_TOPIC * best]
    return sorted(kept, key=lambda s: (-s.score, s.passage.chunk_id, s.start))


def _readable_spans(text: str) -> list[tuple[int, int]]:
    """Sentences; one that begins in the air together with the one before."""
    found: list[tuple[int, int]] = []
    last: tuple[int, int] | None = None
    for start, end in sentence_spans(text):
        if (
            last is not None
            and leans(text[start:end])
            and end - last[0] <= _LONGEST
            and "\n" not in text[last[1] : start]
        ):
            found.append((last[0], end))
        elif end - start <= _LONGEST:
            found.append((start, end))
        last = (start, end)
    return found


def _quality(text: str) -> float:
    """How well a sentence reads alone; an item of a list may well be what was asked for."""
    if text.startswith(("#", "|")):
        return 0.0
    stated = informativeness(text) * (0.3 + 0.7 * matter(text)) * (_LEANING if leans(text) else 1.0)
    quality = _TELLING * telling_alone(text) + (1 - _TELLING) * stated
    is_talk = is_solicitation(text) or is_housekeeping(text) or _RECALLED.search(text) is not None
    return quality * (_BROKEN if is_talk or is_cut_off(text) else 1.0)


def _chosen(topic: Wanted, offered: Sequence[Statement]) -> list[Statement]:
    """The best ones, each worth less for what was said and for whoever was heard before."""
    chosen: list[Statement] = []
    heard, spoken = Counter[str](), Counter[str]()
    pool = [s for s in offered if s.score >= _WORTH_SAYING * offered[0].score]
    is_one = len({s.family for s in pool}) == 1
    while pool and len(chosen) < _QUOTATIONS:
        rated = []
        for index, s in enumerate(pool):
            like = max((likeness(s, other) for other in chosen), default=0.0)
            fresh = 1.0 if is_one else _HEARD ** heard[s.family]
            held = [(w, _SAID ** spoken[t]) for t, w in topic.weights.items() if t in s.said]
            new = sum(w * f for w, f in held) / total if (total := sum(w for w, _ in held)) else 1.0
            rated.append((s.score * fresh * new * (1 - like if like < _LIKE else 0.0), -index))
        value, at = max(rated)
        taken = pool.pop(-at)
        if not value:
            break
        if not is_one and heard[taken.family] >= _OF_ONE_WORK:
            continue
        chosen.append(taken)
        heard[taken.family] += 1
        spoken.update(taken.said & topic.weights.keys())
    return chosen
