"""Citations that can be checked: quotations found again in the stored text."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from graphrag_lite.records import Citation, Passage

_QUOTES = str.maketrans({"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "‑": "-"})
_SHORTEST_QUOTE = 8  # characters; anything shorter is found everywhere and proves nothing


@dataclass(frozen=True, slots=True)
class Verified:
    """Citations whose text stands where they say, and how many did not."""

    citations: tuple[Citation, ...]
    dropped: int = 0


def verify(citations: Iterable[Citation], document_text: Callable[[str], str | None]) -> Verified:
    """Keep the citations whose text is in the stored document, at corrected offsets where need be.

    A quotation that is not at its offsets is searched in its document: exactly, then with white space, Unicode forms
    and typographic marks made equal; of several places, the nearest counts. Kept citations satisfy
    `document.text[start:end] == text`.

    Args:
        citations: What an answer claims.
        document_text: The stored text of a document id; None when there is no such document.
    """
    kept, dropped = [], 0
    for citation in citations:
        text = document_text(citation.document_id)
        span = None if text is None else locate(citation.text, text, citation.start, citation.end)
        if text is None or span is None:
            dropped += 1
        else:
            kept.append(replace(citation, start=span[0], end=span[1], text=text[slice(*span)]))
    return Verified(tuple(kept), dropped)


def locate(quote: str, text: str, start: int = 0, end: int = -1) -> tuple[int, int] | None:
    """Where `quote` stands in `text`, nearest to `start`; None when it does not.

    Args:
        quote: The quotation.
        text: The document.
        start: Where it should begin.
        end: Where it should end; below 0: unknown.
    """
    if not quote.strip():
        return None
    if 0 <= start < end <= len(text) and text[start:end] == quote:
        return start, end
    places = _all_places(text, quote)
    if places:
        best = min(places, key=lambda p: (abs(p - start), p))
        return best, best + len(quote)
    plain_quote, _ = _plain(quote)
    if len(plain_quote) < _SHORTEST_QUOTE and not any(ord(c) > 0x2E7F for c in plain_quote):
        return None
    plain_text, origin = _plain(text)
    found = _all_places(plain_text, plain_quote)
    if not found:
        return None
    best = min(found, key=lambda p: (abs(origin[p] - start), p))
    return origin[best], origin[best + len(plain_quote) - 1] + 1


def citation_of(passage: Passage, marker: str, start: int, end: int) -> Citation:
    """The citation of `passage.text[start:end]`."""
    return Citation(
        marker,
        passage.document_id,
        passage.chunk_id,
        passage.source,
        passage.page,
        passage.start + start,
        passage.start + end,
        passage.text[start:end],
    )


def _all_places(text: str, part: str) -> list[int]:
    places, at = [], text.find(part)
    while at >= 0:
        places.append(at)
        at = text.find(part, at + 1)
    return places


def _plain(text: str) -> tuple[str, list[int]]:
    """`text` without white space, in NFKC, marks made plain; and the origin of each of its characters."""
    plain, origin = [], []
    for index, character in enumerate(text):
        for c in unicodedata.normalize("NFKC", character).translate(_QUOTES):
            if not c.isspace():
                plain.append(c)
                origin.append(index)
    return "".join(plain), origin
