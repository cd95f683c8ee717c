"""The asynchronous methods of a knowledge base give what the others give."""

from __future__ import annotations

import asyncio
from pathlib import Path

from graphrag_lite import Document, KnowledgeBase

TEXTS = {
    "pump": "Ottoline Farrar designed the Bittern 90, a pump for eel passes.",
    "yard": "Ottoline Farrar learned her trade at Thorsby Yard from Edmund Vashley.",
    "haven": "Edmund Vashley of Thorsby Yard was born in Kelder Haven.",
}
QUESTION = "Who designed the Bittern 90?"


def test_what_is_asked_off_the_event_loop_is_what_is_asked_on_it(tmp_path: Path) -> None:
    async def ask(kb: KnowledgeBase) -> tuple[object, ...]:
        await kb.aindex([Document(text, id=name) for name, text in TEXTS.items()])
        passages = await kb.aretrieve(QUESTION, mode="basic", top_k=2)
        return passages, (await kb.aquery(QUESTION, mode="basic")).text

    with KnowledgeBase(tmp_path / "kb", settings={"embedding": {"model": "none"}}) as kb:
        passages, text = asyncio.run(ask(kb))
        assert passages == kb.retrieve(QUESTION, mode="basic", top_k=2)
        assert text == kb.query(QUESTION, mode="basic").text
