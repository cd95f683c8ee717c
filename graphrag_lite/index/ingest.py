"""Bring the tables of sources and documents in line with what lies at the sources now.

Everything is found by comparing hashes: a source is new, changed, moved, gone or unchanged; a document is kept once
whatever the number of its sources.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any

from graphrag_lite.errors import InputError, NotFoundError
from graphrag_lite.index.clean import clean_document
from graphrag_lite.index.discover import SourceFile, glob_pattern, is_glob, source_name
from graphrag_lite.index.duplicates import signature
from graphrag_lite.index.fingerprints import loader_fingerprint, wants_model
from graphrag_lite.index.formats import suffix_format
from graphrag_lite.index.gone import find_gone
from graphrag_lite.index.hashing import fingerprint, text_id
from graphrag_lite.index.load import FILE_PROPERTIES, file_hash, read_source
from graphrag_lite.index.read_records import jsonable
from graphrag_lite.progress import Task
from graphrag_lite.records import Document, Failure
from graphrag_lite.settings import Settings
from graphrag_lite.store.tables import KEYS_IN_ONE_FILTER, slices
from graphrag_lite.store.writer import Writer
from graphrag_lite.text.tokens import estimate_tokens

_FLUSH_CHARACTERS = 8_000_000
_RECORDS = ("jsonl", "json", "csv")
_KEPT = "What was read from it earlier is kept"
_HALF_A_CHARACTER = "holds half of a character, which cannot be stored. Give it another name"
_OF_COPIES = FILE_PROPERTIES | {"author", "date", "description", "keywords", "subject", "tags"}


@dataclass(slots=True)
class Ingested:
    """What changed at the sources. `failures` also holds those that are still failing from an earlier run.

    `removed_tokens` are those of the chunks that went with their documents, where a model has read them.
    """

    added: int = 0
    changed: int = 0
    removed: int = 0
    moved: int = 0
    unchanged: int = 0
    removed_tokens: int = 0
    failures: list[Failure] = field(default_factory=list)

    @property
    def is_change(self) -> bool:
        """True when the tables differ from before."""
        return bool(self.added or self.changed or self.removed or self.moved)


@dataclass(slots=True)
class _Source:
    """A row of `sources`."""

    source: str
    root: str
    content_hash: str
    fingerprint: str
    document_ids: list[str]
    failures: list[str]


class Ingest:
    """One run over sources.

    Args:
        writer: Receives the rows.
        settings: `load` and `clean` are used.
    """

    def __init__(self, writer: Writer, settings: Settings) -> None:
        self.writer = writer
        self.settings = settings
        self.loader = loader_fingerprint(settings)
        self.result = Ingested()
        self._sources = {row["source"]: _Source(**row) for row in writer.read("sources").to_pylist()}
        known = writer.read("documents", ["document_id", "content_hash"])
        self._documents: dict[str, str] = dict(
            zip(known["document_id"].to_pylist(), known["content_hash"].to_pylist(), strict=True)
        )
        self._claimed: dict[str, str] = {}  # document id -> source that gave it in this run
        self._rows: dict[str, dict[str, Any]] = {}  # by document id, not yet written
        self._buffered = 0
        self._replaced: set[str] = set()
        self._touched: set[str] = set()
        self._fresh: dict[str, _Source] = {}

    def files(self, files: Sequence[SourceFile], task: Task) -> None:
        """Read what is new or changed among the files; drop what is gone from the directories they were found in."""
        for file in files:
            self._file(file)
            task.advance()
        self._flush()

    def documents(self, documents: Iterable[Document]) -> None:
        """Take documents that a program hands over; a source given again replaces what it gave before."""
        for document in documents:
            if not document.text.strip():
                raise InputError(f"document {document.id or document.source or '(no id)'}: has no text")
            if not _can_be_stored(document.id + document.source):
                name = document.id if not _can_be_stored(document.id) else document.source
                raise InputError(f"document {name!a}: its name {_HALF_A_CHARACTER}")
            source, content = document_source(document), document_content(document)
            if not self._is_unchanged(source, content):
                self._take(_Source(source, source, content, self.loader, [], []), [document], is_record=True)
        self._flush()

    def remove(self, sources: Collection[str]) -> None:
        """Forget sources and the documents that nothing else holds."""
        for source in sources:
            self.result.removed += 1
            self._touched.add(source)
            self._fresh.pop(source, None)

    def remove_named(self, name: str) -> None:
        """Forget what a person names: a source, a directory of sources, a glob or a document id.

        Raises:
            NotFoundError: Nothing here has that name.
        """
        absolute = source_name(Path(os.path.abspath(name)))
        found = [s for s in self._sources if s in (name, absolute) or PurePath(s).is_relative_to(absolute)]
        if not found and is_glob(name):
            found = list(filter(glob_pattern(absolute).fullmatch, self._sources))
        if found:
            self.remove(found)
            return
        holders = [row for row in self._sources.values() if name in row.document_ids]
        if not holders:
            raise NotFoundError(f"{name}: no source and no document of this name is in the knowledge base: grl status")
        self.result.removed += 1
        for row in holders:
            self._touched.add(row.source)
            rest = [document_id for document_id in row.document_ids if document_id != name]
            if rest or row.failures:
                self._fresh[row.source] = replace(row, document_ids=rest)

    def gone(self, files: Sequence[SourceFile], directories: Collection[str]) -> list[str]:
        """Known sources that lay where these files were found, or in these directories, and are no longer there."""
        return find_gone({name: row.root for name, row in self._sources.items()}, files, directories)

    def finish(self) -> Ingested:
        """Write the table of sources and drop documents without one."""
        self._flush()
        kept = {name: row for name, row in self._sources.items() if name not in self._touched} | self._fresh
        held = {document_id for row in kept.values() for document_id in row.document_ids}
        orphans = set(self._documents) - held
        self._count_moves()
        if self._touched:
            rows = [_as_row(row) for name, row in sorted(self._fresh.items())]
            self.writer.replace_keys("sources", self._touched, rows)
        if orphans:
            self._delete(orphans)
        self.result.failures = [Failure(name, reason) for name, row in sorted(kept.items()) for reason in row.failures]
        return self.result

    def _file(self, file: SourceFile) -> None:
        try:
            content = file_hash(file.path, self.settings.load)
        except InputError as error:
            reason = _without_name(error, file.source)
            if file.is_folder and any(source.startswith(f"{file.source}/") for source in self._sources):
                reason += f". {_KEPT}"
            self._take(_Source(file.source, file.root, "", self.loader, [], [reason]), [], is_record=False)
            return
        if not self._is_unchanged(file.source, content):
            row = _Source(file.source, file.root, content, self.loader, [], [])
            is_record = suffix_format(file.path.name) in _RECORDS
            self._take(row, read_source(file, self.settings.load), is_record=is_record)

    def _is_unchanged(self, source: str, content: str) -> bool:
        known = self._fresh.get(source) or self._sources.get(source)
        if known is None or known.content_hash != content or known.fingerprint != self.loader:
            return False
        self.result.unchanged += 1
        return True

    def _take(self, row: _Source, documents: Iterable[Document | Failure], *, is_record: bool) -> None:
        known = self._sources.get(row.source)
        seen = set(row.document_ids)
        for item in _guarded(documents, row.source):
            if isinstance(item, Failure):
                row.failures.append(item.reason)
                continue
            document = clean_document(item, self.settings.clean)
            document_id = document.id or _derived_id(document)
            if not _can_be_stored(document_id):
                row.failures.append(f"id {document_id!a} {_HALF_A_CHARACTER}")
                continue
            holder = self._claimed.setdefault(document_id, row.source)
            if document.id and holder != row.source and self._documents.get(document_id) != _content(document):
                row.failures.append(f"id {document_id!r} is already used by {holder}. Give one of them another id")
                continue
            if document.id and document_id in seen:
                row.failures.append(f"id {document_id!r} occurs twice; the first one is kept")
                continue
            if document_id not in seen:
                seen.add(document_id)
                row.document_ids.append(document_id)
            self._store(document_id, document, _kind(document, is_record))
        if row.failures and not row.document_ids and known is not None and known.document_ids:
            row.document_ids = known.document_ids
            row.failures[-1] += f". {_KEPT}"
        is_again = row.source in self._fresh
        self._touched.add(row.source)
        self._fresh[row.source] = row
        if is_again:
            return
        if known is None:
            self.result.added += 1
        elif known.document_ids != row.document_ids or known.content_hash != row.content_hash:
            self.result.changed += 1

    def _store(self, document_id: str, document: Document, kind: str) -> None:
        content = _content(document)
        known = self._documents.get(document_id)
        if known == content:
            return
        if known is not None:
            self._replaced.add(document_id)
        self._documents[document_id] = content
        self._rows[document_id] = {
            "document_id": document_id,
            "content_hash": content,
            "title": document.title,
            "text": document.text,
            "characters": len(document.text),
            "metadata": json.dumps(jsonable(document.metadata), ensure_ascii=False),
            "pages": list(document.pages),
            "offset_map": [offset for pair in document.offset_map for offset in pair],
            "has_given_id": bool(document.id),
            # An id that a person gave is a promise to keep the document, so it is never folded into a near copy.
            "signature": b"" if document.id else signature(document.text, kind),
        }
        self._buffered += len(document.text)
        if self._buffered > _FLUSH_CHARACTERS or len(self._rows) >= 5000:
            self._flush()

    def _flush(self) -> None:
        if self._replaced:
            self._delete(self._replaced)
            self._replaced = set()
        self.writer.add("documents", list(self._rows.values()))
        self._rows, self._buffered = {}, 0

    def _delete(self, document_ids: Collection[str]) -> None:
        if wants_model(self.settings):
            for part in slices(sorted(document_ids), KEYS_IN_ONE_FILTER):
                texts = self.writer.read_keys("chunks", part, ["text"])["text"].to_pylist()
                self.result.removed_tokens += sum(map(estimate_tokens, texts))
        for table in ("documents", "chunks", "mentions"):
            self.writer.delete_keys(table, document_ids)

    def _count_moves(self) -> None:
        """A source that went and one that came with the same bytes are one that moved."""
        gone = {self._sources[s].content_hash for s in self._touched if s in self._sources and s not in self._fresh}
        came = {row.content_hash for name, row in self._fresh.items() if name not in self._sources}
        moved = len((gone & came) - {""})
        self.result.moved = moved
        self.result.added -= moved
        self.result.removed -= moved


def _guarded(documents: Iterable[Document | Failure], source: str) -> Iterator[Document | Failure]:
    """The documents; a file that cannot be used becomes one failure, after what it gave until then."""
    try:
        yield from documents
    except InputError as error:
        yield Failure(source, _without_name(error, source))


def _without_name(error: InputError, source: str) -> str:
    return str(error).removeprefix(f"{source}: ")


def document_source(document: Document) -> str:
    """The name under which a document from a program is known."""
    return document.source or (f"document:{document.id}" if document.id else f"text:{_derived_id(document)}")


def _derived_id(document: Document) -> str:
    """The id of a document that was given none. One text under two tenants, by its metadata, is two documents."""
    stated = (fingerprint(dict(document.metadata)),) if document.metadata else ()
    return text_id(document.title, document.text, *stated)


def _kind(document: Document, is_record: bool) -> str:
    """What a filter may tell the document by; of a file not what it says of itself, which differs between copies."""
    told = {key: value for key, value in document.metadata.items() if is_record or key not in _OF_COPIES}
    return fingerprint(told) if told else ""


def document_content(document: Document) -> str:
    """What makes a document from a program new or unchanged."""
    return fingerprint(document.id, document.title, document.text, dict(document.metadata))


def _content(document: Document) -> str:
    return fingerprint(document.title, document.text, dict(document.metadata), document.pages)


def _can_be_stored(name: str) -> bool:
    """False for a name with half of a surrogate pair, as of JSON that was cut or a file name that is no UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _as_row(source: _Source) -> dict[str, Any]:
    return {name: getattr(source, name) for name in _Source.__slots__}
