"""`grl retrieve`: ranked passages, for one question or a file of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphrag_lite.cli.options import KB, Json, TopK, Where, open_kb, readable
from graphrag_lite.cli.output import print_json
from graphrag_lite.cli.query import print_passages

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
            _rank_all(base, questions, top_k, where)
            return
        passages = base.retrieve(question or "", top_k=top_k, where=where)
    if as_json:
        print_json({"question": question, "passages": passages})
        return
    print_passages(passages)
    if not passages:
        typer.echo("No passage fits this question.")


def _rank_all(base: KnowledgeBase, file: Path, top_k: int | None, where: list[str] | None) -> None:
    """One JSON line a question."""
    from graphrag_lite.evaluate.questions import read_questions

    for asked in read_questions(file):
        ranking = [
            {"document_id": p.document_id, "chunk_id": p.chunk_id, "score": round(p.score, 6)}
            for p in base.retrieve(asked.question, top_k=top_k, where=where)
        ]
        typer.echo(json.dumps({"id": asked.id, "ranking": ranking}, ensure_ascii=False))
