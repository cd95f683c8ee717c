from graphrag_lite.index.facts_journal import facts_from_json, facts_to_json
from graphrag_lite.records import ExtractedEntity, ExtractedRelationship, Facts


def test_facts_survive_the_journal() -> None:
    facts = Facts("h", "x", (ExtractedEntity("A", "t", "d"),), (ExtractedRelationship("A", "B", "d", 2.0),))
    assert facts_from_json(facts_to_json(facts)) == facts
