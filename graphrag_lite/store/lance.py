"""LanceDB, imported at half the CPU time: what it does at import for things that are never called here is put off.

It brings the client of its cloud, with hundreds of functions whose arguments pydantic checks: only the plain models of
that package are needed. And before Python 3.12 it has the code of its overriding methods read; now it only marks them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec

from typing_extensions import override

from graphrag_lite.deferred import defer_package
from graphrag_lite.errors import StoreError

os.environ.setdefault("LANCE_LOG", "error")  # it warns on every search that leaves out the score column


@contextmanager
def _overrides_only_marked() -> Iterator[None]:
    if find_spec("overrides") is None:
        yield
        return
    overrides = import_module("overrides")  # LanceDB brings it before Python 3.12 alone

    whole = vars(overrides)["override"]
    vars(overrides)["override"] = override
    try:
        yield
    finally:
        vars(overrides)["override"] = whole


defer_package("lance_namespace_urllib3_client")
with _overrides_only_marked():
    try:
        import lancedb
    except ImportError as error:
        raise StoreError(
            f"LanceDB, which keeps the tables, cannot be imported ({error}). Nothing that is stored is lost, nor what "
            "models wrote. Install it anew: pip install --force-reinstall lancedb"
        ) from error

__all__ = ["lancedb"]
