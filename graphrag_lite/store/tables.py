"""The LanceDB tables of one knowledge base, and reading them as a snapshot pins them (`store.writer` writes)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from graphrag_lite.errors import CorruptStoreError, NotFoundError, StoreError
from graphrag_lite.settings import StoreSettings
from graphrag_lite.store.lock import writer_lock
from graphrag_lite.store.object_store import LOCAL_TABLES, check_place, claim_tables, connect_to, explained
from graphrag_lite.store.schema import SCHEMAS, key_of
from graphrag_lite.store.snapshots import Manifest, Snapshots

if TYPE_CHECKING:
    from graphrag_lite.store.writer import Writer

KEYS_IN_ONE_FILTER = 500
_ROWS_IN_ONE_BATCH = 65_536
_PANICS = ("PanicException", "RustPanic")  # of LanceDB, over bytes that make no sense to it; some are no Exception
START_ANEW = (
    "index again into a new folder; with cache.sqlite of this one in it, no reply of a chat model is paid for again."
)
_RUST_PLACE = re.compile(r",? *\S+\.rs:\d+:\d+")


def quote(value: str) -> str:
    """A string as a literal of LanceDB's SQL filters."""
    return "'" + value.replace("'", "''") + "'"


class Store:
    """One knowledge base on disk, its tables in the same folder or in an object store.

    Args:
        folder: Its directory; nothing is made before the first write.
        place: Where the tables lie; by default in the folder.
    """

    def __init__(self, folder: Path, place: StoreSettings | None = None) -> None:
        self.folder = folder
        self.place = place or StoreSettings()
        self.snapshots = Snapshots(folder / "snapshots")
        self._connection: Any = None

    @property
    def connection(self) -> Any:
        """The LanceDB connection, opened at first use.

        Raises:
            SettingsError: The tables lie in another place than the settings say.
            StoreError: The object store fails, or there can be no folder for tables.
        """
        if self._connection is None:
            check_place(self.folder, self.place)
            if self.place.uri:
                self._connection = connect_to(self.place)
            else:
                from graphrag_lite.store.lance import lancedb

                try:
                    self._connection = lancedb.connect(self.tables_at)
                except OSError as error:  # it makes the folder
                    raise StoreError(
                        f"{self.tables_at}: no folder for tables ({(error.strerror or str(error)).lower()}). Move away "
                        "what lies there, or check its permissions, then run the same command again."
                    ) from error
        return self._connection

    @property
    def tables_at(self) -> str:
        """The folder or URI of the tables."""
        return self.place.uri or str(self.folder / LOCAL_TABLES)

    def refusal(self, error: BaseException) -> StoreError | None:
        """What an error of LanceDB has to do with the way to an object store; None where nothing."""
        if not self.place.uri:
            return None
        if (found := explained(self.place, error)) is not None:
            return found
        try:
            connect_to(self.place)  # a table that is not found may be a bucket that is gone
        except StoreError as gone:
            return gone
        return None

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
    def writer(self) -> Iterator[Writer]:
        """The one writer; what it writes is dropped unless `commit` is called, and afterwards it refuses to write.

        Raises:
            LockedError: Somebody else writes.
            StoreError: The object store fails, or another folder writes to its tables.
        """
        from graphrag_lite.store.writer import Writer

        with writer_lock(self.folder), self._reaching():
            if self.place.uri:
                claim_tables(self.folder, self.place, self.connection)
            writer = Writer(self)
            try:
                yield writer
            finally:
                writer.close()

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        """Say of any error that comes from an object store what it means."""
        try:
            yield
        except (OSError, RuntimeError, ValueError) as error:
            if (found := explained(self.place, error)) is not None:
                raise found from None
            raise

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
        self._held: dict[str, pa.Table] = {}  # rows of tables that are not made yet; only a writer has such

    def table(self, name: str) -> Any:
        """The LanceDB table at the snapshot's version.

        Raises:
            CorruptStoreError: The manifest names a version that is gone.
        """
        if name not in self._tables:
            with self.reading(name, KeyError, ValueError):
                table = self.store.connection.open_table(name)
                table.checkout(self.manifest.tables[name])
            self._tables[name] = table
        return self._tables[name]

    def stored_bytes(self) -> int:
        """Size of everything in the folder; of tables in an object store, that of the snapshot's versions."""
        stored = self.store.disk_bytes()
        if self.store.place.uri:
            for name in self.manifest.tables:
                with self.reading(name):
                    stored += int(self.table(name).stats()["total_bytes"])
        return stored

    @contextmanager
    def reading(self, name: str, *others: type[Exception]) -> Iterator[None]:
        """Say what a table that cannot be read means for the reader.

        Raises:
            CorruptStoreError: What is stored is damaged.
            StoreError: The object store fails.
        """
        caught: tuple[type[Exception], ...] = (OSError, RuntimeError, *others)
        try:
            yield
        except BaseException as error:
            if not isinstance(error, caught) and type(error).__name__ not in _PANICS:
                raise
            if (refused := self.store.refusal(error)) is not None:
                raise refused from None
            reason = without_place(str(error))
            raise CorruptStoreError(
                f"{self.store.folder}: table {name} of snapshot {self.manifest.id} cannot be read ({reason}). Go back "
                f"to another snapshot: grl snapshots, grl rollback ID. If none can be read, {START_ANEW}"
            ) from error

    @property
    def vector_table(self) -> str:
        """The table of the vectors in use; "" where there are none."""
        return self.manifest.vector_table

    def read(self, name: str, columns: Sequence[str] | None = None, where: str | None = None) -> pa.Table:
        """Rows of a table as Arrow."""
        if (held := self._in_memory(name, where)) is not None:
            return held.select(columns or held.column_names)
        query = self.table(name).search()
        if columns is not None:
            query = query.select(list(columns))
        if where is not None:
            query = query.where(where)
        with self.reading(name):
            return query.to_arrow()

    def _in_memory(self, name: str, where: str | None) -> pa.Table | None:
        """All rows of a table that is not made yet; None where LanceDB has them, or is needed to tell which."""
        held = self._held.get(name)
        return held if held is not None and (where is None or not held.num_rows) else None

    def rows(self, name: str, columns: Sequence[str], where: str | None = None) -> list[tuple[Any, ...]]:
        """Rows of a table as tuples of values."""
        found = self.read(name, columns, where)
        return list(zip(*(found[column].to_pylist() for column in columns), strict=True))

    def batches(
        self, name: str, columns: Sequence[str], where: str | None = None, size: int = 4096
    ) -> Iterator[pa.RecordBatch]:
        """Rows of a table, at most `size` at a time."""
        if (held := self._in_memory(name, where)) is not None:
            yield from held.select(columns).to_batches(max_chunksize=size)
            return
        query = self.table(name).search().select(list(columns))
        if where is not None:
            query = query.where(where)
        with self.reading(name):
            batches = query.to_batches(batch_size=size)
        while True:
            with self.reading(name):  # not around the yield: what its reader does with it is not ours
                batch = next(batches, None)
            if batch is None:
                return
            yield batch

    def distinct(self, name: str, column: str, where: str | None = None) -> pa.Array:
        """The values of a column, each once."""
        parts = [pc.unique(batch[column]) for batch in self.batches(name, [column], where, size=_ROWS_IN_ONE_BATCH)]
        return pc.unique(pa.chunked_array(parts, pa.string()))

    def read_by_key(
        self, name: str, keys: Collection[str] | pa.Array, columns: Sequence[str], *, size: int
    ) -> Iterator[tuple[list[str], pa.Table]]:
        """Rows of `keys`, the key among the columns, `size` keys at a time: (keys, rows), both in the order of keys.

        Where most keys of the table are wanted, a range is read: three times as quick as a list of keys.
        """
        column = key_of(name)
        ordered = pc.unique(keys if isinstance(keys, pa.Array) else pa.array(list(keys), pa.string()))
        ordered = ordered.take(pc.sort_indices(ordered))
        is_most = 2 * len(ordered) > len(self.distinct(name, column))
        for start in range(0, len(ordered), size):
            part = ordered.slice(start, size).to_pylist()
            if is_most and name not in self._held:
                rows = self.read(name, columns, f"{column} >= {quote(part[0])} AND {column} <= {quote(part[-1])}")
                rows = rows.filter(pc.is_in(rows[column], value_set=pa.array(part, pa.string())))
            else:
                rows = self.read_keys(name, part, columns)
            yield part, rows.sort_by(column)

    def read_keys(
        self, name: str, keys: Collection[str], columns: Sequence[str] | None = None, by: str | None = None
    ) -> pa.Table:
        """Rows whose key (or column `by`) is one of `keys`."""
        column = by or key_of(name)
        names = list(columns) if columns is not None else SCHEMAS[name].names
        ordered = sorted(set(keys))
        if (held := self._held.get(name)) is not None:
            return held.filter(pc.is_in(held[column], value_set=pa.array(ordered, pa.string()))).select(names)
        parts = [
            self.read(name, columns, where=f"{column} IN ({', '.join(map(quote, part))})")
            for part in slices(ordered, KEYS_IN_ONE_FILTER)
        ]
        return pa.concat_tables(parts) if parts else SCHEMAS[name].empty_table().select(names)


def without_place(reason: str) -> str:
    """A reason of LanceDB without the place in its code where it failed: that is nothing for a reader."""
    return _RUST_PLACE.sub("", reason)


def without(values: pa.Array, others: pa.Array) -> pa.Array:
    """Those of `values` that are not among `others`."""
    found = values.filter(pc.invert(pc.is_in(values, value_set=others)))
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def slices(items: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    """`items` in parts of at most `size`."""
    return (items[start : start + size] for start in range(0, len(items), size))
