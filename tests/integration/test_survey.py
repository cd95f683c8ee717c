"""Questions for many documents that have a topic, from the files to the cited answer."""

import pytest

from graphrag_lite import Document, KnowledgeBase

LOG = {
    "crane": "The plate crane at Aldmoor dropped a load in June. The battery of its magnet had been flat since March.",
    "ferry": "A hose on the Aldmoor ferry burst in August. The hose was eleven years old, and the maker allows six.",
    "buoy": "A buoy broke its mooring off Aldmoor in December. The swivel had worn through where it rubbed a shackle.",
}
OTHER = {
    "fair": "The Aldmoor fair opens on Saturday with a band. Cakes are baked by the choir and sold beside the church.",
    "road": "The council of Aldmoor mends the coast road every spring. Its bridges were built by Ada Quill in 1931.",
    "choir": "The Aldmoor choir meets every Tuesday evening. Its director came from Ningchuan many years ago.",
}
QUESTION = "What weaknesses recur in the incident records?"


@pytest.fixture(scope="module")
def kb(tmp_path_factory):
    with KnowledgeBase(tmp_path_factory.mktemp("kb"), settings={"embedding": {"model": "none"}}) as kb:
        kb.index(
            [
                Document(text, id=name, source=f"log/incident-record-{name}.txt", metadata={"kind": name})
                for name, text in LOG.items()
            ]
            + [
                Document(text, id=name, source=f"town/{name}.txt", metadata={"kind": name})
                for name, text in OTHER.items()
            ]
        )
        yield kb


def test_a_survey_quotes_every_record_that_speaks_of_the_topic(kb):
    answer = kb.query(QUESTION, mode="global")
    assert {c.document_id for c in answer.citations} == set(LOG)
    assert answer.dropped_citations == 0


def test_a_survey_quotes_nothing_that_a_filter_hides(kb):
    answer = kb.query(QUESTION, mode="global", where={"kind": "ferry"})
    assert {c.document_id for c in answer.citations} == {"ferry"}
    assert "battery" not in answer.text
    assert all(passage.document_id == "ferry" for passage in answer.passages)


def test_a_topic_that_no_document_holds_is_not_known(kb):
    answer = kb.query("What do the documents say about volcanoes and earthquakes?", mode="global")
    assert not answer.citations
    assert answer.text.startswith("I do not know")
