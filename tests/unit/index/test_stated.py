"""Facts of others: what is read of a file, and where it goes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graphrag_lite.errors import InputError
from graphrag_lite.index.stated import from_row, place_facts, read_facts_file, to_row
from graphrag_lite.records import ExtractedEntity

CHUNKS = [{"text": "Ada met Bob in Zorn.", "text_hash": "h0"}, {"text": "Bob went to Lund.", "text_hash": "h1"}]


def read(tmp_path: Path, *triples: list[str]) -> tuple[list[tuple[str, str, str]], list[str]]:
    path, malformed = tmp_path / "facts.jsonl", []
    path.write_text(json.dumps({"id": "d", "entities": ["Ada", "Bob"], "triples": triples}) + "\n", encoding="utf-8")
    ((_, _, found),) = read_facts_file(path, malformed)
    return found, malformed


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (["Ada", "met", "Bob"], ("Ada", "met", "Bob")),
        ([" Ada ", "is", "niece of", "Bob"], ("Ada", "is niece of", "Bob")),
        (["Ada", "was a sailor"], ("Ada", "was a sailor", "")),
    ],
    ids=["three", "four", "two, of a named entity"],
)
def test_triples_of_other_lengths_are_read(tmp_path: Path, given: list[str], found: tuple[str, str, str]) -> None:
    assert read(tmp_path, given) == ([found], [])


@pytest.mark.parametrize("given", [["main theme", "is a motif"], ["Ada"], [], ["", "met", "Bob"], ["Ada", "met", " "]])
def test_what_links_nothing_is_listed_with_its_line(tmp_path: Path, given: list[str]) -> None:
    found, malformed = read(tmp_path, given, ["Ada", "met", "Bob"])
    assert found == [("Ada", "met", "Bob")]
    assert "line 1" in malformed[0]


@pytest.mark.parametrize(
    "line", ['{"entities": []}', '{"id": "d", "entities": "Ada"}', '{"id": "d", "triples": ["Ada met Bob"]}']
)
def test_line_that_is_no_record_names_itself(tmp_path: Path, line: str) -> None:
    path = tmp_path / "facts.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 1"):
        list(read_facts_file(path, []))


def test_facts_go_to_the_chunk_that_holds_the_names() -> None:
    first, second = place_facts(CHUNKS, ["Zorn"], [("Bob", "went to", "Lund"), ("Ada", "was a sailor", "")])
    assert first.entities == (ExtractedEntity("Zorn"), ExtractedEntity("Ada", description="Ada was a sailor"))
    assert (first.text_hash, first.relationships) == ("h0", ())
    assert [(r.source, r.target, r.description) for r in second.relationships] == [("Bob", "Lund", "Bob went to Lund")]
    assert from_row(to_row(second)) == second
