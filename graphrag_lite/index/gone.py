"""Which sources are no longer where they were found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import PurePath

from graphrag_lite.index.discover import SourceFile


def find_gone(known: Mapping[str, str], files: Sequence[SourceFile], directories: Collection[str]) -> list[str]:
    """Sources that lay where files were looked for and were not found again.

    What lies in a folder that cannot be looked into may still be there.

    Args:
        known: Root by source, of everything indexed so far.
        files: Those that are there now.
        directories: Those that were looked through, also where no file is left in one.
    """
    found = {file.source for file in files}
    roots = {file.root for file in files} | set(directories)
    places, unread = _folders(roots), _folders(file.source for file in files if file.is_folder)
    return sorted(
        source
        for source, root in known.items()
        if source not in found and (root in roots or _is_in(places, source)) and not _is_in(unread, source)
    )


def _folders(names: Iterable[str]) -> list[PurePath]:
    return [PurePath(name) for name in names]


def _is_in(folders: Sequence[PurePath], source: str) -> bool:
    path = PurePath(source)
    return any(path.is_relative_to(folder) for folder in folders)
