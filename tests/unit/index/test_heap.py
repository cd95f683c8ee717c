import gc
import weakref

import pytest

from graphrag_lite.index.heap import resting_heap


class Knot:
    """Refers to itself, so only the collector frees it."""

    def __init__(self) -> None:
        self.itself = self


def test_what_was_there_rests_and_what_is_made_is_collected() -> None:
    with resting_heap():
        assert gc.get_freeze_count() > 0
        made = weakref.ref(Knot())
        gc.collect()
        assert made() is None
    assert gc.get_freeze_count() == 0


def test_an_error_ends_the_rest() -> None:
    def fail() -> None:
        with resting_heap():
            raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        fail()
    assert gc.get_freeze_count() == 0


def test_what_a_host_has_frozen_stays_frozen() -> None:
    gc.freeze()
    try:
        with resting_heap():
            pass
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
