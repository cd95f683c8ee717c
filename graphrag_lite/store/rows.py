"""Records to rows of tables and back, where a column holds more than one value."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import pyarrow as pa

from graphrag_lite.records import Community, CommunityReport, Evidence, Finding
from graphrag_lite.store.schema import SCHEMAS

_ROWS_AT_ONCE = 10_000


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


def row_to_community(row: Mapping[str, Any]) -> Community:
    """The community in a row of `communities`."""
    return Community(
        row["community_id"], row["level"], tuple(row["entity_ids"]), row["parent_id"], tuple(row["child_ids"])
    )


def tables(name: str, rows: Iterable[Mapping[str, Any]]) -> Iterator[pa.Table]:
    """Rows as tables with the schema of `name`, never many rows at once."""
    each = iter(rows)
    while part := list(islice(each, _ROWS_AT_ONCE)):
        yield pa.Table.from_pylist(part, schema=SCHEMAS[name])


def to_table(name: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows as one table with the schema of `name`."""
    return pa.concat_tables([SCHEMAS[name].empty_table(), *tables(name, rows)])
