from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from graphrag_lite.errors import StoreError
from graphrag_lite.llm.cache import ReplyCache
from graphrag_lite.llm.protocols import ChatReply
from graphrag_lite.records import Usage

_PAGE, _COUNT = 4096, 1500
_LEAF = 10  # how a page of rows begins, as opposed to one that leads to others


def key(number: int) -> str:
    return hashlib.blake2b(str(number).encode(), digest_size=20).hexdigest()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A cache of many pages."""
    path = tmp_path / "cache.sqlite"
    with closing(ReplyCache(path)) as cache:
        cache.spend("m", "extract", Usage(3, 0, 10, 2, None))
        with cache.transaction():
            for number in range(_COUNT):
                cache.store(key(number), ChatReply(f"reply {number} " + "x" * (number % 900)))
                cache.note("facts/2", f"llm/abc {key(number)}", "y" * (number % 300))
            cache.note("batch", "token", "一批")
    return path


def overwrite(path: Path, pages: Iterable[int]) -> None:
    with path.open("r+b") as file:
        for page in pages:
            file.seek(page * _PAGE)
            file.write(b"\xaa" * _PAGE)


def mended(path: Path) -> str:
    """What was told; the cache is sound then."""
    told: list[str] = []
    with closing(ReplyCache(path, on_mended=told.append)) as cache:
        assert cache.problems() == []
    return " ".join(told)


def test_a_sound_cache_is_left_alone(path: Path) -> None:
    before = path.read_bytes()
    assert mended(path) == ""
    assert path.read_bytes() == before
    assert [found.name for found in path.parent.iterdir()] == ["cache.sqlite"]


def test_all_that_can_be_read_is_saved_from_between_damaged_pages(path: Path) -> None:
    content = path.read_bytes()
    pages = [page for page in range(20, len(content) // _PAGE, 30) if content[page * _PAGE] == _LEAF]
    overwrite(path, pages)
    damaged = path.read_bytes()
    told = mended(path)
    assert "cache.sqlite was damaged" in told
    assert (path.parent / "cache.sqlite.damaged-1").read_bytes() == damaged
    with closing(ReplyCache(path)) as cache:
        found = {number: cache.find(key(number)) for number in range(_COUNT)}
        texts = {number: reply.text for number, reply in found.items() if reply}
        assert all(text.startswith(f"reply {number} ") for number, text in texts.items())
        assert _COUNT > len(texts) > _COUNT - 15 * len(pages)
        assert cache.all_notes("batch") == {"token": "一批"}
        assert [(row.calls, row.cost_usd) for row in cache.spending()] == [(3, None)]


@pytest.mark.parametrize("damage", ["head", "schema", "cut short", "no database"])
def test_whatever_is_left_there_is_a_cache_again(path: Path, damage: str) -> None:
    content = path.read_bytes()
    damaged = {
        "head": bytes(100) + content[100:],
        "schema": content[:100] + b"\xaa" * 3000 + content[3100:],
        "cut short": content[: len(content) // 2],
        "no database": b"no database" * 1000,
    }
    path.write_bytes(damaged[damage])
    assert "was damaged" in mended(path)
    assert mended(path) == ""


def test_what_is_left_of_a_file_that_was_cut_short_is_saved(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    mended(path)
    with closing(ReplyCache(path)) as cache:
        assert sum(cache.find(key(number)) is not None for number in range(_COUNT)) > _COUNT // 10


def test_rows_that_a_cache_cannot_have_written_are_not_saved(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("INSERT INTO spending VALUES ('2024-03-05', 'm', 'extract', 'many', 10, 2, NULL)")
        db.commit()
    overwrite(path, range(30, 40))
    mended(path)
    with closing(ReplyCache(path)) as cache:
        assert [row.calls for row in cache.spending()] == [3]


def test_who_has_the_damaged_file_open_goes_on_with_the_mended_one(path: Path) -> None:
    overwrite(path, range(30, 60))
    with closing(sqlite3.connect(path)) as other:
        with pytest.raises(sqlite3.DatabaseError):
            other.execute("SELECT count(length(text)) FROM replies").fetchone()
        mended(path)
        assert other.execute("SELECT count(length(text)) FROM replies").fetchone()[0] > 0
        other.execute("INSERT INTO notes VALUES ('space', 'key', 'value')")
        other.commit()
    with closing(ReplyCache(path)) as cache:
        assert cache.all_notes("space") == {"key": "value"}


def test_what_a_kill_has_left_of_mending_disturbs_nobody(path: Path) -> None:
    overwrite(path, range(30, 40))
    path.with_name("cache.sqlite.new").write_bytes(b"half of a file")
    mended(path)
    assert sorted(found.name for found in path.parent.iterdir()) == ["cache.sqlite", "cache.sqlite.damaged-1"]


def test_a_cache_that_there_is_no_room_to_mend_stays_and_says_what_to_do(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    overwrite(path, range(30, 40))
    damaged = path.read_bytes()
    monkeypatch.setattr("graphrag_lite.llm.mend.shutil.copyfile", fail)
    with pytest.raises(StoreError, match=r"cannot be mended.*No space.*Free disk space"):
        ReplyCache(path, on_mended=lambda told: None)
    assert path.read_bytes() == damaged
