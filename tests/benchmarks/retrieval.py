"""How much of the evidence is found: any folder with corpus.jsonl and questions.jsonl.

    python -m tests.benchmarks.retrieval FOLDER [--no-titles] [--lower] [--recipe NAME] [--facts FILE] [--top-k 10]

`--no-titles` drops the titles of the corpus, `--lower` asks in lower case. The first table is mode basic (full text,
and vectors where there are any) on the same knowledge base; its latency includes composing an answer. Last comes the
difference of the two.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from dataclasses import replace
from pathlib import Path

from graphrag_lite import KnowledgeBase, Passage
from graphrag_lite.evaluate import metrics, report
from graphrag_lite.evaluate.questions import read_questions
from tests.benchmarks._common import needed

_FOLDS = 5


class Basic:
    """Ranks as mode basic does."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self.kb = kb

    def retrieve(self, question: str, *, top_k: int | None = None) -> list[Passage]:
        return list(self.kb.query(question, mode="basic").passages)[:top_k]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--no-titles", action="store_true")
    parser.add_argument("--lower", action="store_true")
    parser.add_argument("--recipe", default="instant")
    parser.add_argument("--facts", type=Path)
    parser.add_argument("--top-k", type=int, default=10)
    options = parser.parse_args()
    corpus, asked = needed(options.folder / "corpus.jsonl"), read_questions(needed(options.folder / "questions.jsonl"))
    if options.lower:
        asked = [replace(question, question=question.question.lower()) for question in asked]
    with tempfile.TemporaryDirectory() as work:
        if options.no_titles:
            corpus = _without_titles(corpus, Path(work) / "corpus.jsonl")
        with KnowledgeBase(Path(work) / "kb", settings={"query": {"top_k": options.top_k}}) as kb:
            made = kb.index(corpus, recipe=options.recipe, facts=options.facts and needed(options.facts))
            print(f"{options.folder.name}: {made.counts}, {made.timings.get('total', 0):.1f} s to index\n")
            runs = {
                "mode basic": metrics.ask(Basic(kb), asked, options.top_k),
                "retrieve": metrics.ask(kb, asked, options.top_k),
            }
    print(report.as_text(report.make(runs)))
    for name, run in runs.items():
        print(_folds(name, run))


def _folds(name: str, run: metrics.Run) -> str:
    """Mean and spread over five folds: how much a figure owes to the questions that happen to be there."""
    cells = []
    for metric in ("recall@5", "all-gold@8"):
        values = metrics.per_question(run.results, metric)
        means = [float(values[fold::_FOLDS].mean()) for fold in range(_FOLDS)]
        cells.append(f"{metric} {statistics.mean(means):.3f} ± {statistics.pstdev(means):.3f}")
    return f"{name}, five folds: {', '.join(cells)}"


def _without_titles(corpus: Path, target: Path) -> Path:
    with corpus.open(encoding="utf-8") as lines, target.open("w", encoding="utf-8") as out:
        for line in lines:
            record = json.loads(line)
            record.pop("title", None)
            out.write(json.dumps(record, ensure_ascii=False) + "\n")
    return target


if __name__ == "__main__":
    main()
