"""What stands under a version or a date in a change log is of it, and is quoted with it."""

from __future__ import annotations

import pytest

from graphrag_lite.query.extractive.local import answer_from_passages
from graphrag_lite.query.extractive.releases import Releases
from graphrag_lite.records import Passage

LOG = """# Lamp

Ada Quill writes what has changed.

## 3.4.0 (2023-05-09)

### Added
- Oil gauges for large lamps

### Removed
- Wicks of cotton

## [3.3.0] - 2023-02-14

### Added
- Glass from Norway

## 2.1 Care of the lamp

Clean it each week.
"""
OTHER = Passage("d2", "c2", "Cars need fuel. Many roads were built after the war.", 0, 51, 1.0, title="Cars")


def ask(question: str) -> str:
    log = Passage("d1", "c1", LOG, 0, len(LOG), 1.0, title="Lamp")
    return answer_from_passages(question, (log, OTHER)).text


@pytest.mark.parametrize(
    ("question", "entry", "said"),
    [
        ("When was glass from Norway added?", "[3.3.0] - 2023-02-14", "Glass from Norway"),
        ("Which version added oil gauges?", "3.4.0 (2023-05-09)", "Oil gauges"),
        ("When were wicks of cotton removed?", "3.4.0 (2023-05-09)", "Wicks of cotton"),
        ("When was 3.3.0 released?", "[3.3.0] - 2023-02-14", ""),
        ("3.4.0 是什么时候发布的？", "3.4.0 (2023-05-09)", ""),
    ],
)
def test_a_change_is_of_the_version_and_date_above_it(question: str, entry: str, said: str) -> None:
    found = ask(question)
    assert not found.startswith(("I do not know", "我不知道"))
    assert entry in found
    assert said in found


def test_a_change_of_one_version_is_none_of_another() -> None:
    assert ask("What was removed in 3.3.0?").startswith("I do not know")
    assert ask("When was 3.5.0 released?").startswith("I do not know")


@pytest.mark.parametrize(
    ("said", "heading"),
    [
        ("Oil gauges", "## 3.4.0 (2023-05-09)"),
        ("Wicks", "## 3.4.0 (2023-05-09)"),
        ("Glass", "## [3.3.0] - 2023-02-14"),
        ("Ada Quill", None),
        ("Clean it", None),
    ],
)
def test_an_entry_ends_where_the_next_heading_of_its_level_begins(said: str, heading: str | None) -> None:
    entry = Releases(LOG).at(LOG.index(said))
    assert (LOG[slice(*entry)] if entry else None) == heading


@pytest.mark.parametrize(
    ("heading", "is_entry"),
    [
        ("3.4.0", True),
        ("v0.9.3-rc1", True),
        ("Version 2.1 - 2024-01-05", True),
        ("[1.2.0] - 2024-01-05 [YANKED]", True),
        ("13 February 2024", True),
        ("Weekly meeting, 13 February 2024", True),
        ("2024年3月5日", True),
        ("2.1 Pumps", False),
        ("Pumps of 1962 and what became of them", False),
        ("Unreleased", False),
        ("Step 3", False),
    ],
)
def test_a_version_or_a_date_begins_an_entry(heading: str, is_entry: bool) -> None:
    text = f"## {heading}\n\nThe lamp was mended."
    assert (Releases(text).at(len(text)) is not None) is is_entry


def test_a_comment_in_code_begins_no_entry() -> None:
    text = "Run this:\n\n```\n# 1.2.0\nmend lamp\n```\n\nThe lamp was mended."
    assert Releases(text).at(len(text)) is None


def test_an_underlined_heading_begins_one() -> None:
    text = "1.2.0 (2023-05-09)\n------------------\n\nThe lamp was mended."
    assert Releases(text).at(len(text)) is not None


HISTORY = """Lamps of the works.

Lamp 2.0 Tern (May 2001): named for a bird. It burns oil.

This lamp brought the glass burner.

Lamp 2.1 Gull (June 2003): named for another bird.

This lamp brought the iron foot."""
ELEMENTS = """quillium
Symbol: Qu
Weight: 12

A noble metal that Ned likes.

nedium
Symbol: Ne
Weight: 14
Reacts with quillium. Discovered by Ada Quill in 1902.

The works sell both."""


def about(text: str, question: str, begins: str = "") -> str:
    """An answer from the part of a text that begins with some words."""
    start = text.index(begins)
    passage = Passage("d1", "c1", text[start:], start, len(text), 1.0, title="The works")
    return answer_from_passages(question, (passage, OTHER), document_text=lambda document_id: text).text


@pytest.mark.parametrize("begins", ["Lamps", "This lamp brought the glass"], ids=["here", "before the passage"])
def test_a_paragraph_that_begins_with_a_name_and_a_date_begins_an_entry(begins: str) -> None:
    found = about(HISTORY, "Which lamp brought the glass burner?", begins)
    assert found == "Lamp 2.0 Tern (May 2001) [1] This lamp brought the glass burner. [2]"


def test_what_is_told_below_the_fields_of_a_record_is_of_it() -> None:
    assert about(ELEMENTS, "Who discovered nedium?") == "nedium [1] Discovered by Ada Quill in 1902. [2]"


@pytest.mark.parametrize(
    ("said", "begins"),
    [
        ("It burns", "Lamp 2.0 Tern (May 2001)"),
        ("iron foot", "Lamp 2.1 Gull (June 2003)"),
        ("named for another", "Lamp 2.1 Gull (June 2003)"),
        ("Symbol: Ne", None),
        ("A noble", None),
        ("Discovered", "nedium"),
        ("The works sell", None),
    ],
)
def test_an_entry_without_a_heading_ends_where_its_paragraph_or_the_next_begins(said: str, begins: str | None) -> None:
    text = HISTORY if said in HISTORY else ELEMENTS
    entry = Releases(text).at(text.index(said))
    assert (text[slice(*entry)] if entry else None) == begins


def test_the_fields_of_an_entry_with_a_heading_begin_none() -> None:
    text = "## 1.2.0\n\n- lamps: brighter\n- wicks: longer\n- doors: Ned painted them."
    entry = Releases(text).at(text.index("Ned"))
    assert entry is not None
    assert text[slice(*entry)] == "## 1.2.0"


def test_the_title_of_a_document_begins_no_entry_before_a_passage() -> None:
    text = "# Meeting 2021-05-04\n\nNed was there.\n\nAda mended the lamp."
    start = text.index("Ada")
    passage = Passage("d1", "c1", text[start:], start, len(text), 1.0, title="Meeting 2021-05-04")
    found = answer_from_passages("Who mended the lamp?", (passage,), document_text=lambda document_id: text)
    assert found.text == "Ada mended the lamp. [1]"
