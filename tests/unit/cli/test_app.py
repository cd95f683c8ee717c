"""The command line in front of a knowledge base that is only pretended: exit codes and what goes to which stream."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from graphrag_lite import errors
from graphrag_lite.cli import app, options
from graphrag_lite.records import (
    Answer,
    Citation,
    Claim,
    Community,
    CommunityReport,
    Entity,
    Failure,
    IndexReport,
    Passage,
    PathStep,
    Relationship,
)
from graphrag_lite.settings import Settings

PASSAGE = Passage(
    "d1",
    "c1",
    "The lamp was mended by Pell.",
    10,
    38,
    0.5,
    (PathStep("entity", "e1", "Pell"),),
    "Lamps",
    "/x/lamps.md",
    2,
)
ANSWER = Answer(
    "Pell mended it [1].",
    (Citation("[1]", "d1", "c1", "/x/lamps.md", 2, 10, 38, "The lamp was mended by Pell."),),
    "local",
    (PASSAGE,),
    timings={"total": 0.012},
    snapshot="000001",
    mode_reason="the question names Pell",
    models={"retrieval": "none", "answer": "none"},
)
COUNTS = {"documents": 2, "chunks": 3}


class FakeKnowledgeBase:
    """Answers with what a test put in, or raises it."""

    settings = Settings()

    def __init__(self, **replies: Any) -> None:
        self.replies = replies

    def __enter__(self) -> "FakeKnowledgeBase":
        return self

    def __exit__(self, *error: object) -> None: ...

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        def reply(*args: Any, **options: Any) -> Any:
            if isinstance(self.replies[verb], BaseException):
                raise self.replies[verb]
            return self.replies[verb]

        return reply


@pytest.fixture
def grl(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command line over pretended replies: exit code, stdout, stderr."""

    def run(*arguments: str, **replies: Any) -> tuple[int, str, str]:
        monkeypatch.setattr(options, "KnowledgeBase", lambda path, **_: FakeKnowledgeBase(**replies))
        with pytest.raises(SystemExit) as end:
            app.main(list(arguments))
        out, err = capsys.readouterr()
        return int(end.value.code or 0), out, err

    return run


Grl = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.SettingsError("bad"), 2),
        (errors.NotFoundError("gone"), 1),
        (errors.LockedError("busy"), 1),
        (KeyboardInterrupt(), 130),
        (BrokenPipeError(), 1),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_error_becomes_an_exit_code_without_a_traceback(grl: Grl, error: BaseException, code: int) -> None:
    got, out, err = grl("query", "Who?", query=error)
    assert got == code
    assert out == ""
    assert "Traceback" not in err


def test_error_message_is_printed(grl: Grl) -> None:
    assert grl("query", "Who?", query=errors.NotFoundError("kb: empty"))[2] == "Error: kb: empty\n"


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (errors.SettingsError("bad"), "SettingsError", 2),
        (errors.QuestionError("no word"), "QuestionError", 2),
        (errors.NotFoundError("gone"), "NotFoundError", 1),
        (errors.LockedError("busy"), "LockedError", 1),
        (KeyboardInterrupt(), "Interrupted", 130),
        (PermissionError(13, "Permission denied", "grl.toml"), "OSError", 1),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_failure_with_json_is_one_document_on_stdout(grl: Grl, error: BaseException, kind: str, code: int) -> None:
    got, out, err = grl("query", "Who?", "--json", query=error)
    told = json.loads(out)["error"]
    assert (got, told["kind"], told["exit_code"]) == (code, kind, code)
    assert told["message"] in err
    assert told["retryable"] is isinstance(error, errors.LockedError)


def test_wrong_usage_with_json_is_one_document_on_stdout(grl: Grl) -> None:
    code, out, err = grl("query", "Who?", "--json", "--mode", "wrong")
    assert code == 2
    assert json.loads(out)["error"]["kind"] == "UsageError"
    assert "'wrong' is not one of" in json.loads(out)["error"]["message"]
    assert "Usage:" in err


