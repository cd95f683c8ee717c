"""Manifests: one committed state across all tables, and the CURRENT pointer that names it.

A commit writes `snapshots/ID.json` and then replaces `snapshots/CURRENT` atomically; whoever reads sees the old
state whole until the new one is whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from graphrag_lite.errors import CorruptStoreError, NotFoundError, VersionMismatchError

FORMAT_VERSION = 1
VIEW_VERSION = 4
CURRENT = "CURRENT"


@dataclass(frozen=True, slots=True)
class Manifest:
    """One snapshot: the version of every table, and what shaped their content.

    `fingerprints` maps a step to the hash of its code version and settings; `models` names the embedding and chat
    models used ("none" where there was none); `created_at` is UTC, ISO 8601. `is_whole` is False when the run left
    something for the next one to do, and `failures` (fields of `Failure`) what a model failed at. `vectors` says of
    each table of vectors what it holds (a `VectorSpace` and a count) and `vector_table` names the one in use; "" where
    there is none. `extractors` names the chat model behind each extractor whose facts or reports are in it.
    `removed_tokens` is above 0 where all that is left to do comes of removals: of texts with so many tokens.
    """

    id: str
    created_at: str
    tables: Mapping[str, int]
    counts: Mapping[str, int]
    fingerprints: Mapping[str, str]
    models: Mapping[str, str] = field(default_factory=dict)
    recipe: Mapping[str, Any] = field(default_factory=dict)
    embedding_dimensions: int = 0
    vector_table: str = ""
    vectors: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    reason: str = "index"
    is_whole: bool = True
    failures: Sequence[Mapping[str, str]] = ()
    extractors: Mapping[str, str] = field(default_factory=dict)
    removed_tokens: int = 0
    format_version: int = FORMAT_VERSION


_FIELDS = {one.name for one in fields(Manifest)}


class Snapshots:
    """The manifests in one folder.

    Args:
        folder: The `snapshots` folder; made by the first commit.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def current(self) -> Manifest | None:
        """The committed snapshot; None before the first commit.

        Raises:
            CorruptStoreError: What names the snapshot names none, or its manifest cannot be read.
        """
        try:
            snapshot_id = (self.folder / CURRENT).read_text(encoding="utf-8", errors="replace").strip()
        except FileNotFoundError:
            return None
        try:
            return self.read(snapshot_id)
        except NotFoundError as error:
            raise CorruptStoreError(
                f"{self.folder / CURRENT} does not name the snapshot in use. Choose one: grl snapshots, grl rollback ID"
            ) from error

    def read(self, snapshot_id: str) -> Manifest:
        """The manifest of one snapshot.

        Raises:
            NotFoundError: There is no such snapshot.
            VersionMismatchError: A later release wrote it.
            CorruptStoreError: The manifest cannot be parsed.
        """
        path = self.folder / f"{snapshot_id}.json"
        if not snapshot_id.isalnum() or not path.exists():
            known = ", ".join(m for m in self.ids()) or "none"
            raise NotFoundError(f"{self.folder.parent}: no snapshot {snapshot_id!r}. There are: {known}")
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            if told["format_version"] != FORMAT_VERSION:
                raise VersionMismatchError(
                    f"{path}: written in format {told['format_version']}, this release reads {FORMAT_VERSION}. "
                    "Use the release that wrote it, or index again into a new folder."
                )
            # What a later release says besides, in the same format, can be done without.
            return _with_vectors(Manifest(**{name: told[name] for name in _FIELDS & told.keys()}))
        except (ValueError, KeyError, TypeError) as error:
            raise CorruptStoreError(
                f"{path}: not a manifest ({error}). Choose another one: grl snapshots, grl rollback ID"
            ) from error

    def readable(self) -> list[Manifest]:
        """Those whose manifest can be read, oldest first: one that is damaged hides no other."""
        found = []
        for id_ in self.ids():
            with suppress(CorruptStoreError):
                found.append(self.read(id_))
        return found

    def ids(self) -> list[str]:
        """Ids of all snapshots, oldest first."""
        return sorted(path.stem for path in self.folder.glob("*.json"))

    def next_id(self) -> str:
        """The id after the newest."""
        ids = self.ids()
        return f"{(int(ids[-1]) if ids else 0) + 1:06d}"

    def commit(self, manifest: Manifest) -> None:
        """Write the manifest, then make it the current one; both survive a power cut."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_durably(self.folder / f"{manifest.id}.json", json.dumps(asdict(manifest), indent=1, sort_keys=True))
        self.point_to(manifest.id)

    def point_to(self, snapshot_id: str) -> None:
        """Make a snapshot the current one."""
        write_durably(self.folder / CURRENT, snapshot_id)

    def view_folder(self, snapshot_id: str) -> Path:
        """Where the memory-mapped view of a snapshot lies; one of another release is not found, and made anew."""
        return self.folder / snapshot_id / f"view-{VIEW_VERSION}"


def _with_vectors(manifest: Manifest) -> Manifest:
    """What a manifest does not say that was written while there were vectors of one model only."""
    if manifest.vector_table or "vectors" not in manifest.tables:
        return manifest
    held = {"model": manifest.models.get("embedding", "none"), "dimensions": manifest.embedding_dimensions}
    held["count"] = manifest.counts.get("vectors", 0)
    return replace(manifest, vector_table="vectors", vectors={"vectors": held})


def now() -> str:
    """The time in UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat("T", "seconds")


def write_durably(path: Path, text: str) -> None:
    """Replace a file whole; the old one or the new one survives a power cut."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    if os.name == "posix":  # the rename itself must reach the disk, too
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
