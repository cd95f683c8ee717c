"""The garbage collector of a process that is not ours, during long work."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_LEAST_THRESHOLD = 50_000  # new objects before a round among the youngest; with 700 rounds take a twentieth of a run


@contextmanager
def resting_heap() -> Iterator[None]:
    """Keep what is in memory already out of the collector's rounds; what is made meanwhile is collected, less often.

    A round over the half million objects that our libraries are takes a tenth of a second, and every run that makes
    many objects starts a few. Where somebody else has frozen objects, these stay as they are; whoever does so meanwhile
    does it in vain, since to count what is frozen takes 10 ms.
    """
    if gc.get_freeze_count():
        yield
        return
    usual = gc.get_threshold()
    meanwhile = (max(usual[0], _LEAST_THRESHOLD if usual[0] else 0), *usual[1:])  # 0: somebody wants no rounds at all
    gc.freeze()
    gc.set_threshold(*meanwhile)
    try:
        yield
    finally:
        gc.unfreeze()
        if gc.get_threshold() == meanwhile:
            gc.set_threshold(*usual)
