import pytest

from graphrag_lite.query.extractive.themes import Statement, labelled, readable_title, work_of
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


def test_what_titles_share_is_left_out_at_their_ends_only():
    titles = ["How to write a test for the Yard", "Yard minutes of 19 June", "Yard 3", "The Yard and the sea", "Oil"]
    themes = {title: [Statement("Text.", passage(title), 0, 5, title, "doc", frozenset(), 1.0)] for title in titles}
    labels = list(labelled(themes, {}, [passage(title) for title in titles]))
    assert labels == ["How to write a test", "minutes of 19 June", "Yard 3", "The Yard and the sea", "Oil"]
