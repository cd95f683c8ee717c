"""How long retrieval takes over 1,000 chunks up to a million, without indexing any text.

    python -m tests.benchmarks.latency [--sizes 1000,10000,100000,1000000] [--questions 200] [--vectors]

The arrays are made as `index.arrays` and `index.links` lay them out, from distributions that real collections have:
Zipf frequencies of words and of entities, vocabularies that grow as Heaps' law says. Every size is opened in a fresh
process. Files were just written, so a cold question is the first one of its process, not one from a cold disk.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from graphrag_lite.index.links import INNER, MENTION, OWNER, TITLE
from graphrag_lite.store.vectors import MOST_BY_BRUTE_FORCE
from graphrag_lite.text.keys import key_hash
from tests.benchmarks._common import measure, print_table, size_mb

_TERMS, _ENTITIES = 60, 8  # of a chunk
_DIMENSIONS = 384
_ROWS_AT_A_TIME = 50_000
_SMOOTH = 0.05  # as in index.links
_CONSONANTS, _VOWELS = "bdfgklmnprtvz", "aiou"

Array = np.ndarray[Any, Any]


def main() -> None:
    if sys.argv[1:2] == ["--probe"]:
        _probe(Path(sys.argv[2]))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,10000,100000,1000000")
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--vectors", action="store_true", help="also measure a matrix of vectors, where one is mapped")
    options = parser.parse_args()
    rows = []
    for size in map(int, options.sizes.split(",")):
        with tempfile.TemporaryDirectory() as work:
            folder = Path(work) / "view"
            start = time.perf_counter()
            write_view(folder, size, options.questions, vectors=options.vectors)
            print(f"{size:,} chunks made in {time.perf_counter() - start:.0f} s", file=sys.stderr)
            if options.vectors and size > MOST_BY_BRUTE_FORCE:
                print("  without vectors: beyond this size LanceDB's index finds the nearest", file=sys.stderr)
            probed = json.loads(
                measure([sys.executable, "-m", "tests.benchmarks.latency", "--probe", str(folder)]).stdout
            )
            rows.append((f"{size:,}", size_mb(folder), *probed.values()))
    head = ("chunks", "MB", "open ms", "cold ms", "p50 ms", "p95 ms", "max ms", "CPU ms each", "peak MB")
    print_table(head, rows)


def write_view(folder: Path, size: int, question_count: int, *, vectors: bool) -> None:
    """Write the view of `size` made-up chunks, and questions beside it."""
    import pyarrow as pa

    from graphrag_lite.store.mapped import Mapped, write_mapped

    random = np.random.default_rng(7)
    rows, term, words = _draw_terms(random, size)
    chunk, entity, names = _draw_entities(random, size)
    arrays = _lexical_arrays(random, size, rows, term, words) | _link_arrays(random, size, chunk, entity, names)
    if vectors and size <= MOST_BY_BRUTE_FORCE:
        matrix = random.standard_normal((size, _DIMENSIONS), np.float32)
        arrays["vectors"] = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
    ids = [f"c{row}" for row in range(size)]
    passages = pa.table({"chunk_id": ids, "title": names[entity[np.searchsorted(chunk, np.arange(size))]], "text": ids})
    write_mapped(folder, Mapped(arrays, {"passages": passages}))
    questions = _questions(random, question_count, (rows, term, words), (chunk, entity, names))
    (folder / "questions.json").write_text(json.dumps(questions), encoding="utf-8")


def _draw_terms(random: np.random.Generator, size: int) -> tuple[Array, Array, Array]:
    """(row, term) of every posting, by row, and the word of each term; the first are the most frequent."""
    count = int(20 * (size * _TERMS) ** 0.6)
    row, term = _draw(random, size, _TERMS + 20, count, 1.05)
    return row, term, _made_up(count, "")


def _draw_entities(random: np.random.Generator, size: int) -> tuple[Array, Array, Array]:
    """(row, entity) of every link, by row, and the name of each entity; some rows share no entity with others."""
    count = int(4 * (size * _ENTITIES) ** 0.85)
    row, entity = _draw(random, size, _ENTITIES, count, 0.9)
    return row, entity, _made_up(count, "Q")


def _draw(random: np.random.Generator, size: int, each: int, count: int, exponent: float) -> tuple[Array, Array]:
    """(row, item) for up to `each` distinct items of every row, in order, the items by Zipf's law."""
    share = np.cumsum(np.arange(2, count + 2, dtype=np.float64) ** -exponent)
    rows, items = [], []
    for start in range(0, size, _ROWS_AT_A_TIME):
        here = min(_ROWS_AT_A_TIME, size - start)
        drawn = np.sort(np.searchsorted(share, random.random((here, each)) * share[-1]).astype(np.int32))
        is_new = np.diff(drawn, prepend=-1) > 0
        rows.append(np.nonzero(is_new)[0].astype(np.int32) + start)
        items.append(drawn[is_new])
    return np.concatenate(rows), np.concatenate(items)


def _made_up(count: int, prefix: str) -> Array:
    """Distinct words that no stemmer shortens: syllables that count, then "x"."""
    syllables = [a + b for a in _CONSONANTS for b in _VOWELS]
    numbers, parts = np.arange(count), []
    for _ in range(5):
        parts.append(np.array(syllables)[numbers % len(syllables)])
        numbers = numbers // len(syllables)
    found = parts[0]
    for part in parts[1:]:
        found = np.char.add(found, part)
    return np.char.add(np.char.add(prefix, found), "x")


