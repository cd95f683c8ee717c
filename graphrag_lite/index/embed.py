"""Vectors of all chunks: computed for the texts that have none by this model, kept for all others.

A text that was embedded once is never embedded again by the same model, whatever other models were used meanwhile;
what no chunk says any more is deleted from the vectors of every model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from contextlib import closing, contextmanager
from functools import partial
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graphrag_lite.errors import ModelError, SettingsError, VersionMismatchError, as_sentence
from graphrag_lite.index.hashing import text_id
from graphrag_lite.index.run import Run
from graphrag_lite.index.vectors_journal import forget_vectors, keep_vectors, kept_vectors
from graphrag_lite.llm.cache import ReplyCache
from graphrag_lite.llm.dispatch import Dispatcher
from graphrag_lite.llm.embedding import INSTALL_OFFLINE, OpenAIEmbeddingModel
from graphrag_lite.llm.ledger import enter
from graphrag_lite.llm.prices import format_usd
from graphrag_lite.llm.protocols import EmbeddingModel
from graphrag_lite.llm.usage import NO_MONEY_USD, UsageMeter
from graphrag_lite.progress import Task
from graphrag_lite.records import Failure
from graphrag_lite.settings import EmbeddingSettings
from graphrag_lite.store.snapshots import Manifest
from graphrag_lite.store.tables import Reader, Store, without
from graphrag_lite.store.vectors import VectorSpace, index_vectors, space_in_use, vectors_schema, vectors_table
from graphrag_lite.store.writer import Writer

_CHUNKS_IN_ONE_READ = 8192
_TEXTS_IN_ONE_WRITE = 1024
_TEXTS_IN_ONE_CALL = 256  # of a model in this process, which cuts them into batches; in between the progress moves
_Embedded = tuple[list[str], NDArray[np.float32]]  # keys of texts, and their vectors


def embedded_text(title: str, text: str) -> str:
    """What is embedded of a chunk: the title says what "it" is."""
    return f"{title}\n{text}" if title else text


def embedded_hash(title: str, text: str) -> str:
    """The key of a chunk's vector."""
    return text_id(title, text)


def embedded_hashes(reader: Reader) -> pa.Array:
    """The keys of the vectors that the chunks need, each once."""
    parts = [pa.array(list(map(embedded_hash, *labelled)), pa.string()) for labelled in labelled_texts(reader)]
    return pc.unique(pa.chunked_array(parts, pa.string()))


def embedding_for(
    store: Store, model: EmbeddingModel | None, meter: UsageMeter, on_mended: Callable[[str], None]
) -> EmbeddingModel | None:
    """The embedding model as one run uses it: behind a server it draws on the run's meter and enters the ledger.

    Args:
        store: The knowledge base.
        model: As it was opened.
        meter: Of the run.
        on_mended: Told where the ledger proved damaged and was mended, before anything is paid.

    Raises:
        SettingsError: There is a cap and nobody knows the price.
        StoreError: There is no ledger to be kept.
    """
    if not isinstance(model, OpenAIEmbeddingModel):
        return model
    if meter.max_usd > NO_MONEY_USD and model.price is None:
        raise SettingsError(
            f"The price of {model.name} is unknown, so a budget cannot be held. "
            "Set embedding.price_input_usd (USD for 1M tokens)."
        )

    path = store.folder / "cache.sqlite"
    ReplyCache(path, on_mended=on_mended).close()
    # where the ledger cannot be kept, the vectors could not be either
    return model.charged_to(meter, partial(enter, path, model.name, "embed"))


def space_of(model: EmbeddingModel, settings: EmbeddingSettings) -> VectorSpace:
    """What the vectors of a model are with these settings."""
    return VectorSpace(model.name, model.dimensions, settings.passage_prompt)


