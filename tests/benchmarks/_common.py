"""What the benchmarks share: measuring a command with its children, and a table."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

GRL = (sys.executable, "-m", "graphrag_lite")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took. `peak_mb` is the memory of its whole process tree at its highest."""

    cpu_s: float
    wall_s: float
    peak_mb: float
    code: int
    stdout: str


def measure(command: Sequence[str], *, accept: Sequence[int] = (0,)) -> Cost:
    """Run a command to its end; byte code is cached as it is for users, even where this environment forbids it.

    Raises:
        SystemExit: It ended with a code that is not in `accept`.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True, encoding="utf-8")
    peak = _Peak(process.pid)
    assert process.stdout is not None
    stdout = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = code = os.waitstatus_to_exitcode(status)
    wall_s = time.perf_counter() - start
    if code not in accept:
        sys.exit(f"{' '.join(command)}\nended with {code}")
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return Cost(usage.ru_utime + usage.ru_stime, wall_s, max(peak.stop(), usage.ru_maxrss / unit), code, stdout)


class _Peak:
    """Samples the resident memory of a process and its descendants (Linux; elsewhere it stays 0)."""

    def __init__(self, pid: int) -> None:
        self._pid, self._peak_mb, self._stop = pid, 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        self._stop.set()
        self._thread.join()
        return self._peak_mb

    def _watch(self) -> None:
        while not self._stop.wait(0.05):
            self._peak_mb = max(self._peak_mb, sum(map(_resident_mb, _tree(self._pid))))


def _tree(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += map(int, children.read_text().split())
            except OSError:  # it ended meanwhile
                continue
    return found


def _resident_mb(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


def size_mb(folder: Path) -> float:
    """Bytes on disk below a folder, in MB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def needed(path: Path) -> Path:
    """The path, or a clear end when the data is not there."""
    if not path.exists():
        sys.exit(f"{path} is not there. Nothing was measured; name data that is on this machine.")
    return path


def print_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Aligned columns, the first to the left."""
    cells = [list(head), *([f"{c:.2f}" if isinstance(c, float) else str(c) for c in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        first, *rest = (
            cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join([first, *rest]).rstrip())
