"""The two small questions a model is asked about entities: same or not, and many descriptions in one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, field_validator, model_validator

from graphrag_lite.errors import ModelReplyError
from graphrag_lite.index.reply_description import read_description
from graphrag_lite.index.reply_names import says_nothing
from graphrag_lite.llm.dispatch import Outcome, run_all
from graphrag_lite.llm.protocols import ChatModel, ChatRequest, prompt_messages
from graphrag_lite.llm.reply_forms import numbers_in, unquoted, with_keys
from graphrag_lite.llm.structured import ask
from graphrag_lite.prompts import Prompt, numbered, prompt_language, render
from graphrag_lite.text.tokens import estimate_tokens

PAIRS_PER_CALL = 20
SHOWN_CHARACTERS = 240
LONG_TOKENS = 300  # descriptions that are shorter together are simply joined
SUMMARY_TOKENS = 180
_SUMMARY_LENGTH = {"en": 100, "zh": 180}  # words of English, characters of Chinese


@dataclass(frozen=True, slots=True)
class UndecidedPair:
    """Two entities that cheap signals neither merge nor keep apart: key, name and what is known of each."""

    keys: tuple[str, str]
    names: tuple[str, str]
    descriptions: tuple[str, str] = ("", "")


class SameReply(BaseModel):
    """Numbers of the pairs that are one thing; a reply without them has not said that there are none."""

    same: list[int]

    @model_validator(mode="before")
    @classmethod
    def _with_our_key(cls, value: Any) -> Any:
        return with_keys(value, {"same": ("samepairs", "相同")})

    @field_validator("same", mode="before")
    @classmethod
    def _numbers(cls, value: Any) -> Any:
        value = unquoted(value)
        if isinstance(value, dict):
            value = [{"pair": number, "same": said} for number, said in value.items()]
        if isinstance(value, list):
            return [number for place, one in enumerate(value, 1) for number in _chosen(one, place)]
        is_none = value in (None, False) or (isinstance(value, str) and says_nothing(value))
        return [] if is_none else _chosen(value, 0)


def _chosen(said: Any, place: int) -> list[int]:
    """The pair that an item takes for one thing: its number, or the item's place in a list of yes and no."""
    if isinstance(said, dict):
        verdict = with_keys(
            said, {"i": ("pair", "number", "id", "index"), "same": ("issame", "match", "verdict", "相同")}
        )
        if not isinstance(verdict.get("same", True), bool):
            raise ValueError("same is neither true nor false")
        return _chosen(verdict.get("i"), 0) if verdict.get("same", True) else []
    if isinstance(said, bool) and place:
        return [place] if said else []
    numbers = [] if isinstance(said, list) and len(said) > 1 else numbers_in(said)
    if not numbers:
        raise ValueError(f"{said!r} is no number of a pair")
    return numbers


def decide_pairs(
    pairs: Sequence[UndecidedPair], model: ChatModel, *, concurrency: int = 25, prompts: str = ""
) -> Iterator[Outcome[tuple[UndecidedPair, ...], tuple[UndecidedPair, ...]]]:
    """Of each batch of pairs, those that name one thing, as the replies come. One call for twenty pairs.

    An outcome with an error leaves its pairs apart; the next run asks again.
    """
    batches = [tuple(pairs[start : start + PAIRS_PER_CALL]) for start in range(0, len(pairs), PAIRS_PER_CALL)]
    return run_all(lambda batch: _decide(batch, model, prompts), batches, concurrency=concurrency)


def _decide(batch: tuple[UndecidedPair, ...], model: ChatModel, prompts: str) -> tuple[UndecidedPair, ...]:
    shown = [
        "\n".join(f"{name}: {text[:SHOWN_CHARACTERS]}" for name, text in zip(p.names, p.descriptions, strict=True))
        for p in batch
    ]
    prompt = render("resolve", prompt_language(" ".join(shown)), prompts, pairs=numbered(("", text) for text in shown))
    numbers = set(ask(model, _request(prompt, "resolve", 300), SameReply).same)
    return tuple(pair for n, pair in enumerate(batch, 1) if n in numbers)


def needs_summary(descriptions: Sequence[str]) -> bool:
    """True where the descriptions of one entity are too long to be shown together."""
    return len(descriptions) > 1 and sum(map(estimate_tokens, descriptions)) > LONG_TOKENS


def summarize_descriptions(
    descriptions: Mapping[str, Sequence[str]], model: ChatModel, *, concurrency: int = 25, prompts: str = ""
) -> Iterator[Outcome[str, str]]:
    """One description for each name whose descriptions are long, as they come. One call a name."""
    long = [name for name, texts in sorted(descriptions.items()) if needs_summary(texts)]
    return run_all(lambda n: _summarize(n, descriptions[n], model, prompts), long, concurrency=concurrency)


def _summarize(name: str, texts: Sequence[str], model: ChatModel, prompts: str) -> str:
    language = prompt_language(" ".join(texts))
    prompt = render(
        "summarize",
        language,
        prompts,
        words=_SUMMARY_LENGTH[language],
        language="",
        name=name,
        descriptions=numbered(("", text) for text in texts),
    )
    reply = model.complete(_request(prompt, "summarize", 400))
    summary = read_description(reply.text, name) if reply.is_complete else ""
    if not summary:
        raise ModelReplyError(f"The summary of {name} was cut off or is none. Its descriptions stand as they are.")
    return summary


def _request(prompt: Prompt, purpose: str, max_output_tokens: int) -> ChatRequest:
    return ChatRequest(prompt_messages(prompt), max_output_tokens=max_output_tokens, purpose=purpose)
