"""The knowledge graph as a networkx object, for people who want to look at it or compute on it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from graphrag_lite.records import Entity, Relationship

if TYPE_CHECKING:
    import networkx as nx


def build_graph(entities: Iterable[Entity], relationships: Iterable[Relationship]) -> nx.Graph:
    """An undirected graph of entity ids; node and edge attributes are plain values that every exporter can write.

    Relationships with an entity that is not given are left out. Node attributes: name, type, description, aliases
    (joined by "; "), frequency, degree. Edge attributes: id, description, weight, chunk_ids (joined by " ").
    """
    import networkx as nx

    graph: nx.Graph = nx.Graph()
    for entity in sorted(entities, key=lambda e: e.id):
        graph.add_node(
            entity.id,
            name=entity.name,
            type=entity.type,
            description=entity.description,
            aliases="; ".join(entity.aliases),
            frequency=entity.frequency,
            degree=entity.degree,
        )
    for link in sorted(relationships, key=lambda r: (r.source_id, r.target_id)):
        if link.source_id in graph and link.target_id in graph:
            graph.add_edge(
                link.source_id,
                link.target_id,
                id=link.id,
                description=link.description,
                weight=link.weight,
                chunk_ids=" ".join(link.chunk_ids),
            )
    return graph
