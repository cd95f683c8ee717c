"""An indexing run: steps from tables to tables, then one commit.

Every step reads what the last snapshot holds, computes only what changed, and writes new table versions; nothing is
visible before the commit. A step's fingerprint (code version and settings) in the manifest tells the next run what
it may keep.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, Generic, TypeVar

from graphrag_lite.errors import BudgetExceededError, NotFoundError, SettingsError
from graphrag_lite.index import batches, views
from graphrag_lite.index.choose import choose_recipe, describe_overridden, last_recipe
from graphrag_lite.index.credits import chat_models, named
from graphrag_lite.index.discover import SourceFile, describe_skipped, directories, discover
from graphrag_lite.index.embed import check_model, embedding_for, update_vectors, use_vectors
from graphrag_lite.index.enrich import ChatFactory, chat_for, extract_facts
from graphrag_lite.index.extract import remembered_readings
from graphrag_lite.index.failed import kept_failures, with_names
from graphrag_lite.index.fingerprints import step_fingerprints, wants_model
from graphrag_lite.index.hashing import fingerprint
from graphrag_lite.index.heap import resting_heap
from graphrag_lite.index.import_facts import describe_lost, read_facts, store_facts
from graphrag_lite.index.ingest import Ingest, Ingested
from graphrag_lite.index.mapped_view import ViewParts, chunk_parts, ordered_chunks, write_view
from graphrag_lite.index.origins import update_origins
from graphrag_lite.index.run import Run
from graphrag_lite.index.stated import has_model_facts, read_stated
from graphrag_lite.index.update_chunks import count_names, drop_dead_facts, extract_statistics, update_chunks
from graphrag_lite.index.update_mentions import Names, resolve_names
from graphrag_lite.index.vocabulary import Counts
from graphrag_lite.llm.assumed import describe_assumptions
from graphrag_lite.llm.dispatch import Dispatcher
from graphrag_lite.llm.embedding import INSTALL_OFFLINE, open_embedding_model
from graphrag_lite.llm.prices import format_usd
from graphrag_lite.llm.protocols import EmbeddingModel
from graphrag_lite.llm.usage import NO_MONEY_USD, UsageMeter
from graphrag_lite.progress import Progress, SilentProgress
from graphrag_lite.records import Document, Facts, IndexReport
from graphrag_lite.settings import EmbeddingSettings, Settings
from graphrag_lite.store.snapshots import Manifest, now
from graphrag_lite.store.tables import Store

EmbeddingFactory = Callable[[EmbeddingSettings], EmbeddingModel | None]
T = TypeVar("T")


def index(
    store: Store,
    overrides: Mapping[str, Any],
    sources: Sequence[str | Path | Document],
    *,
    recipe: str | None = None,
    facts: Path | None = None,
    budget_usd: float | None = None,
    progress: Progress | None = None,
    open_embedding: EmbeddingFactory = open_embedding_model,
    open_chat: ChatFactory | None = None,
    earlier: batches.Round | None = None,
) -> IndexReport:
    """Bring a knowledge base in line with its sources; see `KnowledgeBase.index`."""
    earlier = earlier or batches.Round()
    chosen, settings = choose_recipe(store.folder, overrides, recipe)
    documents = [source for source in sources if isinstance(source, Document)]
    paths = [source for source in sources if not isinstance(source, Document)]
    skipped: Counter[str] = Counter()
    files = list(discover(paths, settings.load, skipped))
    budget = _cap_usd(settings, budget_usd)
    told: list[str] = []
    with (
        resting_heap(),
        store.writer() as writer,
        chat_for(store, settings, budget_usd, open_chat, earlier.cost_usd, told.append) as chat,
    ):
        shared = chat.meter if chat and open_chat is None else None
        meter = shared or UsageMeter(budget)
        opened = open_embedding(settings.embedding) if "embed" in chosen.steps else None
        model = embedding_for(store, opened, meter, told.append)
        run = Run(writer, settings, chosen, progress or SilentProgress(), model, chat, budget, meter)
        run.replaces = earlier.snapshot
        run.notices.extend(filter(None, [*told, describe_skipped(skipped), describe_overridden(chosen, settings)]))
        if chat is not None and open_chat is None:
            run.notices.extend(describe_assumptions(settings.llm))
        if model is not None:
            with run.embeds_within_budget():
                check_model(writer.manifest, model, settings.embedding)  # before an hour of other work
        if wants_model(settings) and chat is None:
            run.stop_at_budget(BudgetExceededError("The budget is 0 USD, so no model was asked."))
        batches.collect(run)
        ingested = _ingest(run, files, directories(paths), documents)
        stated_facts = read_facts(run, facts) if facts else None
        return _finish(run, ingested, stated_facts, reason="index")


def remove(
    store: Store, overrides: Mapping[str, Any], names: Sequence[str], *, progress: Progress | None = None
) -> IndexReport:
    """Remove sources or documents; see `KnowledgeBase.remove`."""
    chosen, settings = last_recipe(store, overrides)
    with store.writer() as writer:
        run = Run(writer, settings, chosen, progress or SilentProgress())
        ingest = Ingest(writer, settings)
        for name in names:
            ingest.remove_named(name)
        report = _finish(run, ingest.finish(), None, reason=f"remove {' '.join(names)}"[:200])
        # Sources that could not be read earlier are no failure of a removal.
        return replace(report, failures=tuple(f for f in report.failures if f.step != "load"))


def reembed(
    store: Store,
    overrides: Mapping[str, Any],
    *,
    anew: bool = False,
    budget_usd: float | None = None,
    progress: Progress | None = None,
    open_embedding: EmbeddingFactory = open_embedding_model,
) -> IndexReport:
    """Change to the embedding model of the settings; see `KnowledgeBase.reembed`."""
    chosen, settings = last_recipe(store, overrides)
    if "embed" not in chosen.steps:
        chosen, settings = choose_recipe(store.folder, overrides, "local")
    model = open_embedding(settings.embedding)
    if model is None:
        raise SettingsError(
            f"no embedding model is configured or installed. Set embedding.model in grl.toml, or {INSTALL_OFFLINE}"
        )
    budget = _cap_usd(settings, budget_usd)
    meter = UsageMeter(budget)
    with store.writer() as writer:
        told: list[str] = []
        metered = embedding_for(store, model, meter, told.append)
        run = Run(writer, settings, chosen, progress or SilentProgress(), metered, None, budget, meter)
        run.notices.extend(told)
        with run.embeds_within_budget():
            use_vectors(run, anew=anew)
        return _finish(run, Ingest(writer, settings).finish(), None, reason=f"reembed {model.name}", force=True)


def undo_merge(
    store: Store, overrides: Mapping[str, Any], merge_id: str, *, undone: bool, progress: Progress | None = None
) -> IndexReport:
    """Record that a merge shall not (or shall again) be made, and rebuild what depends on it."""
    chosen, settings = last_recipe(store, overrides)
    with store.writer() as writer:
        rows = writer.read_keys("decisions", [merge_id]).to_pylist()
        if not rows:
            raise NotFoundError(f"no merge {merge_id!r}. List them: grl merges")
        row = rows[0] | {"undone": undone}
        writer.replace_keys("decisions", [merge_id], [row | {"fingerprint": fingerprint(row)}])
        run = Run(writer, settings, chosen, progress or SilentProgress())
        scope = {row["scope"]} if row["scope"] else set()
        return _finish(
            run, Ingest(writer, settings).finish(), None, reason=f"undo {merge_id}", documents=scope, force=True
        )


def _cap_usd(settings: Settings, budget_usd: float | None) -> float:
    """The hard cap of a run; 0: none. A budget of 0 that was given is a cap under which nothing is paid for."""
    return settings.budget.max_usd if budget_usd is None else max(budget_usd, NO_MONEY_USD)


def _ingest(run: Run, files: Sequence[SourceFile], folders: Collection[str], documents: Sequence[Document]) -> Ingested:
    ingest = Ingest(run.writer, run.settings)
    with run.step("load", len(files) + len(documents)) as task:
        ingest.remove(ingest.gone(files, folders))
        ingest.files(files, task)
        ingest.documents(documents)
        task.advance(len(documents))
        return ingest.finish()


def _finish(
    run: Run,
    ingested: Ingested,
    stated_rows: Mapping[str, Sequence[Mapping[str, str]]] | None,
    *,
    reason: str,
    documents: set[str] | None = None,
    force: bool = False,
) -> IndexReport:
    """The steps after the documents are in place."""
    writer = run.writer
    run.failures.extend(ingested.failures)
    stale = [step for step in step_fingerprints(run.settings) if step != "load" and run.is_stale(step)]
    is_due = not writer.manifest.is_whole and (run.chat is not None or run.embedding_model is not None)
    if not (ingested.is_change or stale or stated_rows or force or writer.is_new or run.lacks_vectors or is_due):
        return _report(run, writer.manifest, ingested)
    update_origins(run)
    update_chunks(run)
    lost = drop_dead_facts(writer)
    if stated_rows is None and (ingested.changed or "chunk" in stale):
        run.notices.extend(filter(None, [describe_lost(lost)]))
    batches.forget_gone(writer.store.folder, lambda: set(writer.distinct("chunks", "text_hash").to_pylist()))
    if stated_rows:
        store_facts(writer, stated_rows)
    keys = run.settings.query.metadata
    with (
        remembered_readings(is_awaited=run.chat is not None),
        _later(run, lambda: chunk_parts(writer, ordered_chunks(writer), keys)) as of_chunks,
    ):
        with _later(run, lambda: update_vectors(run)) as vectors:
            facts, names = _extract(run, (of_chunks.start, vectors.start) if run.chat else ())
            made = views.update(run, facts, names, documents or set(), of_chunks.result if run.chat else None)
            batches.submit(run)
            vectors.result()
        run.failures[:] = with_names(writer, run.failures)
        is_same = not writer.has_changed and not writer.is_new and not stale
        if is_same and run.is_whole == writer.manifest.is_whole:
            return _report(run, writer.note_failures(kept_failures(run)), ingested)
        with run.step("commit"):
            manifest = _commit(run, ingested, made, facts, reason)
    return _report(run, manifest, ingested)


def _extract(run: Run, starts: Iterable[Callable[[], None]]) -> tuple[list[Facts], Names]:
    """What models and people state of the texts, and the names; statistics are made while a model reads.

    `starts` begin what goes on beside from then on: the first calls are under way before it takes its share of the CPU.
    """
    counts = Counts()
    made = run.writer.make_tables()
    statistics = chain(made, (start() for start in starts), extract_statistics(run), count_names(run, counts))
    does_without = "llm" not in run.settings.extract.methods
    facts = extract_facts(run, read_stated(run.writer, with_model=not does_without), statistics)
    deque(statistics, 0)  # what is left of them
    if does_without and run.is_stale("mentions") and has_model_facts(run.writer):
        run.notices.append(
            f"The recipe {run.recipe.name} does without a chat model: what one extracted earlier is kept, and counts "
            "again in a run that uses it."
        )
    return facts, resolve_names(run, facts, counts)


class _Later(Generic[T]):
    """Work whose result is wanted later: made when it is asked for, or in a thread once it is started."""

    def __init__(self, work: Callable[[], T], thread: Dispatcher[str, T]) -> None:
        self._work = work
        self._thread = thread

    def start(self) -> None:
        """Go on beside."""
        self._thread.submit("later", self._work)

    def result(self) -> T:
        """The result, once it is there."""
        return next(self._thread.completed()).result() if self._thread.pending else self._work()


@contextmanager
def _later(run: Run, work: Callable[[], T]) -> Iterator[_Later[T]]:
    with Dispatcher[str, T](1) as thread:
        try:
            yield _Later(work, thread)
        except BaseException as error:
            run.has_failed.set()
            if isinstance(error, Exception):  # Ctrl-C waits for nothing
                deque(thread.completed(), 0)  # nothing is written once the lock of the writer is given up
            raise


def _stays_whole(run: Run) -> bool:
    """True where a run without any model, such as a removal, has changed nothing that a model's work is made from."""
    before = run.writer.manifest
    asks = run.chat is not None or run.embedding_model is not None or run.stopped_at_budget
    is_same = before.fingerprints == step_fingerprints(run.settings)
    return before.is_whole and is_same and not asks and not run.writer.has_changed_beyond("sources", "origins")


