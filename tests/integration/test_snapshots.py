"""Snapshots over real LanceDB tables: atomic commits, pinned readers, locks, roll-back, clean-up."""

import errno
import multiprocessing
import shutil
import threading
import time
from collections import deque
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest

from graphrag_lite.errors import CorruptStoreError, LockedError, NotFoundError, StoreError, VersionMismatchError
from graphrag_lite.store.lock import HOLDER_FILE, writer_lock
from graphrag_lite.store.schema import SCHEMAS
from graphrag_lite.store.snapshots import Manifest, now
from graphrag_lite.store.tables import Store


@pytest.fixture
def local_store(tmp_path: Path) -> Store:
    return Store(tmp_path / "kb")


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """What holds for tables in the folder holds for tables in an object store."""
    return Store(tmp_path / "kb", request.getfixturevalue("place") if request.param == "s3" else None)


def fact(text_hash: str) -> dict[str, str]:
    return {"text_hash": text_hash, "extractor": "test", "payload": "{}"}


def origin(document_id: str, source: str = "a") -> dict[str, object]:
    return {
        "document_id": document_id,
        "source": source,
        "sources": [source],
        "duplicate_of": "",
        "fingerprint": source,
    }


def commit(store: Store, *documents: str, keep: int = 5) -> str:
    with store.writer() as writer:
        writer.add("origins", [origin(document_id) for document_id in documents])
        writer.compact()
        manifest = Manifest(store.snapshots.next_id(), now(), writer.versions(), writer.counts(), {})
        writer.commit(manifest, keep=keep)
    return manifest.id


def ids(store: Store, snapshot: str | None = None) -> set[str]:
    return set(store.reader(snapshot).read("origins", ["document_id"])["document_id"].to_pylist())


def test_nothing_is_visible_before_the_commit(store):
    commit(store, "a")
    with store.writer() as writer:
        writer.add("origins", [origin("b")])
        assert ids(store) == {"a"}
    assert ids(store) == {"a"}


def test_rows_of_a_new_base_are_there_before_their_tables_are(store):
    with store.writer() as writer:
        writer.add("origins", [origin("a"), origin("b"), origin("c", "elsewhere")])
        writer.replace_keys("documents", ["a"], [])
        assert sorted(writer.read("origins", ["document_id"])["document_id"].to_pylist()) == ["a", "b", "c"]
        assert sorted(writer.distinct("origins", "source").to_pylist()) == ["a", "elsewhere"]
        assert [keys for keys, _ in writer.read_by_key("origins", ["b", "a"], ["document_id"], size=1)] == [
            ["a"],
            ["b"],
        ]
        assert "origins" not in writer._tables
        assert writer.rows("origins", ["document_id"], "source = 'elsewhere'") == [("c",)]
        assert "origins" in writer._tables, "a filter is for LanceDB"
        writer.delete_keys("origins", ["c"])
    assert commit(store, "d", "e") == "000001"
    assert ids(store) == {"d", "e"}, "what was not committed is gone"


def test_rows_held_in_memory_are_replaced_and_bounded(store, monkeypatch):
    with store.writer() as writer:
        writer.add("origins", [origin("a")])
        writer.overwrite("origins", pa.Table.from_pylist([origin("b"), origin("c")], schema=SCHEMAS["origins"]))
        writer.delete_keys("origins", ["c"])
        assert writer.read("origins")["document_id"].to_pylist() == ["b"]
        writer.add("sources", [])
        monkeypatch.setattr("graphrag_lite.store.writer._MOST_HELD_BYTES", 100)
        writer.add("decisions", [{"merge_id": "m" * 200}])
        assert "decisions" in writer._tables
        deque(writer.make_tables(), 0)
        assert "sources" not in writer._tables
        writer.add("sources", [{"source": "s"}])
        assert "sources" in writer._tables, "nothing is held any more"


