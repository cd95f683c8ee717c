"""Writing the tables of a knowledge base: new versions beside the committed ones, visible only after a commit."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from graphrag_lite.errors import CorruptStoreError, StoreError
from graphrag_lite.store.object_store import LOCAL_TABLES
from graphrag_lite.store.schema import SCHEMAS, VECTORS, key_of
from graphrag_lite.store.snapshots import Manifest
from graphrag_lite.store.tables import (
    KEYS_IN_ONE_FILTER,
    START_ANEW,
    Reader,
    Store,
    quote,
    slices,
    without,
    without_place,
)

# Beyond this many changed rows one overwrite is quicker than a delete with a long list of keys.
_MOST_KEYS_IN_A_DELETE = 5000
_TABLES_AT_ONCE = 8
_MOST_HELD_BYTES = 16_000_000
_SCARCE_BYTES = 100_000_000
T = TypeVar("T")


class Writer(Reader):
    """New table versions beside the committed ones.

    Opening it drops what a killed run left behind, except facts and vectors: they are keyed by content and immutable,
    so the next run goes on from them instead of extracting and embedding (and paying) again. Threads may write at
    the same time, each its own table.

    A table that is missing is made when its first rows are written, and until `make_tables` small ones stay in memory:
    the first calls of a model need not wait for LanceDB, whose import alone takes a third of a second.
    """

    def __init__(self, store: Store) -> None:
        manifest = store.snapshots.current()
        super().__init__(store, manifest or Manifest("", "", {}, {}, {}))
        self.is_new = manifest is None
        self._is_closed = False
        self._under_way = 0  # writes, of all threads
        self._written = threading.Condition()
        self._sweep_temporary_files()
        has_tables = bool(store.place.uri) or (store.folder / LOCAL_TABLES).exists()
        self._existing = set(store.connection.list_tables().tables) if has_tables else set()
        # A disk without room is to show before anything is paid for that could not be kept.
        self._is_holding = shutil.disk_usage(store.folder).free > _SCARCE_BYTES
        self._making = {name: threading.RLock() for name in SCHEMAS}
        vectors = {name for name in self._existing if name.startswith(VECTORS)} | self.manifest.vectors.keys()
        names = [*SCHEMAS, *sorted(vectors)]
        existing = [name for name in names if name in self._existing or name in self.manifest.tables]
        recovered = zip(existing, self._for_each(existing, self._recover), strict=True)
        self._tables.update((name, table) for name, table in recovered if table is not None)
        self._held = {name: SCHEMAS[name].empty_table() for name in SCHEMAS if name not in self._tables}
        self._vectors = dict(self.manifest.vectors)
        self._vector_table = self.manifest.vector_table
        self._changed: set[str] = set()
        self._loose: set[str] = set()  # changed since they were last compacted
        self._drop_unknown_tags()

    def close(self) -> None:
        """Refuse to write from now on, also to threads of a run that has failed; what is being written is waited for.

        Whoever holds the lock next would find their rows among its own.
        """
        with self._written:
            self._is_closed = True
            self._written.wait_for(lambda: not self._under_way)

    def add(self, name: str, rows: pa.Table | Sequence[Mapping[str, Any]]) -> None:
        """Append rows."""
        table = rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(list(rows), schema=SCHEMAS[name])
        rows = table.cast(SCHEMAS.get(name, table.schema))
        if rows.num_rows and not self._hold(name, lambda held: pa.concat_tables([held, rows])):
            with self.writing():
                self._tables[name].add(rows)
            self._note_change(name)

    def make_tables(self) -> Iterator[None]:
        """Write what is held in memory, a table at a time, and hold nothing from then on."""
        self._is_holding = False
        for name in [name for name, rows in list(self._held.items()) if rows.num_rows]:
            yield
            self.table(name)

    def table(self, name: str) -> Any:
        """The LanceDB table, made where it is missing."""
        if name in self._held:
            with self._making[name]:
                if name in self._held:
                    self._make(name)
        return super().table(name)

    def _hold(self, name: str, change: Callable[[pa.Table], pa.Table]) -> bool:
        """Change the rows of a table that is not made yet, made where there is no holding them; False: it is made."""
        if name not in self._held:
            return False
        with self._making[name]:
            if name not in self._held:
                return False
            rows = self._held[name] = change(self._held[name])
            if rows.num_rows:
                self._changed.add(name)
                # Facts outlast a run that is never committed.
                if not self._is_holding or name == "facts" or rows.nbytes > _MOST_HELD_BYTES:
                    self._make(name)
            return True

    def _make(self, name: str) -> None:
        with self.writing():
            self._tables[name] = self.store.connection.create_table(name, self._held[name], schema=SCHEMAS[name])
        del self._held[name]

    def delete_keys(self, name: str, keys: Collection[str]) -> None:
        """Delete the rows of `keys`."""
        if self._hold(name, lambda held: _without_keys(name, held, keys)):
            return
        for part in slices(sorted(set(keys)), KEYS_IN_ONE_FILTER):
            with self.writing():
                self._tables[name].delete(f"{key_of(name)} IN ({', '.join(map(quote, part))})")
            self._note_change(name)

    def delete_facts(self, hashes: Collection[str], extractor: str) -> None:
        """Delete what one extractor said of some texts."""
        for part in slices(sorted(hashes), KEYS_IN_ONE_FILTER):
            with self.writing():
                self.table("facts").delete(
                    f"extractor = {quote(extractor)} AND text_hash IN ({', '.join(map(quote, part))})"
                )
            self._note_change("facts")

    @property
    def has_changed(self) -> bool:
        """True once anything was written, or other vectors were chosen."""
        return bool(self._changed) or self._vector_table != self.manifest.vector_table

    def has_changed_beyond(self, *names: str) -> bool:
        """True once anything was written to other tables than these."""
        return not self._changed <= set(names)

    def replace_keys(self, name: str, keys: Collection[str], rows: pa.Table | Sequence[Mapping[str, Any]]) -> None:
        """Delete the rows of `keys`, then append `rows`; as one overwrite where that is quicker."""
        if len(keys) <= _MOST_KEYS_IN_A_DELETE:
            self.delete_keys(name, keys)
            self.add(name, rows)
            return
        new = rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(list(rows), schema=SCHEMAS[name])
        old = self.read(name)
        kept = _without_keys(name, old, keys).cast(SCHEMAS[name])
        self.overwrite(name, pa.concat_tables([kept, new.cast(SCHEMAS[name])]))

    def overwrite(self, name: str, table: pa.Table) -> None:
        """Replace the whole table."""
        rows = table.cast(SCHEMAS[name])
        if self._hold(name, lambda held: rows):
            return
        with self.writing():
            self._tables[name].add(rows, mode="overwrite")
        self._note_change(name)

    def update_view(self, name: str, rows: pa.Table) -> tuple[int, int]:
        """Bring a view to `rows`, touching only rows whose fingerprint changed.

        Args:
            name: A table with a `fingerprint` column.
            rows: All rows that it shall hold.

        Returns:
            (rows added or changed, rows removed).
        """
        key = key_of(name)
        old = self.read(name, [key, "fingerprint"])
        place = pc.index_in(rows[key], value_set=old[key])
        is_same = pc.equal(old["fingerprint"].take(place), rows["fingerprint"])
        fresh = rows.filter(pc.invert(pc.fill_null(is_same, False)))
        gone = without(old[key], rows[key])
        if fresh.num_rows + len(gone) > _MOST_KEYS_IN_A_DELETE:
            self.overwrite(name, rows)
        else:
            changed = fresh[key].filter(pc.is_in(fresh[key], value_set=old[key]))
            self.delete_keys(name, [*gone.to_pylist(), *changed.to_pylist()])
            self.add(name, fresh)
        return fresh.num_rows, len(gone)

    def compact(self, names: Collection[str] | None = None) -> None:
        """Merge the small pieces of changed tables, update their indexes, drop what no kept snapshot needs.

        LanceDB refuses to clean up while a tagged version is old enough to go, so the horizon is the oldest tag.

        Args:
            names: Only these, of what changed since it was last compacted; None: all of that.
        """
        chosen = sorted(self._loose if names is None else self._loose.intersection(names))
        self._loose.difference_update(chosen)
        self._for_each(chosen, self._compact_table)

    def use_vectors(self, name: str, schema: pa.Schema, held: Mapping[str, Any], *, anew: bool = False) -> None:
        """Make a table of vectors the one in use, with what it holds already.

        Args:
            name: The table; made where it is missing.
            schema: Its columns.
            held: What it holds, as the manifest shall say.
            anew: Empty it first.
        """
        if name not in self._tables or anew:
            mode = "overwrite" if name in self._tables else "create"  # LanceDB warns on overwriting nothing
            self._tables[name] = self.store.connection.create_table(name, schema=schema, mode=mode)
            self._note_change(name)
        self._vectors[name] = dict(held)
        self._vector_table = name

    @property
    def vector_table(self) -> str:
        """The table of the vectors in use; "" where there are none."""
        return self._vector_table

    @property
    def vector_tables(self) -> list[str]:
        """All tables of vectors, also those of other models and of runs that never came to their end."""
        return [name for name in list(self._tables) if name.startswith(VECTORS)]  # others are made meanwhile

    def vectors(self) -> dict[str, dict[str, Any]]:
        """What each table of vectors holds, for the manifest."""
        return {
            name: dict(held) | {"count": self._tables[name].count_rows()}
            for name, held in sorted(self._vectors.items())
            if name in self._tables
        }

    def versions(self) -> dict[str, int]:
        """The version that each table has now."""
        names = [*SCHEMAS, *self.vectors()]
        return {name: table.version for name, table in zip(names, self._for_each(names, self.table), strict=True)}

    def counts(self) -> dict[str, int]:
        """Rows of every table; `vectors` are those in use."""
        counts = {name: self.table(name).count_rows() for name in SCHEMAS}
        return counts | ({VECTORS: self._tables[self._vector_table].count_rows()} if self._vector_table else {})

    def commit(self, manifest: Manifest, *, keep: int, replaces: str = "") -> None:
        """Make the written state the current snapshot, then drop `replaces` and all but the newest `keep` snapshots."""

        def pin(name: str) -> None:
            with self.writing():
                self._tables[name].tags.create(f"s{manifest.id}", manifest.tables[name])

        self._for_each(manifest.tables, pin)
        with self.writing():
            self.store.snapshots.commit(manifest)
        self.manifest = manifest
        self._drop_old_snapshots(keep, replaces)

    def note_failures(self, failures: Sequence[Mapping[str, str]]) -> Manifest:
        """Say in the current snapshot what a run failed at that changed nothing else: it is no snapshot of its own."""
        if list(failures) != list(self.manifest.failures):
            self.manifest = replace(self.manifest, failures=failures)
            with self.writing():
                self.store.snapshots.commit(self.manifest)
        return self.manifest

    def _note_change(self, name: str) -> None:
        self._changed.add(name)
        self._loose.add(name)

    def _for_each(self, names: Iterable[str], work: Callable[[str], T]) -> list[T]:
        """Do the same with several tables; at once where it is requests to a server that take the time."""
        if not self.store.place.uri:
            return [work(name) for name in names]
        with ThreadPoolExecutor(_TABLES_AT_ONCE) as pool:
            return list(pool.map(work, names))

    def _compact_table(self, name: str) -> None:
        table = self._tables[name]
        oldest = min((tag["version"] for tag in table.tags.list().values()), default=table.version)
        times = [v["timestamp"] for v in table.list_versions() if v["version"] == oldest]
        age = datetime.now(times[0].tzinfo) - times[0] + timedelta(seconds=1) if times else timedelta(days=3650)
        with self.writing():
            table.optimize(cleanup_older_than=age, delete_unverified=True)

    def _recover(self, name: str) -> Any | None:
        with self.reading(name, ValueError):
            return self._as_pinned(name)

    def _as_pinned(self, name: str) -> Any | None:
        """The table as the snapshot has it; None where a run ended before it had made the table."""
        connection, pinned = self.store.connection, self.manifest.tables.get(name)
        if name not in self._existing:
            raise CorruptStoreError(f"{self.store.folder}: table {name} is missing. To go on, {START_ANEW}")
        try:
            table = connection.open_table(name)
        except ValueError as error:  # no version of it: killed, or out of disk space, between its data and that
            if pinned is not None or self.store.refusal(error) is not None:
                raise
            return None
        if name == "facts" or name.startswith(VECTORS):
            if pinned is not None and table.version != pinned:
                self._bring_back(name, table, pinned)
            return table
        if table.version == pinned:
            return table
        if pinned is None:
            with self.writing():
                return connection.create_table(name, schema=SCHEMAS[name], mode="overwrite")
        table.checkout(pinned)
        with self.writing():
            table.restore()
        return table

    def _bring_back(self, name: str, table: Any, pinned: int) -> None:
        """Add what the snapshot holds and a later one, since rolled back, or a killed run had dropped as dead."""
        key = ["text_hash", "extractor"] if name == "facts" else ["text_hash"]
        old = self.store.connection.open_table(name)
        old.checkout(pinned)
        held = {tuple(row.values()) for row in table.search().select(key).to_arrow().to_pylist()}
        rows = old.search().select(key).to_arrow().to_pylist()
        gone = {row["text_hash"] for row in rows if tuple(row.values()) not in held}
        for part in slices(sorted(gone), KEYS_IN_ONE_FILTER):
            found = old.search().where(f"text_hash IN ({', '.join(map(quote, part))})").to_arrow().to_pylist()
            missing = [row for row in found if tuple(row[column] for column in key) not in held]
            with self.writing():
                table.add(pa.Table.from_pylist(missing, schema=table.schema))

    def _sweep_temporary_files(self) -> None:
        """Remove what kill -9 leaked; LanceDB's own clean-up leaves it. Safe: we hold the writer lock."""
        for path in (self.store.folder / LOCAL_TABLES).glob("*.lance/*/.tmp*"):
            path.unlink(missing_ok=True)
        for path in self.store.snapshots.folder.glob("*.tmp"):
            path.unlink(missing_ok=True)
        known = set(self.store.snapshots.ids())
        for path in self.store.snapshots.folder.glob("*"):
            if path.is_dir() and path.name not in known:
                shutil.rmtree(path, ignore_errors=True)

    def _drop_old_snapshots(self, keep: int, replaced: str) -> None:
        """Forget one snapshot and all but the newest others; a later run drops their tags and frees their versions."""
        snapshots = self.store.snapshots
        gone = [id_ for id_ in snapshots.ids() if id_ == replaced]
        gone += [id_ for id_ in snapshots.ids() if id_ != replaced][:-keep]
        for snapshot_id in [id_ for id_ in gone if id_ != self.manifest.id]:
            (snapshots.folder / f"{snapshot_id}.json").unlink(missing_ok=True)
            shutil.rmtree(snapshots.folder / snapshot_id, ignore_errors=True)

    def _drop_unknown_tags(self) -> None:
        kept = {f"s{id_}" for id_ in self.store.snapshots.ids()}

        def drop(name: str) -> None:
            for tag in sorted(set(self._tables[name].tags.list()) - kept):
                self._tables[name].tags.delete(tag)

        self._for_each(self._tables, drop)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write before `close` or not at all, and say what a full or failing disk means for the reader."""
        with self._written:
            if self._is_closed:
                raise StoreError(f"{self.store.folder}: the run has ended, so nothing more is written.")
            self._under_way += 1
        try:
            yield
        except (OSError, RuntimeError) as error:
            if (refused := self.store.refusal(error)) is not None:
                raise refused from None
            reason = without_place(str(error))
            raise StoreError(
                f"{self.store.folder}: writing failed ({reason}). The last snapshot is untouched; free some disk space "
                "or check permissions, then run the same command again."
            ) from error
        finally:
            with self._written:
                self._under_way -= 1
                self._written.notify_all()


def _without_keys(name: str, rows: pa.Table, keys: Collection[str]) -> pa.Table:
    """Rows of a table but for those of `keys`."""
    return rows.filter(pc.invert(pc.is_in(rows[key_of(name)], value_set=pa.array(list(keys), pa.string()))))
