"""LanceDB, imported at half the CPU time: what it does at import for things that are never called here is put off.

It brings the client of its cloud, with hundreds of functions whose arguments pydantic checks: only the plain models of
that package are needed. And before Python 3.12 it has the code of its overriding methods read; now it only marks them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec, module_from_spec
from typing import Any

from typing_extensions import override

os.environ.setdefault("LANCE_LOG", "error")  # it warns on every search that leaves out the score column
_CLOUD_CLIENT = "lance_namespace_urllib3_client"


def _defer_cloud_client() -> None:
    """Stand in for the package until somebody asks it for more than a submodule."""
    spec = find_spec(_CLOUD_CLIENT)
    if spec is None or spec.loader is None or _CLOUD_CLIENT in sys.modules:
        return
    package, loader = module_from_spec(spec), spec.loader

    def load(name: str) -> Any:
        if name.startswith("__") or vars(package).pop("__getattr__", None) is None:
            raise AttributeError(f"module {_CLOUD_CLIENT!r} has no attribute {name!r}")
        loader.exec_module(package)
        return getattr(package, name)

    vars(package)["__getattr__"] = load  # PEP 562
    sys.modules[_CLOUD_CLIENT] = package


@contextmanager
def _overrides_only_marked() -> Iterator[None]:
    if find_spec("overrides") is None:
        yield
        return
    import overrides

    whole = vars(overrides)["override"]
    vars(overrides)["override"] = override
    try:
        yield
    finally:
        vars(overrides)["override"] = whole


_defer_cloud_client()
with _overrides_only_marked():
    import lancedb

__all__ = ["lancedb"]
