import random
import unicodedata

import pytest

from graphrag_lite.index.clean import clean_document, original_offset
from graphrag_lite.records import Document
from graphrag_lite.settings import CleanSettings

ON = CleanSettings()


def cleaned(text: str) -> str:
    return clean_document(Document(text), ON).text


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("L’été à Brest".encode().decode("cp1252", "ignore"), "L’été à Brest"),
        ("cafÃ© au lait\nplain line", "café au lait\nplain line"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\u200bb\ufeff\u00adc", "abc"),
        ("Mr.\u00a0Smith", "Mr. Smith"),
        ("e\u0301te\u0301", "été"),
        ("x \t\ny  ", "x\ny"),
        ("\n\na\n\n\n\n\n\nb\n", "a\n\n\nb"),
        ("a\x00\x07b\x1b[31mred\x1b[0m", "abred"),
        ("half \ud800 pair", "half \ufffd pair"),
        ("ﬁne ①", "ﬁne ①"),
        ("👩‍👧 می‌خواهم", "👩‍👧 می‌خواهم"),
        ("user authen\u2010\n   tication, FTP\nfile trans\u2010\nfer", "user authentication,\n   FTP\nfile transfer"),
        ("It is re-\nviewed, as reviewed before.", "It is reviewed,\nas reviewed before."),
        ("It is re-\nviewed.", "It is re-\nviewed."),
        ("a well-\nknown lamp, well-known", "a well-\nknown lamp, well-known"),
        ("a well\u2010known lamp, long\u2010\nterm", "a well\u2010known lamp, long\u2010\nterm"),
    ],
)
def test_text_is_repaired(given: str, expected: str) -> None:
    assert cleaned(given) == expected


@pytest.mark.parametrize("text", ["plain text", "Größe, naïve – “quoted” 灯塔。\n\nnext", "São Paulo Â à â", ""])
def test_clean_document_is_returned_as_it_is(text: str) -> None:
    document = Document(text, title="T")
    assert clean_document(document, ON) is document


def test_repair_can_be_off_but_for_half_surrogates() -> None:
    assert clean_document(Document("a\r\n\u200b"), CleanSettings(repair=False)).text == "a\r\n\u200b"
    assert clean_document(Document("\ud800"), CleanSettings(repair=False)).text == "\ufffd"


def test_offsets_lead_back_and_a_second_pass_changes_nothing() -> None:
    rng = random.Random(1)
    alphabet = ["a", "b", " ", "é", "e\u0301", "\r\n", "\n", "\n", "\t", "\u200b", "\u00a0", "\x00", "中"]
    for _ in range(1500):
        text = "".join(rng.choice(alphabet) for _ in range(rng.randrange(40)))
        document = clean_document(Document(text), ON)
        assert clean_document(document, ON).text == document.text
        for offset, character in enumerate(document.text):
            if character in "b中":
                assert text[original_offset(document.offset_map, offset)] == character


def test_offsets_lead_back_over_a_word_that_was_put_together() -> None:
    text = "The rent is re-\nviewed once. It is reviewed in May."
    document = clean_document(Document(text), ON)
    assert clean_document(document, ON).text == document.text
    at = document.text.index("once")
    assert text[original_offset(document.offset_map, at) :].startswith("once")


def test_pages_follow_the_text() -> None:
    pages = ("one  \r\n\u200b", "two\r\n\r\n\r\n\r\n\r\n", "three")
    starts = (0, len(pages[0]), len(pages[0] + pages[1]))
    document = clean_document(Document("".join(pages), pages=starts), ON)
    assert [document.text[p : p + 3] for p in document.pages] == ["one", "two", "thr"]


def test_title_is_tidied() -> None:
    title = unicodedata.normalize("NFD", " L’été\u00a0à\n Brest\u200b")
    assert clean_document(Document("x", title=title), ON).title == "L’été à Brest"
