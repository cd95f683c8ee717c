"""What asking costs, from a cold start and warm.

    python -m tests.benchmarks.querying KB [--questions FILE.jsonl] [--runs 5]

Without questions, it asks about the entities of the knowledge base. Cold figures are the best of the runs.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

from graphrag_lite import KnowledgeBase
from graphrag_lite.evaluate.questions import read_questions
from tests.benchmarks._common import GRL, Cost, measure, needed, print_table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kb", type=Path)
    parser.add_argument("--questions", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with KnowledgeBase(needed(options.kb)) as kb:
        asked = (
            [question.question for question in read_questions(needed(options.questions))]
            if options.questions
            else [f"What is known about {entity.name}?" for entity in kb.entities()[:100]]
        )
        where = ["--kb", str(options.kb)]
        commands = {
            "python": [sys.executable, "-c", "pass"],
            "import graphrag_lite": [sys.executable, "-c", "import graphrag_lite"],
            "grl --help": [*GRL, "--help"],
            "grl retrieve, cold": [*GRL, "retrieve", asked[0], *where, "--json"],
            "grl query, cold": [*GRL, "query", asked[0], *where, "--json"],
        }
        rows = [(name, *_best(command, options.runs)) for name, command in commands.items()]
        print_table(("", "CPU s", "wall s", "peak MB"), rows)
        start = time.perf_counter()
        kb.retrieve(asked[0])
        open_s = time.perf_counter() - start
        times_ms = np.array([_time_ms(kb, question) for question in asked])
    print(f"\nfirst retrieve (opens the snapshot): {open_s:.2f} s")
    percentiles = ", ".join(f"p{share} {np.percentile(times_ms, share):.1f} ms" for share in (50, 95, 99))
    print(f"warm retrieve over {len(asked)} questions: {percentiles}")


def _best(command: list[str], runs: int) -> tuple[float, float, str]:
    costs: list[Cost] = [measure(command) for _ in range(runs)]
    return min(c.cpu_s for c in costs), min(c.wall_s for c in costs), f"{min(c.peak_mb for c in costs):.0f}"


def _time_ms(kb: KnowledgeBase, question: str) -> float:
    start = time.perf_counter()
    kb.retrieve(question)
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()
