import pytest

from graphrag_lite.query.cite import citation_of
from graphrag_lite.query.extractive.answer import ExtractiveAnswer
from graphrag_lite.query.extractive.ask import _shown
from graphrag_lite.records import Passage

PASSAGES = [Passage("doc", chunk_id, "text", 0, 4, 1.0) for chunk_id in "abcd"]


@pytest.mark.parametrize(
    ("cited", "shown"), [("", "ab"), ("a", "ab"), ("d", "ad"), ("bc", "bc"), ("acd", "acd")], ids=str
)
def test_what_is_cited_is_shown_before_what_ranks_better(cited, shown):
    citations = tuple(citation_of(passage, "1", 0, 4) for passage in PASSAGES if passage.chunk_id in cited)
    assert "".join(p.chunk_id for p in _shown(PASSAGES, 2, ExtractiveAnswer("", citations, True))) == shown
