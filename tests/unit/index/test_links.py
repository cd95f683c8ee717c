"""Which chunk speaks of which entity, as arrays."""

from __future__ import annotations

import pyarrow as pa

from graphrag_lite.index.entities import encode_mentions
from graphrag_lite.index.extract import extract_candidates
from graphrag_lite.index.links import ChunkLabels, link_arrays
from graphrag_lite.index.match import match_document
from graphrag_lite.index.vocabulary import Counts, build_vocabulary
from graphrag_lite.records import ExtractedEntity
from graphrag_lite.store.schema import SCHEMAS

TEXTS = ("He saw Zorn Castle in Ruritania.", "We saw Zorn Castle. They like Ruritania.", "So many people came.")


def ways(*stated: str) -> set[tuple[int, str]]:
    """(chunk, key of an entity that it is left through)."""
    vocabulary = build_vocabulary(Counts(map(extract_candidates, TEXTS)), map(ExtractedEntity, stated))
    rows = []
    for chunk, text in enumerate(TEXTS):
        ((found,), _) = match_document(vocabulary, "", [text])
        rows += [
            {"chunk_id": str(chunk), "document_id": str(chunk)} | {n: getattr(m, n) for n in m.__slots__} for m in found
        ]
    columns = encode_mentions(pa.Table.from_pylist(rows, schema=SCHEMAS["mentions"]).to_batches(), ["0", "1", "2"])
    labels = ChunkLabels([""] * 3, [""] * 3, [""] * 3, [True] * 3)
    arrays, keys = link_arrays(columns, vocabulary, labels)
    starts = arrays["chunk_start"].tolist()
    return {(c, keys[e]) for c in range(3) for e in arrays["chunk_entity"][starts[c] : starts[c + 1]].tolist()}


def test_stated_names_add_links_and_take_none() -> None:
    plain, told = ways(), ways("Zorn Castle in Ruritania", "many people")
    assert plain
    assert told - plain == {(0, "zorn castle in ruritania")}
    assert plain <= told
