"""Answers to questions for the members of a kind: "Which companies appear …?", "Who are the main characters?"."""

from __future__ import annotations

import re
from collections.abc import Mapping

from graphrag_lite.query.asked import Asked
from graphrag_lite.query.extractive.answer import ExtractiveAnswer
from graphrag_lite.query.extractive.themes import Statement, write
from graphrag_lite.query.search import Search
from graphrag_lite.text.boilerplate import is_notice
from graphrag_lite.text.informative import informativeness, leans, without_speaker
from graphrag_lite.text.lexicon import POLITE_TITLES, RELATIVE_TITLES
from graphrag_lite.text.lexicon_zh import CHINESE_HEADS
from graphrag_lite.text.normalize import fold, has_cjk, terms
from graphrag_lite.text.sentences import sentence_spans
from graphrag_lite.text.variants import simplified

_TITLES = POLITE_TITLES - RELATIVE_TITLES  # Mrs. Cratchit is not any Cratchit
_MEMBERS = 8
_LEAST_MEMBERS = 2
_PASSAGES = 12  # of each member
_LONGEST = 300
_FOREIGN = 0.3
_KINDS: Mapping[str, re.Pattern[str]] = {
    "person": re.compile(
        r"(?i)\b(?:(?:main |key |important )?characters?|protagonists?|(?:which|what|main|key|important|the|all) people"
        r"|(?:which|main|key|important) persons?|who (?:are|is) (?:the )?(?:people|persons))\b"
        r"|(?:哪些|主要|重要)(?:的)?(?:人物?|角色)|人物有|主角"
    ),
    "organization": re.compile(
        r"(?i)\b(?:companies|organi[sz]ations|firms|businesses|institut(?:es|ions)|corporations|agencies)\b"
        r"|公司|企业|机构|组织|单位"
    ),
    "place": re.compile(r"(?i)\b(?:places|locations|cities|towns|countries|settings?)\b|地点|地方|城市|国家|地区"),
    "event": re.compile(r"(?i)\b(?:events|wars|battles)\b|事件|战争|战役"),
}
# A narrower kind: 哪些大学, of which 大学 ends the names.
_HEAD_CJK = re.compile(rf"哪(?:些|几[所家个座条])({'|'.join(sorted(h for h in CHINESE_HEADS if len(h) > 1))})")
_COMPANIES = re.compile(r"(?i)\b(?:compan(?:y|ies)|firms|businesses|corporations)\b|公司|企业")
_NO_COMPANY = re.compile(
    r"(?i)\b(?:party|board|office|ministry|council|committee|commission|trust|university|college|school|institute|church|army"
    r"|court|parliament|congress|senate|union|league|association|society|federation|foundation|inspectorate|team|agency"
    r"|department|government|police|museum|hospital|academy|association|nations|club)\b"
    r"|党|政府|委员会|政协|大学|学院|学校|医院|法院|协会|足协|联合会|联盟|国家队|队$|研究所|部$|局$|会$|中学|博物馆|军$"
)
_ASKING = re.compile(
    r"(?i)^(?:which|what|who|list|name|give|show)\b|有哪些|哪些|哪几|是谁|都有谁|列出|主要人物|什么(?:公司|机构|地方|人物)"
)
# What such a question may say besides the kind itself.
_BESIDES = frozenset(
    terms(
        "appear appears appearing mention mentioned occur occurs listed involved included play plays name named main "
        "important central key most often character characters protagonist people persons company companies firm firms "
        "organisation organisations organization organizations institute institutes institution institutions business "
        "businesses corporations agencies agency places place location locations city cities town towns country "
        "countries setting settings all every event events war wars battle battles story stories novel tale "
        "collection corpus"
    )
)
_BESIDES_CJK = re.compile(
    "文中|书中|文档|文章|出现|涉及|提及|提到|重要|人物|角色|主角|公司|企业|机构|组织|单位|地点|地方|城市|国家|地区|事件|战争|战役|故事|小说|里面|其中|都|有|中|里|列出|所"
)


def kind_asked(asked: Asked) -> str:
    """The type of entity whose members a question wants; "" where it asks for anything else."""
    head = _head_asked(asked)
    kind = next((kind for kind, pattern in _KINDS.items() if pattern.search(asked.text)), CHINESE_HEADS.get(head, ""))
    if not kind or not _ASKING.search(asked.text.strip()):
        return ""
    if asked.is_chinese:
        beside = "".join(_BESIDES_CJK.findall(asked.text)) + head
        rest = [t for t in asked.terms if len(t) > 1 and not set(t) <= set(beside)]
        return "" if rest else kind
    return "" if asked.terms - _BESIDES else kind


def _head_asked(asked: Asked) -> str:
    head = _HEAD_CJK.search(asked.text) if asked.is_chinese else None
    return head[1] if head and not any(pattern.search(head[1]) for pattern in _KINDS.values()) else ""


def listing(search: Search, asked: Asked, kind: str) -> ExtractiveAnswer | None:
    """The members that most passages name, each with the sentence that says most about it.

    Returns:
        None where too few are known.
    """
    session = search.session
    head = _head_asked(asked)
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
    found.sort(key=lambda s: has_cjk(s.text[:40]) != asked.is_chinese)
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
            score *= 1.0 if has_cjk(text[:40]) == asked.is_chinese else _FOREIGN
            if score > 0:
                found.append(Statement(text, passage, start, end, name, passage.document_id, said, score))
    return max(found, key=lambda s: (s.score, -s.start), default=None)
