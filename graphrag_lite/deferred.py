"""Packages of libraries whose start imports hundreds of modules for things that we never call: it is put off."""

from __future__ import annotations

import sys
import threading
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import Any


def defer_package(name: str) -> None:
    """Have a package run its `__init__` only when it is asked for a name; its submodules can be imported before.

    Nothing happens where the library is imported already or the package not found.

    Args:
        name: The package, with that of the library in front. Of two, the one that holds the other comes first.
    """
    library, *inner = name.split(".")
    if library in sys.modules:
        return
    spec, path = find_spec(library), library  # never of a package within, which would import the library
    for part in inner:
        path = f"{path}.{part}"
        spec = PathFinder.find_spec(path, list(spec.submodule_search_locations or ())) if spec else None
    if spec is None or spec.loader is None:
        return
    package, loader, turn, begun = module_from_spec(spec), spec.loader, threading.RLock(), threading.Event()

    def load(wanted: str) -> Any:
        if wanted.startswith("__") and wanted != "__all__":
            raise AttributeError(f"module {name!r} has no attribute {wanted!r}")
        path = f"{name}.{wanted}"
        if PathFinder.find_spec(path, package.__path__):  # whoever has the turn may wait for the submodule that asks
            return import_module(path)
        with turn:  # another thread waits until the package is whole
            if vars(package).get("__getattr__") is load:
                if begun.is_set():  # the package itself asks, for what it has not made yet
                    raise AttributeError(f"module {name!r} has no attribute {wanted!r}")
                begun.set()
                try:
                    loader.exec_module(package)
                finally:
                    begun.clear()
                if vars(package)["__getattr__"] is load:  # else it has one of its own
                    del vars(package)["__getattr__"]
        return getattr(package, wanted)

    vars(package)["__getattr__"] = load  # PEP 562
    sys.modules[name] = package
    if (outer := sys.modules.get(name.rpartition(".")[0])) is not None:
        setattr(outer, inner[-1], package)
