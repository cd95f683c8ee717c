from __future__ import annotations

from collections.abc import Iterator

import pytest

from graphrag_lite.errors import ModelReplyError
from graphrag_lite.index.refine_llm import (
    READ_TOKENS,
    UndecidedPair,
    decide_pairs,
    needs_summary,
    summarize_descriptions,
)
from graphrag_lite.llm.protocols import ChatReply, ChatRequest
from graphrag_lite.text.tokens import estimate_tokens


class Says:
    name = "says"

    def __init__(self, text: str) -> None:
        self.text = text
        self.asked: list[ChatRequest] = []

    def complete(self, request: ChatRequest) -> ChatReply:
        self.asked.append(request)
        return ChatReply(self.text)

    def stream(self, request: ChatRequest) -> Iterator[str | ChatReply]:
        raise NotImplementedError


def test_only_named_pairs_are_the_same() -> None:
    pairs = [UndecidedPair((f"a{n}", f"b{n}"), (f"A{n}", f"B{n}")) for n in range(3)]
    same = [pair for outcome in decide_pairs(pairs, Says('{"same":[2,9]}')) for pair in outcome.result()]
    assert same == [pairs[1]]


@pytest.mark.parametrize("text", ['{"answer":[2]}', "{}", '{"pairs":[{"number":2,"same":true}]}'])
def test_a_reply_of_another_shape_decides_nothing(text: str) -> None:
    pairs = [UndecidedPair((f"a{n}", f"b{n}"), (f"A{n}", f"B{n}")) for n in range(3)]
    (outcome,) = decide_pairs(pairs, Says(text))
    assert isinstance(outcome.error, ModelReplyError)


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ('["Pair 1", "#3"]', [1, 3]),
        ("[true, false, true]", [1, 3]),
        ("[false, true]", [2]),
        ('{"1": true, "2": false, "3": true}', [1, 3]),
        ('[{"pair": 1, "same": true}, {"pair": 2, "same": false}, {"pair": 3}]', [1, 3]),
        ('"1, 3"', [1, 3]),
        ("[[1], [3]]", [1, 3]),
        ("3", [3]),
        ('"none"', []),
        ("null", []),
        ("false", []),
    ],
)
def test_the_same_pairs_may_be_told_in_many_ways(said: str, numbers: list[int]) -> None:
    pairs = [UndecidedPair((f"a{n}", f"b{n}"), (f"A{n}", f"B{n}")) for n in (1, 2, 3)]
    (outcome,) = decide_pairs(pairs, Says(f'{{"same":{said}}}'))
    assert list(outcome.result()) == [pairs[n - 1] for n in numbers]


@pytest.mark.parametrize("said", ["true", '["Ada Renn", "Ada R."]', "[[1, 2]]", '[{"pair": 1, "same": "perhaps"}]'])
def test_what_may_mean_anything_merges_nothing(said: str) -> None:
    (outcome,) = decide_pairs([UndecidedPair(("a", "b"), ("A", "B"))], Says(f'{{"same":{said}}}'))
    assert isinstance(outcome.error, ModelReplyError)


def test_short_descriptions_are_not_summarised() -> None:
    assert not needs_summary(["short", "also short"])
    texts = {"Long": ["word " * 300, "word " * 200], "Short": ["x"]}
    outcomes = list(summarize_descriptions(texts, Says("One description.")))
    assert [(o.key, o.result()) for o in outcomes] == [("Long", "One description.")]


@pytest.mark.parametrize(
    ("text", "length", "shown"),
    [("word " * 300, "100 words", "Thing: 镜湖"), ("镜湖在绍兴。" * 100, "180 个字", "对象：镜湖")],
    ids=["en", "zh"],
)
def test_a_summary_has_as_much_room_in_either_language_and_a_labelled_name(text: str, length: str, shown: str) -> None:
    model = Says("One description.")
    list(summarize_descriptions({"镜湖": [text, text + "!"]}, model))
    system, user = model.asked[0].messages
    assert length in system.content
    assert user.content.startswith(shown)


def test_a_summary_reads_no_more_of_what_is_described_everywhere() -> None:
    model = Says("One description.")
    list(summarize_descriptions({"Fenn Pumps": [f"Fenn Pumps sold pump number {n}." for n in range(5000)]}, model))
    assert estimate_tokens(model.asked[0].messages[1].content) < 2 * READ_TOKENS


def test_a_failed_summary_is_an_outcome_with_an_error() -> None:
    outcome = next(summarize_descriptions({"Long": ["word " * 300, "word " * 200]}, Says(" ")))
    assert outcome.error is not None


ADA = "Ada Renn keeps lamps: two at Kelder, one at Thorsby."


@pytest.mark.parametrize(
    "reply",
    [
        f"Here is the merged description of Ada Renn:\n\n{ADA}",
        f"Sure! **Merged description:**\n{ADA}",
        f"Description: {ADA}",
        f"**Ada Renn**: {ADA}".replace("**", ""),
        f"```\n{ADA}\n```",
        f'"{ADA}"',
        f"以下是合并后的描述：\n{ADA}",
        ADA,
    ],
)
def test_a_summary_is_the_description_alone(reply: str) -> None:
    texts = {"Ada Renn": ["word " * 300, "word " * 200]}
    assert [outcome.result() for outcome in summarize_descriptions(texts, Says(reply))] == [ADA]


@pytest.mark.parametrize(
    "reply", ["I'm sorry, but I can't help with that.", "N/A", "```\n```", "抱歉，我无法合并。", "…"]
)
def test_a_refusal_is_no_description(reply: str) -> None:
    (outcome,) = summarize_descriptions({"Ada Renn": ["word " * 300, "word " * 200]}, Says(reply))
    assert isinstance(outcome.error, ModelReplyError)


@pytest.mark.parametrize(
    "reply",
    [
        "As an AI pioneer, Ada Renn wrote programs.",
        "“The Lamp” is a book by Ada Renn; its sequel is “The Wick”",
        '"Kelder" is what sailors call it, "the harbour"',
        "无法无天的强盗，住在凯尔德。",
    ],
)
def test_a_description_is_kept_whatever_it_begins_with(reply: str) -> None:
    (outcome,) = summarize_descriptions({"Ada Renn": ["word " * 300, "word " * 200]}, Says(reply))
    assert outcome.result() == reply
