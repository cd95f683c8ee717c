"""LanceDB opens without the client of its cloud, and who wants that client gets it."""

import subprocess
import sys

CODE = """
import sys
from graphrag_lite.store.lance import lancedb

lancedb.connect(sys.argv[1])
assert not any(name.startswith("lance_namespace_urllib3_client.api.") for name in sys.modules)
from lance_namespace_urllib3_client import ApiClient
from lance_namespace_urllib3_client.api import TableApi

assert ApiClient.__name__ == "ApiClient" and TableApi.__name__ == "TableApi"
"""


def test_the_cloud_client_is_loaded_only_when_asked_for(tmp_path):
    done = subprocess.run([sys.executable, "-c", CODE, str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
