import gc
import weakref
from contextlib import ExitStack

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


def test_of_several_at_once_the_last_leaves_nothing_frozen() -> None:
    with ExitStack() as first, ExitStack() as second:
        first.enter_context(resting_heap())
        second.enter_context(resting_heap())
        first.close()
        assert gc.get_freeze_count() == 0
    assert gc.get_freeze_count() == 0


def test_rounds_are_rarer_meanwhile_and_as_they_were_afterwards() -> None:
    before = gc.get_threshold()
    with resting_heap():
        assert gc.get_threshold()[0] > before[0]
    assert gc.get_threshold() == before


def test_a_host_that_wants_no_rounds_gets_none() -> None:
    before = gc.get_threshold()
    gc.set_threshold(0)
    try:
        with resting_heap():
            assert gc.get_threshold()[0] == 0
        with resting_heap():
            gc.set_threshold(900, 9, 9)
        assert gc.get_threshold() == (900, 9, 9)
    finally:
        gc.set_threshold(*before)
