"""Facts that the user already has, from a file into the table `facts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from graphrag_lite.errors import InputError
from graphrag_lite.index import mentions, stated
from graphrag_lite.index.origins import update_origins
from graphrag_lite.index.run import Run
from graphrag_lite.index.update_chunks import update_chunks
from graphrag_lite.records import Facts, Failure
from graphrag_lite.store.tables import Reader
from graphrag_lite.store.writer import Writer

Given = dict[str, tuple[list[str], list[tuple[str, str, str]]]]


def read_facts(run: Run, path: Path) -> dict[str, list[dict[str, str]]]:
    """What a file of facts states, once the documents are chunked: rows of `facts` by the hash of their text.

    Every text of a document that the file names is among the keys: of a text without rows nothing is stated any more.
    Documents that are not there are failures.
    """
    malformed: list[str] = []
    given = _read_given(path, malformed)
    if malformed:
        reason = f"{len(malformed)} triples without a subject and an object are left out, for example {malformed[0]}"
        run.failures.append(Failure(str(path), reason, "facts"))
    update_origins(run)
    update_chunks(run)
    rows, found = _place(run.writer, given)
    missing = sorted(set(given) - found)
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


def new_facts(reader: Reader, path: Path) -> dict[str, list[Facts]]:
    """What a file states otherwise than the last snapshot, by the hash of the text; of some perhaps nothing more."""
    rows, _ = _place(reader, _read_given(path, []))
    return {key: list(map(stated.from_row, rows[key])) for key in _changed(rows, _imported(reader))}


def _read_given(path: Path, malformed: list[str]) -> Given:
    """The names and triples of each document in a file; a document may have several lines."""
    given: Given = {}
    for document_id, names, triples in stated.read_facts_file(path, malformed):
        all_names, all_triples = given.setdefault(document_id, ([], []))
        all_names += names
        all_triples += triples
    return given


def _place(reader: Reader, given: Given) -> tuple[dict[str, list[dict[str, str]]], set[str]]:
    """Rows of `facts` by the hash of their text, and which of the documents are there."""
    chunks = reader.read_keys("chunks", given, ["document_id", "ordinal", "chunk_id", "text", "text_hash"])
    found = dict(mentions.group_by_document(chunks))
    rows: dict[str, list[dict[str, str]]] = {chunk["text_hash"]: [] for held in found.values() for chunk in held}
    for document_id, held in found.items():
        for facts in stated.place_facts(held, *given[document_id]):
            rows[facts.text_hash].append(stated.to_row(facts))
    return rows, set(found)


def describe_lost(texts: int) -> str:
    """What to tell where facts that somebody had given went with the texts that they were given of; "" elsewhere."""
    if not texts:
        return ""
    passages = "1 passage" if texts == 1 else f"{texts:,} passages"
    return f"Facts that you had given of {passages} went with the old texts. Give them again with --facts."


def store_facts(writer: Writer, rows: Mapping[str, Sequence[Mapping[str, str]]]) -> None:
    """Replace what was imported of these texts; where nothing changed, nothing is written."""
    old = _imported(writer)
    changed = _changed(rows, old)
    writer.delete_facts(changed & old.keys(), stated.IMPORTED)
    fresh = {(key, row["payload"]): row for key in sorted(changed) for row in rows[key]}
    writer.add("facts", list(fresh.values()))


def _imported(reader: Reader) -> dict[str, set[str]]:
    """What is stored, by the hash of its text."""
    old: dict[str, set[str]] = {}
    for row in reader.read("facts", where=f"extractor = '{stated.IMPORTED}'").to_pylist():
        old.setdefault(row["text_hash"], set()).add(row["payload"])
    return old


def _changed(rows: Mapping[str, Sequence[Mapping[str, str]]], old: Mapping[str, set[str]]) -> set[str]:
    """Hashes of the texts of which something else is stated than before."""
    return {key for key, new in rows.items() if {row["payload"] for row in new} != old.get(key, set())}
