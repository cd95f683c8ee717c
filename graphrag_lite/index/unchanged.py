"""Tell quickly that nothing is to do: by the hashes of the sources, without opening a table.

Loading LanceDB alone takes longer than this, and most runs of a scheduled `grl index` end here.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphrag_lite.errors import StoreError
from graphrag_lite.index.choose import choose_recipe, describe_overridden
from graphrag_lite.index.discover import describe_skipped, directories, discover
from graphrag_lite.index.fingerprints import loader_fingerprint, step_fingerprints, wants_model
from graphrag_lite.index.gone import find_gone
from graphrag_lite.index.load import hash_if_readable
from graphrag_lite.llm.protocols import EmbeddingModel
from graphrag_lite.records import Failure, IndexReport
from graphrag_lite.settings import EmbeddingSettings, LLMSettings
from graphrag_lite.store.mapped import read_table
from graphrag_lite.store.snapshots import Manifest, Snapshots


def unchanged_report(
    folder: Path,
    overrides: Mapping[str, Any],
    paths: Sequence[str | Path],
    recipe: str | None,
    *,
    open_embedding: Callable[[EmbeddingSettings], EmbeddingModel | None],
) -> IndexReport | None:
    """The report of a run that finds nothing to do; None where something is, or may be.

    Args:
        folder: The knowledge base.
        overrides: Nested settings.
        paths: Files, directories and globs.
        recipe: As for `index`.
        open_embedding: The embedding model of the run, or None.
    """
    start = time.perf_counter()
    snapshots = Snapshots(folder / "snapshots")
    manifest = snapshots.current()
    table = read_table(snapshots.view_folder(manifest.id) / "sources.arrow") if manifest else None
    if manifest is None or table is None:
        return None
    chosen, settings = choose_recipe(folder, overrides, recipe)
    model = open_embedding(settings.embedding) if "embed" in chosen.steps else None
    has_vectors = model is None or _is_in_use(manifest, model.name, settings.embedding.passage_prompt)
    if not manifest.is_whole or not has_vectors or manifest.fingerprints != step_fingerprints(settings):
        return None
    if wants_model(settings) and _awaits_batches(folder / "cache.sqlite", settings.llm):
        return None
    rows = table.select(["source", "root", "content_hash", "fingerprint", "failures"]).to_pylist()
    known = {row["source"]: row for row in rows}
    skipped: Counter[str] = Counter()
    files = list(discover(paths, settings.load, skipped))
    loader = loader_fingerprint(settings)
    for file in files:
        row = known.get(file.source)
        if row is None or row["fingerprint"] != loader:
            return None
        if row["content_hash"] != hash_if_readable(file.path, settings.load):
            return None
    roots = {name: row["root"] for name, row in known.items()}
    if find_gone(roots, files, directories(paths)):
        return None
    report = _report(manifest, len(files), rows, time.perf_counter() - start)
    notices = filter(None, [describe_skipped(skipped), describe_overridden(chosen, settings)])
    return replace(report, notices=tuple(notices))


def _is_in_use(manifest: Manifest, model: str, prompt: str) -> bool:
    """Whether the vectors in use are this model's: a run makes those that are missing, and refuses any others."""
    held = manifest.vectors.get(manifest.vector_table)
    return held is not None and held["model"] == model and held.get("prompt", prompt) == prompt


def _awaits_batches(path: Path, llm: LLMSettings) -> bool:
    """Whether batches are under way that a run collects, and pays for, though no document waits for them any more."""
    if not path.exists():
        return False
    from graphrag_lite.llm.batch_notes import read_batches
    from graphrag_lite.llm.cache import ReplyCache
    from graphrag_lite.llm.providers import find_provider

    server = find_provider(llm.provider, llm.base_url, llm.model).base_url
    with suppress(StoreError), closing(ReplyCache(path)) as cache:
        return any(batch.server == server for batch in read_batches(cache))
    return True  # what can be read of it is saved by a run


def _report(manifest: Manifest, count: int, rows: Sequence[Mapping[str, Any]], seconds: float) -> IndexReport:
    changes = dict.fromkeys(("added", "changed", "moved", "removed"), 0) | {"unchanged": count}
    failures = tuple(Failure(row["source"], reason) for row in rows for reason in row["failures"] or ())
    return IndexReport(
        manifest.id,
        dict(manifest.counts),
        changes,
        failures,
        timings={"load": seconds, "total": seconds},
        models=dict(manifest.models),
    )
