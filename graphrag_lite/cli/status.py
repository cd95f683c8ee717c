"""`grl status`: what is in the knowledge base, and what it was made with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import typer

from graphrag_lite.cli.failed import failure_lines, is_of_model
from graphrag_lite.cli.options import KB, Json, find_kb, open_kb
from graphrag_lite.cli.output import bold, human_cost, human_size, plural, plural_of, print_json
from graphrag_lite.records import Failure

_MOST_NAMES_SHOWN = 100


def status(kb: KB = None, as_json: Json = False) -> None:
    """Show what is in it, what made it, and what failed."""
    with open_kb(kb) as base:
        found = base.status()
    if as_json:
        print_json(found)
        return
    typer.echo(bold(str(found.get("path", find_kb(kb)))))
    for name, value in _lines(found):
        typer.echo(f"  {name:<17}{value}")
    failures = [Failure(**failure) for failure in found.get("failures", [])]
    unread = [failure for failure in failures if not is_of_model(failure)]
    _print_failures(f"{plural(len(unread), 'source')} could not be read whole:", unread)
    _print_failures("The model failed at these; the next grl index asks it again:", filter(is_of_model, failures))


def _print_failures(heading: str, failures: Iterable[Failure]) -> None:
    lines = list(failure_lines(failures, most_names=_MOST_NAMES_SHOWN))
    if lines:
        typer.echo("\n" + "\n".join([heading, *lines]))


def _lines(found: dict[str, Any]) -> list[tuple[str, str]]:
    counts = found.get("counts", {})
    shown = ("document", "chunk", "entity", "relationship", "claim", "community", "report")
    snapshot = f"{found.get('snapshot', '')} of {found.get('created_at', '')[:19].replace('T', ' ')} UTC"
    others = found.get("snapshots", 1) - 1
    lines = [
        ("holds", ", ".join(plural(n, noun) for noun in shown if (n := counts.get(plural_of(noun)))) or "nothing yet"),
        ("size", human_size(found["disk_bytes"]) if "disk_bytes" in found else ""),
        ("tables", tables if (tables := str(found.get("tables_at", ""))).startswith("s3://") else ""),
        ("snapshot", snapshot + (f"; {others} more: grl snapshots" if others else "")),
        ("recipe", str(found.get("recipe", ""))),
    ]
    for part, model in sorted(found.get("models", {}).items()):
        lines.append((f"{part} model", "none: made without" if model == "none" else str(model)))
    kept = [held for held in found.get("vectors", []) if not held["is_used"]]
    if kept:
        each = "; ".join(f"{plural(held['count'], 'vector')} of {held['model']}" for held in kept)
        lines.append(("also keeps", f"{each}: grl reembed goes back and embeds only what is new"))
    if spent := found.get("spending", []):
        lines.append(("spent", f"{_spent(spent)}; by day: grl status --json"))
    if unknown := found.get("spending_unknown"):
        lines.append(("spent", f"unknown: {unknown}"))
    if batches := found.get("batches", []):
        waiting = plural(sum(batch["requests"] for batch in batches), "request")
        ids = ", ".join(batch["id"] or "not yet named" for batch in batches)
        servers = ", ".join(sorted({batch["server"] for batch in batches}))
        since = batches[0]["submitted"]
        lines.append(("batches", f"{waiting} in {ids} since {since}: grl index collects them from {servers}"))
    if found.get("awaits_model"):
        lines.append(("not whole", "the model has not done everything: run the same grl index again"))
    return [(name, value) for name, value in lines if value]


def _spent(rows: Sequence[Mapping[str, Any]]) -> str:
    """What is known of the costs, and apart from that what is not."""
    priced = [row for row in rows if row["cost_usd"] is not None]
    unpriced = [row for row in rows if row["cost_usd"] is None]
    parts = [(human_cost(sum(row["cost_usd"] for row in priced)), priced), (human_cost(None), unpriced)]
    return ", and ".join(
        f"{cost} on {plural(sum(row['calls'] for row in held), 'model call')}" for cost, held in parts if held
    )
