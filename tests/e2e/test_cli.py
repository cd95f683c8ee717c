"""Joins: the command line, a real store on disk, indexing, retrieval and extractive answers. No model."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Done = subprocess.CompletedProcess[str]
Grl = Callable[..., Done]


def as_json(done: Done) -> Any:
    """The one JSON document on stdout of a command that worked."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_index_reports_counts_and_is_whole(grl: Grl, docs: Path) -> None:
    report = as_json(grl("index", docs, "--kb", "kb", "--json"))
    assert report["is_whole"] is True
    assert report["counts"]["documents"] == 5
    assert report["usage"]["calls"] == 0


def test_second_run_changes_nothing(grl: Grl, docs: Path, own_kb: Path) -> None:
    again = as_json(grl("index", docs, "--kb", own_kb, "--json"))
    assert again["snapshot"] == "000001"
    assert again["changes"] == {"added": 0, "changed": 0, "moved": 0, "removed": 0, "unchanged": 5}


def test_bad_file_is_listed_and_ends_with_3(grl: Grl, docs: Path) -> None:
    (docs / "broken.pdf").write_bytes(b"%PDF-1.7\nnot really")
    done = grl("index", docs, "--kb", "kb")
    assert done.returncode == 3
    assert "docs/broken.pdf: " in done.stderr
    assert "broken.pdf" in grl("status", "--kb", "kb").stdout


def test_globs_choose_files(grl: Grl, docs: Path) -> None:
    done = grl("index", docs, "--kb", "kb", "--include", "*.md", "--exclude", "zh*", "--json")
    assert as_json(done)["counts"]["documents"] == 2


def test_stdin_is_a_document(grl: Grl) -> None:
    done = grl("index", "-", "--kb", "kb", stdin="The keeper of Gannet Head was Agnes Marchbank.\n")
    assert done.returncode == 0, done.stderr
    assert "Agnes Marchbank" in grl("query", "Who was the keeper of Gannet Head?", "--kb", "kb").stdout


def test_a_bad_record_of_stdin_is_a_failure(grl: Grl) -> None:
    done = grl("index", "-", "--kb", "kb", "--json", stdin='{"text": "The keeper was Agnes Marchbank."}\n{"text": 3}\n')
    assert done.returncode == 3
    report = json.loads(done.stdout)
    assert report["is_whole"] is False
    assert [failure["source"] for failure in report["failures"]] == ["stdin"]


def test_facts_are_imported(grl: Grl, own_folder: Path) -> None:
    corpus, facts = own_folder / "corpus.jsonl", own_folder / "facts.jsonl"
    corpus.write_text('{"id": "d1", "text": "the lamp was mended by pell"}\n', encoding="utf-8")
    facts.write_text(
        '{"id": "d1", "entities": ["Pell", "lamp"], "triples": [["Pell", "mended", "lamp"]]}\n', encoding="utf-8"
    )
    done = grl("index", corpus, "--facts", facts, "--kb", "kb", "--json")
    assert done.returncode == 0, done.stderr
    names = {entity["name"].lower() for entity in as_json(grl("entities", "--kb", "kb", "--json"))}
    assert {"pell", "lamp"} <= names


def test_every_citation_is_found_at_its_offsets(grl: Grl, kb: Path) -> None:
    answer = as_json(grl("query", "Who designed the Bittern 90?", "--kb", kb, "--json"))
    assert answer["citations"]
    assert "Farrar" in answer["answer"]
    for citation in answer["citations"]:
        text = grl("show", citation["document_id"], "--kb", kb).stdout
        assert text[citation["start"] : citation["end"]] == citation["text"]


def test_show_knows_a_source_by_the_path_that_answers_print(grl: Grl, kb: Path) -> None:
    assert "Farrar" in grl("show", kb.parent / "docs" / "farrar.txt", "--kb", kb).stdout
    assert "no document, chunk or source 'nothing'" in grl("show", "nothing", "--kb", kb).stderr


