from __future__ import annotations

import time

import pytest

from graphrag_lite.query.by_model.attribution import Attribution, attribute
from graphrag_lite.records import Passage

HARBOUR = (
    "The Leith Harbour Board was founded in 1887 by Ada Quill, a shipbuilder. She led it until 1902. "
    "A storm destroyed the north pier in 1911. It was finished again by the board in 1913 and stands today."
)
WORKS = "Ned Brannock worked at the Quill Works in Leith. He built the south pier in 1905. The gate was sold in 1920."
ZH = "奎尔公司成立于1998年，由张三创办。该公司现有员工320人，主要生产水泵。"
ASKED = "Who founded the board?"


def passage(text: str, document_id: str = "d1", start: int = 0) -> Passage:
    return Passage(document_id, f"{document_id}-{start}", text, start, start + len(text), 1.0, title="Piers")


def found_in(text: str, *passages: Passage, question: str = ASKED) -> Attribution | None:
    return attribute(text, passages or (passage(HARBOUR), passage(WORKS, "d2", 100)), question)


def cited(found: Attribution | None) -> list[tuple[str, str, str]]:
    return [(c.marker, c.document_id, c.text) for c in found.citations] if found else []


def test_a_marker_stands_behind_what_a_passage_says() -> None:
    said = "The Leith Harbour Board was founded by Ada Quill."
    found = found_in(said)
    assert found
    assert found.ending == " [1]"
    assert cited(found) == [("1", "d1", HARBOUR.split(" She ")[0])]
    assert found.told == "the model gave no sources, so they were found by comparing the words"


def test_a_citation_stands_where_it_says() -> None:
    found = found_in("Ned Brannock built the south pier.")
    assert found
    (citation,) = found.citations
    assert WORKS[citation.start - 100 : citation.end - 100] == citation.text
    assert citation.text == WORKS.split(" The gate")[0]


def test_all_that_is_borne_out_in_one_line_is_marked_at_its_end() -> None:
    found = found_in("Ada Quill founded the Leith Harbour Board. The north pier was destroyed in 1911.")
    assert found
    assert (found.ending, len(found.citations)) == (" [1]", 2)
    found = found_in("The gate was sold in 1920. The north pier was destroyed in 1911.")
    assert found
    assert found.ending == " [1][2]"


def test_what_alone_is_borne_out_is_named_again() -> None:
    found = found_in("The north pier was destroyed in 1911. Ada Quill wept. The gate was sold in 1920.")
    assert found
    assert (
        found.ending
        == "\n\nFound in the documents: “The north pier was destroyed in 1911.” [1] “The gate was sold in 1920.” [2]"
    )
    assert found.told.endswith("by comparing the words, for 2 of 3 sentences")


def test_items_of_a_list_and_what_leads_to_a_sentence_are_read_without_that() -> None:
    found = found_in(
        "1. According to the passages, the north pier was destroyed in 1911.\n2. **The gate was sold in 1920.**"
    )
    assert found
    assert found.ending.startswith("\n\nFound in the documents: “the north pier was destroyed in 1911.” [1] “")
    assert len(found.citations) == 2


def test_chinese_is_found_too() -> None:
    found = found_in("奎尔公司成立于1998年。该公司现有员工320人。", passage(ZH), question="公司何时成立？")
    assert found
    assert (found.ending, len(found.citations)) == ("[1]", 2)
    found = found_in("奎尔公司成立于1998年。张三很高兴。", passage(ZH), question="公司何时成立？")
    assert found
    assert found.ending == "\n\n见于文档： “奎尔公司成立于1998年。” [1]"


def test_a_pronoun_is_borne_out_only_behind_what_tells_whom_it_means() -> None:
    asked, going_on = "It was finished again by the board in 1913.", "The north pier was destroyed in 1911. "
    found = found_in(going_on + asked)
    assert found
    assert len(found.citations) == 2
    assert not found_in(asked)
    found = found_in("The gate was sold in 1920. " + asked)
    assert found
    assert len(found.citations) == 1


def test_a_sentence_without_a_name_is_borne_out_by_the_document_that_is_asked_for() -> None:
    said = "The company was founded in 1869."
    quill, other = passage(f"Quill Ltd makes pumps. {said}", "d1"), passage(f"Orde Ltd makes pumps. {said}", "d2")
    asked = "When was the company of Quill Ltd founded?"
    assert cited(found_in(said, other, quill, question=asked)) == [("1", "d1", said)]
    assert not found_in(said, other, question=asked)
    assert not found_in(said, other, quill, question="When was the company founded?")


@pytest.mark.parametrize(
    "text",
    [
        "It was Ada Quill.",
        "Ada Quill",
        "The Leith Harbour Board was founded by Ida Quill.",
        "The Leith Harbour Board was founded in 1888.",
        "Ada Quill was founded by the Leith Harbour Board.",
        "The Leith Harbour Board was not founded by Ada Quill.",
        "Der Hafenrat von Leith wurde 1887 von Ada Quill gegründet.",
        '{"answer_text": "The north pier was destroyed in 1911."}',
        "```\nThe north pier was destroyed in 1911.\n```",
        "",
    ],
)
def test_nothing_is_found_for_what_no_passage_says(text: str) -> None:
    assert found_in(text) is None


def test_an_answer_that_was_asked_for_as_json_is_left_alone() -> None:
    assert not found_in('["The north pier was destroyed in 1911."]', question="Which pier? Answer as JSON.")


@pytest.mark.parametrize(
    "said", ["The north pier was destroyed in {}. ", "Ada {} led Ned. ", "Ada led Ned until {}. ", "甲{}乙。"]
)
def test_long_answers_take_bounded_time(said: str) -> None:
    text = "".join(said.format(1900 + n) for n in range(600))
    passages = [passage(HARBOUR * 3 + "".join(said.format(1800 + n) for n in range(20)), f"d{n}") for n in range(30)]
    start = time.perf_counter()
    found_in(text, *passages)
    assert time.perf_counter() - start < 5  # the slowest of these takes a twentieth of a second
