"""How much of the evidence is found: any folder with corpus.jsonl and questions.jsonl.

    python -m tests.benchmarks.retrieval FOLDER [--no-titles] [--lower] [--recipe NAME] [--facts FILE] [--served]
        [--top-k 10]

`--no-titles` drops the titles of the corpus, `--lower` asks in lower case. `--served` lets a fake model tell the facts
over HTTP instead of importing them, by recipe standard. The first table is mode basic (full text, and vectors where
there are any) on the same knowledge base, then come the difference of the two, and what a model would be shown within
the default token budgets.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphrag_lite import KnowledgeBase
from graphrag_lite.evaluate import metrics, report
from graphrag_lite.evaluate.questions import Question, read_questions
from tests.benchmarks._common import needed, print_table
from tests.fake_llm_server import FakeLLMServer
from tests.fake_writer import count_tokens

_FOLDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--no-titles", action="store_true")
    parser.add_argument("--lower", action="store_true")
    parser.add_argument("--recipe", default="instant")
    parser.add_argument("--facts", type=Path)
    parser.add_argument("--served", action="store_true")
    parser.add_argument("--top-k", type=int, default=10)
    options = parser.parse_args()
    corpus, asked = needed(options.folder / "corpus.jsonl"), read_questions(needed(options.folder / "questions.jsonl"))
    if options.lower:
        asked = [replace(question, question=question.question.lower()) for question in asked]
    with tempfile.TemporaryDirectory() as work, contextlib.ExitStack() as stack:
        if options.no_titles:
            corpus = _without_titles(corpus, Path(work) / "corpus.jsonl")
        settings: dict[str, Any] = {"query": {"top_k": options.top_k}}
        facts, recipe = options.facts and needed(options.facts), options.recipe
        if options.served:
            server = stack.enter_context(FakeLLMServer(facts=_facts_by_text(corpus, facts)))
            settings["llm"] = {"model": "gpt-4o-mini", "base_url": server.url}
            settings["budget"] = {"confirm_above_usd": 1000}
            facts, recipe = None, "standard"
        with KnowledgeBase(Path(work) / "kb", settings=settings) as kb:
            made = kb.index(corpus, recipe=recipe, facts=facts)
            print(f"{options.folder.name}: {made.counts}, {made.timings.get('total', 0):.1f} s to index\n")
            runs = {
                "mode basic": metrics.ask(kb, asked, options.top_k, mode="basic"),
                "retrieve": metrics.ask(kb, asked, options.top_k),
            }
            print(report.as_text(report.make(runs)))
            for name, run in runs.items():
                print(_folds(name, run))
            print()
            head = ["a model is shown", "gold in it", "all gold in it", "tokens mean", "most"]
            print_table(head, [_context_row(kb, asked, mode) for mode in ("basic", "local", "global")])


def _context_row(kb: KnowledgeBase, asked: Sequence[Question], mode: str) -> list[object]:
    """How much of the evidence a packed context holds, and its size as the model counts it."""
    shares, tokens = [], []
    for question in asked:
        if question.gold:
            context = kb.context(question.question, mode=mode)
            found = metrics.gold_ranks(question, context.passages)
            shares.append(sum(map(bool, found)) / len(found))
            tokens.append(count_tokens(context.text))
    whole = sum(share == 1 for share in shares)
    n = len(shares)
    return [f"mode {mode}", sum(shares) / n, whole / n, sum(tokens) // n, max(tokens)]


def _facts_by_text(corpus: Path, facts: Path | None) -> dict[str, dict[str, Any]]:
    """Recorded facts by the text of their passage, as the fake model looks them up."""
    if facts is None:
        return {}
    texts = {str(record["id"]): record["text"] for record in _records(corpus)}
    return {texts[str(record["id"])].strip(): record for record in _records(facts) if str(record["id"]) in texts}


def _records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _folds(name: str, run: metrics.Run) -> str:
    """Mean and spread over five folds: how much a figure owes to the questions that happen to be there."""
    cells = []
    for metric in ("recall@5", "all-gold@8"):
        values = metrics.per_question(run.results, metric)
        means = [float(values[fold::_FOLDS].mean()) for fold in range(_FOLDS)]
        cells.append(f"{metric} {statistics.mean(means):.3f} ± {statistics.pstdev(means):.3f}")
    return f"{name}, five folds: {', '.join(cells)}"


def _without_titles(corpus: Path, target: Path) -> Path:
    with target.open("w", encoding="utf-8") as out:
        for record in _records(corpus):
            record.pop("title", None)
            out.write(json.dumps(record, ensure_ascii=False) + "\n")
    return target


if __name__ == "__main__":
    main()
