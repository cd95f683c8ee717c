"""The version of every step: with its settings, what decides whether the work of an earlier run may be kept.

Change a version when the step's output changes for the same input.
"""

from __future__ import annotations

from graphrag_lite.index.hashing import fingerprint
from graphrag_lite.settings import Settings

LOADER = "load/1"
CHUNKER = "chunk/1"
EXTRACTOR = "statistical/1"
MATCHER = "match/1"
GRAPH = "graph/1"
REPORTS = "reports/1"


def loader_fingerprint(settings: Settings) -> str:
    """What shapes a document besides its bytes."""
    return fingerprint(LOADER, settings.load.encoding, settings.clean.model_dump())


def step_fingerprints(settings: Settings) -> dict[str, str]:
    """What shapes each view besides its input rows, by step."""
    return {
        "load": loader_fingerprint(settings),
        "chunk": fingerprint(CHUNKER, settings.chunk.model_dump()),
        "extract": EXTRACTOR,
        "mentions": fingerprint(MATCHER, EXTRACTOR, settings.resolve.model_dump()),
        "graph": fingerprint(GRAPH, settings.communities.model_dump()),
        "reports": fingerprint(REPORTS, settings.reports.model_dump()),
    }
