"""Answers that say, in words of their own, that what a model was shown does not tell.

Models that are asked for one set phrase often explain themselves instead. Such a text is no answer, whatever it cites;
one that denies a part and tells the rest is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from graphrag_lite.text.variants import simplified

_LONGEST = 1500  # characters; who writes more has told something
_APOLOGY = re.compile(
    r"\A\W*(?:(?:i['’]?m|i am|we are) (?:very )?(?:sorry|afraid)[,.]?(?: but| that)?|sorry[,.]?(?: but)?"
    r"|unfortunately,?|as an? (?:large )?(?:ai|language)(?: language)?(?: model)?(?: assistant)?,?"
    r"|(?:the )?answer\s?[:：]|抱歉[，,。]?(?:但是?)?|对不起[，,。]?|很?遗憾[，,。]?|答案?\s?[:：]|回答\s?[:：])\s*",
    re.IGNORECASE,
)
_CONTRAST = re.compile(
    r"\b(?:but|however|although|though|yet|while|whereas|instead|except|apart from|other than)\b"
    r"|但|不过|然而|只|仅|而是|除了|虽然|[;；]",  # behind a semicolon stands the part that is told
    re.IGNORECASE,
)
_ALL = r"(?:(?:any|all|none|each) of )?(?:the|these|those|your|any)? ?"
_SHOWN = (  # what nobody but a reader of our prompt would speak of
    rf"{_ALL}(?:(?:provided|given|available|supplied|retrieved|numbered|above|following) )?"
    r"(?:passages?|contexts?|excerpts?|snippets?|points)(?: (?:provided|given|above|available))?"
    rf"|{_ALL}(?:provided|given|available|supplied|retrieved) (?:\w+ )?(?:documents?|sources?|texts?|information"
    r"|materials?|reports?|content|data|articles?)"
)
_DOCUMENTS = rf"{_ALL}(?:documents?|sources?|texts?|materials?|reports?|collection|knowledge base)"
_LACKS = (
    r"(?:(?:do|does|did|is|are|was|were|has|have)(?: not|n['’]t)"
    r"|(?:contain|provide|have|hold|offer|give|include|make)s? no|lacks?|fails? to|cannot|can['’]t)"
)
_TOLD = (
    r"(?:(?:mention|provide|describe|include|contain|cover|address|discuss|answer|indicate|explain|reveal|name|list|offer"
    r"|disclose|determine|state|clarif(?:y|ie)|specif(?:y|ie)|identif(?:y|ie))(?:e?d|s)?|gives?n?|find|found|available"
    r"|tells?|told|says?|said|holds?|held|ha(?:ve|s)|refers?)"
)
_NOUN = r"(?:information|mention|details?|data|answer|evidence|reference|indication|passage|statement)s?"
_I = (
    r"(?:i|we) (?:do not|don['’]t|cannot|can['’]t|could not|couldn['’]t|(?:am|are|was) (?:not able|unable) to)"
    r" (?:know|find|answer|determine|tell|say|locate|identify|have (?:enough|sufficient|any) information)\b"
)
_NOTHING = (
    r"(?:it (?:is|['’]s) (?:not possible|impossible|unclear)"
    r"|(?:this|the question|it) cannot be (?:determined|answered|found)"
    r"|the answer (?:is|was) not (?:provided|given|mentioned|stated|specified|found|available|known|contained|included)"
    rf"|(?:there (?:is|was|are|were) )?(?:no|not enough|insufficient) (?:[\w-]+ ){{0,4}}{_NOUN})\b"
)


def _english(shown: str, *, is_cited: bool) -> str:
    said_of = rf"[^.;]*\b(?:in|from|by|on) (?:{shown})" if is_cited else ""
    return (
        rf"(?:(?:based on|according to|from) )?(?:{shown})(?:,? | [^.;]{{1,40}} ){_LACKS}\b[^.;]*\b{_TOLD}\b"
        rf"|(?:none|neither|nothing)(?: of| in) (?:{shown})[^.;]*\b{_TOLD}\b"
        rf"|(?:{shown}) (?:contain|provide|have|hold|offer|give|include|make)s? no\b|(?:{shown}) lacks?\b"
        rf"|(?:based on|according to|from|in) (?:{shown}),? (?:{_I}|{_NOTHING})|{_I}|{_NOTHING}{said_of}"
        rf"|[^.;]*\b(?:not|n['’]t|never|nowhere) (?:\w+ ){{0,3}}{_TOLD} (?:\w+ ){{0,2}}(?:in|by|from) (?:{shown})"
    )


_LACKS_ZH = r"(?:没有?|并未|均未|都未|未能?|无法|不能|不含|不包含|不包括|缺乏|缺少|无)"
_TOLD_ZH = r"(?:提到|提及|说明|包含|提供|给出|涉及|记载|指出|回答|答案|信息|描述|介绍|交代|提|说|找到|确定|得知|内容)"
_SHOWN_ZH = (
    r"(?:所?提供|所?给出?|给定|上述|以上|现有|检索到)的?[^，。；]{0,6}?(?:段落|资料|材料|文档|信息|内容|文本|上下文|片段|要点)"
    r"|(?:这些|各个?|所有)?(?:段落|上下文|要点|片段)"
)
_DOCUMENTS_ZH = r"(?:这些|各个?|所有)?(?:文档|文本|资料|材料|文中|知识库|文件)"
_NOTHING_ZH = (
    r"我?(?:无法|不能|没法|未能|没能)(?:从[^，。；]{0,20})?(?:确定|回答|得知|判断|找到|提供|知道)|我?不知道|不得而知|无从得知"
    r"|(?:没有|未|并未)(?:找到|提供|提及|提到)|没有(?:[^，。；]{0,16})(?:信息|答案|记载)"
)


def _chinese(shown: str, *, is_cited: bool) -> str:
    alone = r"我(?:不知道|无法(?:回答|确定))" if is_cited else _NOTHING_ZH
    return (
        rf"(?:根据|从|在|基于)?(?:{shown})[^，。；]{{0,8}}?[，,]?(?:{_LACKS_ZH}[^。；]{{0,24}}?{_TOLD_ZH}|{_NOTHING_ZH})"
        rf"|无法(?:从|根据)(?:{shown})|{alone}"
        rf"|[^，。；]{{0,30}}(?:在|于)(?:{shown})[^，。；]{{0,4}}{_LACKS_ZH}[^。；]{{0,12}}?{_TOLD_ZH}"
    )


# What cites something has to say plainly that it speaks of what it was shown; "The reports do not name it" may be one
# of the facts.
_DENIED = {
    is_cited: re.compile(
        rf"[\s*_#>-]*(?:{_english(english, is_cited=is_cited)}|{_chinese(chinese, is_cited=is_cited)})", re.IGNORECASE
    )
    for is_cited, english, chinese in (
        (True, _SHOWN, _SHOWN_ZH),
        (False, rf"{_SHOWN}|{_DOCUMENTS}", rf"{_SHOWN_ZH}|{_DOCUMENTS_ZH}"),
    )
}


def denies(sentences: Sequence[tuple[str, bool]]) -> bool:
    """Whether a text is nothing but a denial: it begins with one, and cites nothing for anything else.

    Args:
        sentences: Each without its markers, and whether it has any.
    """
    told = [(text, cited) for text, cited in sentences if any(map(str.isalnum, text))]
    if sum(len(text) for text, _ in told) > _LONGEST or not told or told[-1][0].rstrip().endswith(("?", "？")):
        return False
    told = [(simplified(text), cited) for text, cited in told]
    first = _APOLOGY.sub("", told[0][0])
    if not any(map(str.isalnum, first)) and len(told) > 1:
        told, first = told[1:], told[1][0]
    return _is_denial(first, told[0][1]) and all(_is_denial(text, True) for text, cited in told[1:] if cited)


def _is_denial(sentence: str, is_cited: bool) -> bool:
    return bool(_DENIED[is_cited].match(sentence)) and not _CONTRAST.search(sentence)
