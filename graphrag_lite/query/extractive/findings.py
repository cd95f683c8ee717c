"""What a collection too small for topics of its own says: the findings of its reports, as themes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from graphrag_lite.query.asked import Asked
from graphrag_lite.query.extractive.answer import ExtractiveAnswer, unknown
from graphrag_lite.query.extractive.themes import FOREIGN, LONGEST_SENTENCE, Statement, labelled, likeness, write
from graphrag_lite.query.reports import ReportHit
from graphrag_lite.query.works import work_of_passage
from graphrag_lite.records import Passage
from graphrag_lite.text.boilerplate import asks_for_boilerplate, is_notice
from graphrag_lite.text.fragments import fragment_factor
from graphrag_lite.text.informative import telling_alone
from graphrag_lite.text.normalize import has_cjk, terms

_REPEATED_WORK = 0.35  # factor for every sentence already taken from the same work
_SENTENCES_OF_A_THEME = 2
_FOREIGN_TITLE = 0.6
_WORTH_SAYING, _WORTH_ADDING = 0.12, 0.03  # of the best sentence's score, by itself and beside the others
_LEAST_SCORE = 0.03  # of a sentence's own quality
_THEMES = 7


def answer_from_reports(
    asked: Asked, hits: Sequence[ReportHit], passage_of: Callable[[str], Passage | None], document_count: int = 0
) -> ExtractiveAnswer:
    """Findings of reports on different themes, from different works where there are several.

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
    is_same = asked.is_in_language_of(statement.text)
    return statement if is_same else replace(statement, score=FOREIGN * statement.score)


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
    telling = telling_alone(text)
    score = prior * telling * fragment_factor(text) if telling else 0.0
    said = frozenset(terms(text)) if telling else frozenset[str]()
    return Statement(text, passage, start, end, theme, work_of_passage(passage), said, score)


def _by_currency(statements: Sequence[Statement]) -> list[Statement]:
    """Scored by how widely their words are shared: what many sources speak of is what the collection is about."""
    sources: dict[str, set[str]] = {}
    for statement in statements:
        for term in statement.said:
            sources.setdefault(term, set()).add(statement.family)
    most = math.log(1 + max((len(s) for s in sources.values()), default=1))
    kept = []
    for statement in statements:
        if len(statement.text) <= LONGEST_SENTENCE and statement.score >= _LEAST_SCORE:
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
            fresh = _REPEATED_WORK ** families[statement.family]
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
