"""What a question wants to hear of its topic, and the words by which a sentence says it.

"What caused …" is answered by "broke because", not by the word "cause"; "how well did it work" by figures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

_ASPECTS: tuple[tuple[str, str], ...] = (
    (
        r"causes?|caused|reasons?|why|led to|lay behind|origins?|原因|起因|为什么|为何",
        r"because|caused?|due to|owing to|led to|result(?:ed)? (?:of|from|in)|fail(?:ed|ure|s)|broke|broken"
        r"|worn|missing"
        r"|without|had not|was not|were not|faulty|由于|因为|因此|导致|造成|引起|失效|未[能曾经按]|没有|没能",
    ),
    (
        r"(?:was|were|been|what|has|have) changed|changes|improve\w*|measures?|done|steps?|actions?"
        r"|respon[ds]\w*|remed\w+|reforms?|solutions?"
        r"|改进|措施|整改|改善|改变|变化|做了|采取|解决|应对",
        r"(?:re(?:new|plac|design|built|train|organi[sz])\w*|chang(?:ed|es)|introduc\w+|install\w*|fitted|added"
        r"|doubled|bann?ed|stopped|moved|adopted|agreed|ordered|decided|improved|restored|repaired|no longer"
        r"|from now on|must|has since|have since"
        r"|in future)|改[为用装成]|新增|增[加设至]|加装|推行|停[止用]|更换|实行|建立"
        r"|规定|取消|改进|从此|今后|不再",
    ),
    (
        r"how well|results?|outcomes?|success\w*|effective\w*|achiev\w+|efficacy|work(?:ed)? out|结果|成果"
        r"|成效|效果|收获",
        r"\d[\d.,]*\s?(?:%|％|per cent|percent)|(?:rose|risen|fell|fallen|grew|grown|increas\w+|decreas\w+|reduc\w+"
        r"|doubled|halved|recover\w+|improved|spread|survived|succeed\w*|success\w*|worked|failed|returned)"
        r"|由[^。]{0,12}升|升[到至]|降[到至]|增[长到至]|达到|恢复|成功|成活|提高",
    ),
    (
        r"challenges?|problems?|difficult\w*|obstacles?|barriers?|struggles?|concerns?|worr\w+|risks?|dangers?|fears?"
        r"|挑战|困难|问题|障碍|风险|担忧|难点",
        r"challeng\w+|problems?|difficult\w*|hard(?:er|est)?|struggl\w+|obstacles?|barriers?|lack(?:s|ed)?"
        r"|risk\w*|worr\w+"
        r"|fears?|concern\w*|never easy|挑战|困难|难以|很难|最难|问题|风险|担心|不足|缺乏",
    ),
    (
        r"weakness\w*|faults?|defects?|failures?|failings?|shortcomings?|mistakes?|errors?|flaws?"
        r"|deficienc\w+|went wrong"
        r"|弱点|缺陷|不足|失误|错误|漏洞|缺点",
        r"fail(?:ed|ure|s)|fault\w*|broke|broken|burst|worn|wore|flat|loose|mistak\w+|wrong|bypassed"
        r"|overdue|out of date"
        r"|years old|not been|had not|no(?:body| one)|believed the other|never|neglect\w*|失效|损坏|磨损"
        r"|过期|没有|未[能曾经按]",
    ),
    (
        r"nobody|no one|ignor\w+|neglect\w*|overlook\w*|unheeded|disregard\w*|warnings?|没人|无人|忽视|忽略"
        r"|预兆|征兆",
        r"no(?:body| one)|ignor\w+|overlook\w+|unread|unnoticed|noticed|warn\w+"
        r"|not (?:asked|told|reported|acted|read)"
        r"|did not|没有人|没人|无人|没有[引上报]|忽视|忽略|未[引报]",
    ),
    (
        r"(?:hand|pass)(?:ed|ing|s)? (?:down|on)|apprentic\w*|teach\w*|taught|learn\w*|train\w*|educat\w*"
        r"|generations?"
        r"|传授|传承|师徒|培养|教育|学徒|教学",
        r"taught|teach\w*|apprentic\w*|learn\w*|train(?:ed|ing|ee)|pupils?|students?|schools?"
        r"|master(?:ed)? (?:the|his|her)"
        r"|educat\w+|mentor\w*|years under|师[傅父从]|徒弟|学徒|拜师|教[了会给]|学[了会到]|传授|培养|带出",
    ),
    (
        r"future|outlook|prospects?|predict\w*|forecasts?|coming years|未来|前景|展望|将来",
        r"future|will|going to|years from now|someday|predict\w*|expect\w*|eventually|hope\w*"
        r"|未来|将来|今后|将会",
    ),
    (
        r"connect\w*|link(?:s|ed)?|relat(?:ed|ions?\w*)|ties?|bound|co-?operat\w*|collaborat\w*|partner\w*"
        r"|合作|联系|关系|往来|交流",
        r"co-?operat\w+|collaborat\w+|partner\w*|agreements?|signed|together|joint\w*|visit\w*|exchang\w*|friends?\w*"
        r"|suppl(?:y|ied|ies)|programme|合作|联合|签[署订约]|交流|互访|共同|双方|伙伴|来往",
    ),
    (
        r"chang(?:e[ds]?|ing)|evolv\w*|develop(?:s|ed|ment)?|transform\w*"
        r"|演变|转变|变成|发展",
        r"became|become|no longer|never (?:again|before)|used to|from that|turned into|a better|a worse"
        r"|chang\w+|transform\w+|another man|new man|成为|变成|不再|从此|开始|后来|曾经|转变",
    ),
)


@cache
def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?i)(?<![a-z])(?:{words})(?![a-z])")


def aspects_of(question: str) -> Mapping[str, re.Pattern[str]]:
    """What a question wants to hear: by the words that ask for it, the pattern of what says it."""
    found = ((" ".join(m.group() for m in _pattern(asking).finditer(question)), saying) for asking, saying in _ASPECTS)
    return {words: _pattern(saying) for words, saying in found if words}
