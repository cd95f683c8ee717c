"""Indexing over the real store: what is new, changed, moved, copied or gone changes exactly what depends on it."""

import gc
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from graphrag_lite import Document, InputError, KnowledgeBase, NotFoundError
from graphrag_lite.index import extract, mapped_view, mentions, update_mentions, views
from graphrag_lite.index.postings import count_terms
from graphrag_lite.store import tables
from graphrag_lite.store.mapped import read_mapped
from tests.integration.test_snapshots import cut_short

TEXTS = {
    "lighthouse.md": "# Gannet Head\n\nThe Gannet Head lighthouse was designed by Josiah Pell in 1862. "
    "Josiah Pell also built the swing bridge at Kelder Haven.",
    "pell.md": "# Josiah Pell\n\nJosiah Pell was born in Thorsby. He studied under Ann Marrow at the Thorsby School.",
    "pump.txt": "The Heron 310 pump was made by Fenn Pumps. Fenn Pumps is based in Kelder Haven. "
    "The pump drained the dry dock at Kelder Haven.",
    "sub/mei.md": "# 海星研究所\n\n海星研究所（Starfish Institute）位于凯尔德港。顾婉婷是海星研究所的所长。",
}


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    for name, text in TEXTS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def kb(tmp_path: Path) -> KnowledgeBase:
    return KnowledgeBase(tmp_path / "kb")


VIEWS = (
    "documents",
    "origins",
    "chunks",
    "facts",
    "mentions",
    "vocabulary",
    "decisions",
    "entities",
    "relationships",
    "reports",
)


def contents(kb: KnowledgeBase) -> dict[str, list[str]]:
    """Every row of every table, in a form that can be compared."""
    reader = kb._reader()
    return {
        name: sorted(json.dumps(r, sort_keys=True, default=str) for r in reader.read(name).to_pylist())
        for name in VIEWS
    }


def test_a_folder_becomes_documents_chunks_entities_and_reports(kb, docs):
    report = kb.index(docs)
    assert report.is_whole
    assert report.counts["documents"] == 4
    assert {"Josiah Pell", "Kelder Haven", "Fenn Pumps"} <= {e.name for e in kb.entities()}
    assert kb.doctor() == []
    assert kb.reports()


def test_nothing_changed_makes_no_snapshot(kb, docs):
    first = kb.index(docs)
    again = kb.index(docs)
    assert again.snapshot == first.snapshot
    assert again.changes == {"added": 0, "changed": 0, "moved": 0, "removed": 0, "unchanged": 4}


@pytest.mark.parametrize("change", ["edit", "add", "delete", "rename", "copy"])
def test_an_incremental_run_equals_a_fresh_one(tmp_path, kb, docs, change):
    kb.index(docs)
    if change == "edit":
        (docs / "pell.md").write_text("# Josiah Pell\n\nJosiah Pell was taught by Zebulon Crake of Wexmouth.")
    elif change == "add":
        (docs / "crake.txt").write_text("Ann Marrow later hired Zebulon Crake. The Swing Bridge Company paid.")
    elif change == "delete":
        (docs / "lighthouse.md").unlink()
    elif change == "rename":
        (docs / "pump.txt").rename(docs / "sub" / "heron.txt")
    else:
        shutil.copy(docs / "pump.txt", docs / "copy.txt")
    kb.index(docs)
    fresh = KnowledgeBase(tmp_path / "fresh")
    fresh.index(docs)
    ours, theirs = contents(kb), contents(fresh)
    for name in VIEWS:
        assert ours[name] == theirs[name], name
    ours, theirs = view(kb), view(fresh)
    for name in theirs.arrays:
        assert np.array_equal(ours.arrays[name], theirs.arrays[name]), name
    for name in theirs.tables:
        assert ours.tables[name].to_pylist() == theirs.tables[name].to_pylist(), name
    assert kb.doctor() == []


def view(kb):
    reader = kb._reader()
    return read_mapped(reader.store.snapshots.view_folder(reader.manifest.id))


def test_chunks_are_ordered_the_same_however_many_are_read_at_once(kb, docs, monkeypatch):
    kb.index(docs)
    whole = mapped_view.ordered_chunks(kb._reader()).to_pylist()
    monkeypatch.setattr(mapped_view, "_DOCUMENTS_IN_ONE_READ", 1)
    assert mapped_view.ordered_chunks(kb._reader()).to_pylist() == whole
    assert [(r["document_id"], r["ordinal"]) for r in whole] == sorted((r["document_id"], r["ordinal"]) for r in whole)


