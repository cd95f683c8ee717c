"""What a chat model adds to the facts: extraction of the chunks that it has not read yet, the most central first.

Facts are stored as they come and replies are cached before they are read, so nothing is paid for twice. What is
missing at the end (a failed chunk, a budget) leaves a mark in the snapshot, and the next run goes on from there.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from itertools import chain
from typing import Any

from graphrag_lite.errors import BudgetExceededError, ModelError, PendingError, SettingsError, as_sentence
from graphrag_lite.index.batches import WaitingPacks
from graphrag_lite.index.extract_llm import (
    Extraction,
    extract_packs,
    extractor_fingerprint,
    known_facts,
    not_read,
)
from graphrag_lite.index.fingerprints import EXTRACTOR, wants_model
from graphrag_lite.index.packs import plan_extraction
from graphrag_lite.index.report import read_ahead
from graphrag_lite.index.run import Run
from graphrag_lite.index.stated import in_order, to_row
from graphrag_lite.llm.chat import open_chat_model
from graphrag_lite.llm.counting import CountingChatModel
from graphrag_lite.llm.dispatch import Outcome
from graphrag_lite.llm.prices import format_usd
from graphrag_lite.llm.protocols import ChatModel
from graphrag_lite.records import Chunk, Facts, Failure
from graphrag_lite.settings import Settings
from graphrag_lite.store.tables import Reader, Store
from graphrag_lite.store.writer import Writer
from graphrag_lite.text.normalize import name_key

ChatFactory = Callable[[Settings, float], ChatModel]
_FACTS_IN_ONE_WRITE = 200
_CHUNK = ("chunk_id", "document_id", "ordinal", "start", "end", "text", "text_hash", "headings", "page")


@contextmanager
def chat_for(
    store: Store,
    settings: Settings,
    budget_usd: float | None,
    open_chat: ChatFactory | None,
    spent_usd: float,
    on_mended: Callable[[str], None],
) -> Iterator[CountingChatModel | None]:
    """The chat model of one run; None where none is wanted or a budget of 0 was given.

    Args:
        store: The knowledge base.
        settings: Those of the run.
        budget_usd: As given; None: that of the settings.
        open_chat: Opens a model with a hard cap in USD (0: none), whose caller closes it; None: the one that the
            settings name, which is closed at the end of the run.
        spent_usd: What of the budget is spent already.
        on_mended: Told where the reply cache proved damaged and was mended.

    Raises:
        SettingsError: There is a cap and nobody knows the price, or batches are wanted and the model has none.
    """
    if not wants_model(settings) or (budget_usd is not None and budget_usd <= 0):
        yield None
        return
    cap = settings.budget.max_usd if budget_usd is None else budget_usd
    if open_chat is not None:
        if settings.llm.batch:
            raise SettingsError(
                "A chat model of your own has no Batch API. Name a model in the settings, or set llm.batch = false."
            )
        yield CountingChatModel(open_chat(settings, cap))
        return
    model = open_chat_model(
        settings.llm,
        cache_path=store.folder / "cache.sqlite",
        max_usd=cap,
        with_batches=True,
        on_mended=on_mended,
    )
    if cap and model.price is None:
        model.close()
        raise SettingsError(
            f"The price of {model.name} is unknown, so a budget cannot be held. "
            "Set both llm.price_input_usd and llm.price_output_usd (USD for 1M tokens; 0: it costs nothing)."
        )
    model.meter.pay(spent_usd)
    try:
        yield CountingChatModel(model)
    finally:
        model.close()


def extraction_of(settings: Settings, model: CountingChatModel | None, titles: dict[str, str]) -> Extraction:
    """What shapes the calls of a run."""
    concurrency = model.concurrency if model else settings.llm.concurrency
    journal = model.cache if model else None
    return Extraction(settings.extract, settings.llm.prompts, titles, concurrency, journal)


def extract_facts(run: Run, earlier: Sequence[Facts], meanwhile: Iterator[object]) -> list[Facts]:
    """Have the model read every chunk that has no facts of this extractor, and drop those of outdated ones.

    Args:
        run: The run.
        earlier: What the store holds of models and people.
        meanwhile: The statistical extraction, drawn from while replies are waited for, perhaps not to its end.

    Returns:
        What it holds then.
    """
    model, writer = run.chat, run.writer
    if model is None or "llm" not in run.settings.extract.methods:
        return list(earlier)
    chunks, titles = read_chunks(writer)
    extraction = extraction_of(run.settings, model, titles)
    extractor = extractor_fingerprint(model.name, extraction)
    done = {facts.text_hash for facts in earlier if facts.extractor == extractor}
    missing = [chunk for chunk in chunks if chunk.text_hash not in done]
    store = _FactStore(writer)
    try:
        for facts in known_facts(missing, model.name, extraction).values():
            store.add(facts)
        unread = [chunk for chunk in missing if chunk.text_hash not in store.hashes]
        _extract(run, unread, extraction, store, meanwhile)
    finally:  # also when interrupted: the next run goes on from what is stored
        store.flush()
    return in_order([*_without_outdated(writer, earlier, extractor, done | store.hashes), *store.facts])


def _extract(
    run: Run, chunks: Sequence[Chunk], extraction: Extraction, store: _FactStore, meanwhile: Iterator[object]
) -> None:
    model = run.chat
    if model is None or not chunks:
        return
    if run.budget_usd:
        deque(meanwhile, 0)  # which chunks are central is known by their names
    waiting = WaitingPacks(extraction.journal, extractor_fingerprint(model.name, extraction))
    wanted = {chunk.text_hash for chunk in chunks}
    packs = waiting.packs(wanted)
    kept = {chunk.text_hash for pack in packs for chunk in pack.chunks}
    packs += plan_extraction(
        [chunk for chunk in chunks if chunk.text_hash not in kept],
        extraction.settings,
        concurrency=1 if run.settings.llm.batch else extraction.concurrency,
        priority=centrality(run.writer) if run.budget_usd else None,
    )
    with run.step("extract", sum(len(pack.chunks) for pack in packs)) as task:
        try:
            note = partial(waiting.note, extraction=extraction)
            if run.settings.reports.method == "llm":  # reports will be written of what is read now
                meanwhile = chain(meanwhile, read_ahead(chunk.text for chunk in chunks))
            # closed also where the store fails: what is under way is waited for before the model is closed
            with closing(extract_packs(packs, model, extraction, note, meanwhile)) as results:
                for result in results:
                    if isinstance(result, Facts):
                        if result.text_hash in wanted:  # a pack that waited may hold texts that are gone
                            store.add(result)
                    else:
                        run.failures.append(result)
                    task.advance(note=format_usd(model.usage.cost_usd))
        except BudgetExceededError as error:
            run.stop_at_budget(error)
        except ModelError as error:
            listed = {failure.source for failure in run.failures}
            unread = (chunk for chunk in chunks if chunk.text_hash not in store.hashes and chunk.id not in listed)
            run.failures.extend(not_read(chunk, str(error)) for chunk in unread)
            run.give_up_model()


class _FactStore:
    """Facts on their way to the disk, a few hundred at a time."""

    def __init__(self, writer: Writer) -> None:
        self.facts: list[Facts] = []
        self.hashes: set[str] = set()
        self._writer = writer
        self._unwritten: list[dict[str, Any]] = []

    def add(self, facts: Facts) -> None:
        self.hashes.add(facts.text_hash)
        self.facts.append(facts)
        self._unwritten.append(to_row(facts))
        if len(self._unwritten) >= _FACTS_IN_ONE_WRITE:
            self.flush()

    def flush(self) -> None:
        self._writer.add("facts", self._unwritten)
        self._unwritten = []


def _without_outdated(
    writer: Writer, earlier: Sequence[Facts], extractor: str, hashes: Collection[str]
) -> Iterator[Facts]:
    """What still stands; deleted is what other models or prompts said of texts that this one has read."""
    outdated: dict[str, set[str]] = {}
    for facts in earlier:
        if facts.extractor.startswith("llm/") and facts.extractor != extractor and facts.text_hash in hashes:
            outdated.setdefault(facts.extractor, set()).add(facts.text_hash)
        else:
            yield facts
    for other, texts in sorted(outdated.items()):
        writer.delete_facts(texts, other)


def read_chunks(reader: Reader) -> tuple[list[Chunk], dict[str, str]]:
    """All chunks in document order, and the titles of their documents."""
    rows = reader.read("chunks", [*_CHUNK, "title"]).sort_by([("document_id", "ascending"), ("ordinal", "ascending")])
    titles = dict(zip(rows["document_id"].to_pylist(), (t or "" for t in rows["title"].to_pylist()), strict=True))
    return [Chunk(*(row[name] for name in _CHUNK)) for row in rows.select(_CHUNK).to_pylist()], titles


def centrality(reader: Reader) -> dict[str, float]:
    """By text hash, how many other chunks a chunk is linked to by the names in it, a frequent name counting less.

    It needs statistical facts only, which cost nothing, so it is there before any graph is.
    """
    names: dict[str, set[str]] = {}
    for batch in reader.batches("facts", ["text_hash", "payload"], where=f"extractor = '{EXTRACTOR}'"):
        for text_hash, payload in zip(batch["text_hash"].to_pylist(), batch["payload"].to_pylist(), strict=True):
            names[text_hash] = {name_key(surface) for surface, sure, _ in json.loads(payload)[0] if sure}
    frequency = Counter(name for found in names.values() for name in found)
    return {
        text_hash: round(sum((frequency[name] - 1) ** 0.5 for name in found), 6) for text_hash, found in names.items()
    }


def take(run: Run, outcome: Outcome[Any, Any], step: str, what: str) -> bool:
    """True when a call gave something; else its error is noted: a failure, or the end of the budget."""
    error = outcome.error
    if error is None:
        return True
    if isinstance(error, PendingError):
        return False
    if isinstance(error, BudgetExceededError):
        run.stop_at_budget(error)
    elif isinstance(error, ModelError):
        run.failures.append(Failure(what, as_sentence(str(error)), step))
    else:
        raise error
    return False
