"""`grl retrieve`: ranked passages, for one question or a file of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphrag_lite.cli.options import INCOMPLETE, KB, WHOLE, Json, TopK, Where, open_kb, readable
from graphrag_lite.cli.output import note, print_json
from graphrag_lite.cli.query import print_passages
from graphrag_lite.errors import QuestionError

if TYPE_CHECKING:
    from graphrag_lite.knowledge_base import KnowledgeBase


def retrieve(
    question: Annotated[
        str | None,
        typer.Argument(
            metavar="QUESTION", help="In any language of the documents.", show_default=False, callback=readable
        ),
    ] = None,
    kb: KB = None,
    top_k: TopK = None,
    questions: Annotated[
        Path | None,
        typer.Option(
            "--questions",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="JSONL of {id, question}; prints one JSON line a question.",
        ),
    ] = None,
    where: Where = None,
    as_json: Json = False,
) -> None:
    """Rank the passages that best support an answer. Never calls a language model."""
    if (question is None) == (questions is None):
        raise typer.BadParameter("give either a question or --questions FILE", param_hint="QUESTION")
    with open_kb(kb) as base:
        if questions is not None:
            raise typer.Exit(_rank_all(base, questions, top_k, where))
        passages = base.retrieve(question or "", top_k=top_k, where=where)
        keys = base.settings.query.metadata
    if as_json:
        print_json({"question": question, "passages": passages})
        return
    print_passages(passages, keys)
    if not passages:
        typer.echo("No passage fits this question.")


def _rank_all(base: KnowledgeBase, file: Path, top_k: int | None, where: list[str] | None) -> int:
    """One JSON line a question; one that cannot be asked has an empty ranking and is told."""
    from graphrag_lite.evaluate.questions import read_questions
    from graphrag_lite.query.filters import parse_filter

    parse_filter(where)  # wrong for one question, wrong for all
    code = WHOLE
    for asked in read_questions(file):
        try:
            passages = base.retrieve(asked.question, top_k=top_k, where=where)
        except QuestionError as error:
            note(f"{asked.id}: {error}")
            passages, code = [], INCOMPLETE
        ranking = [{"document_id": p.document_id, "chunk_id": p.chunk_id, "score": round(p.score, 6)} for p in passages]
        typer.echo(json.dumps({"id": asked.id, "ranking": ranking}, ensure_ascii=False))
    return code
