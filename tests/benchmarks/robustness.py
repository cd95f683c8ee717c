"""What retrieval keeps when names, titles, case, documents and questions are not those it was built on.

    python -m tests.benchmarks.robustness FOLDER [--only NAME ...] [--distractors SOURCE ...] [--recipe NAME]

FOLDER holds corpus.jsonl and questions.jsonl. Each row changes one thing and asks the same questions again:

- renamed: every name gets another, the same everywhere, so that no list of known names helps;
- misspelt: the longest name in the question lacks a letter;
- lower case: of the questions; shouted: the questions in capitals;
- no titles; five a document: shuffled passages, five to a document, with titles as headings or without;
- distractors: beside other documents, those of `--distractors`;
- comparison: "Which film is older, A or B?" and its like, written from the corpus, with both documents as gold.

`basic` is the same knowledge base without its links: where both fall, words are lost, not links.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphrag_lite import KnowledgeBase
from graphrag_lite.evaluate import metrics
from graphrag_lite.evaluate.questions import Question, read_questions
from graphrag_lite.text.lexicon import MONTHS, STOP_WORDS, WEEKDAYS
from tests.benchmarks._common import needed, print_table

Records = list[dict[str, Any]]
Data = tuple[Records, list[Question]]

_TOP_K = 10
_SEED = 7
_STEM = 5  # letters of a name that change; what follows stays, so that Hungary and Hungarian stay kin
_WORD = re.compile(r"[^\W\d_]+")
_DEFINED = re.compile(r"\b(?:is|was|are|were) (?:an?|the) ([^.,;]{3,80})")
_AFTER_KIND = re.compile(
    r" (?:in|of|by|from|who|that|which|on|at|for|with|and|to|located|directed|written|published|released|set) "
)
_COMPARISONS = (
    "Which {kind} is older, {a} or {b}?",
    "Are {a} and {b} both {kind}s?",
    "Which one came first, {a} or {b}?",
    "What do the {kind}s {a} and {b} have in common?",
    "Is {a} in the same country as {b}?",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--distractors", type=Path, nargs="+", default=[])
    parser.add_argument("--recipe", default="instant")
    options = parser.parse_args()
    corpus = needed(options.folder / "corpus.jsonl")
    records = [json.loads(line) for line in corpus.read_text(encoding="utf-8").splitlines() if line.strip()]
    data = records, read_questions(needed(options.folder / "questions.jsonl"))
    rows = []
    for name, change in _CHANGES.items():
        others = list(map(needed, options.distractors)) if name == "distractors" else []
        if (options.only and name not in options.only) or (name == "distractors" and not others):
            continue
        rows.append([name, *_measure(*change(data), others, options.recipe)])
        print(*(f"{cell:.3f}" if isinstance(cell, float) else cell for cell in rows[-1]), flush=True)
    print()
    print_table(["changed", "documents", "recall@5", "all@8", "basic recall@5", "basic all@8"], rows)


def _measure(records: Records, asked: list[Question], others: list[Path], recipe: str) -> list[object]:
    with tempfile.TemporaryDirectory() as work:
        corpus = Path(work) / "corpus.jsonl"
        lines = (json.dumps(record, ensure_ascii=False) for record in records)
        corpus.write_text("\n".join(lines) + "\n", encoding="utf-8")
        with KnowledgeBase(Path(work) / "kb") as kb:
            made = kb.index([corpus, *others], recipe=recipe)
            runs = [metrics.ask(kb, asked, _TOP_K), metrics.ask(kb, asked, _TOP_K, mode="basic")]
    figures = [float(metrics.per_question(r.results, name).mean()) for r in runs for name in ("recall@5", "all-gold@8")]
    return [made.counts["documents"], *figures]


# ---- what is changed ------------------------------------------------------------------------------------------------


def _same(data: Data) -> Data:
    return data


def _renamed(data: Data) -> Data:
    records, asked = data
    seen = Counter(word for r in records for word in _WORD.findall(f"{r.get('title', '')} {r['text']}"))
    lower = {word for word in seen if word.islower()}
    kept = lower | STOP_WORDS | MONTHS | WEEKDAYS
    names = {word.lower() for word in seen if not word.islower() and len(word) > 1} - kept
    stems = sorted({name[:_STEM] for name in names})
    chance = random.Random(_SEED)
    made = dict(zip(stems, _syllables(chance, len(stems)), strict=True))

    def rename(match: re.Match[str]) -> str:
        word: str = match.group()
        if word.lower() not in names:
            return word
        new = str(made[word.lower()[:_STEM]] + word.lower()[_STEM:])
        return new.upper() if word.isupper() else new.capitalize() if word[0].isupper() else new

    changed = [
        {**r, "title": _WORD.sub(rename, r.get("title", "")), "text": _WORD.sub(rename, r["text"])} for r in records
    ]
    return changed, [replace(q, question=_WORD.sub(rename, q.question)) for q in asked]


def _syllables(chance: random.Random, count: int) -> list[str]:
    """Distinct words that no one knows."""
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(3))] = None
    return list(found)


def _misspelt(data: Data) -> Data:
    """The middle letter of the longest name is missing."""

    def spoil(question: str) -> str:
        names = [m for m in _WORD.finditer(question) if m.start() and m.group()[0].isupper() and len(m.group()) > 4]
        if not names:
            return question
        longest = max(names, key=lambda m: (len(m.group()), -m.start()))
        middle = (longest.start() + longest.end()) // 2
        return question[:middle] + question[middle + 1 :]

    return data[0], [replace(q, question=spoil(q.question)) for q in data[1]]


def _lower_case(data: Data) -> Data:
    return data[0], [replace(q, question=q.question.lower()) for q in data[1]]


def _shouted(data: Data) -> Data:
    return data[0], [replace(q, question=q.question.upper()) for q in data[1]]


def _no_titles(data: Data) -> Data:
    return [{**record, "title": ""} for record in data[0]], data[1]


def _five_a_document(data: Data, *, with_titles: bool = True) -> Data:
    shuffled = sorted(data[0], key=lambda record: str(record["id"]))
    random.Random(_SEED).shuffle(shuffled)
    document_of, documents = {}, []
    for start in range(0, len(shuffled), 5):
        part = shuffled[start : start + 5]
        id_ = f"document-{start // 5}"
        document_of.update({str(record["id"]): id_ for record in part})
        texts = [f"# {r['title']}\n\n{r['text']}" if with_titles and r.get("title") else r["text"] for r in part]
        documents.append({"id": id_, "text": "\n\n".join(texts)})
    asked = [replace(q, gold=tuple(dict.fromkeys(document_of[gold] for gold in q.gold))) for q in data[1]]
    return documents, asked


def _comparison(data: Data) -> Data:
    titles = Counter(record.get("title", "") for record in data[0])
    of_kind: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for record in data[0]:
        title, defined = record.get("title", ""), _DEFINED.search(record["text"][:250])
        if title and titles[title] == 1 and defined:
            kind = _AFTER_KIND.split(f"{defined.group(1)} in ")[0].split()[-1]
            if kind.isalpha() and kind.islower():
                of_kind[kind].append((re.sub(r"\s*\(.*?\)", "", title), str(record["id"])))
    chance = random.Random(_SEED)
    asked: list[Question] = []
    for kind in sorted(of_kind, key=lambda kind: (-len(of_kind[kind]), kind))[:25]:
        for form in chance.sample(_COMPARISONS, 2) if len(of_kind[kind]) > 1 else ():
            (a, first), (b, second) = chance.sample(sorted(of_kind[kind]), 2)
            asked.append(Question(f"c{len(asked)}", form.format(kind=kind, a=a, b=b), gold=(first, second)))
    return data[0], asked


_CHANGES: dict[str, Callable[[Data], Data]] = {
    "nothing": _same,
    "renamed": _renamed,
    "misspelt": _misspelt,
    "lower case": _lower_case,
    "shouted": _shouted,
    "no titles": _no_titles,
    "five a document": _five_a_document,
    "five, no titles": lambda data: _five_a_document(data, with_titles=False),
    "distractors": _same,
    "comparison": _comparison,
}


if __name__ == "__main__":
    main()
