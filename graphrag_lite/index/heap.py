"""The garbage collector of a process that is not ours, during long work."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def resting_heap() -> Iterator[None]:
    """Keep what is in memory already out of the collector's rounds; what is made meanwhile is collected as ever.

    A round over the half million objects that our libraries are takes a tenth of a second, and every run that makes
    many objects starts a few. Where a host has frozen its objects itself, nothing is done.
    """
    is_ours = not gc.get_freeze_count()
    if is_ours:
        gc.freeze()
    try:
        yield
    finally:
        if is_ours:
            gc.unfreeze()
