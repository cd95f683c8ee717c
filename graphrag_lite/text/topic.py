"""What a passage says it is about: the thing that its first sentence defines."""

from __future__ import annotations

import re

from graphrag_lite.text.lexicon import STOP_WORDS
from graphrag_lite.text.normalize import name_key

_LONGEST = 8
# "The Heron 310 (Fenn, 1998), once also called the Kettle, is a ..."
_ENGLISH = re.compile(
    r"^(?:The |A |An )?([A-Z0-9\u00c0-\u00de][^.!?;:,()\[\]\n]{1,80}?)(?:\s*[(\[][^)\]]{0,200}[)\]])?"
    r"(?:,[^.!?;\n]{0,100}?,)? (?:is|are|was|were|refers to|means)\b"
)
_CHINESE = re.compile(r"^[《「“]?([^，。；：、（）()《》「」“”\s]{2,14}?)[》」”]?(?:（|\(|，|是|为)")


def topic_key(text: str) -> str:
    """The key of what the first sentence defines; "" where it defines nothing."""
    match = _ENGLISH.match(text) or _CHINESE.match(text)
    key = name_key(match[1]) if match else ""
    words = key.split(" ")
    is_name = 1 < len(key) and len(words) <= _LONGEST and words[0] not in STOP_WORDS and not key.isdigit()
    return key if is_name else ""
