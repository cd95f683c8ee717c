"""What answers about the whole are like: how wide, how long, how clean.

    python -m tests.benchmarks.overview KB [--question TEXT ...]

Counts tell a change for the worse; whether an answer is good, only reading tells, so `--print` shows them.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from graphrag_lite import Answer, KnowledgeBase
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
    parser.add_argument("--print", action="store_true", help="show the answers too")
    options = parser.parse_args()
    rows = []
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
