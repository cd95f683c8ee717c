"""Which model calls a run would make, planned on the documents themselves, in memory and without any call."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from graphrag_lite.index import mentions
from graphrag_lite.index.batches import WaitingPacks
from graphrag_lite.index.chunk import chunk_document
from graphrag_lite.index.clean import clean_document
from graphrag_lite.index.enrich import read_chunks
from graphrag_lite.index.estimate import (
    Estimate,
    estimate_decisions,
    estimate_extraction,
    estimate_report_share,
    estimate_summaries,
)
from graphrag_lite.index.extract_llm import Extraction, extractor_fingerprint, known_facts
from graphrag_lite.index.packs import plan_extraction
from graphrag_lite.llm.cache import ReplyCache
from graphrag_lite.llm.chat import batch_price, model_concurrency
from graphrag_lite.llm.prices import Price, find_price
from graphrag_lite.llm.providers import find_provider
from graphrag_lite.records import Chunk, Document, Failure
from graphrag_lite.settings import Settings
from graphrag_lite.store.tables import Store
from graphrag_lite.text.tokens import estimate_tokens


def plan_calls(
    store: Store, settings: Settings, steps: Collection[str], documents: Iterable[Document | Failure]
) -> list[Estimate]:
    """What every step would ask a model.

    Args:
        store: The knowledge base.
        settings: Those of the run.
        steps: Those of the recipe.
        documents: New and changed ones, as read.
    """
    llm = settings.llm
    provider = find_provider(llm.provider, llm.base_url, llm.model)
    concurrency = 1 if llm.batch else model_concurrency(llm, provider)
    extraction = Extraction(settings.extract, settings.llm.prompts, concurrency=concurrency)
    extractor = extractor_fingerprint(settings.llm.model, extraction)
    new = list(_chunks(documents, settings))
    old: list[Chunk] = []
    done: set[str] = set()
    if store.snapshots.current() is not None:
        reader = store.reader()
        old, done = read_chunks(reader)[0], mentions.hashes_with_facts(reader, extractor)
    missing = [chunk for chunk in (*new, *old) if chunk.text_hash not in done]
    missing = _without_journal(store, settings, extraction, missing)
    price = _price(settings)
    tokens = {chunk.id: estimate_tokens(chunk.text) for chunk in (*new, *old)}
    corpus = sum(tokens.values())
    planned = []
    if "llm" in settings.extract.methods:
        packs = plan_extraction(missing, settings.extract, concurrency=concurrency)
        planned.append(estimate_extraction(packs, extraction, price))
        to_read = sum(pack.tokens for pack in packs)
        if settings.resolve.llm:
            planned.append(estimate_decisions(to_read, price, concurrency))
        if "summarise" in steps:
            planned.append(estimate_summaries(to_read, corpus, price, concurrency))
    if settings.reports.method == "llm":
        changed = sum(tokens[chunk.id] for chunk in {c.id: c for c in (*new, *missing)}.values())
        share = min(1.0, changed / max(1, corpus))
        planned.append(estimate_report_share(corpus, share, len(tokens), settings.reports, price, concurrency))
    return [replace(step, minutes=0.0) for step in planned] if settings.llm.batch else planned


def _chunks(documents: Iterable[Document | Failure], settings: Settings) -> Iterator[Chunk]:
    for number, document in enumerate(documents):
        if isinstance(document, Document):
            clean = clean_document(document, settings.clean)
            yield from chunk_document(replace(clean, id=clean.id or f"new {number}"), settings.chunk)


def _without_journal(store: Store, settings: Settings, extraction: Extraction, chunks: list[Chunk]) -> list[Chunk]:
    """Chunks whose facts no earlier run has paid for, be it an interrupted one or one that waits for a batch."""
    path = store.folder / "cache.sqlite"
    if not path.exists():
        return chunks
    cache = ReplyCache(path)
    try:
        known = set(known_facts(chunks, settings.llm.model, replace(extraction, journal=cache)))
        known |= WaitingPacks(cache, extractor_fingerprint(settings.llm.model, extraction)).paid_for()
    finally:
        cache.close()
    return [chunk for chunk in chunks if chunk.text_hash not in known]


def _price(settings: Settings) -> Price | None:
    llm = settings.llm
    if llm.batch:
        return batch_price(llm)
    provider = find_provider(llm.provider, llm.base_url, llm.model)
    return find_price(
        llm.model, input_usd=llm.price_input_usd, output_usd=llm.price_output_usd, is_local=provider.is_local
    )
