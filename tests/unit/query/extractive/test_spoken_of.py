import pytest

from graphrag_lite.query.asked import read_question
from graphrag_lite.query.extractive.spoken_of import SpokenOf


@pytest.mark.parametrize(
    ("sentences", "is_meant"),
    [
        (["Ada Quill was an engineer.", "Her lamps hang in Oslo.", "In 1902 she moved to Skien."], True),
        (["Ada Quill met Ann Lee.", "In 1902 she moved to Skien."], False),
        (["Ada Quill was an engineer.", "It rained.", "In 1902 she moved to Skien."], False),
        (["Ada Quill was an engineer.", "She married Ned Marsh.", "In 1902 she moved to Skien."], False),
        (["Ada Quill was an engineer.", "Her lamps hang in Oslo.", "In 1902 he moved to Skien."], False),
        (["Ada Quill was an engineer.", "Her father was a miner.", "She moved to Skien."], False),
        (["Ada Quill's brother was a miner.", "In 1902 he moved to Skien."], False),
        (["Ned Marsh was an engineer.", "In 1902 he moved to Skien."], False),
    ],
)
def test_a_pronoun_stands_for_the_last_one_named_while_nobody_else_is(sentences: list[str], is_meant: bool) -> None:
    spoken_of = SpokenOf(read_question("When did Ada Quill move to Skien?"))
    assert bool([spoken_of.read(sentence) for sentence in sentences][-1]) is is_meant


def test_under_a_new_heading_nobody_is_spoken_of() -> None:
    spoken_of = SpokenOf(read_question("When did Ada Quill move to Skien?"))
    spoken_of.read("Ada Quill was an engineer.")
    spoken_of.forget()
    assert not spoken_of.read("In 1902 she moved to Skien.")
