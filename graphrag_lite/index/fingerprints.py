"""The version of every step: with its settings, what decides whether the work of an earlier run may be kept.

Change a version when the step's output changes for the same input.
"""

from __future__ import annotations

from graphrag_lite.index.hashing import fingerprint
from graphrag_lite.settings import Settings

LOADER = "load/7"
CHUNKER = "chunk/2"
EXTRACTOR = "statistical/6"
MATCHER = "match/6"
GRAPH = "graph/2"
REPORTS = "reports/3"
SEARCH = "search/1"


def loader_fingerprint(settings: Settings) -> str:
    """What shapes a document besides its bytes."""
    return fingerprint(LOADER, settings.load.encoding, settings.clean.model_dump())


def wants_model(settings: Settings) -> bool:
    """True when a run with these settings has a step that asks a chat model."""
    return "llm" in settings.extract.methods or settings.reports.method == "llm" or settings.resolve.llm


def step_fingerprints(settings: Settings) -> dict[str, str]:
    """What shapes each view besides its input rows, by step."""
    enrich = {"enrich": _enrichment_fingerprint(settings)} if wants_model(settings) else {}
    return enrich | {
        "load": loader_fingerprint(settings),
        "chunk": fingerprint(CHUNKER, settings.chunk.model_dump()),
        "extract": EXTRACTOR,
        "mentions": fingerprint(MATCHER, EXTRACTOR, settings.resolve.model_dump(), "llm" in settings.extract.methods),
        "graph": fingerprint(GRAPH, settings.communities.model_dump()),
        "search": fingerprint(SEARCH, settings.query.metadata),
        "reports": fingerprint(REPORTS, settings.reports.model_dump()),
    }


def _enrichment_fingerprint(settings: Settings) -> str:
    """Changes with whatever makes a model say something else of the same chunks: model, prompts, types, schema."""
    from graphrag_lite.index.extract_llm import Extraction, extractor_fingerprint
    from graphrag_lite.index.report_llm import reporter_fingerprint

    model, prompts = settings.llm.model, settings.llm.prompts
    return fingerprint(
        extractor_fingerprint(model, Extraction(settings.extract, prompts))
        if "llm" in settings.extract.methods
        else "",
        reporter_fingerprint(model, settings.reports, prompts) if settings.reports.method == "llm" else "",
        settings.resolve.llm,
    )
