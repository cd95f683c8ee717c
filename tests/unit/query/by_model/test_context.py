"""What a model is shown: sources that name where they come from, and say nothing twice."""

from __future__ import annotations

import pytest

from graphrag_lite.query.by_model.context import Context, Source, passage_source, report_text
from graphrag_lite.query.by_model.generate import ContextItem
from graphrag_lite.records import CommunityReport, Finding, Passage, PathStep
from graphrag_lite.text.grounds import Grounds


@pytest.mark.parametrize(
    ("title", "source", "shown"),
    [
        ("Tides", "docs/a.md", "Tides"),
        ("", "docs/Ada Marl.txt", "Ada Marl"),
        ("", "文档/沈宝霖.txt", "沈宝霖"),
        ("Minutes", "docs/minutes_2024-03-05.md", "Minutes (minutes_2024-03-05)"),
        ("会议纪要", "docs/会议纪要2024年5月.md", "会议纪要 (会议纪要2024年5月)"),
        ("Minutes, 5 March 2024", "docs/minutes_2024-03-05.md", "Minutes, 5 March 2024"),
        ("Tides", "docs/a-8.md", "Tides"),
        ("", "", ""),
    ],
)
def test_passages_carry_the_name_of_their_file_where_the_title_says_less(title: str, source: str, shown: str) -> None:
    passage = Passage("d", "c", "He was born in Lund.", 0, 20, 1.0, (), title, source)
    assert passage_source(passage).item.title == shown


@pytest.mark.parametrize(
    ("title", "headings", "text", "shown"),
    [
        ("Pumps", "Pumps > KX-300 > Maintenance", "### Maintenance\nGrease it.", "Pumps > KX-300"),
        ("Pumps", "Pumps > KX-300", "It is greased.", "Pumps > KX-300"),
        ("手册", "KX-300 > 维护", "## 维护\n加油。", "手册 > KX-300"),
        ("", "Stave One", "Marley was dead.", "carol > Stave One"),
        ("The Heron: a handbook", "The Heron > Care", "It is greased.", "The Heron: a handbook > Care"),
        ("Pumps", "", "It is greased.", "Pumps"),
    ],
)
def test_a_passage_says_which_section_it_is_of(title: str, headings: str, text: str, shown: str) -> None:
    passage = Passage("d", "c", text, 0, len(text), 1.0, (), title, "books/carol.txt", headings=headings)
    assert passage_source(passage).item.title == shown


def test_what_a_model_wrote_bears_out_nothing() -> None:
    passage = Passage("d", "c", "Ada Renn founded Fenn Pumps in 1951.", 0, 36, 1.0, (), "Fenn Pumps", "fenn.txt")
    point = Source(ContextItem("Clara Orde sold Fenn Pumps to a bank in 2031."), (passage,))
    grounds = Grounds("Who sold Fenn Pumps?", [point.ground])
    assert grounds.bearing_out("Clara Orde sold Fenn Pumps to a bank in 2031.", [0]) == []
    assert grounds.bearing_out("Ada Renn set up Fenn Pumps in 1951.", [0]) == [0]


def test_findings_that_the_summary_holds_are_not_repeated() -> None:
    findings = tuple(map(Finding, ("Ada mended the lamp.", "Tom sold the dock.", "Tom sold the dock. ", "Bo left.")))
    report = CommunityReport("c", 0, "Lamp", "Ada mended the lamp. Bo left.", findings)
    assert report_text(report) == "Ada mended the lamp. Bo left.\nTom sold the dock."


def test_a_passage_keeps_its_place_and_what_its_search_knew_of_it() -> None:
    def found(chunk_id: str, score: float) -> Passage:
        path = (PathStep("question", "", "question"),) if score else ()
        return Passage("d", chunk_id, "Ada mended it.", 0, 14, score, path)

    ranked, evidence = [found("a", 0.9), found("b", 0.7)], [found("c", 0.0), found("a", 0.0)]
    report = Source(ContextItem("Ada mends."), tuple(evidence))
    for sources, order in (
        ([*map(passage_source, ranked), report], "abc"),
        ([report, *map(passage_source, ranked)], "cab"),
    ):
        passages = {p.chunk_id: p for p in Context(tuple(sources)).passages}
        assert "".join(passages) == order
        assert passages["a"] == ranked[0]


STATED = {"date": "2024-03-05", "author": "Ana Ruiz", "tenant": "acme"}
PASSAGE = Passage("d", "c", "The dock was drained.", 0, 21, 1.0, title="Dock", metadata=STATED)


def test_a_passage_stands_under_the_metadata_that_is_named_and_no_other() -> None:
    assert passage_source(PASSAGE, ("date", "author")).item.title == "Dock (date: 2024-03-05; author: Ana Ruiz)"
    assert passage_source(PASSAGE).item.title == "Dock"


def test_a_passage_without_a_title_stands_under_its_metadata() -> None:
    untitled = Passage("d", "c", "It was drained.", 0, 15, 1.0, metadata=STATED)
    assert passage_source(untitled, ("author",)).item.title == "(author: Ana Ruiz)"


def test_metadata_takes_its_share_of_the_budget() -> None:
    assert passage_source(PASSAGE, ("date",)).tokens > passage_source(PASSAGE).tokens


def test_metadata_that_is_shown_bears_a_sentence_out() -> None:
    shown, hidden = (passage_source(PASSAGE, keys).ground for keys in (("date", "author"), ()))
    said = "Ana Ruiz wrote the report in 2024."
    assert Grounds("", [shown]).bearing_out(said, [0]) == [0]
    assert Grounds("", [hidden]).bearing_out(said, [0]) == []
