"""Facts that the user already has, from a file into the table `facts`."""

from __future__ import annotations

from pathlib import Path

from graphrag_lite.errors import InputError
from graphrag_lite.index import mentions, stated
from graphrag_lite.index.origins import update_origins
from graphrag_lite.index.run import Run
from graphrag_lite.index.update_chunks import update_chunks
from graphrag_lite.records import Failure
from graphrag_lite.store.writer import Writer


def read_facts(run: Run, path: Path) -> list[dict[str, str]]:
    """Rows of `facts` for a file of facts, once the documents are chunked; those that are not there are failures."""
    rows: list[dict[str, str]] = []
    malformed: list[str] = []
    given = {document_id: (names, triples) for document_id, names, triples in stated.read_facts_file(path, malformed)}
    if malformed:
        reason = f"{len(malformed)} triples without a subject and an object are left out, for example {malformed[0]}"
        run.failures.append(Failure(str(path), reason, "facts"))
    update_origins(run)
    update_chunks(run)
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


def store_facts(writer: Writer, rows: list[dict[str, str]]) -> None:
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
