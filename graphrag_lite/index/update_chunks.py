"""From stored documents to chunks, and from new texts to their statistical facts: only what is not there yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from graphrag_lite.index import mentions
from graphrag_lite.index.chunk import chunk_document
from graphrag_lite.index.fingerprints import EXTRACTOR
from graphrag_lite.index.origins import standing_documents
from graphrag_lite.index.run import Run
from graphrag_lite.index.stated import IMPORTED
from graphrag_lite.index.vocabulary import Counts
from graphrag_lite.records import Document
from graphrag_lite.store.schema import SCHEMAS
from graphrag_lite.store.tables import Reader, without
from graphrag_lite.store.writer import Writer

_CHUNKS_IN_ONE_WRITE = 4000
_FACTS_IN_ONE_WRITE = 4000
_DOCUMENTS_IN_ONE_READ = 200


def update_chunks(run: Run) -> None:
    """Chunk every document that stands for itself and has no chunks yet."""
    writer = run.writer
    if run.is_stale("chunk") and not writer.is_new:
        for table in ("chunks", "mentions"):
            writer.overwrite(table, SCHEMAS[table].empty_table())
    kept = standing_documents(writer)
    chunked = writer.distinct("chunks", "document_id")
    gone = without(chunked, kept).to_pylist()
    for table in ("chunks", "mentions"):
        writer.delete_keys(table, gone)
    todo = without(kept, chunked)
    with run.step("chunk", len(todo)) as task:
        rows: list[dict[str, Any]] = []
        for document in read_documents(writer, todo):
            for chunk in chunk_document(document, run.settings.chunk):
                rows.append({name: getattr(chunk, name, None) for name in SCHEMAS["chunks"].names})
                rows[-1] |= {"chunk_id": chunk.id, "title": document.title}
                if len(rows) >= _CHUNKS_IN_ONE_WRITE:
                    writer.add("chunks", rows)
                    rows = []
            task.advance()
        writer.add("chunks", rows)


def extract_statistics(run: Run) -> Iterator[None]:
    """Extract the names of every text that has no statistical facts yet; it stops after each text, to be drawn on."""
    writer = run.writer
    known = mentions.hashes_with_facts(writer, EXTRACTOR)
    missing = {text_hash for text_hash in writer.distinct("chunks", "text_hash").to_pylist() if text_hash not in known}
    with run.step("extract names", len(missing)) as task:
        rows: list[dict[str, Any]] = []
        for text_hash, text in mentions.texts_of(writer, missing):
            rows.append(mentions.statistical_facts(text_hash, text))
            if len(rows) >= _FACTS_IN_ONE_WRITE:
                writer.add("facts", rows)
                rows = []
            task.advance()
            yield
        writer.add("facts", rows)
    earlier = f"extractor LIKE 'statistical/%' AND extractor != '{EXTRACTOR}'"
    for extractor in writer.distinct("facts", "extractor", earlier).to_pylist():
        writer.delete_facts(mentions.hashes_with_facts(writer, extractor), extractor)


def count_names(run: Run, counts: Counts) -> Iterator[None]:
    """Count the names of all texts and titles, old and new, for the vocabulary; it stops after each, to be drawn on."""
    with run.step("count names", run.writer.table("facts").count_rows()) as task:
        for one in mentions.read_candidates(run.writer):
            counts.add(one)
            task.advance()
            yield
    for title in sorted(set(run.writer.distinct("chunks", "title").to_pylist()) - {"", None}):
        counts.add_title(title)


def read_documents(reader: Reader, ids: pa.Array) -> Iterator[Document]:
    """Stored documents by id, some at a time."""
    columns = ["document_id", "title", "text", "pages"]
    for _, table in reader.read_by_key("documents", ids, columns, size=_DOCUMENTS_IN_ONE_READ):
        for row in table.to_pylist():
            yield Document(row["text"], row["document_id"], row["title"], pages=tuple(row["pages"] or ()))


def drop_dead_facts(writer: Writer) -> int:
    """Delete the facts of texts that no chunk has any more; of how many of these a person had given some."""
    live = writer.distinct("chunks", "text_hash")
    given = without(writer.distinct("facts", "text_hash", f"extractor = '{IMPORTED}'"), live)
    writer.delete_keys("facts", without(writer.distinct("facts", "text_hash"), live).to_pylist())
    return len(given)
