"""Answers about the whole collection: relevant reports and passages, spread widely, as themes with cited sentences."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from graphrag_lite.query.asked import Asked, read_question
from graphrag_lite.query.extractive.answer import ExtractiveAnswer, unknown
from graphrag_lite.query.extractive.themes import Statement, family, labelled, likeness, work_of, write
from graphrag_lite.records import CommunityReport, Passage
from graphrag_lite.text.boilerplate import asks_for_boilerplate, is_notice
from graphrag_lite.text.fragments import fragment_factor
from graphrag_lite.text.informative import telling_alone
from graphrag_lite.text.normalize import has_cjk, terms

_REPEATED_DOCUMENT = 0.35  # factor for every report or sentence already taken from the same source
_LEAST_RELEVANCE = 0.25  # of the best report's
_LONGEST_SENTENCE = 420
_SENTENCES_OF_A_THEME = 2
_GENERAL = 3
_FOREIGN = 0.2  # factor of a sentence in another language than the question
_FOREIGN_TITLE = 0.6
_WORTH_SAYING, _WORTH_ADDING = 0.12, 0.03  # of the best sentence's score, by itself and beside the others
_LEAST_SCORE = 0.03  # of a sentence's own quality
_THEMES = 7


@dataclass(frozen=True, slots=True)
class ReportHit:
    """A report with what a search says about it.

    `relevance` is 0 or more, by full text or vectors, comparable within one question. `parent_id` is that of its
    community; `sources` are the documents that its evidence comes from.
    """

    report: CommunityReport
    relevance: float
    parent_id: str = ""
    sources: tuple[str, ...] = ()


def select_reports(question: str, hits: Sequence[ReportHit], *, limit: int = 12) -> list[ReportHit]:
    """Reports that bear on the question, widely spread; never all of them.

    Relevance decides first, the share of the corpus second; a report is left out where its parent or child is taken,
    and counts less for every source that those taken have already shown. A question that names nothing to look for
    takes the reports that cover most.

    Args:
        question: In English or Chinese.
        hits: Candidates of all levels, in any order.
        limit: Reports at most.
    """
    is_general = read_question(question).is_general
    top = max((h.relevance for h in hits), default=0.0)
    pool: list[tuple[float, str, ReportHit, frozenset[str]]] = []
    for hit in hits:
        relevance = 1.0 if is_general or top <= 0 else hit.relevance / top
        if relevance >= _LEAST_RELEVANCE and hit.report.findings:
            families = frozenset(family(source) for source in hit.sources)
            # Finer levels say more about less: one step down costs a tenth.
            value = relevance * (0.5 + hit.report.rating / 20) * (0.9**hit.report.level)
            breadth = 1 + math.log2(max(1, len(families))) / 3 if is_general else 1.0
            pool.append((value * breadth, hit.report.community_id, hit, families))
    parents = {h.report.community_id: h.parent_id for h in hits}
    chosen: list[ReportHit] = []
    seen = Counter[str]()
    if is_general:
        limit *= _GENERAL  # nothing narrows the search, so the picture needs a wider view
    while pool and len(chosen) < limit:
        best = max(pool, key=lambda row: (row[0] * _freshness(row[3], seen), row[1]))
        chosen.append(best[2])
        seen.update(best[3])
        pool = [row for row in pool if row is not best and not _is_kin(row[1], best[1], parents)]
    return chosen


def answer_from_reports(
    asked: Asked, hits: Sequence[ReportHit], passage_of: Callable[[str], Passage | None], document_count: int = 0
) -> ExtractiveAnswer:
    """What a collection too small for topics of its own says: the findings of its reports, as themes.

    Args:
        asked: A question that names nothing to look for.
        hits: Reports as `select_reports` gave them, best first.
        passage_of: A chunk id's passage with its whole text; None: not visible.
        document_count: Documents that were searched.
    """
    statements = _of_reports(asked, hits, passage_of)
    if not asks_for_boilerplate(asked.text):
        statements = _of_works(statements)
    statements = [_in_language(s, asked) for s in _by_currency(statements)]
    chosen = _spread(sorted(statements, key=lambda s: (-s.score, s.passage.chunk_id, s.start)))
    if not chosen:
        return ExtractiveAnswer(unknown(asked, "global", document_count), (), False)
    findings = {hit.report.title: [f.text for f in hit.report.findings] for hit in hits}
    return write(asked, labelled(chosen, findings, [s.passage for s in statements]), document_count)


def _of_works(statements: Sequence[Statement]) -> list[Statement]:
    """Without what stands in notices about copying."""
    texts = {s.passage.chunk_id: s.passage.text for s in statements}
    notices = {chunk_id for chunk_id, text in texts.items() if is_notice(text)}
    return [s for s in statements if s.passage.chunk_id not in notices]


def _in_language(statement: Statement, asked: Asked) -> Statement:
    """The language of the question comes first."""
    is_same = has_cjk(statement.text[:40]) == asked.is_chinese
    return statement if is_same else replace(statement, score=_FOREIGN * statement.score)


def family_of(passage: Passage) -> str:
    """The work that a passage is part of."""
    return work_of(passage.document_id, passage.title, passage.source)


def _freshness(families: frozenset[str], seen: Mapping[str, int]) -> float:
    if not families:
        return 1.0
    return sum(_REPEATED_DOCUMENT ** min(3, seen.get(f, 0)) for f in families) / len(families)


def _is_kin(one: str, other: str, parents: Mapping[str, str]) -> bool:
    return other in _ancestors(one, parents) or one in _ancestors(other, parents)


def _ancestors(community_id: str, parents: Mapping[str, str]) -> list[str]:
    found: list[str] = []
    while (community_id := parents.get(community_id, "")) and community_id not in found:
        found.append(community_id)
    return found


def _of_reports(
    asked: Asked, hits: Sequence[ReportHit], passage_of: Callable[[str], Passage | None]
) -> list[Statement]:
    found = []
    for rank, hit in enumerate(hits):
        for order, finding in enumerate(hit.report.findings):
            for evidence in finding.evidence[:1]:
                passage = passage_of(evidence.chunk_id)
                if passage is not None:
                    language = 1.0 if has_cjk(hit.report.title) == asked.is_chinese else _FOREIGN_TITLE
                    prior = language * 0.8 / (1 + 0.02 * rank) / (1 + 0.15 * order)
                    found.append(_statement(passage, evidence.start, evidence.end, hit.report.title, prior))
    return found


def _statement(passage: Passage, start: int, end: int, theme: str, prior: float) -> Statement:
    text = passage.text[start:end]
    telling, said = _measure(text)
    score = prior * telling * fragment_factor(text) if telling else 0.0
    return Statement(text, passage, start, end, theme, family_of(passage), said, score)


@lru_cache(maxsize=50_000)
def _measure(text: str) -> tuple[float, frozenset[str]]:
    """How well a sentence stands for a theme, and its terms."""
    telling = telling_alone(text)
    return telling, frozenset(terms(text)) if telling else frozenset()


def _by_currency(statements: Sequence[Statement]) -> list[Statement]:
    """Scored by how widely their words are shared: what many sources speak of is what the collection is about."""
    sources: dict[str, set[str]] = {}
    for statement in statements:
        for term in statement.said:
            sources.setdefault(term, set()).add(statement.family)
    most = math.log(1 + max((len(s) for s in sources.values()), default=1))
    kept = []
    for statement in statements:
        if len(statement.text) <= _LONGEST_SENTENCE and statement.score >= _LEAST_SCORE:
            shared = sorted((math.log(len(sources[t])) / most for t in statement.said), reverse=True)[:8]
            kept.append(replace(statement, score=statement.score * (0.2 + sum(shared) / 8)))
    return sorted(kept, key=lambda s: (-s.score, s.passage.chunk_id, s.start))


def _spread(statements: Sequence[Statement]) -> dict[str, list[Statement]]:
    """Themes in order of their best statement; a source that was heard counts less and less."""
    themes: dict[str, list[Statement]] = {}
    families, used = Counter[str](), list[Statement]()
    best_score = statements[0].score if statements else 0.0
    pool = [s for s in statements[:400] if s.score >= _WORTH_SAYING * best_score]
    while pool:
        scored = []
        for index, statement in enumerate(pool):
            like = max((likeness(statement, other) for other in used), default=0.0)
            fresh = _REPEATED_DOCUMENT ** families[statement.family]
            known = 0.6 ** len(themes.get(statement.theme, ()))
            scored.append((statement.score * fresh * known * (1 - like), -index))
        best, index = max(scored)
        if best < _WORTH_ADDING * best_score:
            break
        statement = pool.pop(-index)
        of_theme = themes.get(statement.theme, [])
        if len(of_theme) >= _SENTENCES_OF_A_THEME or (not of_theme and len(themes) >= _THEMES):
            continue
        themes.setdefault(statement.theme, []).append(statement)
        families[statement.family] += 1
        used.append(statement)
    return themes
