"""What every answer without a model is, and the words in which it says that the answer is not known."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from graphrag_lite.query.asked import Asked, question_language
from graphrag_lite.records import Citation

_NOT_CHINESE = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class ExtractiveAnswer:
    """An answer made of quotations.

    `is_supported` is False when it says that the answer is not known; its citations are then the closest passages.
    """

    text: str
    citations: tuple[Citation, ...]
    is_supported: bool


def unknown(asked: Asked, mode: str, document_count: int, *, is_near: bool = False) -> str:
    """That the answer is not known and what was searched, in the language of the question.

    `is_near`: passages were found that speak of what is asked.
    """
    if _speaks_chinese(asked):
        searched = f"检索了 {document_count} 篇文档" if document_count else "检索了知识库"
        why = "没有一处明确说出答案" if is_near else "没有找到能够支持答案的内容"
        return f"我不知道：{searched}（{mode} 模式），{why}。"
    searched = f"{document_count:,} documents" if document_count > 1 else "the documents"
    why = "that says it for certain" if is_near else "that supports an answer"
    return f"I do not know: I searched {searched} (mode {mode}) and found no passage {why}."


def not_certain(asked: Asked, closest: ExtractiveAnswer, mode: str, document_count: int) -> ExtractiveAnswer:
    """That the answer is not known, and then what comes closest, named so."""
    count = len(closest.citations)
    if _speaks_chinese(asked):
        lead = f"最接近的{'一' if count == 1 else '两'}段："
    else:
        lead = " The closest passage says: " if count == 1 else " The closest passages say: "
    return replace(
        closest, text=unknown(asked, mode, document_count, is_near=True) + lead + closest.text, is_supported=False
    )


def is_unknown(text: str) -> bool:
    """Whether an answer says, in words of `unknown`, that it is not known."""
    return text.startswith(("I do not know", "我不知道"))


def nothing_permitted(asked: Asked) -> str:
    """That no document passes the filter of a question, in its language."""
    if _speaks_chinese(asked):
        return "我不知道：没有文档符合筛选条件。"
    return "I do not know: no document passes the filter."


def _speaks_chinese(asked: Asked) -> bool:
    """False for Japanese and Korean, and where an English question merely holds a Chinese name."""
    return asked.is_chinese and question_language(asked.text) == "zh" and not _NOT_CHINESE.search(asked.text)
