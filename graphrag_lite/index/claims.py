"""The table of claims: what facts claim of an entity, once for every chunk that says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphrag_lite.index.entities import entity_id
from graphrag_lite.index.hashing import fingerprint, text_id
from graphrag_lite.index.vocabulary import Vocabulary
from graphrag_lite.records import Facts


def claim_rows(
    facts: Sequence[Facts], vocabulary: Vocabulary, entity_keys: Sequence[str], chunks_of: Mapping[str, Sequence[str]]
) -> list[dict[str, Any]]:
    """Rows of `claims`; those about nothing that is an entity are left out.

    Args:
        facts: What was stated.
        vocabulary: Names.
        entity_keys: Keys of all entities.
        chunks_of: Ids of the chunks with a text, by text hash.
    """
    known = set(entity_keys)

    def entity(name: str) -> str:
        entry = vocabulary.named(name)
        return entity_id(entry.entity_key) if entry and entry.entity_key in known else ""

    rows: dict[str, dict[str, Any]] = {}
    for one in facts:
        for claim in one.claims:
            subject = entity(claim.subject)
            for chunk_id in chunks_of.get(one.text_hash, ()) if subject else ():
                row = {
                    "claim_id": text_id("claim", subject, claim.description, chunk_id),
                    "subject_id": subject,
                    "object_id": entity(claim.object),
                    "type": claim.type,
                    "status": claim.status,
                    "description": claim.description,
                    "chunk_id": chunk_id,
                }
                rows[row["claim_id"]] = row | {"fingerprint": fingerprint(row)}
    return [rows[key] for key in sorted(rows)]
