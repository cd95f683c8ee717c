from __future__ import annotations

from contextlib import closing

from graphrag_lite.index.facts_journal import keep_facts, kept_facts
from graphrag_lite.llm.cache import ReplyCache
from graphrag_lite.records import Chunk, ExtractedClaim, ExtractedEntity, ExtractedRelationship, Facts

FACTS = Facts(
    "h",
    "x",
    (ExtractedEntity("A", "t", "d"),),
    (ExtractedRelationship("A", "B", "d", 2.0),),
    (ExtractedClaim("A", "d", "B", "t", "true"),),
)


def test_facts_are_found_by_text_and_by_who_read_it() -> None:
    chunks = [Chunk("c1", "d", 0, 0, 1, "A", "h"), Chunk("c2", "d", 1, 2, 3, "B", "another")]
    with closing(ReplyCache(":memory:")) as journal:
        keep_facts(journal, [FACTS])
        assert kept_facts(journal, "x", chunks) == {"h": FACTS}
        assert kept_facts(journal, "y", chunks) == {}
        assert kept_facts(journal, "x", chunks[1:]) == {}
