"""What indexing costs: a first run, a run with nothing to do, a run after one edit.

    python -m tests.benchmarks.indexing FOLDER_OR_FILE [--recipe NAME]

The sources are copied first, so that the edit touches nothing of yours.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path

from tests.benchmarks._common import GRL, measure, needed, print_table, size_mb

_SENTENCE = "Added by the benchmark: Margaret Ellingworth met Tobias Quarrier in Port Harrowgate."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path)
    parser.add_argument("--recipe", default="instant")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        copy, kb = Path(work) / "sources", Path(work) / "kb"
        if needed(options.sources).is_dir():
            shutil.copytree(options.sources, copy)
        else:
            copy.mkdir()
            shutil.copy(options.sources, copy)
        command = [*GRL, "index", str(copy), "--kb", str(kb), "--recipe", options.recipe, "--json"]
        first = measure(command, accept=(0, 3))
        runs = [("first run", first), ("nothing to do", measure(command, accept=(0, 3)))]
        edited = _edit(copy)
        runs.append((f"{edited} edited", measure(command, accept=(0, 3))))
        print(f"{options.sources}: {json.loads(first.stdout)['counts']}")
        print(f"sources {size_mb(copy):.1f} MB, knowledge base {size_mb(kb):.1f} MB\n")
    rows = [(n, c.cpu_s, c.wall_s, f"{c.peak_mb:.0f}", f"{c.cpu_s / first.cpu_s:.1%}") for n, c in runs]
    print_table(("", "CPU s", "wall s", "peak MB", "CPU of first"), rows)


def _edit(folder: Path) -> str:
    """Add a sentence to one document; returns the name of its file."""
    texts = [path for path in sorted(folder.rglob("*")) if path.suffix in (".txt", ".md")]
    if texts:
        path = texts[len(texts) // 2]
        path.write_bytes(path.read_bytes() + f"\n\n{_SENTENCE}\n".encode())
        return path.name
    path = next(path for path in sorted(folder.rglob("*.jsonl")))
    lines = path.read_text(encoding="utf-8").splitlines()
    record = json.loads(lines[len(lines) // 2])
    record["text"] += f" {_SENTENCE}"
    lines[len(lines) // 2] = json.dumps(record, ensure_ascii=False)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return f"one record of {path.name}"


if __name__ == "__main__":
    main()
