from __future__ import annotations

import pytest

from graphrag_lite.text.statements import with_name


@pytest.mark.parametrize(
    ("before", "sentence", "expected"),
    [
        ("Tom Vash lived in Leith.", "He built the pier.", "Tom Vash built the pier."),
        ("Ada Quill was a painter.", "She did not teach.", "Ada Quill did not teach."),
        ("Ada Quill taught Ned Brannock.", "He led the board.", ""),
        ("The painter lived in Leith.", "He built the pier.", ""),
        ("Tom Vash lived in Leith.", "It burned.", ""),
        ("Tom Vash lived in Leith.", "Ada built the pier.", ""),
    ],
)
def test_a_pronoun_stands_for_the_only_name_before_it(before: str, sentence: str, expected: str) -> None:
    assert with_name(sentence, before) == expected
