"""Precision and recall of the names we find, against the entities that GPT-3.5 found in the same passages.

    python -m tests.benchmarks.extraction [FOLDER]

FOLDER holds `corpus.jsonl` and `extraction_gpt-3.5.jsonl`. "Exact" compares normalised names within a passage;
"lenient" also counts a name whose words contain, or are contained in, the words of the other's.
The model's list is no truth (it misses names, and lists quantities and phrases), but is the same for all rows.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from graphrag_lite.index.extract import extract_candidates
from graphrag_lite.index.match import match_document
from graphrag_lite.index.vocabulary import Counts, build_vocabulary
from graphrag_lite.text.lexicon import MONTHS
from graphrag_lite.text.normalize import name_key

SHARED = Path(__file__).parents[3] / "shared"
Keys = list[set[str]]


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED / "benchmarks" / "musique-100"
    paths = [folder / "corpus.jsonl", folder / "extraction_gpt-3.5.jsonl"]
    if missing := [p for p in paths if not p.exists()]:
        print(f"skipped: {missing[0]} is not there. Name a folder that holds {paths[0].name} and {paths[1].name}")
        return 0
    corpus, stated = ([json.loads(line) for line in p.open(encoding="utf-8")] for p in paths)
    by_id = {row["id"]: {k for k in map(name_key, row["entities"]) if k} for row in stated}
    gold = [by_id.get(row["id"], set()) for row in corpus]
    is_date = [{k for k in keys if _is_date_or_number(k)} for keys in gold]
    names = [keys - dates for keys, dates in zip(gold, is_date, strict=True)]

    print(
        f"{len(corpus)} passages, {sum(map(len, gold))} entities by GPT-3.5, "
        f"{sum(map(len, names))} of them no dates or numbers"
    )
    print(f"{'':34s}{'found':>8s}{'exact P':>9s}{'R':>7s}{'F1':>7s}{'lenient P':>11s}{'R':>7s}{'F1':>7s}")
    start = time.process_time()
    ours = _ours(corpus)
    seconds = time.process_time() - start
    _row("ours, names", [o["names"] for o in ours], names)
    _row("ours, names and terms", [o["names"] | o["term"] for o in ours], names)
    _row("ours, names and dates, against all", [o["names"] | o["date"] for o in ours], gold)
    _row("ours, dates, against dates", [o["date"] for o in ours], is_date)
    if reference := _reference(corpus):
        _row("reference rules", reference, names)
        _row("reference rules, without own title", _mentioned_only(corpus, reference), names)
    print(f"ours: {seconds:.1f} CPU s for {sum(len(r['text'].encode()) for r in corpus) / 1e6:.2f} MB")
    return 0


def _ours(corpus: Sequence[dict[str, Any]]) -> list[dict[str, set[str]]]:
    vocabulary = build_vocabulary(Counts((extract_candidates(r["text"]) for r in corpus), (r["title"] for r in corpus)))
    found = []
    for row in corpus:
        mentions, _ = match_document(vocabulary, row["title"], [row["text"]])
        kinds: dict[str, set[str]] = {"names": set(), "term": set(), "date": set()}
        for mention in mentions[0]:
            kind = vocabulary.entries[mention.key].kind
            # What stands in the text is compared: merging is measured elsewhere.
            kinds[kind if kind in ("term", "date") else "names"].add(mention.key)
        found.append(kinds)
    return found


def _reference(corpus: Sequence[dict[str, Any]]) -> Keys:
    path = SHARED / "reference" / "hop_reference.py"
    spec = importlib.util.spec_from_file_location("hop_reference", path) if path.exists() else None
    if spec is None or spec.loader is None:
        print(f"the reference is not there to compare with: {path}")
        return []
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return list(module.Mentions([r["title"] for r in corpus], [r["text"] for r in corpus]).of_passage)


def _mentioned_only(corpus: Sequence[dict[str, Any]], reference: Keys) -> Keys:
    return [{k for k in keys if k in name_key(r["text"])} for r, keys in zip(corpus, reference, strict=True)]


def _is_date_or_number(key: str) -> bool:
    return any(p[0].isdigit() for p in key.split(" ")) and all(
        p[0].isdigit() or p in MONTHS or p in ("early", "mid", "late", "million", "miles", "km", "years", "of")
        for p in key.split(" ")
    )


def _row(label: str, found: Keys, gold: Keys) -> None:
    cells = []
    for is_hit in (_is_exact, _is_lenient):
        precision = _share(found, gold, is_hit)
        recall = _share(gold, found, is_hit)
        cells += [precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)]
    print(
        f"{label:34s}{sum(map(len, found)):8d}"
        + "".join(f"{c:{w}.3f}" for c, w in zip(cells, (9, 7, 7, 11, 7, 7), strict=True))
    )


def _share(these: Keys, those: Keys, is_hit: Callable[[str, set[str]], bool]) -> float:
    hits = sum(is_hit(k, other) for keys, other in zip(these, those, strict=True) for k in keys)
    return hits / max(1, sum(map(len, these)))


def _is_exact(key: str, others: set[str]) -> bool:
    return key in others


def _is_lenient(key: str, others: set[str]) -> bool:
    return key in others or any(f" {key} " in f" {o} " or f" {o} " in f" {key} " for o in others)


if __name__ == "__main__":
    sys.exit(main())
