"""Flat numpy arrays of one snapshot, memory-mapped, so that a cold query reads only the pages it touches.

They are derived from the tables and can be rebuilt from them; nothing is lost when the folder is deleted.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa

Array = np.ndarray[Any, Any]


def write_arrays(folder: Path, arrays: Mapping[str, Array], tables: Mapping[str, pa.Table]) -> None:
    """Write arrays and tables as one folder that appears whole or not at all."""
    temporary = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    for name, array in arrays.items():
        np.save(temporary / f"{name}.npy", np.ascontiguousarray(array), allow_pickle=False)
    for name, table in tables.items():
        with pa.OSFile(str(temporary / f"{name}.arrow"), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table.combine_chunks())
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(temporary, folder)


def read_arrays(folder: Path) -> tuple[dict[str, Array], dict[str, pa.Table]] | None:
    """What `write_arrays` wrote, memory-mapped read-only; None where there is nothing."""
    if not folder.is_dir():
        return None
    arrays = {path.stem: _read_array(path) for path in sorted(folder.glob("*.npy"))}
    tables = {path.stem: pa.ipc.open_file(pa.memory_map(str(path))).read_all() for path in folder.glob("*.arrow")}
    return arrays, tables


def _read_array(path: Path) -> Array:
    # An empty array cannot be mapped, and a small one costs less read than mapped.
    mode: Literal["r"] | None = "r" if path.stat().st_size > 4096 else None
    return np.asarray(np.load(path, mmap_mode=mode, allow_pickle=False))
