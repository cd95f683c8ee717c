"""The calls of a provider's Batch API over HTTP: files of requests go up, files of replies come down."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from graphrag_lite.errors import ModelError, ModelRefusedError, ModelUnavailableError, as_sentence
from graphrag_lite.llm.bodies import error_instead, part_of, token_count
from graphrag_lite.llm.foreign import foreign_errors
from graphrag_lite.llm.openai_compatible import OpenAICompatibleTransport

if TYPE_CHECKING:
    from openai import OpenAI

_UNDER_WAY = ("validating", "in_progress", "finalizing", "cancelling")
_ENDED = ("completed", "failed", "expired", "cancelled", "canceled", "unknown")
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
        """False when nothing more will come.

        Another server may have words of its own, such as "queued": what is taken for ended is asked and paid again.
        """
        return self.status in _UNDER_WAY or not (self.status in _ENDED or self.files)


class BatchServer:
    """The five calls of a Batch API; foreign errors end here."""

    def __init__(self, transport: OpenAICompatibleTransport) -> None:
        self._client: OpenAI = transport.client
        self._endpoint = transport.endpoint

    def upload(self, file: IO[bytes], name: str) -> str:
        """The id of a new file."""
        file.seek(0)
        with self._calling():
            return self._id_of(self._client.files.create(file=(f"{name}.jsonl", file), purpose="batch"))

    def create(self, file_id: str, token: str) -> str:
        """The id of a new batch, which remembers `token`."""
        try:
            with self._calling():
                made = self._client.batches.create(
                    input_file_id=file_id,
                    endpoint="/v1/chat/completions",
                    completion_window="24h",
                    metadata={"graphrag_lite": token},
                )
                return self._id_of(made)
        except ModelRefusedError as error:
            if "'pending'" not in error.said:
                raise
            # Azure takes a file only once it has read it (openai/openai-dotnet issue 312).
            raise ModelUnavailableError(str(error)) from error

    def find(self, token: str, created: float) -> str:
        """The id of the batch with this token, made not long before `created`; empty when there is none."""
        with self._calling():
            for batch in self._client.batches.list(limit=100):
                metadata, made_at = getattr(batch, "metadata", None), getattr(batch, "created_at", None)
                if isinstance(metadata, Mapping) and metadata.get("graphrag_lite") == token:
                    return batch.id
                if isinstance(made_at, int) and made_at < created - 86_400:
                    break
        return ""

    def state(self, batch_id: str) -> BatchState:
        """How far it is."""
        try:
            with foreign_errors(self._endpoint):
                batch = self._client.get(f"/batches/{batch_id}", cast_to=object)
        except ModelRefusedError as error:
            if not is_unknown(error):
                raise
            lost = ModelRefusedError(
                f"{self._endpoint.base_url} does not know {batch_id}. Use the key of the account that submitted it; "
                f"or forget it, and the next run asks again: grl llm cancel-batch {batch_id}."
            )
            lost.status = error.status
            raise lost from None
        status = part_of(batch, "status")
        if not isinstance(status, str):
            raise ModelUnavailableError(f"{self._endpoint.base_url} does not say how far {batch_id} is.")
        files = [part_of(batch, name) for name in ("output_file_id", "error_file_id")]
        counts = part_of(batch, "request_counts")
        return BatchState(
            status.lower(),
            sum(token_count(counts, name) or 0 for name in ("completed", "failed")),
            tuple(name for name in files if isinstance(name, str) and name),
            "; ".join(_problems(part_of(batch, "errors"))),
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

    def _id_of(self, made: Any) -> str:
        """The name that the server gave to what it made."""
        body = {**vars(made), **(made.model_extra or {})} if hasattr(made, "model_extra") else made
        wrapped = part_of(body, "data")  # https://docs.siliconflow.cn/cn/api-reference/batch/upload-file
        name = part_of(wrapped, "id") if isinstance(wrapped, Mapping) else part_of(body, "id")
        if isinstance(name, str) and name:
            return name
        words = error_instead(body)[0] or "it sends something else"
        raise ModelRefusedError(f"{self._endpoint.base_url} has no Batch API that we know: {as_sentence(words)}")

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


def _problems(errors: object) -> list[str]:
    """The first reasons why a batch failed, as a list of objects or of what it likes."""
    listed = errors if isinstance(errors, list) else part_of(errors, "data")
    told = []
    for error in listed if isinstance(listed, list) else ():
        parts = [part_of(error, name) for name in ("code", "message")] if not isinstance(error, str) else [error]
        told.append(" ".join(str(part) for part in parts if part))
    return [words for words in told if words][:3]


def is_unknown(error: ModelError) -> bool:
    """Whether the server does not know what was asked for."""
    return error.status == 404
