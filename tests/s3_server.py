"""An S3-compatible server of its own process: moto, which keeps its buckets in memory.

In a process of its own, since what it warns about is not ours, and so that a test can take it away.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import urllib.request
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

BUCKET = "shelf"
IS_INSTALLED = all(find_spec(name) for name in ("moto", "flask", "flask_cors"))
REASON = "needs moto, flask and flask-cors: pip install -e '.[dev]'"
ACCESS = {"AWS_ACCESS_KEY_ID": "AKIATESTTESTTESTTEST", "AWS_SECRET_ACCESS_KEY": "the-secret-of-the-tests"}
_URL = re.compile(r"Running on (http://\S+)")


class S3Server:
    """A running server; `url` is its endpoint."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert process.stdout is not None
        for line in process.stdout:
            if found := _URL.search(line):
                self.url = found[1]
                # It tells of every request, and would stand still once nobody listens.
                threading.Thread(target=deque, args=(process.stdout, 0), daemon=True).start()
                return
        raise AssertionError("the S3 server did not start")

    def make_bucket(self, name: str = BUCKET) -> None:
        """Make a bucket; nothing happens where it is there."""
        self._send("PUT", f"/{name}")

    def forget_everything(self) -> None:
        """Take all buckets away."""
        self._send("POST", "/moto-api/reset")

    def _send(self, method: str, path: str) -> None:
        urllib.request.urlopen(urllib.request.Request(self.url + path, method=method), timeout=10).close()


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """A server with an empty bucket."""
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment["NO_COLOR"] = "1"
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            server = S3Server(process)
            server.make_bucket()
            yield server
        finally:
            process.kill()