def test_bug_with_json_is_one_document_and_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(options, "KnowledgeBase", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        app.main(["status", "--json"])
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "ZeroDivisionError"


def test_interrupt_says_what_is_kept(grl: Grl) -> None:
    assert "What is stored is whole" in grl("query", "Who?", query=KeyboardInterrupt())[2]


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["query"],
        ["query", "Who?", "--mode", "wrong"],
        ["query", "Who?", "--colour"],
        ["index"],
        ["index", "no/such/file"],
        ["index", "no/*.md"],
        ["retrieve"],
        ["retrieve", "Who?", "--top-k", "0"],
        ["retrieve", "--questions", "no.jsonl"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2(grl: Grl, arguments: list[str]) -> None:
    code, out, err = grl(*arguments)
    assert code == 2
    assert out == ""
    assert "Error" in err


def test_answer_shows_sources_mode_and_that_no_model_took_part(grl: Grl) -> None:
    code, out, _ = grl("query", "Who mended the lamp?", query=ANSWER)
    assert code == 0
    assert out.splitlines() == [
        "Pell mended it [1].",
        "",
        "Sources",
        "  [1] Lamps · /x/lamps.md, page 2",
        "      “The lamp was mended by Pell.”",
        "",
        "local (the question names Pell) · answered without any model · 1 passage read · 12 ms",
    ]


def test_quotation_that_is_the_answer_is_not_printed_twice(grl: Grl) -> None:
    out = grl("query", "Who?", query=replace(ANSWER, text="The lamp was mended by Pell. [1]"))[1]
    assert out.count("The lamp was mended by Pell.") == 1


def test_quotation_without_the_mark_of_its_list_is_not_printed_twice(grl: Grl) -> None:
    cited = replace(ANSWER.citations[0], text="- The lamp was mended by Pell.")
    out = grl("query", "Who?", query=replace(ANSWER, text="The lamp was mended by Pell. [1]", citations=(cited,)))[1]
    assert "“" not in out


def test_a_source_is_named_once_with_all_its_markers(grl: Grl) -> None:
    first = ANSWER.citations[0]
    text = "The lamp was\nmended by Pell. [1] So it was. [2]"
    answer = replace(ANSWER, text=text, citations=(first, replace(first, marker="2", text="Yes, it was so.")))
    lines = grl("query", "Who?", query=answer)[1].splitlines()
    assert lines[4:6] == ["  [1] [2] Lamps · /x/lamps.md, page 2", "      [2] “Yes, it was so.”"]


FOLDER = "/home/ana/documents/harbour"


def sources(*places: tuple[str, str, int | None]) -> Answer:
    """An answer that cites (document id, source, page) in order, in the words of the answer."""
    citations = tuple(
        Citation(str(n), document_id, f"c{n}", source, page, 0, 5, "It is")
        for n, (document_id, source, page) in enumerate(places, 1)
    )
    return replace(ANSWER, text="It is.", citations=citations, passages=())


def sources_printed(grl: Grl, answer: Answer) -> list[str]:
    return grl("query", "Who?", query=answer)[1].split("\n\n")[1].splitlines()


def test_the_folder_of_all_sources_is_named_once(grl: Grl) -> None:
    answer = sources(("a", f"{FOLDER}/en/one.md", None), ("b", f"{FOLDER}/en/two.md", None), ("c", f"{FOLDER}/x.md", 2))
    assert sources_printed(grl, answer) == [
        f"Sources in {FOLDER}",
        "  [1] en/one.md",
        "  [2] en/two.md",
        "  [3] x.md, page 2",
    ]


@pytest.mark.parametrize(
    "places",
    [
        [("a", f"{FOLDER}/one.md", None), ("a", f"{FOLDER}/one.md", None)],
        [("a", f"{FOLDER}/one.md", None), ("b", "https://example.com/two.html", None)],
        [("a", "docs/one.md", None), ("b", "docs/two.md", None)],
        [("a", "", None), ("b", "", None)],
    ],
    ids=["one source", "nothing shared", "short", "no sources"],
)
def test_a_folder_is_not_named_apart_where_that_saves_nothing(
    grl: Grl, places: list[tuple[str, str, int | None]]
) -> None:
    assert sources_printed(grl, sources(*places))[0] == "Sources"


def test_pages_of_one_document_stand_on_its_line(grl: Grl) -> None:
    answer = sources(("a", "manual.pdf", 7), ("a", "manual.pdf", 2), ("a", "manual.pdf", 7))
    assert sources_printed(grl, answer)[1:] == ["  [1] [2] [3] manual.pdf, pages 2 [2], 7 [1] [3]"]


def test_records_of_one_file_are_told_apart_by_their_ids(grl: Grl) -> None:
    answer = sources(("INC-1", "log.jsonl", None), ("INC-2", "log.jsonl", None))
    assert sources_printed(grl, answer)[1:] == ["  [1] log.jsonl, INC-1", "  [2] log.jsonl, INC-2"]


def test_date_and_author_stand_with_passages_and_sources_and_move_no_cursor(grl: Grl) -> None:
    passage = replace(
        PASSAGE, title="Lamps\x1b[2J", metadata={"date": "2024-03-05", "author": "Ana\x1b[1A", "tenant": "x"}
    )
    stated = "date: 2024-03-05; author: Ana\ufffd[1A"
    printed = grl("query", "Who?", query=replace(ANSWER, passages=(passage,)))[1]
    assert f"  [1] Lamps\ufffd[2J · /x/lamps.md, page 2 · {stated}\n" in printed
    assert f"   {stated}\n" in grl("retrieve", "Who?", retrieve=[passage])[1]


def test_query_json_has_every_promised_key(grl: Grl) -> None:
    answer = json.loads(grl("query", "Who?", "--json", query=ANSWER)[1])
    assert {"answer", "mode", "citations", "passages", "usage", "timings", "snapshot"} <= set(answer)
    assert set(answer["citations"][0]) == {
        "marker", "document_id", "chunk_id", "source", "page", "start", "end", "text",
    }  # fmt: skip
    assert {"document_id", "chunk_id", "text", "score", "path"} <= set(answer["passages"][0])


ENTITIES = [Entity("e1", "Pell", "person", frequency=3, degree=1), Entity("e2", "Gannet Head", frequency=2, degree=1)]
LINKS = [Relationship("r1", "e1", "e2", "Pell mended the lamp of Gannet Head.", 2.5, ("c1",))]
CLAIMS = [Claim("m1", "e1", "Pell is said to have mended the lamp.", "c1", type="result", status="suspected")]
GROUPS = [Community("k1", 0, ("e1", "e2"))]
REPORTS = [CommunityReport("k1", 0, "Pell and Gannet Head", "Pell mended the lamp.")]


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("entities", "Pell         person       3      1"),
        ("relationships", "Pell    Gannet Head  2.5     Pell mended the lamp of Gannet Head."),
        ("claims", "Pell    result  suspected  Pell is said to have mended the lamp.  c1"),
        ("communities", "    0         2  Pell and Gannet Head  Pell mended the lamp."),
    ],
)
def test_what_is_known_is_listed(grl: Grl, command: str, line: str) -> None:
    known: dict[str, list[Any]] = {"entities": ENTITIES, "relationships": LINKS, "claims": CLAIMS}
    known |= {"communities": GROUPS, "reports": REPORTS}
    assert line in grl(command, **known)[1].splitlines()
    assert len(json.loads(grl(command, "--json", "--limit", "1", **known)[1])) == 1
    nothing: dict[str, list[Any]] = {name: [] for name in known}
    assert grl(command, **nothing)[1] == "There is none.\n"


