"""Which sources are no longer where they were found."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import PurePath


def find_gone(known: Mapping[str, str], found: Collection[str], roots: Collection[str]) -> list[str]:
    """Sources that lay under one of `roots` and were not found again.

    Args:
        known: Root by source, of everything indexed so far.
        found: Sources that are there now.
        roots: Directories, files and globs that were looked through.
    """
    folders = [PurePath(root) for root in roots]
    return sorted(
        source
        for source, root in known.items()
        if source not in found and (root in roots or any(PurePath(source).is_relative_to(f) for f in folders))
    )
