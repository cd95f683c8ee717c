"""Where something is: of which thing it is asked, and which sentences say it."""

import pytest

from graphrag_lite.query.whereabouts import is_placed, thing_placed


@pytest.mark.parametrize(
    ("question", "thing"),
    [
        ("Where is Gannet Head?", "Head"),
        ("Where is the ice plant located?", "plant"),
        ("where are the lamps", "lamps"),
        ("Where do I get the keys?", "keys"),
        ("Where is Ada from?", ""),
        ("Where is the office of Acme?", ""),
        ("Where was Ada born?", ""),
        ("Where is the file stored?", ""),
        ("Where is Ada's house?", ""),
        ("Where did Ada live?", ""),
        ("What is Gannet Head?", ""),
        ("灯塔在哪里？", ""),
    ],
)
def test_only_the_place_of_a_thing_is_asked_for(question, thing):
    assert thing_placed(question) == thing


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("Gannet Head lies north of the river.", True),
        ("Gannet Head, a cape, is on the coast.", True),
        ("Gannet Head (near Millbeck) is steep.", True),
        ("On the coast stands Gannet Head.", True),
        ("It stands on a cliff.", True),
        ("The Head of Millbeck is steep.", True),
        ("The eel was carried to the Institute in a bucket.", False),
        ("Gannet Head was built in 1862.", False),
        ("Gannet Head lives by repair.", False),
        ("The Gannet Head Trust was registered at Millbeck.", False),
        ("The head in the bucket was an eel's.", False),
        ("Gannet Head's lamp stands in the hall.", False),
    ],
)
def test_a_sentence_says_where_the_thing_itself_is(text, is_told):
    assert is_placed("Head", text) is is_told


def test_a_common_thing_is_placed_in_any_case():
    assert is_placed("lamps", "The lamps are in the hall.")
