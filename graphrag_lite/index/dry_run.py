"""What a run would change and cost, without writing anything or calling a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

from graphrag_lite.errors import InputError
from graphrag_lite.index.choose import choose_recipe
from graphrag_lite.index.discover import SourceFile, directories, discover
from graphrag_lite.index.fingerprints import loader_fingerprint, wants_model
from graphrag_lite.index.gone import find_gone
from graphrag_lite.index.ingest import document_content, document_source
from graphrag_lite.index.load import hash_if_readable, read_source
from graphrag_lite.llm.embedding import OpenAIEmbeddingModel
from graphrag_lite.llm.protocols import EmbeddingModel
from graphrag_lite.records import Document, Estimate, Failure
from graphrag_lite.settings import EmbeddingSettings, LoadSettings
from graphrag_lite.store.tables import Store


def estimate(
    store: Store,
    overrides: Mapping[str, Any],
    sources: Sequence[str | Path | Document],
    *,
    recipe: str | None,
    facts: Path | None,
    anew: bool,
    open_embedding: Callable[[EmbeddingSettings], EmbeddingModel | None],
) -> Estimate:
    """See `KnowledgeBase.estimate`."""
    chosen, settings = choose_recipe(store.folder, overrides, recipe)
    loader = loader_fingerprint(settings)
    known: dict[str, tuple[str, str, str]] = {}
    if store.snapshots.current() is not None:
        rows = store.reader().read("sources", ["source", "root", "content_hash", "fingerprint"]).to_pylist()
        known = {row["source"]: (row["content_hash"], row["fingerprint"], row["root"]) for row in rows}
    paths = [source for source in sources if not isinstance(source, Document)]
    files = list(discover(paths, settings.load)) if paths else []
    found = {file.source: hash_if_readable(file.path, settings.load) for file in files}
    found |= {document_source(d): document_content(d) for d in sources if isinstance(d, Document)}
    changes: Counter[str] = Counter(dict.fromkeys(("added", "changed", "removed", "unchanged"), 0))
    fresh: set[str] = set()
    for source, content in found.items():
        old = known.get(source)
        is_same = old is not None and old[:2] == (content, loader)
        changes["unchanged" if is_same else "added" if old is None else "changed"] += 1
        fresh.update(() if is_same else (source,))
    gone = find_gone({s: root for s, (_, _, root) in known.items()}, files, directories(paths))
    changes["removed"] = len(gone)
    model = open_embedding(settings.embedding) if "embed" in chosen.steps else None
    if not (wants_model(settings) or isinstance(model, OpenAIEmbeddingModel)):
        return Estimate(dict(changes))
    from graphrag_lite.index.import_facts import new_facts
    from graphrag_lite.index.plan_calls import plan_calls, plan_embedding, titled_chunks

    given = [d for d in sources if isinstance(d, Document) and document_source(d) in fresh]
    read = _read([file for file in files if file.source in fresh], settings.load)
    new = list(titled_chunks(chain(given, read), settings))
    planned = []
    if wants_model(settings):
        stated = new_facts(store.reader(), facts) if facts and known else {}
        planned += plan_calls(store, settings, chosen.steps, [chunk for _, chunk in new], gone, fresh, stated)
    if isinstance(model, OpenAIEmbeddingModel):
        planned.append(plan_embedding(store, settings, model, new, anew=anew))
    return Estimate(
        dict(changes),
        {step.step: step.likely for step in planned},
        sum(step.minutes for step in planned),
        {step.step: step.most for step in planned},
    )


def _read(files: Iterable[SourceFile], settings: LoadSettings) -> Iterator[Document | Failure]:
    """The documents of some files; one that cannot be read costs nothing."""
    for file in files:
        with suppress(InputError):
            yield from read_source(file, settings)
