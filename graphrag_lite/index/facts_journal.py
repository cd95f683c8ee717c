"""The journal of facts in the reply cache: what a model was paid to read survives a crash, whatever was committed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphrag_lite.index.stated import from_row, to_row
from graphrag_lite.llm.cache import ReplyCache
from graphrag_lite.records import Chunk, Facts

_SPACE = "facts/2"  # the form of their rows in the table


def keep_facts(journal: ReplyCache | None, facts: Sequence[Facts]) -> None:
    """Note the facts of one reply the moment they are read."""
    if journal is None:
        return
    rows = [to_row(one) for one in facts]
    journal.note_all(_SPACE, {_key(row["extractor"], row["text_hash"]): row["payload"] for row in rows})


def kept_facts(journal: ReplyCache | None, extractor: str, chunks: Iterable[Chunk]) -> dict[str, Facts]:
    """What was noted of some chunks, by text hash."""
    if journal is None:
        return {}
    hash_of = {_key(extractor, chunk.text_hash): chunk.text_hash for chunk in chunks}
    found = journal.notes(_SPACE, sorted(hash_of)).items()
    rows = ({"text_hash": hash_of[key], "extractor": extractor, "payload": payload} for key, payload in found)
    return {facts.text_hash: facts for facts in map(from_row, rows)}


def _key(extractor: str, text_hash: str) -> str:
    return f"{extractor} {text_hash}"
