"""What splitting a question finds, through the path that questions take, over real HTTP.

    python -m tests.benchmarks.decomposition FOLDER [--recipe NAME] [--facts FILE]

FOLDER holds corpus.jsonl and questions.jsonl whose questions have a `decomposition`: [{question, answer}]. A fake
server plays a model that splits and answers perfectly, and models that err, each in one way: what they find should
stay near what the whole question finds. Prompt tokens are those of the whole answer.
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


class Splitter:
    """A model for the fake server: recorded sub-questions and their recorded answers, spoilt in some way.

    Args:
        questions: With their decomposition.
        spoilt: What is wrong: "" (nothing), "no answers", "wrong answers" (all, by what another question asks),
            "one wrong answer" (the first), "one foreign part" (the first is of another question), "one part missing"
            (the last), "three more parts" (of other questions), "vague parts" ("it" for an answer), "cut in two" (the
            question's words), "every part twice".
    """

    def __init__(self, questions: list[dict[str, Any]], spoilt: str = "") -> None:
        self.parts = {q["question"].strip(): q["decomposition"] for q in questions}
        self.order = list(self.parts)
        self.spoilt = spoilt
        self.answers: dict[str, str] = {}
        for parts in self.parts.values():
            for part in parts:
                self.answers[_completed(part["question"], parts)] = part["answer"]
        self.filled = list(self.answers)
        self.first = {parts[0]["question"].strip() for parts in self.parts.values()}

    def __call__(self, body: Mapping[str, Any]) -> str:
        system, user = body["messages"][0]["content"], body["messages"][1]["content"]
        question = user.rsplit("\n", 1)[-1].removeprefix("Question: ").strip()
        if '"questions"' in system:
            return json.dumps({"questions": self._split(question)})
        if "as few words as possible" in system:
            return self._answer(question)
        return "Seen [1]."

    def _split(self, question: str) -> list[str]:
        parts = [part["question"] for part in self.parts[question]]
        others = [self.filled[(7 * self.order.index(question) + step) % len(self.filled)] for step in (50, 90, 130)]
        words = question.split()
        spoilt = {
            "one foreign part": [others[0], *parts[1:]],
            "one part missing": parts[:-1],
            "three more parts": [*parts, *others],
            "vague parts": [_REFERENCE.sub("it", part) for part in parts],
            "cut in two": [" ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])],
            "every part twice": [*parts, *parts],
        }
        return spoilt.get(self.spoilt, parts)

    def _answer(self, question: str) -> str:
        is_wrong = self.spoilt == "wrong answers" or (self.spoilt == "one wrong answer" and question in self.first)
        if is_wrong and question in self.answers:
            return self.answers[self.filled[(self.filled.index(question) + 50) % len(self.filled)]]
        known = self.spoilt != "no answers" and question in self.answers
        return self.answers[question] if known else "[NO ANSWER]"


def _completed(question: str, parts: list[dict[str, str]]) -> str:
    return _REFERENCE.sub(lambda match: parts[int(match[1]) - 1]["answer"], question).strip()


_REFERENCE = re.compile(r"#(\d+)")
_SPOILT = (
    "",
    "no answers",
    "one wrong answer",
    "wrong answers",
    "one part missing",
    "one foreign part",
    "three more parts",
    "vague parts",
    "cut in two",
    "every part twice",
)


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
        for name, decompose in [("whole question", False), *((spoilt, True) for spoilt in _SPOILT)]:
            with FakeLLMServer(answer=Splitter(questions, name)) as server:
                settings = {
                    "llm": {"model": "gpt-4o-mini", "base_url": server.url},
                    "query": {"decompose": decompose},
                    "recipe": options.recipe,
                }
                with KnowledgeBase(Path(work) / "kb", settings=settings) as kb:
                    rows.append([name or "perfect parts", *_measure(kb, questions)])
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
