"""Facts that the user already has, from a file into the table `facts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from graphrag_lite.errors import InputError
from graphrag_lite.index import mentions, stated
from graphrag_lite.index.origins import update_origins
from graphrag_lite.index.run import Run
from graphrag_lite.index.update_chunks import update_chunks
from graphrag_lite.records import Failure
from graphrag_lite.store.writer import Writer


def read_facts(run: Run, path: Path) -> dict[str, list[dict[str, str]]]:
    """What a file of facts states, once the documents are chunked: rows of `facts` by the hash of their text.

    Every text of a document that the file names is among the keys: of a text without rows nothing is stated any more.
    Documents that are not there are failures.
    """
    malformed: list[str] = []
    given: dict[str, tuple[list[str], list[tuple[str, str, str]]]] = {}
    for document_id, names, triples in stated.read_facts_file(path, malformed):
        all_names, all_triples = given.setdefault(document_id, ([], []))  # a document may have several lines
        all_names += names
        all_triples += triples
    if malformed:
        reason = f"{len(malformed)} triples without a subject and an object are left out, for example {malformed[0]}"
        run.failures.append(Failure(str(path), reason, "facts"))
    update_origins(run)
    update_chunks(run)
    chunks = run.writer.read_keys("chunks", given, ["document_id", "ordinal", "chunk_id", "text", "text_hash"])
    found = dict(mentions.group_by_document(chunks))
    rows: dict[str, list[dict[str, str]]] = {chunk["text_hash"]: [] for held in found.values() for chunk in held}
    for document_id, held in found.items():
        for facts in stated.place_facts(held, *given[document_id]):
            rows[facts.text_hash].append(stated.to_row(facts))
    missing = sorted(set(given) - set(found))
    if missing and not found:
        raise InputError(
            f"{path}: no id in it is a document here (for example {missing[0]!r}). An id is the document_id that "
            "grl retrieve --json tells, not the name of a file. Index the documents first"
        )
    if missing:
        run.failures.append(
            Failure(str(path), f"{len(missing)} ids are no documents here, for example {missing[0]!r}", "facts")
        )
    return rows


def describe_lost(texts: int) -> str:
    """What to tell where facts that somebody had given went with the texts that they were given of; "" elsewhere."""
    if not texts:
        return ""
    passages = "1 passage" if texts == 1 else f"{texts:,} passages"
    return f"Facts that you had given of {passages} went with the old texts. Give them again with --facts."


def store_facts(writer: Writer, rows: Mapping[str, Sequence[Mapping[str, str]]]) -> None:
    """Replace what was imported of these texts; where nothing changed, nothing is written."""
    old: dict[str, set[str]] = {}
    for row in writer.read("facts", where=f"extractor = '{stated.IMPORTED}'").to_pylist():
        old.setdefault(row["text_hash"], set()).add(row["payload"])
    changed = {key for key, new in rows.items() if {row["payload"] for row in new} != old.get(key, set())}
    writer.delete_facts(changed & old.keys(), stated.IMPORTED)
    fresh = {(key, row["payload"]): row for key in sorted(changed) for row in rows[key]}
    writer.add("facts", list(fresh.values()))
