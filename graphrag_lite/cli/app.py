"""The `grl` command: its sub-commands, exit codes and the way errors are told.

Only typer and this package's small modules are imported here; every command imports what it needs when it runs, so
that `grl --help` is instant.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from graphrag_lite.cli import (
    doctor,
    entities,
    eval_,
    failures,
    index,
    init,
    llm,
    merges,
    prompts,
    query,
    recipes,
    reembed,
    remove,
    retrieve,
    show,
    snapshots,
    status,
)
from graphrag_lite.cli.options import INTERRUPTED, WHOLE

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
app.command("relationships")(entities.relationships)
app.command("claims")(entities.claims)
app.command("communities")(entities.communities)
app.command("merges")(merges.merges)
app.command("unmerge")(merges.unmerge)
app.command("recipes")(recipes.recipes)
app.command("eval")(eval_.evaluate)
app.command("reembed")(reembed.reembed)
app.add_typer(llm.app, name="llm")
app.add_typer(prompts.app, name="prompts")


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
    """Ask your documents, and get answers that cite them.

    \b
    grl index docs/                 read a folder
    grl query "Who built the dock?" ask it

    The knowledge base is --kb, else $GRL_KB, else the nearest parent folder with a grl.toml, else ./grl-kb.
    Exit codes: 0 whole, 1 failed, 2 wrong usage, 3 finished but incomplete, 4 stopped at the budget, 130 interrupted.
    """  # noqa: D301  # the sign itself, not its spelling, keeps the lines below it as they are


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    _replace_closed_streams()
    _speak_utf8()
    _calm_threads(given)
    if arguments is None:
        _tune_interpreter()
    code = _run(given)
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # `grl … | head` has read enough; say nothing at interpreter shutdown either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _run(arguments: Sequence[str]) -> int:
    """The exit code. With `--json`, stdout holds one document also where a command fails."""
    try:
        # typer would print a wrong usage and leave by itself; here every failure is told in one place.
        code = app(args=list(arguments), prog_name="grl", standalone_mode=False)
    except SystemExit as end:
        code = end.code
    except BaseException as error:  # noqa: BLE001  # the border: a bug is raised again
        return failures.tell(error, as_json=failures.wants_json(arguments))
    if code == INTERRUPTED:  # what typer makes of Ctrl-C
        return failures.tell(KeyboardInterrupt(), as_json=failures.wants_json(arguments))
    return code if isinstance(code, int) else WHOLE


def _tune_interpreter() -> None:
    """In a process of our own: no looking for cycles, which records have none of, and no long wait for a thread's turn.

    Garbage collection takes a tenth of an indexing run. A thread that has received a reply would wait 5 ms for its turn
    at every step, beside one that computes.
    """
    gc.set_threshold(50_000, 20, 50)
    atexit.register(gc.freeze)  # no last look among everything imported either
    sys.setswitchinterval(0.001)


def _calm_threads(arguments: Sequence[str]) -> None:
    """One thread for the linear algebra of a question: more only wait for each other, at twice the CPU time."""
    if not {"index", "reembed"} & set(arguments[:1]):
        for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ.setdefault(name, "1")


def _replace_closed_streams() -> None:
    """Nothing to read and nowhere to write, where a caller has closed what every program expects to be there.

    Python has no stream for these, and the next file that is opened, such as a table, would take their place.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  # as long as the process


def _speak_utf8() -> None:
    """UTF-8 whatever the locale; what cannot be encoded (odd file names) is escaped, not fatal."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
