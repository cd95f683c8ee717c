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
from openai.types.responses import *

assert ResponseUsage.__module__ == "openai.types.responses.response_usage"
"""
LATE = """
import openai
from graphrag_lite.llm import sdk

assert sdk.openai is openai and loaded("openai.types.responses.")
"""
THREADS = """
from concurrent.futures import ThreadPoolExecutor
from graphrag_lite.llm.sdk import openai

names = ["Batch", "Image", "Model", "Skill"] * 4
with ThreadPoolExecutor(16) as pool:
    assert [found.__name__ for found in pool.map(lambda name: getattr(openai.types, name), names)] == names
"""
ABSENT = """
from graphrag_lite.deferred import defer_package

for name in ("no_such_library", "no_such_library.inner", "email.no_such_part", "wsgiref.no_such_part"):
    defer_package(name)
    assert name not in sys.modules
import wsgiref
assert not hasattr(wsgiref, "no_such_part")
"""


@pytest.mark.parametrize("code", [CLOUD, SDK, LATE, THREADS, ABSENT])
def test_in_a_new_process(code: str, tmp_path: Path) -> None:
    start = "import sys\n\ndef loaded(start): return any(name.startswith(start) for name in sys.modules)\n"
    done = subprocess.run([sys.executable, "-c", start + code, str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
