from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from pydantic import BaseModel, Field

from graphrag_lite.errors import ModelReplyError, PendingError
from graphrag_lite.llm.protocols import ChatReply, ChatRequest, Message
from graphrag_lite.llm.structured import CutOffError, ask, json_schema, parse_json


class Town(BaseModel):
    name: str
    people: int = 0


class Fleet(BaseModel):
    boats: list[str]


class Scripted:
    name = "scripted"

    def __init__(self, *texts: str | ChatReply | Exception) -> None:
        self.replies = [ChatReply(text) if isinstance(text, str) else text for text in texts]
        self.requests: list[ChatRequest] = []
        self.remembered: list[tuple[ChatRequest, ChatReply | None]] = []

    def complete(self, request: ChatRequest) -> ChatReply:
        self.requests.append(request)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    def stream(self, request: ChatRequest) -> Iterator[str | ChatReply]:
        raise NotImplementedError

    def remember(self, request: ChatRequest, reply: ChatReply | None) -> None:
        self.remembered.append((request, reply))


REQUEST = ChatRequest((Message("user", "Which town? JSON."),))


@pytest.mark.parametrize(
    "text",
    [
        '{"name":"Renn","people":3}',
        '```json\n{"name":"Renn","people":3}\n```',
        'Here it is:\n```\n{"name": "Renn", "people": 3}\n```\nAnything else?',
        'Sure! {"name":"Renn","people":3} I hope this helps.',
        "{'name': 'Renn', 'people': 3,}",
        '{"name":"Renn" "people":3}',
        '{"name":"Renn","people":3,"boats":[{"name":"Heron"}]}',
        '{"name":"Renn","people":3,"motto":"\\"[" "x":1}',
        json.dumps('{"name":"Renn","people":3}'),
        json.dumps('{\n "name": "Renn", "people": 3}')[1:-1],
        f"```json\n{json.dumps(json.dumps({'name': 'Renn', 'people': 3}))}\n```",
    ],
)
def test_json_is_found_and_repaired(text: str) -> None:
    assert Town.model_validate(parse_json(text)) == Town(name="Renn", people=3)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I cannot do that.",
        '{"p":[{"i":1},{"i":2',
        '{"name":"Ren',
        '{"p":[{"e":[1]}',
        'As [1] says: {"name":"Ren',
        '{"name":"the \\"Ren\\"',
        '{"name":"Renn\\"}',
        json.dumps('{"name":"Renn","boats":["Her')[:-1],
        json.dumps('{"name":"Renn","boats":["Her')[1:-1],
        "{?}",
        "[" * 100_000 + "]" * 100_000,
    ],
    ids=[
        "nothing",
        "words",
        "list",
        "string",
        "object",
        "behind brackets",
        "quoted",
        "quoted end",
        "escaped",
        "escaped without quotes",
        "no value",
        "too deep",
    ],
)
def test_text_that_is_no_whole_value_is_never_taken(text: str) -> None:
    with pytest.raises(ModelReplyError):
        parse_json(text)


HERON = '{"boats":["Heron"]}'


@pytest.mark.parametrize(
    "text",
    [
        f'{{"Fleet":{HERON}}}',
        f'{{"title":"Fleet","type":"object","properties":{HERON}}}',
        f'<tool_call>\n{{"name": "fleet", "arguments": {HERON}}}\n</tool_call>',
        f'{{"type":"function","function":{{"name":"fleet","parameters":{HERON}}}}}',
        f'{{"answer": {json.dumps(HERON)}}}',
        f"The form is {{boats}}, as in [1].\n\nSo the answer is:\n{HERON}",
        f'As a draft: {{"boats":["Gannet"]}}. No, finally: {HERON}',
        f'```json\n{{"boats": […]}}\n```\nThat gives\n```json\n{HERON}\n```',
        f'analysisWe need {{"boats": [...]}}.assistantfinal{HERON}',
        f"{HERON}<|im_end|>\n<|im_start|>user\n",
        "{“boats”：[“Heron”]}",
        '{"boats"：["Heron"]，"name"："Fenn"}',
        '｛"boats":［“Heron”］｝',
    ],
)
def test_a_value_is_found_in_what_it_is_wrapped_in(text: str) -> None:
    assert ask(Scripted(text), REQUEST, Fleet) == Fleet(boats=["Heron"])


def test_several_values_are_one_list() -> None:
    assert parse_json(f"{HERON}\n{HERON}") == [{"boats": ["Heron"]}] * 2
    assert parse_json(f"One:\n```json\n{HERON}\n```\nTwo:\n```json\n{HERON}\n```") == [json.loads(HERON)] * 2


