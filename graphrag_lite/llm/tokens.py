"""Token counts around a model call: a fair estimate for plans, and a bound that a bill never passes."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from graphrag_lite.llm.protocols import ChatRequest, Message

MESSAGE_TOKENS = 4  # role and separators of the usual chat templates
_LETTERS = re.compile(r"[A-Za-z]+")
_SPACES = re.compile(r"[ \t]+")
_CJK = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")


class EstimatingTokenizer:
    """Counts without a vocabulary: one token for a CJK character, a quarter for any other. 1.1 of true English."""

    def count(self, text: str) -> int:
        """The estimate, rounded up."""
        cjk = len(_CJK.findall(text))
        return cjk + -(-(len(text) - cjk) // 4)


def count_messages(messages: Sequence[Message]) -> int:
    """Estimated prompt tokens of a chat."""
    tokenizer = EstimatingTokenizer()
    return sum(tokenizer.count(message.content) + MESSAGE_TOKENS for message in messages)


@lru_cache(maxsize=64)  # the system part and the schema are the same in every call
def most_tokens(text: str) -> int:
    """More tokens than any usual tokenizer makes of `text`: what a call can cost at worst.

    A byte-level vocabulary never makes more tokens than bytes. Letters are the one place where that is far too
    much: even nonsense keeps two to a token, and a space joins the word behind it.
    """
    words = list(map(len, _LETTERS.findall(text)))
    gaps = list(map(len, _SPACES.findall(text)))
    in_words, in_gaps = sum(words), sum(gaps)
    others = (len(text) if text.isascii() else len(text.encode("utf-8"))) - in_words - in_gaps
    return -(-in_words // 2) + sum(length & 1 for length in words) + in_gaps - len(gaps) + others


def most_prompt_tokens(request: ChatRequest) -> int:
    """More prompt tokens than a server counts for `request`, its schema and chat template included."""
    schema = most_tokens(json.dumps(request.schema)) if request.schema else 0
    return sum(most_tokens(m.content) + 2 * MESSAGE_TOKENS for m in request.messages) + schema + 32


def compact_json(value: Any) -> str:
    """JSON without spaces, other scripts as they are: the fewest tokens."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
