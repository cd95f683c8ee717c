"""The retrieval index of one snapshot: flat arrays over all chunks, terms and entities, ready to be memory-mapped.

`query.retrieve` explains how they are used. Rows of chunks are ordered by document and position, entities by key, so
the same tables give the same arrays.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import scipy.sparse as sp

from graphrag_lite.index.entities import MentionColumns
from graphrag_lite.index.match import match_document
from graphrag_lite.index.vocabulary import Vocabulary
from graphrag_lite.text.keys import key_hash
from graphrag_lite.text.normalize import terms, title_keys
from graphrag_lite.text.places import PLACE_OF_DEMONYM

K1, B = 1.2, 0.75
# How strongly a chunk speaks of an entity: it is the title of the document that the chunk opens; part of that title;
# the first words of the chunk; anywhere in it.
ROLE = {"owner": 1.0, "head": 0.5, "title": 0.5, "lead": 0.5, "mention": 0.3}
_SMOOTH = 0.1
_LEAD_CHARACTERS = 25

IntArray = np.ndarray[Any, np.dtype[np.int64]]


def lexical_arrays(texts: Iterable[str], n: int) -> dict[str, np.ndarray[Any, Any]]:
    """Postings of every term, with BM25 weights.

    Args:
        texts: Title and text of every chunk, in row order.
        n: Their number.

    Returns:
        `term_hash` [terms] sorted, `term_start` [terms + 1], `term_idf` [terms], and for each posting `posting_row`
        and `posting_weight`.

    Source: Robertson and Zaragoza 2009, The Probabilistic Relevance Framework, https://doi.org/10.1561/1500000019
    """
    known: dict[str, int] = {}
    columns, counts, ends = array("i"), array("f"), array("q", [0])
    for text in texts:
        bag = Counter(terms(text))
        columns.extend(known.setdefault(term, len(known)) for term in bag)
        counts.extend(bag.values())
        ends.append(len(columns))
    indices, frequency = np.frombuffer(columns, np.int32), np.frombuffer(counts, np.float32)
    start = np.frombuffer(ends, np.int64)
    rows = np.repeat(np.arange(n, dtype=np.int32), np.diff(start))
    length = np.bincount(rows, frequency, n)
    mean = float(length.mean()) if n else 1.0
    norm = (K1 * (1 - B + B * length / max(mean, 1e-9))).astype(np.float32)
    df = np.bincount(indices, minlength=len(known))
    idf = np.log(1 + (n - df + 0.5) / (df + 0.5)).astype(np.float32)
    weight = idf[indices] * frequency * (K1 + 1) / (frequency + norm[rows])
    hashes = np.fromiter((key_hash(term) for term in known), np.uint64, len(known))
    by_hash = np.argsort(hashes)
    position = np.empty(len(known), np.int32)
    position[by_hash] = np.arange(len(known), dtype=np.int32)
    by_term = sp.csr_matrix((weight, position[indices], start), shape=(n, len(known))).tocsc()
    return {
        "term_hash": hashes[by_hash],
        "term_idf": idf[by_hash],
        "term_start": by_term.indptr.astype(np.int64),
        "posting_row": by_term.indices.astype(np.int32),
        "posting_weight": by_term.data.astype(np.float32),
    }


def row_arrays(name: str, keys: Sequence[str]) -> dict[str, np.ndarray[Any, Any]]:
    """`NAME_hash`, sorted, and `NAME_hash_row`: the rows that have a key."""
    hashes = np.fromiter((key_hash(key) for key in keys), np.uint64, len(keys))
    order = np.argsort(hashes, kind="stable")
    return {f"{name}_hash": hashes[order], f"{name}_hash_row": order.astype(np.int32)}


def entity_arrays(
    columns: MentionColumns, vocabulary: Vocabulary, titles: Sequence[str], is_first: Sequence[bool]
) -> dict[str, np.ndarray[Any, Any]]:
    """Which chunk speaks of which entity, how strongly, and which names mean which entities.

    Args:
        columns: All mentions.
        vocabulary: Names; their kinds decide which of them link.
        titles: The document title of every chunk.
        is_first: Whether a chunk is the first of its document.

    Returns:
        `chunk_start`, `chunk_entity` (rows to entities), `entity_start`, `entity_row`, `entity_strength` (entities to
        rows, strongest first), `name_hash`, `name_start`, `name_entity`, `name_is_free` (names to entities).
    """
    place_of = _places(columns.entity_keys)
    row, entity, role = _mention_roles(columns, vocabulary)
    title_row, title_entity, title_role = _title_roles(columns.entity_keys, vocabulary, titles, is_first)
    row = np.concatenate([row, title_row])
    entity = place_of[np.concatenate([entity, title_entity])]
    role = np.concatenate([role, title_role])
    n, m = len(titles), len(columns.entity_keys)
    pair, best = _strongest(row * max(m, 1) + entity, role)
    row, entity = pair // max(m, 1), pair % max(m, 1)
    strength = (best / np.sqrt(_SMOOTH + np.bincount(entity, best**2, m))[entity]).astype(np.float32)
    by_entity = np.lexsort((row, -strength, entity))
    return {
        "chunk_start": _starts(row, n),
        "chunk_entity": entity.astype(np.int32),
        "entity_start": _starts(entity, m),
        "entity_row": row[by_entity].astype(np.int32),
        "entity_strength": strength[by_entity],
        **_name_arrays(columns, vocabulary, place_of),
    }


def _mention_roles(columns: MentionColumns, vocabulary: Vocabulary) -> tuple[IntArray, IntArray, np.ndarray[Any, Any]]:
    entries = vocabulary.entries
    is_link = np.array([k in entries and entries[k].kind != "date" for k in columns.entity_keys] or [False])
    keep = is_link[columns.entity] if len(columns.entity) else np.zeros(0, bool)
    row, entity = columns.chunk[keep], columns.entity[keep]
    start, sentence = columns.start[keep], columns.sentence_start[keep]
    first = np.ones(len(row), bool)
    first[1:] = row[1:] != row[:-1]
    is_lead = first & (sentence == 0) & (start < _LEAD_CHARACTERS)
    return row, entity, np.where(is_lead, ROLE["lead"], ROLE["mention"])


def _title_roles(
    entity_keys: Sequence[str], vocabulary: Vocabulary, titles: Sequence[str], is_first: Sequence[bool]
) -> tuple[IntArray, IntArray, np.ndarray[Any, Any]]:
    index = {key: i for i, key in enumerate(entity_keys)}
    rows, entities, roles = array("q"), array("q"), array("d")
    known: dict[str, list[tuple[int, str]]] = {}
    for row, (title, opens) in enumerate(zip(titles, is_first, strict=True)):
        if title not in known:
            known[title] = _title_entities(title, vocabulary, index)
        for entity, role in known[title]:
            rows.append(row)
            entities.append(entity)
            roles.append(ROLE[role if opens else "title"])
    return np.frombuffer(rows, np.int64), np.frombuffer(entities, np.int64), np.frombuffer(roles, np.float64)


def _title_entities(title: str, vocabulary: Vocabulary, index: Mapping[str, int]) -> list[tuple[int, str]]:
    if not title:
        return []
    found: dict[int, str] = {}
    for rank, key in enumerate(title_keys(title)):
        entry = vocabulary.entries.get(key)
        if entry and entry.entity_key in index:
            found.setdefault(index[entry.entity_key], "owner" if rank < 2 else "head")
    for mention in match_document(vocabulary, "", [title])[0][0]:
        if mention.entity_key in index and vocabulary.entries[mention.key].kind != "date":
            found.setdefault(index[mention.entity_key], "title")
    return sorted(found.items())


def _places(entity_keys: Sequence[str]) -> IntArray:
    """For each entity the one whose links it shares: "Hungarian" leads where "Hungary" does."""
    index = {key: i for i, key in enumerate(entity_keys)}
    return np.array([index.get(PLACE_OF_DEMONYM.get(key, key), i) for key, i in index.items()] or [], np.int64)


def _name_arrays(
    columns: MentionColumns, vocabulary: Vocabulary, place_of: IntArray
) -> dict[str, np.ndarray[Any, Any]]:
    index = {key: i for i, key in enumerate(columns.entity_keys)}
    meant: dict[str, set[int]] = {}
    for pair in np.unique(columns.key * max(len(columns.entity_keys), 1) + columns.entity).tolist():
        key, entity = divmod(pair, len(columns.entity_keys))
        meant.setdefault(columns.keys[key], set()).add(int(place_of[entity]))
    for key, entry in vocabulary.entries.items():
        if entry.entity_key in index:
            meant.setdefault(key, set()).add(int(place_of[index[entry.entity_key]]))
    for demonym, place in PLACE_OF_DEMONYM.items():
        if place in index:
            meant.setdefault(demonym, set()).add(index[place])
    names = [k for k in meant if k not in vocabulary.entries or vocabulary.entries[k].kind != "date"]
    hashes = np.fromiter((key_hash(k) for k in names), np.uint64, len(names))
    order = np.argsort(hashes)
    ordered = [names[i] for i in order]
    free = [k in vocabulary.entries and " " in k and vocabulary.entries[k].kind != "name" for k in ordered]
    return {
        "name_hash": hashes[order],
        "name_start": np.cumsum([0, *(len(meant[k]) for k in ordered)]).astype(np.int64),
        "name_entity": np.array([e for k in ordered for e in sorted(meant[k])], np.int32),
        "name_is_free": np.array(free, bool),
    }


def _strongest(pair: IntArray, role: np.ndarray[Any, Any]) -> tuple[IntArray, np.ndarray[Any, Any]]:
    """Each pair once, with its largest role."""
    order = np.lexsort((-role, pair))
    pair, role = pair[order], role[order]
    first = np.ones(len(pair), bool)
    first[1:] = pair[1:] != pair[:-1]
    return pair[first], role[first]


def _starts(group: IntArray, count: int) -> IntArray:
    return np.concatenate([[0], np.cumsum(np.bincount(group, minlength=count))]).astype(np.int64)


def passage_table(chunks: pa.Table, sources: Mapping[str, str]) -> pa.Table:
    """What is shown of a chunk, in row order.

    Args:
        chunks: Rows of `chunks`, in order.
        sources: Source by document id.
    """
    source = pa.array([sources.get(document_id, "") for document_id in chunks["document_id"].to_pylist()], pa.string())
    return chunks.append_column("source", source)