def check_model(manifest: Manifest, model: EmbeddingModel, settings: EmbeddingSettings) -> None:
    """Refuse to mix vectors. A model behind a server is called only where nothing says how long its vectors are.

    Raises:
        VersionMismatchError: The vectors in use are those of another model, dimension or prompt.
    """
    old = space_in_use(manifest)
    if old is None:
        space_of(model, settings)  # a wrong key or URL is told of before other work
        return
    if isinstance(model, OpenAIEmbeddingModel) and not settings.dimensions and old.model == model.name:
        model.expect(old.dimensions)
    named: VectorSpace | str = space_of(model, settings) if old.model == model.name else model.name
    if isinstance(named, str) or not named.is_held_by(manifest.vectors[manifest.vector_table]):
        raise VersionMismatchError(
            f"the knowledge base uses vectors of {old}, the settings name {named}. Set embedding.model back, or "
            "change to the other vectors: grl reembed"
        )


def use_vectors(run: Run, *, anew: bool = False) -> None:
    """Make the vectors of the run's model the ones in use; `anew` drops those that it computed before."""
    if run.embedding_model is not None:
        space = space_of(run.embedding_model, run.settings.embedding)
        schema = vectors_schema(space.dimensions)
        run.writer.use_vectors(space.table(run.writer.manifest), schema, space.described(), anew=anew)
        if anew:
            with _journal_for(run.writer, run.embedding_model) as journal:
                if journal is not None:
                    forget_vectors(journal, run.writer.vector_table)


def update_vectors(run: Run) -> None:
    """Embed what has no vector yet, where the recipe says so and a model is there; drop vectors of gone texts.

    At the end of the budget, or where the model fails, what was embedded until then is stored and in use, and the next
    run goes on.
    """
    writer, model = run.writer, run.embedding_model
    is_wanted = "embed" in run.recipe.steps and (model is not None or run.settings.embedding.model != "none")
    if not (writer.vector_tables or is_wanted):
        return
    live = embedded_hashes(writer)
    for name in writer.vector_tables:
        writer.delete_keys(name, without(_known(writer, name), live).to_pylist())
    run.misses_vectors = model is None and bool(writer.vector_table) and len(_missing(writer, live)) > 0
    if is_wanted and model is None:
        _tell_of_no_model(run)
    elif is_wanted and model is not None:
        with run.embeds_within_budget():
            use_vectors(run)
            missing = _missing(writer, live)
            with run.step("embed", len(missing)) as task:
                try:
                    _embed(run, model, set(missing.to_pylist()), task)
                except ModelError as error:
                    if writer.manifest.vector_table not in ("", writer.vector_table):
                        raise  # on the way to other vectors: those in use stay
                    run.misses_vectors = True
                    run.failures.append(Failure(model.name, as_sentence(str(error)), "embed"))
        if writer.vector_table:
            index_vectors(writer, run.settings.embedding.quantisation)


def _tell_of_no_model(run: Run) -> None:
    old = space_in_use(run.writer.manifest)
    if old is None:
        run.notices.append(
            f"no embedding model is installed, so retrieval goes by words and links. For vectors: {INSTALL_OFFLINE}"
        )
    elif run.misses_vectors:
        run.notices.append(
            f"no embedding model: {old.model} does not load here, so new chunks have no vectors. Install it and "
            "index again"
        )


def labelled_texts(reader: Reader) -> Iterator[tuple[list[str], list[str]]]:
    """Titles and texts of all chunks, some at a time."""
    for batch in reader.batches("chunks", ["title", "text"], size=_CHUNKS_IN_ONE_READ):
        yield [title or "" for title in batch["title"].to_pylist()], batch["text"].to_pylist()


def vectors_of(reader: Reader, model: str, prompt: str) -> set[str]:
    """The keys of the vectors that a snapshot has of a model; how long they are is not asked."""
    held = reader.manifest.vectors
    tables = [name for name, one in held.items() if VectorSpace(model, one["dimensions"], prompt).is_held_by(one)]
    return {key for name in tables for key in _known(reader, name).to_pylist()}


def _known(reader: Reader, table: str) -> pa.ChunkedArray:
    return reader.read(table, ["text_hash"])["text_hash"]


def _missing(writer: Writer, live: pa.Array) -> pa.Array:
    return without(live, _known(writer, writer.vector_table))