def test_context_only_shows_the_path(grl: Grl) -> None:
    out = grl("query", "Who?", "--context-only", retrieve=[PASSAGE])[1]
    assert "path: (Pell)" in out
    assert "The lamp was mended by Pell." in out


def test_retrieve_json_is_one_document(grl: Grl) -> None:
    passages = json.loads(grl("retrieve", "Who?", "--json", retrieve=[PASSAGE])[1])["passages"]
    assert passages[0]["path"] == [{"kind": "entity", "id": "e1", "label": "Pell"}]


def report(**changes: Any) -> IndexReport:
    return IndexReport(**{"snapshot": "000001", "counts": COUNTS, "changes": {"added": 2}, **changes})


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (report(), 0),
        (report(failures=(Failure("a.pdf", "is encrypted"),)), 3),
        (report(failures=(Failure("a.pdf", "is encrypted"),), counts={"documents": 0}), 1),
        (report(failures=(Failure("a.pdf", "is encrypted"),), stopped_at_budget=True), 4),
    ],
    ids=["whole", "incomplete", "nothing indexed", "at the budget"],
)
def test_index_exit_code(grl: Grl, made: IndexReport, code: int) -> None:
    assert grl("remove", "x", remove=made)[0] == code


def test_failures_are_listed_on_stderr(grl: Grl) -> None:
    _, out, err = grl("remove", "x", remove=report(failures=(Failure("a.pdf", "is encrypted"),)))
    assert "a.pdf: is encrypted" in err
    assert "encrypted" not in out


def test_report_json_says_whether_the_run_is_whole(grl: Grl) -> None:
    _, out, err = grl("remove", "x", "--json", remove=report(failures=(Failure("a.pdf", "is encrypted"),)))
    assert json.loads(out)["is_whole"] is False
    assert err == ""


@pytest.mark.parametrize(("problems", "code"), [([], 0), (["orphan chunk c9"], 1)], ids=["sound", "unsound"])
def test_doctor_exit_code(grl: Grl, problems: list[str], code: int) -> None:
    got, out, _ = grl("doctor", doctor=problems)
    assert got == code
    assert all(problem in out for problem in problems)


def test_show_prints_the_stored_text_and_nothing_else(grl: Grl) -> None:
    from graphrag_lite.records import Document

    assert grl("show", "d1", document=Document("  exact\ntext\n", "d1"))[1] == "  exact\ntext\n"


def test_help_and_version_are_whole(grl: Grl) -> None:
    code, out, _ = grl("--help")
    assert code == 0
    assert "\\b" not in out
    assert "\b" not in out
    lines = [line.strip() for line in out.splitlines()]
    examples = ["grl index docs/                 read a folder", 'grl query "Who built the dock?" ask it']
    assert [line for line in lines if line in examples] == examples
    assert grl("--version")[1].startswith("graphrag_lite ")
