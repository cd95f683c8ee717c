"""Options that several commands share, exit codes, and which knowledge base is meant."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphrag_lite.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from graphrag_lite.progress import Progress

WHOLE, FAILED, WRONG_USAGE, INCOMPLETE, AT_BUDGET, INTERRUPTED = 0, 1, 2, 3, 4, 130

KB = Annotated[Path | None, typer.Option("--kb", metavar="DIR", help="The knowledge base.", show_default=False)]
Budget = Annotated[
    float | None, typer.Option("--budget", min=0, metavar="USD", help="Hard cap on what models may cost.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before a run that costs money.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout, and nothing else there.")]


class ModeName(StrEnum):
    """How a question is answered."""

    auto = "auto"
    basic = "basic"
    local = "local"
    global_ = "global"
    drift = "drift"


Mode = Annotated[ModeName | None, typer.Option("--mode", help="How to look for the answer.", show_default="auto")]
TopK = Annotated[int | None, typer.Option("--top-k", min=1, metavar="N", help="How many passages.", show_default="8")]
Where = Annotated[
    list[str] | None,
    typer.Option("--where", metavar="KEY=VALUE", help="Only documents whose metadata pass; also != > >= < <= ~."),
]
Recipe = Annotated[
    str | None,
    typer.Option("--recipe", metavar="NAME|FILE", help="How to index: `grl recipes` lists them.", show_default="auto"),
]


def readable(text: str | None) -> str | None:
    r"""The argument as its UTF-8 bytes mean it, also where a C locale made Python read them as something else.

    Bytes that are no UTF-8 become "\xe9", as in the names of sources.
    """
    if text is None:
        return None
    try:
        return os.fsencode(text).decode("utf-8", "backslashreplace")
    except UnicodeError:
        return text.encode("utf-8", "replace").decode("utf-8")


Question = Annotated[
    str, typer.Argument(metavar="QUESTION", help="In any language of the documents.", callback=readable)
]


def find_kb(given: Path | None) -> Path:
    """The knowledge base that is meant: `--kb`, `GRL_KB`, the nearest parent with a grl.toml, or ./grl-kb."""
    if given is not None:
        return given
    if os.environ.get("GRL_KB"):
        return Path(os.environ["GRL_KB"])
    here = Path.cwd()
    holders = [folder for folder in (here, *here.parents) if (folder / "grl.toml").is_file()]
    return holders[0] if holders else Path("grl-kb")


def open_kb(
    given: Path | None, *, settings: Mapping[str, Any] | None = None, progress: Progress | None = None
) -> KnowledgeBase:
    """The knowledge base that is meant, opened."""
    return KnowledgeBase(find_kb(given), settings=settings, progress=progress)
