"""Vectors of all chunks: computed for the texts that have none, kept for all others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from graphrag_lite.errors import VersionMismatchError
from graphrag_lite.index.hashing import text_id
from graphrag_lite.llm.protocols import EmbeddingModel
from graphrag_lite.progress import Task
from graphrag_lite.store.snapshots import Manifest
from graphrag_lite.store.tables import Writer
from graphrag_lite.store.vectors import VECTORS, vectors_table

_TEXTS_IN_ONE_WRITE = 1024
_TEXTS_IN_ONE_CALL = 256  # the model cuts them into batches; between two calls the progress moves


def embedded_text(title: str, text: str) -> str:
    """What is embedded of a chunk: the title says what "it" is."""
    return f"{title}\n{text}" if title else text


def embedded_hash(title: str, text: str) -> str:
    """The key of a chunk's vector."""
    return text_id(title, text)


def check_model(manifest: Manifest, model: EmbeddingModel) -> None:
    """Refuse to mix vectors.

    Raises:
        VersionMismatchError: The knowledge base has vectors of another model or dimension.
    """
    old = manifest.models.get("embedding", "none")
    if (
        old != "none"
        and VECTORS in manifest.tables
        and (old, manifest.embedding_dimensions) != (model.name, model.dimensions)
    ):
        raise VersionMismatchError(
            f"the knowledge base holds vectors of {old} ({manifest.embedding_dimensions} dimensions), the settings "
            f"name {model.name} ({model.dimensions}). Set embedding.model back, or embed everything anew: grl reembed"
        )


def wanted_texts(chunks: pa.Table) -> dict[str, str]:
    """What is to be embedded, by its key. `chunks` has the columns title and text."""
    pairs = zip(chunks["title"].to_pylist(), chunks["text"].to_pylist(), strict=True)
    return {embedded_hash(title or "", text): embedded_text(title or "", text) for title, text in pairs}


def drop_dead_vectors(writer: Writer) -> None:
    """Delete the vectors of texts that no chunk has any more."""
    known = set(writer.read(VECTORS, ["text_hash"])["text_hash"].to_pylist())
    writer.delete_keys(VECTORS, known - wanted_texts(writer.read("chunks", ["title", "text"])).keys())


def lacks_vectors(writer: Writer) -> bool:
    """True when a chunk has no vector."""
    known = set(writer.read(VECTORS, ["text_hash"])["text_hash"].to_pylist()) if writer.has_vectors else set()
    return bool(wanted_texts(writer.read("chunks", ["title", "text"])).keys() - known)


def update_vectors(writer: Writer, model: EmbeddingModel, chunks: pa.Table, task: Task) -> int:
    """Embed the chunks without a vector; returns how many were embedded.

    Args:
        writer: Holds the table `vectors`, open.
        model: Embeds passages.
        chunks: Columns title and text.
        task: Counts embedded texts.
    """
    wanted = wanted_texts(chunks)
    known = set(writer.read(VECTORS, ["text_hash"])["text_hash"].to_pylist())
    # Texts of like length share a batch, so that little is padded.
    missing = sorted(wanted.keys() - known, key=lambda text_hash: (len(wanted[text_hash]), text_hash))
    for start in range(0, len(missing), _TEXTS_IN_ONE_WRITE):
        part = missing[start : start + _TEXTS_IN_ONE_WRITE]
        _write(writer, model, part, [wanted[text_hash] for text_hash in part], task)
    return len(missing)


def _write(writer: Writer, model: EmbeddingModel, hashes: Sequence[str], texts: Sequence[str], task: Task) -> None:
    """Embed and store; what is stored survives a kill, as facts do."""
    parts = []
    for start in range(0, len(texts), _TEXTS_IN_ONE_CALL):
        parts.append(model.embed(texts[start : start + _TEXTS_IN_ONE_CALL], "passage"))
        task.advance(len(parts[-1]))
    writer.add(VECTORS, vectors_table(list(hashes), np.concatenate(parts)))
