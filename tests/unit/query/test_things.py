"""Things that a question speaks of, by where it says them."""

import pytest

from graphrag_lite.query.things import things_asked


@pytest.mark.parametrize(
    ("question", "things"),
    [
        ("What is the notice for clerks?", ["clerks"]),
        ("Which lamp is best for a new boat?", ["boat"]),
        ("What is paid for the 12(b)?", ["12"]),
        ("What is the report of the Quill fire?", ["fire"]),
        ("What did clerks complain about?", ["clerks"]),
        ("What is brass made of?", []),
        ("In which tongue is logd written?", ["logd"]),
        ("When was the clock in Leith built?", []),
        ("What stands in the town where Ada was born?", []),
        ("What is the place of birth of Ada?", ["ada"]),
        ("Does the firm pay?", []),
        ("Does Ada Quill keep old lamps?", ["lamps"]),
        ("Does Aurora 2 take oil in winter?", ["oil", "winter"]),
        ("How do I trim a brass lamp?", ["lamp"]),
        ("How do I trim it?", []),
        ("Where do Leith lamps come from?", []),
        ("灯塔的高度是多少？", []),
    ],
)
def test_things_are_what_a_preposition_takes_what_acts_and_what_it_acts_on(question, things):
    assert list(things_asked(question)) == things
