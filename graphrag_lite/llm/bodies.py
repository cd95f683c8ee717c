"""Reads what servers put into the body of a reply: the text, how it ended, and the words of an error.

Every server and gateway calls these things otherwise, and a part may be missing or something else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Literal

from graphrag_lite.llm.reasoning import encodable

Ending = Literal["stop", "length", "repetition", "content_filter", "broken"]
# As OpenAI, Anthropic, Gemini, Mistral, Zhipu and DeepSeek name them, or a gateway that passes theirs on. vLLM says
# "repetition" where it has stopped a model that went round in circles.
_ENDINGS: tuple[tuple[Ending, re.Pattern[str]], ...] = (
    ("repetition", re.compile(r"repetition.*")),
    ("length", re.compile(r"(max_?(output_|new_)?tokens|(model_)?length|.*context_window_exceeded|.*truncat).*")),
    (
        "content_filter",
        re.compile(r"content_?filter.*|sensitive|.*safety|refusal|recitation|blocklist|prohibited.*|spii"),
    ),
    ("broken", re.compile(r"(.*_)?error|insufficient_system_resource|abort(ed)?|cancell?ed|time_?out")),
)
_WORDS = ("message", "error", "detail", "status_msg", "base_resp", "msg", "error_msg", "errors")

# Only DeepSeek has a status of its own for that; others say it with 400, 403 or 429, and OpenAI what it is in a code:
# developers.openai.com/api/docs/guides/error-codes
_NO_CREDIT = re.compile(
    r"insufficient[ _](\w{1,20} )?(quota|balance|credits?|funds)|exceeded_current_quota|(balance|credits?)\b.{0,20}"
    r"(too low|insufficient|not enough|exhausted)|arrear|out of credits|余额不足|欠费"
    r"|credit_balance_exhausted|spend_limit_(exceeded|reached)|organization_usage_limit_exceeded|billing_hard_limit"
    r"|budget_exceeded|budget has been exceeded|exceeded ?budget",
    re.IGNORECASE,
)
# Limits of which no wait of ours sees the end: of a request for the tokens of a minute, and of the hours or the week
# of a plan ("you have reached your weekly usage limit") of Ollama, MiniMax or Zhipu (docs.z.ai/api-reference/api-code).
_NEVER_PASSES = re.compile(
    r"request too large|reached your \w{1,20} usage limit|usage limit reached|使用上限", re.IGNORECASE
)
# Calls a limit of tokens by the minute what OpenAI calls an empty account, and that "Arrearage":
# help.aliyun.com/zh/model-studio/rate-limit
_DASHSCOPE = re.compile(r"aliyun|alibabacloud")
# "Please try again in 1m12.5s", "in 1h14m24s", "try again after 1 seconds", "retryDelay": "37s"; without a header.
_WAIT = re.compile(r"(?:retryDelay\W+|(?:again|retry) (?:in|after) )(?:(\d+)h ?)?(?:(\d+)m ?)?(\d+(?:\.\d+)?) ?(ms|s)")
_PAGE = re.compile(r"\s*<(!doctype|html|head|body)\b", re.IGNORECASE)
_TITLE = re.compile(r"<title>([^<]*)</title>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
# Of llama.cpp, with status 500: unless told otherwise its slots share one cache, and a prompt that is too long for that
# by itself gets 400 and other words (ggml-org/llama.cpp issue 23652).
_CACHE_FULL = re.compile(r"context size has been exceeded", re.IGNORECASE)
# Of Ollama, with status 500: another try finds the same machine.
_LASTS = re.compile(r"requires more (system|gpu) memory|unable to load model", re.IGNORECASE)


def ending_of(finish_reason: object) -> Ending:
    """How a reply ended: "broken" where the server gave it up amid the text; an unknown word means that it is whole."""
    word = str(finish_reason or "stop").lower()
    return next((ending for ending, pattern in _ENDINGS if pattern.fullmatch(word)), "stop")


def part_of(body: object, name: str) -> Any:
    """What a body, or a part of one, holds under a name; None where it holds nothing, or is no object."""
    return body.get(name) if isinstance(body, Mapping) else None


def token_count(counted: Any, name: str) -> int | None:
    """One number of a server's count; None where it is none that can be right."""
    value = part_of(counted, name)
    return value if isinstance(value, int) and 0 <= value < 10**9 else None


