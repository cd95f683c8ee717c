"""The files and batches of the fake LLM server: a Batch API that holds, loses, refuses and expires on demand."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Answer = Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]
_CREATED = 1_700_000_000


@dataclass
class BatchBehaviour:
    """How batches fare; may be changed while the server runs."""

    has_batches: bool = True  # else 404, as most servers
    holds: bool = False  # batches stay under way
    polls: int = 0  # looks at a batch until it is done
    expires_after: int = -1  # requests that are answered before the time is over; below 0: all
    refused: str = ""  # the whole batch fails with this error code
    fails: tuple[str, ...] = ()  # `fails_with` for requests with one of these words in the prompt
    fails_with: int = 500
    upload_delay_s: float = 0.0  # the file is there, the answer is late
    create_delay_s: float = 0.0  # the batch is there, the answer is late
    drops_create: bool = False  # the batch is there, the answer is a 500
    refuses_cancelling: int = 0  # with this status
    is_reading_file: int = 0  # attempts to make a batch that are refused meanwhile, as Azure does
    wraps_files: bool = False  # the name of a file stands within "data", as at SiliconFlow
    shows: Mapping[str, Any] = field(default_factory=dict)  # in place of what batches are


@dataclass
class FakeBatches:
    """Files and batches by id. Replies are written when a batch is made, and shown when it is done.

    Args:
        answer: (status, body) of one chat request.
    """

    answer: Answer
    behaviour: BatchBehaviour = field(default_factory=BatchBehaviour)
    files: dict[str, bytes] = field(default_factory=dict)
    batches: dict[str, dict[str, Any]] = field(default_factory=dict)
    looks: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, path: str) -> tuple[int, Any]:
        """What GET of a path under /v1 gives: a value, or the bytes of a file."""
        if not self.behaviour.has_batches:
            return 404, _error("Not Found")
        kind, _, rest = path.partition("?")[0].removeprefix("/v1/").partition("/")
        name = rest.partition("/")[0]
        if kind == "files":
            return (200, self.files[name]) if name in self.files else (404, _error(f"No such File object: {name}"))
        if not name:
            newest_first = [self._show(batch) for batch in reversed(self.batches.values())]
            return 200, {"object": "list", "data": newest_first, "has_more": False}
        if name not in self.batches:
            return 404, _error(f"No batch found with id '{name}'.")
        self.looks[name] += 1
        return 200, self._show(self.batches[name])

    def post(self, path: str, body: bytes, content_type: str) -> tuple[int, Any]:
        """What POST to a path under /v1 does."""
        if not self.behaviour.has_batches:
            return 404, _error("Not Found")
        if path.endswith("/files"):
            return self._upload(_file_of(body, content_type))
        if path.endswith("/cancel"):
            return self._cancel(path.split("/")[-2])
        return self._create(json.loads(body))

    def _upload(self, data: bytes) -> tuple[int, Any]:
        with self.lock:
            name = f"file-{len(self.files) + 1}"
            self.files[name] = data
        time.sleep(self.behaviour.upload_delay_s)
        shown = {"id": name, "object": "file", "bytes": len(data), "created_at": _CREATED, "filename": "batch.jsonl"}
        if self.behaviour.wraps_files:
            return 200, {"code": 20000, "message": "Ok", "status": True, "data": shown | {"purpose": "batch"}}
        return 200, shown | {"purpose": "batch", "status": "processed"}

    def _create(self, asked: Mapping[str, Any]) -> tuple[int, Any]:
        assert asked["endpoint"] == "/v1/chat/completions"
        assert asked["completion_window"] == "24h"
        if self.behaviour.is_reading_file > 0:
            self.behaviour.is_reading_file -= 1
            return 400, _error(
                f"The input file '{asked['input_file_id']}' is in 'pending' state. Only files with status 'Processed' "
                "are accepted for batch inferencing."
            )
        with self.lock:
            batch = {
                "id": f"batch_{len(self.batches) + 1}",
                "object": "batch",
                "endpoint": asked["endpoint"],
                "input_file_id": asked["input_file_id"],
                "completion_window": "24h",
                "created_at": int(time.time()),
                "metadata": asked.get("metadata"),
                "status": "in_progress",
            }
            batch |= self._work(self.files[asked["input_file_id"]])
            self.batches[str(batch["id"])] = batch
        time.sleep(self.behaviour.create_delay_s)
        if self.behaviour.drops_create:
            return 500, _error("The server had an error")
        return 200, self._show(batch)

    def _work(self, data: bytes) -> dict[str, Any]:
        """The end of a batch: its status and the ids of its files."""
        how = self.behaviour
        if how.refused:
            error = {"code": how.refused, "message": f"Refused: {how.refused}", "line": None, "param": None}
            return {"end": "failed", "errors": {"object": "list", "data": [error]}, "total": 0}
        lines = [json.loads(line) for line in data.splitlines()]
        good, bad = [], []
        for number, line in enumerate(lines):
            assert (line["method"], line["url"]) == ("POST", "/v1/chat/completions")
            given = {"id": f"batch_req_{number}", "custom_id": line["custom_id"]}
            if 0 <= how.expires_after <= number:
                message = {"code": "batch_expired", "message": "This request could not be executed in time."}
                bad.append(given | {"response": None, "error": message})
                continue
            prompt = "\n".join(m["content"] for m in line["body"]["messages"])
            is_failed = any(word in prompt for word in how.fails)
            status, body = (
                (how.fails_with, _error("The server had an error")) if is_failed else self.answer(line["body"])
            )
            answered = {"status_code": status, "request_id": f"req_{number}", "body": body}
            (good if status == 200 else bad).append(given | {"response": answered, "error": None})
        ends: dict[str, Any] = {"end": "expired" if 0 <= how.expires_after < len(lines) else "completed"}
        good.reverse()  # no order is promised
        for name, found in (("output_file_id", good), ("error_file_id", bad)):
            if found:
                ends[name] = f"{name}-{len(self.files) + 1}"
                self.files[ends[name]] = "\n".join(json.dumps(line, ensure_ascii=False) for line in found).encode()
        return ends | {"total": len(lines), "answered": len(good), "failed": len(bad)}

    def _show(self, batch: Mapping[str, Any]) -> dict[str, Any]:
        hidden = ("end", "output_file_id", "error_file_id", "errors", "total", "answered", "failed")
        shown = {key: value for key, value in batch.items() if key not in hidden}
        counts = {"total": batch["total"], "completed": 0, "failed": 0}
        is_cancelled = batch["status"] == "cancelled"
        if not self._is_done(batch) and not is_cancelled:
            return {**shown, "request_counts": counts, **self.behaviour.shows}
        counts |= {"completed": batch.get("answered", 0), "failed": batch.get("failed", 0)}
        ends = {key: batch[key] for key in ("output_file_id", "error_file_id", "errors") if key in batch}
        status = "cancelled" if is_cancelled else batch["end"]
        return {**shown, **ends, "status": status, "request_counts": counts, **self.behaviour.shows}

    def _is_done(self, batch: Mapping[str, Any]) -> bool:
        return not self.behaviour.holds and self.looks[batch["id"]] > self.behaviour.polls

    def _cancel(self, name: str) -> tuple[int, Any]:
        if name not in self.batches:
            return 404, _error(f"No batch found with id '{name}'.")
        if self.behaviour.refuses_cancelling:
            return self.behaviour.refuses_cancelling, _error("You may not")
        if self._is_done(self.batches[name]):
            return 409, _error("Cannot cancel a batch with status 'completed'.")
        self.batches[name]["status"] = "cancelled"
        return 200, self._show(self.batches[name])


def _error(message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "error", "code": None}}


def _file_of(body: bytes, content_type: str) -> bytes:
    """The part named `file` of a multipart form."""
    found = re.search(r'boundary="?([^";]+)', content_type)
    assert found is not None
    for part in body.split(b"--" + found.group(1).encode()):
        head, _, data = part.partition(b"\r\n\r\n")
        if b'name="file"' in head:
            return data.removesuffix(b"\r\n")
    raise AssertionError("the form holds no file")
