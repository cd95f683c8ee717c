"""What integration tests share: a place for tables in an object store."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from graphrag_lite.settings import StoreSettings
from tests.s3_server import ACCESS, BUCKET, IS_INSTALLED, REASON, S3Server, s3_server


@pytest.fixture(scope="session")
def running_s3() -> Iterator[S3Server]:
    if not IS_INSTALLED:
        pytest.skip(REASON)
    with s3_server() as server:
        yield server


@pytest.fixture
def s3(running_s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """A server with a bucket, and credentials in the environment; nothing of the developer's own."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in ACCESS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))
    running_s3.make_bucket()
    return running_s3


@pytest.fixture
def place(s3: S3Server) -> StoreSettings:
    """A prefix that nothing was written to."""
    return StoreSettings(uri=f"s3://{BUCKET}/{uuid4().hex}", endpoint=s3.url, region="us-east-1")
