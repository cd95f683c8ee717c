"""`grl doctor`: is the store sound?"""

from __future__ import annotations

import typer

from graphrag_lite.cli.options import FAILED, KB, Json, open_kb
from graphrag_lite.cli.output import plural, print_json


def doctor(kb: KB = None, as_json: Json = False) -> None:
    """Check that what is stored is sound.

    No orphans, true offsets, counts that agree; exit code 1 where there is a problem.
    """
    with open_kb(kb) as base:
        problems = base.doctor()
    if as_json:
        print_json({"sound": not problems, "problems": problems})
    elif problems:
        typer.echo("\n".join(problems))
        remedy = "Where nothing else is said, go back to a sound snapshot: grl snapshots, grl rollback ID"
        typer.echo(f"{plural(len(problems), 'problem')}. {remedy}")
    else:
        typer.echo("Sound: every invariant holds.")
    raise typer.Exit(FAILED if problems else 0)
