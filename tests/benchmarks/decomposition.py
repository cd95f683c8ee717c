"""What splitting a question finds, through the path that questions take, over real HTTP.

    python -m tests.benchmarks.decomposition FOLDER [--recipe NAME] [--facts FILE]

FOLDER holds corpus.jsonl and questions.jsonl whose questions have a `decomposition`: [{question, answer}]. A fake
server plays a model that splits and answers perfectly, so the figures are what the retriever can do with perfect parts;
`no answers` plays one that splits well and knows nothing. Prompt tokens are those of the whole answer.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graphrag_lite import KnowledgeBase, Passage
from tests.benchmarks._common import needed, print_table
from tests.fake_llm_server import FakeLLMServer

_KS = (2, 5, 8)


class PerfectParts:
    """Answers for the fake server: recorded sub-questions, and their recorded answers."""

    def __init__(self, questions: list[dict[str, Any]], *, knows: bool) -> None:
        self.parts = {q["question"].strip(): q["decomposition"] for q in questions}
        self.knows = knows
        self.answers: dict[str, str] = {}
        for parts in self.parts.values():
            for part in parts:
                filled = re.sub(
                    r"#(\d+)", lambda m, parts=parts: parts[int(m.group(1)) - 1]["answer"], part["question"]
                )
                self.answers[filled.strip()] = part["answer"]

    def __call__(self, body: Mapping[str, Any]) -> str:
        system, user = body["messages"][0]["content"], body["messages"][1]["content"]
        question = user.rsplit("\n", 1)[-1].removeprefix("Question: ").strip()
        if '"questions"' in system:
            return json.dumps({"questions": [part["question"] for part in self.parts[question]]})
        if "as few words as possible" in system:
            return self.answers[question] if self.knows else "[NO ANSWER]"
        return "Seen [1]."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--recipe", default="instant")
    parser.add_argument("--facts", type=Path)
    options = parser.parse_args()
    lines = needed(options.folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line) for line in lines]
    rows = []
    with tempfile.TemporaryDirectory() as work:
        KnowledgeBase(Path(work) / "kb").index(
            needed(options.folder / "corpus.jsonl"), recipe=options.recipe, facts=options.facts
        )
        for name, knows, decompose in (
            ("whole question", False, False),
            ("perfect parts", True, True),
            ("no answers", False, True),
        ):
            with FakeLLMServer(answer=PerfectParts(questions, knows=knows)) as server:
                settings = {
                    "llm": {"model": "gpt-4o-mini", "base_url": server.url},
                    "query": {"decompose": decompose},
                    "recipe": options.recipe,
                }
                with KnowledgeBase(Path(work) / "kb", settings=settings) as kb:
                    rows.append([name, *_measure(kb, questions)])
    head = ["asked as", *(f"recall@{k}" for k in _KS), "all@8", "in context", "prompt tokens mean", "most", "calls"]
    print_table(head, rows)


def _measure(kb: KnowledgeBase, questions: list[dict[str, Any]]) -> list[object]:
    recalls: dict[int, float] = dict.fromkeys(_KS, 0.0)
    whole = in_context = 0.0
    tokens, calls = [], 0
    for question in questions:
        answer = kb.query(question["question"], mode="local")
        found, gold = _documents(answer.passages), set(question["gold"])
        for k in _KS:
            recalls[k] += len(gold & set(found[:k])) / len(gold)
        whole += gold <= set(found[:8])
        in_context += len(gold & set(found)) / len(gold)
        tokens.append(answer.usage.prompt_tokens)
        calls += answer.usage.calls
    n = len(questions)
    return [*(recalls[k] / n for k in _KS), whole / n, in_context / n, sum(tokens) // n, max(tokens), calls / n]


def _documents(passages: tuple[Passage, ...]) -> list[str]:
    return list(dict.fromkeys(passage.document_id for passage in passages))


if __name__ == "__main__":
    main()
