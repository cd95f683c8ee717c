"""The parts of a reply, as servers of several makers name them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from graphrag_lite.llm.bodies import (
    arguments_in,
    ending_of,
    error_instead,
    plain,
    tells_no_credit,
    text_and_thought,
    words_of,
)


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        ("stop", ["stop", "", None, "eos_token", "STOP", "end_turn", "tool_calls", {"type": "stop"}]),
        ("length", ["length", "max_tokens", "MAX_TOKENS", "model_length", "max_output_tokens"]),
        ("repetition", ["repetition", "repetition_truncation"]),
        ("length", ["model_context_window_exceeded"]),
        ("content_filter", ["content_filter", "sensitive", "SAFETY", "IMAGE_SAFETY", "refusal", "RECITATION"]),
        ("broken", ["error", "network_error", "insufficient_system_resource", "abort", "timeout"]),
    ],
)
def test_an_end_is_known_by_any_of_its_names(ending: str, told: list[object]) -> None:
    assert {ending_of(word) for word in told} == {ending}


def test_text_and_thought_of_a_list_of_parts_are_told_apart() -> None:
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}
    assert text_and_thought([thinking, {"type": "text", "text": "Re"}, "nn"]) == ("Renn", "Hm.")
    summary = [{"type": "summary_text", "text": "Hm."}]
    for hidden, told in ({"summary": summary}, "Hm."), ({"summary": []}, ""), ({"summary": {"a": 1}}, ""), ({}, ""):
        assert text_and_thought([{"type": "reasoning", **hidden}, {"type": "text", "text": "Renn"}]) == ("Renn", told)
    assert text_and_thought(None) == text_and_thought([]) == ("", "")
    assert text_and_thought([{"type": "image_url"}]) is text_and_thought({"a": 1}) is None


@pytest.mark.parametrize(
    ("message", "given"),
    [
        ({"tool_calls": [{"function": {"name": "f", "arguments": '{"a":1}'}}]}, '{"a":1}'),
        ({"tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}}]}, '{"a": 1}'),
        ({"tool_calls": None, "function_call": {"name": "f", "arguments": '{"a":1}'}}, '{"a":1}'),
        ({"tool_calls": [{"function": {"arguments": "{1}"}}, {"function": {"arguments": "{2}"}}]}, "{1}{2}"),
        ({"tool_calls": [None, {"function": None}, {"function": {"name": "f", "arguments": None}}]}, ""),
        ({"tool_calls": "none", "function_call": "auto"}, ""),
        (None, ""),
    ],
    ids=["text", "object", "function", "several", "nothing", "odd", "no message"],
)
def test_what_is_given_to_functions_is_found(message: Any, given: str) -> None:
    assert arguments_in(message) == given


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "no money"}},
        {"error": "no money"},
        [{"error": {"code": 429, "message": "no money"}}],
        {"base_resp": {"status_code": 1008, "status_msg": "no money"}},
        {"detail": [{"msg": "no money"}]},
    ],
)
def test_the_words_of_an_error_are_found_wherever_they_are(body: Any) -> None:
    assert words_of(body) == "no money"


def test_the_words_of_an_error_name_the_part_of_a_request_that_they_are_about() -> None:
    item = {"type": "extra_forbidden", "loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}
    told = "body.stream_options: Extra inputs are not permitted"
    assert words_of({"detail": [item]}) == words_of({"object": "error", "message": {"detail": [item]}}) == told


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ('{"error": {"message": "no such thing", "code": 400}}', ": no such thing"),
        ({"error": {"message": "no such thing"}}, ": no such thing"),
        ("m is rate-limited upstream. Retry shortly.", ": m is rate-limited upstream. Retry shortly."),
        ("[" * 100_000, ": " + "[" * 100_000),
        (None, ""),
        ("", ""),
    ],
    ids=["text of json", "json", "words", "deep", "null", "empty"],
)
def test_the_words_of_an_error_that_a_gateway_passes_on_are_told(raw: Any, told: str) -> None:
    error = {"message": "Provider returned error", "code": 400, "metadata": {"raw": raw, "provider_name": "P"}}
    assert words_of({"error": error}) == f"Provider returned error{told}"


@pytest.mark.parametrize("body", ["<html>" + "<" * 200_000, "<html><title>" + " " * 200_000, "insufficient_" * 15_000])
def test_the_words_of_a_long_page_are_read_within_a_second(body: str) -> None:
    begun = time.perf_counter()
    assert not tells_no_credit(plain(body))
    assert time.perf_counter() - begun < 1.0


def test_an_error_in_the_place_of_a_reply_is_seen_with_its_status() -> None:
    def seen(**body: Any) -> tuple[str, int]:
        return error_instead(body)

    assert seen(error={"message": "no money", "code": 402}) == ("no money", 402)
    assert seen(error={"message": "busy", "code": "503"}) == ("busy", 503)
    assert seen(code=11200, message="no such app") == ("no such app", 0)
    assert seen(choices=None, base_resp={"status_code": 1004, "status_msg": "login fail"}) == ("login fail", 0)
    assert seen(id="x", choices=[]) == ("", 0)
    assert error_instead("<html>") == ("", 0)
