"""The forms in which models give what they were asked for, brought to the one that is read.

A shape of a reply says by which words its keys may be called; what is nested, quoted or named another way than asked
for is found by these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

_MARK = re.compile(r"#[0-9a-f]{6}\b")
_INNER = re.compile(r"[\W_]+")
_SIGNS = str.maketrans("：，｛｝［］", ":,{}[]")
# A string; one between typographic quotes, which may stand within it, too; a sign of full width.
_PART = re.compile(
    r'("(?:\\.|[^"\\])*+")|[“”]((?:\\.|[^\\]){0,2000}?)[“”"](?=\s*(?:[:：}｝\]］]|[,，]\s*["“”{\[｛［]))|([：，｛｝［］])',
    re.DOTALL,
)
_BARE_QUOTE = re.compile(r'(?<!\\)"')


def with_keys(value: Any, keys: Mapping[str, Sequence[str]]) -> Any:
    """An object under our keys, from whichever of their words it uses, in any case; anything else as it is.

    Args:
        value: What a model wrote.
        keys: Our keys and the words for each, the most telling first.
    """
    if not isinstance(value, dict) or value.keys() <= keys.keys():
        return value
    said = {_plain(key): part for key, part in reversed(value.items())}
    found = ((ours, next((word for word in (ours, *words) if word in said), None)) for ours, words in keys.items())
    return {ours: said[word] for ours, word in found if word is not None}


@lru_cache(maxsize=1024)
def _plain(key: str) -> str:
    return _INNER.sub("", key).casefold()


def unquoted(value: Any) -> Any:
    """A list or object that was written as a text; anything else as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            pass
    return value


def numbers_in(value: Any) -> list[int]:
    """The numbers of items in whatever holds them: 2, "2", "Fact 2", "#f4a702 2", "1, 3", [1, 3], {"number": 1}."""
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, int | float):
        return [int(value)] if abs(value) < 1e9 else []
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [number for part in value for number in numbers_in(part)]
    return [int(float(number)) for number in re.findall(r"\d{1,9}(?:\.\d+)?", _MARK.sub("", str(value)))]


def share_of(value: Any, whole: float) -> float | None:
    """A grade as one of `whole`: 7, "7", "7/10", "8 out of 10", "70%"; None for what holds no number."""
    found = re.search(r"(-?\d{1,9}(?:\.\d+)?)\s*(?:(?:/|out of)\s*(\d{1,9})|(%))?", str(value))
    if not found or isinstance(value, bool):
        return None
    number, of = float(found[1]), float(found[2] or (100 if found[3] else whole))
    return min(whole, number * whole / of) if of else None


def with_plain_signs(text: str) -> str:
    """JSON whose quotes, colons, commas or brackets are those of Chinese or of typesetting, with its own."""
    if not any(sign in text for sign in "“”：，｛｝［］"):
        return text
    return _PART.sub(_plain_part, text)


def _plain_part(part: re.Match[str]) -> str:
    if part[1] is not None:
        return part[1]
    if part[2] is not None:
        return '"' + _BARE_QUOTE.sub(r"\"", part[2]) + '"'
    return part[3].translate(_SIGNS)
