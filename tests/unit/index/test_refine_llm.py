from __future__ import annotations

from collections.abc import Iterator

from graphrag_lite.index.refine_llm import UndecidedPair, decide_pairs, needs_summary, summarize_descriptions
from graphrag_lite.llm.protocols import ChatReply, ChatRequest


class Says:
    name = "says"

    def __init__(self, text: str) -> None:
        self.text = text

    def complete(self, request: ChatRequest) -> ChatReply:
        return ChatReply(self.text)

    def stream(self, request: ChatRequest) -> Iterator[str | ChatReply]:
        raise NotImplementedError


def test_only_named_pairs_are_the_same() -> None:
    pairs = [UndecidedPair((f"a{n}", f"b{n}"), (f"A{n}", f"B{n}")) for n in range(3)]
    same = [pair for outcome in decide_pairs(pairs, Says('{"same":[2,9]}')) for pair in outcome.result()]
    assert same == [pairs[1]]


def test_short_descriptions_are_not_summarised() -> None:
    assert not needs_summary(["short", "also short"])
    texts = {"Long": ["word " * 300, "word " * 200], "Short": ["x"]}
    outcomes = list(summarize_descriptions(texts, Says("One description.")))
    assert [(o.key, o.result()) for o in outcomes] == [("Long", "One description.")]


def test_a_failed_summary_is_an_outcome_with_an_error() -> None:
    outcome = next(summarize_descriptions({"Long": ["word " * 300, "word " * 200]}, Says(" ")))
    assert outcome.error is not None
