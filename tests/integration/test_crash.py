"""kill -9 at ten instants of an index run: the last snapshot answers, the next run completes, and nothing differs."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from graphrag_lite import KnowledgeBase

RUN = "import sys; from graphrag_lite import KnowledgeBase; KnowledgeBase(sys.argv[1]).index(sys.argv[2])"
VIEWS = (
    "documents",
    "chunks",
    "facts",
    "mentions",
    "vocabulary",
    "entities",
    "relationships",
    "communities",
    "reports",
)


def start_index(kb: Path, docs: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", RUN, str(kb), str(docs)], env=os.environ)


def contents(kb: KnowledgeBase) -> dict[str, list[str]]:
    reader = kb._reader()
    return {
        name: sorted(json.dumps(r, sort_keys=True, default=str) for r in reader.read(name).to_pylist())
        for name in VIEWS
    }


def write_documents(docs: Path, names: range) -> None:
    docs.mkdir(exist_ok=True)
    for n in names:
        town, maker = f"Port {chr(65 + n % 26)}sh", f"{chr(65 + n % 26)}dler Works"
        sentences = [f"{maker} of {town} built pump number {n * 7 + k} for the harbour of {town}." for k in range(30)]
        (docs / f"d{n:03}.txt").write_text(" ".join(sentences))


@pytest.mark.slow
def test_ten_kills_lose_nothing_and_change_nothing(tmp_path):
    docs, kb_path = tmp_path / "docs", tmp_path / "kb"
    undisturbed = KnowledgeBase(tmp_path / "undisturbed")
    write_documents(docs, range(20))
    first = KnowledgeBase(kb_path).index(docs).snapshot
    undisturbed.index(docs)
    write_documents(docs, range(20, 80))
    started = time.monotonic()
    undisturbed.index(docs)
    duration = time.monotonic() - started + 1.0  # and the start of a process
    killed = 0
    for n in range(10):
        process = start_index(kb_path, docs)
        time.sleep(duration * (n + 0.5) / 10)
        if process.poll() is None:
            killed += 1
            process.send_signal(signal.SIGKILL)
        process.wait()
        answering = KnowledgeBase(kb_path)
        assert answering.current_snapshot() is not None
        assert answering.retrieve("Who built pump number 7?")
        assert answering.doctor() == []
    assert killed >= 5
    report = KnowledgeBase(kb_path).index(docs)
    assert report.is_whole
    assert int(report.snapshot) > int(first)
    assert contents(KnowledgeBase(kb_path)) == contents(undisturbed)
    leaked = list((kb_path / "lancedb").glob("*.lance/*/.tmp*"))
    assert leaked == []
