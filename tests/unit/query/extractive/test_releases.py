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
    ],
)
def test_a_change_is_of_the_version_and_date_above_it(question: str, entry: str, said: str) -> None:
    found = ask(question)
    assert not found.startswith("I do not know")
    assert entry in found
    assert said in found


def test_a_change_of_one_version_is_none_of_another() -> None:
    assert ask("What was removed in 3.3.0?").startswith("I do not know")


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
