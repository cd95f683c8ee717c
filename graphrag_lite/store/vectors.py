"""Nearest neighbours among the stored vectors: by brute force while that is quickest, by a LanceDB index beyond.

Vectors are keyed by the text that was embedded, so equal texts share one and an unchanged text is never embedded
again. Each model has a table of its own, and the snapshot names the one in use: going back to a model costs nothing.
All are unit vectors, so the dot product is the cosine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa

from graphrag_lite.store.schema import VECTORS
from graphrag_lite.store.snapshots import Manifest
from graphrag_lite.store.tables import Reader
from graphrag_lite.store.writer import Writer

# Measured by tests/benchmarks/growth.py: below, one matrix product beats every index.
MOST_BY_BRUTE_FORCE = 50_000
_PROBES = 20

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class VectorSpace:
    """What makes vectors comparable: vectors of different spaces must not be mixed.

    Attributes:
        model: Name of the embedding model.
        dimensions: Length of a vector.
        prompt: What the model was given before each passage.
    """

    model: str
    dimensions: int
    prompt: str = ""

    def described(self) -> dict[str, Any]:
        """How a manifest says it of a table."""
        return asdict(self)

    def is_held_by(self, held: Mapping[str, Any]) -> bool:
        """True where a manifest says so of a table; the first releases did not note the prompt."""
        own = self.described()
        return all(held.get(name, own[name]) == own[name] for name in own)

    def table(self, manifest: Manifest) -> str:
        """The table that holds its vectors, or will."""
        for name, held in sorted(manifest.vectors.items()):
            if self.is_held_by(held):
                return name
        parts = "\x00".join([self.model, str(self.dimensions), self.prompt])
        return f"{VECTORS}-{blake2b(parts.encode(), digest_size=8).hexdigest()}"

    def __str__(self) -> str:
        prompt = f" and passage_prompt {self.prompt!r}" if self.prompt else ""
        return f"{self.model} ({self.dimensions} dimensions{prompt})"


def space_in_use(manifest: Manifest) -> VectorSpace | None:
    """What the vectors of a snapshot are; None where it has none."""
    held = manifest.vectors.get(manifest.vector_table)
    return None if held is None else VectorSpace(held["model"], held["dimensions"], held.get("prompt", ""))


def vectors_schema(dimensions: int) -> pa.Schema:
    """Columns of a table of vectors; LanceDB indexes lists of one fixed size only."""
    return pa.schema([("text_hash", pa.string()), ("vector", pa.list_(pa.float32(), dimensions))])


def vectors_table(hashes: list[str], vectors: Array) -> pa.Table:
    """Rows of a table of vectors. `vectors` has the shape [len(hashes), dimensions]."""
    flat = pa.array(np.ascontiguousarray(vectors, np.float32).ravel())
    column = pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])
    return pa.table([pa.array(hashes, pa.string()), column], schema=vectors_schema(vectors.shape[1]))


def index_vectors(writer: Writer, quantisation: str) -> None:
    """Make the index that fits the number of vectors; `quantisation` is none or scalar.

    Scalar quantisation takes a quarter of the memory and finds 97% of the nearest neighbours (100k x 384, measured).
    """
    from lancedb.index import IvfFlat, IvfSq

    table = writer.table(writer.vector_table)
    if table.count_rows() > MOST_BY_BRUTE_FORCE and not table.list_indices():
        config = IvfSq(distance_type="dot") if quantisation == "scalar" else IvfFlat(distance_type="dot")
        table.create_index("vector", config=config)


def read_vectors(reader: Reader) -> tuple[list[str], Array]:
    """All hashes, and their vectors [n, dimensions]."""
    query = reader.table(reader.vector_table).search().select(["text_hash", "vector"])
    with reader.reading(reader.vector_table):
        rows = query.to_arrow()
    vectors = rows["vector"].combine_chunks()
    return rows["text_hash"].to_pylist(), vectors.flatten().to_numpy().reshape(-1, vectors.type.list_size)


def nearest(reader: Reader, vector: Array, k: int) -> tuple[list[str], Array]:
    """By the LanceDB index: the text hashes of the k nearest and their cosines, best first."""
    query = reader.table(reader.vector_table).search(vector).distance_type("dot").nprobes(_PROBES).limit(k)
    with reader.reading(reader.vector_table):
        found = query.select(["text_hash", "_distance"]).to_arrow()
    return found["text_hash"].to_pylist(), 1 - found["_distance"].to_numpy()
