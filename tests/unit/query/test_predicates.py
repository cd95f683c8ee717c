import pytest

from graphrag_lite.query.defining import asks_to_define, subject_asked


@pytest.mark.parametrize(
    "question",
    [
        "Who is Ada Quill?",
        "who is ada quill?",
        "Who was Catherine of Aragon?",
        "Who are the Lamplighters?",
        "What is stored energy?",
        "What is machine learning?",
        "What is speed?",
        "What is a built-in lamp?",
        "What is rite of passage?",
        "What's the warranty?",
    ],
)
def test_a_name_alone_is_asked_the_definition_of(question: str) -> None:
    assert asks_to_define(question)


@pytest.mark.parametrize(
    "question",
    [
        "Who is on call this week?",
        "Who is absent next Monday?",
        "Who is leading the repair?",
        "Who is currently leading Fenn Pumps?",
        "Who was elected treasurer on 4 May?",
        "Who was chosen?",
        "Who is head of logistics?",
        "Who is not responsible for the doors?",
        "What is stored under the stairs?",
        "What is worn over the socks?",
        "What is holding the bridge?",
        "What is Ada building?",
        "What was approved by Ned?",
        "What is not covered by the warranty?",
        "What is forbidden?",
        "What are lamps made of?",
        "Who is Ada's sister?",
        "What is the size of a lamp?",
    ],
)
def test_what_is_told_of_somebody_is_no_name(question: str) -> None:
    assert not asks_to_define(question)


@pytest.mark.parametrize(
    ("question", "subject"),
    [("Who is Ada Quill?", "Ada Quill"), ('What is a "covered lamp"?', 'a "covered lamp'), ("Who left?", "Who left")],
)
def test_the_subject_of_a_definition_is_what_follows(question: str, subject: str) -> None:
    assert subject_asked(question) == subject
