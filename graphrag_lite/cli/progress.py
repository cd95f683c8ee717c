"""Progress on stderr: bars with rate and time left on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from graphrag_lite.cli.output import human_time
from graphrag_lite.cli.output import note as tell

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

    from graphrag_lite.progress import Progress, Task

_SECONDS_BETWEEN_LINES = 5.0
_SECONDS_BETWEEN_DRAWS = 0.1
_LEAST_DONE = 5  # the first item may have waited for what all others find done


def console_progress(*, plain: bool = False) -> Progress:
    """Bars where stderr is a terminal that can move its cursor, else plain lines."""
    is_terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return BarProgress() if is_terminal and not plain else LineProgress()


class LineProgress:
    """A line every few seconds; short work prints nothing."""

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Task]:
        """A task that prints how far it is."""
        task = _LineTask(name, total)
        try:
            yield task
        finally:
            task.finish()


class _LineTask:
    def __init__(self, name: str, total: int | None) -> None:
        self.name, self.total, self.done = name, total, 0
        self.note, self.shown = "", 0
        self.started = self.told = time.monotonic()
        self.lock = threading.Lock()

    def advance(self, amount: int = 1, note: str = "") -> None:
        """Count, and print when the last line is old."""
        with self.lock:
            self.done += amount
            self.note = note or self.note
            now = time.monotonic()
            line = self._line(now) if now - self.told >= _SECONDS_BETWEEN_LINES else ""
        if line:
            tell(line)

    def finish(self) -> None:
        """Print where it ended, where lines before told less."""
        if 0 < self.shown < self.done:
            tell(self._line(time.monotonic()))

    def _line(self, now: float) -> str:
        self.told, self.shown = now, self.done
        return _describe(self.name, self.done, self.total, now - self.started, self.note)


def _describe(name: str, done: int, total: int | None, seconds: float, remark: str) -> str:
    parts = [f"{done:,} of {total:,} ({done / total:.0%})" if total else f"{done:,}", _rate(done, seconds)]
    if left := _time_left(done, total, seconds):
        parts.append(f"{left} left")
    return f"{name}: {', '.join(parts)}{f' · {remark}' if remark else ''}"


def _rate(done: int, seconds: float) -> str:
    """How many a second, or a minute where that is less than one."""
    rate = done / seconds
    return f"{rate:,.1f}/s" if rate >= 1 else f"{60 * rate:,.1f}/min"


def _time_left(done: int, total: int | None, seconds: float) -> str:
    """How long the rest takes; "" while too little is done to say so, and at the end."""
    if not total or done >= total or done < min(_LEAST_DONE, total // 2):
        return ""
    return human_time(seconds / done * (total - done)) if done else ""


class BarProgress:
    """Bars drawn by rich; steps may run one after another or at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = 0
        self._bars: RichProgress | None = None

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Task]:
        """A task with a bar."""
        bars = self._enter()
        task = _BarTask(bars, bars.add_task(name, total=total, count="", rate="", left="", note=""), total)
        try:
            yield task
        finally:
            task.finish()
            self._leave()

    def _enter(self) -> RichProgress:
        with self._lock:
            if self._bars is None:
                self._bars = _make_bars()
                self._bars.start()
            self._open += 1
            return self._bars

    def _leave(self) -> None:
        with self._lock:
            self._open -= 1
            if self._open == 0 and self._bars is not None:
                self._bars.stop()
                self._bars = None


def _make_bars() -> RichProgress:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    return Progress(
        TextColumn("{task.description:<18}"),
        BarColumn(bar_width=30),
        TextColumn("{task.fields[count]}"),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
        TextColumn("[dim]{task.fields[note]}"),
        console=Console(stderr=True),
        redirect_stdout=False,  # results go to stdout untouched
        redirect_stderr=False,
    )


class _BarTask:
    def __init__(self, bars: RichProgress, task_id: TaskID, total: int | None) -> None:
        self.bars, self.task_id, self.total = bars, task_id, total
        self.done, self.note = 0, ""
        self.started = self.drawn = time.monotonic()
        self.lock = threading.Lock()

    def advance(self, amount: int = 1, note: str = "") -> None:
        """Count; the bar is told ten times a second at most, since telling it costs more than most items."""
        with self.lock:
            self.done += amount
            self.note = note or self.note
            is_due = time.monotonic() - self.drawn > _SECONDS_BETWEEN_DRAWS
        if is_due:
            self.draw()

    def draw(self) -> None:
        """Bring the bar up to date."""
        from rich.markup import escape

        self.drawn = time.monotonic()
        seconds = self.drawn - self.started
        left = _time_left(self.done, self.total, seconds)
        of = "" if self.total is None else f" of {self.total:,}"
        self.bars.update(
            self.task_id,
            completed=self.done,
            count=f"{self.done:,}{of}" if self.done or of else "",
            rate=_rate(self.done, seconds) if self.done and seconds > 0 else "",
            left=f"{left} left" if left else "",
            note=escape(self.note),
        )

    def finish(self) -> None:
        """Bring it to its end; one that counted nothing stands full, not at nothing of nobody knows what."""
        self.draw()
        if self.total is None:
            self.bars.update(self.task_id, total=max(1, self.done), completed=max(1, self.done))