def _lexical_arrays(random: np.random.Generator, size: int, rows: Array, term: Array, words: Array) -> dict[str, Array]:
    count = len(words)
    hashes = np.fromiter(map(key_hash, words.tolist()), np.uint64, count)
    by_hash = np.argsort(hashes)
    position = np.empty(count, np.int64)
    position[by_hash] = np.arange(count)
    place = position[term]
    frequency = np.bincount(place, minlength=count)
    idf = np.log(1 + (size - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
    order = np.argsort(place, kind="stable")
    weight = idf[place[order]] * random.uniform(0.8, 1.6, len(order)).astype(np.float32)
    return {
        "term_hash": hashes[by_hash],
        "term_idf": idf,
        "term_start": np.concatenate([[0], np.cumsum(frequency)]).astype(np.int64),
        "posting_row": rows[order].astype(np.int32),
        "posting_weight": weight,
    }


def _link_arrays(random: np.random.Generator, size: int, chunk: Array, entity: Array, names: Array) -> dict[str, Array]:
    count = len(names)
    role = random.choice(np.array([MENTION, INNER, TITLE]), len(chunk), p=[0.7, 0.2, 0.1])
    first = np.flatnonzero(np.diff(chunk, prepend=-1))
    # The rarest name of a row, which has the highest number, owns it now and then: a document about a thing.
    last = np.append(first[1:], len(chunk)) - 1
    role[last[random.random(len(last)) < 0.4]] = OWNER
    strength = (role / np.sqrt(_SMOOTH + np.bincount(entity, role**2, count))[entity]).astype(np.float32)
    by_entity = np.lexsort((chunk, -strength, entity))
    out = role > INNER
    hashes = np.fromiter((key_hash(name.lower()) for name in names.tolist()), np.uint64, count)
    by_hash = np.argsort(hashes)
    return {
        "chunk_start": _starts(chunk[out], size),
        "chunk_entity": entity[out].astype(np.int32),
        "entity_start": _starts(entity, count),
        "entity_row": chunk[by_entity].astype(np.int32),
        "entity_strength": strength[by_entity],
        "name_hash": hashes[by_hash],
        "name_start": np.arange(count + 1, dtype=np.int64),
        "name_entity": by_hash.astype(np.int32),
        "name_is_free": np.zeros(count, bool),
    }


def _starts(group: Array, count: int) -> Array:
    return np.concatenate([[0], np.cumsum(np.bincount(group, minlength=count))]).astype(np.int64)


def _questions(
    random: np.random.Generator, count: int, postings: tuple[Array, Array, Array], links: tuple[Array, Array, Array]
) -> list[str]:
    """Six to twelve words of a chunk, rarer ones rather than frequent ones, and one or two of its names."""
    rows, term, words = postings
    chunk, entity, names = links
    found = []
    for row in random.integers(0, rows[-1] + 1, count):
        own = term[slice(*np.searchsorted(rows, [row, row + 1]))]
        named = entity[slice(*np.searchsorted(chunk, [row, row + 1]))]
        weight = np.log(own + 2.0)
        few = min(int(random.integers(6, 13)), len(own))
        asked = words[random.choice(own, few, replace=False, p=weight / weight.sum())].tolist()
        asked += names[random.choice(named, min(int(random.integers(1, 3)), len(named)), replace=False)].tolist()
        found.append(f"What {' '.join(asked)}?")
    return found


def _probe(folder: Path) -> None:
    """Open the view, ask, and print what it took."""
    from graphrag_lite.query.retrieve import DENSE_TOP, Retriever
    from graphrag_lite.store.mapped import read_mapped

    questions = json.loads((folder / "questions.json").read_text(encoding="utf-8"))
    random = np.random.default_rng(3)
    start = time.perf_counter()
    mapped = read_mapped(folder)
    assert mapped is not None
    retriever = Retriever(mapped.arrays, mapped.tables["passages"].num_rows)
    open_ms = (time.perf_counter() - start) * 1000
    times, cpu = [], time.process_time()
    for question in questions:
        vector = random.standard_normal(_DIMENSIONS, np.float32)
        start = time.perf_counter()
        ranking = retriever.search(question, retriever.nearest(vector / np.linalg.norm(vector), DENSE_TOP))
        mapped.tables["passages"].take([row for row, _ in ranking.top(8)]).to_pylist()
        times.append((time.perf_counter() - start) * 1000)
    cpu_ms = (time.process_time() - cpu) * 1000 / len(questions)
    p50, p95 = np.percentile(times[1:], [50, 95])
    found = {"open": open_ms, "cold": times[0], "p50": p50, "p95": p95, "max": max(times[1:]), "cpu": cpu_ms}
    print(json.dumps({name: round(float(value), 1) for name, value in (found | {"rss": _peak_mb()}).items()}))


def _peak_mb() -> float:
    """Peak memory of this process; what `getrusage` says begins with that of the parent."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return float("nan")
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), float("nan"))


if __name__ == "__main__":
    main()