def test_mentions_are_the_same_however_many_wait_to_be_written(tmp_path, kb, docs, monkeypatch):
    kb.index(docs)
    monkeypatch.setattr(mentions, "_DOCUMENTS_AT_ONCE", 1)
    monkeypatch.setattr(update_mentions, "_MOST_UNWRITTEN", 5)
    other = KnowledgeBase(tmp_path / "other")
    other.index(docs)
    assert contents(other)["mentions"] == contents(kb)["mentions"]


def test_an_edit_counts_the_words_of_what_changed_only(kb, docs, monkeypatch):
    kb.index(docs)
    (docs / "pump.txt").write_text(TEXTS["pump.txt"] + " Otto Brandt sold it.")
    counted = []
    monkeypatch.setattr(mapped_view, "count_terms", lambda texts, rows: count_terms(remember(texts, counted), rows))
    kb.index(docs)
    assert len(counted) == 1
    assert TEXTS["pump.txt"] in counted[0]


def test_names_are_found_anew_where_the_rules_have_become_others(kb, docs, monkeypatch):
    from graphrag_lite.index import enrich, fingerprints, mentions, update_chunks

    kb.index(docs)
    for module in (enrich, fingerprints, mentions, update_chunks):
        monkeypatch.setattr(module, "EXTRACTOR", "statistical/next")
    assert kb.index(docs).is_whole
    facts = kb._reader().read("facts", ["extractor"])["extractor"].to_pylist()
    assert set(facts) == {"statistical/next"}
    assert kb.doctor() == []


def test_words_are_counted_anew_where_they_have_become_others(kb, docs, monkeypatch):
    kb.index(docs)
    (docs / "pump.txt").write_text(TEXTS["pump.txt"] + " Otto Brandt sold it.")
    counted = []
    monkeypatch.setattr(mapped_view, "TERMS", mapped_view.TERMS + 1)
    monkeypatch.setattr(mapped_view, "count_terms", lambda texts, rows: count_terms(remember(texts, counted), rows))
    kb.index(docs)
    assert len(counted) == len(TEXTS)


def remember(texts, seen):
    for text in texts:
        seen.append(text)
        yield text


def test_a_text_is_read_once_for_its_names_and_their_places(kb, docs, monkeypatch):
    read, texts = extract._read, []
    monkeypatch.setattr(extract, "_read", lambda text: texts.append(text) or read(text))
    kb.index(docs)
    chunks = kb._reader().read("chunks", ["text"])["text"].to_pylist()
    assert sorted(text for text in texts if text in chunks) == sorted(chunks)


def test_what_was_in_memory_rests_from_the_garbage_collector_while_a_run_goes_on(kb, docs, monkeypatch):
    update, frozen = views.update, []
    monkeypatch.setattr(views, "update", lambda *a: frozen.append(gc.get_freeze_count()) or update(*a))
    kb.index(docs)
    assert frozen[0] > 0
    assert gc.get_freeze_count() == 0


def test_an_edit_matches_only_documents_that_hold_a_changed_name(kb, docs, monkeypatch):
    from graphrag_lite.index import mentions

    kb.index(docs)
    (docs / "pump.txt").write_text(TEXTS["pump.txt"] + " Otto Brandt sold it.")
    matched = []
    original = mentions.match_document
    monkeypatch.setattr(
        mentions, "match_document", lambda v, t, c, **k: matched.append(c[0][:20]) or original(v, t, c, **k)
    )
    kb.index(docs)
    assert matched == [TEXTS["pump.txt"][:20]]


def test_a_deleted_file_leaves_no_trace(kb, docs):
    kb.index(docs)
    (docs / "sub" / "mei.md").unlink()
    report = kb.index(docs)
    assert report.changes["removed"] == 1
    assert not any("海星" in row for rows in contents(kb).values() for row in rows)


