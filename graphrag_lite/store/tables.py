"""The LanceDB tables of one knowledge base: pinned reading, and writing that becomes visible only at a commit."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("LANCE_LOG", "error")  # it warns on every search that leaves out the score column

import lancedb
import pyarrow as pa
import pyarrow.compute as pc

from graphrag_lite.errors import CorruptStoreError, NotFoundError, StoreError
from graphrag_lite.store.lock import writer_lock
from graphrag_lite.store.schema import KEYS, SCHEMAS
from graphrag_lite.store.snapshots import Manifest, Snapshots

# Beyond this many changed rows one overwrite is quicker than a delete with a long list of keys.
_MOST_KEYS_IN_A_DELETE = 5000
_KEYS_IN_ONE_FILTER = 500


def quote(value: str) -> str:
    """A string as a literal of LanceDB's SQL filters."""
    return "'" + value.replace("'", "''") + "'"


class Store:
    """One knowledge base on disk.

    Args:
        folder: Its directory; nothing is made before the first write.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.snapshots = Snapshots(folder / "snapshots")
        self._connection: Any = None

    @property
    def connection(self) -> Any:
        """The LanceDB connection, opened at first use."""
        if self._connection is None:
            self._connection = lancedb.connect(self.folder / "lancedb")
        return self._connection

    def reader(self, snapshot_id: str | None = None) -> Reader:
        """The state of a snapshot, the current one by default; it stays as it is whatever is written meanwhile.

        Raises:
            NotFoundError: Nothing was committed yet, or there is no such snapshot.
        """
        manifest = self.snapshots.read(snapshot_id) if snapshot_id else self.snapshots.current()
        if manifest is None:
            raise NotFoundError(f"{self.folder}: holds no knowledge base yet. Fill it first: grl index SOURCE...")
        return Reader(self, manifest)

    @contextmanager
    def writer(self, *, timeout_s: float = 0.0) -> Iterator[Writer]:
        """The one writer; what it writes is dropped unless `commit` is called.

        Raises:
            LockedError: Somebody else writes.
        """
        with writer_lock(self.folder, timeout_s=timeout_s):
            yield Writer(self)

    def rollback(self, snapshot_id: str) -> Manifest:
        """Make an earlier (or later) snapshot the current one."""
        with writer_lock(self.folder):
            manifest = self.snapshots.read(snapshot_id)
            self.snapshots.point_to(snapshot_id)
            return manifest

    def disk_bytes(self) -> int:
        """Size of everything in the folder."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())


class Reader:
    """The tables of one snapshot, read-only. Row order is undefined; sort where it matters."""

    def __init__(self, store: Store, manifest: Manifest) -> None:
        self.store = store
        self.manifest = manifest
        self._tables: dict[str, Any] = {}

    def table(self, name: str) -> Any:
        """The LanceDB table at the snapshot's version.

        Raises:
            CorruptStoreError: The manifest names a version that is gone.
        """
        if name not in self._tables:
            try:
                table = self.store.connection.open_table(name)
                table.checkout(self.manifest.tables[name])
            except (KeyError, ValueError, RuntimeError, OSError) as error:
                raise CorruptStoreError(
                    f"{self.store.folder}: table {name} of snapshot {self.manifest.id} cannot be opened ({error}). "
                    "Go back to another snapshot: grl snapshots, grl rollback ID"
                ) from error
            self._tables[name] = table
        return self._tables[name]

    def read(self, name: str, columns: Sequence[str] | None = None, where: str | None = None) -> pa.Table:
        """Rows of a table as Arrow."""
        query = self.table(name).search()
        if columns is not None:
            query = query.select(list(columns))
        if where is not None:
            query = query.where(where)
        return query.to_arrow()

    def batches(
        self, name: str, columns: Sequence[str], where: str | None = None, size: int = 4096
    ) -> Iterator[pa.RecordBatch]:
        """Rows of a table, at most `size` at a time."""
        query = self.table(name).search().select(list(columns))
        if where is not None:
            query = query.where(where)
        yield from query.to_batches(batch_size=size)

    def read_by_key(
        self, name: str, keys: Collection[str], columns: Sequence[str], *, size: int
    ) -> Iterator[tuple[list[str], pa.Table]]:
        """Rows of `keys`, the key among the columns, `size` keys at a time: (keys, rows), both in the order of keys.

        Where most keys of the table are wanted, a range is read: three times as quick as a list of keys.
        """
        ordered, column = sorted(set(keys)), KEYS[name]
        is_most = 2 * len(ordered) > len(set(self.read(name, [column])[column].to_pylist()))
        for part in map(list, _slices(ordered, size)):
            if is_most:
                rows = self.read(name, columns, f"{column} >= {quote(part[0])} AND {column} <= {quote(part[-1])}")
                rows = rows.filter(pc.is_in(rows[column], value_set=pa.array(part, pa.string())))
            else:
                rows = self.read_keys(name, part, columns)
            yield part, rows.sort_by(column)

    def read_keys(
        self, name: str, keys: Collection[str], columns: Sequence[str] | None = None, by: str | None = None
    ) -> pa.Table:
        """Rows whose key (or column `by`) is one of `keys`."""
        column = by or KEYS[name]
        ordered = sorted(set(keys))
        parts = [
            self.read(name, columns, where=f"{column} IN ({', '.join(map(quote, part))})")
            for part in _slices(ordered, _KEYS_IN_ONE_FILTER)
        ]
        names = list(columns) if columns is not None else SCHEMAS[name].names
        return pa.concat_tables(parts) if parts else SCHEMAS[name].empty_table().select(names)


