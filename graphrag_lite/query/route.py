"""Which mode a question wants, and why."""

from __future__ import annotations

import re

from graphrag_lite.errors import QuestionError
from graphrag_lite.query.asked import Asked, read_question
from graphrag_lite.query.kinds import kind_asked
from graphrag_lite.query.options import option_asked
from graphrag_lite.text.normalize import terms

MODES = ("auto", "basic", "local", "global")

# Words that ask for a picture of many documents rather than for a fact.
_WHOLE = re.compile(
    r"\b(?:themes?|topics?|trends?|overall|overview|summar\w+|in general|main (?:points?|ideas?|issues?|concerns?)"
    r"|across (?:all|the|these|different)|commonly|recurring|recur|patterns|perspectives? on|opinions? (?:on|about|of)"
    r"|views? (?:on|about|of)|(?:chang|evolv|develop|shift)\w* (?:over|during|in|throughout|through|in the course of)"
    r" (?:the )?(?:course of |whole )*(?:the )?(?:years|time|decades|centuries|story|book|novel|tale|play)"
    r"|what (?:is|was|has been) (?:said|written) (?:about|of|on)"
    r"|(?:dis)?agree with (?:one another|each other))\b"
    r"|主题|总体|概述|概括|总结|综述|归纳|趋势|整体|哪些方面|主要(?:观点|问题|议题|话题)|有哪些(?:共同|主要)|普遍|反复出现",
    re.IGNORECASE,
)
# The collection itself: its parts and the voices in it.
_COLLECTION = re.compile(
    r"\b(?:guests|speakers|participants|experts|leaders|interviewees|authors|episodes?|conversations?|discussions?"
    r"|interviews|transcripts?|podcasts?|corpus|collection"
    r"|(?:opinions?|views?) (?:expressed|presented)|(?:frequently|often|commonly|consistently|typically) (?:mentioned"
    r"|discussed|presented|cited|highlighted|identified|correlated)"
    r"|(?:are|is) (?:\w+ ){0,2}?(?:mentioned|discussed|presented|expressed|highlighted|suggested|emphasi[sz]ed)"
    r"|(?:these|the|all) (?:documents|texts|articles|papers|files|reports))\b"
    r"|这[些批](?:文档|文件|访谈|文章|资料|对话|材料|报告)|(?:所有|全部)(?:的)?(?:文档|文件|资料|报告|文章|访谈)|知识库[里中]|各篇|嘉宾|受访者|访谈中"
    r"|这本书|本书|全书|这部(?:小说|书)|文集",
    re.IGNORECASE,
)
# Many things, or how things are: "What obstacles …", "Are there …", "How do companies …", "the role of …".
_MANY = re.compile(
    r"^(?:are there|do (?:any )?\w+s|what are|(?:what|which) (?:\w+[ -]){0,3}?\w{3,}(?<![suai])s"
    r"|how (?:do|are) (?:\w+ ){0,2}?\w{2,}s|how (?:do|does|is|are) (?!i\b|you\b)(?!the\b))\b"
    r"|\b(?:roles?|impacts?|influences?|importance|significance|implications?|effects?) of\b"
    r"|看法|观点|作用|影响|意义|哪些(?:原因|教训|措施|做法|变化|成果|特点|优势|困难|问题|方面)",
    re.IGNORECASE,
)
# One thing that the asker has in mind: "the lake", "the float switch". "The role of …" is none.
_ONE_THING = re.compile(
    r"\bthe (?!(?:most|main|key|best|worst|same|other|next|future|past|present|role|impact|influence|importance"
    r"|significance|implication|effect|way|world|media|internet|public|environment|economy|industry|field)\b)\w+(?<!s)\b",
    re.IGNORECASE,
)
_SITUATED = re.compile(r"\b(?:in|at|within|around) (?:the )?[A-Z][\w'’-]*(?: [A-Z][\w'’-]*)*")
# What a question for an overview says besides the words of asking, which `read_question` leaves out.
_OVERVIEW = frozenset(
    terms(
        "come comes again up message idea ideas point points gist plot synopsis outline novel tale all every "
        "report reports paper papers file files record records entry entries section sections chapter chapters "
        "lot most whole entire repeatedly cover covers covered deal deals contain contains"
    )
)
# "Summarise this contract.", though not "What happened this year?"
_THIS = re.compile(r"(?i)\bthis ((?!year|month|week|day|morning|afternoon|evening|time|century|decade)\w+)")
_OVERVIEW_CJK = re.compile(
    r"[这该那本](?:一?[份篇部本个套些])?(?:手册|说明书?|合同|协议|公告|通知|年报|条例|法规|规定|纪要|论文|报道|新闻|记录|指南|教程|方案|文件|文字"
    r"|文档|文章|资料|材料|报告|小说|故事|书)"
    r"|这本书|本书|全书|这部|小说|故事|材料|报告|访谈|文集|各篇|全部|所有|总体|整体|整个|概括|概述|总结|归纳|综述|梗概|大意"
    r"|(?:一共|总共)?有?(?:多少|几)[篇份个](?=文|资料|材料|报告)|这批|知识库|里面?"
    r"|主要|共同|主题|话题|议题|内容|文档|文件|文章|资料|有|哪些|什么|是|讲|了|的|一下|请|这个|这些|那些|吗|呢|中|里|都|关于|说|谈|与|和|给出|给"
)
# Three things at once: "What was done for A, by whom, and how well?", "How is X bound to Y by a, b and c?".
_SEVERAL = re.compile(
    r"^(?:what|how)\b(?! (?:many|much|old|long|far|tall|high|deep)\b).*?,(?-i:(?!\s*[A-Z]))[^,]+(?:,|,? and)\b",
    re.IGNORECASE,
)
_SEVERAL_CJK = re.compile(
    r"(?:[做干]了|采取了?|进行了?|有过)哪些(?!人|公司|企业|机构|地方|国家|城市)\w{2,}|(?:(?:怎样|怎么|如何|哪些|什么|谁|为何|为什么).*){3}"
)
_PARTICULAR = re.compile(r"\b(?:did|was|were|had|i|my)\b|\d", re.IGNORECASE)  # what happened once, or to the asker
_OF_ALL = "the question asks about the whole collection"
_VALUES = ("person", "date", "number", "place")


