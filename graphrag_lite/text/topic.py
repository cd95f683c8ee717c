"""What a passage says it is about: the thing that its first sentence defines."""

from __future__ import annotations

import re

from graphrag_lite.text.lexicon import FUNCTION_WORDS
from graphrag_lite.text.normalize import name_key

_LONGEST = 8
_NOT_IN_A_TOPIC = FUNCTION_WORDS - {"of", "the", "and", "in", "for", "on", "a", "to"}
# "The Heron 310 (Fenn, 1998), once also called the Kettle, is a ..."
_ENGLISH = re.compile(
    r"^(?:The |A |An )?([A-Z0-9\u00c0-\u00de][^.!?;:,()\[\]\n]{1,80}?)(?:\s*[(\[][^)\]]{0,200}[)\]])?"
    r"(?:,[^.!?;\n]{0,100}?,)? (?:is|are|was|were|refers to|means)\b"
)
_CHINESE = re.compile(r"^[《「“]?([^，。；：、（）()《》「」“”\s]{2,14}?)[》」”]?(?:（|\(|，|是|为)")


def topic_key(text: str) -> str:
    """The key of what the first sentence defines; "" where it defines nothing."""
    return name_key(topic(text))


def topic(text: str) -> str:
    """What the first sentence defines, as it is written there; "" where it defines nothing."""
    match = _ENGLISH.match(text) or _CHINESE.match(text)
    key = name_key(match[1]) if match else ""
    words = key.split(" ")
    is_name = len(key) > 1 and len(words) <= _LONGEST and not key.isdigit()
    return match[1] if match and is_name and not any(word in _NOT_IN_A_TOPIC for word in words) else ""
