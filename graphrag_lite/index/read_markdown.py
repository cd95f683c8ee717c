"""Markdown as a reader of the page would see it: a table written in HTML reads as that of a page does."""

from __future__ import annotations

import re

from graphrag_lite.index.read_html import read_html

_TABLE = re.compile(r"^[ \t]*<table\b(?:(?!<table\b).)*?</table>[ \t]*$", re.DOTALL | re.IGNORECASE | re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)


def read_markdown(text: str) -> str:
    """The text, with the rows of tables of HTML as lines, outside of code; nested tables stay as they are."""
    if "</table>" not in text and "</TABLE>" not in text:
        return text
    fences = [match.start() for match in _FENCE.finditer(text)]

    def shown(match: re.Match[str]) -> str:
        is_code = sum(at < match.start() for at in fences) % 2
        rows = "" if is_code else read_html(match[0])[0]
        return f"\n{rows}\n" if rows else match[0]

    return _TABLE.sub(shown, text)
