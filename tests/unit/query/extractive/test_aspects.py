"""What a question wants to hear, and what says it."""

import pytest

from graphrag_lite.query.extractive.aspects import aspects_of


@pytest.mark.parametrize(
    ("question", "says", "says_not"),
    [
        ("What caused the flood?", "It broke because the pin was loose.", "The dock is long and wide."),
        ("What measures were taken?", "They installed a second float.", "The dock is long and wide."),
        ("How well did it work?", "Cover rose from 38 % to 46 %.", "The dock is long and wide."),
        ("What challenges do they face?", "It is very hard to hire.", "They sell pumps."),
        ("How is craft handed down?", "She was taught by her aunt.", "They sell pumps."),
        ("How do guests see the future?", "It will be commonplace.", "They sold pumps."),
        ("事故之后做了哪些改进？", "公司更换了热电偶。", "公司在河边。"),
        ("取得了什么结果？", "盖度由38%升至46%。", "公司在河边。"),
    ],
)
def test_an_aspect_is_said_in_other_words(question, says, says_not):
    patterns = list(aspects_of(question).values())
    assert any(pattern.search(says) for pattern in patterns)
    assert not any(pattern.search(says_not) for pattern in patterns)


def test_a_question_for_a_topic_alone_has_no_aspect():
    assert not aspects_of("What do guests say about privacy?")


def test_all_the_words_that_ask_are_given():
    assert list(aspects_of("What causes and reasons are named?")) == ["causes reasons"]
    assert list(aspects_of("How does Ann change?")) == ["change"]
