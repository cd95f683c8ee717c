"""The sentences that a marker of a model's answer is shown with."""

from __future__ import annotations

from graphrag_lite.query.by_model.answer import cite_sources
from graphrag_lite.query.by_model.context import Context, passage_source
from graphrag_lite.query.by_model.markers import renumber
from graphrag_lite.records import Passage

TEXT = (
    "Ask any man of the town why Quill saw the face of Marrow in the old iron knocker of his own door that night. "
    "Quill and he were partners for many years in the harbour. Nobody ever said why they lived in so dark a house. "
    "Marrow was his partner, seven years dead, when Quill came home."
)
PARTNERS = "Quill and he were partners for many years in the harbour."


def quoted(answer: str, question: str, looked_for: str = "") -> list[str]:
    context = Context((passage_source(Passage("d", "c", TEXT, 0, len(TEXT), 1.0, (), "Quill", "quill.txt")),))
    return [one.text for one in cite_sources(renumber(answer, 1), context, question, looked_for)]


def test_a_marker_is_shown_with_the_sentence_that_says_most_of_what_it_is_cited_for() -> None:
    assert quoted("They were partners in the harbour for years [1].", "Who was Quill's partner?") == [PARTNERS]


def test_that_a_passage_does_not_say_something_is_quoted_from_none_of_its_sentences() -> None:
    answer = "They were partners in the harbour for years [1]. The passages do not say why [1]."
    assert quoted(answer, "Who was Quill's partner, and why?") == [PARTNERS]


def test_a_passage_in_another_language_is_quoted_by_the_words_of_the_translated_question() -> None:
    question, answer = "奎尔的合伙人是谁？", "奎尔（Quill）的合伙人是马罗（Marrow）[1]。"
    assert quoted(answer, question, f"{question} Who was Quill's partner?") == [
        "Marrow was his partner, seven years dead, when Quill came home."
    ]
    assert quoted(answer, question)[0].startswith("Ask any man")


def test_a_passage_that_shares_no_word_with_the_answer_is_quoted_whole() -> None:
    question = "奎尔的合伙人是谁？"
    assert quoted("是马罗[1]。", question, f"{question} Who was Quill's partner?") == [TEXT]
