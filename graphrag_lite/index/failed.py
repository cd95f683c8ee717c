"""What a model failed at: named so that people find it, and kept with the snapshot until a run gets it done."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import PurePath
from typing import Any

from graphrag_lite.index.run import ENRICHING, Run
from graphrag_lite.records import Failure
from graphrag_lite.store.tables import Reader

_MOST_KEPT = 200  # every opening of the knowledge base reads them
_SHOWN_CHARACTERS = 40
_HEADINGS = re.compile(r"\A(\s*#+ .*(\n|\Z))+")  # of Markdown, at the beginning: they are named already


def with_names(reader: Reader, failures: Iterable[Failure]) -> list[Failure]:
    """The failures, those of chunks with the name of the passage."""
    found = list(failures)
    names = _passage_names(reader, [failure.source for failure in found if failure.step == "extract"])
    return [replace(failure, name=names.get(failure.source, failure.name)) for failure in found]


def kept_failures(run: Run) -> list[Mapping[str, str]]:
    """What the snapshot says of failures that the next run tries again.

    A run that asks no model leaves those of the last one, but for passages that are gone.
    """
    failures: list[Mapping[str, str]] = [asdict(failure) for failure in run.failures if failure.step in ENRICHING]
    if run.chat is None and not run.is_whole:
        sources = [failure["source"] for failure in run.writer.manifest.failures]
        known = run.writer.read_keys("chunks", sources, ["chunk_id"], by="chunk_id")["chunk_id"].to_pylist()
        failures += [
            f for f in run.writer.manifest.failures if f["source"] in known or f["step"] not in ("extract", "embed")
        ]
    if len(failures) <= _MOST_KEPT:
        return failures
    rest = Failure("", "They failed for these or other reasons.", "extract", f"{len(failures) - _MOST_KEPT:,} more")
    return [*failures[:_MOST_KEPT], asdict(rest)]


def _passage_names(reader: Reader, chunk_ids: Sequence[str]) -> dict[str, str]:
    if not chunk_ids:
        return {}
    columns = ["chunk_id", "document_id", "title", "headings", "page", "text"]
    rows = reader.read_keys("chunks", chunk_ids, columns, by="chunk_id").to_pylist()
    documents = {row["document_id"] for row in rows}
    origins = reader.read_keys("origins", documents, ["document_id", "source"], by="document_id").to_pylist()
    files = {row["document_id"]: PurePath(row["source"]).name for row in origins}
    return {row["chunk_id"]: passage_name(row, files.get(row["document_id"], "")) for row in rows}


def passage_name(chunk: Mapping[str, Any], file: str) -> str:
    """How people find a passage: its document, the page or the heading above it, and its first words.

    Args:
        chunk: A row of `chunks`.
        file: The name of its file, where its document has no title.
    """
    document = chunk["title"] or file or chunk["document_id"]
    heading = str(chunk["headings"] or "").rsplit(" > ", 1)[-1]
    place = f"page {chunk['page']}" if chunk["page"] else heading if heading != document else ""
    words = " ".join((_HEADINGS.sub("", chunk["text"]) or chunk["text"]).split())
    if len(words) > _SHOWN_CHARACTERS:
        head = words[:_SHOWN_CHARACTERS]
        words = (head.rsplit(" ", 1)[0] if " " in head[_SHOWN_CHARACTERS // 2 :] else head) + "…"
    return f"{', '.join(filter(None, (document, place)))}: “{words}”"
