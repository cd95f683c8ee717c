"""Facts that a model or a person stated, as opposed to names found by statistics: stored, read, and imported.

Stored as JSON in the table `facts` under the hash of the chunk text, like every fact.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from graphrag_lite.errors import InputError
from graphrag_lite.records import ExtractedClaim, ExtractedEntity, ExtractedRelationship, Facts
from graphrag_lite.store.tables import Reader
from graphrag_lite.text.normalize import fold

IMPORTED = "import/1"


def to_row(facts: Facts) -> dict[str, str]:
    """A row of the table `facts`."""
    payload = {
        "entities": [[e.name, e.type, e.description] for e in facts.entities],
        "relationships": [[r.source, r.target, r.description, r.weight] for r in facts.relationships],
        "claims": [[c.subject, c.description, c.object, c.type, c.status] for c in facts.claims],
    }
    return {
        "text_hash": facts.text_hash,
        "extractor": facts.extractor,
        "payload": json.dumps(payload, ensure_ascii=False, separators=(",", ":")),
    }


def from_row(row: Mapping[str, str]) -> Facts:
    """The facts in a row of the table `facts`."""
    payload = json.loads(row["payload"])
    return Facts(
        row["text_hash"],
        row["extractor"],
        tuple(ExtractedEntity(*entity) for entity in payload["entities"]),
        tuple(ExtractedRelationship(*relationship) for relationship in payload["relationships"]),
        tuple(ExtractedClaim(*claim) for claim in payload["claims"]),
    )


def read_stated(reader: Reader, *, with_model: bool) -> list[Facts]:
    """All facts that are not statistical, ordered; those that a model stated only `with_model`."""
    where = "extractor NOT LIKE 'statistical/%'" + ("" if with_model else " AND extractor NOT LIKE 'llm/%'")
    return in_order(map(from_row, reader.read("facts", where=where).to_pylist()))


def in_order(facts: Iterable[Facts]) -> list[Facts]:
    """Facts as views take them, whoever brought them first."""
    return sorted(facts, key=lambda one: (one.text_hash, one.extractor))


def has_model_facts(reader: Reader) -> bool:
    """True when a model stated something of a text that is still there."""
    return bool(len(reader.distinct("facts", "text_hash", "extractor LIKE 'llm/%'")))


def read_facts_file(path: Path, malformed: list[str]) -> Iterator[tuple[str, list[str], list[tuple[str, str, str]]]]:
    """The (document id, entity names, triples) of a JSONL file of `{id, entities, triples}`.

    Models write triples of more or fewer parts. Of more, the first and the last are what it links; of two, the first
    is an entity that the record names and the second what is said of it: a triple with an empty object.

    Args:
        path: The file.
        malformed: Receives each triple that can be read in neither way, with its line.

    Raises:
        InputError: The file or a line cannot be read; names the line.
    """
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _parse_line(line, f"{path}, line {number}", malformed)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as UTF-8 text ({error}). Give a JSONL file of facts") from error


def _parse_line(line: str, place: str, malformed: list[str]) -> tuple[str, list[str], list[tuple[str, str, str]]]:
    try:
        record = json.loads(line)
        entities = [str(name) for name in _list(record.get("entities", []))]
        given = [[str(part).strip() for part in _list(triple)] for triple in _list(record.get("triples", []))]
        triples = []
        for parts in given:
            if len(parts) > 2 and parts[0] and parts[-1]:
                triples.append((parts[0], " ".join(parts[1:-1]), parts[-1]))
            elif len(parts) == 2 and parts[0] in entities and parts[1]:
                triples.append((parts[0], parts[1], ""))
            else:
                malformed.append(f"{place}: {parts}")
        return str(record["id"]), entities, triples
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(
            f'{place}: expected {{"id", "entities": [...], "triples": [[s, p, o]]}} ({error!r})'
        ) from error


def _list(value: Any) -> list[Any]:
    """The value, which a text is not: its letters would be taken for names."""
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return value


def place_facts(
    chunks: Sequence[Mapping[str, Any]], entities: Iterable[str], triples: Iterable[tuple[str, str, str]]
) -> list[Facts]:
    """Distribute what was stated of a document over the chunks that hold the names.

    Args:
        chunks: The document's rows of `chunks`, in order; at least one.
        entities: Names.
        triples: Subject, predicate, object. An empty object: the predicate describes the subject.
    """
    folded = [fold(chunk["text"]) for chunk in chunks]

    def home(*names: str) -> int:
        scores = [sum(fold(name) in text for name in names) for text in folded]
        return max(range(len(scores)), key=lambda i: (scores[i], -i))

    said: list[dict[str, list[str]]] = [{} for _ in chunks]
    links: list[list[ExtractedRelationship]] = [[] for _ in chunks]
    for name in entities:
        if name.strip():
            said[home(name)].setdefault(name.strip(), [])
    for subject, predicate, object_ in triples:
        place = home(*filter(None, (subject, object_)))
        sentence = " ".join(filter(None, (subject, predicate, object_)))
        about = said[place].setdefault(subject, [])
        if object_:
            said[place].setdefault(object_, [])
            links[place].append(ExtractedRelationship(subject, object_, sentence))
        else:
            about.append(sentence)
    return [
        Facts(
            chunk["text_hash"],
            IMPORTED,
            tuple(ExtractedEntity(name, description="; ".join(texts)) for name, texts in found.items()),
            tuple(linked),
        )
        for chunk, found, linked in zip(chunks, said, links, strict=True)
        if found
    ]