def test_what_is_deleted_while_a_table_is_made_is_deleted_from_it(store, monkeypatch):
    made = threading.Event()
    create = store.connection.create_table

    def create_slowly(*args, **options):
        table = create(*args, **options)
        made.set()
        time.sleep(0.3)
        return table

    with store.writer() as writer:
        writer.add("origins", [origin("a"), origin("b")])
        monkeypatch.setattr(store.connection, "create_table", create_slowly)
        beside = threading.Thread(target=writer.table, args=("origins",))
        beside.start()
        assert made.wait(timeout=30)
        writer.delete_keys("origins", ["a"])
        beside.join()
        assert writer.read("origins")["document_id"].to_pylist() == ["b"]


@pytest.mark.parametrize("name", ["origins", "facts", "vectors-small"])
def test_a_table_that_a_killed_run_had_half_made_is_made_by_the_next(local_store, name):
    with local_store.writer() as writer:
        writer.add("origins", [origin("a")])
        writer.add("facts", [fact("a")])
        writer.use_vectors("vectors-small", pa.schema([("text_hash", pa.string())]), {})
        deque(writer.make_tables(), 0)
    shutil.rmtree(local_store.folder / "lancedb" / f"{name}.lance" / "_versions")
    with local_store.writer() as writer:
        writer.use_vectors("vectors-small", pa.schema([("text_hash", pa.string())]), {})
        writer.add("facts", [fact("b")])
        assert "b" in writer.read("facts", ["text_hash"])["text_hash"].to_pylist()
    assert commit(local_store, "d") == "000001"
    assert ids(local_store) == {"d"}


def test_a_table_of_a_snapshot_without_any_version_is_damage(local_store):
    commit(local_store, "a")
    shutil.rmtree(local_store.folder / "lancedb" / "origins.lance" / "_versions")
    with pytest.raises(CorruptStoreError, match="table origins of snapshot 000001"), local_store.writer():
        pass


def test_a_file_where_the_tables_belong_is_told_of_with_what_to_do(local_store):
    local_store.folder.mkdir()
    (local_store.folder / "lancedb").write_text("x")
    with pytest.raises(StoreError, match=r"lancedb: no folder for tables \(file exists\). Move away"):
        commit(local_store, "a")


def test_tables_of_vectors_are_told_while_another_thread_makes_a_table(local_store):
    class Meanwhile(str):
        def startswith(self, *given):
            writer.add("facts", [fact("a")])
            return super().startswith(*given)

    with local_store.writer() as writer:
        writer._tables = {Meanwhile("origins"): None, "vectors-small": None}
        assert writer.vector_tables == ["vectors-small"]
        assert "facts" in writer._tables


def test_facts_outlast_a_run_that_was_not_committed(store):
    with store.writer() as writer:
        writer.add("facts", [fact("a")])
    with store.writer() as writer:
        assert writer.read("facts", ["text_hash"])["text_hash"].to_pylist() == ["a"]


def test_nothing_is_written_once_the_lock_is_given_up(store):
    begun, written = threading.Event(), []

    def add(rows):
        begun.set()
        time.sleep(0.3)
        written.append(rows.num_rows)

    commit(store, "b")
    with store.writer() as writer:
        writer._tables["origins"] = SimpleNamespace(add=add)
        beside = threading.Thread(target=writer.add, args=("origins", [origin("a")]))
        beside.start()
        assert begun.wait(timeout=30)
    assert written == [1]
    with pytest.raises(StoreError, match="ended"):
        writer.add("origins", [origin("b")])
    assert written == [1]
    beside.join()


def test_what_a_run_left_uncommitted_is_dropped_by_the_next(store):
    commit(store, "a")
    with store.writer() as writer:
        writer.add("origins", [origin("b")])
        writer.delete_keys("origins", ["a"])
    commit(store, "c")
    assert ids(store) == {"a", "c"}


def test_facts_of_an_uncommitted_run_are_kept(store):
    commit(store, "a")
    with store.writer() as writer:
        writer.add("facts", [fact("x")])
    with store.writer() as writer:
        assert writer.read("facts").num_rows == 1


def test_a_first_run_that_was_killed_leaves_nothing_behind(store):
    with store.writer() as writer:
        writer.add("origins", [origin("a")])
    with pytest.raises(NotFoundError, match="grl index"):
        store.reader()
    commit(store, "b")
    assert ids(store) == {"b"}


