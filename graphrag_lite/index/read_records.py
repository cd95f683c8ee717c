"""JSON Lines, JSON and CSV: records that become documents, or tables and trees that become readable text."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from hashlib import blake2b
from itertools import islice
from pathlib import PurePath
from typing import Any

from graphrag_lite.errors import InputError
from graphrag_lite.index.render import Table, names_columns, render_row, render_table
from graphrag_lite.records import Document, Failure

_RESERVED = ("id", "title", "text", "metadata")
_MAX_FIELD = 1 << 30
_MOST_KEYS = 8  # that are named
_NO_TEXT = "has no `text`. Give it one, or remove it"


def read_jsonl(lines: Iterable[str | UnicodeDecodeError], source: str) -> Iterator[Document | Failure]:
    """A document a line; a line that is no record is a failure that names it.

    Where no record at all has a text, as of questions, or of texts in a field of another name, that is one failure.
    """
    taken: dict[str, tuple[int, bytes]] = {}
    lacking: list[int] = []  # while no record has a text
    first: Mapping[str, Any] = {}
    has_text = False
    for number, line in enumerate(lines, 1):
        if isinstance(line, str) and not line.strip():
            continue
        record = _json_line(line, number, source)
        if not has_text and isinstance(record, Mapping) and record.get("text") is None:
            first = first or record
            lacking.append(number)
            continue
        found = record if isinstance(record, Failure) else read_record(record, source, f"line {number}")
        if isinstance(found, Document) and not has_text:
            has_text = True
            yield from (_failure(source, n, _NO_TEXT) for n in lacking)
        yield from _unique(found, number, taken)
    if not has_text and len(lacking) > 1:
        keys = ", ".join(f"`{key}`" for key in islice(first, _MOST_KEYS)) or "nothing"
        yield Failure(
            source,
            f"none of its {len(lacking):,} records has a `text`: the first one has {keys}. "
            "Call the field with the text `text`",
        )
    elif not has_text:
        yield from (_failure(source, n, _NO_TEXT) for n in lacking)


def _json_line(line: str | UnicodeDecodeError, number: int, source: str) -> Any:
    """The value of a line; of one that cannot be read a `Failure`."""
    if isinstance(line, UnicodeDecodeError):
        return _failure(source, number, "is not UTF-8 text. Correct its encoding")
    try:
        return json.loads(_without_zeros(line).removeprefix("\ufeff").rstrip())
    except (ValueError, RecursionError) as error:
        return _failure(source, number, f"is not valid JSON ({_fault(error)}). Correct or remove it")


def read_json(text: str, source: str) -> Iterator[Document | Failure]:
    """The records of a JSON file, or its content as one readable document.

    Raises:
        InputError: The text is not JSON.
    """
    try:
        value = json.loads(_without_zeros(text))
    except RecursionError as error:
        raise InputError("is nested too deeply to be read. Flatten it") from error
    except ValueError as error:
        first = text.lstrip().partition("\n")[0].strip()
        if _is_record(_loads(first)):
            yield from read_jsonl(text.splitlines(), source)
            return
        raise InputError(f"is not valid JSON: {error}. Correct it, or name it .txt to read it as text") from error
    records = _records(value)
    if records is None:
        yield Document("\n".join(_flatten(value)), title=file_title(source), source=source)
        return
    taken: dict[str, tuple[int, bytes]] = {}
    for number, record in enumerate(records, 1):
        yield from _unique(read_record(record, source, f"record {number}"), number, taken)


def read_csv(lines: Iterable[str], source: str) -> Iterator[Document | Failure]:
    """A document a row where a column is called `text`, else one document with a line a row.

    Raises:
        InputError: The rows cannot be told apart.
    """
    csv.field_size_limit(_MAX_FIELD)
    stream = iter(lines)
    first = next(stream, "")
    rows = csv.reader(_chain(first, stream), delimiter=_delimiter(first))
    try:
        names = [name.strip() for name in next(rows, [])]
        lower = [name.lower() for name in names]
        if "text" not in lower:
            yield Document(_rows_text(names, rows), title=file_title(source), source=source)
            return
        keys = [name.lower() if name.lower() in _RESERVED else name for name in names]
        taken: dict[str, tuple[int, bytes]] = {}
        for row in rows:
            if any(row):
                record = {key: cell for key, cell in zip(keys, row, strict=False) if cell != ""}
                place = f"line {rows.line_num}"
                yield from _unique(read_record(record, source, place), rows.line_num, taken)
    except csv.Error as error:
        raise InputError(f"line {rows.line_num} is not valid CSV: {error}. Correct its quotes") from error


def read_record(record: Any, source: str, place: str) -> Document | Failure:
    """The document of a record: `text` required, `id`, `title`, `metadata` optional, all else is metadata."""
    if not isinstance(record, Mapping):
        return Failure(source, f'{place} is not an object with a text. Write {{"text": …}}')
    text = record.get("text")
    if not isinstance(text, str) or not text.strip():
        if text is None:
            return Failure(source, f"{place} {_NO_TEXT}")
        reason = "has an empty `text`" if text == "" else "has a `text` without text"
        return Failure(source, f"{place} {reason}. Give it one, or remove it")
    extra = {str(key): value for key, value in record.items() if key not in _RESERVED}
    given = record.get("metadata")
    if isinstance(given, str) and given.lstrip().startswith("{"):  # a CSV cell
        given = _loads(given)
    if isinstance(given, Mapping):
        extra |= {str(key): value for key, value in given.items()}
    elif given is not None:
        extra["metadata"] = given
    title = record.get("title")
    identity = record.get("id")
    return Document(
        text=text.replace("\r\n", "\n"),
        id="" if identity is None else str(identity).strip(),
        title="" if title is None else " ".join(str(title).split()),
        source=source,
        metadata=jsonable(extra),
    )


def file_title(source: str) -> str:
    """The words of a file's name, for a table: its rows hardly ever say what it is a table of."""
    title = " ".join(re.split(r"[\s_.\-]+", PurePath(source).stem)).strip()
    return title if re.search(r"[^\W\d_]{3}|[\u3400-\u9fff]{2}", title) else ""


