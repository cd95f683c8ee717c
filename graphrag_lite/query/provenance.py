"""Entities and relationships as far as permitted documents support them, and in no other words than theirs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from graphrag_lite.records import Entity, Relationship

Naming = tuple[str, str, str]  # document id, chunk id, key of the name


def permitted_entities(
    entities: Iterable[Entity],
    namings: Mapping[str, Sequence[Naming]],
    names: Mapping[str, str],
    documents: frozenset[str],
) -> list[Entity]:
    """Entities that permitted documents name: called as they call them, counted as they mention them.

    A description is kept only where no other document names the entity, since any may have gone into it.

    Args:
        entities: All.
        namings: Where each entity is named, by its id.
        names: Spelling of a name by its key.
        documents: Ids of the permitted ones.
    """
    found = []
    for entity in entities:
        own = [naming for naming in namings.get(entity.id, ()) if naming[0] in documents]
        if not own:
            continue
        keys = Counter(key for _, _, key in own)
        best = min(keys, key=lambda key: (-keys[key], -len(key), key))
        spellings = sorted({names.get(key, key) for key in keys})
        name = entity.name if entity.name in spellings else names.get(best, best)
        is_own = len(own) == len(namings[entity.id])
        found.append(
            replace(
                entity,
                name=name,
                aliases=tuple(spelling for spelling in spellings if spelling != name),
                description=entity.description if is_own else "",
                frequency=len({chunk_id for _, chunk_id, _ in own}),
                degree=entity.degree if is_own else 0,
            )
        )
    return found


def permitted_relationships(
    relationships: Iterable[Relationship], document_of: Mapping[str, str], documents: frozenset[str]
) -> list[Relationship]:
    """Relationships with evidence in permitted documents, and that evidence only.

    Args:
        relationships: All.
        document_of: Document id by chunk id.
        documents: Ids of the permitted ones.
    """
    found = []
    for link in relationships:
        own = tuple(chunk_id for chunk_id in link.chunk_ids if document_of.get(chunk_id) in documents)
        if own:
            share = len(own) / len(link.chunk_ids)
            description = link.description if share == 1 else ""
            found.append(replace(link, chunk_ids=own, description=description, weight=link.weight * share))
    return found


def with_degrees(entities: Iterable[Entity], relationships: Iterable[Relationship]) -> list[Entity]:
    """Entities with the number of the given relationships."""
    degree: defaultdict[str, int] = defaultdict(int)
    for link in relationships:
        degree[link.source_id] += 1
        degree[link.target_id] += 1
    return [replace(entity, degree=degree[entity.id]) for entity in entities]
