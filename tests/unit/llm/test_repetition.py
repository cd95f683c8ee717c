from __future__ import annotations

import pytest

from graphrag_lite.llm import repetition
from graphrag_lite.llm.protocols import ChatReply
from graphrag_lite.llm.repetition import LoopWatch, without_loop

LAMP = "Ada Quill mended the lamp at the works. "
PAGE = "".join(
    f"Ned wrote down what part {n} of the works had cost in the year {1800 + n}, and why. " for n in range(30)
)


def cut(text: str) -> str:
    """What is left of a reply with that text which ended at the output limit."""
    return without_loop(ChatReply(text, finish_reason="length")).text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"It was so. {LAMP * 12}Ada Qu", f"It was so. {LAMP}"),
        ("The works stood empty.\n\n" + f"{LAMP}Ned held it.\n\n" * 8, f"The works stood empty.\n\n{LAMP}Ned held it."),
        ("".join(f"{n}. {LAMP}\n" for n in range(1, 120)), f"1. {LAMP}"),
        ("".join(f"  {n}) {LAMP}\n" for n in range(8, 40)) + "  4", f"  8) {LAMP}"),
        ("".join(f"{n}、艾达修好了厂里的灯。\n" for n in range(1, 60)), "1、艾达修好了厂里的灯。"),
        ("艾达修好了厂里的灯。" * 40, "艾达修好了厂里的灯。"),
        ("Ned was here. " + "Tom was here. " * 30, "Ned was here. Tom was here."),
        (PAGE * 4, PAGE),
        ("The lamp " + "very " * 70, "The lamp very"),
        ("No. " + "ha" * 200, "No. ha"),
        ('[{"text":"Ned left."},' + '{"text":"Ada stayed."},' * 30, '[{"text":"Ned left."},{"text":"Ada stayed."}'),
        (f"{'-' * 400}\n{LAMP}\n" * 3 + "-" * 400, f"{'-' * 400}\n{LAMP}"),
    ],
    ids=[
        "sentence",
        "paragraph",
        "numbered",
        "numbered amid a number",
        "numbered in chinese",
        "chinese",
        "like the sentence before",
        "page",
        "word",
        "letters",
        "json",
        "rulers between",
    ],
)
def test_a_text_that_repeats_itself_is_cut_behind_the_first_block(text: str, left: str) -> None:
    reply = without_loop(ChatReply(text, finish_reason="length"))
    assert (reply.text, reply.finish_reason) == (left.rstrip(), "repetition")


@pytest.mark.parametrize(
    "text",
    [
        "",
        LAMP * 7,
        PAGE * 2,
        LAMP * 20 + "Then it went out.",
        "| part | cost |\n|---|---|\n" + "".join(f"| lamp | {n} |\n" for n in range(200)),
        "\n".join(f"{n}. Ned carried lamp {n} to the works." for n in range(90)),
        "\n".join(f"{n}. {name}" for n, name in enumerate(["Ada", "Ned", "Tom", "Ann"] * 3)),
        "| part | cost |\n" + "|" + "-" * 900,
        "\n" * 900,
        "0, " * 400,
        "".join(f"def lamp_{n}():\n    return {n}\n\n" for n in range(60)),
        "Burn on, burn on, thou lamp of ours, until the works have closed their doors.\n" * 2 + PAGE,
    ],
    ids=[
        "nothing",
        "too short",
        "twice",
        "went on",
        "table",
        "list of figures",
        "short list",
        "ruler",
        "empty lines",
        "figures",
        "code",
        "refrain",
    ],
)
def test_a_text_that_goes_on_is_none(text: str) -> None:
    assert cut(text) == text


def test_only_a_reply_that_did_not_end_by_itself_is_looked_at() -> None:
    whole, filtered = ChatReply(LAMP * 20), ChatReply(LAMP * 20, finish_reason="content_filter")
    assert (without_loop(whole), without_loop(filtered)) == (whole, filtered)


def test_a_thought_that_repeats_itself_is_told_where_there_is_no_text() -> None:
    looped = without_loop(ChatReply("", LAMP * 20, finish_reason="length"))
    assert (looped.text, looped.reasoning, looped.finish_reason) == ("", LAMP.strip(), "repetition")
    assert without_loop(ChatReply("Ada.", LAMP * 20, finish_reason="length")).finish_reason == "length"


@pytest.mark.parametrize("size", [1, 7, 299, 5000])
def test_a_loop_is_seen_soon_in_whatever_pieces_it_comes(size: int) -> None:
    text, watch = PAGE + LAMP * 100, LoopWatch()
    seen = next(at for at in range(0, len(text), size) if watch.add(text[at : at + size])) + size
    assert seen <= max(len(PAGE) + 1000, 2 * size)


def test_a_watch_is_quiet_about_a_text_that_goes_on() -> None:
    watch = LoopWatch()
    assert not any(watch.add(f"Ned carried lamp {n} to the works.\n") for n in range(2000))


@pytest.mark.parametrize(
    "text",
    ["a" * 700_000 + "b" + "a" * 300_000, "\n" * 10**6, "1. " * 330_000, " \t" * 500_000, "ab" * 1000 + "c" * 998_000],
    ids=["letters", "lines", "numbers", "spaces", "pairs"],
)
def test_a_watch_looks_at_each_character_of_a_hostile_text_a_few_times(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = []
    find = repetition._period
    monkeypatch.setattr(repetition, "_period", lambda text: looked_at.append(len(text)) or find(text))
    watch = LoopWatch()
    for at in range(0, len(text), 100):
        watch.add(text[at : at + 100])
    assert 0 < sum(looked_at) <= 50 * len(text)
