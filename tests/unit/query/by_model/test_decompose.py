"""Questions in parts: what is asked, what is believed, and what counts how much."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from graphrag_lite.errors import ModelRefusedError, ModelUnavailableError
from graphrag_lite.query.by_model.decompose import Decomposed, rank_in_parts
from graphrag_lite.query.retrieve import Ranking
from graphrag_lite.query.search import Search, merge_rankings
from graphrag_lite.records import Passage, QuestionPart
from graphrag_lite.settings import Settings
from graphrag_lite.testing import ScriptedChatModel

QUESTION = "Where was the keeper of the Fenn lamp born?"
TEXTS = ("Ada Marl keeps the Fenn lamp.", "Ada Marl was born in Lund.", "Rope is sold by the yard.", "Bob saw Oslo.")
STATED = {"author": "Bea Lund"}
NOTHING = (np.zeros(0, np.int64), np.zeros(0, np.int64))


def ranking(*rows: int, asked: tuple[int, ...] = (1,)) -> Ranking:
    """Rows, best first."""
    return Ranking(np.array(rows, np.int64), 1.0 / (1 + np.arange(len(rows))), list(asked), NOTHING)


class Fixed:
    """A search whose rankings are written down; the others find nothing."""

    def __init__(self, **by_word: Ranking) -> None:
        self.by_word = by_word
        self.asked: list[str] = []
        self.session = SimpleNamespace(passages_table=SimpleNamespace(num_rows=len(TEXTS)), settings=Settings())

    def rank(self, question: str, *, hops: bool = True) -> Ranking:
        self.asked.append(question)
        return next((found for word, found in self.by_word.items() if word in question), ranking())

    def passages(self, found: Ranking, k: int) -> list[Passage]:
        return [Passage("d", str(r), TEXTS[r], 0, len(TEXTS[r]), 1.0, metadata=STATED) for r, _ in found.top(k)]


def ranked(
    search: Fixed, *replies: str | Exception, whole: Ranking, worded: tuple[str, ...] = (QUESTION,)
) -> tuple[Decomposed, ScriptedChatModel]:
    model = ScriptedChatModel(replies)
    return rank_in_parts(cast(Search, search), cast(Any, model), worded, whole), model


def split(*questions: str) -> str:
    return json.dumps({"questions": list(questions)})


def test_answer_of_one_part_completes_the_next() -> None:
    search = Fixed(keeps=ranking(0), born=ranking(1))
    found, model = ranked(search, split("Who keeps the Fenn lamp?", "Where was #1 born?"), "Ada Marl", whole=ranking(3))
    assert found.parts == (
        QuestionPart("Who keeps the Fenn lamp?", "Ada Marl"),
        QuestionPart("Where was Ada Marl born?"),
    )
    assert {row for row, _ in found.ranking.top(3)} == {0, 1, 3}
    assert len(model.requests) == 2


@pytest.mark.parametrize(
    "answer", ["Carl Zorn", "[NO ANSWER]", ModelRefusedError("a word in it")], ids=["made up", "none", "refused"]
)
def test_answer_that_was_not_read_completes_nothing(answer: str | Exception) -> None:
    search = Fixed(keeps=ranking(0), born=ranking(1))
    found, _ = ranked(search, split("Who keeps the Fenn lamp?", "Where was #1 born?"), answer, whole=ranking(3))
    assert found.parts == (QuestionPart("Who keeps the Fenn lamp?"), QuestionPart("Where was #1 born?"))
    assert {row for row, _ in found.ranking.top(9)} == {0, 3}


def test_answer_in_other_words_than_the_passage_is_believed() -> None:
    search = Fixed(keeps=ranking(0), born=ranking(1))
    replies = split("Who keeps the Fenn lamp?", "Where was #1 born?"), "Mrs Ada Marl"
    assert ranked(search, *replies, whole=ranking(3))[0].parts[1:] == (QuestionPart("Where was Mrs Ada Marl born?"),)


def test_reference_to_no_part_is_left_out() -> None:
    search = Fixed(keeps=ranking(0))
    found, _ = ranked(search, split("Who keeps it?", "Where was #7 born?"), whole=ranking(3))
    assert search.asked == ["Who keeps it?"]
    assert [part.answer for part in found.parts] == ["", ""]


def test_a_short_answer_is_asked_for_with_what_needs_it() -> None:
    search = Fixed(keeps=ranking(0), born=ranking(1))
    parts = split("Who keeps the Fenn lamp?", "Where was #1 born?", "Who else kept #1 company?")
    _, model = ranked(search, parts, "Ada Marl", whole=ranking(3))
    assert "The answer takes the place of #1 in: Where was #1 born?" in model.requests[1].messages[-1].content


def test_a_short_answer_is_read_from_passages_and_their_metadata() -> None:
    search = Fixed(keeps=ranking(0), born=ranking(1))
    parts = split("Who wrote of who keeps the Fenn lamp?", "Where was #1 born?")
    found, _ = ranked(search, parts, "Bea Lund", whole=ranking(3))
    assert [part.answer for part in found.parts] == ["Bea Lund", ""]
    assert search.asked[-1] == "Where was Bea Lund born?"


def test_the_question_is_looked_for_in_its_other_wordings_whether_it_is_split_or_not() -> None:
    worded = (QUESTION, "芬恩灯塔的看守人出生在哪里？")
    for reply, rows in ((split("Who keeps the Fenn lamp?", "Who sells rope?"), {0, 1, 3}), (split(), {1, 3})):
        search = Fixed(keeps=ranking(0), 看守人=ranking(1))
        found, _ = ranked(search, reply, whole=ranking(3), worded=worded)
        assert {row for row, _ in found.ranking.top(9)} == rows


def test_an_answer_that_only_an_earlier_part_refers_to_is_not_asked_for() -> None:
    search = Fixed(keeps=ranking(0), born=ranking(1))
    found, model = ranked(search, split("Where was #2 born?", "Who keeps the Fenn lamp?"), whole=ranking(3))
    assert [part.answer for part in found.parts] == ["", ""]
    assert len(model.requests) == 1


def test_what_is_asked_twice_is_looked_up_once() -> None:
    search = Fixed(keeps=ranking(0), born=ranking(1))
    parts = split("Who keeps the lamp?", "Who keeps the lamp?", "Where was #2 born?")
    _, model = ranked(search, parts, "Ada Marl", whole=ranking(3))
    assert search.asked == ["Who keeps the lamp?", "Where was Ada Marl born?"]
    assert len(model.requests) == 2


@pytest.mark.parametrize("reply", [split("Where was she born?"), split("Who?", "Who?"), "no JSON at all"])
def test_simple_question_and_useless_reply_leave_the_ranking(reply: str) -> None:
    whole = ranking(2, 3)
    assert ranked(Fixed(), reply, reply, reply, whole=whole)[0].ranking is whole


def test_best_of_the_whole_question_outlasts_foreign_parts() -> None:
    merged = merge_rankings(ranking(3, 1), [(ranking(2), 1.0), (ranking(0), 1.0)], len(TEXTS))
    assert merged.top(1)[0][0] == 3
    assert merged.path(0) == [(None, 0)]


def test_part_that_names_nothing_counts_for_less() -> None:
    search = Fixed(keeps=ranking(2), born=ranking(0, asked=()))
    found, _ = ranked(search, split("Who keeps the lamp?", "Where was it born?"), whole=ranking(3))
    assert [row for row, _ in found.ranking.top(3)] == [3, 2, 0]


def test_server_that_is_gone_is_not_asked_on() -> None:
    with pytest.raises(ModelUnavailableError):
        ranked(Fixed(), ModelUnavailableError("gone"), whole=ranking(3))


def test_merge_of_nothing_is_the_whole() -> None:
    whole = ranking()
    assert merge_rankings(whole, [(ranking(), 1.0)], 0) is whole
