"""The community reports that bear on a question, widely spread over what they rest on."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphrag_lite.query.asked import read_question
from graphrag_lite.query.search import Search
from graphrag_lite.query.works import family, work_of_passage
from graphrag_lite.records import CommunityReport

_LEAST_RELEVANCE = 0.25  # of the best report's
_MOST = 12
_GENERAL = 3
_REPEATED_SOURCE = 0.35  # factor for every report already taken from the same source


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


def select_reports(question: str, hits: Sequence[ReportHit], *, limit: int = _MOST) -> list[ReportHit]:
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


def reports_for(search: Search, question: str, *, limit: int = _MOST) -> list[ReportHit]:
    """The reports for a question, of those that may be looked at; see `select_reports`."""
    hits = [
        ReportHit(report, relevance, parent_id, tuple(dict.fromkeys(map(work_of_passage, evidence))))
        for report, relevance, parent_id, evidence in search.reports(question)
    ]
    return select_reports(question, hits, limit=limit)


def _freshness(families: frozenset[str], seen: Mapping[str, int]) -> float:
    if not families:
        return 1.0
    return sum(_REPEATED_SOURCE ** min(3, seen.get(f, 0)) for f in families) / len(families)


def _is_kin(one: str, other: str, parents: Mapping[str, str]) -> bool:
    return other in _ancestors(one, parents) or one in _ancestors(other, parents)


def _ancestors(community_id: str, parents: Mapping[str, str]) -> list[str]:
    found: list[str] = []
    while (community_id := parents.get(community_id, "")) and community_id not in found:
        found.append(community_id)
    return found