def _embed(run: Run, model: EmbeddingModel, missing: set[str], task: Task) -> None:
    """Embed the texts with these keys; the set is empty in the end."""
    with _journal_for(run.writer, model) as journal:
        if journal is not None:
            missing -= _restore(run, missing, task, journal)
        for titles, texts in labelled_texts(run.writer) if missing else ():
            found: dict[str, str] = {}
            for title, text in zip(titles, texts, strict=True):
                if (text_hash := embedded_hash(title, text)) in missing:
                    found[text_hash] = embedded_text(title, text)
            missing -= found.keys()
            _store(run, _embedded(run, model, found, journal), task, journal)


def _restore(run: Run, missing: set[str], task: Task, journal: ReplyCache) -> Set[str]:
    """Give the table what a run that was killed had noted; the keys of it. What else stands there is of no use."""
    kept = kept_vectors(journal, run.writer.vector_table, missing)
    if kept:
        _store(run, [(list(kept), np.stack(list(kept.values())))], task, journal)
    forget_vectors(journal, run.writer.vector_table)
    return kept.keys()


@contextmanager
def _journal_for(writer: Writer, model: EmbeddingModel) -> Iterator[ReplyCache | None]:
    """Where vectors are noted until a table holds them: only those that are paid for."""
    if not isinstance(model, OpenAIEmbeddingModel):
        yield None
        return
    with closing(ReplyCache(writer.store.folder / "cache.sqlite")) as journal:
        yield journal


def _embedded(
    run: Run, model: EmbeddingModel, texts: Mapping[str, str], journal: ReplyCache | None
) -> Iterator[_Embedded]:
    """Vectors of some texts by their keys, as they come. A run that has failed embeds no more."""
    # Texts of like length share a batch, so that little is padded.
    ordered = sorted(texts, key=lambda key: (len(texts[key]), key))

    def embed(keys: list[str]) -> _Embedded:
        return keys, model.embed([texts[key] for key in keys], "passage")

    if isinstance(model, OpenAIEmbeddingModel) and journal is not None:
        yield from _served(run, model, embed, _slices(ordered, model.batch_size), journal)
        return
    for keys in _slices(ordered, _TEXTS_IN_ONE_CALL):
        if run.has_failed.is_set():
            return
        yield embed(keys)


def _served(
    run: Run,
    model: OpenAIEmbeddingModel,
    embed: Callable[[list[str]], _Embedded],
    parts: Iterable[list[str]],
    journal: ReplyCache,
) -> Iterator[_Embedded]:
    """What a server embeds, several calls at once; where one fails, what is under way is paid for, and kept."""

    def ask(keys: list[str]) -> _Embedded:
        found = embed(keys)
        keep_vectors(journal, run.writer.vector_table, *found)
        return found

    failure: Exception | None = None
    with Dispatcher[int, _Embedded](model.concurrency) as pool:
        for number, keys in enumerate(parts):
            pool.submit(number, partial(ask, keys))
        for outcome in pool.completed():
            if outcome.error is None:
                yield outcome.result()
            failure = failure or outcome.error
            if failure or run.has_failed.is_set():
                pool.cancel_waiting()
    if failure:
        raise failure


def _slices(keys: list[str], size: int) -> Iterator[list[str]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))


def _store(run: Run, embedded: Iterable[_Embedded], task: Task, journal: ReplyCache | None) -> None:
    """Write vectors as they come, many at once; what came before a failure too: it survives a kill, as facts do."""
    waiting: list[_Embedded] = []
    try:
        for one in embedded:
            waiting.append(one)
            task.advance(len(one[0]), note=format_usd(run.embed_usage.cost_usd or None))
            if sum(len(keys) for keys, _ in waiting) >= _TEXTS_IN_ONE_WRITE:
                _write(run.writer, waiting, journal)
    finally:
        _write(run.writer, waiting, journal)


def _write(writer: Writer, waiting: list[_Embedded], journal: ReplyCache | None) -> None:
    if not waiting:
        return
    keys, vectors = list(chain.from_iterable(keys for keys, _ in waiting)), [vectors for _, vectors in waiting]
    waiting.clear()
    writer.add(writer.vector_table, vectors_table(keys, np.concatenate(vectors)))
    if journal is not None:
        forget_vectors(journal, writer.vector_table, keys)
