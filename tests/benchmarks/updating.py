"""What one small change costs: calls and tokens of the chat model, texts embedded, and time, after an edit.

    python -m tests.benchmarks.updating SOURCE [--changes 5] [--passages N]

SOURCE is a folder of text files, one file, or JSONL with `text`. Its paragraphs (of JSONL: its lines; of a folder: its
files) are held as documents; some are left out, chosen at random. The rest is indexed with a chat and an embedding
model of the fake server; then each of `--changes` documents is added, as many are edited (one word), and as many
removed, one at a time. `--passages` joins so many paragraphs of one file to a document.

Below stand the peers: calls and texts embedded after adding one small document to A Christmas Carol.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from graphrag_lite import Document, IndexReport, KnowledgeBase
from tests.benchmarks._common import needed, print_table
from tests.fake_llm_server import FakeLLMServer

_PEERS = [
    ["microsoft graphrag 3.3", 15, 492],
    ["lightrag-hku 1.5.7", 3, 27],
    ["nano-graphrag 0.0.8", 21, 12],
    ["fast-graphrag 0.0.5", 3, 11],
]
_SEED = 7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("--changes", type=int, default=5)
    parser.add_argument("--passages", type=int, default=20)
    options = parser.parse_args()
    documents = _documents(needed(options.source), options.passages)
    rng = random.Random(_SEED)
    rng.shuffle(documents)
    added, rest = documents[: options.changes], documents[options.changes :]
    with FakeLLMServer() as server, tempfile.TemporaryDirectory() as work:
        settings = {
            "llm": {"model": "gpt-4o-mini", "base_url": server.url},
            "embedding": {"model": "text-embedding-3-small", "base_url": server.url, "concurrency": 8},
            "recipe": "standard",
        }
        with KnowledgeBase(Path(work) / "kb", settings=settings) as kb:
            first = _measured(server, lambda: kb.index(rest))
            edited, removed = rest[: options.changes], rest[options.changes : 2 * options.changes]
            changes: dict[str, list[Callable[[], IndexReport]]] = {
                "add": [lambda one=one: kb.index(one) for one in added],  # type: ignore[misc]  # binds it now
                "edit": [lambda one=one: kb.index(_edited(one)) for one in edited],  # type: ignore[misc]
                "remove": [lambda one=one: kb.remove(one.id) for one in removed],  # type: ignore[misc]
            }
            rows = [[f"all {len(rest):,}", *first]]
            for name, runs in changes.items():
                columns = list(zip(*(_measured(server, run) for run in runs), strict=True))
                rows.append([f"{name} one, median", *map(statistics.median, columns)])
                rows.append([f"{name} one, most", *map(max, columns)])
    print_table(["change", "chat calls", "tokens", "texts embedded", "seconds"], rows)
    print()
    print_table(["peer: add one small document", "chat calls", "texts embedded"], _PEERS)


def _documents(source: Path, passages: int) -> list[Document]:
    if source.is_dir():
        texts = [path.read_text(encoding="utf-8", errors="replace") for path in sorted(source.rglob("*.*"))]
    elif source.suffix == ".jsonl":
        texts = [json.loads(line)["text"] for line in source.read_text(encoding="utf-8").splitlines()]
    else:
        paragraphs = re.split(r"\n\s*\n", source.read_text(encoding="utf-8"))
        starts = range(0, len(paragraphs), passages)
        texts = ["\n\n".join(paragraphs[start : start + passages]) for start in starts]
    return [Document(text, id=f"d{number}") for number, text in enumerate(texts) if text.strip()]


def _edited(document: Document) -> Document:
    words = document.text.split(" ")
    middle = len(words) // 2
    return replace(document, text=" ".join([*words[:middle], "indeed", *words[middle:]]))


def _measured(server: FakeLLMServer, run: Callable[[], IndexReport]) -> Sequence[float]:
    """Chat calls, their tokens, texts embedded and seconds."""
    counts = server.counts
    before = counts.replies, counts.prompt_tokens + counts.completion_tokens, counts.embedded
    start = time.perf_counter()
    run()
    seconds = time.perf_counter() - start
    after = counts.replies, counts.prompt_tokens + counts.completion_tokens, counts.embedded
    return [*(new - old for new, old in zip(after, before, strict=True)), seconds]


if __name__ == "__main__":
    main()
