"""A question for an overview of one document, named by its title or file: "What is the lease about?"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graphrag_lite.query.asked import read_question
from graphrag_lite.query.headings import label_of
from graphrag_lite.query.route import asks_for_overview
from graphrag_lite.records import Passage
from graphrag_lite.text.normalize import has_cjk, title_forms

_ASKS = re.compile(
    r"\babout\b|\b(?:summar|synops|overview|outline|gist|plot|themes?\b|topics?\b|ideas?\b|messages?\b|contents?\b|covers?\b"
    r"|main\b|key\b|deals? with\b)|主要|内容|讲|总结|概[述括要]|归纳|大意|主题|要点|梗概",
    re.IGNORECASE,
)
_GAP = r"[\W_]{1,3}"  # also a bracket or a comma
_ARTICLE = re.compile(r"(?:the|an?)\s+(?=\w)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NamedDocument:
    """The document, what it is called, and what is asked of it: the question without that name."""

    document_id: str
    name: str
    rest: str

    @property
    def reason(self) -> str:
        """Why the answer is an overview of it."""
        return f"the question asks what “{self.name}” is about"


def asks_about_document(question: str) -> bool:
    """Whether a question has words that ask for an overview: only then is it worth to look for the document."""
    return _ASKS.search(question) is not None


def named_document(question: str, passages: Sequence[Passage]) -> NamedDocument | None:
    """The one document that a question names and wants an overview of; None where it wants something else.

    Args:
        question: As asked.
        passages: The best for it; the document is among theirs, since titles and names of files are searched.
    """
    if not asks_about_document(question):
        return None
    found: dict[str, dict[str, NamedDocument]] = {}
    for passage in {passage.document_id: passage for passage in passages}.values():
        for name in title_forms(label_of(passage).replace("_", " ")).values():
            rest = _without(question, name)
            if rest != question and asks_for_overview(read_question(rest)) and _names_something(name):
                named = NamedDocument(passage.document_id, name, rest)
                found.setdefault(name.lower(), {})[passage.document_id] = named
    longest = found[max(found, key=len)] if found else {}
    return next(iter(longest.values())) if len(longest) == 1 else None


def _without(question: str, name: str) -> str:
    """The question without a name; as it is where it does not hold it."""
    if has_cjk(name):
        return re.sub(rf"[《“「]?{re.escape(name)}[》”」]?", " ", question)
    words = list(_words(name))
    if not words:
        return question
    pattern = rf"[\"“']?\b(?:(?:the|an?) )?{_GAP.join(map(re.escape, words))}\b[\"”')]*"
    return re.sub(pattern, " ", question, flags=re.IGNORECASE)


def _words(name: str) -> Iterator[str]:
    yield from re.findall(r"[^\W_]+", _ARTICLE.sub("", name, count=1) if _ARTICLE.match(name) else name)


def _names_something(name: str) -> bool:
    """False for "main.md" and "documents.txt": questions for an overview hold such words anyway."""
    return not asks_for_overview(read_question(name))
