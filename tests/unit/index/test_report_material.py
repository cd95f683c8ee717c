"""The facts that a model is shown of a community, each with a sentence that bears it out."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from graphrag_lite.index.describe_entities import Described
from graphrag_lite.index.report_material import report_materials
from graphrag_lite.records import Community, Entity, Evidence

TEXTS = ["Ada mended the lamp.", "It burned. Ada sold it to Tom.", "Nobody is named."]


def material(*described: list[Described]) -> Any:
    """Of Ada (named in chunks 0 and 1) and Tom (in chunk 1), who are linked by what chunk 1 states."""
    mentions = SimpleNamespace(
        chunk_ids=["c0", "c1", "c2"],
        chunk=np.array([0, 1, 1]),
        entity=np.array([0, 0, 1]),
        sentence_start=np.array([0, 11, 11]),
        sentence_end=np.array([20, 30, 30]),
    )
    links = SimpleNamespace(
        source=np.array([0]),
        target=np.array([1]),
        weight=np.array([1.0]),
        offsets=np.array([0, 1]),
        chunk=np.array([1]),
        sentence_start=np.array([11]),
        sentence_end=np.array([30]),
    )
    entities = [Entity("a", "Ada", "person", frequency=2), Entity("t", "Tom", "person", frequency=1)]
    inputs: Any = SimpleNamespace(
        entities=entities, relationships=links, mentions=mentions, text_of=TEXTS.__getitem__, document_of=["d"] * 3
    )
    extractive: Any = SimpleNamespace(findings=lambda key: [])
    (found,) = report_materials(
        [Community("k", 0, ("a", "t"), "", ())], extractive, inputs, described, ["Ada sold it to Tom."]
    )
    return found


def test_what_is_stated_of_an_entity_is_borne_out_where_it_is_stated() -> None:
    facts = material([Described("Ada sold a lamp.", 1), Described("Ada mended a lamp.", 0)], []).facts
    assert [(fact.text, fact.spans) for fact in facts] == [
        ("Ada sold a lamp.", (Evidence("c1", 11, 30),)),
        ("Ada sold it to Tom.", (Evidence("c1", 11, 30),)),
        ("Ada mended a lamp.", (Evidence("c0", 0, 20),)),
    ]


def test_the_first_sentence_stands_for_a_chunk_that_says_nothing_of_what_is_stated() -> None:
    (fact, _) = material([Described("Ada left.", 2)], []).facts
    assert fact.spans == (Evidence("c2", 0, 16),)


def test_a_description_without_the_name_stands_behind_it() -> None:
    facts = material([Described("A mender of lamps.", 0)], [Described("Tom bought it.", 1)]).facts
    assert [fact.text for fact in facts] == ["Ada: A mender of lamps.", "Ada sold it to Tom.", "Tom bought it."]
