"""Indexing by a provider's Batch API: what a run submits at its end, the next one collects at its start.

Replies come through the cache, so the steps themselves know of batches only that a reply may be pending. Chunks that
share a call are kept together until the reply is there: another pack would be another request, and paid again.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from graphrag_lite.errors import ModelError, PendingError, StoreError, as_sentence
from graphrag_lite.index.choose import choose_recipe
from graphrag_lite.index.extract_llm import Extraction, shown_heading
from graphrag_lite.index.packs import Pack
from graphrag_lite.index.run import Run
from graphrag_lite.llm.batch_notes import read_batches
from graphrag_lite.llm.cache import ReplyCache
from graphrag_lite.llm.chat import open_chat_model
from graphrag_lite.llm.prices import format_usd
from graphrag_lite.progress import Progress
from graphrag_lite.records import Chunk, Failure, IndexReport
from graphrag_lite.settings import LLMSettings
from graphrag_lite.store.snapshots import Snapshots

_SPACE = "packs "
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 60.0


@dataclass(frozen=True, slots=True)
class Round:
    """What the rounds of one command have left so far: the next one replaces their snapshot and shares their budget.

    `snapshot` is "" where they made none.
    """

    snapshot: str = ""
    cost_usd: float = 0.0


def collect(run: Run) -> None:
    """Fetch the replies of finished batches into the cache."""
    if run.chat is None or run.chat.batches is None or not run.chat.batches.waiting:
        return
    with run.step("collect batches", run.chat.batches.waiting) as task:
        try:
            for found in run.chat.batches.collect():
                if isinstance(found, ModelError):
                    run.failures.append(_uncollected(run.chat.name, found))
                    continue
                purpose, usage = found
                run.chat.count(purpose, usage)
                task.advance(usage.calls, note=format_usd(run.chat.usage.cost_usd))
        except ModelError as error:
            run.failures.append(_uncollected(run.chat.name, error))


def _uncollected(model: str, error: ModelError) -> Failure:
    return Failure(model, f"{as_sentence(str(error))} What its batches hold is collected by the next run.", "extract")


def submit(run: Run) -> None:
    """Send what the steps have asked for in vain, and say so."""
    queue = run.chat.batches if run.chat else None
    if run.chat is None or queue is None:
        return
    try:
        for batch in queue.submit():
            cost = "at a price that nobody knows" if batch.most_usd is None else f"for at most {batch.most_usd:.4f} USD"
            requests = "1 request" if len(batch.requests) == 1 else f"{len(batch.requests):,} requests"
            run.notices.append(f"{requests} submitted as {batch.id}, {cost}.")
    except ModelError as error:
        run.failures.append(
            Failure(run.chat.name, f"{as_sentence(str(error))} The next run submits what is left.", "extract")
        )
    waiting = queue.waiting - queue.lost
    if waiting and run.chat.pending:  # what is under way may be nothing that this run has asked for
        run.notices.append(
            f"Replies still to come by batch: {waiting:,}, within 24 hours of their submission. Then run the "
            "same grl index again, or wait for them with --batch-wait. Until then the model's part is missing."
        )


class WaitingPacks:
    """Packs whose replies come with a batch, kept so that the next run asks for the very same.

    Args:
        journal: Where they are kept; None keeps none.
        extractor: Whose they are.
    """

    def __init__(self, journal: ReplyCache | None, extractor: str) -> None:
        self._journal = journal
        self._space = _SPACE + extractor
        self._kept = journal.all_notes(self._space) if journal else {}

    def packs(self, wanted: set[str]) -> list[Pack]:
        """Those that hold a text that is still to be read, given the hashes of these."""
        found = []
        for text in self._kept.values():
            value = json.loads(text)
            # The heading as it was shown stands for title and headings: the request stays the same, letter by letter.
            chunks = tuple(
                Chunk(c["id"], "", n, 0, len(c["text"]), c["text"], c["text_hash"], c["heading"])
                for n, c in enumerate(value["chunks"])
            )
            if any(chunk.text_hash in wanted for chunk in chunks):
                found.append(Pack(chunks, value["language"], attempt=value["attempt"], is_sent=True))
        return found

    def note(self, pack: Pack, error: PendingError | None, extraction: Extraction) -> None:
        """Keep a pack that waits; forget it once its reply has been read."""
        if self._journal is None:
            return
        name = _name(pack)
        if error is None:
            if self._kept.pop(name, None) is not None:
                self._journal.forget_note(self._space, name)
            return
        titles = extraction.titles or {}
        value = {
            "request": error.key,
            "language": pack.language,
            "attempt": pack.attempt,
            "chunks": [
                {"id": c.id, "text": c.text, "text_hash": c.text_hash, "heading": shown_heading(c, titles)}
                for c in pack.chunks
            ],
        }
        self._kept[name] = json.dumps(value, ensure_ascii=False)
        self._journal.note(self._space, name, self._kept[name])

    def paid_for(self, server: str) -> set[str]:
        """Hashes of texts whose request is in a batch of this server under way, or answered already."""
        if self._journal is None:
            return set()
        batches = [batch for batch in read_batches(self._journal) if batch.server == server]
        sent = {key for batch in batches for key in batch.requests}
        values = [json.loads(text) for text in self._kept.values()]
        return {
            chunk["text_hash"]
            for value in values
            if value["request"] in sent or self._journal.find(value["request"])
            for chunk in value["chunks"]
        }


def forget_gone(folder: Path, known: Callable[[], set[str]]) -> None:
    """Forget the packs that hold no text of the knowledge base any more, whichever extractor they wait for.

    Args:
        folder: The knowledge base.
        known: The hashes of its texts, asked for only where packs wait.
    """
    if not (folder / "cache.sqlite").exists():
        return
    # what a damaged or a full disk does not let go is let go by a later run
    with suppress(StoreError), closing(ReplyCache(folder / "cache.sqlite")) as cache:
        spaces = cache.spaces(_SPACE)
        here = known() if spaces else set()
        for space in spaces:
            for name, text in cache.all_notes(space).items():
                if here.isdisjoint(chunk["text_hash"] for chunk in json.loads(text)["chunks"]):
                    cache.forget_note(space, name)


def _name(pack: Pack) -> str:
    parts = [pack.attempt, *(chunk.text_hash for chunk in pack.chunks)]
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=12).hexdigest()


def index_until_whole(
    index_once: Callable[[float | None, Round], IndexReport],
    folder: Path,
    overrides: Mapping[str, Any],
    recipe: str | None,
    budget_usd: float | None,
    progress: Progress,
) -> IndexReport:
    """Index in rounds, each waiting for the batches of the one before, until none is under way.

    Args:
        index_once: Indexes with a cap in USD (None: none) after earlier rounds.
        folder: The knowledge base.
        overrides: Nested settings.
        recipe: As for `index`.
        budget_usd: The cap of all rounds together; None: that of the settings.
        progress: Shown how far the batches are.
    """
    _, settings = choose_recipe(folder, overrides, recipe)
    cap = (settings.budget.max_usd or None) if budget_usd is None else budget_usd
    before = Snapshots(folder / "snapshots").current()
    first = report = index_once(cap, Round())
    usage = report.usage
    while report.waiting and wait_for_batches(folder, settings.llm, progress):
        is_own = before is None or report.snapshot != before.id
        report = index_once(cap, Round(report.snapshot if is_own else "", usage.cost_usd or 0.0))
        usage += report.usage
    return replace(report, usage=usage, changes=first.changes)


def wait_for_batches(folder: Path, settings: LLMSettings, progress: Progress) -> bool:
    """Look again and again until every batch under way has finished; False where the server knows none of them.

    Raises:
        ModelError: The server does not answer any more.
    """
    model = open_chat_model(settings, cache_path=folder / "cache.sqlite", with_batches=True)
    try:
        if model.batches is None:
            return False
        pause_s, shown = _FIRST_PAUSE_S, 0
        with progress.step("wait for batches", model.batches.waiting) as task:
            while True:
                done, is_finished = model.batches.progress()
                task.advance(done - shown)
                shown = done
                if is_finished:
                    return model.batches.waiting > model.batches.lost
                time.sleep(pause_s)
                pause_s = min(_LONGEST_PAUSE_S, 2 * pause_s)
    finally:
        model.close()
