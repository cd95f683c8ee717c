"""`grl query`: an answer, where it comes from, and who gave it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphrag_lite.cli.options import KB, Json, Mode, Question, Where, open_kb
from graphrag_lite.cli.output import (
    bold,
    dim,
    human_cost,
    human_time,
    plural,
    print_json,
    printable,
    short_path,
    shorten,
    wrap,
)
from graphrag_lite.cli.sources import print_sources, stated

if TYPE_CHECKING:
    from graphrag_lite.knowledge_base import KnowledgeBase
    from graphrag_lite.records import Answer, Passage, PathStep


def query(
    question: Question,
    kb: KB = None,
    mode: Mode = None,
    where: Where = None,
    as_json: Json = False,
    context_only: Annotated[
        bool, typer.Option("--context-only", help="Print what an answer would rest on; call no model.")
    ] = False,
    no_stream: Annotated[bool, typer.Option("--no-stream", help="Print the answer when it is complete.")] = False,
) -> None:
    """Answer a question from the documents, with its sources."""
    with open_kb(kb) as base:
        wanted = mode.value if mode else None
        if context_only:
            _print_context(base, question, wanted, where, as_json)
            return
        keys = base.settings.query.metadata
        stream = not (as_json or no_stream) and sys.stdout.isatty() and bool(base.settings.llm.model)
        answer = _stream(base, question, wanted, where) if stream else base.query(question, mode=wanted, where=where)
    if as_json:
        print_json(_as_contract(answer))
        return
    if not stream:
        typer.echo(wrap(answer.text))
    _print_end(answer, keys)


def print_passages(passages: list[Passage], keys: Sequence[str]) -> None:
    """Ranked passages with the path by which each was reached, and metadata of some keys."""
    for number, passage in enumerate(passages, 1):
        place = _place(passage.source, passage.page)
        typer.echo(
            f"{bold(f'{number}. {printable(passage.title) or short_path(passage.source) or passage.document_id}')}"
            f"  {dim(f'{passage.score:.3f}')}"
        )
        typer.echo(
            dim(
                f"   {place + ' · ' if place else ''}{passage.document_id} · "
                f"characters {passage.start:,} to {passage.end:,}"
            )
        )
        if metadata := stated(passage, keys):
            typer.echo(dim(wrap(metadata, "   ")))
        if passage.path:
            typer.echo(dim("   path: " + " → ".join(map(_step, passage.path))))
        typer.echo(wrap(passage.text, "   ") + "\n")


def _step(step: PathStep) -> str:
    """A step of an evidence path: entities in brackets, passages in quotation marks."""
    label = shorten(step.label, 60)
    return f"({label})" if step.kind == "entity" else f"“{label}”" if step.kind == "passage" else label


def _print_context(
    base: KnowledgeBase, question: str, mode: str | None, where: list[str] | None, as_json: bool
) -> None:
    """What an answer would rest on: for a model its packed context, without one the passages."""
    if not base.settings.llm.model and not as_json:
        passages = base.retrieve(question, where=where)
        print_passages(passages, base.settings.query.metadata)
        if not passages:
            typer.echo("No passage fits this question.")
        return
    context = base.context(question, mode=mode, where=where)
    if as_json:
        print_json({"passages": context.passages, "context": context.text})
        return
    typer.echo(context.text)


def _stream(base: KnowledgeBase, question: str, mode: str | None, where: list[str] | None) -> Answer:
    """Print pieces of the answer as they come; returns the whole."""
    answer: Answer | None = None
    for event in base.stream(question, mode=mode, where=where):
        if isinstance(event, str):
            typer.echo(event, nl=False)
            sys.stdout.flush()
        else:
            answer = event
    typer.echo()
    assert answer is not None  # the last event is the answer
    return answer


def _as_contract(answer: Answer) -> dict[str, Any]:
    """The answer under the names that programs rely on; the context is left out, since the passages tell it."""
    fields = asdict(answer)
    del fields["context"]
    return {"answer": fields.pop("text"), **fields}


def _print_end(answer: Answer, keys: Sequence[str]) -> None:
    """Sources, and who answered, how and at what price."""
    from graphrag_lite.query.extractive.answer import is_unknown

    if answer.citations:
        print_sources(answer, keys)
    elif not is_unknown(answer.text):
        typer.echo(f"\n{bold('No sources')}: no passage bears this answer out. Check it before you rely on it.")
    if answer.parts:
        typer.echo(f"\n{bold('Asked in parts')}")
    for number, part in enumerate(answer.parts, 1):
        typer.echo(wrap(f"{number}. {part.question}{f' {bold(part.answer)}' if part.answer else ''}", "  "))
    why = f" ({answer.mode_reason})" if answer.mode_reason else ""
    parts = [f"{answer.mode}{why}", _who(answer), plural(len(answer.passages), "passage") + " read"]
    if answer.usage.calls:
        tokens = f"{answer.usage.prompt_tokens + answer.usage.completion_tokens:,} tokens"
        parts.append(f"{plural(answer.usage.calls, 'model call')}, {tokens}, {human_cost(answer.usage.cost_usd)}")
    elif answer.usage.cached_calls:
        parts.append("from the cache, 0 USD")
    if answer.dropped_citations:
        parts.append(f"{plural(answer.dropped_citations, 'wrong citation')} dropped")
    parts.append(human_time(answer.timings.get("total", sum(answer.timings.values()))))
    typer.echo("\n" + dim(wrap(" · ".join(parts))))


def _place(source: str, page: int | None) -> str:
    return f"{short_path(source)}{f', page {page}' if page else ''}"


def _who(answer: Answer) -> str:
    used = {part: model for part, model in answer.models.items() if model not in ("", "none")}
    if not used:
        return "answered without any model"
    return ", ".join(f"{part} by {model}" for part, model in sorted(used.items()))