def test_what_lies_in_a_folder_that_cannot_be_read_is_kept(kb, docs, monkeypatch):
    kb.index(docs)
    scandir = os.scandir

    def refuse(folder):
        if Path(folder).name == "sub":
            raise PermissionError(13, "permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    report = kb.index(docs)
    assert report.changes["removed"] == 0
    assert report.counts["documents"] == 4
    (failure,) = report.failures
    assert Path(failure.source).name == "sub"
    assert "kept" in failure.reason
    assert kb.estimate(docs).changes["removed"] == 0


def test_a_file_whose_name_is_no_utf_8_comes_and_goes_as_others_do(kb, docs):
    name = os.fsencode(docs) + b"/caf\xe9.txt"
    with open(name, "w", encoding="utf-8") as stream:
        stream.write("Wexmouth is a village.")
    assert kb.index(docs).counts["documents"] == 5
    assert kb.index(docs).changes["unchanged"] == 5
    assert kb.document_ids(docs / "caf\\xe9.txt")
    os.unlink(name)
    assert kb.index(docs).changes["removed"] == 1


def test_of_documents_with_one_id_the_last_one_holds(kb):
    first, last = Document("Port Ash is a town.", id="ash"), Document("Port Ash is a city.", id="ash")
    report = kb.index([first, last])
    assert (report.changes["added"], report.counts["documents"]) == (1, 1)
    assert kb.document("ash").text == last.text
    kb.index([first, last])
    assert kb.document("ash").text == last.text
    assert kb.doctor() == []


def test_a_name_that_cannot_be_stored_is_refused(kb, tmp_path):
    for document in (Document("Port Ash is a town.", id="a\ud800"), Document("Port Ash.", source="a\ud800")):
        with pytest.raises(InputError, match="half of a character"):
            kb.index([document])
    (tmp_path / "a.jsonl").write_text('{"id": "a\\ud800", "text": "Port Ash."}\n{"id": "b", "text": "Wexmouth."}\n')
    report = kb.index([tmp_path / "a.jsonl", Document("Kelder.", id="c", metadata={"x": "\ud800"})])
    assert report.counts["documents"] == 2
    assert "half of a character" in report.failures[0].reason


def test_threads_that_share_a_knowledge_base_write_one_after_the_other(kb):
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda n: kb.index([Document(f"Port Ash has {n} piers.", id=f"d{n}")]), range(4)))
    assert sorted(report.counts["documents"] for report in reports) == [1, 2, 3, 4]


def test_a_moved_file_is_told_as_moved(kb, docs):
    kb.index(docs)
    (docs / "pump.txt").rename(docs / "heron.txt")
    report = kb.index(docs)
    assert (report.changes["moved"], report.changes["added"], report.changes["removed"]) == (1, 0, 0)


def test_a_copy_is_kept_once_and_remembers_both_sources(kb, docs):
    shutil.copy(docs / "pump.txt", docs / "again.txt")
    report = kb.index(docs)
    assert report.counts["documents"] == 4
    rows = kb._reader().read("origins", ["sources"]).to_pylist()
    assert sorted(len(row["sources"]) for row in rows) == [1, 1, 1, 2]
    assert kb.document_ids(docs / "again.txt") == kb.document_ids(docs / "pump.txt")


def test_a_near_copy_is_kept_once_and_a_version_with_another_figure_is_not(kb, tmp_path):
    body = "The harbour board met in the long room and heard the engineer on the state of the old dock. " * 3
    told = "The board voted 310 pounds for the repair of the pump, and the clerk wrote it down in the book."
    for name, text in {
        "minutes.md": f"---\nauthor: The clerk\n---\n{body}\n{told}",
        "minutes.html": f"<html><body><p>Printed on 3 May 2021</p><p>{body}</p><p>{told}</p></body></html>",
        "revised.txt": f"{body}\n{told.replace('310', '340')}",
    }.items():
        (tmp_path / "minutes").mkdir(exist_ok=True)
        (tmp_path / "minutes" / name).write_text(text, encoding="utf-8")
    kb.index(tmp_path / "minutes")
    origins = kb._reader().read("origins").to_pylist()
    kept = {frozenset(Path(s).name for s in row["sources"]) for row in origins if not row["duplicate_of"]}
    assert kept == {frozenset({"minutes.md", "minutes.html"}), frozenset({"revised.txt"})}


