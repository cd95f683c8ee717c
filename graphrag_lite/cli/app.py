"""The `grl` command: its sub-commands, exit codes and the way errors are told.

Only typer and this package's small modules are imported here; every command imports what it needs when it runs, so
that `grl --help` is instant.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from graphrag_lite.cli import (
    doctor,
    entities,
    eval_,
    index,
    init,
    llm,
    merges,
    query,
    recipes,
    reembed,
    remove,
    retrieve,
    show,
    snapshots,
    status,
)
from graphrag_lite.cli.options import FAILED, INTERRUPTED, WRONG_USAGE
from graphrag_lite.errors import GraphRAGError, SettingsError

# Plain help: rich would double the time of `grl --help` for boxes around the same words.
app = typer.Typer(
    name="grl", no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
)
app.command("init")(init.init)
app.command("index")(index.index)
app.command("query")(query.query)
app.command("retrieve")(retrieve.retrieve)
app.command("show")(show.show)
app.command("status")(status.status)
app.command("doctor")(doctor.doctor)
app.command("remove")(remove.remove)
app.command("snapshots")(snapshots.snapshots)
app.command("rollback")(snapshots.rollback)
app.command("entities")(entities.entities)
app.command("merges")(merges.merges)
app.command("unmerge")(merges.unmerge)
app.command("recipes")(recipes.recipes)
app.command("eval")(eval_.evaluate)
app.command("reembed")(reembed.reembed)
app.add_typer(llm.app, name="llm")


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"graphrag_lite {version('graphrag-lite')}")
        raise typer.Exit


@app.callback()
def grl(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    r"""Ask your documents, and get answers that cite them.

    \b
    grl index docs/                 read a folder
    grl query "Who built the dock?" ask it

    The knowledge base is --kb, else $GRL_KB, else the nearest parent folder with a grl.toml, else ./grl-kb.
    Exit codes: 0 whole, 1 failed, 2 wrong usage, 3 finished but incomplete, 4 stopped at the budget, 130 interrupted.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code."""
    _speak_utf8()
    _calm_threads(sys.argv[1:] if arguments is None else arguments)
    code = _run(arguments)
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # `grl … | head` has read enough; say nothing at interpreter shutdown either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _run(arguments: Sequence[str] | None) -> int:
    code: object = 0
    try:
        app(args=None if arguments is None else list(arguments), prog_name="grl")
    except GraphRAGError as error:
        typer.echo(f"Error: {error}", err=True)
        return WRONG_USAGE if isinstance(error, SettingsError) else FAILED
    except BrokenPipeError:
        return FAILED
    except OSError as error:  # of a file that a command itself reads or writes, such as grl.toml
        typer.echo(f"Error: {f'{error.filename}: ' if error.filename else ''}{error.strerror or error}", err=True)
        return FAILED
    except KeyboardInterrupt:
        code = INTERRUPTED
    except SystemExit as end:  # typer always ends this way
        code = end.code
    if code == INTERRUPTED:
        typer.echo("Interrupted. What was committed before is whole; the same command goes on.", err=True)
    return code if isinstance(code, int) else 0


def _calm_threads(arguments: Sequence[str]) -> None:
    """One thread for the linear algebra of a question: more only wait for each other, at twice the CPU time."""
    if not {"index", "reembed"} & set(arguments[:1]):
        for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ.setdefault(name, "1")


def _speak_utf8() -> None:
    """UTF-8 whatever the locale; what cannot be encoded (odd file names) is escaped, not fatal."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