def _removed_tokens(run: Run, ingested: Ingested) -> int:
    """Of the texts whose removal is all that leaves the model something to do; 0 where there is more, or nothing."""
    before = run.writer.manifest
    was_all = before.is_whole or before.removed_tokens > 0
    is_removal = ingested.removed > 0 and not (ingested.added or ingested.changed)
    if run.is_whole or run.chat is not None or not (was_all and is_removal):
        return 0
    if before.fingerprints != step_fingerprints(run.settings):
        return 0
    return max(1, before.removed_tokens + ingested.removed_tokens)


def _commit(run: Run, ingested: Ingested, made: ViewParts, facts: Sequence[Facts], reason: str) -> Manifest:
    writer = run.writer
    writer.compact()
    is_whole = run.is_whole or _stays_whole(run)
    vectors, extractors = writer.vectors(), chat_models(run, facts)
    embedding = vectors.get(writer.vector_table, {})
    manifest = Manifest(
        id=writer.store.snapshots.next_id(),
        created_at=now(),
        tables=writer.versions(),
        counts=writer.counts(),
        fingerprints=step_fingerprints(run.settings),
        models={"embedding": embedding.get("model", "none"), "chat": named(extractors)},
        embedding_dimensions=embedding.get("dimensions", 0),
        vector_table=writer.vector_table,
        vectors=vectors,
        recipe={"name": run.recipe.name, "steps": list(run.recipe.steps), "settings": run.recipe.settings},
        reason=reason,
        is_whole=is_whole,
        failures=kept_failures(run),
        extractors=extractors,
        removed_tokens=0 if is_whole else _removed_tokens(run, ingested),
    )
    with writer.writing():
        write_view(made, writer.store.snapshots.view_folder(manifest.id))
    writer.commit(manifest, keep=run.settings.snapshots.keep, replaces=run.replaces)
    return manifest


def _report(run: Run, manifest: Manifest, ingested: Ingested) -> IndexReport:
    run.timings["total"] = time.perf_counter() - run.started
    if run.chat and run.chat.lost_usd:
        most = format_usd(run.chat.lost_usd)
        run.notices.append(f"Calls to {run.chat.name} broke off; for these up to {most} may have been billed besides.")
    return IndexReport(
        snapshot=manifest.id,
        counts=dict(manifest.counts),
        changes={name: getattr(ingested, name) for name in ("added", "changed", "moved", "removed", "unchanged")},
        failures=tuple(run.failures),
        notices=tuple(run.notices),
        usage=run.usage,
        timings=dict(run.timings),
        models=dict(manifest.models),
        stopped_at_budget=run.stopped_at_budget or run.embeds_no_more,
        waiting=run.chat.batches.waiting if run.chat and run.chat.batches and run.chat.pending else 0,
    )
