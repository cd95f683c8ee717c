"""Says in plain words whether the configured chat model answers, what it supports and what a call costs."""

from __future__ import annotations

import time
from dataclasses import dataclass

from pydantic import BaseModel

from graphrag_lite.errors import ModelError
from graphrag_lite.llm.chat import CheckedChatModel
from graphrag_lite.llm.protocols import ChatRequest, Message
from graphrag_lite.llm.structured import ask
from graphrag_lite.settings import LLMSettings

_PROBE_WORDS = 2500
_LONGEST_REPLY = 600  # tokens, a short thought among them; some models write on and on where a word would do
_MOST_RETRIES = 2


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """What three small calls found out. `problem` is empty when the model can be used; None: not found out.

    `context_tokens` is the window that the server really gives the model; 0: it does not say.
    """

    model: str
    provider: str
    base_url: str
    problem: str = ""
    writes_json: bool | None = None
    thinks: bool = False
    seconds: float = 0.0
    reads_long_prompts: bool | None = None
    context_tokens: int = 0
    cost_usd: float | None = None
    usd_per_1m_tokens: tuple[float, float] | None = None


class _Probe(BaseModel):
    city: str


def settings_for_check(settings: LLMSettings) -> LLMSettings:
    """The settings with few repetitions: who checks waits for the answer, also for the one that there is none."""
    return settings.model_copy(update={"max_retries": min(settings.max_retries, _MOST_RETRIES)})


def check_model(model: CheckedChatModel) -> ModelCheck:
    """Ask the model for a word, for JSON and to read a long prompt. Three calls at most, never from the cache."""
    base = (model.name, model.provider.name, model.provider.base_url)
    price = None if model.price is None else (model.price.input_usd, model.price.output_usd)
    stamp = f"Check {time.time_ns()}."  # no cached reply can answer for the server
    try:
        started = time.monotonic()
        hello = model.complete(_request(f"{stamp} Say hello in one word."))
        seconds = time.monotonic() - started
    except ModelError as error:
        cost_usd = model.meter.usage.cost_usd
        return ModelCheck(*base, problem=str(error), cost_usd=cost_usd, usd_per_1m_tokens=price)
    problem, writes_json, reads_long = "", True, True
    try:
        ask(model, _request(f'{stamp} Name the capital of France as JSON: {{"city":"…"}}'), _Probe)
    except ModelError as error:
        problem, writes_json = f"It does not write usable JSON: {error}", False
    try:
        words = min(_PROBE_WORDS, model.context_tokens // 2)
        request = _request(f"{stamp} {'word ' * words}\nSay hello in one word.")
        reply = model.complete(request)
        is_answered = reply.is_complete or bool(reply.text or reply.reasoning)
        reads_long = is_answered and reply.usage.prompt_tokens >= words  # a server may cut it without a word
    except ModelError:
        reads_long = False
    return ModelCheck(
        *base,
        problem=problem
        or (
            ""
            if reads_long
            else "It does not read long prompts whole: give it more context, or set llm.context_tokens."
        ),
        writes_json=writes_json,
        thinks=bool(hello.reasoning),
        seconds=seconds,
        reads_long_prompts=reads_long,
        context_tokens=model.served_context(),
        cost_usd=model.meter.usage.cost_usd,
        usd_per_1m_tokens=price,
    )


def _request(text: str) -> ChatRequest:
    return ChatRequest((Message("user", text),), max_output_tokens=_LONGEST_REPLY, purpose="check")