def jsonable(value: Any) -> Any:
    """A copy that JSON can hold: dates as ISO text, no half surrogates, no NaN."""
    if isinstance(value, Mapping):
        return {jsonable(str(key)): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [jsonable(item) for item in value]
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def _unique(
    found: Document | Failure, number: int, taken: dict[str, tuple[int, bytes]]
) -> Iterator[Document | Failure]:
    """What was found, unless its id was given before: the same text again is nothing new, another is a failure."""
    if isinstance(found, Failure) or not found.id:
        yield found
        return
    digest = blake2b(found.text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    first, known = taken.setdefault(found.id, (number, digest))
    if first == number:
        yield found
    elif known != digest:
        yield _failure(found.source, number, f"has the id {found.id!r} of line {first}. Give it another")


def _fault(error: ValueError | RecursionError) -> str:
    """What is wrong and where in the line, which is all that the parser saw of the file."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg[:1].lower()}{error.msg[1:]} at character {error.pos + 1}"
    return "nested too deeply"


def _failure(source: str, number: int, reason: str) -> Failure:
    return Failure(source, f"line {number} {reason}")


def _without_zeros(text: str) -> str:
    """The text without zero bytes, which some writers leave between records and no JSON may hold."""
    return text.replace("\x00", "") if "\x00" in text else text


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_record(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("text"), str)


def _records(value: Any) -> list[Any] | None:
    """The records of a JSON value: itself, a list, or the only list inside an object; None when it holds none."""
    if _is_record(value):
        return [value]
    if isinstance(value, Mapping):
        lists = [item for item in value.values() if isinstance(item, list)]
        value = lists[0] if len(lists) == 1 else None
    return value if isinstance(value, list) and any(_is_record(item) for item in value) else None


def _flatten(value: Any, name: str = "") -> Iterator[str]:
    """Readable lines: a path and a value; a list of flat objects reads as a table."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flatten(item, f"{name} > {key}" if name else str(key))
    elif isinstance(value, list) and any(isinstance(item, (Mapping, list)) for item in value):
        for item in value:
            if isinstance(item, Mapping) and not any(isinstance(v, (Mapping, list)) for v in item.values()):
                row = render_row([str(key) for key in item], [_scalar(v) for v in item.values()])
                yield f"{name}: {row}" if name else row
            else:
                yield from _flatten(item, name)
    else:
        text = "; ".join(map(_scalar, value)) if isinstance(value, list) else _scalar(value)
        if text:
            yield f"{name}: {text}" if name else text


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _delimiter(line: str) -> str:
    return max(",;\t|", key=line.count)


def _chain(first: str, rest: Iterable[str]) -> Iterator[str]:
    yield first
    yield from rest


def _rows_text(names: list[str], rows: Iterable[list[str]]) -> str:
    out = io.StringIO()
    if not names_columns(names):
        return render_table(Table([names, *rows], False))
    for row in rows:
        line = render_row(names, [" ".join(cell.split()) for cell in row])
        if line:
            out.write(line + "\n")
    return out.getvalue().rstrip("\n") or "; ".join(names)
