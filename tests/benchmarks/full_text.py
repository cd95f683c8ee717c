"""Our postings beside LanceDB's full-text index: what each finds by words alone, and how fast.

    python -m tests.benchmarks.full_text FOLDER    a folder with corpus.jsonl and questions.jsonl

Both see the same texts. The postings are what `retrieve` uses: it needs them anyway, to know which words of a question
a linked passage holds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import lancedb
import numpy as np
import pyarrow as pa
from lancedb.index import FTS
from lancedb.query import MatchQuery

from graphrag_lite.index.arrays import lexical_arrays
from graphrag_lite.query.retrieve import Retriever
from tests.benchmarks._common import needed, print_table

_TOP = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = needed(parser.parse_args().folder)
    corpus = [json.loads(line) for line in (folder / "corpus.jsonl").open(encoding="utf-8")]
    questions = [json.loads(line) for line in (folder / "questions.jsonl").open(encoding="utf-8")]
    ids = [record["id"] for record in corpus]
    texts = [f"{record.get('title', '')}\n{record['text']}" for record in corpus]
    rows = [_measure("postings", _postings(ids, texts), questions)]
    with tempfile.TemporaryDirectory() as work:
        rows.append(_measure("LanceDB FTS, icu, stemmed", _lancedb(ids, texts, work), questions))
    print_table(("search", "recall@1", f"recall@{_TOP}", "p50 ms"), rows)


def _postings(ids: Sequence[str], texts: Sequence[str]) -> Callable[[str], list[str]]:
    retriever = Retriever(lexical_arrays(texts, len(texts)), len(texts))
    return lambda question: [ids[i] for i in np.argsort(-retriever.lexical(question), kind="stable")[:_TOP]]


def _lancedb(ids: Sequence[str], texts: Sequence[str], folder: str) -> Callable[[str], list[str]]:
    table = lancedb.connect(folder).create_table("t", pa.table({"id": list(ids), "text": list(texts)}))
    table.create_index("text", config=FTS(base_tokenizer="icu", stem=True, language="English", ascii_folding=True))

    def search(question: str) -> list[str]:
        query = table.search(MatchQuery(question, "text"), query_type="fts").select(["id", "_score"])
        found: list[str] = query.limit(_TOP).to_arrow()["id"].to_pylist()
        return found

    return search


def _measure(
    name: str, search: Callable[[str], list[str]], questions: Sequence[dict[str, list[str]]]
) -> tuple[str, ...]:
    first, top, times = 0.0, 0.0, []
    for question in questions:
        start = time.perf_counter()
        found = search(str(question["question"]))
        times.append(1000 * (time.perf_counter() - start))
        gold = set(question["gold"])
        first += len(gold & set(found[:1])) / len(gold)
        top += len(gold & set(found)) / len(gold)
    n = len(questions)
    return name, f"{first / n:.3f}", f"{top / n:.3f}", f"{statistics.median(times):.2f}"


if __name__ == "__main__":
    main()
