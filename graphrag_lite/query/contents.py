"""What a snapshot holds, row by row: documents, chunks, entities, relationships, communities, reports and merges."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from graphrag_lite.errors import NotFoundError
from graphrag_lite.query.filters import Filter
from graphrag_lite.query.provenance import permitted_entities, permitted_relationships, with_degrees
from graphrag_lite.query.session import Session
from graphrag_lite.records import (
    Chunk,
    Claim,
    Community,
    CommunityReport,
    Document,
    Entity,
    Failure,
    Merge,
    Relationship,
)
from graphrag_lite.store.rows import row_to_community, row_to_report


class Contents:
    """The tables of one open snapshot as records.

    Args:
        session: The snapshot; what a filter leaves of it is its answer too.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def document(self, document_id: str) -> Document:
        """A stored document with its text."""
        rows = self._session.reader.read("documents", where=_is("document_id", document_id)).to_pylist()
        if not rows:
            raise NotFoundError(f"no document {document_id!r}. grl status counts them, grl retrieve names some")
        origin = self._session.reader.read("origins", ["source"], where=_is("document_id", document_id)).to_pylist()
        return _document(rows[0], origin[0]["source"] if origin else "")

    def documents(self) -> list[Document]:
        """All documents without their text."""
        names = ["document_id", "title", "metadata"]
        sources = dict(self._rows("origins", "document_id", "source"))
        rows = self._session.reader.read("documents", names).sort_by("document_id").to_pylist()
        return [_document(row, sources.get(row["document_id"], "")) for row in rows]

    def document_ids(self, source: str) -> list[str]:
        """Ids of what was read from a source, also where a copy from elsewhere stands for it."""
        path = Path(source).absolute().as_posix()
        where = f"{_is('source', source)} OR {_is('source', path)}"
        rows = self._session.reader.read("sources", ["document_ids", "failures"], where).to_pylist()
        if not rows:
            raise NotFoundError(f"no document, chunk or source {source!r}. grl retrieve names some")
        if not rows[0]["document_ids"]:
            raise NotFoundError(f"{source}: {'; '.join(rows[0]['failures'])}")
        return sorted(rows[0]["document_ids"])

    def chunk(self, chunk_id: str) -> Chunk:
        """A stored chunk."""
        rows = self._session.reader.read("chunks", where=_is("chunk_id", chunk_id)).to_pylist()
        if not rows:
            raise NotFoundError(f"no chunk {chunk_id!r}. grl retrieve names some")
        row = rows[0]
        names = ("document_id", "ordinal", "start", "end", "text", "text_hash", "headings", "page")
        return Chunk(chunk_id, *(row[name] for name in names))

    def entities(self, where: Filter | None = None) -> list[Entity]:
        """Entities, most frequent first; with a filter only what permitted documents say of them."""
        found = self._entities()
        permitted = self._session.permitted(where)
        if permitted is not None:
            of_key = {key: entity_id for entity_id, keys in self._rows("entities", "entity_id", "keys") for key in keys}
            namings: dict[str, list[tuple[str, str, str]]] = {}
            for document_id, chunk_id, key, entity in self._rows(
                "mentions", "document_id", "chunk_id", "key", "entity_key"
            ):
                namings.setdefault(of_key.get(entity, ""), []).append((document_id, chunk_id, key))
            names = dict(self._rows("vocabulary", "key", "name"))
            found = permitted_entities(found, namings, names, permitted.document_ids)
            found = with_degrees(found, self.relationships(where))
        return sorted(found, key=lambda e: (-e.frequency, e.name, e.id))

    def _entities(self) -> list[Entity]:
        names = ("entity_id", "name", "type", "description", "aliases", "frequency", "degree")
        return [
            Entity(entity_id, name, type_, said, tuple(aliases), frequency, degree)
            for entity_id, name, type_, said, aliases, frequency, degree in self._rows("entities", *names)
        ]

    def relationships(self, where: Filter | None = None) -> list[Relationship]:
        """Relationships, heaviest first; with a filter those that permitted documents support."""
        names = ("relationship_id", "source_id", "target_id", "description", "weight", "chunk_ids")
        found = [
            Relationship(relationship_id, source, target, said, weight, tuple(ids))
            for relationship_id, source, target, said, weight, ids in self._rows("relationships", *names)
        ]
        permitted = self._session.permitted(where)
        if permitted is not None:
            document_of = dict(self._rows("chunks", "chunk_id", "document_id"))
            found = permitted_relationships(found, document_of, permitted.document_ids)
        return sorted(found, key=lambda r: (-r.weight, r.source_id, r.target_id))

    def claims(self, where: Filter | None = None) -> list[Claim]:
        """Claims, those of the entity with most of them first; with a filter those that permitted documents make."""
        names = ("claim_id", "subject_id", "description", "chunk_id", "object_id", "type", "status")
        found = [Claim(*row) for row in self._rows("claims", *names)]
        permitted = self._session.permitted(where)
        if permitted is not None:
            document_of = dict(self._rows("chunks", "chunk_id", "document_id"))
            found = [claim for claim in found if document_of.get(claim.chunk_id) in permitted.document_ids]
        counts = Counter(claim.subject_id for claim in found)
        return sorted(found, key=lambda c: (-counts[c.subject_id], c.subject_id, c.type, c.id))

    def communities(self, level: int | None = None, where: Filter | None = None) -> list[Community]:
        """Communities, largest first; with a filter those that only permitted documents went into."""
        at_level = None if level is None else f"level = {int(level)}"
        rows = self._session.reader.read("communities", where=at_level).to_pylist()
        if where is not None:
            permitted = {report.community_id for report in self.reports(level, where)}
            rows = [row for row in rows if row["community_id"] in permitted]
        return sorted(map(row_to_community, rows), key=lambda c: (c.level, -len(c.entity_ids), c.id))

    def reports(self, level: int | None = None, where: Filter | None = None) -> list[CommunityReport]:
        """Community reports, highest rating first; with a filter those that only permitted documents went into."""
        rows = self._session.reports_table.to_pylist()
        permitted = self._session.permitted(where)
        rows = [
            row
            for row in rows
            if level in (None, row["level"])
            and (permitted is None or permitted.document_ids.issuperset(row["document_ids"]))
        ]
        return sorted(map(row_to_report, rows), key=lambda r: (r.level, -r.rating, r.community_id))

    def merges(self) -> list[Merge]:
        """Every merge of names."""
        return sorted(
            (Merge(*row) for row in self._rows("decisions", "merge_id", "key", "into", "reason", "scope", "undone")),
            key=lambda merge: (merge.scope, merge.into, merge.key),
        )

    def status(self) -> dict[str, Any]:
        """Counts, size, snapshot, models and failures as plain values."""
        session = self._session
        sources = self._rows("sources", "source", "failures")
        return {
            "path": str(session.snapshots.folder.parent),
            "snapshot": session.manifest.id,
            "created_at": session.manifest.created_at,
            "snapshots": len(session.snapshots.ids()),
            "recipe": session.manifest.recipe.get("name", ""),
            "counts": dict(session.manifest.counts),
            "tables_at": session.reader.store.tables_at,
            "disk_bytes": session.reader.stored_bytes(),
            "models": dict(session.manifest.models),
            "vectors": [
                dict(held) | {"is_used": table == session.manifest.vector_table}
                for table, held in sorted(session.manifest.vectors.items())
            ],
            "failures": [
                *(asdict(Failure(source, why)) for source, reasons in sorted(sources) for why in reasons or ()),
                *map(dict, session.manifest.failures),
            ],
        }

    def _rows(self, table: str, *names: str) -> list[tuple[Any, ...]]:
        columns = self._session.reader.read(table, names)
        return list(zip(*(columns[name].to_pylist() for name in names), strict=True))


def _is(column: str, value: str) -> str:
    from graphrag_lite.store.tables import quote

    return f"{column} = {quote(value)}"


def _document(row: Mapping[str, Any], source: str) -> Document:
    offsets = row.get("offset_map") or []
    return Document(
        row.get("text", ""),
        row["document_id"],
        row["title"] or "",
        source,
        json.loads(row["metadata"] or "{}"),
        tuple(row.get("pages") or ()),
        tuple(zip(offsets[::2], offsets[1::2], strict=True)),
    )
