"""The view of a snapshot that questions are answered from: flat arrays and Arrow tables, memory-mapped.

A cold query reads only the pages it touches, and needs neither LanceDB nor the time to load it (1.7 s). Everything
here is derived from the tables and can be rebuilt from them; nothing is lost when the folder is deleted.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa

Array = np.ndarray[Any, Any]
_DAMAGED = (OSError, EOFError, ValueError)  # pyarrow's errors about content are ValueErrors, too


@dataclass(frozen=True, slots=True)
class Mapped:
    """Arrays and tables by name."""

    arrays: dict[str, Array]
    tables: dict[str, pa.Table]


def write_mapped(folder: Path, mapped: Mapped) -> None:
    """Write everything as one folder that appears whole or not at all."""
    temporary = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    for name, array in mapped.arrays.items():
        np.save(temporary / f"{name}.npy", np.ascontiguousarray(array), allow_pickle=False)
    for name, table in mapped.tables.items():
        with pa.OSFile(str(temporary / f"{name}.arrow"), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table.combine_chunks())
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(temporary, folder)


def read_mapped(folder: Path) -> Mapped | None:
    """What `write_mapped` wrote, read-only; None where there is nothing, or files were cut short, as by a power cut."""
    if not folder.is_dir():
        return None
    try:
        arrays = {path.stem: _read_array(path) for path in sorted(folder.glob("*.npy"))}
        return Mapped(arrays, {path.stem: _read_table(path) for path in sorted(folder.glob("*.arrow"))})
    except _DAMAGED:
        return None


def read_table(path: Path) -> pa.Table | None:
    """One memory-mapped table; None where it is not there or was cut short."""
    try:
        return _read_table(path)
    except _DAMAGED:
        return None


def _read_table(path: Path) -> pa.Table:
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def _read_array(path: Path) -> Array:
    # An empty array cannot be mapped, and a small one costs less read than mapped.
    mode: Literal["r"] | None = "r" if path.stat().st_size > 4096 else None
    return np.asarray(np.load(path, mmap_mode=mode, allow_pickle=False))
