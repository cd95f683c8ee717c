"""The journal of facts in the reply cache: what a model was paid to read survives a crash, whatever was committed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from graphrag_lite.llm.cache import ReplyCache
from graphrag_lite.records import Chunk, ExtractedClaim, ExtractedEntity, ExtractedRelationship, Facts

_SPACE = "facts"


def keep_facts(journal: ReplyCache | None, facts: Sequence[Facts]) -> None:
    """Note the facts of one reply the moment they are read."""
    if journal is None:
        return
    lines = [(f"{one.extractor} {one.text_hash}", facts_to_json(one)) for one in facts]
    with journal.transaction():
        for key, line in lines:
            journal.note(_SPACE, key, line)


def kept_facts(journal: ReplyCache | None, extractor: str, chunks: Iterable[Chunk]) -> dict[str, Facts]:
    """What was noted of some chunks, by text hash."""
    if journal is None:
        return {}
    keys = {f"{extractor} {chunk.text_hash}" for chunk in chunks}
    found = journal.notes(_SPACE, sorted(keys))
    return {facts.text_hash: facts for facts in map(facts_from_json, found.values())}


def facts_to_json(facts: Facts) -> str:
    """Facts as one line of JSON."""
    value = {
        "text_hash": facts.text_hash,
        "extractor": facts.extractor,
        "entities": _as_dicts(facts.entities),
        "relationships": _as_dicts(facts.relationships),
        "claims": _as_dicts(facts.claims),
    }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _as_dicts(items: Iterable[Any]) -> list[dict[str, Any]]:
    """`dataclasses.asdict` copies deeply, at ten times the cost."""
    return [{name: getattr(item, name) for name in item.__slots__} for item in items]


def facts_from_json(text: str) -> Facts:
    """The reverse of `facts_to_json`."""
    value = json.loads(text)
    return Facts(
        value["text_hash"],
        value["extractor"],
        tuple(ExtractedEntity(**item) for item in value["entities"]),
        tuple(ExtractedRelationship(**item) for item in value["relationships"]),
        tuple(ExtractedClaim(**item) for item in value["claims"]),
    )
