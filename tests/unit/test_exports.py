"""What `graphrag_lite` exports is what its `__init__` imports, and every public name is documented."""

import pickle
from pathlib import Path

import pytest

import graphrag_lite
from graphrag_lite import errors


def test_all_lists_every_imported_name() -> None:
    modules = {path.stem for path in Path(graphrag_lite.__file__).parent.iterdir()}
    public = {name for name in vars(graphrag_lite) if not name.startswith("_")} - modules
    assert sorted({*public, "__version__"}) == sorted(graphrag_lite.__all__)


def test_all_is_sorted() -> None:
    assert graphrag_lite.__all__ == sorted(graphrag_lite.__all__)


@pytest.mark.parametrize("name", [name for name in graphrag_lite.__all__ if name != "__version__"])
def test_public_name_has_a_docstring(name: str) -> None:
    assert (getattr(graphrag_lite, name).__doc__ or "").strip()


ERRORS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.GraphRAGError)]


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_error_survives_pickling(kind: type[errors.GraphRAGError]) -> None:
    error = pickle.loads(pickle.dumps(kind("what, on which thing, what next")))
    assert type(error) is kind
    assert str(error) == "what, on which thing, what next"


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_error_is_exported(kind: type[errors.GraphRAGError]) -> None:
    assert kind.__name__ in graphrag_lite.__all__
