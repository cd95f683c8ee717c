"""The result of an evaluation, as plain values and as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphrag_lite.evaluate.metrics import Run, cutoffs, groups, latency_ms, paired_difference, score


def make(runs: Mapping[str, Run]) -> dict[str, Any]:
    """Every figure of one run, or of two and their difference; ready for JSON.

    Args:
        runs: By the name of the knowledge base; questions and their order must be the same.
    """
    made: dict[str, Any] = {"runs": [_figures(name, run) for name, run in runs.items()]}
    if len(runs) == 2:
        first, second = runs.values()
        names = list(score(first.results, first.top_k))
        made["difference"] = {
            name: dict(zip(("mean", "low", "high"), paired_difference(first, second, name), strict=True))
            for name in names
        }
    return made


def _figures(name: str, run: Run) -> dict[str, Any]:
    return {
        "name": name,
        "questions": len(run.results),
        "without_gold": run.unscored,
        "top_k": run.top_k,
        "metrics": score(run.results, run.top_k),
        "groups": {
            group: {"questions": len(results), "metrics": score(results, run.top_k)}
            for group, results in groups(run.results).items()
        },
        "latency_ms": latency_ms(run.results),
        "open_s": run.open_s,
        "results": [
            {"id": one.question.id, "ranks": list(one.ranks), "latency_ms": one.latency_s * 1000} for one in run.results
        ],
    }


def as_text(made: Mapping[str, Any]) -> str:
    """The report as tables."""
    parts = [_run_text(run) for run in made["runs"]]
    if "difference" in made:
        parts.append(_difference_text(made["runs"][1]["name"], made["difference"]))
    return "\n\n".join(parts)


def _run_text(run: Mapping[str, Any]) -> str:
    shown = [k for k in cutoffs(run["top_k"]) if k in (1, 2, 5, 8, 10) or k == run["top_k"]]
    names = [*(f"recall@{k}" for k in shown), *(f"all-gold@{k}" for k in shown if k > 1), "mrr"]
    rows = [("all", run["questions"], run["metrics"])]
    rows += [(group or "other", part["questions"], part["metrics"]) for group, part in run["groups"].items()]
    lines = [_row(("", "n", *names))]
    lines += [_row((label, str(count), *(f"{metrics[name]:.3f}" for name in names))) for label, count, metrics in rows]
    latency = ", ".join(f"{name} {value:.1f} ms" for name, value in run["latency_ms"].items())
    without = f", {run['without_gold']} without gold left out" if run["without_gold"] else ""
    return "\n".join(
        [
            f"{run['name']}: {run['questions']} questions{without}",
            *lines,
            f"latency: {latency}; first call {run['open_s']:.2f} s",
        ]
    )


def _difference_text(name: str, difference: Mapping[str, Mapping[str, float]]) -> str:
    lines = [f"{name} against the first (mean, 95% interval of a paired bootstrap)"]
    for metric, value in difference.items():
        verdict = "better" if value["low"] > 0 else "worse" if value["high"] < 0 else "no clear difference"
        lines.append(f"{metric:<14}{value['mean']:+.3f}  [{value['low']:+.3f}, {value['high']:+.3f}]  {verdict}")
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    label, *values = cells
    return f"{label:<14}" + "".join(f"{value:>13}" if i else f"{value:>6}" for i, value in enumerate(values))