def test_indexing_a_folder_leaves_other_sources_alone(kb, docs, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("Wexmouth is a village. Zebulon Crake lives in Wexmouth.")
    kb.index([docs, other])
    report = kb.index(docs)
    assert report.changes["removed"] == 0
    assert report.counts["documents"] == 5


def test_remove_takes_a_file_a_folder_a_glob_or_a_document_id(kb, docs):
    kb.index([docs, Document("Port Ash is a town.", id="ash")])
    kb.remove(docs / "p*.txt")
    kb.remove(docs / "sub")
    report = kb.remove("ash")
    assert report.counts["documents"] == 2
    assert kb.doctor() == []
    for gone in ("ash", str(docs / "p*.txt")):
        with pytest.raises(NotFoundError, match="no source and no document"):
            kb.remove(gone)


def test_bad_files_are_listed_and_the_rest_is_indexed(kb, docs):
    (docs / "empty.txt").write_text("")
    (docs / "broken.pdf").write_bytes(b"%PDF-1.7\n%broken")
    report = kb.index(docs)
    assert {Path(f.source).name for f in report.failures} == {"empty.txt", "broken.pdf"}
    assert report.counts["documents"] == 4
    assert not report.is_whole
    assert not kb.status()["is_whole"]
    with pytest.raises(NotFoundError, match="is empty"):
        kb.document_ids(docs / "empty.txt")
    again = kb.index(docs)
    assert again.failures == report.failures
    assert again.snapshot == report.snapshot


def test_a_file_that_goes_bad_keeps_what_was_read_from_it(kb, docs):
    kb.index(docs)
    (docs / "pump.txt").write_bytes(b"\x00\x01\x02\x03" * 100)
    report = kb.index(docs)
    assert "kept" in report.failures[0].reason
    assert report.counts["documents"] == 4


def test_a_given_id_is_the_document_id_and_is_replaced_when_its_text_changes(kb, tmp_path):
    file = tmp_path / "c.jsonl"
    file.write_text(
        '{"id":"p1","title":"Port Ash","text":"Port Ash is a town."}\n{"id":"p2","text":"Wexmouth is a village."}\n'
    )
    kb.index(file)
    assert {d.id for d in kb.documents()} == {"p1", "p2"}
    file.write_text(
        '{"id":"p1","title":"Port Ash","text":"Port Ash is a city."}\n{"id":"p2","text":"Wexmouth is a village."}\n'
    )
    kb.index(file)
    assert kb.document("p1").text == "Port Ash is a city."
    assert kb.doctor() == []


def test_the_same_id_for_two_texts_is_a_failure_that_names_it(kb, tmp_path):
    (tmp_path / "a.jsonl").write_text('{"id":"p1","text":"Port Ash is a town."}\n')
    (tmp_path / "b.jsonl").write_text('{"id":"p1","text":"Wexmouth is a village."}\n')
    report = kb.index([tmp_path / "a.jsonl", tmp_path / "b.jsonl"])
    assert "p1" in report.failures[0].reason
    assert report.counts["documents"] == 1


def test_changed_chunk_settings_cut_stored_documents_again(tmp_path, docs):
    kb = KnowledgeBase(tmp_path / "kb")
    long = " ".join(f"Sentence {n} tells of Kelder Haven and of Josiah Pell." for n in range(200))
    kb.index([docs, Document(long, id="long")])
    smaller = KnowledgeBase(tmp_path / "kb", settings={"chunk": {"max_tokens": 60}})
    report = smaller.index(docs)
    assert report.counts["chunks"] > 40
    assert smaller.doctor() == []


def test_imported_facts_become_entities_and_relationships(kb, tmp_path, docs):
    kb.index([docs, Document("The old keeper told stories to visitors.", id="tale")])
    facts = tmp_path / "facts.jsonl"
    facts.write_text(
        json.dumps(
            {"id": "tale", "entities": ["old keeper"], "triples": [["old keeper", "told stories to", "visitors"]]}
        )
    )
    report = kb.index(facts=facts)
    assert report.is_whole
    assert {"old keeper", "visitors"} <= {e.name for e in kb.entities()}
    assert any("told stories to" in r.description for r in kb.relationships())
    assert kb.index(facts=facts).snapshot == report.snapshot
    assert kb.doctor() == []
    kb.remove("tale")
    assert "old keeper" not in {e.name for e in kb.entities()}


STORY = (
    "Zora Quell met Hugo Brandt at the Blue Anchor on a rainy evening, and they spoke for hours of boats and the sea."
    "\n\n"
    "Tilda Voss came later with Milo Hask and sat down with them until the inn closed its doors that very night."
)


def stated_of(kb):
    rows = kb._reader().read("facts", ["payload"], where="extractor = 'import/1'").to_pylist()
    return sorted(link[2] for row in rows for link in json.loads(row["payload"])["relationships"])


def write_facts(path, *triples):
    path.write_text("\n".join(json.dumps({"id": "story", "entities": [], "triples": [t]}) for t in triples))
    return path


@pytest.fixture
def story_kb(tmp_path):
    with KnowledgeBase(
        tmp_path / "story", settings={"chunk": {"max_tokens": 40}, "embedding": {"model": "none"}}
    ) as kb:
        kb.index(Document(STORY, id="story"))
        yield kb


def test_facts_that_a_file_states_no_more_are_gone(story_kb, tmp_path):
    fired, married = ("Zora Quell", "fired", "Hugo Brandt"), ("Tilda Voss", "married", "Milo Hask")
    story_kb.index(facts=write_facts(tmp_path / "facts.jsonl", fired, married))
    assert stated_of(story_kb) == ["Tilda Voss married Milo Hask", "Zora Quell fired Hugo Brandt"]
    story_kb.index(facts=write_facts(tmp_path / "facts.jsonl", fired))
    assert stated_of(story_kb) == ["Zora Quell fired Hugo Brandt"]
    (tmp_path / "facts.jsonl").write_text('{"id": "story", "entities": [], "triples": []}')
    story_kb.index(facts=tmp_path / "facts.jsonl")
    assert stated_of(story_kb) == []
    assert not any("fired" in link.description for link in story_kb.relationships())


def test_given_facts_that_go_with_an_old_text_are_told(story_kb, tmp_path):
    facts = write_facts(tmp_path / "facts.jsonl", ("Tilda Voss", "married", "Milo Hask"))
    assert story_kb.index(facts=facts).notices == ()
    edited = Document(STORY.replace("very night", "night"), id="story")
    (notice,) = story_kb.index(edited).notices
    assert "--facts" in notice
    assert story_kb.index(edited).notices == ()
    assert story_kb.index(edited, facts=facts).notices == ()
    assert stated_of(story_kb) == ["Tilda Voss married Milo Hask"]
    assert story_kb.remove("story").notices == ()


def test_facts_about_unknown_documents_are_refused(kb, tmp_path, docs):
    kb.index(docs)
    (tmp_path / "facts.jsonl").write_text('{"id":"nowhere","entities":["A"],"triples":[]}')
    with pytest.raises(InputError, match="nowhere"):
        kb.index(facts=tmp_path / "facts.jsonl")


def test_a_merge_can_be_undone_and_stays_undone(kb, docs):
    kb.index([docs, Document("The United Nations (UN) met. The UN voted.", id="un")])
    merge = next(m for m in kb.merges() if m.key == "un")
    kb.undo_merge(merge.id)
    assert {"UN", "United Nations"} <= {e.name for e in kb.entities()}
    kb.index(Document("Kelder Haven is wet.", id="wet"))
    assert next(m for m in kb.merges() if m.id == merge.id).undone
    kb.undo_merge(merge.id, undone=False)
    assert "UN" not in {e.name for e in kb.entities()}


def test_a_merge_of_one_document_stays_with_it_and_can_be_undone(kb):
    kb.index(Document("We saw Bob Zorn. Then Zorn came, and we saw Zorn.", id="zorn"))
    merge = next(m for m in kb.merges() if m.key == "zorn")
    assert (merge.into, merge.scope) == ("bob zorn", "zorn")
    kb.index(Document("Kelder Haven is wet.", id="wet"))
    assert merge in kb.merges()
    kb.undo_merge(merge.id)
    assert {"Zorn", "Bob Zorn"} <= {e.name for e in kb.entities()}
    kb.undo_merge(merge.id, undone=False)
    assert "Zorn" not in {e.name for e in kb.entities()}
    kb.remove("zorn")
    assert merge.id not in {m.id for m in kb.merges()}


def test_rollback_brings_the_old_answers_back(kb, docs):
    first = kb.index(docs).snapshot
    (docs / "pump.txt").unlink()
    kb.index(docs)
    assert not any("Heron" in p.text for p in kb.retrieve("Heron 310 pump"))
    kb.rollback(first)
    assert "Heron" in kb.retrieve("Heron 310 pump")[0].text


def test_an_open_knowledge_base_sees_what_another_process_commits(tmp_path, docs):
    reader, writer = KnowledgeBase(tmp_path / "kb"), KnowledgeBase(tmp_path / "kb")
    writer.index(docs / "pell.md")
    assert len(reader.retrieve("Josiah Pell")) == 1
    writer.index(docs)
    assert len(reader.retrieve("Josiah Pell")) > 1


def test_estimate_counts_without_writing(kb, docs):
    assert kb.estimate(docs).changes["added"] == 4
    assert kb.current_snapshot() is None
    kb.index(docs)
    (docs / "pump.txt").unlink()
    (docs / "pell.md").write_text("Changed.")
    assert kb.estimate(docs).changes == {"added": 0, "changed": 1, "removed": 1, "unchanged": 2}


def test_the_text_of_every_citation_is_at_its_offsets(kb, docs):
    kb.index(docs)
    for question in ("Who designed the Gannet Head lighthouse?", "顾婉婷是谁？", "What are the main themes?"):
        answer = kb.query(question)
        assert answer.citations, question
        for citation in answer.citations:
            assert kb.document(citation.document_id).text[citation.start : citation.end] == citation.text


def test_an_unsupported_question_is_answered_honestly(kb, docs):
    kb.index(docs)
    answer = kb.query("What is the boiling point of tungsten?")
    assert answer.citations == ()
    assert answer.text.startswith("I do not know")
    assert not answer.is_supported


def test_every_passage_has_a_path_from_the_question(kb, docs):
    kb.index(docs)
    for passage in kb.retrieve("Where was the designer of the Gannet Head lighthouse born?"):
        assert passage.path[0].kind == "question"
        assert passage.path[-1].id == passage.chunk_id


def test_a_removal_does_not_fail_for_what_could_not_be_read_before(kb, docs):
    (docs / "broken.pdf").write_bytes(b"%PDF-1.7\n%broken")
    kb.index(docs)
    assert kb.remove(docs / "pump.txt").is_whole


@pytest.mark.parametrize("question", ["", "  ", None, 3], ids=repr)
def test_a_question_that_is_no_text_is_refused(kb, docs, question):
    kb.index(docs)
    with pytest.raises(InputError, match="question"):
        kb.query(question)


def test_less_than_one_passage_is_refused(kb, docs):
    kb.index(docs)
    with pytest.raises(InputError, match="top_k"):
        kb.retrieve("Josiah Pell", top_k=0)


def test_the_last_file_of_a_directory_can_go_too(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a.txt").write_text("The Heron 310 pump drains the dry dock.", encoding="utf-8")
    with KnowledgeBase(tmp_path / "kb") as kb:
        kb.index(tmp_path / "d")
        (tmp_path / "d" / "a.txt").unlink()
        assert kb.estimate(tmp_path / "d").changes["removed"] == 1
        report = kb.index(tmp_path / "d")
        assert report.changes["removed"] == 1
        assert report.counts["documents"] == 0
        assert kb.doctor() == []


def test_a_view_whose_files_were_cut_short_is_made_anew(kb, docs):
    report = kb.index(docs)
    view = kb._store().snapshots.view_folder(report.snapshot)
    before = [p.chunk_id for p in kb.retrieve("Who designed the Gannet Head lighthouse?")]
    kb.close()
    cut_short(*view.iterdir())
    assert [p.chunk_id for p in kb.retrieve("Who designed the Gannet Head lighthouse?")] == before
    kb.close()
    cut_short(*view.iterdir())
    (docs / "pump.txt").write_text("The Heron 310 pump was made by Fenn Pumps.")
    assert kb.index(docs).changes["changed"] == 1
    assert kb.doctor() == []


def test_tables_that_cannot_be_read_are_among_the_problems(kb, docs):
    kb.index(docs)
    cut_short(*(kb.path / "lancedb" / "reports.lance" / "data").glob("*"))
    (problem,) = kb.doctor()
    assert "table reports" in problem


def test_a_table_over_which_the_library_panics_is_among_the_problems(kb, docs, monkeypatch):
    class PanicException(BaseException):
        pass

    def panic(*_, **__):
        raise PanicException("out of range")

    kb.index(docs)
    monkeypatch.setattr(tables.Reader, "read", panic)
    assert any("table sources" in problem and "out of range" in problem for problem in kb.doctor())


def test_communities_stay_as_they_are_while_the_graph_does(kb, docs, monkeypatch):
    def fail(*_, **__):
        raise AssertionError("the graph was cut again")

    kb.index(docs)
    before = kb.communities()
    assert before
    (docs / "note.txt").write_text("nothing much happened on that day, and nobody wrote of it.", encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(views, "detect_communities", fail)
        assert kb.index(docs).changes["added"] == 1
    assert kb.communities() == before
    assert kb.doctor() == []
    (docs / "pump.txt").unlink()
    kb.index(docs)
    assert kb.communities() != before
