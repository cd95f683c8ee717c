"""Records to rows of tables and back, where a column holds more than one value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from graphrag_lite.records import CommunityReport, Evidence, Finding


def report_to_row(report: CommunityReport) -> dict[str, Any]:
    """A row of `reports`, without its fingerprint; `text` is what full-text search sees."""
    findings = [[f.text, [[e.chunk_id, e.start, e.end] for e in f.evidence]] for f in report.findings]
    return {
        "community_id": report.community_id,
        "level": report.level,
        "title": report.title,
        "summary": report.summary,
        "findings": json.dumps(findings, ensure_ascii=False, separators=(",", ":")),
        "rating": report.rating,
        "extractor": report.extractor,
        "text": "\n".join([report.title, report.summary, *(f.text for f in report.findings)]),
        "chunk_ids": sorted({e.chunk_id for f in report.findings for e in f.evidence}),
    }


def row_to_report(row: Mapping[str, Any]) -> CommunityReport:
    """The report in a row of `reports`."""
    findings = tuple(
        Finding(text, tuple(Evidence(*span) for span in spans)) for text, spans in json.loads(row["findings"])
    )
    return CommunityReport(
        row["community_id"], row["level"], row["title"], row["summary"], findings, row["rating"], row["extractor"]
    )
