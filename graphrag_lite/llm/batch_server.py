"""The calls of a provider's Batch API over HTTP: files of requests go up, files of replies come down."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from graphrag_lite.errors import ModelError, ModelRefusedError
from graphrag_lite.llm.openai_compatible import OpenAICompatibleTransport, foreign_errors

if TYPE_CHECKING:
    from openai import OpenAI

_UNDER_WAY = ("validating", "in_progress", "finalizing", "cancelling")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BatchState:
    """How far a batch is; `files` hold its replies and errors, `words` say why it failed as a whole."""

    status: str
    done: int = 0
    files: tuple[str, ...] = ()
    words: str = ""

    @property
    def is_under_way(self) -> bool:
        """False when nothing more will come."""
        return self.status in _UNDER_WAY


class BatchServer:
    """The five calls of a Batch API; foreign errors end here."""

    def __init__(self, transport: OpenAICompatibleTransport) -> None:
        self._client: OpenAI = transport.client
        self._endpoint = transport.endpoint

    def upload(self, file: IO[bytes], name: str) -> str:
        """The id of a new file."""
        file.seek(0)
        with self._calling():
            return self._client.files.create(file=(f"{name}.jsonl", file), purpose="batch").id

    def create(self, file_id: str, token: str) -> str:
        """The id of a new batch, which remembers `token`."""
        with self._calling():
            made = self._client.batches.create(
                input_file_id=file_id,
                endpoint="/v1/chat/completions",
                completion_window="24h",
                metadata={"graphrag_lite": token},
            )
            return made.id

    def find(self, token: str, created: float) -> str:
        """The id of the batch with this token, made not long before `created`; empty when there is none."""
        with self._calling():
            for batch in self._client.batches.list(limit=100):
                if (batch.metadata or {}).get("graphrag_lite") == token:
                    return batch.id
                if batch.created_at < created - 86_400:
                    break
        return ""

    def state(self, batch_id: str) -> BatchState:
        """How far it is."""
        try:
            with foreign_errors(self._endpoint):
                batch = self._client.batches.retrieve(batch_id)
        except ModelRefusedError as error:
            if not is_unknown(error):
                raise
            lost = ModelRefusedError(
                f"{self._endpoint.base_url} does not know {batch_id}. Use the key of the account that submitted it; "
                f"or forget it, and the next run asks again: grl llm cancel-batch {batch_id}."
            )
            lost.status = error.status
            raise lost from None
        counts = batch.request_counts
        problems = [f"{e.code or ''} {e.message or ''}".strip() for e in (batch.errors and batch.errors.data) or ()]
        return BatchState(
            batch.status,
            counts.completed + counts.failed if counts else 0,
            tuple(name for name in (batch.output_file_id, batch.error_file_id) if name),
            "; ".join(problems[:3]),
        )

    def lines(self, file_id: str) -> Iterator[Mapping[str, Any]]:
        """The objects of a JSONL file; a broken line is as one that is not there, and so is a file that was deleted."""
        try:
            with foreign_errors(self._endpoint):
                content = self._client.files.content(file_id).content
        except ModelRefusedError as error:
            if not is_unknown(error):
                raise
            log.warning("%s: the replies in %s are gone and asked for again", self._endpoint.base_url, file_id)
            return
        for line in content.split(b"\n"):  # JSON may hold other line ends
            try:
                value = json.loads(line)
            except ValueError:
                continue
            if isinstance(value, dict):
                yield value

    def cancel(self, batch_id: str) -> None:
        """Stop it; replies that are there by then can be collected."""
        with foreign_errors(self._endpoint):
            self._client.batches.cancel(batch_id)

    @contextmanager
    def _calling(self) -> Iterator[None]:
        try:
            with foreign_errors(self._endpoint):
                yield
        except ModelRefusedError as error:
            if error.status not in (404, 405, 501):
                raise
            raise ModelRefusedError(
                f"{self._endpoint.base_url} has no Batch API. Run without --batch, and with llm.batch = false."
            ) from error


def is_unknown(error: ModelError) -> bool:
    """Whether the server does not know what was asked for."""
    return error.status == 404
