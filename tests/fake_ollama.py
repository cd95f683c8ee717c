"""Ollama's own API for the fake server: a window per loaded model, prompts cut without a word, thinking switched.

As with the real one, a request without `num_ctx` gets the default window, a change of window loads the model anew, a
longer prompt loses its beginning unless `truncate` is false, and `/v1` knows none of this.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class FakeOllama:
    """What is loaded, and what the server was told to do; may be changed while it runs."""

    default_context: int = 4096
    trained_context: int = 32_768
    declared_context: int = 0  # PARAMETER num_ctx of its Modelfile
    knows_truncate: bool = True  # False: an old server, which ignores the field
    counts_prompt_to: int = 0  # what it says to have read of a prompt that it cut
    can_think: bool = False
    ignores_think: bool = False  # thinks although it was told not to
    is_remote: bool = False
    stream_error: str = ""  # what a stream ends with in place of its last line, and what else is sent in its place
    is_ollama: bool = True  # False: some other server on this port
    models: tuple[str, ...] = ("qwen2.5:7b",)
    loaded: dict[str, int] = field(default_factory=dict)  # model -> window
    loads: int = 0
    windows: list[int] = field(default_factory=list)  # of every chat request, in order

    def get(self, path: str) -> tuple[int, Any]:
        """(status, body) of a GET."""
        if path not in ("/api/ps", "/api/tags") or not self.is_ollama:
            return 404, b"404 page not found"
        if path == "/api/tags":
            return 200, {"models": [{"name": name, "model": name} for name in self.models]}
        return 200, {"models": [{"name": n, "model": n, "context_length": w} for n, w in self.loaded.items()]}

    def show(self, body: Mapping[str, Any]) -> tuple[int, Any]:
        """(status, body) of `POST /api/show`."""
        if not self.is_ollama:
            return 404, b"404 page not found"
        if body["model"] not in self.models:
            return 404, {"error": f"model '{body['model']}' not found"}
        shown: dict[str, Any] = {
            "parameters": f"num_ctx                        {self.declared_context}\nstop    x"
            if self.declared_context
            else "",
            "model_info": {"general.architecture": "qwen2", "qwen2.context_length": self.trained_context},
            "capabilities": ["completion", *(["thinking"] if self.can_think else [])],
        }
        return 200, shown | ({"remote_host": "https://ollama.example"} if self.is_remote else {})

    def refusal(self, body: Mapping[str, Any], prompt_tokens: int) -> tuple[int, Any] | None:
        """(status, body) for a chat request that it does not take; loads the model otherwise."""
        if not self.is_ollama:
            return 404, b"404 page not found"
        model = body["model"]
        if model not in self.models:
            return 404, {"error": f"model '{model}' not found"}
        if body.get("think") and not self.can_think:
            return 400, {"error": f'"{model}" does not support thinking'}
        wanted = int(body.get("options", {}).get("num_ctx") or self.declared_context or self.default_context)
        window = min(wanted, self.trained_context)
        self.loads += self.loaded.get(model) != window
        self.loaded[model] = window
        self.windows.append(window)
        if prompt_tokens > window and self.knows_truncate and body.get("truncate") is False:
            return 400, {"error": "the input length exceeds the context length"}
        return None

    def asked(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The request as the OpenAI API would put it, with the messages that the model gets to read."""
        return {**body, "messages": self._cut(body), "max_tokens": body["options"].get("num_predict")}

    def thought(self, body: Mapping[str, Any]) -> str:
        """What the model thinks before it replies; empty where it cannot, or was told not to and heeds that."""
        return "Let me look." if self.can_think and (body.get("think", True) is not False or self.ignores_think) else ""

    def _cut(self, body: Mapping[str, Any]) -> list[dict[str, str]]:
        """The messages as the model gets to read them: of what is too long, the last part."""
        window = self.windows[-1]
        messages = [dict(m) for m in body["messages"]]
        if sum(len(m["content"]) for m in messages) > 4 * window:
            messages = [messages[-1] | {"content": messages[-1]["content"][-2 * window :]}]
        return messages


def native_reply(model: str, written: tuple[str, str, str], usage: Mapping[str, int]) -> dict[str, Any]:
    """The body of a reply: text, reasoning and finish reason as this API wraps them."""
    text, reasoning, reason = written
    return {
        "model": model,
        "message": {"role": "assistant", "content": text, **({"thinking": reasoning} if reasoning else {})},
        "done": True,
        "done_reason": reason,
        "prompt_eval_count": usage["prompt_tokens"],
        "eval_count": usage["completion_tokens"],
    }


def native_lines(reply: Mapping[str, Any], thoughts: list[str], pieces: list[str], error: str = "") -> Iterator[bytes]:
    """A streamed reply, one JSON value a line."""
    said = [{"content": "", "thinking": piece} for piece in thoughts] + [{"content": piece} for piece in pieces]
    for message in said:
        line = {"model": reply["model"], "message": {"role": "assistant"} | message, "done": False}
        yield json.dumps(line).encode() + b"\n"
    last = {"error": error} if error else {**reply, "message": {"role": "assistant", "content": ""}}
    yield json.dumps(last).encode() + b"\n"
