"""Words of a question that no document has."""

from __future__ import annotations

import pytest

from graphrag_lite.query.spelling import corrected

KNOWN = {"pocahontas": 3, "who": 9, "built": 9, "mounds": 2, "rounds": 8}


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("Who built Pocahntas?", "Who built Pocahontas?"),
        ("who built pocahontsa", "who built pocahontas"),
        ("WHO BUILT POCAHONTTAS", "WHO BUILT POCAHONTAS"),
        ("Who built Mounts?", "Who built Mounds?"),
        ("Who built Pocahontas?", "Who built Pocahontas?"),
        ("Who built Zorn and Zzyzxqq?", "Who built Zorn and Zzyzxqq?"),
        ("谁建造了这座塔？", "谁建造了这座塔？"),
    ],
    ids=[
        "letter missing",
        "letters swapped",
        "letter doubled",
        "first letter kept",
        "known",
        "nothing near",
        "chinese",
    ],
)
def test_unknown_word_is_read_as_the_nearest_known(asked: str, read: str) -> None:
    assert corrected(asked, lambda words: [KNOWN.get(word, 0) for word in words]) == read
