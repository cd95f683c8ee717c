"""Nearest neighbours: brute force, and the LanceDB index with and without quantisation; time and recall.

    python -m tests.benchmarks.vectors [--size 60000] [--dimensions 384]

Vectors are clustered as those of texts are, and questions lie near some of them. The index is used from
`store.vectors.MOST_BY_BRUTE_FORCE` on.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from graphrag_lite.store.snapshots import Manifest, now
from graphrag_lite.store.tables import Store
from graphrag_lite.store.vectors import VectorSpace, index_vectors, nearest, vectors_schema, vectors_table
from tests.benchmarks._common import print_table

_QUESTIONS, _NEAREST = 50, 100
Array = np.ndarray[Any, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=60_000)
    parser.add_argument("--dimensions", type=int, default=384)
    options = parser.parse_args()
    vectors, questions = _make(options.size, options.dimensions)
    exact = [set(np.argsort(-(vectors @ question))[:_NEAREST].tolist()) for question in questions]
    brute = _measure(lambda q: np.argpartition(-(vectors @ q), _NEAREST)[:_NEAREST].tolist(), questions, exact)
    rows = [("brute force", "-", *brute)]
    for quantisation in ("none", "scalar"):
        with tempfile.TemporaryDirectory() as work:
            store = Store(Path(work))
            built = _store(store, vectors, quantisation)
            reader = store.reader()
            found = _measure(lambda q: [int(h, 16) for h in nearest(reader, q, _NEAREST)[0]], questions, exact)  # noqa: B023
            rows.append((f"LanceDB, quantisation {quantisation}", f"{built:.1f}", *found))
    print_table(("search", "build s", f"recall@{_NEAREST}", "p50 ms"), rows)


def _make(size: int, dimensions: int) -> tuple[Array, Array]:
    """Unit vectors in clusters of some two hundred, and questions beside some of them."""
    random = np.random.default_rng(7)
    centres = random.normal(size=(max(1, size // 200), dimensions))
    vectors = centres[random.integers(0, len(centres), size)] + 0.3 * random.normal(size=(size, dimensions))
    questions = vectors[:_QUESTIONS] + 0.1 * random.normal(size=(_QUESTIONS, dimensions))
    return _unit(vectors), _unit(questions)


def _unit(rows: Array) -> Array:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def _store(store: Store, vectors: Array, quantisation: str) -> float:
    """Write the vectors with their index; seconds that the index took."""
    with store.writer() as writer:
        space = VectorSpace("benchmark", vectors.shape[1])
        writer.use_vectors(space.table(writer.manifest), vectors_schema(space.dimensions), space.described())
        writer.add(writer.vector_table, vectors_table([f"{row:016x}" for row in range(len(vectors))], vectors))
        start = time.perf_counter()
        index_vectors(writer, quantisation)
        built = time.perf_counter() - start
        manifest = Manifest(
            store.snapshots.next_id(),
            now(),
            writer.versions(),
            writer.counts(),
            {},
            vector_table=writer.vector_table,
            vectors=writer.vectors(),
        )
        writer.commit(manifest, keep=1)
    return built


def _measure(search: Callable[[Array], list[int]], questions: Array, exact: list[set[int]]) -> tuple[str, str]:
    recall, times = 0.0, []
    for question, wanted in zip(questions, exact, strict=True):
        start = time.perf_counter()
        found = search(question)
        times.append(1000 * (time.perf_counter() - start))
        recall += len(wanted & set(found)) / len(wanted)
    return f"{recall / len(exact):.3f}", f"{statistics.median(times):.1f}"


if __name__ == "__main__":
    main()
