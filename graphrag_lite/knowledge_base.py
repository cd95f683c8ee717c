"""The SDK: one object with verbs.

Heavy libraries are imported inside the verbs, so that importing the package costs next to nothing.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from graphrag_lite.errors import InputError, NotFoundError, SettingsError
from graphrag_lite.llm.models import Models
from graphrag_lite.progress import Progress, SilentProgress
from graphrag_lite.records import (
    Answer,
    Chunk,
    Claim,
    Community,
    CommunityReport,
    Document,
    Entity,
    Estimate,
    IndexReport,
    Merge,
    Passage,
    Relationship,
    Turn,
)

if TYPE_CHECKING:
    import networkx as nx

    from graphrag_lite.index.tune_prompts import TuningPlan, TuningReport
    from graphrag_lite.llm.protocols import ChatModel, EmbeddingModel
    from graphrag_lite.query.by_model.context import Context
    from graphrag_lite.query.contents import Contents
    from graphrag_lite.query.filters import Filter
    from graphrag_lite.query.session import Session
    from graphrag_lite.query.settle import Question
    from graphrag_lite.settings import Settings
    from graphrag_lite.store.snapshots import Manifest
    from graphrag_lite.store.tables import Reader, Store

Source = str | Path | Document


class KnowledgeBase:
    """A GraphRAG knowledge base in one directory.

    Safe to call from several threads, notebooks and running event loops. Any number of processes may read while one
    writes; each call sees one committed snapshot whole.

    Args:
        path: The directory; made by the first `index`.
        settings: Nested settings that win over `grl.toml`, as `{"chunk": {"max_tokens": 200}}`.
        progress: Shown the steps of long work; nothing by default.
        embedding_model: Used instead of the one that the settings name.
        chat_model: Used instead of the one that the settings name; a budget is then its own business.

    Raises:
        SettingsError: `grl.toml`, an environment variable or `settings` is wrong.
    """

    def __init__(
        self,
        path: str | Path = "grl-kb",
        *,
        settings: Mapping[str, Any] | None = None,
        progress: Progress | None = None,
        embedding_model: EmbeddingModel | None = None,
        chat_model: ChatModel | None = None,
    ) -> None:
        self.path = Path(path)
        self._overrides = dict(settings or {})
        self._progress = progress or SilentProgress()
        self._models = Models(self.path, chat_model, embedding_model)
        if chat_model is not None:
            self._overrides["llm"] = {**self._overrides.get("llm", {}), "model": chat_model.name}
        self._session: Session | None = None
        self._lock = threading.Lock()
        self._writing = threading.RLock()  # of threads that share this, one writes after the other
        if self.path.exists() and not self.path.is_dir():
            raise InputError(f"{self.path}: is a file. A knowledge base is a directory: choose another path")
        self.settings  # noqa: B018  # wrong settings are reported now, not at the first verb

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of open tables, memory-mapped files and connections. What is asked afterwards opens them again."""
        self._let_go()
        self._models.close_embedding()

    def _let_go(self) -> None:
        """Drop what shows an old snapshot."""
        with self._lock:
            self._session = None
        self._models.close_chat()

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Write when no other thread that shares this does, and show the new snapshot behind it."""
        with self._writing:
            yield
            self._let_go()

    @property
    def settings(self) -> Settings:
        """The merged settings, without those of a recipe."""
        from graphrag_lite.settings import load_settings

        return load_settings(self.path, overrides=self._overrides)

    # Writing

    def index(
        self,
        sources: Source | Iterable[Source] = (),
        *,
        recipe: str | None = None,
        facts: str | Path | None = None,
        budget_usd: float | None = None,
        batch: bool | None = None,
        batch_wait: bool = False,
    ) -> IndexReport:
        """Bring the knowledge base in line with the sources; with nothing changed, nothing is done.

        Directories are compared whole: a file that is gone from one is removed. Other sources stay as they are.

        Args:
            sources: Files, directories, globs or `Document` objects.
            recipe: auto, instant, local, standard, thorough or a YAML file; default: that of the settings.
            facts: A JSONL file of `{id, entities, triples}` that you already have.
            budget_usd: Hard cap on what models may cost in this run.
            batch: Ask the chat model by its provider's Batch API; default: `llm.batch`. The replies are collected by a
                later run; the report's `waiting` counts them.
            batch_wait: The same, and wait for the replies, in rounds, until everything is done.

        Raises:
            InputError: A source does not exist.
            LockedError: Another process, or another object of this one, is writing.
        """
        from graphrag_lite.store.object_store import check_place

        given = _as_sources(sources)
        check_place(self.path, self.settings.store)
        overrides = self._overrides
        if batch is not None or batch_wait:
            overrides = {**overrides, "llm": {**overrides.get("llm", {}), "batch": batch or batch_wait}}
        paths = [source for source in given if not isinstance(source, Document)]
        if facts is None and len(paths) == len(given):
            from graphrag_lite.index.unchanged import unchanged_report

            open_embedding = self._models.open_embedding
            unchanged = unchanged_report(self.path, overrides, paths, recipe, open_embedding=open_embedding)
            if unchanged is not None:
                return unchanged
        from graphrag_lite.index.batches import Round, index_until_whole
        from graphrag_lite.index.pipeline import index

        chat = self._models.given_chat

        def index_once(cap_usd: float | None, earlier: Round) -> IndexReport:
            return index(
                self._store(),
                overrides,
                given,
                recipe=recipe,
                facts=Path(facts) if facts else None,
                budget_usd=cap_usd,
                progress=self._progress,
                open_embedding=self._models.open_embedding,
                open_chat=(lambda settings, max_usd: chat) if chat else None,
                earlier=earlier,
            )

        with self._in_turn():
            if batch_wait:
                return index_until_whole(index_once, self.path, overrides, recipe, budget_usd, self._progress)
            return index_once(budget_usd, Round())

    def remove(self, *sources: str | Path) -> IndexReport:
        """Remove sources (files, directories, globs, document ids) with everything that only they support.

        Raises:
            NotFoundError: Nothing of that name was indexed.
        """
        from graphrag_lite.index.pipeline import remove

        with self._in_turn():
            return remove(self._store(), self._overrides, [str(s) for s in sources], progress=self._progress)

    def reembed(self, *, anew: bool = False, budget_usd: float | None = None) -> IndexReport:
        """Change to the embedding model of the settings: only texts that it has not embedded before are embedded.

        Args:
            anew: Drop what the model computed before, as when it changed under its old name.
            budget_usd: Hard cap on what the model may cost; default: that of the settings.

        Raises:
            SettingsError: No embedding model is configured or installed.
        """
        from graphrag_lite.index.pipeline import reembed

        with self._in_turn():
            return reembed(
                self._store(),
                self._overrides,
                anew=anew,
                budget_usd=budget_usd,
                progress=self._progress,
                open_embedding=self._models.open_embedding,
            )

    def undo_merge(self, merge_id: str, *, undone: bool = True) -> IndexReport:
        """Take back a decision that two names are one entity (`undone=False`: make it again).

        Raises:
            NotFoundError: There is no such merge; `merges` lists them.
        """
        from graphrag_lite.index.pipeline import undo_merge

        with self._in_turn():
            return undo_merge(self._store(), self._overrides, merge_id, undone=undone, progress=self._progress)

    def rollback(self, snapshot_id: str) -> Manifest:
        """Make another snapshot the current one."""
        with self._in_turn():
            return self._store().rollback(snapshot_id)

    def estimate(
        self,
        sources: Source | Iterable[Source] = (),
        *,
        recipe: str | None = None,
        facts: str | Path | None = None,
        anew: bool = False,
    ) -> Estimate:
        """What `index` would do and cost. Nothing is written and no model is called.

        Without sources and with the recipe "local", its step "embed" is what `reembed` would cost.

        Args:
            sources: As for `index`.
            recipe: As for `index`.
            facts: As for `index`.
            anew: As for `reembed`.

        Raises:
            InputError: A source does not exist.
            SettingsError: Nothing tells which server has the chat model.
        """
        from graphrag_lite.index.dry_run import estimate

        found = estimate(
            self._store(),
            self._overrides,
            _as_sources(sources),
            recipe=recipe,
            facts=Path(facts) if facts else None,
            anew=anew,
            open_embedding=self._models.open_embedding,
        )
        if found.steps and self._models.given_chat is None:
            from graphrag_lite.llm.providers import find_server

            llm = self.settings.llm
            find_server(llm.provider, llm.base_url, llm.model)
        return found

    # Prompts

    def plan_prompts(self, sources: Source | Iterable[Source] = (), *, sample: int = 20) -> TuningPlan:
        """What `tune_prompts` would ask the chat model, and cost. Calls no model.

        Args:
            sources: Documents, which need not be indexed; none: those of the knowledge base.
            sample: Passages shown to the model, for each language, at most.

        Raises:
            SettingsError: No chat model is named.
            InputError: A source does not exist, or there is no text.
        """
        from graphrag_lite.index.sample import chunks_of_base, chunks_of_sources
        from graphrag_lite.index.tune_prompts import plan_tuning

        settings, given = self.settings, _as_sources(sources)
        if not settings.llm.model:
            raise SettingsError("Tuning prompts needs a chat model. Set llm.model in grl.toml, or GRL_LLM__MODEL.")
        if not given:
            self._open()  # tells what to do where there is no knowledge base
        chunks, titles = chunks_of_sources(given, settings) if given else chunks_of_base(self._reader())
        return plan_tuning(chunks, titles, settings, most=sample)

    def tune_prompts(self, plan: TuningPlan, folder: str | Path) -> TuningReport:
        """Have the model adapt the extraction prompt to a collection, and write it to `folder` for review.

        Nothing is used until `llm.prompts` names the folder.

        Args:
            plan: Of `plan_prompts`.
            folder: Receives `en/extract.md`, `zh/extract.md` and `CHANGES.md`, for the languages of the plan.

        Raises:
            InputError: There are such files already.
            ModelError: The model wrote nothing that can be used.
        """
        from graphrag_lite.index.tune_prompts import tune_prompts

        self.path.mkdir(parents=True, exist_ok=True)  # replies are kept there
        model = self._models.open_chat(self.settings.llm)
        assert model is not None, "a plan is made only where a model is named"
        return tune_prompts(plan, model, self.settings, Path(folder))

    # Asking

    def retrieve(
        self, question: str, *, top_k: int | None = None, mode: str | None = None, where: Filter | None = None
    ) -> list[Passage]:
        """The passages that best support an answer, best first, each with the path by which it was reached.

        Never calls a language model.

        Args:
            question: In any language of the documents.
            top_k: How many; default: that of the settings.
            mode: basic follows no links; every other mode does.
            where: Only documents whose metadata pass: `{"tenant": "acme", "year": {">=": 2020}}` or
                `["tenant=acme", "year>=2020"]`.

        Raises:
            QuestionError: The question holds no word, or the filter cannot be read.
            NotFoundError: Nothing was indexed yet.
        """
        from graphrag_lite.query.question import usable_question

        return self._open().retrieve(usable_question(question), top_k=top_k, where=where, hops=mode != "basic")

    def query(
        self,
        question: str,
        *,
        mode: str | None = None,
        where: Filter | None = None,
        history: Sequence[Turn] = (),
    ) -> Answer:
        """An answer with verified citations; by the chat model where one is named, else quoted.

        Args:
            question: In any language of the documents.
            mode: auto, basic, local, global or drift; default: that of the settings.
            where: As for `retrieve`; nothing of other documents reaches the answer.
            history: Earlier turns of the conversation, oldest first.
        """
        from graphrag_lite.query.ask import query

        return query(*self._asked(question, mode, where, history))

    def stream(
        self,
        question: str,
        *,
        mode: str | None = None,
        where: Filter | None = None,
        history: Sequence[Turn] = (),
    ) -> Iterator[str | Answer]:
        """Pieces of the answer's text as they come, and at the end the `Answer`; arguments as for `query`."""
        from graphrag_lite.query.ask import stream

        return stream(*self._asked(question, mode, where, history))

    def context(self, question: str, *, mode: str | None = None, where: Filter | None = None) -> Context:
        """What a model would be shown: `text` with numbered sources, and the `passages` behind them. Calls no model."""
        from graphrag_lite.query.by_model.ask import pack
        from graphrag_lite.query.question import usable_question
        from graphrag_lite.query.search import Search

        session = self._open()
        search = Search(session, session.permitted(where))
        return pack(search, usable_question(question), mode or session.settings.query.mode)

    async def aquery(
        self,
        question: str,
        *,
        mode: str | None = None,
        where: Filter | None = None,
        history: Sequence[Turn] = (),
    ) -> Answer:
        """`query`, off the event loop.

        Cancelled, it asks the model nothing more. A call under way ends by itself, and its reply is kept.
        """
        from graphrag_lite.off_loop import in_thread
        from graphrag_lite.query.ask import query

        given_up = threading.Event()
        try:
            return await in_thread(lambda: query(*self._asked(question, mode, where, history), given_up))
        finally:
            given_up.set()

    async def astream(
        self,
        question: str,
        *,
        mode: str | None = None,
        where: Filter | None = None,
        history: Sequence[Turn] = (),
    ) -> AsyncGenerator[str | Answer, None]:
        """`stream`, off the event loop: every piece is drawn in one thread of its own."""
        import asyncio
        from concurrent.futures import ThreadPoolExecutor

        from graphrag_lite.query.ask import stream

        given_up = threading.Event()

        def events() -> Generator[str | Answer, None, None]:
            yield from stream(*self._asked(question, mode, where, history), given_up)

        loop, thread, drawn = asyncio.get_running_loop(), ThreadPoolExecutor(1, "astream"), events()
        try:
            while (event := await loop.run_in_executor(thread, next, drawn, None)) is not None:
                yield event
        finally:  # behind the piece that a cancelled reader leaves under way
            given_up.set()
            thread.submit(drawn.close)
            thread.shutdown(wait=False)

    async def aretrieve(
        self, question: str, *, top_k: int | None = None, mode: str | None = None, where: Filter | None = None
    ) -> list[Passage]:
        """`retrieve`, off the event loop."""
        import asyncio

        return await asyncio.to_thread(self.retrieve, question, top_k=top_k, mode=mode, where=where)

    async def aindex(self, sources: Source | Iterable[Source] = (), **options: Any) -> IndexReport:
        """`index`, off the event loop."""
        import asyncio

        return await asyncio.to_thread(lambda: self.index(sources, **options))

    # Looking

    def document(self, document_id: str) -> Document:
        """A stored document.

        Raises:
            NotFoundError: There is none with this id.
        """
        return self._contents().document(document_id)

    def chunk(self, chunk_id: str) -> Chunk:
        """A stored chunk.

        Raises:
            NotFoundError: There is none with this id.
        """
        return self._contents().chunk(chunk_id)

    def documents(self) -> list[Document]:
        """All documents without their text, by id."""
        return self._contents().documents()

    def document_ids(self, source: str | Path) -> list[str]:
        """Ids of the documents that a source holds, those included that are kept once for several sources.

        Args:
            source: As a document names it, or the path of a file.

        Raises:
            NotFoundError: There is no such source, or nothing could be read from it.
        """
        return self._contents().document_ids(str(source))

    def entities(self, *, where: Filter | None = None) -> list[Entity]:
        """Entities, most frequent first; with a filter only what permitted documents say of them."""
        return self._contents().entities(where)

    def relationships(self, *, where: Filter | None = None) -> list[Relationship]:
        """Relationships, heaviest first; with a filter those that permitted documents support."""
        return self._contents().relationships(where)

    def claims(self, *, where: Filter | None = None) -> list[Claim]:
        """Claims, those of the entity with most of them first; with a filter those that permitted documents make.

        There are some only where a model was asked for them: `extract.claims`, as in the recipe `thorough`.
        """
        return self._contents().claims(where)

    def communities(self, *, level: int | None = None, where: Filter | None = None) -> list[Community]:
        """Communities of one level (0 is the coarsest), or of all; largest first.

        With a filter, those that nothing but permitted documents went into.
        """
        return self._contents().communities(level, where)

    def reports(self, *, level: int | None = None, where: Filter | None = None) -> list[CommunityReport]:
        """Community reports of one level, or of all; highest rating first.

        With a filter, those that nothing but permitted documents went into.
        """
        return self._contents().reports(level, where)

    def merges(self) -> list[Merge]:
        """Every recorded decision that two names are one entity."""
        return self._contents().merges()

    def graph(self) -> nx.Graph:
        """The entity graph: nodes are entity ids with name, type, frequency; edges have weight and description."""
        from graphrag_lite.graph.build import build_graph

        return build_graph(self.entities(), self.relationships())

    def snapshots(self) -> list[Manifest]:
        """All snapshots whose manifest can be read, oldest first."""
        from graphrag_lite.store.snapshots import Snapshots

        return Snapshots(self.path / "snapshots").readable()

    def current_snapshot(self) -> Manifest | None:
        """The committed snapshot; None before the first run."""
        from graphrag_lite.store.snapshots import Snapshots

        return Snapshots(self.path / "snapshots").current()

    def status(self) -> dict[str, Any]:
        """Counts, size, snapshot, models, and what failed; plain values."""
        from graphrag_lite.llm.ledger import model_use

        status = self._contents().status()
        awaits_model = not self._open().manifest.is_whole
        whole = {"is_whole": not awaits_model and not status["failures"], "awaits_model": awaits_model}
        return status | whole | model_use(self.path / "cache.sqlite")

    def doctor(self) -> list[str]:
        """Problems found when every invariant of the store is checked; empty when it is sound."""
        from graphrag_lite.index.doctor import find_problems
        from graphrag_lite.llm.ledger import cache_problems

        return [*find_problems(self._reader()), *cache_problems(self.path / "cache.sqlite")]

    def _asked(
        self, question: str, mode: str | None, where: Filter | None, history: Sequence[Turn]
    ) -> tuple[Session, Question, ChatModel | None]:
        """What `ask` needs: the snapshot, what is asked of it, and the model that answers."""
        from graphrag_lite.query.question import usable_question, usable_turns
        from graphrag_lite.query.settle import Question

        asked = Question(usable_question(question), mode, where, usable_turns(history))
        return self._open(), asked, self._models.open_chat(self.settings.llm)

    def _store(self) -> Store:
        from graphrag_lite.store.tables import Store

        return Store(self.path, self.settings.store)

    def _reader(self) -> Reader:
        return self._store().reader()

    def _open(self) -> Session:
        """The session on the current snapshot; a new one where another process has committed since."""
        from graphrag_lite.query.session import Doors, Session
        from graphrag_lite.store.snapshots import Snapshots

        with self._lock:
            snapshots = Snapshots(self.path / "snapshots")
            manifest = snapshots.current()
            if manifest is None:
                raise NotFoundError(f"{self.path}: holds no knowledge base yet. Fill it first: grl index SOURCE...")
            if self._session is None or manifest != self._session.manifest:
                doors = Doors(self._store_reader, self._rebuild_view, self._models.open_embedding_to_ask)
                self._session = Session(snapshots, manifest, self.settings, doors)
            return self._session

    def _contents(self) -> Contents:
        from graphrag_lite.query.contents import Contents

        return Contents(self._open())

    def _store_reader(self, snapshot_id: str) -> Reader:
        return self._store().reader(snapshot_id)

    def _rebuild_view(self, reader: Reader) -> None:
        from graphrag_lite.index.mapped_view import rebuild_view

        rebuild_view(reader, self.settings.query.metadata)


def _as_sources(sources: Source | Iterable[Source]) -> list[Source]:
    if isinstance(sources, (str, Path, Document)):
        return [sources]
    found = list(sources)
    wrong: Collection[object] = [s for s in found if not isinstance(s, (str, Path, Document))]
    if wrong:
        raise InputError(f"a source is a path or a Document, not {type(next(iter(wrong))).__name__}")
    return found
