"""The list of sources below an answer: a line a document, and what all of them share once, above."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING

import typer

from graphrag_lite.cli.output import bold, dim, printable, short_path, shorten, wrap

if TYPE_CHECKING:
    from graphrag_lite.records import Answer, Citation, Passage

_MOST_QUOTED_CHARACTERS = 240
_WORTH_SHARING = 12  # characters of a folder
_LINE_MARKS = "#>*•|- \n"  # of lists and headings, which answers leave out


def print_sources(answer: Answer, keys: Sequence[str]) -> None:
    """Where an answer is from; quotations only where it says something else than its source.

    Args:
        answer: With citations.
        keys: Metadata that stands with a document.
    """
    folder = _shared_folder(citation.source for citation in answer.citations)
    typer.echo(f"\n{bold('Sources')}{f' in {folder}' if folder else ''}")
    passages = {passage.document_id: passage for passage in answer.passages}
    said = " ".join(answer.text.split())
    of_document: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        of_document.setdefault(citation.document_id, []).append(citation)
    for document_id, citations in of_document.items():
        markers = list(dict.fromkeys(map(_marker, citations)))
        line = _line(citations, passages.get(document_id), folder, keys)
        typer.echo(f"  {' '.join(markers)} {line}")
        for citation in citations:
            if " ".join(citation.text.lstrip(_LINE_MARKS).split()) not in said:
                text = f"“{shorten(citation.text, _MOST_QUOTED_CHARACTERS)}”"
                typer.echo(dim(wrap(text if len(markers) == 1 else f"{_marker(citation)} {text}", "      ")))


def stated(passage: Passage, keys: Sequence[str]) -> str:
    """Metadata of some keys on one line."""
    from graphrag_lite.text.metadata import shown_metadata  # no other command pays for it

    return printable(shown_metadata(passage.metadata, keys))


def _line(citations: Sequence[Citation], passage: Passage | None, folder: str, keys: Sequence[str]) -> str:
    """Title, place and metadata of one document."""
    from graphrag_lite.query.headings import is_of_records  # no other command pays for it

    first = citations[0]
    title = bold(printable(passage.title)) if passage and passage.title else ""
    place = short_path(first.source).removeprefix(f"{folder}/" if folder else "")
    if not place or is_of_records(place):
        place = ", ".join(filter(None, (place, printable(first.document_id))))
    metadata = stated(passage, keys) if passage else ""
    return " · ".join(filter(None, (title, place + _pages(citations), metadata)))


def _pages(citations: Sequence[Citation]) -> str:
    """The pages that are cited, each with its markers where there are several."""
    pages: dict[int, list[str]] = {}
    for citation in citations:
        if citation.page:
            pages.setdefault(citation.page, []).append(_marker(citation))
    if len(pages) > 1:
        return ", pages " + ", ".join(
            f"{page} {' '.join(dict.fromkeys(marks))}" for page, marks in sorted(pages.items())
        )
    return "".join(f", page {page}" for page in pages)


def _shared_folder(sources: Iterable[str]) -> str:
    """The folder that all sources lie in, where naming it once saves something."""
    paths = {short_path(source) for source in sources}
    levels = zip(*(path.split("/")[:-1] for path in paths), strict=False) if len(paths) > 1 else ()
    folder = "/".join(level[0] for level in takewhile(lambda level: len(set(level)) == 1, levels))
    return folder if len(folder) >= _WORTH_SHARING else ""


def _marker(citation: Citation) -> str:
    return citation.marker if citation.marker.startswith("[") else f"[{citation.marker}]"
