"""Answers to questions for the members of a kind: "Which companies appear …?", "Who are the main characters?"."""

from __future__ import annotations

import re

from graphrag_lite.query.asked import Asked
from graphrag_lite.query.extractive.answer import ExtractiveAnswer
from graphrag_lite.query.extractive.themes import Statement, write
from graphrag_lite.query.kinds import head_asked
from graphrag_lite.query.search import Search
from graphrag_lite.text.boilerplate import is_notice
from graphrag_lite.text.informative import informativeness, leans, without_speaker
from graphrag_lite.text.lexicon import POLITE_TITLES, RELATIVE_TITLES
from graphrag_lite.text.normalize import fold, terms
from graphrag_lite.text.sentences import sentence_spans
from graphrag_lite.text.variants import simplified

_TITLES = POLITE_TITLES - RELATIVE_TITLES  # Mrs. Cratchit is not any Cratchit
_MEMBERS = 8
_LEAST_MEMBERS = 2
_PASSAGES = 12  # of each member
_LONGEST = 300
_FOREIGN = 0.3
_COMPANIES = re.compile(r"(?i)\b(?:compan(?:y|ies)|firms|businesses|corporations)\b|公司|企业")
_NO_COMPANY = re.compile(
    r"(?i)\b(?:party|board|office|ministry|council|committee|commission|trust|university|college|school|institute|church|army"
    r"|court|parliament|congress|senate|union|league|association|society|federation|foundation|inspectorate|team|agency"
    r"|department|government|police|museum|hospital|academy|association|nations|club)\b"
    r"|党|政府|委员会|政协|大学|学院|学校|医院|法院|协会|足协|联合会|联盟|国家队|队$|研究所|部$|局$|会$|中学|博物馆|军$"
)


def listing(search: Search, asked: Asked, kind: str) -> ExtractiveAnswer | None:
    """The members that most passages name, each with the sentence that says most about it.

    Returns:
        None where too few are known.
    """
    session = search.session
    head = head_asked(asked)
    wants_companies = _COMPANIES.search(asked.text) is not None
    found: list[Statement] = []
    for entity, name in session.frequent_entities(search.rows, kind, most=6 * _MEMBERS):
        if (wants_companies and _NO_COMPANY.search(name)) or not simplified(name).endswith(head):
            continue
        best = _introduction(search, asked, entity, name)
        if best is not None:
            found.append(best)
        if len(found) == _MEMBERS:
            break
    if len(found) < _LEAST_MEMBERS:
        return None
    found.sort(key=lambda s: not asked.is_in_language_of(s.text))
    return write(asked, {s.theme: [s] for s in found}, search.document_count, what=kind)


def _introduction(search: Search, asked: Asked, entity: int, name: str) -> Statement | None:
    """The sentence that says most about an entity; None where none names it."""
    found = []
    known = frozenset(terms(" ".join(w for w in name.split() if fold(w).strip(".") not in _TITLES) or name))
    for rank, chunk_id in enumerate(search.session.passages_of_entity(entity, _PASSAGES)):
        passage = search.passage(chunk_id)
        if passage is None or is_notice(passage.text):
            continue
        for start, end in sentence_spans(passage.text):
            text = passage.text[start:end]
            said = frozenset(terms(text))
            if len(text) > _LONGEST or not known <= said:
                continue
            bare = without_speaker(text)
            is_subject = known <= frozenset(terms(bare[: len(name) + 12]))
            score = (
                informativeness(text) * (2.0 if is_subject else 1.0) * (0.4 if leans(text) else 1.0) / (1 + 0.1 * rank)
            )
            score *= 1.0 if asked.is_in_language_of(text) else _FOREIGN
            if score > 0:
                found.append(Statement(text, passage, start, end, name, passage.document_id, said, score))
    return max(found, key=lambda s: (s.score, -s.start), default=None)