def test_of_several_values_none_is_taken_when_the_last_has_no_end() -> None:
    with pytest.raises(ModelReplyError, match="no end"):
        parse_json(f'{HERON}\n{{"boats":["Gan')


@pytest.mark.parametrize("motto", ["她说：“好，走”", "“A：b”， “c”"])
def test_signs_within_a_text_stay(motto: str) -> None:
    assert parse_json(f'{{"name"："Renn"，"motto"："{motto}"}}') == {"name": "Renn", "motto": motto}


@pytest.mark.parametrize("part", ["{“", "“”，", "{]", '{"a":“', "[x]{", "“："])
def test_what_is_no_json_takes_no_long_time(part: str) -> None:
    with pytest.raises(ModelReplyError):
        parse_json("{" + part * 10_000)


def test_a_bad_reply_is_asked_again_with_the_error() -> None:
    model = Scripted('{"people":"many"}', '{"name":"Renn"}')
    assert ask(model, REQUEST, Town) == Town(name="Renn")
    assert "name: Field required" in model.requests[1].messages[-1].content
    assert model.requests[1].messages[0] == REQUEST.messages[0]


def test_a_blank_reply_is_asked_again() -> None:
    """DeepSeek blanks what it does not take for JSON, and calls it complete."""
    model = Scripted("   \n  ", '{"name":"Renn"}')
    assert ask(model, REQUEST, Town).name == "Renn"


def test_a_good_second_reply_is_remembered_for_the_first_request() -> None:
    model = Scripted("no", '{"name":"Renn"}')
    ask(model, REQUEST, Town)
    remembered = [(r.messages == REQUEST.messages, reply and reply.text) for r, reply in model.remembered]
    assert remembered == [(True, '{"name":"Renn"}')]


def test_a_bad_reply_stays_until_the_second_is_there() -> None:
    model = Scripted("no", PendingError("it comes with a batch"))
    with pytest.raises(PendingError):
        ask(model, REQUEST, Town)
    assert model.remembered == []


def test_two_bad_replies_are_forgotten_and_an_error() -> None:
    model = Scripted("no", "still no")
    with pytest.raises(ModelReplyError):
        ask(model, REQUEST, Town)
    assert [(request.messages, reply) for request, reply in model.remembered] == [
        (asked.messages, None) for asked in model.requests
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [("", "(nothing)"), ("no", "no"), ("no " * 2000, "no " * 500 + " …")],
    ids=["nothing", "short", "long"],
)
def test_a_bad_reply_is_shown_again_as_far_as_it_tells_something(text: str, shown: str) -> None:
    model = Scripted(text, '{"name":"Renn"}')
    ask(model, REQUEST, Town)
    assert model.requests[1].messages[1] == Message("assistant", shown)


def test_a_reply_that_a_filter_stopped_was_not_cut_off() -> None:
    filtered = ChatReply("", finish_reason="content_filter")
    with pytest.raises(ModelReplyError, match="content filter") as caught:
        ask(Scripted(filtered, filtered), REQUEST, Town)
    assert not isinstance(caught.value, CutOffError)  # asking for less at once would not help


def test_a_cut_off_reply_is_never_complete_even_when_it_parses() -> None:
    model = Scripted(ChatReply('{"name":"Renn"}', finish_reason="length"))
    with pytest.raises(CutOffError):
        ask(model, REQUEST, Town)


def test_a_reply_that_repeated_itself_says_so_and_is_cut_off_all_the_same() -> None:
    with pytest.raises(CutOffError, match="repeated itself"):
        ask(Scripted(ChatReply('{"name":"Renn"}', finish_reason="repetition")), REQUEST, Town)


def test_the_schema_is_strict() -> None:
    schema = json_schema(Town)
    assert schema["required"] == ["name", "people"]
    assert schema["additionalProperties"] is False
    assert "default" not in str(schema)


class Entry(BaseModel):
    title: str
    description: str = Field("", description="Prose.", max_length=9)
    parts: list[Town] = []


def test_the_schema_holds_every_field_however_it_is_called_and_no_prose() -> None:
    schema = json_schema(Entry)
    assert schema["required"] == list(schema["properties"]) == ["title", "description", "parts"]
    assert schema["properties"]["title"] == schema["properties"]["description"] == {"type": "string"}
    assert schema["$defs"]["Town"]["required"] == ["name", "people"]


def test_a_reply_is_not_asked_for_again_where_there_is_no_room() -> None:
    model = Scripted(ChatReply("Sorry?"), ChatReply('{"name":"Renn","people":3}'))
    with pytest.raises(ModelReplyError, match="no JSON"):
        ask(model, REQUEST, Town, may_ask_again=lambda request: len(request.messages) < 2)
    assert len(model.requests) == 1
