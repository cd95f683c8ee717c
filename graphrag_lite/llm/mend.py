"""Puts a damaged reply cache right: what can be read of it goes on, and the damaged file is kept beside it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

Key = tuple[str, ...]
_KEYS = {"replies": ("key",), "spending": ("day", "model", "purpose"), "notes": ("space", "key")}
_FORMS: dict[str, tuple[Any, ...]] = {
    "replies": (str, str, str, str, int, int, float),
    "spending": (str, str, str, int, int, int, float | None),
    "notes": (str, str, str),
}
_MOST_BARREN = 5  # halvings of a range of keys in which nothing can be read
_HEX, _DIGITS = "0123456789abcdef", 8


def is_damage(error: sqlite3.Error) -> bool:
    """True where the file itself is wrong, as opposed to a full disk or a lock."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def mend(path: Path, schema: str) -> str:
    """Put a sound cache in the place of a damaged one, with all that can be read of it; says what was done.

    Other processes may have it open: the pages are exchanged under the locks of SQLite, all or none. They go on with
    the sound ones, and a kill leaves the one file or the other. Only one process at a time may do so.

    Raises:
        OSError: There is no room for more files.
        sqlite3.Error: The same, or somebody holds the file for too long.
    """
    kept = _set_aside(path)
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)  # of a process that was killed
    try:
        saved = _save(path, fresh, schema)
        _exchange(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
    return (
        f"The reply cache {path} was damaged. {saved['replies']:,} replies and {saved['notes']:,} notes of it could be "
        "saved; what is lost is asked again where it is needed. The damaged file is kept as "
        f"{kept.name}; nothing needs it any more."
    )


def _set_aside(path: Path) -> Path:
    """A copy of the file, with what SQLite has not put into it yet."""
    number = 1
    while (kept := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    try:
        shutil.copyfile(path, kept)
        with suppress(FileNotFoundError):
            shutil.copyfile(f"{path}-wal", f"{kept}-wal")
    except OSError:
        for part in (kept, Path(f"{kept}-wal")):
            part.unlink(missing_ok=True)
        raise
    return kept


def _save(path: Path, fresh: Path, schema: str) -> dict[str, int]:
    """Copy the sound rows into a new file; how many there are, by table."""
    saved = dict.fromkeys(_KEYS, 0)
    with closing(sqlite3.connect(path, timeout=60.0)) as old, closing(sqlite3.connect(fresh)) as new:
        old.execute("PRAGMA writable_schema=ON")  # a file that was cut short is read all the same
        old.text_factory = bytes  # a text that is none must not hide the rows behind it
        new.executescript(schema)
        for table, form in _FORMS.items():
            into = f"INSERT OR IGNORE INTO {table} VALUES ({','.join('?' * len(form))})"
            for row in _readable_rows(old, table):
                if (sound := _sound(row, form)) is not None:
                    saved[table] += new.execute(into, sound).rowcount
        new.commit()
    return saved


def _exchange(fresh: Path, path: Path) -> None:
    with closing(sqlite3.connect(fresh)) as new, closing(sqlite3.connect(path, timeout=60.0)) as old:
        try:
            old.execute("PRAGMA writable_schema=ON")
            new.backup(old)
            return
        except sqlite3.Error as error:
            if not is_damage(error):
                raise
    # Of a file whose very head is gone nobody has read a page. What belongs to it goes first: it would be taken for a
    # part of the new one by whoever comes after a kill.
    for more in ("-wal", "-shm"):
        Path(f"{path}{more}").unlink(missing_ok=True)
    os.replace(fresh, path)


def _sound(row: tuple[Any, ...], form: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """The row with its texts decoded; None where one of its values can be none of ours."""
    try:
        values = tuple(value.decode() if isinstance(value, bytes) else value for value in row)
    except UnicodeDecodeError:
        return None
    is_sound = all(map(isinstance, values, form)) and not any(isinstance(v, str) and "\0" in v for v in values)
    return values if is_sound else None


def _readable_rows(db: sqlite3.Connection, table: str) -> Iterator[tuple[Any, ...]]:
    """Every row that can be reached: from both ends of the table, and of each half of what lies between."""
    size = len(_KEYS[table])
    ranges: list[tuple[Key, Key, int]] = [(("",) * size, ("\x7f",) * size, 0)]
    while ranges:
        low, high, barren = ranges.pop()
        up = _Walk(db, table, low, high, "ASC")
        yield from up
        if up.is_whole:
            continue
        down = _Walk(db, table, up.last or low, high, "DESC")
        yield from down
        low, high, barren = up.last or low, down.last or high, 0 if up.last or down.last else barren + 1
        if not down.is_whole and low < high and barren < _MOST_BARREN:
            middle = _between(low, high)
            ranges += [(low, middle, barren), (middle, high, barren)]


class _Walk:
    """The rows between two keys, in one direction, as far as they can be read.

    Attributes:
        last: The key that was reached; None where not even the first could be read.
        is_whole: True when no row is left.
    """

    def __init__(self, db: sqlite3.Connection, table: str, low: Key, high: Key, direction: str) -> None:
        self.last: Key | None = None
        self.is_whole = False
        names, places = ",".join(_KEYS[table]), ",".join("?" * len(low))
        ordered = ",".join(f"{column} {direction}" for column in _KEYS[table])
        is_up = direction == "ASC"
        # with both ends in the statement SQLite would look for neither, but read the table from its beginning
        self._rows = f"SELECT * FROM {table} WHERE ({names}) {'>' if is_up else '<'} ({places}) ORDER BY {ordered}"
        self._db, self._start, self._is_within = db, low if is_up else high, high.__gt__ if is_up else low.__lt__

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        try:
            for row in self._db.execute(self._rows, self._start):
                key = _sound(row[: len(self._start)], (str,) * len(self._start))
                if key is not None and not self._is_within(key):
                    break
                self.last = key or self.last
                yield row
            self.is_whole = True
        except sqlite3.DatabaseError as error:
            if not is_damage(error) and error.sqlite_errorcode != sqlite3.SQLITE_ERROR:  # that the table is gone
                raise


def _between(low: Key, high: Key) -> Key:
    """A key about halfway between two; most keys are hashes, so what follows the common beginning is read as one."""
    at = next(n for n, (one, other) in enumerate(zip(low, high, strict=True)) if one != other)
    start, end = low[at], high[at]
    same = next((n for n, (a, b) in enumerate(zip(start, end, strict=False)) if a != b), min(len(start), len(end)))
    middle = (_number(start[same:], 0) + _number(end[same:], 15)) // 2
    return (*low[:at], f"{start[:same]}{middle:0{_DIGITS}x}", *[""] * (len(low) - at - 1))


def _number(text: str, filler: int) -> int:
    digits = [min(15, bisect_right(_HEX, letter) - 1) if letter >= "0" else 0 for letter in text[:_DIGITS]]
    return int("".join(_HEX[digit] for digit in (*digits, *[filler] * (_DIGITS - len(digits)))), 16)
