"""Which document stands for its near copies, and where each one came from.

Only documents that share a band of their signatures with another one can be near copies. They are found in columns
first, so that a million documents without a copy cost a few numbers each.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrag_lite.index.bands import band_numbers
from graphrag_lite.index.duplicates import NearDuplicates, facts_told
from graphrag_lite.index.hashing import fingerprint
from graphrag_lite.index.run import Run
from graphrag_lite.store.schema import SCHEMAS
from graphrag_lite.store.tables import Reader

_DOCUMENTS_IN_ONE_READ = 2000


def update_origins(run: Run) -> None:
    """Bring the table `origins` in line with the sources and documents."""
    sources = run.writer.read("sources", ["source", "document_ids"])
    places = pa.table(
        [
            sources["document_ids"].combine_chunks().flatten(),
            sources["source"].combine_chunks().take(pc.list_parent_indices(sources["document_ids"].combine_chunks())),
        ],
        ["document_id", "source"],
    ).sort_by([("document_id", "ascending"), ("source", "ascending")])
    threshold = run.settings.clean.near_duplicates
    copies = find_copies(run.writer, places, threshold) if threshold else {}
    ids = sorted(run.writer.read("documents", ["document_id"])["document_id"].to_pylist())
    run.writer.update_view("origins", fold_origins(places, ids, copies))


def find_copies(reader: Reader, places: pa.Table, threshold: float) -> dict[str, str]:
    """Each near copy, by id, with the id of the document that stands for it.

    Args:
        reader: Holds the documents.
        places: Columns document_id and source, sorted.
        threshold: Least similarity.
    """
    suspects = _suspects(reader, threshold)
    first: dict[str, str] = {}
    near = places.filter(pc.is_in(places["document_id"], value_set=pa.array(suspects, pa.string())))
    for document_id, source in zip(near["document_id"].to_pylist(), near["source"].to_pylist(), strict=True):
        first.setdefault(document_id, source)
    rows = reader.read_keys("documents", suspects, ["document_id", "signature", "characters"]).to_pylist()
    finder = NearDuplicates(threshold)
    copies: dict[str, str] = {}
    # What tells most comes first: a copy is folded only into what holds all that it says.
    ranked = [(-facts_told(r["signature"]), -r["characters"], first.get(r["document_id"], "")) for r in rows]
    for _, row in sorted(zip(ranked, rows, strict=True), key=lambda pair: (pair[0], pair[1]["document_id"])):
        kept = finder.find(row["signature"])
        if kept is None:
            finder.add(row["document_id"], row["signature"])
        else:
            copies[row["document_id"]] = kept
    return copies


def _suspects(reader: Reader, threshold: float) -> list[str]:
    """Ids of the documents that share a band with another one."""
    ids: list[pa.Array] = [pa.array([], pa.string())]
    numbers = [band_numbers([], threshold)]
    for batch in reader.batches("documents", ["document_id", "signature"], size=_DOCUMENTS_IN_ONE_READ):
        signed = batch.filter(pc.greater(pc.fill_null(pc.binary_length(batch["signature"]), 0), 0))
        ids.append(signed["document_id"])
        numbers.append(band_numbers(signed["signature"].to_pylist(), threshold))
    is_suspect = np.zeros(sum(map(len, ids)), bool)
    for column in np.concatenate(numbers).T:
        order = np.argsort(column, kind="stable")
        is_twice = column[order[1:]] == column[order[:-1]]
        is_suspect[order[1:][is_twice]] = is_suspect[order[:-1][is_twice]] = True
    found: list[str] = pa.chunked_array(ids).filter(pa.array(is_suspect)).to_pylist()
    return found


def standing_documents(reader: Reader) -> pa.Array:
    """Ids of the documents that are no near copy of another."""
    rows = reader.read("origins", ["document_id", "duplicate_of"])
    return rows.filter(pc.equal(rows["duplicate_of"], ""))["document_id"].combine_chunks()


def fold_origins(places: pa.Table, document_ids: list[str], near_duplicates: Mapping[str, str]) -> pa.Table:
    """Rows of `origins`: the sources of every document, and the document that stands for it.

    Args:
        places: Columns document_id and source, sorted.
        document_ids: All documents, sorted.
        near_duplicates: Document id to the id of the near copy that is kept.
    """
    found: dict[str, list[str]] = {document_id: [] for document_id in document_ids}
    for document_id, source in zip(places["document_id"].to_pylist(), places["source"].to_pylist(), strict=True):
        found.setdefault(document_id, []).append(source)
    copies: dict[str, set[str]] = {}
    for copy, kept in near_duplicates.items():
        copies.setdefault(kept, set()).update(found[copy])
    ids = sorted(found)
    own = [found[document_id] for document_id in ids]
    sources = [one + sorted(copies.get(id_, set()) - set(one)) for id_, one in zip(ids, own, strict=True)]
    standing = [near_duplicates.get(document_id, "") for document_id in ids]
    columns = {
        "document_id": ids,
        "source": [one[0] if one else "" for one in own],
        "sources": sources,
        "duplicate_of": standing,
        "fingerprint": [fingerprint(all_, of) for all_, of in zip(sources, standing, strict=True)],
    }
    return pa.table(columns, SCHEMAS["origins"])
