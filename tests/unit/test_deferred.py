"""What libraries import for things that are never called here waits until somebody asks for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CLOUD = """
from graphrag_lite.store.lance import lancedb

lancedb.connect(sys.argv[1])
assert not loaded("lance_namespace_urllib3_client.api.")
from lance_namespace_urllib3_client import ApiClient
from lance_namespace_urllib3_client.api import TableApi

assert ApiClient.__name__ == "ApiClient" and TableApi.__name__ == "TableApi"
"""
SDK = """
from graphrag_lite.llm.sdk import openai

openai.OpenAI(api_key="-").chat.completions
assert not loaded("openai.types.responses.response") and not loaded("openai.types.beta")
assert openai.types.responses.Response.__name__ == "Response"
assert openai.types.Batch.__name__ == "Batch"
from openai.resources.responses import Responses
from openai.types.responses import ResponseUsage

assert ResponseUsage.__module__ == "openai.types.responses.response_usage"
"""
LATE = """
import openai

types = openai.types
from graphrag_lite.llm import sdk

assert sdk.openai is openai and sys.modules["openai.types"] is types
"""
THREADS = """
from concurrent.futures import ThreadPoolExecutor

write("slow", "import time", "time.sleep(0.1)", "first = 1", "time.sleep(0.1)", "last = 2")
defer_package("slow")
import slow

with ThreadPoolExecutor(4) as pool:
    assert list(pool.map(lambda name: getattr(slow, name), ["first", "last"] * 2)) == [1, 2] * 2
"""
CROSSED = """
from importlib import import_module
from threading import Thread

write("crossed", "import time", "time.sleep(0.3)", "from crossed.inner import shown")
write("crossed/inner", "import time", "time.sleep(0.1)", "from crossed import other", "shown = 1")
write("crossed/other")
defer_package("crossed")
import crossed

works = [lambda: import_module("crossed.inner"), lambda: crossed.shown]
threads = [Thread(target=work, daemon=True) for work in works]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(10)
assert not any(thread.is_alive() for thread in threads) and crossed.shown == 1
"""
STAR = """
write("starred", "__all__ = ['_shown']", "_shown, hidden = 1, 2")
defer_package("starred")
from starred import *

assert _shown == 1 and "hidden" not in vars()
"""
OWN = """
write("own", "def __getattr__(name): return name.upper()")
defer_package("own")
import own

assert own.some == "SOME" and own.other == "OTHER"
"""
FAILING = """
write("failing", "import sys", "assert sys.ready", "late = 1")
defer_package("failing")
import failing

for sys.ready in (False, True):
    try:
        assert failing.late == 1 and sys.ready
    except AssertionError:
        assert not sys.ready
"""
ABSENT = """
for name in ("no_such_library", "no_such_library.inner", "email.no_such_part", "wsgiref.no_such_part"):
    defer_package(name)
    assert name not in sys.modules
import wsgiref
assert not hasattr(wsgiref, "no_such_part")
"""

START = """
import sys
from pathlib import Path
from graphrag_lite.deferred import defer_package

def loaded(start): return any(name.startswith(start) for name in sys.modules)

def write(name, *lines):
    sys.path.insert(0, sys.argv[1])
    Path(sys.argv[1], name).mkdir()
    Path(sys.argv[1], name, "__init__.py").write_text("\\n".join(lines))
"""


@pytest.mark.parametrize("code", [CLOUD, SDK, LATE, THREADS, CROSSED, STAR, OWN, FAILING, ABSENT])
def test_in_a_new_process(code: str, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", START + code, str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
