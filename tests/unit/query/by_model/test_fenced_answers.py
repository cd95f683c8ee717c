from __future__ import annotations

import pytest

from graphrag_lite.llm.protocols import ChatRequest, Message
from graphrag_lite.query.by_model.fenced_answers import may_be_fenced, unfenced
from graphrag_lite.query.by_model.generate import Generated, stream_answer
from graphrag_lite.testing import ScriptedChatModel

ADA = "Ada mended it [1]."
CODE = "```sh\nmend --lamp\n```"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (f"```\n{ADA}\n```", ADA),
        (f"\n```\r\n{ADA}\n\n- Tom helped [2].\n```\n", f"{ADA}\n\n- Tom helped [2]."),
        (f"```\n{ADA}", ADA),
        (f"```\n{ADA}\n{CODE}\nTom helped [2].\n```", f"{ADA}\n{CODE}\nTom helped [2]."),
    ],
    ids=["closed", "lists", "open", "code within"],
)
def test_a_fence_around_the_whole_of_an_answer_goes(answer: str, text: str) -> None:
    assert unfenced(answer).strip() == text


@pytest.mark.parametrize(
    "answer",
    [
        ADA,
        f"```\nlamp[1]\n```\n{ADA}",
        f"{ADA}\n\n```\nlamp [1]\n```",
        f"```\nlamp [1]\n```\n{ADA}\n```\nlamp [2]\n```",
        f"{CODE}\n{ADA}",
        "```\nmend --lamp\n```",
        "```python\nlamp = [1]\n```",
    ],
    ids=["none", "code first", "code last", "code first and last", "label first", "code alone", "label alone"],
)
def test_code_in_an_answer_stays(answer: str) -> None:
    assert unfenced(answer) == answer


def test_an_answer_that_may_be_fenced_is_known_by_its_begin() -> None:
    begun = ["`", "``", "```", "```\n", "```\nAda", f"```\n{ADA}\n```", f"```\n{ADA}\n{CODE}\nTom"]
    assert all(map(may_be_fenced, begun))
    assert not any(map(may_be_fenced, ["", "\n", "`a", "```py", "A", f"```\nlamp\n```\n{ADA}", f"{ADA}\n```"]))


@pytest.mark.parametrize("answer", [f"```\n{ADA}\n```", f"```\nlamp\n```\n{ADA} Tom helped."], ids=["whole", "code"])
def test_a_stream_shows_what_the_whole_is(answer: str) -> None:
    *shown, whole = stream_answer(ScriptedChatModel([answer]), ChatRequest((Message("user", "Who?"),)))
    assert isinstance(whole, Generated)
    assert "".join(map(str, shown)).strip() == whole.text
