"""Traditional and simplified characters."""

from __future__ import annotations

from graphrag_lite.text.variants import simplified


def test_traditional_text_becomes_simplified_of_the_same_length() -> None:
    assert simplified("臺灣高速鐵路於2007年通車後，準點率為99%") == "台湾高速铁路于2007年通车后，准点率为99%"


def test_simplified_and_other_text_stays_as_it_is() -> None:
    text = "著名的乾隆皇帝。Straße ひらがな 한국어"
    assert simplified(text) == text
