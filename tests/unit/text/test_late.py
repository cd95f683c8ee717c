from __future__ import annotations

import re

import pytest

from graphrag_lite.text.late import late


def test_a_pattern_does_all_that_a_compiled_one_does() -> None:
    pattern = late("(B)", re.IGNORECASE)
    assert [match[1] for match in pattern.finditer("abab")] == ["b", "b"]
    assert pattern.sub("-", "abab") == "a-a-"
    assert (pattern.split("abc"), pattern.fullmatch("ab"), pattern.groups) == (["a", "b", "c"], None, 1)


def test_it_is_compiled_with_its_first_use() -> None:
    broken = late("(")
    with pytest.raises(re.error):
        broken.search("a")
