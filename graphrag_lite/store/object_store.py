"""Tables under an s3:// URI: how to connect, which folder may write to them, and what errors of the server mean.

Everything else of a knowledge base stays in its folder: settings, manifests, the mapped view, the cache of replies.
So two folders could write to the same tables without seeing each other's lock. Therefore the tables carry a mark that
every writer exchanges for a new one, in one atomic step, and only the folder that knows the mark may do so: neither
another knowledge base nor an older copy of this one can write over what it does not know of.
"""

from __future__ import annotations

import json
import re
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa

from graphrag_lite.errors import CorruptStoreError, LockedError, SettingsError, StoreError
from graphrag_lite.settings import StoreSettings
from graphrag_lite.store.snapshots import now, write_durably

PLACE_FILE = "tables.json"
LOCAL_TABLES = "lancedb"
MARK = "writer"
_OLD_MARKS = timedelta(days=1)
# LanceDB itself asks six times more: a server that is silent is told of within a minute, and not after twelve.
_FIRST_LOOK = {"timeout": "10s", "client_max_retries": "0"}
# Errors of LanceDB are of Python's own classes, and only their words tell that they came from the server.
_OF_SERVER = re.compile(r'store: "|Generic S3 error|LanceError\(IO\)|Failed to connect to namespace|AWS credentials')
_CODE = re.compile(r"<Code>(\w+)</Code>")
_STATUS = re.compile(r"status(?: code)?: (\d{3})")
_NO_CONNECTION = (
    ("dns error", "its name is not known"),
    ("tcp connect error", "no connection"),
    ("Connection refused", "no connection"),
    ("timed out", "no answer in time"),
    ("TimedOut", "no answer in time"),
    ("error sending request", "the connection broke"),
)
_AS_BEFORE = "What was committed is untouched: run the same command again afterwards."


def connect_to(place: StoreSettings) -> Any:
    """A LanceDB connection to the tables; credentials come from where AWS tools have them, never from settings.

    Raises:
        StoreError: The server, the bucket or the credentials fail.
    """
    from graphrag_lite.store.lance import lancedb

    options = {"allow_http": "true"}  # of servers of one's own; without it http:// is refused wherever it is named
    options |= {"aws_endpoint": place.endpoint} if place.endpoint else {}
    options |= {"aws_region": place.region} if place.region else {}
    try:
        lancedb.connect(place.uri, storage_options=options | _FIRST_LOOK)
        return lancedb.connect(place.uri, storage_options=options)
    except (OSError, RuntimeError, ValueError) as error:
        raise explained(place, error) or StoreError(
            f"{place.uri}: cannot be opened. Check [store] of grl.toml"
        ) from None


def explained(place: StoreSettings, error: BaseException) -> StoreError | None:
    """What an error of an object store means for the reader; None where it is none, or an object is missing.

    Its own words are left out: they quote what was signed, and the id of the key.
    """
    words = str(error)
    meaning = _meaning(place, words) if place.uri and _OF_SERVER.search(words) else ""
    return StoreError(f"{place.uri}: {meaning} {_AS_BEFORE}") if meaning else None


def _meaning(place: StoreSettings, words: str) -> str:
    code, status = (next(iter(sign.findall(words)), "") for sign in (_CODE, _STATUS))
    server = place.endpoint or "AWS, or where AWS_ENDPOINT_URL says,"
    if code == "NoSuchBucket":
        return f"there is no bucket {bucket_of(place.uri)!r}. Make it, or correct store.uri."
    if status == "404" or code == "NoSuchKey":
        return ""
    if "AWS credentials" in words or "CredentialsNotLoaded" in words:
        return "no AWS credentials were found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE."
    if "resolve region" in words:
        return "the region of the bucket could not be found out. Check its name and the network, or set store.region."
    if "BareRedirect" in words or status == "301" or code == "AuthorizationHeaderMalformed":
        return "the bucket is in another region. Set store.region to its own."
    if status in ("401", "403") or "Token" in code:
        may = "that they may list, get, put and delete in this bucket"
        return f"access was refused ({code or status}). Check the AWS credentials, and {may}."
    reason = next((meaning for sign, meaning in _NO_CONNECTION if sign in words), "")
    if reason:
        return f"{server} cannot be reached ({reason}). Check the network and store.endpoint."
    told = " ".join(filter(None, [status, code]))
    return f"{server} failed ({told}). Try again later." if told else ""


