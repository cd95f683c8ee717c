import pytest

from graphrag_lite.query.asked import read_question
from graphrag_lite.query.instructions import Instruction, deed_in_chinese, is_headed, verb_of_any
from graphrag_lite.text.normalize import terms


@pytest.mark.parametrize(
    ("question", "deed", "to"),
    [
        ("How do I lock the keys of the GC-4?", {"lock"}, {"key"}),
        ("How can you exclude old files from an archive?", {"exclud"}, {"file"}),
        ("How to set the upper limit?", set(), {"limit"}),
        ("How do I log in?", {"log"}, set()),
    ],
)
def test_what_is_to_be_done_and_to_what_is_read(question: str, deed: set[str], to: set[str]) -> None:
    assert read_question(question).instruction == Instruction(frozenset(deed), frozenset(to))


@pytest.mark.parametrize("question", ["How does Ada lock the keys?", "How many keys do I need?", "怎么锁定按键？"])
def test_other_questions_ask_for_no_instruction(question: str) -> None:
    assert read_question(question).instruction is None


@pytest.mark.parametrize(
    ("text", "is_given"),
    [
        ("To undo the last push, call Ned.", True),
        ("Pushes are undone by Ned.", False),  # another word as far as it can be told
        ("You can undo the commit. Then push again.", False),
        ("The push is wrong. Undo it first.", True),
        ("A push can be reverted with `back`.", True),
        ("A push can be heard.", False),
        ("Undo is for those who have changed what they should not have touched before the push.", False),
    ],
)
def test_an_instruction_says_deed_and_thing_beside_each_other(text: str, is_given: bool) -> None:
    instruction = read_question("How do I undo a push?").instruction
    assert instruction is not None
    assert instruction.is_given(text, dict.fromkeys(terms(text), 1.0)) is is_given


@pytest.mark.parametrize(
    ("question", "deed"),
    [
        ("怎么申请年假？", "申请"),
        ("请问我应该如何更换密封？", "更换"),
        ("怎样才能锁定按键？", "锁定"),
        ("怎么样？", ""),
        ("迟到了怎么办？", ""),
        ("年假有几天？", ""),
    ],
)
def test_what_a_chinese_question_asks_how_to_do_is_read(question: str, deed: str) -> None:
    assert deed_in_chinese(question) == deed


@pytest.mark.parametrize(
    ("question", "verb"),
    [("How do I set the standard?", {"set"}), ("How do I lock the keys?", set()), ("What is a set?", set())],
)
def test_a_verb_that_instructions_hardly_repeat_is_known(question, verb):
    assert verb_of_any(question) == verb


@pytest.mark.parametrize(
    ("text", "is_said"),
    [
        ("# add_lamp\n\nAdds one.", True),
        ("Text.\n\n## Adding lamps\n\nCall Ned.", True),
        ("# Lamps\n\nHow to add lamps.", False),
    ],
)
def test_a_heading_says_just_what_is_asked_how_to_do(text, is_said):
    assert is_headed(frozenset(terms("add lamp")), text) is is_said
