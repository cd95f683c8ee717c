import pytest

from graphrag_lite.query.remedies import asks_for_remedy, gives_remedy


@pytest.mark.parametrize(
    ("question", "is_asked"),
    [
        ("What should I do when the pump hangs?", True),
        ("What do I do about the noise?", True),
        ("How do I fix E17?", True),
        ("How to solve a full disk?", True),
        ("What does Ada do when it rains?", False),
        ("How do I lock the keys?", False),
        ("What should I do after a storm?", False),
    ],
)
def test_what_to_do_about_a_trouble_is_asked(question: str, is_asked: bool) -> None:
    assert asks_for_remedy(question) is is_asked


@pytest.mark.parametrize(
    ("text", "is_given"),
    [
        ("The pump hangs. Restart the pump.", True),
        ("If it blinks, open the tray.", True),
        ("If the run stops, connect to the net.", True),
        ("Run `make prune`.", True),
        ("**Fire:** Report burning lamps to Ned.", True),
        ("Delete old logs with a broom.", True),
        ("The remedy is oil.", True),
        ("You should call Ned.", True),
        ("The pump hangs when the valve is shut.", False),
        ("If the disk is full, the pump stops.", False),
        ("Complaints rose in 1990.", False),
        ("Opened the tray.", False),
        ("Keepers can see it from the shore.", False),
    ],
)
def test_a_remedy_says_what_is_to_be_done(text: str, is_given: bool) -> None:
    assert gives_remedy(text) is is_given
