"""The garbage collector of a process that is not ours, during long work."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def resting_heap() -> Iterator[None]:
    """Keep what is in memory already out of the collector's rounds; what is made meanwhile is collected as ever.

    A round over the half million objects that our libraries are takes a tenth of a second, and every run that makes
    many objects starts a few. Where somebody else has frozen objects, these stay as they are; whoever does so meanwhile
    does it in vain, since to count what is frozen takes 10 ms.
    """
    if gc.get_freeze_count():
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
