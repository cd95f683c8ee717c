"""`grl eval`: does retrieval find what it should, and how fast?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graphrag_lite.cli.options import FAILED, KB, Json, ModeName, find_kb, open_kb
from graphrag_lite.cli.output import note, print_json


def evaluate(
    questions: Annotated[
        Path,
        typer.Argument(
            metavar="QUESTIONS.jsonl", exists=True, dir_okay=False, help="{id, question, gold: [...]} a line."
        ),
    ],
    kb: KB = None,
    top_k: Annotated[int, typer.Option("--top-k", min=1, metavar="N", help="How many passages count.")] = 10,
    mode: Annotated[
        list[ModeName] | None, typer.Option("--mode", help="How to look; given twice, the second is compared.")
    ] = None,
    compare_kb: Annotated[
        Path | None,
        typer.Option("--compare-kb", metavar="DIR", help="A second knowledge base; shows the difference."),
    ] = None,
    fail_under: Annotated[
        list[str] | None,
        typer.Option("--fail-under", metavar="METRIC=VALUE", help="Exit with 1 below it, as recall@5=0.7."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure how well and how fast evidence is found.

    Prints recall@k, all-gold@k, MRR and latency over questions whose gold documents are known.
    """
    from graphrag_lite.evaluate import metrics, report
    from graphrag_lite.evaluate.questions import read_questions

    limits = metrics.parse_limits(fail_under or [], top_k)
    asked = read_questions(questions)
    bases = [find_kb(kb), *([compare_kb] if compare_kb else [])]
    modes: list[str | None] = [one.value for one in mode or []] or [None]
    if len(bases) * len(modes) > 2:
        raise typer.BadParameter("compare two modes or two knowledge bases, not both", param_hint="--mode")
    runs: dict[str, metrics.Run] = {}
    for path in bases:
        with open_kb(path) as base:
            runs |= {f"{path}{f' ({one})' if one else ''}": metrics.ask(base, asked, top_k, mode=one) for one in modes}
    made = report.make(runs)
    if as_json:
        print_json(made)
    else:
        typer.echo(report.as_text(made))
    missed = metrics.missed(next(iter(runs.values())), limits)
    for line in missed:
        note(f"Below the limit: {line}")
    raise typer.Exit(FAILED if missed else 0)
