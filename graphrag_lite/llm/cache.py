"""Every model reply on disk before it is used, so that nothing is paid for twice.

One SQLite file in WAL mode: any number of threads and processes may share it. Whoever has its turn to write also writes
what others wait to write: replies that come together are one transaction. In a folder that cannot be written to it
is read as it lies there. A reply that was cut off is kept only as the fact that it was, without its text; a reply that
proved unusable is forgotten, but its cost stays in the ledger. What is paid for and cannot be written, as on a full
disk, is held in memory and written as soon as that is possible.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from graphrag_lite.errors import StoreError
from graphrag_lite.llm.mend import is_damage, mend
from graphrag_lite.llm.protocols import ChatReply, ChatRequest
from graphrag_lite.records import Usage

_SCHEMA = """
CREATE TABLE IF NOT EXISTS replies (
    key TEXT PRIMARY KEY, text TEXT NOT NULL, reasoning TEXT NOT NULL, finish_reason TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL, created REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spending (
    day TEXT, model TEXT, purpose TEXT, calls INTEGER, prompt_tokens INTEGER, completion_tokens INTEGER, cost_usd REAL,
    PRIMARY KEY (day, model, purpose)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notes (space TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (space, key)) WITHOUT ROWID;
"""
# What is written by many threads at once; {} stands for any number of rows.
_SPEND = (
    "INSERT INTO spending VALUES {} ON CONFLICT DO UPDATE SET "
    "calls = calls + excluded.calls, prompt_tokens = prompt_tokens + excluded.prompt_tokens, "
    "completion_tokens = completion_tokens + excluded.completion_tokens, cost_usd = cost_usd + excluded.cost_usd"
)
_REPLY = "INSERT OR REPLACE INTO replies VALUES {}"
_NOTE = "INSERT OR REPLACE INTO notes VALUES {}"
_ROWS_IN_ONE_STATEMENT = 500
_Row = tuple[str, tuple[Any, ...]]  # one of these statements and the values of a row
_KEY_VERSION = 1
_REMEDY = "The next grl index that asks a model saves what can be read of it; or move it away: replies are asked again."
_MORE_SPACE = "Free disk space there, and run again."
_PERMISSIONS = "Check its permissions and those of its folder, or move it away: replies are asked again."


@dataclass(frozen=True, slots=True)
class Spending:
    """What one model cost on one day (UTC) for one purpose. `cost_usd` is None where the price was unknown."""

    day: str
    model: str
    purpose: str
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None


class ReplyCache:
    """The cache file of one knowledge base.

    `failure` is why something that is paid for is held in memory, None where nothing is.
    """

    def __init__(self, path: Path | str, *, on_mended: Callable[[str], None] | None = None) -> None:
        """Open or create the file; ":memory:" keeps it in memory.

        Args:
            path: The file.
            on_mended: Told what was saved where the file proved damaged and was mended; None: it is not looked at. Only
                for who alone may write to the knowledge base.

        Raises:
            StoreError: The file cannot be opened or is not a cache.
        """
        self._lock = threading.RLock()
        self._path = path
        self._held: deque[tuple[_Row, ...]] = deque()
        self._in_transaction: int | None = None  # the thread that has one open
        self.failure: StoreError | None = None
        is_frozen = str(path) != ":memory:" and Path(path).exists() and not os.access(Path(path).parent, os.W_OK)
        # WAL wants a file of its own even to read, but for what is promised not to change
        place = f"{Path(path).absolute().as_uri()}?immutable=1" if is_frozen else str(path)
        try:
            if on_mended is not None and not is_frozen and _is_damaged(Path(path)):
                on_mended(mend(Path(path), _SCHEMA))
            # autocommit: every statement is durable by itself, and no reader is blocked by a forgotten transaction
            self._db = sqlite3.connect(
                place, timeout=60.0, check_same_thread=False, isolation_level=None, uri=is_frozen
            )
            if not is_frozen:
                self._set_up()
        except OSError as error:
            raise StoreError(
                f"The reply cache {path} is damaged and cannot be mended: {error}. Free disk space, or move it away: "
                "replies are asked again."
            ) from error
        except sqlite3.Error as error:
            cure = _REMEDY if is_damage(error) else _MORE_SPACE if _is_full(error) else _PERMISSIONS
            raise StoreError(f"The reply cache {path} cannot be opened: {error}. {cure}") from error

    def _set_up(self) -> None:
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(_SCHEMA)
        except sqlite3.Error:
            self._db.close()
            raise

    def close(self) -> int:
        """Write what is held, where that is possible by now, and close the file; how many replies are lost."""
        with self._lock:
            if self._held:
                self._write_held()
            lost = sum("INTO replies" in statement for rows in self._held for statement, _ in rows)
            self._db.close()
            return lost

    def problems(self) -> list[str]:
        """What is wrong with the file, in one line; empty when it is sound. Reads all of it."""
        found = [str(row[0]) for row in self._run("PRAGMA quick_check(1)")]
        if found == ["ok"]:
            return []
        reason = " ".join(" ".join(found).replace("*** in database main ***", "").split())
        return [f"The reply cache {self._path} is damaged ({reason}). {_REMEDY}"]

    def find(self, *keys: str) -> ChatReply | None:
        """The reply stored under the first of these keys that has one, marked as cached.

        It costs nothing; its usage counts one cached call.
        """
        places = ",".join("?" * len(keys))
        statement = f"SELECT key, text, reasoning, finish_reason FROM replies WHERE key IN ({places})"
        rows = self._run(statement, keys)
        if not rows:
            return None
        _, text, reasoning, finish_reason = min(rows, key=lambda row: keys.index(row[0]))
        if "\0" in text:  # no model wrote this: the page was lost
            return None
        return ChatReply(text, reasoning, finish_reason, Usage(cached_calls=1), cached=True)

    def store(self, key: str, reply: ChatReply) -> None:
        """Keep a reply; of one that was cut off, only that it was. Held where it cannot be written."""
        self._write(_of_reply(key, reply))

    def forget(self, key: str) -> None:
        """Drop a reply, so that the next run asks again."""
        self._run("DELETE FROM replies WHERE key = ?", (key,))

    def spend(self, model: str, purpose: str, usage: Usage) -> None:
        """Add a paid call to the ledger. Held where it cannot be written."""
        self._write(_of_call(model, purpose, usage))

    def keep(self, model: str, purpose: str, usage: Usage, key: str, reply: ChatReply | None) -> None:
        """Add a paid call to the ledger, and keep its reply, both or neither. Held where they cannot be written."""
        self._write(_of_call(model, purpose, usage), *([_of_reply(key, reply)] if reply is not None else []))

    def spending(self) -> list[Spending]:
        """The ledger, oldest day first.

        Raises:
            StoreError: It cannot be read, or what is read are no numbers.
        """
        rows = self._run("SELECT * FROM spending ORDER BY day, model, purpose")
        if not all(isinstance(number, int) for row in rows for number in row[3:6]):
            raise StoreError(f"The reply cache {self._path} is damaged. {_REMEDY}")
        return [Spending(*row) for row in rows]

    def note(self, space: str, key: str, value: str) -> None:
        """Keep a small value, such as the facts of a chunk or what was learned about a server."""
        self._insert([(_NOTE, (space, key, value))])

    def note_all(self, space: str, values: Mapping[str, str]) -> None:
        """Keep several values, all or none. Held where they cannot be written."""
        self._write(*((_NOTE, (space, key, value)) for key, value in values.items()))

    def notes(self, space: str, keys: Iterable[str]) -> dict[str, str]:
        """Those of the named values that are there."""
        wanted = list(keys)
        found: dict[str, str] = {}
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            places = ",".join("?" * len(part))
            found.update(
                self._run(f"SELECT key, value FROM notes WHERE space = ? AND key IN ({places})", (space, *part))
            )
        return found

    def all_notes(self, space: str) -> dict[str, str]:
        """Every value of a space, by key."""
        return dict(self._run("SELECT key, value FROM notes WHERE space = ? ORDER BY key", (space,)))

    def spaces(self, prefix: str) -> list[str]:
        """The spaces of notes whose name begins so."""
        rows = self._run("SELECT DISTINCT space FROM notes WHERE substr(space, 1, ?) = ?", (len(prefix), prefix))
        return sorted(row[0] for row in rows)

    def forget_note(self, space: str, key: str) -> None:
        """Drop a value."""
        self._run("DELETE FROM notes WHERE space = ? AND key = ?", (space, key))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is written inside is written whole or not at all; other threads wait."""
        with self._lock:
            self._run("BEGIN IMMEDIATE")
            self._in_transaction = threading.get_ident()
            try:
                yield
                self._run("COMMIT")
            except BaseException:
                with suppress(StoreError):  # a full disk has rolled it back already
                    self._run("ROLLBACK")
                raise
            finally:
                self._in_transaction = None

    def _write(self, *rows: _Row) -> None:
        """Write what is paid for, all or none, now or once the disk lets us; inside a transaction now or never."""
        if self._in_transaction == threading.get_ident():
            self._insert(rows)
            return
        self._held.append(rows)  # before the turn: whoever has it writes this too
        with self._lock:
            if self._held:
                self._write_held()

    def _write_held(self) -> None:
        held = tuple(self._held)
        try:
            with self.transaction():
                self._insert(chain.from_iterable(held))
        except StoreError as error:
            self.failure = error
            return
        for _ in held:
            self._held.popleft()
        self.failure = None

    def _insert(self, rows: Iterable[_Row]) -> None:
        """Few statements for many rows: around each, other threads take their turn to compute."""
        values_of: dict[str, list[tuple[Any, ...]]] = {}
        for statement, values in rows:
            values_of.setdefault(statement, []).append(values)
        for statement, found in values_of.items():
            for start in range(0, len(found), _ROWS_IN_ONE_STATEMENT):
                part = found[start : start + _ROWS_IN_ONE_STATEMENT]
                row = f"({','.join('?' * len(part[0]))})"
                self._run(statement.format(",".join([row] * len(part))), tuple(chain.from_iterable(part)))

    def _run(self, statement: str, values: tuple[Any, ...] = ()) -> list[Any]:
        try:
            with self._lock:
                return self._db.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(self._explain(error)) from error

    def _explain(self, error: sqlite3.Error) -> str:
        code: int = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if is_damage(error):
            return f"The reply cache {self._path} is damaged ({error}). {_REMEDY}"
        if _is_full(error):
            folder = Path(self._path).absolute().parent
            return f"{folder}: {error}, so the reply cache cannot be written. {_MORE_SPACE}"
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
            return f"The reply cache {self._path} cannot be used: {error}. {_PERMISSIONS}"
        return (
            f"The reply cache {self._path} cannot be used: {error}. Free disk space, or move the file away: "
            "replies are asked again."
        )


def _of_call(model: str, purpose: str, usage: Usage) -> _Row:
    day = time.strftime("%Y-%m-%d", time.gmtime())
    counted = (usage.calls, usage.prompt_tokens, usage.completion_tokens, usage.cost_usd)
    return _SPEND, (day, model, purpose, *counted)


def _of_reply(key: str, reply: ChatReply) -> _Row:
    said = (reply.text, reply.reasoning) if reply.is_complete else ("", "")
    counted = (reply.usage.prompt_tokens, reply.usage.completion_tokens)
    return _REPLY, (key, *said, reply.finish_reason, *counted, time.time())


def _is_full(error: sqlite3.Error) -> bool:
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


def _is_damaged(path: Path) -> bool:
    """True where a file is there and not sound. Takes a second or so for 3 GB."""
    if str(path) == ":memory:" or not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path, timeout=60.0)) as db:
            return bool(db.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)])
    except sqlite3.Error as error:
        if not is_damage(error):
            raise
        return True


def request_key(request: ChatRequest, shape: Mapping[str, Any]) -> str:
    """The cache key of a request: a hash of everything that shapes the reply.

    Args:
        request: The request.
        shape: What the client adds: server, model, temperature, output limit.
    """
    parts = {
        "version": _KEY_VERSION,
        "messages": [[m.role, m.content] for m in request.messages],
        "schema": request.schema,
        "max_output_tokens": request.max_output_tokens,
        "temperature": request.temperature,
        **shape,
    }
    return hashlib.blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=20).hexdigest()
