"""Stable hashes: the keys of facts and the fingerprints of views."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any


def text_id(*parts: str) -> str:
    """16 hex digits that identify a sequence of strings."""
    digest = blake2b(digest_size=8)
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass"))
        digest.update(b"\x00")
    return digest.hexdigest()


def fingerprint(*values: Any) -> str:
    """16 hex digits that change when any of the JSON-like values does."""
    return text_id(json.dumps(values, ensure_ascii=False, sort_keys=True, default=str))