def test_files_without_text_are_counted(grl: Grl, docs: Path) -> None:
    (docs / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    done = grl("index", docs, "--kb", "kb")
    assert done.returncode == 0
    assert "1 file without text skipped: .png (1)" in done.stderr
    again = grl("index", docs, "--kb", "kb")
    assert "nothing has changed" in again.stdout
    assert "1 file without text skipped: .png (1)" in again.stderr


def test_an_empty_folder_is_told(grl: Grl, own_folder: Path) -> None:
    (own_folder / "empty").mkdir()
    assert "No document is in it" in grl("index", own_folder / "empty", "--kb", "empty-kb").stderr


def test_settings_that_cannot_be_written_are_no_traceback(grl: Grl, own_folder: Path) -> None:
    (own_folder / "file").write_text("")
    done = grl("init", own_folder / "file" / "kb")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("mode", ["auto", "basic", "local", "global"])
def test_every_mode_answers_with_every_promised_key(grl: Grl, kb: Path, mode: str) -> None:
    done = grl("query", "What is said about Kelder Haven?", "--kb", kb, "--mode", mode, "--json")
    answer = as_json(done)
    assert {"answer", "mode", "citations", "passages", "usage", "timings", "snapshot"} <= set(answer)
    assert answer["snapshot"] == "000001"
    assert mode in ("auto", answer["mode"])


def test_second_hop_is_retrieved_with_its_path(grl: Grl, kb: Path) -> None:
    found = as_json(grl("retrieve", "Who taught the designer of the Bittern 90?", "--kb", kb, "--json"))
    by_source = {Path(passage["source"]).name: passage for passage in found["passages"]}
    assert "farrar.txt" in by_source
    assert by_source["farrar.txt"]["path"]


def test_retrieve_questions_prints_one_line_each(grl: Grl, kb: Path, own_folder: Path) -> None:
    asked = own_folder / "questions.jsonl"
    asked.write_text('{"id": "a", "question": "Bittern?"}\n{"id": "b", "question": "汐岩泵业？"}\n', encoding="utf-8")
    lines = grl("retrieve", "--questions", asked, "--top-k", 2, "--json", "--kb", kb).stdout.splitlines()
    rankings = [json.loads(line) for line in lines]
    assert [ranking["id"] for ranking in rankings] == ["a", "b"]
    for ranking in rankings:
        assert 1 <= len(ranking["ranking"]) <= 2
        assert set(ranking["ranking"][0]) == {"document_id", "chunk_id", "score"}


def test_a_question_without_a_word_has_an_empty_ranking(grl: Grl, kb: Path, own_folder: Path) -> None:
    asked = own_folder / "questions.jsonl"
    asked.write_text('{"id": "a", "question": "?!"}\n{"id": "b", "question": "Bittern?"}\n', encoding="utf-8")
    done = grl("retrieve", "--questions", asked, "--kb", kb)
    assert done.returncode == 3
    assert [len(json.loads(line)["ranking"]) > 0 for line in done.stdout.splitlines()] == [False, True]
    assert "a: the question holds no word" in done.stderr


def test_chinese_question_is_answered_under_a_c_locale(grl: Grl, kb: Path) -> None:
    env = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    done = grl("query", "Who founded 汐岩泵业?", "--kb", kb, env=env)
    assert done.returncode == 0, done.stderr
    assert "沈宝霖" in done.stdout


def test_remove_snapshots_and_rollback(grl: Grl, docs: Path, own_kb: Path) -> None:
    assert grl("remove", docs / "farrar.txt", "--kb", own_kb).returncode == 0
    listed = as_json(grl("snapshots", "--kb", own_kb, "--json"))
    assert [snapshot["counts"]["documents"] for snapshot in listed["snapshots"]] == [5, 4]
    assert "Vashley" not in grl("entities", "--kb", own_kb, "--limit", 0).stdout
    assert grl("rollback", listed["snapshots"][0]["id"], "--kb", own_kb).returncode == 0
    assert "Vashley" in grl("entities", "--kb", own_kb, "--limit", 0).stdout


def test_merge_is_listed_and_undone(grl: Grl, docs: Path) -> None:
    (docs / "board.txt").write_text(
        "The Kelder Haven Harbour Board (KHHB) met in May. The KHHB chose Ottoline Farrar. KHHB paid.", encoding="utf-8"
    )
    grl("index", docs, "--kb", "kb")
    merges = as_json(grl("merges", "--kb", "kb", "--json"))
    acronym = next(merge for merge in merges if merge["key"] == "khhb")
    assert grl("unmerge", acronym["id"], "--kb", "kb").returncode == 0
    names = [entity["name"] for entity in as_json(grl("entities", "--kb", "kb", "--limit", 0, "--json"))]
    assert "KHHB" in names


def test_doctor_finds_a_fresh_knowledge_base_sound(grl: Grl, kb: Path) -> None:
    assert grl("doctor", "--kb", kb).returncode == 0


def test_eval_measures_and_gates(grl: Grl, kb: Path, own_folder: Path) -> None:
    asked = own_folder / "questions.jsonl"
    asked.write_text(
        '{"id": "a", "question": "Who designed the Bittern 90?", "gold": ["docs/bittern.md"], "hops": 1}\n'
        '{"id": "b", "question": "Who taught the designer of the Bittern 90?", "gold": ["farrar.txt"], "hops": 2}\n',
        encoding="utf-8",
    )
    modes = as_json(grl("eval", asked, "--kb", kb, "--mode", "basic", "--mode", "local", "--json", "--top-k", 5))
    assert [run["name"].split()[-1] for run in modes["runs"]] == ["(basic)", "(local)"]
    assert set(modes["difference"]["recall@5"]) == {"mean", "low", "high"}
    made = as_json(grl("eval", asked, "--kb", kb, "--compare-kb", kb, "--json", "--top-k", 5))
    assert made["runs"][0]["metrics"]["recall@5"] == 1
    assert grl("eval", asked, "--kb", kb, "--fail-under", "recall@5=1").returncode == 0
    assert grl("eval", asked, "--kb", kb, "--fail-under", "recall@5=1.1").returncode == 1


def test_dry_run_writes_nothing_and_costs_nothing(grl: Grl, docs: Path) -> None:
    done = grl("index", docs, "--kb", "kb", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "5 new" in done.stdout
    assert "0 model calls, 0 USD" in done.stdout
    assert not Path("kb", "lancedb").exists()


def test_init_writes_settings_that_load(grl: Grl, docs: Path) -> None:
    assert grl("init", "kb").returncode == 0
    assert grl("init", "kb").returncode == 1
    assert grl("index", docs, "--kb", "kb").returncode == 0


@pytest.mark.parametrize(
    ("text", "hint"),
    [("[chunk]\nmax_token = 3\n", "chunk.max_tokens"), ("[chunk\n", "TOML")],
    ids=["unknown", "broken"],
)
def test_wrong_settings_are_wrong_usage(grl: Grl, own_folder: Path, text: str, hint: str) -> None:
    (own_folder / "grl.toml").write_text(text, encoding="utf-8")
    done = grl("status")
    assert done.returncode == 2
    assert hint in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [["query", "Who?"], ["retrieve", "Who?"], ["status"], ["show", "x"], ["doctor"]])
def test_missing_knowledge_base_says_what_to_do(grl: Grl, command: list[str]) -> None:
    done = grl(*command, "--kb", "nothing-here")
    assert (done.returncode, done.stdout) == (1, "")
    assert "grl index" in done.stderr
    told = json.loads(grl(*command, "--kb", "nothing-here", "--json").stdout)
    assert told["error"]["kind"] == "NotFoundError"
    assert not Path("nothing-here").exists()


@pytest.mark.skipif(os.name == "nt", reason="pipes break differently on Windows")
def test_closed_pipe_is_silent(kb: Path) -> None:
    command = f'"{sys.executable}" -m graphrag_lite entities --limit 0 --kb "{kb}" | head -1'
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.stderr == ""


@pytest.mark.skipif(os.name == "nt", reason="a shell closes streams otherwise on Windows")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_as_empty_ones(kb: Path, closed: str) -> None:
    for arguments, code in ((f"query 'Who designed the Bittern 90?' --kb '{kb}'", 0), ("index - --kb piped", 2)):
        command = f"'{sys.executable}' -m graphrag_lite {arguments} {closed}"
        done = subprocess.run(
            command, shell=True, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in done.stderr
        assert done.returncode == code, done.stderr


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from graphrag_lite.cli.app import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'lancedb', 'pyarrow', 'numpy', 'networkx', 'pydantic', 'rich', 'openai', 'scipy', 'torch'}\n"
        "heavy |= {'graphrag_lite.text.normalize'}\n"
        "sys.exit(','.join(sorted(heavy & set(sys.modules))) or None)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
