from graphrag_lite.query.asked import read_question
from graphrag_lite.query.extractive.outline import outline
from graphrag_lite.records import Passage

STORY = """# The Clockmaker

In the town of Vell there lived a clockmaker named Osric Thane. His workshop stood beside the bridge.

One winter a girl called Mirabel came to the workshop with a watch that ran backwards. He laughed.

- blue shutters

In spring her brother Corwin came home from the sea and sold the old mill to the baker."""


def passage(text):
    return Passage("doc", "chunk", text, 0, len(text), 1.0)


def told(text, spans=None):
    found = outline(read_question("What is this about?"), [passage(text)], spans or {})
    return [citation.text for citation in found.citations] if found else None


def test_each_paragraph_gives_its_most_telling_sentence_in_order():
    assert [text.split()[:3] for text in told(STORY)] == [
        ["In", "the", "town"],
        ["One", "winter", "a"],
        ["In", "spring", "her"],
    ]


def test_what_is_no_part_of_the_work_is_left_out():
    assert len(told(STORY, {"chunk": (0, STORY.index("One winter"))})) == 1


def test_the_same_point_is_told_once():
    assert len(told("The keeper lit the great lamp of the tower.\n\nThe keeper lit the great lamp of the tower.")) == 1


def test_a_text_that_tells_nothing_has_no_outline():
    assert told("# Title\n\n- one\n- two") is None
