"""A knowledge base whose tables lie in a bucket: used as any other, written by one folder, with errors that help."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path

import pytest

from graphrag_lite import KnowledgeBase
from graphrag_lite.errors import CorruptStoreError, LockedError, SettingsError, StoreError
from graphrag_lite.settings import StoreSettings
from graphrag_lite.store import object_store
from graphrag_lite.store.object_store import MARK, PLACE_FILE, claim_tables, connect_to
from graphrag_lite.store.schema import SCHEMAS
from graphrag_lite.store.tables import Store
from tests.s3_server import ACCESS, BUCKET, S3Server

TEXTS = {
    "bridge.md": "# The Vale Bridge\n\nThe Vale Bridge was built by Hedda Brandt. It spans the river Orm.\n",
    "brandt.md": "# Hedda Brandt\n\nHedda Brandt was born in Kelso and taught by Ivo Lindqvist.\n",
    "lindqvist.md": "# Ivo Lindqvist\n\nIvo Lindqvist directed the Orm Institute in Kelso.\n",
}


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text)
    return folder


def open_kb(folder: Path, place: StoreSettings) -> KnowledgeBase:
    return KnowledgeBase(folder, settings={"store": place.model_dump()})


@pytest.fixture
def kb(tmp_path: Path, place: StoreSettings, documents: Path) -> KnowledgeBase:
    found = open_kb(tmp_path / "kb", place)
    found.index(documents)
    return found


def test_it_is_used_as_any_other(kb: KnowledgeBase, place: StoreSettings, documents: Path) -> None:
    first = kb.status()["snapshot"]
    assert "Brandt" in kb.query("Who built the Vale Bridge?").text
    assert kb.doctor() == []
    kb.remove(documents / "lindqvist.md")
    assert (len(kb.documents()), kb.doctor()) == (2, [])
    kb.rollback(first)
    assert (len(kb.documents()), kb.doctor()) == (3, [])
    assert kb.index(documents).changes["unchanged"] == 3
    assert kb.status()["tables_at"] == place.uri


def test_the_folder_holds_no_table_and_no_secret(kb: KnowledgeBase) -> None:
    assert {path.name for path in kb.path.iterdir()} == {"snapshots", PLACE_FILE, "writer.lock"}
    stored = b"".join(path.read_bytes() for path in kb.path.rglob("*") if path.is_file())
    assert not [value for value in ACCESS.values() if value.encode() in stored]


def test_its_size_counts_the_tables_in_the_bucket(kb: KnowledgeBase) -> None:
    in_folder = sum(path.stat().st_size for path in kb.path.rglob("*") if path.is_file())
    assert kb.status()["disk_bytes"] > in_folder + 1000


def test_its_folder_is_no_source(kb: KnowledgeBase) -> None:
    assert kb.index(kb.path).changes["added"] == 0
    assert len(kb.documents()) == 3


def test_a_lost_view_is_made_anew_from_the_bucket(kb: KnowledgeBase) -> None:
    shutil.rmtree(kb.path / "snapshots" / kb.status()["snapshot"])
    kb.close()
    assert "Brandt" in kb.query("Who built the Vale Bridge?").text


def test_a_copy_of_the_folder_can_be_asked(kb: KnowledgeBase, tmp_path: Path, place: StoreSettings) -> None:
    shutil.copytree(kb.path, tmp_path / "copy")
    copy = open_kb(tmp_path / "copy", place)
    assert "Brandt" in copy.query("Who built the Vale Bridge?").text
    assert copy.doctor() == []


def test_what_an_outdated_copy_does_not_know_of_is_not_written_over(
    kb: KnowledgeBase, tmp_path: Path, place: StoreSettings, documents: Path
) -> None:
    shutil.copytree(kb.path, tmp_path / "copy")
    kb.remove(documents / "bridge.md")
    copy = open_kb(tmp_path / "copy", place)
    with pytest.raises(StoreError, match=rf"another folder, or by a copy of this one \({kb.path} on "):
        copy.remove(documents / "brandt.md")
    assert (len(kb.documents()), kb.doctor()) == (2, [])
    kb.remove(documents / "lindqvist.md")


def test_a_copy_writes_once_the_mark_of_the_other_is_removed(
    kb: KnowledgeBase, tmp_path: Path, place: StoreSettings, documents: Path
) -> None:
    shutil.copytree(kb.path, tmp_path / "copy")
    kb.remove(documents / "bridge.md")
    connect_to(place).drop_table(MARK)
    copy = open_kb(tmp_path / "copy", place)
    copy.remove(documents / "brandt.md")
    assert ({d.title for d in copy.documents()}, copy.doctor()) == ({"Ivo Lindqvist", "The Vale Bridge"}, [])
    with pytest.raises(StoreError, match="another folder"):
        kb.remove(documents / "lindqvist.md")


def test_tables_of_another_knowledge_base_are_left_alone(
    kb: KnowledgeBase, tmp_path: Path, place: StoreSettings, documents: Path
) -> None:
    other = open_kb(tmp_path / "other", place)
    with pytest.raises(StoreError, match=r"store\.uri"):
        other.index(documents)
    connect_to(place).drop_table(MARK)
    with pytest.raises(StoreError, match="holds tables already"):
        other.index(documents)
    assert kb.doctor() == []


def test_of_two_folders_that_take_a_prefix_at_once_one_gets_it(tmp_path: Path, place: StoreSettings) -> None:
    folders = [tmp_path / name for name in "abcd"]
    start, taken, refused = threading.Barrier(len(folders)), [], []

    def take(folder: Path) -> None:
        folder.mkdir()
        connection = connect_to(place)
        start.wait()
        try:
            claim_tables(folder, place, connection)
            taken.append(folder)
        except (LockedError, StoreError):
            refused.append(folder)

    threads = [threading.Thread(target=take, args=(folder,)) for folder in folders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(taken), len(refused)) == (1, 3)
    claim_tables(taken[0], place, connect_to(place))


@pytest.mark.parametrize("is_exchanged", [False, True], ids=["before", "after"])
def test_a_run_killed_around_the_exchange_of_the_mark_does_not_lock_its_folder_out(
    kb: KnowledgeBase, place: StoreSettings, monkeypatch: pytest.MonkeyPatch, is_exchanged: bool
) -> None:
    exchange = object_store._exchange

    def killed(*args: object) -> bool:
        if is_exchanged:
            exchange(*args)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(object_store, "_exchange", killed)
    with pytest.raises(KeyboardInterrupt):
        claim_tables(kb.path, place, connect_to(place))
    monkeypatch.setattr(object_store, "_exchange", exchange)
    claim_tables(kb.path, place, connect_to(place))
    assert len(json.loads((kb.path / PLACE_FILE).read_text())["marks"]) == 1


def test_tables_that_lie_elsewhere_than_the_settings_say_are_named(
    kb: KnowledgeBase, tmp_path: Path, place: StoreSettings, documents: Path
) -> None:
    with pytest.raises(SettingsError, match=f'names s3://{BUCKET}/elsewhere. To use them, set it to "{place.uri}"'):
        open_kb(kb.path, place.model_copy(update={"uri": f"s3://{BUCKET}/elsewhere"})).index(documents)
    with pytest.raises(SettingsError, match=f"its tables lie in {place.uri}, and store.uri is not set"):
        KnowledgeBase(kb.path).doctor()
    KnowledgeBase(tmp_path / "local").index(documents)
    with pytest.raises(SettingsError, match=r"its tables lie in .*local/lancedb"):
        open_kb(tmp_path / "local", place).index(documents)


def test_a_bucket_that_is_gone_is_named_and_nothing_else_is_advised(kb: KnowledgeBase, s3: S3Server) -> None:
    reader = kb._reader()
    reader.table("chunks")
    s3.forget_everything()
    for ask in (lambda: reader.read("documents"), lambda: reader.read("chunks", ["text"]), kb.doctor, kb.status):
        with pytest.raises(StoreError, match=f"there is no bucket '{BUCKET}'") as caught:
            ask()
        assert not isinstance(caught.value, CorruptStoreError)
    assert "Brandt" in kb.query("Who built the Vale Bridge?").text


def test_a_bucket_that_goes_while_it_is_written_to_is_named(tmp_path: Path, place: StoreSettings, s3: S3Server) -> None:
    rows = [{"text_hash": "a", "extractor": "test", "payload": "{}"}]
    with Store(tmp_path / "kb", place).writer() as writer:
        s3.forget_everything()
        with pytest.raises(StoreError, match="there is no bucket"):
            writer.add("facts", rows)


def test_tables_that_were_deleted_are_missed(kb: KnowledgeBase, place: StoreSettings, documents: Path) -> None:
    for name in SCHEMAS:
        connect_to(place).drop_table(name)
    assert "table documents" in " ".join(kb.doctor())
    (documents / "new.md").write_text("# New\n\nThe Orm Institute moved to Harrow.\n")
    with pytest.raises(CorruptStoreError, match=r"is missing. To go on, index again into a new folder"):
        kb.index(documents)


def test_missing_credentials_are_named(
    tmp_path: Path, place: StoreSettings, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ACCESS:
        monkeypatch.delenv(name)
    with pytest.raises(StoreError, match="AWS_ACCESS_KEY_ID"):
        open_kb(tmp_path / "kb", place).index(documents)


def test_a_server_that_is_not_there_is_named(tmp_path: Path, place: StoreSettings, documents: Path) -> None:
    nowhere = place.model_copy(update={"endpoint": "http://127.0.0.1:9"})
    with pytest.raises(StoreError, match=r"127\.0\.0\.1:9 cannot be reached"):
        open_kb(tmp_path / "kb", nowhere).index(documents)
