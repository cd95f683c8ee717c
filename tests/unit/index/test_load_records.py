import json
from datetime import date

import pytest

from graphrag_lite.errors import InputError
from graphrag_lite.index.read_records import file_title, jsonable, read_csv, read_json, read_jsonl
from graphrag_lite.records import Document, Failure


def test_jsonl_record_fields() -> None:
    line = '{"id": 7, "title": " A  b ", "text": "T", "metadata": {"k": 1}, "year": 2024}'
    [document] = read_jsonl([line, ""], "s")
    assert document == Document("T", id="7", title="A b", source="s", metadata={"year": 2024, "k": 1})


def test_lines_of_which_none_has_a_text_are_one_failure() -> None:
    lines = [f'{{"id": "q{n}", "question": "Who?", "answer": "Ada"}}' for n in range(1890)]
    [failure] = read_jsonl(["", *lines], "s")
    assert isinstance(failure, Failure)
    assert failure.reason == (
        "none of its 1,890 records has a `text`: the first one has `id`, `question`, `answer`. "
        "Call the field with the text `text`"
    )
    [one] = read_jsonl(lines[:1], "s")
    assert isinstance(one, Failure)
    assert one.reason.startswith("line 1 has no `text`")


def test_each_line_without_a_text_is_named_where_another_has_one() -> None:
    found = list(read_jsonl(['{"a": 1}', '{"b": 2}', '{"text": "ok"}', '{"c": 3}'], "s"))
    lacking = [item.reason.partition(". ")[0] for item in found if isinstance(item, Failure)]
    assert lacking == [f"line {n} has no `text`" for n in (1, 2, 4)]
    assert sum(isinstance(item, Document) for item in found) == 1


def test_a_damaged_line_among_those_without_a_text_is_named() -> None:
    reasons = [item.reason for item in read_jsonl(['{"a": 1}', "{", '{"b": 2}'], "s") if isinstance(item, Failure)]
    assert len(reasons) == 2
    assert reasons[0].startswith("line 2 is not valid JSON")
    assert reasons[1].startswith("none of its 2 records has a `text`: the first one has `a`. ")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{bad", "not valid JSON"),
        ("[1]", "not an object"),
        ('{"x": 1}', "no `text`"),
        ('{"text": " "}', "without text"),
    ],
)
def test_bad_jsonl_line_is_a_failure_that_names_it(line: str, reason: str) -> None:
    good, bad = read_jsonl(['{"text": "ok"}', line], "s")
    assert isinstance(good, Document)
    assert isinstance(bad, Failure)
    assert "line 2" in bad.reason
    assert reason in bad.reason


def test_an_id_given_twice_is_a_failure_unless_the_text_is_the_same() -> None:
    lines = [json.dumps({"id": "a", "text": text}) for text in ("one", "one", "two")]
    first, second = read_jsonl(lines, "s")
    assert isinstance(first, Document)
    assert isinstance(second, Failure)


@pytest.mark.parametrize(
    "text",
    ['[{"text": "a"}, {"text": "b"}]', '{"docs": [{"text": "a"}, {"text": "b"}]}', '{"text": "a"}\n{"text": "b"}'],
    ids=["list", "wrapped", "lines"],
)
def test_json_records(text: str) -> None:
    assert [d.text for d in read_json(text, "s") if isinstance(d, Document)] == ["a", "b"]


def test_other_json_becomes_readable_lines() -> None:
    value = {"name": "Lamp", "keepers": [{"name": "Mira", "since": 1911}], "on": True, "x": {"y": [1, 2]}}
    [document] = read_json(json.dumps(value), "s")
    assert isinstance(document, Document)
    assert document.text == "name: Lamp\nkeepers: name: Mira; since: 1911\non: yes\nx > y: 1; 2"


def test_broken_json_is_an_input_error() -> None:
    with pytest.raises(InputError, match="not valid JSON"):
        list(read_json("{bad", "s"))


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["Name;Built\n", '"Mary; Ann";1913\n'], "Name: Mary; Ann; Built: 1913"),
        (["a\tb\n", "1\t\n"], "a: 1"),
        (["1,2,3\n", "4,5,6\n"], "1; 2; 3\n4; 5; 6"),
    ],
    ids=["semicolons", "tabs", "no header"],
)
def test_csv_rows_name_their_columns(lines: list[str], text: str) -> None:
    [document] = read_csv(lines, "s")
    assert isinstance(document, Document)
    assert document.text == text


def test_csv_with_a_text_column_holds_records() -> None:
    good, bad = read_csv(["ID,Title,Text,year\n", '1,T,"two\n', 'lines",2020\n', "2,U,,\n"], "s")
    assert good == Document("two\nlines", id="1", title="T", source="s", metadata={"year": "2020"})
    assert isinstance(bad, Failure)


def test_metadata_can_be_written_as_json() -> None:
    value = jsonable({1: date(2024, 3, 1), "s": {1}, "n": float("nan"), "h": "\ud800"})
    assert value == {"1": "2024-03-01", "s": [1], "n": None, "h": "?"}


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("/a/spares-price-list-2021.csv", "spares price list 2021"),
        ("/a/产品价格_2021.csv", "产品价格 2021"),
        ("/a/x1.csv", ""),
        ("-", ""),
        ("/a/20210304.json", ""),
    ],
)
def test_a_table_is_called_as_its_file(source: str, title: str) -> None:
    assert file_title(source) == title
