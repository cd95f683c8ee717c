import pytest

from graphrag_lite.query.works import family, readable_title, work_of
from graphrag_lite.records import Passage


def passage(title="", source=""):
    return Passage("doc", f"chunk-{title}{source}", "Text.", 0, 5, 1.0, title=title, source=source)


@pytest.mark.parametrize(
    ("title", "source", "shown"),
    [
        ("Version 1.95 (2026-04-16)", "", "Version 1.95 (2026-04-16)"),
        ("Building Node.js", "", "Building Node.js"),
        ("talk.txt", "", "talk"),
        ("", "/mail/2024-03-25-re-cutover.eml.txt", "2024-03-25 re cutover"),
        ("", "/chat/general-2024-07.txt", "General 2024-07"),
        ("", "/talks/DavidBaker-part3.txt", "David Baker"),
        ("", "/plans/Budget 2024.xlsx", "Budget 2024"),
        ("", "/plans/customers.csv", "Text"),
    ],
)
def test_a_title_reads_as_a_heading_and_keeps_its_date(title, source, shown):
    assert readable_title(passage(title, source)) == shown


@pytest.mark.parametrize(("source", "is_one"), [("plan.xlsx", True), ("rows.jsonl", False), ("rows.tsv", False)])
def test_what_a_file_of_many_documents_holds_is_no_one_work(source, is_one):
    assert (work_of("one", "", source) == work_of("other", "", source)) == is_one


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("talk-part1.txt", "talk-part12.txt", True),
        ("a/report chapter 3.md", "a/report chapter 4.md", True),
        ("a/talk.md", "b/talk.md", False),
        ("EP-03_Ng-part1.txt", "EP-04_Estrin-part1.txt", False),
        ("p1", "p2", False),
        ("文集第3章", "文集第4章", True),
    ],
)
def test_parts_of_one_work_are_a_family(one, other, same):
    assert (family(one) == family(other)) is same