class Writer(Reader):
    """New table versions beside the committed ones.

    Opening it drops what a killed run left behind, except `facts`: they are keyed by content and immutable, so the
    next run goes on from them instead of extracting (and paying) again.
    """

    def __init__(self, store: Store) -> None:
        manifest = store.snapshots.current()
        super().__init__(store, manifest or Manifest("", "", {}, {}, {}))
        self.is_new = manifest is None
        self._sweep_temporary_files()
        self._existing = set(store.connection.list_tables().tables)
        for name in SCHEMAS:
            self._tables[name] = self._recover(name)
        if "vectors" in self._existing and "vectors" in self.manifest.tables:
            self._tables["vectors"] = store.connection.open_table("vectors")
        self._changed: set[str] = set()
        self._drop_unknown_tags()

    def add(self, name: str, rows: pa.Table | Sequence[Mapping[str, Any]]) -> None:
        """Append rows."""
        table = rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(list(rows), schema=SCHEMAS[name])
        if table.num_rows:
            with self._guard():
                self._tables[name].add(table.cast(SCHEMAS.get(name, table.schema)))
            self._changed.add(name)

    def delete_keys(self, name: str, keys: Collection[str]) -> None:
        """Delete the rows of `keys`."""
        for part in _slices(sorted(set(keys)), _KEYS_IN_ONE_FILTER):
            with self._guard():
                self._tables[name].delete(f"{KEYS[name]} IN ({', '.join(map(quote, part))})")
            self._changed.add(name)

    def delete_facts(self, hashes: Collection[str], extractor: str) -> None:
        """Delete what one extractor said of some texts."""
        for part in _slices(sorted(hashes), _KEYS_IN_ONE_FILTER):
            with self._guard():
                self._tables["facts"].delete(
                    f"extractor = {quote(extractor)} AND text_hash IN ({', '.join(map(quote, part))})"
                )
            self._changed.add("facts")

    @property
    def has_changed(self) -> bool:
        """True once anything was written."""
        return bool(self._changed)

    def replace_keys(self, name: str, keys: Collection[str], rows: pa.Table | Sequence[Mapping[str, Any]]) -> None:
        """Delete the rows of `keys`, then append `rows`; as one overwrite where that is quicker."""
        if len(keys) <= _MOST_KEYS_IN_A_DELETE:
            self.delete_keys(name, keys)
            self.add(name, rows)
            return
        new = rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(list(rows), schema=SCHEMAS[name])
        old = self.read(name)
        kept = old.filter(pc.invert(pc.is_in(old[KEYS[name]], value_set=pa.array(sorted(keys), pa.string()))))
        self.overwrite(name, pa.concat_tables([kept.cast(SCHEMAS[name]), new.cast(SCHEMAS[name])]))

    def overwrite(self, name: str, table: pa.Table) -> None:
        """Replace the whole table."""
        with self._guard():
            self._tables[name].add(table.cast(SCHEMAS[name]), mode="overwrite")
        self._changed.add(name)

    def update_view(self, name: str, rows: pa.Table) -> tuple[int, int]:
        """Bring a view to `rows`, touching only rows whose fingerprint changed.

        Args:
            name: A table with a `fingerprint` column.
            rows: All rows that it shall hold.

        Returns:
            (rows added or changed, rows removed).
        """
        key = KEYS[name]
        old = self.read(name, [key, "fingerprint"])
        before = dict(zip(old[key].to_pylist(), old["fingerprint"].to_pylist(), strict=True))
        ids, prints = rows[key].to_pylist(), rows["fingerprint"].to_pylist()
        fresh = [row for row, (id_, print_) in enumerate(zip(ids, prints, strict=True)) if before.get(id_) != print_]
        gone = set(before) - set(ids)
        stale = gone | {ids[row] for row in fresh if ids[row] in before}
        if len(stale) + len(fresh) > _MOST_KEYS_IN_A_DELETE:
            self.overwrite(name, rows)
        else:
            self.delete_keys(name, stale)
            self.add(name, rows.take(pa.array(fresh, pa.int64())))
        return len(fresh), len(gone)

    def compact(self) -> None:
        """Merge the small pieces of changed tables, update their indexes, drop what no kept snapshot needs.

        LanceDB refuses to clean up while a tagged version is old enough to go, so the horizon is the oldest tag.
        """
        for name in sorted(self._changed):
            table = self._tables[name]
            oldest = min((tag["version"] for tag in table.tags.list().values()), default=table.version)
            times = [v["timestamp"] for v in table.list_versions() if v["version"] == oldest]
            age = datetime.now(times[0].tzinfo) - times[0] + timedelta(seconds=1) if times else timedelta(days=3650)
            with self._guard():
                table.optimize(cleanup_older_than=age, delete_unverified=True)

    def open_vectors(self, schema: pa.Schema, *, anew: bool = False) -> None:
        """Make the table of vectors ready; its schema depends on the model. `anew` empties it."""
        name = "vectors"
        if name not in self._existing or anew:
            mode = "overwrite" if name in self._existing else "create"  # LanceDB warns on overwriting nothing
            self._tables[name] = self.store.connection.create_table(name, schema=schema, mode=mode)
            self._existing.add(name)
            self._changed.add(name)
        else:
            # Keyed by content like `facts`, so what a killed run embedded is kept.
            self._tables[name] = self.store.connection.open_table(name)

    @property
    def has_vectors(self) -> bool:
        """True when the table of vectors is open."""
        return "vectors" in self._tables

    def versions(self) -> dict[str, int]:
        """The version that each table has now."""
        return {name: table.version for name, table in self._tables.items()}

    def counts(self) -> dict[str, int]:
        """Rows of every table."""
        return {name: table.count_rows() for name, table in self._tables.items()}

    def commit(self, manifest: Manifest, *, keep: int) -> None:
        """Make the written state the current snapshot, then drop all but the newest `keep` snapshots."""
        for name in self._tables:
            with self._guard():
                self._tables[name].tags.create(f"s{manifest.id}", manifest.tables[name])
        self.store.snapshots.commit(manifest)
        self.manifest = manifest
        self._drop_old_snapshots(keep)

    def _recover(self, name: str) -> Any:
        connection, pinned = self.store.connection, self.manifest.tables.get(name)
        if name not in self._existing:
            if pinned is not None:
                raise CorruptStoreError(f"{self.store.folder}: table {name} is missing. Index again into a new folder.")
            return connection.create_table(name, schema=SCHEMAS[name])
        table = connection.open_table(name)
        if name == "facts" and pinned is not None and table.version != pinned:
            self._bring_back_facts(table, pinned)
        if name == "facts" or table.version == pinned:
            return table
        if pinned is None:
            return connection.create_table(name, schema=SCHEMAS[name], mode="overwrite")
        table.checkout(pinned)
        table.restore()
        return table

    def _bring_back_facts(self, table: Any, pinned: int) -> None:
        """Add the facts of the snapshot that a later one, since rolled back, or a killed run had dropped as dead."""
        columns = ["text_hash", "extractor"]
        old = self.store.connection.open_table("facts")
        old.checkout(pinned)
        held = {tuple(row.values()) for row in table.search().select(columns).to_arrow().to_pylist()}
        gone = {
            row["text_hash"]
            for row in old.search().select(columns).to_arrow().to_pylist()
            if tuple(row.values()) not in held
        }
        for part in _slices(sorted(gone), _KEYS_IN_ONE_FILTER):
            rows = old.search().where(f"text_hash IN ({', '.join(map(quote, part))})").to_arrow().to_pylist()
            missing = [row for row in rows if (row["text_hash"], row["extractor"]) not in held]
            with self._guard():
                table.add(pa.Table.from_pylist(missing, schema=SCHEMAS["facts"]))

    def _sweep_temporary_files(self) -> None:
        """Remove what kill -9 leaked; LanceDB's own clean-up leaves it. Safe: we hold the writer lock."""
        for path in (self.store.folder / "lancedb").glob("*.lance/data/.tmp*"):
            path.unlink(missing_ok=True)
        for path in self.store.snapshots.folder.glob("*.tmp"):
            path.unlink(missing_ok=True)
        known = set(self.store.snapshots.ids())
        for path in self.store.snapshots.folder.glob("*"):
            if path.is_dir() and path.name not in known:
                shutil.rmtree(path, ignore_errors=True)

    def _drop_old_snapshots(self, keep: int) -> None:
        """Forget all but the newest snapshots; `compact` of a later run frees their versions."""
        snapshots = self.store.snapshots
        for snapshot_id in [id_ for id_ in snapshots.ids()[:-keep] if id_ != self.manifest.id]:
            (snapshots.folder / f"{snapshot_id}.json").unlink(missing_ok=True)
            shutil.rmtree(snapshots.folder / snapshot_id, ignore_errors=True)
        self._drop_unknown_tags()

    def _drop_unknown_tags(self) -> None:
        kept = {f"s{id_}" for id_ in self.store.snapshots.ids()}
        for name in self._tables:
            for tag in sorted(set(self._tables[name].tags.list()) - kept):
                self._tables[name].tags.delete(tag)

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """Say what a full or failing disk means for the reader."""
        try:
            yield
        except (OSError, RuntimeError) as error:
            raise StoreError(
                f"{self.store.folder}: writing failed ({error}). The last snapshot is untouched; free some disk space "
                "or check permissions, then run the same command again."
            ) from error


def now() -> str:
    """The time in UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat("T", "seconds")


def _slices(items: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))