def text_and_thought(content: object) -> tuple[str, str] | None:
    """The text in the content of a message, and the reasoning beside it; None where the content is no text.

    Args:
        content: A string, nothing, or a list of parts.
    """
    texts: list[str] = []
    thoughts: list[str] = []
    for part in content if isinstance(content, list) else [content or ""]:
        # Of Mistral, and of Databricks (posit-dev/chatlas pull 397); each again a list of parts.
        if isinstance(part, Mapping) and (part.get("thinking") or part.get("type") == "reasoning"):
            inner = text_and_thought(part.get("thinking") or part.get("summary"))
            thoughts.append(inner[0] if inner else "")
            continue
        text = part.get("text") if isinstance(part, Mapping) else part
        if not isinstance(text, str):
            return None
        texts.append(text)
    return "".join(texts), "".join(thoughts)


def arguments_in(message: object) -> str:
    """What is given to the functions that a message calls; "" where it calls none.

    Some servers, and gateways that ask for JSON by way of a function, put a structured reply there.
    """
    calls = part_of(message, "tool_calls")
    called = [part_of(call, "function") for call in calls] if isinstance(calls, list) else []
    given = [part_of(function, "arguments") for function in (*called, part_of(message, "function_call"))]
    return "".join(value if isinstance(value, str) else json.dumps(value) for value in given if value)


def words_of(body: object) -> str:
    """The words in the body of an error, which every server puts elsewhere; the SDK knows only those of OpenAI.

    Before them stands which part of the request they are about, and what a gateway says of another's error.
    """
    before: list[str] = []
    while isinstance(body, Mapping | list) and body:
        if isinstance(body, list):
            body = body[0]
            continue
        known = next((body[key] for key in _WORDS if body.get(key)), None)
        if known is None:
            body = str(body)
            continue
        if isinstance(place := body.get("loc"), list):  # of FastAPI and Mistral: "Extra inputs are not permitted"
            before.append(".".join(map(str, place)))
        if passed_on := _passed_on(body):
            before.append(str(known))
        body = passed_on or known
    return ": ".join([*before, str(body or "")])


def _passed_on(body: Mapping[str, Any]) -> object:
    """What OpenRouter was told by the server it had asked; its own words are "Provider returned error"."""
    metadata = body.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, Mapping) else None
    try:
        return json.loads(raw) if isinstance(raw, str) else raw
    except (ValueError, RecursionError):
        return raw


def error_instead(completion: object) -> tuple[str, int]:
    """(words, status) of an error that came as a reply, with status 200; ("", 0) where it is none.

    Args:
        completion: The body.
    """
    told: Mapping[str, Any] = completion if isinstance(completion, Mapping) else {}
    body = {key: told[key] for key in _WORDS if told.get(key)}
    inner = next((told[key] for key in ("error", "base_resp") if isinstance(told.get(key), Mapping)), told)
    code = str(next((inner[key] for key in ("code", "status", "status_code") if inner.get(key)), ""))
    status = int(code) if re.fullmatch(r"[45]\d\d", code) else 0
    return (words_of(body), status) if body else ("", 0)


def failed_generation(error: object) -> str | None:
    """What a model had written, in the error by which Groq says that it is no JSON; None in any other error."""
    code, text = (error.get("code"), error.get("failed_generation")) if isinstance(error, Mapping) else (None, None)
    return encodable(str(text or "")) if code == "json_validate_failed" else None


def tells_no_credit(words: str, base_url: str = "") -> bool:
    """Whether an error of the server at `base_url` says that the account is empty."""
    if _DASHSCOPE.search(f"{words} {base_url}"):
        words = words.replace("insufficient_quota", "")
    return bool(_NO_CREDIT.search(words))


def tells_lasting_limit(words: str) -> bool:
    """Whether a rate limit is one that does not pass while somebody waits."""
    return bool(_NEVER_PASSES.search(words))


def tells_full_cache(words: str) -> bool:
    """Whether a server has given up the replies under way since there are too many of them at once."""
    return bool(_CACHE_FULL.search(words))


def tells_no_memory(words: str) -> bool:
    """Whether an error says that the machine cannot hold the model."""
    return bool(_LASTS.search(words))


def wait_told(body: str) -> float | None:
    """Seconds to wait, as the words of a rate limit tell them; None where they do not."""
    found = _WAIT.search(body)
    if not found:
        return None
    hours, minutes, seconds, unit = found.groups()
    return 3600 * float(hours or 0) + 60 * float(minutes or 0) + float(seconds) / (1000 if unit == "ms" else 1)


def plain(words: str) -> str:
    """What a page for a browser says, which proxies send; other words as they are."""
    if not _PAGE.match(words):
        return words
    title = _TITLE.search(words)
    return (title.group(1).strip() if title else "") or _TAG.sub(" ", words)


def models_listed(body: Any) -> list[Mapping[str, Any]]:
    """What a server lists as its models; some gateways send a page, or what they like."""
    data = part_of(body, "data")
    return [model for model in data if isinstance(model, Mapping)] if isinstance(data, list) else []
