"""Answers about the whole: a collection without a model, asked for its themes."""

import pytest

from graphrag_lite import Document, KnowledgeBase

STORY = [
    "The keeper Ann Archer climbed the tower every night and lit the lamp in the tower with oil. The lamp must burn "
    "until morning, because ships steer by the lamp of the tower.",
    "In winter the storm broke the glass of the tower. Ann Archer mended the glass with tin from the harbour, and the "
    "storm could not put out the glass lamp again.",
    "The council sold the boats of the harbour in spring. A boat needs a crew, and the crew of every boat had gone to "
    "the city, so the boats stood empty.",
    "At last Ben Baker bought a boat and brought the crew home. The harbour should keep its boats, he said, and the "
    "crew believed that the harbour has a future with boats.",
]
LICENCE = (
    "This ebook is distributed under the terms of the Open Shelf License. You may copy the ebook under that license. "
    "The Open Shelf trademark may only be used with permission, and all rights are reserved under copyright law. "
    "The Open Shelf License must stay with every copy of the ebook because the copyright holder needs it."
)


@pytest.fixture(scope="module")
def kb(tmp_path_factory):
    with KnowledgeBase(tmp_path_factory.mktemp("kb"), settings={"embedding": {"model": "none"}}) as kb:
        book = "\n\n".join([*(f"{part}\n\n{part.replace('Ann Archer', 'She')}" for part in STORY * 3), LICENCE])
        kb.index([Document(book, id="book", title="The Lamp")])
        yield kb


def test_the_licence_is_no_theme(kb):
    answer = kb.query("What are the main themes?")
    assert answer.mode == "global"
    assert answer.citations
    assert "License" not in answer.text


def test_no_report_quotes_the_licence(kb):
    reports = kb.reports()
    assert any(report.findings for report in reports)
    assert not [f.text for report in reports for f in report.findings if "License" in f.text]


def test_the_licence_answers_a_question_for_it(kb):
    assert "License" in kb.query("Which license is the ebook distributed under?").text


def test_the_first_line_says_what_the_collection_is(kb):
    first = kb.query("What is this book about?").text.splitlines()[0]
    assert first.startswith("1 document, most often about")
    assert "Ben Baker" in first


def test_every_citation_stands_in_the_document(kb):
    answer = kb.query("What are the main themes?")
    text = kb.document("book").text
    assert all(text[c.start : c.end] == c.text for c in answer.citations)
    assert answer.dropped_citations == 0


def test_a_story_is_told_in_its_order(kb):
    places = [c.start for c in kb.query("Summarise the story").citations]
    assert len(places) > 2
    assert places == sorted(places)


def test_the_members_of_a_kind_are_listed_with_what_is_said_of_them(tmp_path):
    texts = [
        "Fenn Pumps Ltd is a company in Millbeck that casts pumps. Mr Ben Baker runs it.",
        "Orme Seals Ltd sells carbon rings to Fenn Pumps Ltd. Mr Tom Wray is its manager.",
        "The Harbour Board owns the dock. Mr Ben Baker spoke to the Harbour Board in March.",
    ]
    with KnowledgeBase(tmp_path / "kb", settings={"embedding": {"model": "none"}}) as kb:
        kb.index([Document(text, id=f"d{n}") for n, text in enumerate(texts)])
        answer = kb.query("Which companies appear in the documents?")
    assert answer.mode == "global"
    assert "**Fenn Pumps" in answer.text
    assert "**Orme Seals" in answer.text
    assert "**Harbour Board" not in answer.text


def test_passages_hold_what_an_overview_cites(tmp_path):
    documents = [Document(text * 2, id=f"d{n}") for n, text in enumerate(STORY * 2)]
    lamps = [Document(f"Lamp {n} of the main themes.", id=f"lamp{n}") for n in range(40)]
    with KnowledgeBase(
        tmp_path / "kb", settings={"embedding": {"model": "none"}, "clean": {"near_duplicates": 0}}
    ) as kb:
        kb.index([*documents, *lamps])
        answer = kb.query("What are the main themes?", mode="global")
    assert answer.citations
    assert {c.chunk_id for c in answer.citations} <= {p.chunk_id for p in answer.passages}
    assert len(answer.passages) == 20


OTHERS = [
    Document(f"The meeting of day {n} spoke of invoices, budgets and the invoices of the budget year. " * 3, id=f"m{n}")
    for n in range(12)
]


def test_an_overview_of_a_named_document_quotes_no_other(tmp_path):
    with KnowledgeBase(tmp_path / "kb", settings={"embedding": {"model": "none"}}) as kb:
        book = "\n\n".join(f"{part}\n\n{part.replace('Ann Archer', 'She')}" for part in STORY * 3)
        kb.index([Document(book, id="book", title="The Lamp"), *OTHERS])
        answer = kb.query("What is The Lamp about?")
        assert (answer.mode, answer.mode_reason) == ("global", "the question asks what “The Lamp” is about")
        assert {citation.document_id for citation in answer.citations} == {"book"}
        assert ", quoted from 1 document:" in answer.text.splitlines()[0]


TERMS = "\n\n".join(
    f"{number}. You may copy the software and its source under the terms of this License. The copyright holder of the "
    f"software grants the license, and each contributor of the source keeps the copyright."
    for number in range(1, 9)
)


def test_a_licence_among_other_documents_is_no_theme(tmp_path):
    with KnowledgeBase(tmp_path / "kb", settings={"embedding": {"model": "none"}}) as kb:
        story = "\n\n".join(f"{part}\n\n{part.replace('Ann Archer', 'She')}" for part in STORY * 12)
        kb.index([Document(story, id="book", title="The Lamp"), Document(TERMS, id="terms", title="LICENSE")])
        answer = kb.query("What are the main themes?")
        assert {citation.document_id for citation in answer.citations} == {"book"}
        assert "License" in kb.query("What does the License say of the source?").text


def test_a_collection_of_licences_has_them_for_themes(tmp_path):
    with KnowledgeBase(tmp_path / "kb", settings={"embedding": {"model": "none"}}) as kb:
        kb.index([Document(TERMS, id="a"), Document(TERMS.replace("software", "font"), id="b")])
        assert kb.query("What are the main themes?").citations
