"""Says in plain words whether the configured chat model answers, what it supports and what a call costs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from difflib import SequenceMatcher

from pydantic import BaseModel

from graphrag_lite.errors import ModelError
from graphrag_lite.index.extract_llm import Extraction, extract_packs
from graphrag_lite.index.packs import Pack
from graphrag_lite.llm.chat import CheckedChatModel
from graphrag_lite.llm.protocols import ChatRequest, Message
from graphrag_lite.llm.structured import ask
from graphrag_lite.records import Chunk, Facts
from graphrag_lite.settings import ExtractSettings, LLMSettings

_PROBE_WORDS = 2500
_MOST_RETRIES = 2
_OF_NAME = (400, 403, 404, 422)  # what servers say of a model that they do not have
_MOST_NAMES = 5
_LONGEST_REPLY = 600  # tokens, a short thought among them; some models write on and on where a word would do
_PASSAGE = (
    "Ada Renn founded the Brannock Works in Falkirk in 1869. She led it until Tom Vash, her nephew, sold it to the "
    "Kelder Harbour Board."
)


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """What a few small calls found out. `problem` is empty when the model can be used; None: not found out.

    `extracts` counts the names and the relationships that it found in two sentences. `context_tokens` is the window
    that the server really gives the model; 0: it does not say.
    """

    model: str
    provider: str
    base_url: str
    problem: str = ""
    writes_json: bool | None = None
    extracts: tuple[int, int] | None = None
    thinks: bool = False
    seconds: float = 0.0
    reads_long_prompts: bool | None = None
    context_tokens: int = 0
    cost_usd: float | None = None
    usd_per_1m_tokens: tuple[float, float] | None = None


class _Probe(BaseModel):
    city: str


def settings_for_check(settings: LLMSettings) -> LLMSettings:
    """The settings with few repetitions and short replies: who checks waits, also for the answer that there is none."""
    return settings.model_copy(
        update={
            "max_retries": min(settings.max_retries, _MOST_RETRIES),
            "max_output_tokens": min(settings.max_output_tokens, _LONGEST_REPLY),
        }
    )


def check_model(model: CheckedChatModel, extraction: Extraction | None = None) -> ModelCheck:
    """Ask the model for a word, for JSON, to read a long prompt and two sentences. Never from the cache.

    Args:
        model: Made from `settings_for_check`.
        extraction: How it is asked for facts; None: as without any settings.
    """
    base = (model.name, model.provider.name, model.provider.base_url)
    price = None if model.price is None else (model.price.input_usd, model.price.output_usd)
    stamp = f"Check {time.time_ns()}."  # no cached reply can answer for the server
    try:
        started = time.monotonic()
        hello = model.complete(_request(f"{stamp} Say hello in one word."))
        seconds = time.monotonic() - started
    except ModelError as error:
        cost_usd = model.meter.usage.cost_usd
        problem = f"{error}{_served_instead(model, error)}"
        return ModelCheck(*base, problem=problem, cost_usd=cost_usd, usd_per_1m_tokens=price)
    problem, extracts = "", None
    try:
        ask(model, _request(f'{stamp} Name the capital of France as JSON: {{"city":"…"}}'), _Probe)
    except ModelError as error:
        problem = f"It does not write usable JSON: {error}"
    else:
        extracts, why = _extracts(model, extraction or Extraction(ExtractSettings()), stamp)
        problem = f"It finds nothing in two plain sentences: {why} A larger model may." if why else ""
    if not (reads_long := _reads_long(model, stamp)):
        problem = problem or "It does not read long prompts whole: give it more context, or set llm.context_tokens."
    return ModelCheck(
        *base,
        problem=problem,
        writes_json=extracts is not None,
        extracts=extracts,
        thinks=bool(hello.reasoning),
        seconds=seconds,
        reads_long_prompts=reads_long,
        context_tokens=model.served_context(),
        cost_usd=model.meter.usage.cost_usd,
        usd_per_1m_tokens=price,
    )


def _served_instead(model: CheckedChatModel, error: ModelError) -> str:
    """The models that a server has which refuses a name, those first that look most like it."""
    served = model.served_models() if error.status in _OF_NAME else []
    if not served or model.name in served:
        return ""
    nearest = sorted(served, key=lambda name: (-SequenceMatcher(None, name.lower(), model.name.lower()).ratio(), name))
    more = f" and {len(nearest) - _MOST_NAMES:,} more" if len(nearest) > _MOST_NAMES else ""
    return f" It serves {', '.join(nearest[:_MOST_NAMES])}{more}."


def _extracts(model: CheckedChatModel, extraction: Extraction, title: str) -> tuple[tuple[int, int], str]:
    """How many names and relationships it finds in a passage, and why none."""
    chunk = Chunk("check", "check", 0, 0, len(_PASSAGE), _PASSAGE, "check", title)
    try:
        (found,) = extract_packs([Pack((chunk,))], model, extraction)
    except ModelError as error:
        return (0, 0), str(error)
    if not isinstance(found, Facts):
        return (0, 0), found.reason
    return (len(found.entities), len(found.relationships)), "" if found.entities else "it names nobody."


def _reads_long(model: CheckedChatModel, stamp: str) -> bool:
    words = min(_PROBE_WORDS, model.context_tokens // 2)
    try:
        reply = model.complete(_request(f"{stamp} {'word ' * words}\nSay hello in one word."))
    except ModelError:
        return False
    is_answered = reply.is_complete or bool(reply.text or reply.reasoning)
    return is_answered and reply.usage.prompt_tokens >= words  # a server may cut it without a word


def _request(text: str) -> ChatRequest:
    return ChatRequest((Message("user", text),), purpose="check")
