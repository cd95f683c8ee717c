"""What `grl status` says of vectors that are kept for going back."""

from graphrag_lite.cli.status import _lines

USED = {"model": "hash", "dimensions": 64, "count": 3, "is_used": True}
KEPT = {"model": "other", "dimensions": 32, "count": 2, "is_used": False}


def test_vectors_of_other_models_are_told():
    lines = dict(_lines({"vectors": [USED, KEPT]}))
    assert lines["also keeps"].startswith("2 vectors of other: grl reembed goes back")


def test_the_vectors_in_use_are_not_told_twice():
    assert "also keeps" not in dict(_lines({"vectors": [USED]}))
    assert "also keeps" not in dict(_lines({}))
