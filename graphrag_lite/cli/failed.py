"""How what failed is listed: a line for a reason, and under it what failed for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from graphrag_lite.cli.output import plural, short_path, shorten
from graphrag_lite.records import Failure

_NOUNS = {
    "load": "source",
    "extract": "passage",
    "summarise": "description",
    "resolve": "group of names",
    "report": "report",
    "embed": "embedding",
}


def failure_lines(failures: Iterable[Failure], *, most_names: int) -> Iterator[str]:
    """Lines, at most `most_names` of them for what failed for one reason."""
    groups: dict[str, list[Failure]] = {}
    for failure in failures:
        groups.setdefault(failure.reason, []).append(failure)
    for reason, group in groups.items():
        told, names = shorten(reason, 300), [failure.name or short_path(failure.source) for failure in group]
        if len(group) == 1:
            yield f"  {names[0]}: {told}"
            continue
        yield f"  {_counted(group)}: {told}"
        yield from (f"    {name}" for name in names[:most_names])
        if len(names) > most_names:
            yield f"    and {len(names) - most_names:,} more"


def is_of_model(failure: Failure) -> bool:
    """True where a model failed, and the next run asks it again."""
    return failure.step not in ("load", "facts")


def _counted(group: Sequence[Failure]) -> str:
    counts = Counter(_NOUNS.get(failure.step, "thing") for failure in group)
    return ", ".join(
        f"{count:,} groups of names" if noun == _NOUNS["resolve"] else plural(count, noun)
        for noun, count in counts.items()
    )
