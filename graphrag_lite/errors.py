"""The whole exception tree, by what the reader can do about it.

    GraphRAGError
    ├── SettingsError            fix grl.toml, an environment variable or an argument
    ├── InputError               fix the document or file that was given
    │   ├── NotFoundError        name something that exists
    │   └── QuestionError        ask something that can be searched for, or correct its filter
    ├── StoreError               the knowledge base on disk
    │   ├── LockedError          another process is writing: wait, then retry
    │   ├── CorruptStoreError    restore a snapshot or report a bug
    │   └── VersionMismatchError re-index or re-embed
    ├── MissingDependencyError   install the named extra
    ├── BudgetExceededError      raise the budget; the knowledge base is usable as it is
    ├── PendingError             wait: a batch under way brings the reply
    └── ModelError               a chat or embedding model; `retryable` says whether waiting helps
        ├── ModelUnavailableError    no network, wrong URL, time-out, server down
        ├── RateLimitError           slow down; `retry_after_s` when the server said so
        ├── ModelRefusedError        wrong key, unknown model, unsupported request
        └── ModelReplyError          the reply was truncated, malformed or of the wrong schema

Every class takes one message; extra data are optional keywords, so each one survives pickling.
"""

from __future__ import annotations

_ENDS = tuple(".!?…。！？")  # also within a closing quotation mark


def as_sentence(words: str) -> str:
    """The words with a full stop where they have no end of their own, so that a sentence may follow."""
    told = words.rstrip()
    if not told or told.rstrip("\"'”’」』").endswith(_ENDS):
        return told
    return told + ("。" if "\u3400" <= told[-1] <= "\u9fff" else ".")


class GraphRAGError(Exception):
    """Root of every error that graphrag_lite raises on purpose."""

    retryable: bool = False


class SettingsError(GraphRAGError):
    """A setting is unknown, missing or has a value that cannot work."""


class InputError(GraphRAGError):
    """A document, file, question or argument cannot be used as given."""


class NotFoundError(InputError):
    """The named document, chunk, source, snapshot or knowledge base does not exist."""


class QuestionError(InputError):
    """A question, or a filter or limit put on it, cannot be searched for."""


class StoreError(GraphRAGError):
    """The knowledge base on disk cannot be read or written."""


class LockedError(StoreError):
    """Another process holds the writer lock."""

    retryable = True


class CorruptStoreError(StoreError):
    """What is stored contradicts its manifest."""


class VersionMismatchError(StoreError):
    """The knowledge base was written with another format, embedding model or dimension."""


class MissingDependencyError(GraphRAGError):
    """An optional package is needed and not installed."""


class BudgetExceededError(GraphRAGError):
    """The next model call could exceed the budget."""


class PendingError(GraphRAGError):
    """The reply of a model comes with a batch, in a later run; `key` names the request."""

    retryable = True

    def __init__(self, message: str = "", *, key: str = "") -> None:
        super().__init__(message)
        self.key = key


class ModelError(GraphRAGError):
    """A chat or embedding model did not deliver.

    Attributes:
        retry_after_s: When the server wants to be asked again; None: it does not say.
        most_retries: How often asking again is worth its price; None: as often as the settings say.
        status: The HTTP status, 0 where there was none.
        said: The server's own words, without any key.
        written: What the model had written where its server refuses that as no JSON; None elsewhere.
    """

    most_retries: int | None = None
    status: int = 0
    said: str = ""
    written: str | None = None

    def __init__(self, message: str = "", *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ModelUnavailableError(ModelError):
    """No answer came: no network, wrong URL, time-out or a server error."""

    retryable = True


class RateLimitError(ModelError):
    """The server asks to slow down."""

    retryable = True


class ModelRefusedError(ModelError):
    """The server understood and said no: wrong key, unknown model, unsupported request."""


class ModelReplyError(ModelError):
    """The reply came but is truncated, malformed or of the wrong schema."""
