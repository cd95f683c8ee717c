"""How time and memory grow from 1,000 chunks to 100,000, or a million.

    python -m tests.benchmarks.growth FOLDER [--sizes 1000,10000,100000] [--million] [--recipe NAME] [--keep DIR]

Documents are made by recombining real sentences of FOLDER (txt, md, or jsonl with `text`). A larger collection has
more names, not only more of the same: every pass over the sentences renames what is rare and keeps what is frequent,
so that few names are everywhere and most are nearly nowhere, as in real collections.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks._common import GRL, measure, needed, print_table, size_mb

_NAME = re.compile(r"\b[A-Z][a-z]{2,}\b")
_RUN = re.compile(r"\b[A-Z][a-z]{2,}(?: [A-Z][a-z]{2,})+\b")
_SENTENCE = re.compile(r"[^.!?\n]{30,300}[.!?](?=\s)")
_SYLLABLES = ("ba", "do", "fi", "ga", "ku", "lo", "mi", "na", "po", "ru", "sa", "te", "va", "wo", "ze", "ri")
_SENTENCES_IN_A_DOCUMENT = 5
_FREQUENT = 0.002  # share of sentences above which a name is the same everywhere


def main() -> None:
    if sys.argv[1:2] == ["--probe"]:
        _probe(Path(sys.argv[2]), Path(sys.argv[3]))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--recipe", default="instant")
    parser.add_argument("--keep", type=Path, help="keep the knowledge bases here")
    options = parser.parse_args()
    sentences = read_sentences(needed(options.folder))
    sizes = [int(size) for size in options.sizes.split(",")] + ([1_000_000] if options.million else [])
    rows = []
    with tempfile.TemporaryDirectory() as work:
        for size in sizes:
            rows.append(_measure_size(sentences, size, options.keep or Path(work), options.recipe))
            print(f"{size:,} documents done", file=sys.stderr)
    head = (
        "documents",
        "chunks",
        "entities",
        "index CPU s",
        "wall s",
        "peak MB",
        "KB MB",
        "open s",
        "open MB",
        "p50 ms",
        "p95 ms",
    )
    print_table(head, rows)


def read_sentences(folder: Path) -> list[str]:
    """The sentences of a folder, in its order."""
    paths = sorted(folder.rglob("*")) if folder.is_dir() else [folder]
    found = [s.group().strip() for path in paths for text in _texts(path) for s in _SENTENCE.finditer(text + "\n")]
    if len(found) < 100:
        sys.exit(f"{folder} has {len(found)} sentences; at least 100 are needed. Nothing was measured.")
    return found


def documents(sentences: list[str], count: int) -> Iterator[dict[str, str]]:
    """`count` synthetic documents; the first ones are the same for every count."""
    random_ = random.Random(7)
    seen = Counter(name for sentence in sentences for name in set(_NAME.findall(sentence)))
    frequent = {name for name, sightings in seen.items() if sightings > _FREQUENT * len(sentences)}
    in_a_pass = max(1, len(sentences) // _SENTENCES_IN_A_DOCUMENT)
    for number in range(count):
        suffix = _suffix(number // in_a_pass)
        start = random_.randrange(len(sentences))
        chosen = [*sentences[start : start + 3], *random_.choices(sentences, k=_SENTENCES_IN_A_DOCUMENT - 3)]
        text = _NAME.sub(lambda m, s=suffix: m.group() if m.group() in frequent else m.group() + s, " ".join(chosen))
        names = Counter(_RUN.findall(text)).most_common(1)
        yield {"id": f"s{number}", "title": names[0][0] if names else "", "text": text}


def _texts(path: Path) -> Iterator[str]:
    if path.suffix in (".txt", ".md"):
        yield path.read_text(encoding="utf-8", errors="replace")
    elif path.name == "corpus.jsonl":
        yield from (json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines())


def _suffix(pass_: int) -> str:
    """Nothing for the first pass over the sentences, then a syllable or more."""
    found = ""
    while pass_:
        pass_, digit = divmod(pass_, len(_SYLLABLES))
        found += _SYLLABLES[digit]
    return found


def _measure_size(sentences: list[str], size: int, work: Path, recipe: str) -> tuple[object, ...]:
    work.mkdir(parents=True, exist_ok=True)
    corpus, asked, kb = work / f"{size}.jsonl", work / f"{size}.questions.jsonl", work / f"kb-{size}"
    step = max(1, size // 200)
    with corpus.open("w", encoding="utf-8") as out, asked.open("w", encoding="utf-8") as questions:
        for number, document in enumerate(documents(sentences, size)):
            out.write(json.dumps(document, ensure_ascii=False) + "\n")
            if number % step == 0:
                names = _RUN.findall(document["text"])[:2] or [document["text"][:60]]
                question = f"What links {' and '.join(names)}?"
                questions.write(json.dumps({"id": document["id"], "question": question}, ensure_ascii=False) + "\n")
    index = measure([*GRL, "index", str(corpus), "--kb", str(kb), "--recipe", recipe, "--json"], accept=(0, 3))
    counts = json.loads(index.stdout)["counts"]
    probe = json.loads(
        measure([sys.executable, "-m", "tests.benchmarks.growth", "--probe", str(kb), str(asked)]).stdout
    )
    return (
        f"{size:,}",
        f"{counts['chunks']:,}",
        f"{counts['entities']:,}",
        index.cpu_s,
        index.wall_s,
        f"{index.peak_mb:.0f}",
        size_mb(kb),
        probe["open_s"],
        f"{probe['open_mb']:.0f}",
        probe["p50_ms"],
        probe["p95_ms"],
    )


def _probe(kb_path: Path, questions: Path) -> None:
    """Open, retrieve, and print what it took; in a process of its own."""
    import resource

    import numpy as np

    from graphrag_lite import KnowledgeBase
    from graphrag_lite.evaluate.questions import read_questions

    asked = read_questions(questions)
    with KnowledgeBase(kb_path) as kb:
        start = time.perf_counter()
        kb.retrieve(asked[0].question)
        open_s = time.perf_counter() - start
        times_ms = []
        for question in asked:
            start = time.perf_counter()
            kb.retrieve(question.question)
            times_ms.append((time.perf_counter() - start) * 1000)
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    p50_ms, p95_ms = np.percentile(times_ms, [50, 95])
    print(json.dumps({"open_s": open_s, "open_mb": peak_mb, "p50_ms": float(p50_ms), "p95_ms": float(p95_ms)}))


if __name__ == "__main__":
    main()
