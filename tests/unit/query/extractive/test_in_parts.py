from graphrag_lite.query.extractive.in_parts import AnsweredPart, answer_in_parts
from graphrag_lite.query.extractive.local import answer_from_passages
from graphrag_lite.records import Passage

TEXT = "Ada Quill is an engineer. Ada Quill founded the Harbour Lamp Works in 1899. The sea is wide."
PASSAGE = Passage("doc", "chunk", TEXT, 50, 50 + len(TEXT), 1.0)


def part(question):
    return AnsweredPart(question, [PASSAGE], answer_from_passages(question, [PASSAGE]))


def test_both_answers_are_quoted_and_numbered_as_one():
    found = answer_in_parts([part("Who is Ada Quill?"), part("What did Ada Quill found?")], "local", 1)
    assert found is not None
    assert found.text == "Ada Quill is an engineer. [1] Ada Quill founded the Harbour Lamp Works in 1899. [2]"
    assert [c.marker for c in found.citations] == ["1", "2"]
    assert all(TEXT[c.start - 50 : c.end - 50] == c.text for c in found.citations)
    assert found.is_supported


def test_a_sentence_that_answers_both_is_quoted_once():
    found = answer_in_parts([part("What did Ada Quill found?"), part("When did Ada Quill found it?")], "local", 1)
    assert found is not None
    assert len(found.citations) == 1


def test_the_part_that_is_not_known_is_named_and_the_whole_is_not_certain():
    found = answer_in_parts([part("Who is Ada Quill?"), part("Where did Ada Quill study?")], "local", 1)
    assert found is not None
    assert found.text.startswith("Ada Quill is an engineer. [1]\n\nWhere did Ada Quill study? I do not know:")
    assert (found.is_supported, len(found.citations)) == (False, 1)


def test_nothing_is_answered_where_no_part_is():
    assert answer_in_parts([part("Where did Ned Lark study?")], "local", 1) is None
