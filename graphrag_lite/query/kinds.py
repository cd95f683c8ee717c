"""The kind of things all of which a question wants: "Which companies appear …?", "Who are the main characters?"."""

from __future__ import annotations

import re
from collections.abc import Mapping

from graphrag_lite.query.asked import Asked
from graphrag_lite.query.clauses import is_plural
from graphrag_lite.text.lexicon_zh import CHINESE_HEADS
from graphrag_lite.text.normalize import terms

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
_ASKING = re.compile(
    r"(?i)^(?:which|what|who|list|name|give|show)\b|有哪些|哪些|哪几|是谁|都有谁|列出|主要人物|什么(?:公司|机构|地方|人物)"
)
_SEVERAL = re.compile(r"(?i)\b(?:which|what) (?:(?:are|were)\b|(?P<noun>[a-z-]+))|哪些|哪几|有什么")
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
    "文中|书中|文档|文件|文章|资料|知识库|这批|出现|涉及|提及|提到|重要|人物|角色|主角|公司|企业|机构|组织|单位|地点|地方|城市|国家|地区|事件|战争|战役|故事|小说|里面|其中|都|有|中|里|列出|所"
)


def asks_for_several(question: str) -> bool:
    """Whether a question wants several things, of which a list may tell: "Which lamps are lit?", 有哪些灯."""
    match = _SEVERAL.search(question)
    return match is not None and (match["noun"] is None or is_plural(match["noun"].lower()))


def kind_asked(asked: Asked) -> str:
    """The type of entity whose members a question wants; "" where it asks for anything else."""
    head = head_asked(asked)
    kind = next((kind for kind, pattern in _KINDS.items() if pattern.search(asked.text)), CHINESE_HEADS.get(head, ""))
    if not kind or not _ASKING.search(asked.text.strip()):
        return ""
    if asked.is_chinese:
        beside = "".join(_BESIDES_CJK.findall(asked.text)) + head
        rest = [t for t in asked.terms if len(t) > 1 and not set(t) <= set(beside)]
        return "" if rest else kind
    return "" if asked.terms - _BESIDES else kind


def head_asked(asked: Asked) -> str:
    """The noun that the names of a narrower kind end in, as 大学 does of universities; "" where none is asked."""
    head = _HEAD_CJK.search(asked.text) if asked.is_chinese else None
    return head[1] if head and not any(pattern.search(head[1]) for pattern in _KINDS.values()) else ""