def bucket_of(uri: str) -> str:
    """The bucket of an s3:// URI."""
    return uri.removeprefix("s3://").partition("/")[0]


def check_place(folder: Path, place: StoreSettings) -> None:
    """See that the settings name the place where the tables of this folder lie.

    Raises:
        SettingsError: They lie somewhere else.
    """
    noted = _noted(folder)
    local = folder / LOCAL_TABLES
    held = str(noted["uri"]) if noted else str(local) if local.exists() else ""
    named = place.uri or str(local)
    if held and held != named:
        says = f"names {place.uri}" if place.uri else "is not set"
        back = f'set it to "{held}"' if noted else "leave it out"
        raise SettingsError(
            f"{folder}: its tables lie in {held}, and store.uri {says}. To use them, {back}; to have tables in another "
            "place, index into a new folder: with cache.sqlite of this one in it, no reply of a chat model is paid for "
            "again."
        )


def claim_tables(folder: Path, place: StoreSettings, connection: Any) -> None:
    """Make sure that this folder is the one that writes to the tables; who calls holds the lock of the folder.

    Raises:
        StoreError: The tables are another folder's, or a copy of this folder has written to them since.
        LockedError: Another folder took them at this moment.
    """
    known = _marks(folder)
    tables = set(connection.list_tables().tables)
    mark = uuid4().hex
    if MARK in tables:
        found = connection.open_table(MARK).to_arrow().to_pylist()
        if not found or found[0]["mark"] not in known:
            raise StoreError(_of_another(place, found))
    elif tables and not known:
        raise StoreError(
            f"{place.uri}: holds tables already, and none that this knowledge base knows of. Choose a prefix of its "
            "own: store.uri"
        )
    # Noted before and after: whenever this process is killed, the folder knows the mark that the tables carry.
    _note(folder, place, [*known, mark])
    row = {
        "mark": mark,
        "host": socket.gethostname(),
        "folder": str(folder.resolve()),
        "since": now(),
    }
    if not _exchange(connection, MARK in tables, known, row):
        raise LockedError(f"{place.uri}: another knowledge base took these tables at this moment. Try again.")
    _note(folder, place, [mark])


def _exchange(connection: Any, is_there: bool, known: list[str], row: dict[str, str]) -> bool:
    """Put the new mark in the place of a known one; False where somebody else was quicker."""
    try:
        if is_there:
            table = connection.open_table(MARK)
            listed = ", ".join(f"'{one}'" for one in known)
            is_ours = bool(table.update(where=f"mark IN ({listed})", values=row).rows_updated)
            table.optimize(cleanup_older_than=_OLD_MARKS)
            return is_ours
        table = connection.create_table(MARK, pa.Table.from_pylist([row]))
        if table.version == 1:
            return True
        table.checkout(1)  # LanceDB lets the second of two that create a table at once overwrite the first
        table.restore()
    except (RuntimeError, ValueError) as error:
        if not re.search("already exists|conflict", str(error)):
            raise
    return False


def _of_another(place: StoreSettings, found: list[dict[str, Any]]) -> str:
    by = f"{found[0]['folder']} on {found[0]['host']}, last since {found[0]['since']}" if found else "another folder"
    at = f" --endpoint-url {place.endpoint}" if place.endpoint else ""
    return (
        f"{place.uri}: these tables are written by another folder, or by a copy of this one ({by}). Choose a prefix "
        "of its own for this knowledge base: store.uri. If from now on this folder alone shall write to them, remove "
        f"their mark: aws s3 rm --recursive {place.uri}/{MARK}.lance{at}"
    )


def _marks(folder: Path) -> list[str]:
    noted = _noted(folder)
    return [str(mark) for mark in noted["marks"]] if noted else []


def _noted(folder: Path) -> dict[str, Any] | None:
    path = folder / PLACE_FILE
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
        return {"uri": noted["uri"], "marks": list(noted["marks"])}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorruptStoreError(
            f"{path}: cannot be read ({error}). It names the place of the tables: restore it from a copy of the folder"
        ) from error


def _note(folder: Path, place: StoreSettings, marks: list[str]) -> None:
    write_durably(folder / PLACE_FILE, json.dumps({"uri": place.uri, "marks": marks}, indent=1))
