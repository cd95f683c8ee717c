"""Which model calls a run would make, planned on the documents themselves, in memory and without any call."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain

from graphrag_lite.errors import StoreError
from graphrag_lite.index import mentions
from graphrag_lite.index.batches import WaitingPacks
from graphrag_lite.index.chunk import chunk_document
from graphrag_lite.index.clean import clean_document
from graphrag_lite.index.embed import embedded_hash, embedded_text, labelled_texts, vectors_of
from graphrag_lite.index.enrich import read_chunks
from graphrag_lite.index.estimate import (
    Calling,
    Estimate,
    Touched,
    estimate_decisions,
    estimate_embedding,
    estimate_extraction,
    estimate_reports,
    estimate_summaries,
    expected_communities,
    touched,
)
from graphrag_lite.index.extract_llm import Extraction, extractor_fingerprint, known_facts
from graphrag_lite.index.fingerprints import step_fingerprints
from graphrag_lite.index.names_ahead import NamesAhead, count_names
from graphrag_lite.index.origins import standing_documents
from graphrag_lite.index.packs import plan_extraction
from graphrag_lite.index.report_enrich import is_by_model
from graphrag_lite.index.update_chunks import read_documents
from graphrag_lite.llm.cache import ReplyCache
from graphrag_lite.llm.chat import batch_price, model_concurrency, model_price
from graphrag_lite.llm.embedding import OpenAIEmbeddingModel
from graphrag_lite.llm.prices import Price
from graphrag_lite.llm.providers import find_provider
from graphrag_lite.records import Chunk, Document, Facts, Failure
from graphrag_lite.settings import Settings
from graphrag_lite.store.tables import Reader, Store
from graphrag_lite.text.tokens import estimate_tokens

log = logging.getLogger(__name__)
_THOUGHT_TOKENS = 1000  # of a model that thinks, for a call


def plan_calls(
    store: Store,
    settings: Settings,
    steps: Collection[str],
    new: Sequence[Chunk],
    gone: Collection[str],
    changed: Collection[str],
    stated: Mapping[str, Sequence[Facts]],
) -> list[Estimate]:
    """What every step would ask a chat model.

    Args:
        store: The knowledge base.
        settings: Those of the run.
        steps: Those of the recipe.
        new: Chunks of new and changed documents.
        gone: Sources that are no longer there.
        changed: Sources whose documents are read anew.
        stated: What a person states otherwise than before, by the hash of the text.
    """
    llm = settings.llm
    provider = find_provider(llm.provider, llm.base_url, llm.model)
    concurrency = 1 if llm.batch else model_concurrency(llm, provider)
    extraction = Extraction(settings.extract, settings.llm.prompts, concurrency=concurrency)
    held = _Held.of(store, settings, extraction, gone, changed)
    missing = [chunk for chunk in (*new, *held.chunks) if chunk.text_hash not in held.read]
    missing = _without_journal(store, settings, extraction, missing)
    calling = Calling(
        _price(settings),
        concurrency,
        _THOUGHT_TOKENS if provider.thinks(llm.thinking) else 0,
        llm.max_output_tokens,
    )
    tokens = {chunk.text_hash: estimate_tokens(chunk.text) for chunk in (*new, *held.chunks)}
    touching = held.changed_tokens(new, missing, tokens, stated.keys())
    corpus = sum(tokens.values())
    share = held.touched_share(touching / max(1, corpus))
    sayings = _sayings(chain.from_iterable(stated.values()))
    names = count_names(chain(new, held.chunks, sayings)) if share.most else NamesAhead()
    planned = []
    if "llm" in settings.extract.methods:
        packs = plan_extraction(missing, settings.extract, concurrency=concurrency)
        planned.append(estimate_extraction(packs, extraction, names, calling))
        if settings.resolve.llm:
            planned.append(estimate_decisions(share, names, calling))
        if "summarise" in steps:
            planned.append(estimate_summaries(share, len(tokens), names, calling))
    if settings.reports.method == "llm":
        found = expected_communities(names, len(tokens))
        beside = sum(step.likely.calls for step in planned if step.step == "summarise")
        planned.append(estimate_reports(corpus, share, found, settings.reports, calling, held.standing or 0, beside))
    return [replace(step, minutes=0.0) for step in planned] if settings.llm.batch else planned


@dataclass(frozen=True, slots=True)
class _Held:
    """What a knowledge base holds already.

    Attributes:
        chunks: Those that stay.
        gone_tokens: Of the chunks that go, and of those that went in runs that asked no model.
        rewritten: Hashes of the texts of sources that changed.
        read: Hashes of the texts that the model has read.
        is_outdated: Settings, prompts or the model are others now.
        standing: How many reports the model has written in a run that was not whole, and not only for a removal; None:
            it was.
    """

    chunks: Sequence[Chunk] = ()
    gone_tokens: int = 0
    rewritten: frozenset[str] = frozenset()
    read: frozenset[str] = frozenset()
    is_outdated: bool = False
    standing: int | None = None

    @classmethod
    def of(
        cls,
        store: Store,
        settings: Settings,
        extraction: Extraction,
        gone: Collection[str],
        changed: Collection[str],
    ) -> _Held:
        """What a store holds; nothing where nothing was committed."""
        if store.snapshots.current() is None:
            return cls()
        reader = store.reader()
        sources = reader.rows("sources", ("source", "document_ids"))
        going = {document for source, documents in sources if source in gone for document in documents}
        rewritten = {document for source, documents in sources if source in changed for document in documents}
        chunks = [chunk for _, chunk in _stored_chunks(reader, settings)]
        manifest = reader.manifest
        is_finished = manifest.is_whole or manifest.removed_tokens > 0
        current = step_fingerprints(settings)
        return cls(
            [chunk for chunk in chunks if chunk.document_id not in going],
            manifest.removed_tokens
            + sum(estimate_tokens(chunk.text) for chunk in chunks if chunk.document_id in going),
            frozenset(chunk.text_hash for chunk in chunks if chunk.document_id in rewritten),
            frozenset(mentions.hashes_with_facts(reader, extractor_fingerprint(settings.llm.model, extraction))),
            any(manifest.fingerprints.get(step) != print_ for step, print_ in current.items() if step != "load"),
            None if is_finished else sum(map(is_by_model, reader.read("reports", ["extractor"]).to_pylist())),
        )

    def touched_share(self, changed: float) -> Touched:
        """How much of what is said of entities and communities is to be said anew, where a share of the texts changes.

        All of it, too, where a run was not whole and never came to write a report.
        """
        if self.is_outdated or self.standing == 0:
            return Touched(1.0, 1.0)
        found = touched(changed)
        return found if self.standing is None else replace(found, most=1.0)

    def changed_tokens(
        self, new: Sequence[Chunk], missing: Sequence[Chunk], tokens: Mapping[str, int], stated: Set[str]
    ) -> int:
        """Of the texts that come, go, are to be read, or of which a person states something else.

        A record that stays in a file that changed does not count, and of what was rewritten the longer text.
        """
        old = {chunk.text_hash for chunk in self.chunks}
        coming = {c.text_hash for c in new} - old | {c.text_hash for c in missing} | (stated & old)
        leaving = (self.rewritten & tokens.keys()) - {chunk.text_hash for chunk in new}
        return self.gone_tokens + max(sum(tokens[h] for h in coming), sum(tokens[h] for h in leaving))


def plan_embedding(
    store: Store, settings: Settings, model: OpenAIEmbeddingModel, new: Iterable[tuple[str, Chunk]], *, anew: bool
) -> Estimate:
    """What embedding the texts that have no vector of this model would ask and cost.

    Args:
        store: The knowledge base.
        settings: Those of the run.
        model: The embedding model.
        new: Chunks of new and changed documents, each with the title of its document.
        anew: The vectors that there are will be dropped.
    """
    manifest = store.snapshots.current()
    reader = store.reader() if manifest else None
    known = vectors_of(reader, model.name, settings.embedding.passage_prompt) if reader and not anew else set()
    stored = (pair for part in labelled_texts(reader) for pair in zip(*part, strict=True)) if reader else ()
    if reader and _cuts_anew(reader, settings):
        stored = ((title, chunk.text) for title, chunk in _stored_chunks(reader, settings))
    missing: dict[str, int] = {}
    for title, text in chain(((title, chunk.text) for title, chunk in new), stored):
        if (key := embedded_hash(title, text)) not in known and key not in missing:
            missing[key] = estimate_tokens(settings.embedding.passage_prompt + embedded_text(title, text))
    calling = Calling(model.price, concurrency=model.concurrency)
    return estimate_embedding(len(missing), sum(missing.values()), model.batch_size, calling)


def titled_chunks(documents: Iterable[Document | Failure], settings: Settings) -> Iterator[tuple[str, Chunk]]:
    """The chunks of some documents, as read, each with the title of its document."""
    for number, document in enumerate(documents):
        if isinstance(document, Document):
            clean = clean_document(document, settings.clean)
            for chunk in chunk_document(replace(clean, id=clean.id or f"new {number}"), settings.chunk):
                yield clean.title, chunk


def _stored_chunks(reader: Reader, settings: Settings) -> Iterator[tuple[str, Chunk]]:
    """The chunks of the stored documents as a run will have them, each with the title of its document."""
    if not _cuts_anew(reader, settings):
        chunks, titles = read_chunks(reader)
        yield from ((titles[chunk.document_id], chunk) for chunk in chunks)
        return
    for document in read_documents(reader, standing_documents(reader)):
        yield from ((document.title, chunk) for chunk in chunk_document(document, settings.chunk))


def _cuts_anew(reader: Reader, settings: Settings) -> bool:
    """True where the chunks of a snapshot were cut by other settings: a run reads and embeds all of them again."""
    return reader.manifest.fingerprints.get("chunk") != step_fingerprints(settings)["chunk"]


def _without_journal(store: Store, settings: Settings, extraction: Extraction, chunks: list[Chunk]) -> list[Chunk]:
    """Chunks whose facts no earlier run has paid for, be it an interrupted one or one that waits for a batch."""
    path, llm = store.folder / "cache.sqlite", settings.llm
    if not path.exists():
        return chunks
    server = find_provider(llm.provider, llm.base_url, llm.model).base_url
    try:
        with closing(ReplyCache(path)) as cache:
            known = set(known_facts(chunks, settings.llm.model, replace(extraction, journal=cache)))
            known |= WaitingPacks(cache, extractor_fingerprint(settings.llm.model, extraction)).paid_for(server)
    except StoreError as error:  # nothing is taken for paid that a run may not find
        log.warning("%s", error)
        return chunks
    return [chunk for chunk in chunks if chunk.text_hash not in known]


def _sayings(stated: Iterable[Facts]) -> Iterator[Chunk]:
    """What was stated of each thing and each link, as if it were a text of its own."""
    for facts in stated:
        said = chain(
            (f"{entity.name} {entity.description}" for entity in facts.entities),
            (link.description for link in facts.relationships),
        )
        yield from (Chunk("", "", 0, 0, len(text), text, text) for text in said)


def _price(settings: Settings) -> Price | None:
    llm = settings.llm
    return batch_price(llm) if llm.batch else model_price(llm, find_provider(llm.provider, llm.base_url, llm.model))
