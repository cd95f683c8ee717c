import pytest

from graphrag_lite.text.boilerplate import asks_for_boilerplate, is_licence, work_spans

STORY = "The keeper climbed the tower every night and lit the lamp, for the ships that came home late from the fishing."
LICENCE = (
    "This ebook is distributed under the terms of the Open Shelf License. You may copy it, give it away or re-use it "
    "under that license. The trademark may only be used with permission, and all rights reserved under copyright law."
)
LEGAL = (
    "If you paid a fee for access and do not agree to these terms, you may obtain a refund from the owner of copies."
)
CONTRACT = (
    "The supplier agrees to deliver four seals within thirty days. The cost of replacement falls on the supplier, the "
    "liability for damages on the buyer, unless one party concealed what it knew of a defect."
)


def is_kept(*texts):
    return [end > start for start, end in work_spans(texts)]


def test_a_licence_at_the_end_is_no_part_of_the_work():
    assert is_kept(STORY, STORY, STORY, LICENCE) == [True, True, True, False]


def test_legal_text_between_two_notices_goes_with_them():
    assert is_kept(*[STORY] * 6, LICENCE, LEGAL, LICENCE) == [True] * 6 + [False] * 3


def test_a_contract_is_no_boilerplate():
    assert is_kept(STORY, CONTRACT, STORY) == [True, True, True]


def test_a_document_about_licences_is_left_whole():
    assert is_kept(LICENCE, LICENCE, STORY) == [True, True, True]


def test_marks_of_the_start_and_the_end_bound_the_work():
    first = f"Produced by volunteers.\n*** START OF THE BOOK ***\n{STORY}"
    last = f"{STORY}\n*** END OF THE BOOK ***\nProduced by volunteers."
    (a, b), (c, d) = work_spans([first, last])
    assert first[a:b].strip() == STORY
    assert last[c:d].strip() == STORY


def test_what_stands_before_and_after_the_marks_is_left_out():
    texts = ["Front matter.", f"*** START OF IT ***\n{STORY}", STORY, STORY, f"{STORY}\n*** END OF IT ***", "Back."]
    assert is_kept(*texts) == [False, True, True, True, True, False]


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("What does the licence say?", True),
        ("Who holds the copyright?", True),
        ("版权归谁所有？", True),
        ("What are the main themes?", False),
        ("Who lit the lamp?", False),
    ],
)
def test_a_question_for_the_licence_is_known(question, asks):
    assert asks_for_boilerplate(question) is asks


@pytest.mark.parametrize(
    ("text", "name", "is_one"),
    [
        (LICENCE, "LICENSE", True),
        (f"{LICENCE} {STORY}", "shelf.txt", True),
        (f"{4 * CONTRACT} This licence covers data in the public domain.", "DATA_LICENSE.md", True),
        (f"{4 * CONTRACT} This licence covers data in the public domain.", "data.md", False),
        (f"{LICENCE} The licensee pays $400 a month.", "agreement.md", False),
        (STORY, "LICENSE", False),
        (CONTRACT, "contract.md", False),
    ],
)
def test_a_licence_is_known_by_its_words_or_its_name(text, name, is_one):
    assert is_licence([text], name) == is_one
