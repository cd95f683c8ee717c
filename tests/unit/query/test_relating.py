import pytest

from graphrag_lite.query.relating import relates, relation_of


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who is Ada Quill's teacher?", ("Ada Quill", "teacher")),
        ("Who was the first teacher of Ada Quill?", ("Ada Quill", "first teacher")),
        ("What is the name of Ada's nephew?", ("Ada", "nephew")),
        ("Who mended the lamp?", ("", "")),
        ("Where was Ada's teacher born?", ("", "")),
    ],
)
def test_whose_what_is_asked_for(question, expected):
    assert relation_of(question) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "Ned, Ada's nephew.",
        "Bob Finch, nephew to Ada Quill.",
        "Ada came with her nephew Ned.",
        "Ada's nephew, Ned, was late.",
        "The nephew of Ada was Ned.",
        "Ned is the favourite nephew of Ada.",
    ],
)
def test_a_name_beside_the_relation_answers(sentence):
    assert relates("Ada", "nephew", sentence)


@pytest.mark.parametrize(
    "sentence",
    ["Ada's nephew laughed.", "To the joy of Ada's nephew, Ada won.", "Ned, the nephew of Bob.", "Ned met Ada."],
)
def test_a_relation_without_a_new_name_does_not(sentence):
    assert not relates("Ada", "nephew", sentence)


@pytest.mark.parametrize(
    ("sentence", "is_told"),
    [
        ("Nephew: Ned Marsh", True),
        ("- **Nephew**: Ned Marsh", True),
        ("Nephew: to be named", False),
        ("Uncle: Ned Marsh", False),
        ("Nephews and nieces: Ned Marsh", False),
    ],
)
def test_a_label_names_who_stands_in_the_relation(sentence: str, is_told: bool) -> None:
    assert relates("Ada", "nephew", sentence) == is_told
