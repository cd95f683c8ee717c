import pytest

from graphrag_lite.query.asked import read_question
from graphrag_lite.query.extractive.local import answer_from_passages
from graphrag_lite.query.extractive.speakers import speaker_at, speaking_first
from graphrag_lite.records import Passage

ASKED = "ADA QUILL: What should everyone learn?\n\n"
BEFORE = "BEN HALE: I taught for years, and I had good teachers myself.\n\n"
LATER = "In the future everybody will learn to code, and a baker will program the sign above the shop."
INTERVIEW = f"{ASKED}{BEFORE}{LATER}"


def passages(text=INTERVIEW):
    cut = text.index(LATER)
    parts = [(0, text[:cut]), (cut, text[cut:])]
    return [Passage("d", f"c{start}", part, start, start + len(part), 1.0) for start, part in parts]


def answer(question, text=INTERVIEW):
    return answer_from_passages(question, passages(text), document_text=lambda document_id: text)


@pytest.mark.parametrize("verb", ["say", "think", "believe"])
def test_what_another_says_in_a_later_passage_is_no_answer(verb):
    assert not answer(f"What does Ada Quill {verb} about the future of code?").is_supported


@pytest.mark.parametrize("verb", ["say", "think", "believe"])
def test_what_somebody_says_in_a_later_passage_is(verb):
    found = answer(f"What does Ben Hale {verb} about the future of code?")
    assert found.is_supported
    assert "learn to code" in found.text


def test_a_label_is_that_of_a_speaker_only_where_the_one_asked_about_has_one():
    note = f"Note: Ada Quill wrote this.\n\n{LATER}"
    question = read_question("What does Ada Quill say about code?")
    assert speaking_first(question, passages(note), lambda document_id: note) == {}
    assert speaking_first(question, passages(), lambda document_id: INTERVIEW) == {
        f"c{len(ASKED + BEFORE)}": "BEN HALE: "
    }


def test_nobody_is_looked_for_where_it_is_not_asked_what_is_said():
    question = read_question("When did Ada Quill mend the lamp?")
    assert speaking_first(question, passages(), lambda document_id: INTERVIEW) == {}


def test_the_last_label_before_a_place_tells_who_speaks():
    assert speaker_at(INTERVIEW, len(INTERVIEW)).strip() == "BEN HALE:"
    assert speaker_at(LATER, len(LATER), "BEN HALE: ") == "BEN HALE: "
    assert speaker_at(LATER, len(LATER)) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'A merry winter to the old man!' said Quill's nephew.", False),
        ("'A merry winter to my nephew!' said Quill.", True),
    ],
)
def test_the_words_of_a_relative_are_not_ones_own(text, expected):
    found = answer_from_passages("What did Quill say to his nephew?", [Passage("d", "c", text, 0, len(text), 1.0)])
    assert found.is_supported is expected
