"""Vectors in the real store: made once for each text, never mixed, and used where words say nothing."""

import json
from dataclasses import replace

import numpy as np
import pytest

from graphrag_lite import Document, KnowledgeBase, SettingsError, VersionMismatchError
from graphrag_lite.index import embed
from graphrag_lite.store.tables import Store
from graphrag_lite.store.vectors import nearest, read_vectors, vectors_table
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


def test_another_model_is_refused_though_no_file_has_changed(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "pump.txt").write_text(TEXTS["pump"])
    open_kb(tmp_path / "kb", HashEmbeddingModel()).index(tmp_path / "docs")
    assert open_kb(tmp_path / "kb").index(tmp_path / "docs").changes["unchanged"] == 1
    with pytest.raises(VersionMismatchError, match="grl reembed"):
        open_kb(tmp_path / "kb", HashEmbeddingModel(name="other")).index(tmp_path / "docs")
    prompted = KnowledgeBase(
        tmp_path / "kb",
        settings={"recipe": "local", "embedding": {"passage_prompt": "passage: "}},
        embedding_model=HashEmbeddingModel(),
    )
    with pytest.raises(VersionMismatchError, match="grl reembed"):
        prompted.index(tmp_path / "docs")


def test_reembed_changes_the_model_of_the_whole(tmp_path):
    open_kb(tmp_path / "kb", HashEmbeddingModel()).index(documents())
    other = HashEmbeddingModel(32, "other")
    kb = open_kb(tmp_path / "kb", other)
    report = kb.reembed()
    assert report.models["embedding"] == "other"
    assert len(other.embedded) == 3
    assert kb.query("Who mended the lamp?").models["retrieval"] == "other"
    assert open_kb(tmp_path / "kb", other).index(documents("pump")).changes["unchanged"] == 1


def test_going_back_to_a_model_embeds_nothing(tmp_path):
    open_kb(tmp_path / "kb", HashEmbeddingModel()).index(documents())
    open_kb(tmp_path / "kb", HashEmbeddingModel(32, "other")).reembed()
    again = HashEmbeddingModel()
    kb = open_kb(tmp_path / "kb", again)
    assert kb.reembed().models["embedding"] == "hash"
    assert again.embedded == []
    assert kb.query("Who mended the lamp?").models["retrieval"] == "hash"
    assert kb.doctor() == []


def test_going_back_to_a_model_embeds_only_what_changed_meanwhile(tmp_path):
    open_kb(tmp_path / "kb", HashEmbeddingModel()).index(documents())
    other = HashEmbeddingModel(32, "other")
    open_kb(tmp_path / "kb", other).reembed()
    edited = Document("Tea is served at one now.", id="tea")
    open_kb(tmp_path / "kb", other).index([edited])
    again = HashEmbeddingModel()
    kb = open_kb(tmp_path / "kb", again)
    kb.reembed()
    assert again.embedded == [edited.text]
    assert len(other.embedded) == 4
    assert kb.doctor() == []


def test_reembed_anew_forgets_what_the_model_computed(tmp_path):
    open_kb(tmp_path / "kb", HashEmbeddingModel()).index(documents())
    again = HashEmbeddingModel()
    assert open_kb(tmp_path / "kb", again).reembed(anew=True).counts["vectors"] == 3
    assert len(again.embedded) == 3


def test_a_changed_passage_prompt_is_another_kind_of_vectors(tmp_path):
    open_kb(tmp_path / "kb", HashEmbeddingModel()).index(documents())
    model = HashEmbeddingModel()
    settings = {"recipe": "local", "embedding": {"passage_prompt": "passage: "}}
    prompted = KnowledgeBase(tmp_path / "kb", settings=settings, embedding_model=model)
    with pytest.raises(VersionMismatchError, match=r"passage: .* grl reembed"):
        prompted.index(documents("pump"))
    prompted.reembed()
    assert len(model.embedded) == 3


def test_nothing_of_a_removed_text_stays_with_any_model(tmp_path):
    open_kb(tmp_path / "kb", HashEmbeddingModel()).index(documents())
    kb = open_kb(tmp_path / "kb", HashEmbeddingModel(32, "other"))
    kb.reembed()
    kb.remove("tea")
    reader = Store(tmp_path / "kb").reader()
    assert [reader.table(name).count_rows() for name in reader.manifest.vectors] == [2, 2]
    assert kb.doctor() == []


