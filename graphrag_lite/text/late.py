"""Patterns that are compiled with their first use.

A class of Chinese, Japanese and Korean characters takes half a millisecond to compile. The modules that have many of
them would take 20 ms of every start, and most runs look for few; elsewhere `re.compile` is as good.
"""

from __future__ import annotations

import re
from typing import Any, cast

_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "split", "sub", "subn")


class _Late:
    def __init__(self, pattern: str, flags: int) -> None:
        self._given = pattern, flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # a look from outside, as of a debugger
            raise AttributeError(name)
        compiled = re.compile(*self._given)
        vars(self).update((method, getattr(compiled, method)) for method in _METHODS)
        return getattr(compiled, name)


def late(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """As `re.compile`; what is wrong with a pattern shows with its first use."""
    return cast("re.Pattern[str]", _Late(pattern, flags))
