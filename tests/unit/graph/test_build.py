from graphrag_lite.graph.build import build_graph
from graphrag_lite.records import Entity, Relationship


def test_nodes_and_edges_carry_their_attributes():
    entities = [Entity("b", "Bob", "person", aliases=("Bobby",), frequency=2), Entity("a", "Ann")]
    graph = build_graph(entities, [Relationship("r", "a", "b", "Ann knows Bob.", 2.0, ("c1", "c2"))])
    assert graph.nodes["b"]["name"] == "Bob"
    assert graph.nodes["b"]["aliases"] == "Bobby"
    assert graph.edges["a", "b"] == {"id": "r", "description": "Ann knows Bob.", "weight": 2.0, "chunk_ids": "c1 c2"}


def test_a_relationship_of_an_unknown_entity_is_left_out():
    assert build_graph([Entity("a", "Ann")], [Relationship("r", "a", "b")]).number_of_edges() == 0
