import pytest

from graphrag_lite.query.extractive.items import begins_item, lacks_subject
from graphrag_lite.query.extractive.local import answer_from_passages
from graphrag_lite.records import Passage

STAFF = """# Staff

- **Ada Quill**, clerk. Pays the wages of the keepers. Studied law in Skien.
- **Ned Marsh**, guard.
- **Bo Lund**, cook. Bakes bread on Sundays.
"""


@pytest.mark.parametrize(
    ("sentence", "is_one"),
    [
        ("Pays the wages.", True),
        ("Studied law.", True),
        ("Won the prize.", True),
        ("Has a piano.", True),
        ("Wages are paid on Friday.", False),
        ("Keepers of the lamp sleep.", False),
        ("She pays the wages.", False),
        ("The clerk pays.", False),
        ("Clerk.", False),
    ],
)
def test_a_sentence_may_lack_its_subject(sentence: str, is_one: bool) -> None:
    assert lacks_subject(sentence) is is_one


def test_an_item_begins_with_a_mark() -> None:
    assert [begins_item(line) for line in ("- Ada", "2. Ada", "-o prints", "Ada - clerk")] == [True, True, False, False]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Who pays the wages of the keepers?", "Ada Quill"),
        ("Who bakes bread on Sundays?", "Bo Lund"),
        ("What did Ada Quill study?", "law"),
        ("Where did Ada Quill study?", "Skien"),
    ],
)
def test_a_later_sentence_of_an_item_is_of_whom_the_item_names(question: str, answer: str) -> None:
    found = answer_from_passages(question, [Passage("d", "c", STAFF, 0, len(STAFF), 1.0)])
    assert found.is_supported
    assert answer in found.text
    assert sum(name in found.text for name in ("Ada Quill", "Ned Marsh", "Bo Lund")) == 1
