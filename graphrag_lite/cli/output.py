"""How things look on the screen: JSON, tables, wrapped text, short names. Nothing here knows a command."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path, PurePath
from typing import Any

import typer

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_MOST_COLUMNS = 100  # longer lines are hard to read


def print_json(value: Any) -> None:
    """One JSON document on stdout."""
    typer.echo(json.dumps(as_plain(value), ensure_ascii=False, indent=2, default=str))


def as_plain(value: Any) -> Any:
    """Records, at any depth, as dicts."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Mapping):
        return {key: as_plain(item) for key, item in value.items()}
    return [as_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def note(text: str) -> None:
    """A line for people, beside the result: on stderr."""
    typer.echo(text, err=True)


def bold(text: str) -> str:
    """The text in bold on a terminal."""
    return typer.style(text, bold=True) if _has_colour() else text


def dim(text: str) -> str:
    """The text in grey on a terminal."""
    return typer.style(text, dim=True) if _has_colour() else text


def wrap(text: str, indent: str = "") -> str:
    """The text in lines that fit the terminal; as it is (indented) where the output is no terminal."""
    if not sys.stdout.isatty():
        return textwrap.indent(text, indent)
    columns = min(shutil.get_terminal_size().columns, _MOST_COLUMNS)
    return "\n".join(
        piece for line in text.splitlines() for piece in (_wrap_line(line, indent, columns) if line.strip() else [""])
    )


def _wrap_line(line: str, indent: str, columns: int) -> list[str]:
    if display_width(line) > 1.5 * len(line):  # Chinese, Japanese, Korean: the terminal breaks anywhere, rightly
        return [indent + line]
    return textwrap.wrap(
        line, columns, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def shorten(text: str, most: int) -> str:
    """The text on one line, cut at a word border with an ellipsis where it is longer than `most` characters."""
    flat = " ".join(text.split())
    if len(flat) <= most:
        return flat
    head = flat[:most].rsplit(" ", 1)[0]
    return (head if most // 2 < len(head) < most else flat[: most - 1]).rstrip(" ,;:，；、") + "…"


def short_path(source: str) -> str:
    """A source as a person would type it: relative to the current folder where it lies below that."""
    path = PurePath(source)
    here = Path.cwd()
    shown = path.relative_to(here).as_posix() if path.is_absolute() and path.is_relative_to(here) else source
    return printable(shown)


def printable(text: str) -> str:
    """What would move the cursor of a terminal is shown as a sign of its own; names and metadata may hold anything."""
    return _UNSEEN.sub("\ufffd", text)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Aligned columns; numbers stand right."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(display_width, column)) for column in zip(head, *cells, strict=True)]
    numeric = [bool(rows) and all(isinstance(row[i], (int, float)) for row in rows) for i in range(len(head))]

    def line(row: Sequence[str]) -> str:
        padded = (_pad(cell, width, right) for cell, width, right in zip(row, widths, numeric, strict=True))
        return "  ".join(padded).rstrip()

    return "\n".join([bold(line(head)), *map(line, cells)])


def display_width(text: str) -> int:
    """Terminal columns of the text; East Asian wide characters take two."""
    return len(text) + sum(unicodedata.east_asian_width(c) in "WF" for c in text)


def human_size(size_bytes: float) -> str:
    """A size such as 3.2 MB."""
    if size_bytes < 1000:
        return f"{size_bytes:.0f} bytes"
    power = min(int(math.log(size_bytes, 1000)), 4)
    return f"{size_bytes / 1000**power:.1f} {('kB', 'MB', 'GB', 'TB')[power - 1]}"


def human_time(seconds: float) -> str:
    """A duration such as 40 ms, 3.2 s, 2 min 5 s or 1 h 3 min."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def human_cost(cost_usd: float | None) -> str:
    """An amount of money; None is unknown."""
    if cost_usd is None:
        return "an unknown amount (no price for this model)"
    if 0 < cost_usd < 0.0001:
        return "less than 0.0001 USD"
    return f"{cost_usd:.4f} USD" if 0 < cost_usd < 0.1 else f"{cost_usd:.2f} USD"


def plural(count: int, noun: str) -> str:
    """`1 file`, `2,000 files`, `3 entities`."""
    return f"{count:,} {noun if count == 1 else plural_of(noun)}"


def plural_of(noun: str) -> str:
    """`files`, `entities`."""
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"


def _pad(text: str, width: int, right: bool) -> str:
    space = " " * (width - display_width(text))
    return space + text if right else text + space


def _has_colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