def test_a_reader_keeps_its_snapshot_during_and_after_a_commit(store):
    first = commit(store, "a")
    reader = store.reader()
    reader.table("origins")
    commit(store, "b")
    assert set(reader.read("origins")["document_id"].to_pylist()) == {"a"}
    assert ids(store, first) == {"a"}
    assert ids(store) == {"a", "b"}


def test_rollback_changes_what_readers_see_and_where_writers_start(store):
    first = commit(store, "a")
    commit(store, "b")
    store.rollback(first)
    assert ids(store) == {"a"}
    commit(store, "c")
    assert ids(store) == {"a", "c"}


def test_facts_that_a_rolled_back_snapshot_had_dropped_are_there_again(store):
    with store.writer() as writer:
        writer.add("facts", [fact("a"), fact("b")])
    first = commit(store, "a")
    with store.writer() as writer:
        writer.delete_keys("facts", ["a"])
    commit(store, "b")
    store.rollback(first)
    with store.writer() as writer:
        assert sorted(writer.read("facts", ["text_hash"])["text_hash"].to_pylist()) == ["a", "b"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file/kb: cannot be written to"), writer_lock(tmp_path / "file" / "kb"):
        pass


def test_rollback_to_an_unknown_snapshot_names_those_that_exist(store):
    commit(store, "a")
    with pytest.raises(NotFoundError, match="000001"):
        store.rollback("000099")


def test_only_the_newest_snapshots_are_kept_and_each_can_be_read(store):
    for number in range(6):
        commit(store, f"d{number}", keep=3)
    assert store.snapshots.ids() == ["000004", "000005", "000006"]
    for count, snapshot in enumerate(store.snapshots.ids(), 4):
        assert len(ids(store, snapshot)) == count


def test_old_versions_are_freed(local_store):
    payload = "x" * 200_000
    for number in range(5):
        with local_store.writer() as writer:
            writer.overwrite("facts", _facts_table(f"{number}{payload}"))
            writer.compact()
            manifest = Manifest(local_store.snapshots.next_id(), now(), writer.versions(), writer.counts(), {})
            writer.commit(manifest, keep=2)
        time.sleep(1.1)  # LanceDB's horizon of clean-up is a time
    assert len(list((local_store.folder / "lancedb" / "facts.lance" / "data").iterdir())) < 5  # one for each run


def _facts_table(payload):
    return pa.Table.from_pylist([fact("a") | {"payload": payload}], schema=SCHEMAS["facts"])


@pytest.mark.parametrize("folder", ["data", "_transactions"])
def test_temporary_files_of_a_killed_writer_are_swept(local_store, folder):
    commit(local_store, "a")
    leaked = local_store.folder / "lancedb" / "origins.lance" / folder / ".tmpabc"
    leaked.write_bytes(b"x")
    with local_store.writer():
        assert not leaked.exists()


def test_a_commit_killed_before_the_pointer_moved_can_be_repeated(store):
    commit(store, "a")
    with store.writer() as writer:
        writer.add("origins", [origin("b")])
        writer._tables["origins"].tags.create("s000002", writer.versions()["origins"])
    assert commit(store, "c") == "000002"
    assert ids(store) == {"a", "c"}


def test_update_view_touches_only_rows_whose_fingerprint_changed(store):
    commit(store, "a", "b")
    with store.writer() as writer:
        rows = [origin("a"), origin("b", "elsewhere"), origin("c")]
        changed = writer.update_view("origins", pa.Table.from_pylist(rows, schema=SCHEMAS["origins"]))
        assert changed == (2, 0)
        assert sorted(writer.read("origins")["source"].to_pylist()) == ["a", "a", "elsewhere"]


def test_a_quote_in_a_key_is_only_a_character(store):
    commit(store, "it's", "a' OR '1'='1")
    with store.writer() as writer:
        writer.delete_keys("origins", ["it's"])
        assert set(writer.read("origins")["document_id"].to_pylist()) == {"a' OR '1'='1"}


def test_a_second_writer_is_told_who_holds_the_lock(store):
    with store.writer(), pytest.raises(LockedError, match=r"this process is already writing"), store.writer():
        pass


def test_a_full_disk_is_told_of_and_frees_the_lock(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", full)
        told = pytest.raises(StoreError, match=r"kb: cannot be written to \(no space left on device\).* disk space")
        with told, writer_lock(tmp_path / "kb"):
            pass
    with writer_lock(tmp_path / "kb"):
        pass


def _hold(folder, ready):
    with writer_lock(Path(folder)):
        ready.set()
        time.sleep(60)


def test_the_lock_of_a_killed_writer_is_free(store):
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=_hold, args=(str(store.folder), ready))
    process.start()
    assert ready.wait(30)
    with pytest.raises(LockedError), store.writer():
        pass
    process.kill()
    process.join()
    assert (store.folder / HOLDER_FILE).exists()
    commit(store, "a")
    assert ids(store) == {"a"}


def test_a_damaged_manifest_is_named(store):
    commit(store, "a")
    (store.snapshots.folder / "000001.json").write_text("{")
    with pytest.raises(CorruptStoreError, match=r"000001\.json"):
        store.reader()


def test_a_manifest_of_a_later_format_asks_for_the_right_release(store):
    commit(store, "a")
    path = store.snapshots.folder / "000001.json"
    path.write_text(path.read_text().replace('"format_version": 1', '"format_version": 99'))
    with pytest.raises(VersionMismatchError, match="format 99"):
        store.reader()


def test_what_a_later_release_says_besides_in_the_same_format_is_no_damage(store):
    commit(store, "a")
    path = store.snapshots.folder / "000001.json"
    path.write_text(path.read_text().replace("{", '{"mood": "sunny",', 1))
    assert ids(store) == {"a"}


def cut_short(*files: Path) -> None:
    for path in files:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_a_table_whose_files_are_damaged_is_named(local_store):
    commit(local_store, "a", "b")
    cut_short(*(local_store.folder / "lancedb" / "origins.lance" / "data").glob("*"))
    with pytest.raises(CorruptStoreError, match=r"table origins of snapshot 000001.*grl rollback"):
        ids(local_store)
    with pytest.raises(CorruptStoreError, match="table origins"):
        list(local_store.reader().batches("origins", ["document_id"]))


def test_a_damaged_manifest_hides_no_other(store):
    commit(store, "a")
    commit(store, "b")
    cut_short(store.snapshots.folder / "000001.json")
    assert [manifest.id for manifest in store.snapshots.readable()] == ["000002"]


@pytest.mark.parametrize("named", ["", "000099"])
def test_a_pointer_that_names_no_snapshot_says_how_to_choose_one(store, named):
    commit(store, "a")
    (store.snapshots.folder / "CURRENT").write_text(named)
    with pytest.raises(CorruptStoreError, match="grl rollback ID"):
        store.reader()
    store.rollback("000001")
    assert ids(store) == {"a"}


def test_a_table_that_was_just_made_reads_like_any_other(store):
    columns = ["document_id", "source"]
    with store.writer() as writer:
        assert writer.read("origins").schema == SCHEMAS["origins"]
        assert writer.read("origins", columns, "source = 'a'").column_names == columns
        assert list(writer.batches("origins", columns)) == []
        assert writer.distinct("origins", "source").to_pylist() == []
        writer.delete_keys("origins", ["a"])
        writer.overwrite("origins", SCHEMAS["origins"].empty_table())
        assert not writer.has_changed
        writer.add("origins", [origin("a"), origin("b")])
        assert writer.distinct("origins", "document_id").to_pylist() == ["a", "b"]
        writer.delete_keys("origins", ["a"])
        assert writer.read("origins", columns).to_pylist() == [{"document_id": "b", "source": "a"}]
        assert writer.update_view("origins", pa.Table.from_pylist([origin("c")], schema=SCHEMAS["origins"])) == (1, 1)
        writer.overwrite("sources", pa.Table.from_pylist([{"source": "a"}], schema=SCHEMAS["sources"]))
        assert writer.distinct("sources", "source").to_pylist() == ["a"]
    with store.writer() as writer:  # what was left uncommitted is gone, and may be written again
        assert writer.read("origins").num_rows == 0
        writer.add("origins", [origin("d")])
        assert writer.read("origins", columns).num_rows == 1
