import pytest

from graphrag_lite.query.asked import read_question
from graphrag_lite.query.extractive.links import Links, whole_names
from graphrag_lite.query.extractive.quotations import quotations
from graphrag_lite.records import Passage, PathStep

QUESTION = "Who founded the town where the Bittern was built?"


def leads(first, last, *, title="", over=""):
    steps = [("passage", "one", ""), ("entity", "e", over), ("passage", "two", "")]
    path = tuple(PathStep(*step) for step in steps) if over else ()
    passages = [
        Passage("d1", "one", first, 0, len(first), 1.0),
        Passage("d2", "two", last, 0, len(last), 0.9, title=title, path=path),
    ]
    asked = read_question(QUESTION)
    begin, end = quotations(asked, passages)
    return bool(Links(asked, passages).between(begin, end))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("The Bittern was built in Ashford.", "Ashford was founded by Ned Hale."),
        ("The Bittern was built in Ashford, which has a yard.", "A smith of Ashford founded it."),
        ("The Bittern Ashford is a boat.", "Ashford was founded by Ned Hale."),
    ],
    ids=["at its end", "before a comma", "beside what is asked about"],
)
def test_a_path_over_a_name_links_what_names_it(first, last):
    assert leads(first, last, over="Ashford")


@pytest.mark.parametrize(
    ("first", "name"),
    [("The Bittern was built by Joseph Hart.", "Joseph"), ("The Bittern was built in Indiana.", "India")],
    ids=["part of a name", "part of a word"],
)
def test_what_is_only_a_part_links_nothing(first, name):
    assert not leads(first, f"{name} Quill founded the town.", over=name)


def test_a_whole_name_that_the_other_begins_with_links():
    assert leads("The Bittern was built by Ada Quill.", "Ada Quill founded the town.")
    assert not leads("The Bittern was built by Ada Hart.", "Ada Quill founded the town.")


@pytest.mark.parametrize(
    ("first", "title"),
    [("In May the Bittern was built, in January it sank.", "January storms"), ("It was English.", "Hale (English)")],
    ids=["a month", "in brackets"],
)
def test_a_title_is_not_about_a_month_nor_about_what_tells_it_from_others(first, title):
    assert not leads(first, "The town was founded by a smith.", title=title)


def test_a_name_ends_where_a_sign_or_a_small_word_stands():
    assert whole_names("In Ashford, Kent, Ada's Bittern met Ned Hale.") == {
        frozenset(name.split()) for name in ("ashford", "kent", "ada", "bittern", "ned hale")
    }