def test_vectors_of_a_removed_text_come_back_with_a_rollback(tmp_path):
    model = HashEmbeddingModel()
    kb = open_kb(tmp_path / "kb", model)
    first = kb.index(documents()).snapshot
    kb.remove("tea")
    kb.rollback(first)
    report = kb.index([*documents(), Document("The tide turns at six.", id="tide")])
    assert report.counts["vectors"] == 4
    assert len(model.embedded) == 4


class Interrupted(HashEmbeddingModel):
    """Dies at the second call."""

    def embed(self, texts, kind="passage"):
        if self.embedded:
            raise KeyboardInterrupt
        return super().embed(texts, kind)


def test_a_killed_reembed_goes_on_where_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(embed, "_TEXTS_IN_ONE_CALL", 1)
    monkeypatch.setattr(embed, "_TEXTS_IN_ONE_WRITE", 1)
    open_kb(tmp_path / "kb", HashEmbeddingModel()).index(documents())
    with pytest.raises(KeyboardInterrupt):
        open_kb(tmp_path / "kb", Interrupted(32, "other")).reembed()
    assert open_kb(tmp_path / "kb", HashEmbeddingModel()).query("Who mended the lamp?").models["retrieval"] == "hash"
    other = HashEmbeddingModel(32, "other")
    assert open_kb(tmp_path / "kb", other).reembed().counts["vectors"] == 3
    assert len(other.embedded) == 2


def test_status_says_which_models_have_vectors(tmp_path):
    open_kb(tmp_path / "kb", HashEmbeddingModel()).index(documents())
    kb = open_kb(tmp_path / "kb", HashEmbeddingModel(32, "other"))
    kb.reembed()
    found = sorted(kb.status()["vectors"], key=lambda held: held["model"])
    assert [(held["model"], held["dimensions"], held["count"], held["is_used"]) for held in found] == [
        ("hash", 64, 3, False),
        ("other", 32, 3, True),
    ]


def test_the_doctor_finds_orphaned_and_missing_vectors(tmp_path):
    kb = open_kb(tmp_path / "kb", HashEmbeddingModel())
    kb.index(documents())
    store = Store(tmp_path / "kb")
    with store.writer() as writer:
        known = writer.read(writer.vector_table, ["text_hash"])["text_hash"].to_pylist()
        writer.delete_keys(writer.vector_table, known[:1])
        writer.add(writer.vector_table, vectors_table(["0" * 16], np.ones((1, 64))))
        commit_as_it_is(writer)
    problems = kb.doctor()
    assert any("vectors of a text that no chunk has" in problem for problem in problems)
    assert any("texts without a vector" in problem for problem in problems)


def commit_as_it_is(writer):
    old = writer.manifest
    new = replace(old, id=writer.store.snapshots.next_id(), tables=writer.versions(), vectors=writer.vectors())
    writer.commit(new, keep=5)


def test_a_knowledge_base_of_one_model_is_still_read_and_keeps_its_vectors(tmp_path):
    """As before there was a table for each model: one table `vectors`, unnamed in the manifest."""
    kb = open_kb(tmp_path / "kb", HashEmbeddingModel())
    first = kb.index(documents()).snapshot
    make_old(tmp_path / "kb", first)
    again = HashEmbeddingModel()
    kb = open_kb(tmp_path / "kb", again)
    assert kb.query("Who mended the lamp?").models["retrieval"] == "hash"
    again.embedded.clear()
    open_kb(tmp_path / "kb", HashEmbeddingModel(32, "other")).reembed()
    kb.reembed()
    assert again.embedded == []
    assert kb.doctor() == []


def make_old(path, snapshot):
    store = Store(path)
    reader = store.reader()
    name = reader.vector_table
    table = store.connection.create_table("vectors", data=reader.read(name))
    table.tags.create(f"s{snapshot}", table.version)
    store.connection.drop_table(name)
    manifest = path / "snapshots" / f"{snapshot}.json"
    fields = json.loads(manifest.read_text())
    del fields["vectors"], fields["vector_table"], fields["tables"][name]
    fields["tables"]["vectors"] = table.version
    manifest.write_text(json.dumps(fields))


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
