from dataclasses import dataclass
from pathlib import Path

import pytest

from graphrag_lite.cli import output


@dataclass(frozen=True, slots=True)
class _Point:
    x: int
    labels: tuple[str, ...]


def test_records_become_plain_values_at_any_depth() -> None:
    plain = output.as_plain({"a": [_Point(1, ("ü",))], "b": (2,)})
    assert plain == {"a": [{"x": 1, "labels": ("ü",)}], "b": [2]}


def test_json_keeps_chinese_readable(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_json({"text": "宁川"})
    assert '"宁川"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        ("short", 10, "short"),
        ("two  \n words", 20, "two words"),
        ("cut at a word border, please", 22, "cut at a word border…"),
        ("宁川汐岩泵业有限公司", 5, "宁川汐岩…"),
    ],
    ids=["short", "white space", "word border", "no spaces"],
)
def test_shorten(text: str, most: int, expected: str) -> None:
    assert output.shorten(text, most) == expected


def test_shorten_never_exceeds_its_limit() -> None:
    text = "alpha beta gamma delta epsilon"
    assert all(len(output.shorten(text, most)) <= most for most in range(2, len(text) + 2))


def test_source_below_the_working_folder_is_shown_relative(own_folder: Path) -> None:
    assert output.short_path((own_folder / "docs" / "a.md").as_posix()) == "docs/a.md"


@pytest.mark.parametrize("source", ["/elsewhere/a.md", "document:x", ""], ids=["outside", "no file", "none"])
def test_other_sources_are_shown_as_they_are(source: str) -> None:
    assert output.short_path(source) == source


def test_a_file_name_cannot_move_the_cursor() -> None:
    assert output.short_path("docs/a\n\x1b[2Jb 🙂.md") == "docs/a\ufffd\ufffd[2Jb 🙂.md"


def test_table_aligns_wide_characters_and_numbers() -> None:
    lines = output.table(("name", "n"), [("宁川", 5), ("Fenn", 1200)]).splitlines()
    assert lines == ["name     n", "宁川     5", "Fenn  1200"]


def test_empty_table_is_its_head() -> None:
    assert output.table(("a", "b"), []) == "a  b"


@pytest.mark.parametrize(
    ("size", "expected"), [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (2.5e6, "2.5 MB"), (3e15, "3000.0 TB")]
)
def test_human_size(size: float, expected: str) -> None:
    assert output.human_size(size) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0.0123, "12 ms"), (3.21, "3.2 s"), (125, "2 min 5 s"), (3780, "1 h 3 min")]
)
def test_human_time(seconds: float, expected: str) -> None:
    assert output.human_time(seconds) == expected


@pytest.mark.parametrize(
    ("cost", "expected"),
    [
        (0.0, "0.00 USD"),
        (0.00002, "less than 0.0001 USD"),
        (0.0123, "0.0123 USD"),
        (12.5, "12.50 USD"),
        (None, "an unknown amount (no price for this model)"),
    ],
)
def test_human_cost(cost: float | None, expected: str) -> None:
    assert output.human_cost(cost) == expected


def test_plural() -> None:
    assert [output.plural(1, "file"), output.plural(2000, "file"), output.plural(0, "entity")] == [
        "1 file",
        "2,000 files",
        "0 entities",
    ]


def test_text_is_not_wrapped_where_the_output_is_no_terminal() -> None:
    assert output.wrap("word " * 100, "  ") == "  " + "word " * 100


def test_text_is_wrapped_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    lines = output.wrap("word " * 30 + "\n\nend", "  ").splitlines()
    assert all(len(line) <= 40 for line in lines)
    assert lines[-2:] == ["", "  end"]
