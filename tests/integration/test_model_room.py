"""What questions may hold: all prompts together stay within the limit of the mode, and each within the window."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from graphrag_lite import KnowledgeBase, Turn
from tests.fake_llm_server import Behaviour, FakeLLMServer
from tests.fake_writer import read_items

LOCAL, GLOBAL = 6000, 10_000
Ask = Callable[..., tuple[KnowledgeBase, FakeLLMServer]]
QUESTION = "Which keeper mended the harbour lamps of Kelder Haven after Ada Marl?"
THEMES = "What are the main themes of the work on the harbour lamps across all documents?"


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More text about one thing than any context holds."""
    folder = tmp_path_factory.mktemp("room")
    (folder / "docs").mkdir()
    for n in range(60):
        said = " ".join(
            f"{KEEPERS[(n + m) % 7]} mended the harbour lamps of {TOWNS[n % 5]} in {1800 + m}." for m in range(20)
        )
        told = "".join(f"灯塔{n}的守护人在{1800 + m}年修好了第{m}盏港口的灯。" for m in range(12))
        (folder / "docs" / f"{n}.md").write_text(f"# Tower {n}\n\n{said}\n\n{told}\n", encoding="utf-8")
    with KnowledgeBase(folder / "kb") as kb:
        kb.index(folder / "docs", recipe="instant")
    return folder / "kb"


@pytest.fixture
def ask(indexed: Path, tmp_path: Path) -> Iterator[Ask]:
    servers: list[FakeLLMServer] = []
    bases: list[KnowledgeBase] = []

    def start(answer: Any = None, llm: dict[str, Any] | None = None, **how: Any) -> tuple[KnowledgeBase, FakeLLMServer]:
        servers.append(FakeLLMServer(Behaviour(**how), answer=answer))
        used = {"model": f"gpt-4o-mini-{tmp_path.name}", "base_url": servers[-1].url, "max_retries": 0}
        bases.append(KnowledgeBase(indexed, settings={"llm": used | (llm or {}), "recipe": "instant"}))
        return bases[-1], servers[-1]

    yield start
    for kb in bases:
        kb.close()
    for server in servers:
        server.close()


KEEPERS = ("Ada Marl", "Tom Fenn", "Josiah Pell", "Ann Marrow", "Carl Zorn", "Bea Lund", "Ivo Thorsby")
TOWNS = ("Kelder Haven", "Gannet Head", "Port Renn", "Swanmouth", "Ostrey")
CHINESE = [Turn("谁修好了灯塔7的灯？" * 30, "灯塔的守护人修好了港口的灯。" * 400)] * 3
ENGLISH = [Turn(QUESTION * 20, "The keeper mended the lamp of the harbour. " * 400)] * 3
LONG = (QUESTION + " ") * 130


@pytest.mark.parametrize(
    ("question", "history"),
    [
        (QUESTION, []),
        ("那么灯塔9的守护人是谁？", CHINESE),
        ("And of tower 9?", ENGLISH),
        (LONG[:8000], []),
        (LONG[:8000], ENGLISH),
    ],
    ids=["short", "zh turns", "en turns", "long", "long, turns"],
)
@pytest.mark.parametrize(("mode", "most"), [("basic", LOCAL), ("local", LOCAL), ("global", GLOBAL), ("drift", GLOBAL)])
def test_all_prompts_together_keep_to_the_limit(
    ask: Ask, mode: str, most: int, question: str, history: list[Turn]
) -> None:
    kb, server = ask()
    answer = kb.query(question, mode=mode, history=history)
    assert answer.models["answer"] != "none", answer.mode_reason
    assert 0.3 * most < server.counts.prompt_tokens <= most


def test_second_search_gets_what_the_first_left(ask: Ask) -> None:
    kb, server = ask(lambda body: "[NO ANSWER]" if "numbered points" in body["messages"][0]["content"] else None)
    answer = kb.query(THEMES)
    assert answer.mode == "local"
    assert 4000 < server.counts.prompt_tokens <= GLOBAL


@pytest.mark.parametrize("mode", ["basic", "local", "global", "drift"])
@pytest.mark.parametrize("is_set", [True, False], ids=["set", "learned"])
def test_prompts_fit_the_window(ask: Ask, mode: str, is_set: bool) -> None:
    llm = {"context_tokens": 3000} if is_set else {}
    kb, server = ask(llm=llm, context_tokens=3000, counts_reply_room=True)
    answer = kb.query(QUESTION, mode=mode)
    assert answer.models["answer"] != "none", answer.mode_reason
    assert server.counts.statuses[400] == 0 or not is_set


def is_map(body: Any) -> bool:
    return '"points"' in body["messages"][0]["content"]


def maps(server: FakeLLMServer) -> int:
    return sum(map(is_map, server.counts.bodies))


def test_a_reply_of_points_that_was_cut_off_is_read_as_far_as_it_goes(ask: Ask) -> None:
    def answer(body: Any) -> str | None:
        if not is_map(body):
            return None
        points = [{"text": f"Lamp {n} was mended. " + "And so on. " * 50, "reports": [n]} for n in range(1, 11)]
        return json.dumps({"points": points})

    kb, server = ask(answer)
    found = kb.query(THEMES, mode="global")
    assert found.models["answer"] != "none", found.mode_reason
    assert server.counts.cut_off == maps(server) == 2
    assert "2 of 2 parts could be read only in part" in found.mode_reason


def test_a_part_whose_reply_holds_no_whole_point_is_halved(ask: Ask) -> None:
    def answer(body: Any) -> str | None:
        is_long = is_map(body) and len(read_items(body["messages"][1]["content"])) > 6
        return '{"points":[{"text":"' + "lamp " * 3000 if is_long else None

    kb, server = ask(answer)
    found = kb.query(THEMES, mode="global")
    assert found.models["answer"] != "none", found.mode_reason
    assert maps(server) > 2
    assert "3 of 4 parts could not be read" in found.mode_reason
    assert server.counts.prompt_tokens <= GLOBAL


@pytest.mark.parametrize("said", ['{"points":[{"text":"' + "lamp " * 3000, "Sorry?"], ids=["cut off", "no JSON"])
def test_replies_that_cannot_be_read_cost_no_more_than_a_question_may(ask: Ask, said: str) -> None:
    kb, server = ask(lambda body: said if is_map(body) else None)
    found = kb.query(THEMES, mode="global")
    assert found.models["answer"] == "none"
    assert "the model failed" in found.mode_reason
    assert server.counts.prompt_tokens <= GLOBAL
