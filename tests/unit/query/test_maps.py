"""Each package of query begins with a map of itself, which names what is there and nothing else."""

import importlib
import re
from pathlib import Path

import pytest

PACKAGES = ["graphrag_lite.query", "graphrag_lite.query.extractive", "graphrag_lite.query.by_model"]


@pytest.mark.parametrize("name", PACKAGES)
def test_the_map_of_a_package_names_each_of_its_modules(name):
    package = importlib.import_module(name)
    here = {path.stem for path in Path(package.__file__).parent.iterdir() if not path.name.startswith("__")}
    named = set(re.findall(r"`(\w+)`|^ +(\w+)  +", package.__doc__, re.MULTILINE))
    assert here <= {word for pair in named for word in pair}


@pytest.mark.parametrize("name", PACKAGES)
def test_what_stands_in_a_column_of_a_map_is_a_module(name):
    package = importlib.import_module(name)
    folder = Path(package.__file__).parent
    listed = re.findall(r"^ +(\w+)  +\S", package.__doc__, re.MULTILINE)
    assert listed
    assert [word for word in listed if not (folder / f"{word}.py").exists()] == []
