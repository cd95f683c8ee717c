"""What stands for an entity of which much is stated."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from graphrag_lite.index.describe_entities import Described, EntityDescriptions, _Stated
from graphrag_lite.index.vocabulary import Entry, Vocabulary
from graphrag_lite.records import ExtractedEntity, Facts


def described(*texts: str) -> list[Described]:
    """The best of some descriptions of Scrooge, one in each chunk; the names of the texts are not in their order."""
    hashes = [f"h{9 - n}" for n in range(len(texts))]
    facts = [Facts(h, "llm/1", (ExtractedEntity("Scrooge", "person", t),)) for h, t in zip(hashes, texts, strict=True)]
    vocabulary = Vocabulary({"scrooge": Entry("Scrooge", "person", "scrooge", "stated")})
    run: Any = SimpleNamespace(asks_after=lambda *steps: False)
    beside: Any = None
    found = EntityDescriptions(run, sorted(facts, key=lambda one: one.text_hash), vocabulary, beside)
    return found.best(pa.table({"text_hash": hashes}))["scrooge"]


def test_what_says_what_a_thing_is_comes_first_then_what_comes_first() -> None:
    found = described(
        "Scrooge signed the register.",
        "Scrooge was Marley's partner.",
        "Scrooge thought that he saw a hearse, liked darkness, and walked through all of his rooms before he sat down.",
        "Scrooge is a covetous old sinner.",
        "Scrooge took his gruel.",
    )
    assert found == [
        Described("Scrooge was Marley's partner.", 1),
        Described("Scrooge is a covetous old sinner.", 3),
        Described("Scrooge signed the register.", 0),
    ]


def test_what_two_chunks_state_is_told_once() -> None:
    assert [one.text for one in described("Scrooge left.", "Scrooge left.")] == ["Scrooge left."]


@pytest.mark.parametrize(
    ("name", "text", "defines"),
    [
        ("Charles Dickens", "Charles Dickens (1812-1870) was an English writer.", True),
        ("Marley", "Marley, his old friend, was the partner of Scrooge.", True),
        ("Bob", "bob is Scrooge's clerk.", True),
        ("易颉输入法", "易颉输入法（简称易颉）是一种输入法。", True),
        ("Scrooge", "Scrooge was startled by the face.", False),
        ("Christmas", "Christmas is to be kept.", False),
        ("Sweden", "Sweden is where the film was made.", False),
        ("Bob", "Bobby is a dog.", False),
        ("河南", "刘六是河南人。", False),
    ],
)
def test_a_definition_says_what_the_named_thing_is(name: str, text: str, defines: bool) -> None:
    assert _Stated(name, text, "h").defines is defines
