"""Which document a question wants an overview of."""

from __future__ import annotations

import pytest

from graphrag_lite.query.named_document import named_document
from graphrag_lite.records import Passage


def passage(document_id: str, title: str = "", source: str = "") -> Passage:
    return Passage(document_id, f"c-{document_id}", "Text.", 0, 5, 1.0, (), title, source)


PASSAGES = [
    passage("carol", source="/books/a_christmas_carol.txt"),
    passage("lease", "Lease of the Kelder Dock (draft)"),
    passage("contract", "技术服务合同（节选）"),
    passage("main", source="/docs/main.md"),
    passage("record", source="/docs/invoices.jsonl"),
    passage("book", "Harbour Book"),
    passage("harbour", "Harbour"),
    passage("rules", "Rules of the Dock"),
    passage("rules of 1903", "Rules of the Dock"),
]


@pytest.mark.parametrize(
    ("question", "document_id"),
    [
        ("What is A Christmas Carol about?", "carol"),
        ("Summarize a christmas carol.", "carol"),
        ("What are the main ideas of “A Christmas Carol”?", "carol"),
        ("Give me an overview of the Lease of the Kelder Dock", "lease"),
        ("What is the Lease of the Kelder Dock (draft) about?", "lease"),
        ("技术服务合同主要讲了什么？", "contract"),
        ("总结一下《技术服务合同（节选）》", "contract"),
        ("What is the Harbour Book about?", "book"),
    ],
)
def test_an_overview_of_a_document_names_it_by_title_or_file(question: str, document_id: str) -> None:
    found = named_document(question, PASSAGES)
    assert found is not None
    assert found.document_id == document_id


@pytest.mark.parametrize(
    "question",
    [
        "Who wrote A Christmas Carol?",
        "What is A Christmas Carol?",
        "What does A Christmas Carol say about ghosts?",
        "What are the main themes?",
        "What are the invoices about?",
        "What are the Rules of the Dock about?",
        "技术服务合同的金额是多少？",
    ],
)
def test_other_questions_name_no_document_to_summarise(question: str) -> None:
    assert named_document(question, PASSAGES) is None
