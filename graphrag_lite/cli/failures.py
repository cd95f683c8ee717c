"""How a command that failed tells it: a sentence on stderr, an exit code, and with `--json` a document on stdout."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import typer

from graphrag_lite.cli.options import FAILED, INTERRUPTED, WRONG_USAGE
from graphrag_lite.errors import GraphRAGError, QuestionError, SettingsError

_INTERRUPTED = "Interrupted. What is stored is whole, and what models wrote is kept: run the same command again."


def wants_json(arguments: Sequence[str]) -> bool:
    """True where `--json` is among the options of a command line."""
    options = list(arguments)
    return "--json" in (options[: options.index("--")] if "--" in options else options)


def tell(error: BaseException, *, as_json: bool) -> int:
    """Say what went wrong; returns the exit code.

    Raises:
        BaseException: `error` itself where it is a bug of ours: its traceback is what helps then.
    """
    if isinstance(error, BrokenPipeError):  # `grl … | head` has read enough
        return FAILED
    usage = getattr(error, "format_message", None)  # typer's own errors of usage, whose class it keeps private
    code, kind, message = _explain(error, usage)
    if as_json:
        fields: dict[str, Any] = {"kind": kind, "message": message, "exit_code": code}
        fields["retryable"] = bool(getattr(error, "retryable", False))
        typer.echo(json.dumps({"error": fields}, ensure_ascii=False))
    if callable(usage):
        error.show()  # type: ignore[attr-defined]  # with the usage line of the command
    elif isinstance(error, (GraphRAGError, OSError)):
        typer.echo(f"Error: {message}", err=True)
    elif isinstance(error, (KeyboardInterrupt, typer.Abort)):
        typer.echo(message, err=True)
    else:
        raise error
    return code


def _explain(error: BaseException, usage: Any) -> tuple[int, str, str]:
    """Exit code, kind and message."""
    kind = type(error).__name__
    if callable(usage):
        return WRONG_USAGE, "UsageError", str(usage())
    if isinstance(error, OSError):  # of a file that a command itself reads or writes, such as grl.toml
        return FAILED, "OSError", f"{f'{error.filename}: ' if error.filename else ''}{error.strerror or error}"
    if isinstance(error, (KeyboardInterrupt, typer.Abort)):
        return INTERRUPTED, "Interrupted", _INTERRUPTED
    is_usage = isinstance(error, (SettingsError, QuestionError))
    return WRONG_USAGE if is_usage else FAILED, kind, str(error)
