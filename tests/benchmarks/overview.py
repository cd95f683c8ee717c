"""What answers about the whole are like: how wide, how long, how clean.

    python -m tests.benchmarks.overview KB [--question TEXT ...]
    python -m tests.benchmarks.overview KB --gold data/questions/harbour.jsonl

With gold: which share of the documents that hold the answer is cited, and is among the best 60 passages.

Counts tell a change for the worse; whether an answer is good, only reading tells, so `--print` shows them.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from graphrag_lite import Answer, Citation, KnowledgeBase, Passage
from graphrag_lite.text.boilerplate import is_notice
from graphrag_lite.text.fragments import fragment_factor
from graphrag_lite.text.informative import leans
from tests.benchmarks._common import needed, print_table

_QUESTIONS = (
    "What are the main themes?",
    "Give an overview of the collection",
    "Summarise the story",
    "Who are the main people?",
    "Which companies are mentioned?",
    "主要主题有哪些？",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kb", type=Path)
    parser.add_argument("--question", action="append", help="instead of the usual ones; may be given again")
    parser.add_argument("--gold", type=Path, help="JSON lines of questions; those of kind global are asked")
    parser.add_argument("--print", action="store_true", help="show the answers too")
    options = parser.parse_args()
    rows = []
    if options.gold:
        _against_gold(options.kb, options.gold, shows=options.print)
        return
    with KnowledgeBase(needed(options.kb)) as kb:
        for question in options.question or _QUESTIONS:
            start = time.process_time()
            answer = kb.query(question, mode="global")
            rows.append((question, *_counts(answer), round(time.process_time() - start, 2)))
            if options.print:
                print(f"{question}\n\n{answer.text}\n")
        quoted = [f.text for report in kb.reports() for f in report.findings]
    print_table(("", "documents", "themes", "quoted", "characters", "in the air", "notices", "CPU s"), rows)
    print(
        f"\nfindings of reports: {len(quoted)}, in the air {_share(quoted):.2f}, notices {sum(map(is_notice, quoted))}"
    )


def _against_gold(path: Path, questions: Path, *, shows: bool) -> None:
    asked = [json.loads(line) for line in questions.read_text(encoding="utf-8").splitlines()]
    asked = [question for question in asked if question.get("kind") == "global"]
    rows: list[tuple[object, ...]] = []
    with KnowledgeBase(needed(path)) as kb:
        for question in asked:
            answer = kb.query(question["question"])
            shares = [
                _share_of_gold(question, sources)
                for sources in (_sources(answer.citations), _sources(kb.retrieve(question["question"], top_k=60)))
            ]
            rows.append((question["id"], answer.mode, *shares, *_counts(answer)[:4]))
            if shows:
                print(f"{question['id']} {question['question']}\n\n{answer.text}\n")
    mean = [round(sum(float(str(row[i])) for row in rows) / max(1, len(rows)), 2) for i in range(2, 7)]
    print_table(
        ("", "mode", "gold cited", "gold in 60", "documents", "themes", "quoted", "characters"),
        [*rows, ("mean", "", *mean, "")],
    )


def _sources(found: Iterable[Citation | Passage]) -> set[str]:
    return {name for one in found for name in (one.document_id, one.source)}


def _share_of_gold(question: Mapping[str, Any], sources: set[str]) -> float:
    """Of the gold documents, or others that say the same."""
    others = question.get("gold_alternatives", {})
    hit = [
        any(
            source == name or source.endswith(f"/{name}")
            for source in sources
            for name in (gold, *others.get(gold, ()))
        )
        for gold in question["gold"]
    ]
    return round(sum(hit) / len(hit), 2)


def _counts(answer: Answer) -> tuple[int, int, int, int, float, int]:
    """Documents cited, themes, quotations, characters, share of quotations in the air, quotations of notices."""
    quoted = [citation.text for citation in answer.citations]
    documents = len({citation.document_id for citation in answer.citations})
    themes = sum(line.startswith("- **") for line in answer.text.splitlines())
    return documents, themes, len(quoted), len(answer.text), _share(quoted), sum(map(is_notice, quoted))


def _share(quoted: list[str]) -> float:
    """Of sentences that lean on what is not shown, or are pieces of something."""
    return sum(leans(text) or fragment_factor(text) < 1 for text in quoted) / max(1, len(quoted))


if __name__ == "__main__":
    main()
