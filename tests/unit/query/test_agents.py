import pytest

from graphrag_lite.query.agents import leaves_out_agent
from graphrag_lite.query.asked import read_question


@pytest.mark.parametrize(
    ("question", "line", "is_named"),
    [
        ("Who wrote The Lamp?", "Author: Ada Quill", True),
        ("Who wrote The Lamp?", "By Ada Quill", True),
        ("Who wrote The Lamp?", "By Ada Quill and her brother", False),
        ("Who wrote The Lamp?", "Author: unknown", False),
        ("Who wrote The Lamp?", "Translator: Ada Quill", False),
        ("Who painted The Lamp?", "By Ada Quill", False),
        ("Who approved the report?", "Approved by: Dr. Ada Quill", True),
        ("Who has the phone 555-0101?", "Name: Ada Quill", True),
        ("Who signed for the Buyer?", "For the Buyer: Ada Quill, Director", True),
        ("Who signed for the Buyer?", "The Buyer: Ada Quill", False),
        ("Who is Ada Quill?", "ADA QUILL: Right", False),
        ("When was The Lamp written?", "Author: Ada Quill", False),
        ("《灯塔》是谁写的？", "作者：林晓舟", True),
        ("谁翻译了《灯塔》？", "译者：王立群", True),
        ("谁翻译了《灯塔》？", "作者：林晓舟", False),
    ],
)
def test_a_label_names_who_did_what_is_asked(question, line, is_named):
    assert read_question(question).names_agent(line) == is_named


@pytest.mark.parametrize(
    ("text", "leaves_out"),
    [
        ("The lamps are mended at night.", True),
        ("The lamps were originally mended in Port Selby.", True),
        ("As agreed in mending, Ned pays.", True),
        ("It is there to mend the lamps.", True),
        ("Ned left. It is there to mend the lamps.", True),
        ("At last Ned agreed to mend the lamps.", False),
        ("Ned is known for mending the lamps.", False),
        ("It is a fee for mending the lamps.", True),
        ("The lamps are mended at night by Ned.", False),
        ("The lamps are mended at night in the old works behind the church of Port Selby by Ned.", False),
        ("Ned mends the lamps.", False),
        ("The lamps are mended at night. Ned mends them.", False),
        ("Ned looks after the lamps.", False),
    ],
)
def test_what_is_done_is_told_without_who_does_it(text: str, leaves_out: bool) -> None:
    assert leaves_out_agent("Who mends the lamps?", text) is leaves_out


def test_who_had_something_done_to_them_is_no_agent() -> None:
    assert not leaves_out_agent("Who was elected chairman?", "Ned was elected chairman.")


@pytest.mark.parametrize(
    ("text", "leaves_out"),
    [
        ("The maintainers of truststore help Ned.", True),
        ("It is not supported by the maintainers.", True),
        ("The maintainers of the lamps are Ada and Ned.", False),
        ("Ned is the maintainer.", False),
    ],
)
def test_those_who_do_it_are_not_named_by_that(text: str, leaves_out: bool) -> None:
    assert leaves_out_agent("Who maintains the lamps?", text) is leaves_out


@pytest.mark.parametrize(
    ("text", "is_left_out"),
    [
        ("Ned was at Aurora for years and is known for founding the Borealis School.", True),
        ("Ned founded Borealis, which bought Aurora.", True),
        ("Ned founded Borealis and Aurora.", False),
        ("Ned founded the Aurora.", False),
        ("He left Aurora to found a school.", True),
        ("Ned founded a school of lamps, the Aurora.", False),
        ("Ned founded, with Ada Quill, the Aurora.", False),
        ("The board, under Ada Quill, granddaughter of the founder and director since 2001, left Aurora.", True),
        ("Ada Quill is a granddaughter of the founder, Ned Bell, of Aurora.", False),
        ("Ada Quill, the founder of Aurora, left.", False),
        ("The board thanked Aurora, and Ned Bell started the new machinery this morning.", True),
        ("Ned Bell of Aurora found the key.", True),
        ("Ned Bell started Aurora in a shed.", False),
        ("Aurora was started by Ned Bell.", False),
        ("Aurora is Ned's: he started it in a shed.", False),
    ],
)
def test_who_founded_something_is_not_told_by_who_founded_another_or_by_a_relative(text, is_left_out):
    assert leaves_out_agent("Who founded Aurora?", text) is is_left_out


@pytest.mark.parametrize(
    ("question", "text", "is_left_out"),
    [
        ("Who wrote tar?", "The archive ends after writing 1024 bytes for tar, says Ned.", True),
        ("Who wrote mawk?", "With -W version mawk writes its version and Ned's address.", True),
        ("Who wrote mawk?", "Ned wrote mawk.", False),
        ("Who leads Fenn Pumps?", "Fenn Pumps leads the market of Port Selby.", True),
        ("Who started Aurora?", "Aurora's other lamp began as a favour to Ned Bell.", True),
        ("Who marries Ada?", "Ada marries Ned.", False),
        ("Who mends lamps for Ada?", "Ada mends lamps.", False),
    ],
)
def test_who_does_something_to_a_thing_is_not_told_by_what_that_does(question, text, is_left_out):
    assert leaves_out_agent(question, text) is is_left_out
