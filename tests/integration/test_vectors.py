"""Vectors in the real store: made once for each text, never mixed, and used where words say nothing."""

import numpy as np
import pytest

from graphrag_lite import Document, KnowledgeBase, SettingsError, VersionMismatchError
from graphrag_lite.store.tables import Store
from graphrag_lite.store.vectors import nearest, read_vectors
from graphrag_lite.testing import HashEmbeddingModel

TEXTS = {
    "pump": "The Heron 310 pump drains the dry dock.",
    "tea": "Tea is served at noon in the harbour office.",
    "lamp": "The lamp of the lighthouse was mended by Josiah Pell.",
}


def documents(*names):
    return [Document(TEXTS[name], id=name) for name in names or TEXTS]


def open_kb(path, model=None):
    settings = {"recipe": "local"} | ({} if model else {"embedding": {"model": "none"}})
    return KnowledgeBase(path, settings=settings, embedding_model=model)


def test_every_chunk_has_a_vector_and_answers_say_which_model(tmp_path):
    kb = open_kb(tmp_path / "kb", HashEmbeddingModel())
    report = kb.index(documents())
    assert report.models["embedding"] == "hash"
    assert report.counts["vectors"] == 3
    assert kb.query("Who mended the lamp?").models["retrieval"] == "hash"
    assert kb.doctor() == []


def test_a_text_is_embedded_once(tmp_path):
    model = HashEmbeddingModel()
    kb = open_kb(tmp_path / "kb", model)
    kb.index(documents("pump", "tea"))
    kb.index(documents("lamp"))
    kb.remove("tea")
    assert sorted(model.embedded) == sorted(TEXTS.values())
    assert kb.current_snapshot().counts["vectors"] == 2


def test_equal_texts_share_a_vector(tmp_path):
    kb = open_kb(tmp_path / "kb", HashEmbeddingModel())
    report = kb.index([Document(TEXTS["pump"], id="one"), Document(TEXTS["pump"], id="two")])
    assert report.counts["chunks"] == 2
    assert report.counts["vectors"] == 1
    assert {p.document_id for p in kb.retrieve("Heron pump")} == {"one", "two"}


@pytest.mark.parametrize(
    "other", [HashEmbeddingModel(32), HashEmbeddingModel(name="other")], ids=["dimension", "model"]
)
def test_another_model_is_refused_with_the_remedy(tmp_path, other):
    open_kb(tmp_path / "kb", HashEmbeddingModel()).index(documents())
    with pytest.raises(VersionMismatchError, match="grl reembed"):
        open_kb(tmp_path / "kb", other).index(documents())
    if other.name != "hash":
        with pytest.raises(VersionMismatchError, match="grl reembed"):
            open_kb(tmp_path / "kb", other).query("Who mended the lamp?")


def test_reembed_changes_the_model_of_the_whole(tmp_path):
    open_kb(tmp_path / "kb", HashEmbeddingModel()).index(documents())
    other = HashEmbeddingModel(32, "other")
    kb = open_kb(tmp_path / "kb", other)
    report = kb.reembed()
    assert report.models["embedding"] == "other"
    assert len(other.embedded) == 3
    assert kb.query("Who mended the lamp?").models["retrieval"] == "other"
    assert open_kb(tmp_path / "kb", other).index(documents("pump")).changes["unchanged"] == 1


def test_a_rollback_goes_back_to_the_vectors_of_then(tmp_path):
    kb = open_kb(tmp_path / "kb", HashEmbeddingModel())
    first = kb.index(documents()).snapshot
    other = open_kb(tmp_path / "kb", HashEmbeddingModel(32, "other"))
    other.reembed()
    other.rollback(first)
    assert kb.query("Who mended the lamp?").models["retrieval"] == "hash"


def test_without_a_model_the_stored_vectors_stay(tmp_path):
    open_kb(tmp_path / "kb", HashEmbeddingModel()).index(documents("pump", "tea"))
    report = open_kb(tmp_path / "kb").index(documents("lamp"))
    assert report.models["embedding"] == "hash"
    again = open_kb(tmp_path / "kb", HashEmbeddingModel()).index(documents("pump", "tea", "lamp"))
    assert again.counts["vectors"] == 3


def test_reembed_without_a_model_says_what_to_do(tmp_path):
    open_kb(tmp_path / "kb", HashEmbeddingModel()).index(documents())
    with pytest.raises(SettingsError, match=r"embedding\.model"):
        open_kb(tmp_path / "kb").reembed()


def test_the_index_finds_what_brute_force_finds(tmp_path):
    open_kb(tmp_path / "kb", HashEmbeddingModel()).index(documents())
    reader = Store(tmp_path / "kb").reader()
    hashes, matrix = read_vectors(reader)
    question = HashEmbeddingModel().embed(["the lamp"], "query")[0]
    found, cosine = nearest(reader, question, 3)
    order = np.argsort(-(matrix @ question))
    assert found == [hashes[i] for i in order]
    assert np.allclose(cosine, (matrix @ question)[order], atol=1e-5)
