"""How often the quoted answer, made without a model, holds what was asked for, and how often it rightly refuses.

    python -m tests.benchmarks.answers SOURCE [--questions FILE] [--foreign FILE]... [--show]

SOURCE is a folder with corpus.jsonl and questions.jsonl, or anything that can be indexed, with --questions (those of
tests/benchmarks/questions, say). Besides these questions, of the kind "unanswerable" where nothing answers them, the
parts of a decomposition are asked, with the answers of earlier parts put in. --foreign names questions of another
collection: all should be refused. "evidence removed" asks the same of a knowledge base without the documents that
answer: where no other holds the answer, it should refuse. "refused" counts those that show nothing, "closest" those
that say that they do not know and quote what comes closest; "answer holds" leaves these out of "holds gold". --show
prints every answer.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from graphrag_lite import Answer, KnowledgeBase
from graphrag_lite.text.normalize import fold, has_cjk, terms
from tests.benchmarks._common import needed, print_table

_MOST = 0.8  # of the words of a long answer that have to be there
_WORD, _MARKER = re.compile(r"[^\W_]+"), re.compile(r"\[\d\]")
_LONG = 6  # words, or characters of Chinese
UNANSWERABLE = ("unanswerable", "foreign", "evidence removed")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the spellings of its answer; none where it cannot be answered."""

    question: str
    kind: str
    answers: tuple[str, ...] = ()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("--questions", type=Path)
    parser.add_argument("--foreign", type=Path, action="append", default=[])
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    corpus = needed(options.source / "corpus.jsonl" if options.questions is None else options.source)
    records = read(needed(options.questions or options.source / "questions.jsonl"))
    asked = [*questions(records), *(foreign for file in options.foreign for foreign in strangers(read(needed(file))))]
    with tempfile.TemporaryDirectory() as work:
        with KnowledgeBase(Path(work) / "kb") as kb:
            kb.index(corpus, recipe="instant")
            found = [(a, kb.query(a.question)) for a in asked]
        if corpus.suffix == ".jsonl":
            left = _without_evidence(corpus, records, Path(work) / "corpus.jsonl")
            with KnowledgeBase(Path(work) / "less") as kb:
                kb.index(Path(work) / "corpus.jsonl", recipe="instant")
                found += [(a, kb.query(a.question)) for a in bereft(asked, left)]
    if options.show:
        for one, answer in found:
            print(f"[{one.kind}{'' if holds(answer.text, one.answers) else ' -'}] {one.question}  = {one.answers}")
            print(f"    {answer.text}")
    print(f"\n{options.source.name}: {len(found)} questions")
    print_table(
        ("kind", "asked", "holds gold", "answer holds", "refused", "closest", "quotations", "characters"),
        list(rows(found)),
    )


def read(file: Path) -> list[dict[str, object]]:
    """The records of a file of questions."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def questions(records: list[dict[str, object]]) -> Iterator[Asked]:
    """The questions that have an answer or ought to be refused, and the parts of those that are taken apart."""
    known = set()
    for record in records:
        answer, hops = str(record.get("answer") or ""), record.get("hops")
        kind = str(record.get("kind") or (f"{hops} hops" if hops else "single"))
        if answer and kind not in ("global",):
            yield Asked(str(record["question"]), kind, (answer, *record.get("answer_aliases", ())))  # type: ignore[misc]  # a list
        elif kind in UNANSWERABLE:
            yield Asked(str(record["question"]), kind)
        for part in _parts(record):
            if part.question not in known:
                known.add(part.question)
                yield part


def _parts(record: dict[str, object]) -> Iterator[Asked]:
    parts: list[dict[str, str]] = record.get("decomposition") or []  # type: ignore[assignment]  # a list of objects
    for part in parts:
        # "X >> country" names a relation and is no question that anybody asks.
        if ">>" not in part["question"]:
            whole = re.sub(r"#(\d)\s?", lambda m: parts[int(m[1]) - 1]["answer"] + " ", part["question"])
            yield Asked(whole.replace(" ?", "?").replace(" 's", "'s"), "single", (part["answer"],))


def strangers(records: list[dict[str, object]]) -> Iterator[Asked]:
    """Questions of another collection."""
    yield from (Asked(a.question, "foreign") for a in questions(records) if a.kind not in UNANSWERABLE)


def bereft(asked: list[Asked], left: str) -> Iterator[Asked]:
    """The questions whose answer no remaining document holds, however it is spelt."""
    for one in asked:
        if one.answers and not any(_is_in(_plain(answer), left) for answer in one.answers):
            yield Asked(one.question, "evidence removed")


def _without_evidence(corpus: Path, records: list[dict[str, object]], target: Path) -> str:
    """Write a corpus without the documents that answer anything; its text in the form that `holds` compares."""
    gold = {name for record in records for name in record.get("gold", ())}  # type: ignore[attr-defined]  # a list
    kept = [line for line in corpus.read_text(encoding="utf-8").splitlines() if json.loads(line)["id"] not in gold]
    target.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return _plain(" ".join(kept))


def holds(text: str, answers: tuple[str, ...]) -> bool:
    """Whether a text holds an answer: as written but for marks and case, or most words of a long one."""
    plain, said = _plain(text), frozenset(terms(text))
    for answer in answers:
        wanted = [term for term in terms(answer) if len(term) > 1 or not has_cjk(term)]
        is_most = len(wanted) >= _LONG and sum(term in said for term in wanted) >= _MOST * len(wanted)
        if is_most or _is_in(_plain(answer), plain):
            return True
    return False


def _is_in(answer: str, plain: str) -> bool:
    is_joined = has_cjk(plain)  # no spaces tell its words apart
    return bool(answer) and (answer.replace(" ", "") in plain.replace(" ", "") if is_joined else answer in plain)


def _plain(text: str) -> str:
    words = _WORD.findall(fold(_MARKER.sub(" ", text)))
    return f" {' '.join(words)} "


def rows(found: list[tuple[Asked, Answer]]) -> Iterator[tuple[object, ...]]:
    """One row for each kind, one for all that can be answered and one for all that cannot."""
    kinds: dict[str, list[tuple[Asked, Answer]]] = defaultdict(list)
    for row in found:
        kinds[row[0].kind].append(row)
    for kind in sorted(kinds):
        yield _row(kind, kinds[kind])
    for name, is_answerable in (("all answerable", True), ("all unanswerable", False)):
        if some := [row for row in found if bool(row[0].answers) is is_answerable]:
            yield _row(name, some)


def _row(name: str, found: list[tuple[Asked, Answer]]) -> tuple[object, ...]:
    given = [answer for _, answer in found if answer.citations]
    held = [answer.is_supported for one, answer in found if holds(answer.text, one.answers)]
    has_gold = bool(found[0][0].answers)
    return (
        name,
        len(found),
        len(held) / len(found) if has_gold else "",
        sum(held) / len(found) if has_gold else "",
        1 - len(given) / len(found),
        sum(not answer.is_supported for answer in given) / len(found),
        sum(len(answer.citations) for answer in given) / max(1, len(given)),
        round(sum(len(answer.text) for answer in given) / max(1, len(given))),
    )


if __name__ == "__main__":
    main()
