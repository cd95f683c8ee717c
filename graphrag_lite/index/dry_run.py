"""What a run would change and cost, without writing anything or calling a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from graphrag_lite.errors import InputError
from graphrag_lite.index.choose import choose_recipe
from graphrag_lite.index.fingerprints import loader_fingerprint
from graphrag_lite.index.gone import find_gone
from graphrag_lite.index.ingest import document_content, document_source
from graphrag_lite.index.load import discover, file_hash
from graphrag_lite.records import Document, Estimate
from graphrag_lite.store.tables import Store


def estimate(
    store: Store, overrides: Mapping[str, Any], sources: Sequence[str | Path | Document], *, recipe: str | None
) -> Estimate:
    """See `KnowledgeBase.estimate`."""
    _, settings = choose_recipe(store.folder, overrides, recipe)
    loader = loader_fingerprint(settings)
    known: dict[str, tuple[str, str, str]] = {}
    if store.snapshots.current() is not None:
        rows = store.reader().read("sources", ["source", "root", "content_hash", "fingerprint"]).to_pylist()
        known = {row["source"]: (row["content_hash"], row["fingerprint"], row["root"]) for row in rows}
    paths = [source for source in sources if not isinstance(source, Document)]
    files = list(discover(paths, settings.load)) if paths else []
    found = {file.source: _hash(file.path) for file in files}
    found |= {document_source(d): document_content(d) for d in sources if isinstance(d, Document)}
    changes: Counter[str] = Counter(dict.fromkeys(("added", "changed", "removed", "unchanged"), 0))
    for source, content in found.items():
        old = known.get(source)
        changes["added" if old is None else "unchanged" if old[:2] == (content, loader) else "changed"] += 1
    roots = {file.root for file in files}
    changes["removed"] = len(find_gone({s: root for s, (_, _, root) in known.items()}, found, roots))
    return Estimate(dict(changes))


def _hash(path: Path) -> str:
    try:
        return file_hash(path)
    except InputError:  # it will be listed as failed by the run itself
        return ""
