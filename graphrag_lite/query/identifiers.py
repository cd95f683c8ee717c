"""Names of code as they are typed: CMAKE_INSTALL_PREFIX is not CMAKE_INSTALL_PREFIX_INITIALIZED_TO_DEFAULT."""

from __future__ import annotations

import re
from functools import lru_cache

from graphrag_lite.text.normalize import identifier_spans


@lru_cache(maxsize=100)  # asked for every quotation
def _whole(question: str) -> tuple[re.Pattern[str], ...]:
    return tuple(
        re.compile(rf"(?<![A-Za-z0-9_]){re.escape(question[start:end])}(?![A-Za-z0-9_])")
        for start, end in identifier_spans(question)
    )


def has_identifiers_of(question: str, *texts: str) -> bool:
    """Whether one of some texts has each name of code that a question has, and not as a part of another one."""
    return all(any(map(name.search, texts)) for name in _whole(question))


def is_other_identifier(question: str, heading: str) -> bool:
    """Whether a heading is the name of other code than a question names."""
    name = heading.strip("`* ").removesuffix("()")
    return bool(_whole(question)) and identifier_spans(name) == [(0, len(name))] and name not in question
