"""What each OpenAI-compatible server can do: one table, read by one client.

What the table does not know is learned: a server that refuses a parameter with 400 is asked without it from then
on (`dialect.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlsplit

from graphrag_lite.errors import SettingsError

ReplyFormat = Literal["json_schema", "json_object", "text"]
DEFAULT_CONTEXT_TOKENS = 8192
_LOCAL_HOSTS = re.compile(
    r"^(localhost|127\.|0\.0\.0\.0|::1|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|host\.docker)|\.local$"
)
_THIS_MACHINE = re.compile(r"localhost|127(\.\d+){3}|0\.0\.0\.0|::1|host\.docker\.internal")


@dataclass(frozen=True, slots=True)
class Provider:
    """A kind of server.

    `formats` is the ladder of structured output, best first. `reasoning_fields` are where a message carries its
    reasoning beside `content`. `context_tokens` is the window of its usual model, `token_parameter` the name of the
    output limit. `native` marks a server that is asked through its own API, since its OpenAI endpoint lacks what we
    need. `most_calls` is how many calls at once a server on modest hardware bears, 0: many; its replies are heard as
    they come. `no_thinking` are request fields that switch thinking off or down, best first; `switches` are what to
    try once a model thinks of which the table knows nothing. `thinking_tokens` is room beyond the reply for models
    that count their reasoning as output. `hides_lone_think`: a reply may begin amid a thought, as long as thinking is
    not off. `batch_price` is the share of the usual price that its Batch API asks; 0 where there is none. `surcharge`
    is what an address asks above the price table. `is_local`: the model runs on the user's own hardware and costs
    nothing unless the price table knows it. `is_private`: the server is in the user's network and may need no key.
    """

    name: str
    base_url: str
    key_env: str = ""
    formats: tuple[ReplyFormat, ...] = ("json_schema", "json_object", "text")
    reasoning_fields: tuple[str, ...] = ("reasoning_content", "reasoning")
    context_tokens: int = DEFAULT_CONTEXT_TOKENS
    token_parameter: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    streams_usage: bool = True
    sends_temperature: bool = True
    native: Literal["", "ollama"] = ""
    is_local: bool = False
    is_private: bool = False
    most_calls: int = 0
    no_thinking: tuple[Mapping[str, Any], ...] = ()
    switches: tuple[Mapping[str, Any], ...] = ()
    thinking_tokens: int = 0
    hides_lone_think: bool = False
    batch_price: float = 0.0
    surcharge: float = 1.0

    def thinks(self, is_wanted: bool) -> bool:
        """Whether replies cost reasoning: where it is wanted, or cannot be switched off."""
        return bool(self.thinking_tokens) and (is_wanted or not self.no_thinking)


_EFFORT_NONE, _EFFORT_MINIMAL, _EFFORT_LOW = ({"reasoning_effort": effort} for effort in ("none", "minimal", "low"))
# Chat templates read one of the two and know nothing of the other.
_TEMPLATE_SWITCH: Mapping[str, Any] = {"chat_template_kwargs": {"enable_thinking": False, "thinking": False}}
# DashScope, ModelScope and SiliconFlow read the first; GLM, Kimi and Doubao the second (docs.z.ai/guides/capabilities/
# thinking-mode); Gemini, Grok and OpenRouter an effort, which some models have only low.
DEMANDED_SWITCH: Mapping[str, Any] = {"enable_thinking": False}
_SWITCHES = (DEMANDED_SWITCH, {"thinking": {"type": "disabled"}}, _EFFORT_NONE, _EFFORT_LOW)

PROVIDERS = {
    p.name: p
    for p in (
        Provider("openai", "https://api.openai.com/v1", "OPENAI_API_KEY", context_tokens=128_000,
                 token_parameter="max_completion_tokens", batch_price=0.5),
        # Refuses json_schema with 400 "This response_format type is unavailable now". Thinks unless told not to.
        Provider("deepseek", "https://api.deepseek.com", "DEEPSEEK_API_KEY", formats=("json_object", "text"),
                 context_tokens=1_000_000, no_thinking=({"thinking": {"type": "disabled"}},)),
        # Called the reasoning field reasoning_content before 0.12, reasoning since.
        Provider("vllm", "http://localhost:8000/v1", is_local=True),
        Provider("sglang", "http://localhost:30000/v1", is_local=True),
        # Lists no window. Its TurboMind engine used to refuse every format (lmdeploy issue 2753).
        Provider("lmdeploy", "http://localhost:23333/v1", is_local=True),
        # /v1 ignores num_ctx and cuts long prompts without a word (ollama issues 2722, 16814): see ollama.py.
        Provider("ollama", "http://localhost:11434/v1", native="ollama", is_local=True, most_calls=4),
        # With --jinja, old versions refuse json_schema ("Either json_schema or grammar"): the ladder steps down.
        Provider("llamacpp", "http://localhost:8080/v1", is_local=True, most_calls=4),
        Provider("other", "", batch_price=1.0),  # whether it has batches shows when one is sent
    )
}  # fmt: skip

# Addresses that keep data in a region cost 10% more, of models since March 2026: developers.openai.com/api/docs/guides/
# data-residency.
_REGIONAL = re.compile(r"[a-z]{2}\.api\.openai\.com")
_REGIONAL_SURCHARGE = 1.1
_HOSTS = {"api.openai.com": "openai", "api.deepseek.com": "deepseek"}
_PORTS = {11434: "ollama", 30000: "sglang", 23333: "lmdeploy"}
# Names that only one provider gives its models; DeepSeek's open weights are served by anybody. A vendor in front
# ("openai/gpt-4o") is how resellers and hubs write a name.
_NAMES = (
    ("openai", re.compile(r"(gpt-\d|chatgpt-\d|o\d)[^:/]*|ft:(gpt-|o\d)[^/]*")),
    ("deepseek", re.compile(r"deepseek-(?!(r1|coder|llm|moe|math|ocr|vl\d?|v[23])\b)[^:/]*")),
    ("ollama", re.compile(r"[^:/]+:[^:/]+")),  # qwen2.5:7b; asked on this machine
)

# Models that differ from their provider: every pattern that matches the name, vendor prefix removed, in this order.
_MODEL_QUIRKS: tuple[tuple[str, re.Pattern[str], dict[str, object]], ...] = (
    ("openai", re.compile(r"^(o\d|gpt-[5-9](?!.*chat))"), {"sends_temperature": False, "thinking_tokens": 8000}),
    ("openai", re.compile(r"^gpt-5"), {"context_tokens": 400_000}),
    ("openai", re.compile(r"^gpt-(4\.1|5\.[4-9]|[6-9])"), {"context_tokens": 1_000_000}),
    ("openai", re.compile(r"^gpt-3\.5"), {"formats": ("json_object", "text"), "context_tokens": 16_000}),
    ("openai", re.compile(r"^o\d"), {"no_thinking": (_EFFORT_LOW,)}),
    ("openai", re.compile(r"^gpt-5(-\d{4}|-mini|-nano|$)"), {"no_thinking": (_EFFORT_MINIMAL, _EFFORT_LOW)}),
    ("openai", re.compile(r"^gpt-(5\.\d|[6-9])(?!.*(chat|pro\b))"), {"no_thinking": (_EFFORT_NONE, _EFFORT_LOW)}),
    # Always thinks (BerriAI/litellm-docs pull 1173). A refusal would cost a batch a whole round.
    ("openai", re.compile(r"^gpt-6-astra"), {"no_thinking": (_EFFORT_LOW,)}),
    # Who names it wants it to think; then a temperature has no effect.
    ("deepseek", re.compile(r"reasoner"), {"no_thinking": (), "sends_temperature": False}),
    ("deepseek", re.compile(r""), {"thinking_tokens": 16_000}),  # thinking counts as output there
)
# Open-weight models whose chat template opens <think> in the prompt, so that the reply holds a lone closing tag.
_THINKS = re.compile(r"deepseek-?r1|qwq|(?<!non-)(thinking|reason)|magistral|glm-z1|gpt-oss", re.IGNORECASE)
# Open-weight models that think or not, as their chat template is told; that of Qwen3.5 and of DeepSeek opens <think>,
# too, where they are to think (vllm-project/vllm-ascend issue 7061). GLM-5.3 always thinks, and has levels for that
# (vllm-project/recipes pull 852): what it minds is tried.
_CAN_THINK = re.compile(
    r"qwen-?3|glm-?(?!5\.[3-9])[4-9]|deepseek-?v(3\.[1-9]|[4-9])|hunyuan|ernie-?[4-9]|granite|exaone|smollm-?3",
    re.IGNORECASE,
)
_TEMPLATE_SERVERS = ("vllm", "sglang", "lmdeploy", "llamacpp")


def find_provider(name: str = "", base_url: str = "", model: str = "") -> Provider:
    """The provider of a model: by name, else by the URL, else by the name of the model where it leaves no doubt.

    Where nothing tells, it is "other" and has no URL: calls can be planned, and a program may bring its own model.

    Raises:
        SettingsError: The name is not in the table, or it needs a URL.
    """
    key = name.lower() or (_by_url(base_url) if base_url else _by_model(model))
    if key not in PROVIDERS:
        raise SettingsError(f"llm.provider = {name!r} is unknown. Known: {', '.join(PROVIDERS)}.")
    provider = PROVIDERS[key]
    url = normalize_url(base_url) or provider.base_url
    if name and not url:
        raise SettingsError("llm.provider = 'other' needs llm.base_url, as in http://localhost:8000/v1.")
    # A gateway in the own network may pass requests on to a paid service, and may listen at any port; one that speaks
    # Ollama's own API does not.
    is_own = provider.is_local and bool(name or provider.native)
    is_private = provider.is_local or is_local_url(url)
    provider = replace(provider, base_url=url, is_local=is_own or is_this_machine(url), is_private=is_private)
    if _REGIONAL.fullmatch(urlsplit(url).hostname or ""):
        provider = replace(provider, surcharge=_REGIONAL_SURCHARGE)
    return _with_quirks(provider, model.rsplit("/", 1)[-1].lower())


def find_server(name: str, base_url: str, model: str) -> Provider:
    """`find_provider` for a model that is to be asked.

    Raises:
        SettingsError: As there, or nothing tells which server has the model. A guess would send documents to a company
            that nobody named.
    """
    provider = find_provider(name, base_url, model)
    if not provider.base_url:
        kinds = ", ".join(key for key, known in PROVIDERS.items() if known.base_url)
        raise SettingsError(
            f"llm.model = {model!r} does not tell which server has it. Set llm.base_url, as in "
            f"http://localhost:8000/v1, or llm.provider: {kinds}."
        )
    return provider


def normalize_url(base_url: str) -> str:
    """The URL without a slash or a full endpoint at its end."""
    return re.sub(r"(/chat/completions|/embeddings)?/*$", "", base_url.strip())


def is_local_url(base_url: str) -> bool:
    """True for this machine and its private network."""
    return bool(_LOCAL_HOSTS.search(urlsplit(base_url).hostname or ""))


def is_this_machine(base_url: str) -> bool:
    """True for an address that only this machine answers."""
    return bool(_THIS_MACHINE.fullmatch(urlsplit(base_url).hostname or ""))


def _by_url(base_url: str) -> str:
    parts = urlsplit(base_url)
    if _REGIONAL.fullmatch(parts.hostname or ""):
        return "openai"
    return _HOSTS.get(parts.hostname or "") or _PORTS.get(parts.port or 0) or "other"


def _by_model(model: str) -> str:
    if not model:  # nobody is asked
        return "openai"
    return next((name for name, pattern in _NAMES if pattern.fullmatch(model.strip().lower())), "other")


def _with_quirks(provider: Provider, model: str) -> Provider:
    for name, pattern, changes in _MODEL_QUIRKS:
        if name == provider.name and pattern.search(model):
            provider = replace(provider, **changes)  # type: ignore[arg-type]  # a table of field values
    if _THINKS.search(model):
        thinking = provider.thinking_tokens or 8000
        return replace(provider, hides_lone_think=True, thinking_tokens=thinking)
    renders_template = provider.name in _TEMPLATE_SERVERS or (provider.name == "other" and provider.is_private)
    provider = replace(provider, switches=(*([_TEMPLATE_SWITCH] if renders_template else ()), *_SWITCHES))
    if renders_template and _CAN_THINK.search(model):
        # LMDeploy takes the second, and the first only since InternLM/lmdeploy pull 4201.
        switch = {**_TEMPLATE_SWITCH, **(DEMANDED_SWITCH if provider.name == "lmdeploy" else {})}
        return replace(provider, no_thinking=(switch,), thinking_tokens=8000, hides_lone_think=True)
    return provider
