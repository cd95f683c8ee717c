import pytest

from graphrag_lite.query.headings import HeadingPath, heading_of, headings_among, label_of, labels_of
from graphrag_lite.records import Passage
from graphrag_lite.text.sentences import sentence_spans


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("## How to roll back", (2, "How to roll back")),
        ("Version 1.85.0\n====", (1, "Version 1.85.0")),
        ("Language\n-----", (2, "Language")),
        ("EXIT STATUS", (2, "EXIT STATUS")),
        ("#incident-billing", None),
        ("STOP!", None),
        ("WARD: LARCH", None),
        ("Press the button.", None),
        ("JAXR API的代号是JSR 93。", None),
    ],
)
def test_a_heading_is_marked_underlined_or_in_capitals(text, heading):
    assert heading_of(text) == heading


def test_a_heading_ends_those_of_its_level_and_below():
    path = HeadingPath("")
    for level, name in [(1, "Changes"), (2, "4.19"), (3, "Added"), (3, "Removed"), (2, "4.18")]:
        path.enter(level, name)
    assert path.names == ["Changes", "4.18"]


def test_headings_above_the_chunk_are_open_and_count_once():
    path = HeadingPath("Changes > 4.19")
    path.enter(3, "4.19")  # the levels of those above are not told
    path.enter(4, "Added")
    assert path.names == ["Changes", "4.19", "Added"]


@pytest.mark.parametrize(
    ("title", "source", "label"),
    [
        ("The Lease", "/docs/lease.txt", "The Lease"),
        ("", "/docs/lease.txt", "lease"),
        ("", "/docs/corpus.jsonl", ""),
        ("", "customers.CSV", ""),
    ],
)
def test_a_document_without_a_title_is_called_by_its_file_unless_that_holds_many(title, source, label):
    assert label_of(Passage("d", "c", "Text.", 0, 5, 1.0, (), title, source)) == label


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Chapter 4 Filters\n\nA filter lasts a year.", ["Chapter 4 Filters", None]),
        ("第四章 滤芯\n\n滤芯每年更换一次。", ["第四章 滤芯", None]),
        ("Chapter 4 Filters\nChapter 5 Belts\nChapter 6 Oil", [None, None, None]),
    ],
)
def test_the_line_of_a_chapter_is_a_heading_where_it_stands_alone(text, names):
    found = headings_among(text, sentence_spans(text))
    assert [heading[1] if heading else None for heading in found] == names


@pytest.mark.parametrize(
    ("title", "source", "labels"),
    [("Report", "in/ferry-fire.md", "Report\nferry-fire"), ("", "lease.txt", "lease"), ("Ada", "people.jsonl", "Ada")],
)
def test_a_document_is_named_by_its_title_and_its_file(title, source, labels):
    assert labels_of(Passage("d", "c", "Ned.", 0, 4, 1.0, title=title, source=source)) == labels