def choose_mode(question: str, mode: str, *, has_reports: bool, names_entities: bool) -> tuple[str, str]:
    """The mode to run, and the reason where `auto` chose it.

    Args:
        question: As asked.
        mode: What the caller wants.
        has_reports: Whether there is any community report.
        names_entities: Whether the question names an entity of the knowledge base.

    Raises:
        QuestionError: There is no such mode.
    """
    if mode == "drift":
        raise QuestionError("mode 'drift' needs a language model. Set llm.model, or ask with mode 'local' or 'global'")
    if mode not in MODES:
        raise QuestionError(f"no mode {mode!r}. There are: {', '.join(MODES)}, and drift with a language model")
    if mode != "auto":
        return mode, ""
    if has_reports and (why := _wholeness(question, names_entities)):
        return "global", why
    if names_entities:
        return "local", "the question names entities of the graph"
    return "local", "the question asks for a fact"


def asks_for_overview(asked: Asked) -> bool:
    """True for a question that names nothing to look for: what the collection, or the book, is about."""
    if asked.is_chinese:
        return not any(map(str.isalnum, _OVERVIEW_CJK.sub("", asked.text)))
    return not asked.terms - _OVERVIEW - frozenset(terms(" ".join(_THIS.findall(asked.text))))


def _wholeness(question: str, names_entities: bool) -> str:
    """Why the question wants a picture of the whole; "" when it does not."""
    asked = read_question(question)
    question = asked.text
    if option_asked(question):
        return ""
    if kind_asked(asked):
        return "the question asks for all of a kind"
    if asks_for_overview(asked):
        return "the question names nothing to look for"
    if _WHOLE.search(question) or _COLLECTION.search(question):
        is_named = bool(asked.name_terms) and names_entities and asked.kind in _VALUES
        is_event = asked.kind in ("person", "date") and _PARTICULAR.search(question)
        return "" if is_named or is_event else _OF_ALL
    if (_SEVERAL_CJK if asked.is_chinese else _SEVERAL).search(question):
        return "the question asks for several things at once"
    situated = _SITUATED.sub(" ", question)  # "in Kelder Haven" says where many things are, and names none of them
    is_situated = situated != question
    is_named = bool(read_question(situated).name_terms) and not asked.is_chinese  # Chinese names have no capitals
    is_open = not is_named and (is_situated or not names_entities) and asked.kind not in _VALUES
    is_one = _PARTICULAR.search(situated) or _ONE_THING.search(situated)
    if is_open and not is_one and _MANY.search(question.strip()):
        return "the question names nothing in particular and asks for no single fact"
    return ""
