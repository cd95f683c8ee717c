"""One writer at a time: a lock of the operating system, so that a killed holder frees it, with the holder's name."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from graphrag_lite.errors import LockedError, StoreError
from graphrag_lite.store.snapshots import now

LOCK_FILE = "writer.lock"
HOLDER_FILE = "writer.json"


@contextmanager
def writer_lock(folder: Path) -> Iterator[None]:
    """Hold the writer lock of a knowledge base; where somebody else has it, give up at once.

    Raises:
        LockedError: Another process (or thread) writes; names its process, machine and start.
        StoreError: The folder cannot be made or written to.
    """
    lock = FileLock(folder / LOCK_FILE, timeout=0, thread_local=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
        _name_holder(folder)
    except Timeout as error:
        raise LockedError(f"{folder}: {_describe_holder(folder)}") from error
    except OSError as error:
        lock.release()
        reason = (error.strerror or str(error)).lower()
        raise StoreError(
            f"{folder}: cannot be written to ({reason}). Check its permissions and the disk space, or choose another"
        ) from error
    try:
        yield
    finally:
        (folder / HOLDER_FILE).unlink(missing_ok=True)
        lock.release()


def _name_holder(folder: Path) -> None:
    holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": now()}
    (folder / HOLDER_FILE).write_text(json.dumps(holder), encoding="utf-8")


def _describe_holder(folder: Path) -> str:
    try:
        holder = json.loads((folder / HOLDER_FILE).read_text(encoding="utf-8"))
        if (holder["pid"], holder["host"]) == (os.getpid(), socket.gethostname()):
            return "this process is already writing to it. Share one KnowledgeBase, whose writes wait for one another."
        name = f"process {holder['pid']} on {holder['host']} (since {holder['since']})"
    except (OSError, ValueError, KeyError):  # the holder has the lock and has not yet written its name
        name = "another process"
    return f"{name} is writing to it. Wait until it ends."
