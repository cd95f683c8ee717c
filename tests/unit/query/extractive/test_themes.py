from graphrag_lite.query.extractive.themes import Statement, labelled
from graphrag_lite.records import Passage


def passage(title="", source=""):
    return Passage("doc", f"chunk-{title}{source}", "Text.", 0, 5, 1.0, title=title, source=source)


def test_what_titles_share_is_left_out_at_their_ends_only():
    titles = ["How to write a test for the Yard", "Yard minutes of 19 June", "Yard 3", "The Yard and the sea", "Oil"]
    themes = {title: [Statement("Text.", passage(title), 0, 5, title, "doc", frozenset(), 1.0)] for title in titles}
    labels = list(labelled(themes, {}, [passage(title) for title in titles]))
    assert labels == ["How to write a test", "minutes of 19 June", "Yard 3", "The Yard and the sea", "Oil"]
