from __future__ import annotations

import pytest

from graphrag_lite.llm.reasoning import readable_pieces, split_reasoning, visible_pieces


@pytest.mark.parametrize(
    ("raw", "reasoning", "answer"),
    [
        pytest.param("<think>hm</think>\n\nParis.", "hm", "Paris.", id="leading"),
        pytest.param("\n<THINK>\na\n</THINK>\n<think>b</think> Paris.", "a\nb", "Paris.", id="several"),
        pytest.param("Let me see.\n</think>\n\nParis.", "Let me see.", "Paris.", id="lone closing line"),
        pytest.param('I will list it.</think>{"p":[]}', "I will list it.", '{"p":[]}', id="lone closing before json"),
        pytest.param("<think>never ends", "never ends", "", id="cut off while thinking"),
        pytest.param("<think></think>Paris.", "", "Paris.", id="empty thought"),
        pytest.param(
            "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>Paris.<|return|>",
            "analysis hm  assistant",
            "Paris.",
            id="channels",
        ),
        pytest.param("<|channel|>analysis<|message|>never ends", "analysis never ends", "", id="channel cut off"),
        pytest.param("<|channel|>final <|constrain|>json<|message|>{}", "", "{}", id="no thought"),
        pytest.param("Paris.<|im_end|>\n<|endoftext|>", "", "Paris.", id="signs of an end"),
    ],
)
def test_reasoning_is_split_off(raw: str, reasoning: str, answer: str) -> None:
    assert split_reasoning(raw) == (reasoning, answer)


@pytest.mark.parametrize(
    "text",
    [
        "Paris.",
        "The tag <think> opens a thought and </think> closes it.",
        "Write `</think>` at the end.",
        'He wrote "</think>" on the wall.',
        "It ends with </think>, as always.",
        "Use <think>\nand\n</think>\nin templates.",
        "ChatML writes <|im_end|> behind a turn.",
        "The sign is `<|im_end|>`",
    ],
)
def test_text_about_tags_survives(text: str) -> None:
    assert split_reasoning(text) == ("", text)


def pieces(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("<think>secret</think>\n\nParis is it.", "Paris is it."),
        ("<b>Paris</b> is it.", "<b>Paris</b> is it."),
        ("Paris is it.", "Paris is it."),
        ("<think>only secret", ""),
        ("<|channel|>analysis<|message|>secret<|end|><|start|>assistant<|channel|>final<|message|>Paris.", "Paris."),
        ("<|start|>assistant<|channel|>analysis<|message|>secret<|channel|>final<|message|>Paris.", "Paris."),
        ("Paris is it.</s>", "Paris is it."),
        ("Paris is it.<|end|><|return|>\n", "Paris is it."),
        ("If a < b then <b>Paris</b> <|im_end|> is it", "If a < b then <b>Paris</b> <|im_end|> is it"),
    ],
)
def test_streams_show_no_reasoning(raw: str, shown: str, size: int) -> None:
    assert "".join(visible_pieces(pieces(raw, size))) == shown


TURNS = [
    ("Paris is it.<|im_end|>\n<|im_start|>user\nAnd Rome?<|im_end|>", "Paris is it."),
    ("Paris is it.<end_of_turn>\n<start_of_turn>user\nAnd Rome?", "Paris is it."),
    ("Paris is it.<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nParis is it.", "Paris is it."),
    ("Paris is it.<|endoftext|>Human: And Rome?", "Paris is it."),
    ("Paris is it.</s><s>[INST] And Rome? [/INST]", "Paris is it."),
    ("<|im_start|>assistant\nParis is it.<|im_end|>", "Paris is it."),
    ("<|start_header_id|>assistant<|end_header_id|>\n\nParis is it.", "Paris is it."),
    ("<start_of_turn>model\nParis is it.", "Paris is it."),
    ("<|begin_of_text|>Paris is it.", "Paris is it."),
    ("analysisWe need the capital.assistantfinalParis is it.", "Paris is it."),
    ("assistantanalysis“France”. Fine.assistantcommentaryNo tool.assistantfinalParis is it.", "Paris is it."),
    ("analysisWe need the capital, which", ""),
    (
        "<|channel|>analysis<|message|>secret<|end|><|start|>assistant<|channel|>commentary json<|message|>{}<|call|>",
        "{}",
    ),
    ("<|channel|>commentary to=tool <|constrain|>json<|message|>{}<|end|>", "{}"),
    ("<|channel|>analysis<|message|>secret, which", ""),
    ("<thought>secret</thought>Paris is it.", "Paris is it."),
    ("analysis of the passages tells that Paris is it.", "analysis of the passages tells that Paris is it."),
    ("A turn ends with `<|im_end|>`\nUser: is a label.", "A turn ends with `<|im_end|>`\nUser: is a label."),
    ("Write <s>old</s> Paris.", "Write <s>old</s> Paris."),
    ("The sign </s> User: opens no turn.", "The sign </s> User: opens no turn."),
    (
        "<|im_start|>assistant\nA chat:\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nis ChatML.<|im_end|>",
        "A chat:\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nis ChatML.",
    ),
]


@pytest.mark.parametrize(("raw", "answer"), TURNS)
def test_an_answer_is_one_turn_without_its_signs(raw: str, answer: str) -> None:
    assert split_reasoning(raw)[1].strip() == answer


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(("raw", "answer"), TURNS)
def test_streams_show_one_turn_without_its_signs(raw: str, answer: str, size: int) -> None:
    assert "".join(visible_pieces(pieces(raw, size))).strip() == answer


def test_a_stream_is_heard_to_its_end_behind_the_turn() -> None:
    heard = iter(["Paris.<|im_end|>", "<|im_start|>", "user", " And Rome?", "usage"])
    assert "".join(visible_pieces(heard)) == "Paris."
    assert next(heard, None) is None


@pytest.mark.parametrize("size", [1, 4, 1000])
def test_streams_of_thinking_models_wait_for_the_lone_closing_tag(size: int) -> None:
    raw = "I think hard.\n</think>\n\nParis it is."
    assert "".join(visible_pieces(pieces(raw, size), hides_lone_think=True)) == "Paris it is."


def test_streams_of_thinking_models_go_on_as_they_come_once_the_thought_has_ended() -> None:
    stream = visible_pieces(iter(["Hm.", "\n</think>\n\n", "Paris ", "it is."]), hides_lone_think=True)
    assert next(iter(stream)) == "Paris "


def test_streams_start_before_the_reply_is_whole() -> None:
    stream = visible_pieces(iter(["Par", "is", "."]))
    assert next(iter(stream)) == "Par"


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        (["A \ud83d", "\ude00 lamp"], ["A ", "😀 lamp"]),
        (["A \ud83d", " lamp"], ["A ", "? lamp"]),
        (["A \ude00", "\ud83d"], ["A ?", "?"]),
        (["\ud83d", "", "\ude00"], ["😀"]),
        (["A \ud83d\ude00 lamp"], ["A 😀 lamp"]),
        (["灯", "塔"], ["灯", "塔"]),
        (["A\x00 \x1b[1m", "\x07", "lamp\u202e\n\t"], ["A [1m", "lamp\n\t"]),
    ],
)
def test_what_is_shown_of_a_reply_can_be_read(pieces: list[str], shown: list[str]) -> None:
    assert list(readable_pieces(pieces)) == shown
    assert split_reasoning("".join(pieces))[1] == "".join(shown)
