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


def test_calls_without_a_price_hide_no_known_spending():
    rows = [{"calls": 3, "cost_usd": 0.5}, {"calls": 1, "cost_usd": None}, {"calls": 2, "cost_usd": 0.25}]
    told = "0.75 USD on 5 model calls, and an unknown amount (no price for this model) on 1 model call; by day:"
    assert dict(_lines({"spending": rows}))["spent"].startswith(told)
    assert dict(_lines({"spending": rows[:1]}))["spent"].startswith("0.50 USD on 3 model calls; by day:")
