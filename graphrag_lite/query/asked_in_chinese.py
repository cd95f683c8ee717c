"""What a Chinese question asks for, which has neither spaces nor capitals to tell its words of asking from the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from graphrag_lite.query.counting import COUNTERS
from graphrag_lite.text.chinese_words import Word, tagged
from graphrag_lite.text.lexicon import word_set
from graphrag_lite.text.normalize import has_cjk, terms

# Words about the collection and the asking, not about the matter.
_ASKING = re.compile(
    "发生[了过]?(?:什么|何)(?:事情?)?|后来怎么样了?|(?:[做干]|[讲说谈]的?是?)什么|是?什么意思|是?什么的(?:缩写|简称)|是?什么(?:职务|职位|身份)|(?:哪里|哪儿|什么地方)的?人(?![\u3400-\u9fff])|多[长少]时间|什么(?:时候|时间|地方|原因|名字|样|人)|什么|为什么|为何|何[时地处人种年]|哪里|哪儿|"
    "有(?=[哪几])|(?:周|星期|礼拜)几(?!点)|几点|几号(?![厅楼馆线机库门院房室车])|到(?=几)|"
    f"几(?:小时|分钟?|星期|礼拜|[周秒层行页章])|[哪几][{COUNTERS}]|哪[一几][{COUNTERS}]?|[花卖售值][了费]?多少钱|多少钱?|多久|多大|多(?=[长高远重深宽厚快])|怎么样|怎么办|怎样|怎么|如何|"
    "是谁|谁的|谁|是否|有没有|能不能|会不会|可不可以|要不要|能否|可否|请问|(?<![申邀])请(?!假|求)|主要|主题|讨论|提到|介绍|总结|概述|这些|那些|这批|文档|文章|资料|知识库(?=[里中有])|内容|(?<=[些批])文件|"
    "讲述|讲了|谈到|谈了|说了|有关|关于|以及|吗|呢|的|了|是"
)
# Words of grammar, cut out as the dictionary cuts them: 能 of 押金能退吗, and not that of 能源.
_GRAMMAR = word_set(
    "有 能 会 可 可以 能够 要 需 需要 应 应该 应当 必须 得 被 把 给 在 于 由 从 到 对 向 用 以 和 与 及 或 之后 之前 "
    "之内 之外 以后 以前 以内 后 前 内 中 里 下 上 时 每 每个 最少 最多 至少 就 才 也 都 还 一直 别人 自己"
)
_QUOTED = re.compile("[“《「『][^”》」』]*[”》」』]")
_DEFINES = re.compile(
    r"^什么是|^[^的]{1,16}是(?:什么(?![\u3400-\u9fff])|什么(?:意思|的缩写|的简称|职务|职位|身份|人|东西)|谁(?![\u3400-\u9fff]*的)|[做干]什么的)"
)
_WHO_IS = re.compile(r"^谁是([^，。？?谁什哪]{2,16})(?=[？?]*$)")
_DEFINITION_OF = re.compile(r"^(?:请问)?([^，。？?的]{2,16})的(?:定义|含义)(?:是什么)?(?=[？?]*$)")
# Whose what is asked for: 海州市的人口是多少
_ATTRIBUTE = re.compile(r"[^，,的]{2,}的([^，,的]{1,8}?)[是为有在叫由]{0,2}(?:谁|哪|什么|多|几|何)")
_STOP = Word(0, 0, " ", "")
_END = re.compile("的[？?]*$")
# What a question begins with, up to its first "的": 量子计算机的工作原理
_OPENING = re.compile(r"([\u3400-\u9fff]{3,12})(?=，)")


def asks_in_chinese(question: str) -> bool:
    """Whether a question has Chinese words of asking."""
    return _ASKING.search(question) is not None


def without_asking(question: str) -> str:
    """A question without its Chinese words of asking."""
    return _ASKING.sub(" ", question)


@lru_cache(maxsize=64)  # every line with a label asks for it
def matter_in_chinese(question: str) -> str:
    """A question without its words of asking and of grammar, so that no pair of characters stands across them."""
    rest = without_asking(question)
    quoted = [match.span() for match in _QUOTED.finditer(rest)]
    words = ((word.text, any(start < word.start < end for start, end in quoted)) for word in tagged(rest))
    return "".join(" " if text in _GRAMMAR and not is_quoted else text for text, is_quoted in words)


def as_definition_in_chinese(question: str) -> str:
    """A question for a definition in one form: 谁是院长 as 院长是谁, 院长的定义 as 院长是什么."""
    question = _WHO_IS.sub(r"\1是谁", question)
    return _DEFINITION_OF.sub(r"\1是什么", question)


def defines_in_chinese(question: str) -> bool:
    """Whether a question asks who or what something is."""
    return _DEFINES.search(question) is not None


def subject_in_chinese(question: str) -> str:
    """What is left of a question without the words of asking: that of a definition, where one is asked for."""
    return "".join(without_asking(question).split()).strip("？?。，")


def attribute_in_chinese(question: str) -> frozenset[str]:
    """Pairs of characters of what a question asks for of something: 人口 of 海州市的人口是多少."""
    match = _ATTRIBUTE.match(question)
    return frozenset(t for t in terms(match[1]) if len(t) > 1) if match else frozenset()


def owner_in_chinese(question: str) -> frozenset[str]:
    """Pairs of characters of whose attribute it asks for, where that is one step away: 海州市 of the same."""
    before, of, after = question.partition("的")
    is_one_step = bool(of) and "的" not in _END.sub("", after)
    return frozenset(t for t in terms(before) if len(t) > 1) if is_one_step else frozenset()


def opening_in_chinese(question: str) -> list[str]:
    """Pairs of characters of what a question begins with, which it is about."""
    match = _OPENING.match(without_asking(question.replace("的", "，", 1)).strip())
    return [t for t in terms(match[1]) if len(t) > 1] if match else []


def within_words(raw: Mapping[str, float], rarest: float) -> dict[str, float]:
    """Weights of terms without pairs of Chinese characters that are no word of the question.

    A pair that no text holds, beside one that some text does, is the end of one word and the beginning of the next.

    Args:
        raw: By term.
        rarest: The weight of what no text holds.
    """
    pairs = {t for t in raw if len(t) == 2 and has_cjk(t)}
    known = {t for t in pairs if raw[t] < rarest}
    ends, starts = {t[1] for t in known}, {t[0] for t in known}
    return {t: w for t, w in raw.items() if t not in pairs or t in known or (t[0] not in ends and t[1] not in starts)}


def words_in_chinese(question: str) -> Iterator[frozenset[str]]:
    """Terms of each word of what a question asks about; characters that stand alone in a row may be an unknown one."""
    loose = ""
    for word in [*tagged(matter_in_chinese(question)), _STOP]:
        if len(word.text) == 1 and has_cjk(word.text):
            loose += word.text
            continue
        yield from (frozenset(terms(text)) for text in (loose, word.text) if has_cjk(text))
        loose = ""
