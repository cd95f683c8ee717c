"""What the Kelder Haven sample corpus and its questions have to hold, and what they lack of it.

`python data/build.py --check` runs these checks; they need ``kreuzberg``, the converter of graphrag_lite itself.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent
SOURCES = DATA / "sources"
CORPUS = DATA / "corpora" / "harbour"
QUESTIONS = DATA / "questions" / "harbour.jsonl"

EXACT_DUPLICATES = {"en/archive/special-meeting-nov-2018.txt": "en/harbour-board/minutes-2018-11-22.txt"}
NEAR_DUPLICATES = {
    "en/press/sound-courier-reopening.html": "en/harbour-board/press-release-coopers-dock.md",
    "zh/news/linshui-zhuanzai.txt": "zh/news/ningchuan-ribao-2019-06-18.txt",
}
MALFORMED = "en/archive/tide-gauge-1994.pdf"
RECORD_FIELDS = {"id", "title", "text", "metadata"}
HOPS = {"single": 1, "two_hop": 2, "three_hop": 3}
MIN_GOLD = HOPS | {"comparison": 2, "global": 3}
MIN_QUESTIONS = {"single": 14, "two_hop": 12, "three_hop": 6, "comparison": 4, "global": 8, "unanswerable": 2}
MIN_DOCUMENTS = {"en": 28, "zh": 10}
MIN_CHINESE_QUESTIONS = 10
MIN_CHARACTERS = 100
MAX_BYTES = 1_500_000


def faults_of_corpus() -> Iterator[str]:
    """One line for each fault of the documents and the questions; prints what it counts."""
    size = sum((CORPUS / name).stat().st_size for name in corpus_files())
    if size > MAX_BYTES:
        yield f"corpus has {size} bytes, more than {MAX_BYTES}"
    texts, failures = read_corpus()
    yield from faults_of_files(texts, failures)
    yield from faults_of_duplicates(texts)
    records = {name: records_of(text) for name, text in texts.items() if name.endswith(".jsonl")}
    for name, found in records.items():
        yield from (f"{name}: record {r.get('id')} has other fields" for r in found if set(r) != RECORD_FIELDS)
    known = texts | {record["id"]: record_text(record) for found in records.values() for record in found}
    yield from faults_of_questions(known)


def corpus_files() -> list[str]:
    """The corpus files, relative to the corpus folder."""
    return sorted(path.relative_to(CORPUS).as_posix() for path in CORPUS.rglob("*") if path.is_file())


def read_corpus() -> tuple[dict[str, str], dict[str, str]]:
    """The text of each file, and why the others could not be converted."""
    texts, failures = dict[str, str](), dict[str, str]()
    for name in corpus_files():
        try:
            texts[name] = extract(name)
        except Exception as error:  # noqa: BLE001 - any failure of the converter is what we want to know
            failures[name] = str(error)
    return texts, failures


def extract(name: str) -> str:
    """The text of a corpus file as graphrag_lite would read it."""
    from kreuzberg import extract_file_sync

    path = CORPUS / name
    if path.suffix in (".json", ".jsonl", ".csv", ".txt"):
        return path.read_text(encoding="utf-8")
    return extract_file_sync(path).content


def faults_of_files(texts: Mapping[str, str], failures: Mapping[str, str]) -> Iterator[str]:
    """Files that failed, or should have, or say nothing, and too few of a language."""
    yield from (f"{name}: cannot be converted: {why}" for name, why in failures.items() if name != MALFORMED)
    yield from (f"{name}: hardly any text" for name, text in texts.items() if len(text.strip()) < MIN_CHARACTERS)
    if MALFORMED in texts:
        yield f"{MALFORMED}: was expected to fail"
    for language, minimum in MIN_DOCUMENTS.items():
        count = sum(name.startswith(f"{language}/") for name in texts)
        print(f"documents {language}: {count}")
        if count < minimum:
            yield f"{count} documents in {language}, fewer than {minimum}"


def faults_of_duplicates(texts: Mapping[str, str]) -> Iterator[str]:
    """Copies that are none, and near copies that are too near or too far."""
    for copy, original in EXACT_DUPLICATES.items():
        if len({hashlib.sha256((CORPUS / name).read_bytes()).digest() for name in (copy, original)}) != 1:
            yield f"{copy}: not a copy of {original}"
    for copy, original in NEAR_DUPLICATES.items():
        value = similarity(texts[copy], texts[original])
        print(f"near duplicate {copy}: similarity {value:.2f}")
        if not 0.6 < value < 1:
            yield f"{copy}: similarity to {original} is {value:.2f}"


def similarity(left: str, right: str) -> float:
    """The Jaccard similarity of two texts over character shingles."""
    first, second = shingles(left), shingles(right)
    return len(first & second) / len(first | second)


def shingles(text: str, size: int = 5) -> set[str]:
    """The character shingles of a text."""
    text = normalise(text)
    return {text[start : start + size] for start in range(len(text) - size + 1)}


def normalise(text: str) -> str:
    """Folds case and removes white space, so that line breaks of the converter do not matter."""
    return re.sub(r"\s+", "", text).casefold()


def records_of(text: str) -> list[dict[str, Any]]:
    """The records of a JSONL file."""
    return [json.loads(line) for line in text.splitlines()]


def record_text(record: Mapping[str, Any]) -> str:
    """What a record says."""
    return f"{record['title']}\n{record['text']}\n{json.dumps(record['metadata'])}"


def faults_of_questions(known: Mapping[str, str]) -> Iterator[str]:
    """Faults of the questions, one by one and in their number.

    Args:
        known: The text of each file and of each JSONL record.
    """
    questions = records_of(QUESTIONS.read_text(encoding="utf-8"))
    uses = Counter(question["id"] for question in questions)
    yield from (f"{name}: the id is used {count} times" for name, count in uses.items() if count > 1)
    for question in questions:
        yield from (f"{question['id']}: {fault}" for fault in faults_of_question(question, known))
    kinds = Counter(question["kind"] for question in questions)
    languages = Counter(question["language"] for question in questions)
    print(f"questions: {len(questions)}, {dict(kinds)}, {dict(languages)}")
    for kind, minimum in MIN_QUESTIONS.items():
        if kinds[kind] < minimum:
            yield f"{kinds[kind]} questions of kind {kind}, fewer than {minimum}"
    if languages["zh"] < MIN_CHINESE_QUESTIONS:
        yield f"{languages['zh']} questions in Chinese, fewer than {MIN_CHINESE_QUESTIONS}"


def faults_of_question(question: Mapping[str, Any], known: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with one question; of one whose sources are missing, only that."""
    kind, gold = question["kind"], question["gold"]
    copies = [copy for copies in question.get("gold_alternatives", {}).values() for copy in copies]
    missing = [source for source in [*gold, *copies] if source not in known]
    if missing:
        yield f"no such source: {', '.join(missing)}"
        return
    if len(gold) < MIN_GOLD.get(kind, 0):
        yield f"{kind} with {len(gold)} gold sources, fewer than {MIN_GOLD[kind]}"
    if (kind == "unanswerable") != (not gold):
        yield "only an unanswerable question has no sources"
    if kind not in HOPS:
        return
    if question["hops"] != HOPS[kind]:
        yield f"{kind} with {question['hops']} hops"
    answers = [normalise(text) for text in (question["answer"], *question["answer_aliases"])]
    if not any(answer in normalise(known[source]) for source in gold for answer in answers):
        yield f"the answer {question['answer']!r} is in none of {', '.join(gold)}"
    if any(answer in normalise(question["question"]) for answer in answers):
        yield "the question gives the answer away"


def print_table() -> None:
    """Prints the Markdown table of files for the README."""
    print("| File | Format | Bytes | Built from |\n| --- | --- | ---: | --- |")
    for name in corpus_files():
        path = CORPUS / name
        origin = f"sources/{name}.md" if (SOURCES / f"{name}.md").exists() else "written by hand"
        origin = "copy" if name in EXACT_DUPLICATES else origin
        print(f"| `{name}` | {path.suffix[1:]} | {path.stat().st_size:,} | {origin} |")
