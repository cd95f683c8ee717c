"""Names in Chinese text: parts of speech, quotation marks, class nouns at the end, surnames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from graphrag_lite.text.chinese_firms import Firm, firms
from graphrag_lite.text.chinese_persons import PERSON, cued_persons, is_given, surname_size, with_persons
from graphrag_lite.text.chinese_words import HAN, HAN_RUN, Word, is_known, tagged
from graphrag_lite.text.late import late
from graphrag_lite.text.lexicon import word_set
from graphrag_lite.text.lexicon_zh import (
    CHINESE_HEADS,
    COUNTERPARTS,
    DOUBLE_SURNAMES,
    GLUED_CHARACTERS,
    HONORIFICS,
    KNOWN_PLACES,
    NO_NAMES,
    ORDINARY_CHINESE,
    PERSON_AFTER,
    PERSON_BEFORE,
    PLACE_BEFORE,
    SURNAMES,
    TRADES,
)
from graphrag_lite.text.normalize import joined
from graphrag_lite.text.variants import simplified

# Why two names are one thing, where the text says so in words.
IN_BRACKETS, IN_CLAUSE, STYLE = "alias in brackets", "alias in a clause", "style or pen name"
_TITLE_MARKS = late(r"《([^《》\n]{1,40})》")
_QUOTES = late(r"[「『“]([^「」『』“”\n，。！？；：、]{2,16})[」』”]")
# With a place in brackets inside, as firms have.
_LONG = rf"[{HAN}A-Za-z0-9·]{{2,20}}[（(][{HAN}]{{2,6}}[）)][{HAN}]{{2,12}}|[{HAN}A-Za-z0-9·]{{3,24}}"
_BRACKETED = late(rf"({_LONG})[（(]([^（）()\n]{{3,120}})[）)]")
_CALLED = late(
    "(?:简称|下称|又称|又名|也称|亦称|别名|别称|缩写|英文名?|英语|全称)(?:署名)?[作为是：:]?([^，,；;]{2,80})(?=[，,；;]|$)"
)
# 北京大学，简称北大，; 中文名称为蓝海精工股份有限公司，中文简称蓝海精工，
_SAID_ALIAS = late(
    rf"({_LONG})[，,](?:中文|以下|公司)?(?:简称|又称|又名|亦称|别称)[作为是：:]?[“「『\"《]?"
    rf"([{HAN}A-Za-z0-9]{{2,12}})[”」』\"》]?(?=[，,。；）])"
)
_EITHER = late("或者?|、")
_OTHER = late(rf"\s*[“「『\"《]?([{HAN}A-Za-z0-9· .&-]{{2,40}})[”」』\"》]?\s*")
_GLOSS = late(
    rf"([{HAN}·]{{2,24}})[》」』”]?[（(](?:英文|英语|英文名|英语名)?[：:]?\s*"
    r"([A-Z][A-Za-z0-9'’.&-]*(?:[ ][A-Za-z0-9'’.&-]+){0,7})"
    r"(?:，[^）)]*|,[^）)]*|；[^）)]*)?[）)]"
)
# 沈鸿渐（1897年生），字仲逸，号石帆; 姓陆名谦，字子敬
_STYLED = late(
    rf"(?:姓(?P<surname>[{HAN}]{{1,2}})[，,]?名(?P<given>[{HAN}]{{1,2}})|(?<![{HAN}])(?P<name>[{HAN}]{{2,4}}))"
    rf"(?:[（(][^（）()\n]{{0,80}}[）)])?[，,]?表?字(?P<style>[{HAN}]{{2}})(?=[，,。；、（(])"
    rf"(?:[^。；\n号]{{0,12}}[，,、]\w?号(?P<by>[{HAN}]{{2,6}})(?=[，,。；、（(]))?"
)
_NOMINAL = word_set("n nr ns nt nz nrt nrfg ng j eng vn b s an")
_VERBAL = word_set("v vn vd")
_FIRST = word_set("n nr ns nt nz nrt nrfg j eng")
_PROPER = word_set("nr ns nt nrt nrfg eng")
_FIRMS = word_set("有限公司 股份 股份有限公司 有限责任公司 公司 集团 集团公司")
_BEFORE_NAMES = COUNTERPARTS | word_set("经 诉 现任 时任 所在地")
_BRANCHES = word_set("子公司 分公司 总公司 母公司 全资")
_CLASSES = word_set("机构 单位 企业 部门 厂商 客户")
_OFFICES = word_set("委员会 局 管理局")
_MOST_WORDS = 9
_UNKNOWN = word_set("不详 未详 不明 失传")
_JOINING = word_set("和 与 跟 、")
_ORDINAL = late("第[一二三四五六七八九十]+")
_GIVEN = word_set("n nr nrt nz ng a ag an j b zg ns")
_DOTS = ("·", "・", "•", "‧")
_ADDRESSED = late(
    rf"(?:{'|'.join(DOUBLE_SURNAMES)}|[{''.join(sorted(SURNAMES))}])"
    rf"(?:{'|'.join(sorted(HONORIFICS, key=lambda title: (-len(title), title)))})"
)
# Characters that write foreign names, which the dictionary cuts anywhere.
_TRANSLITERATION = frozenset(
    "阿埃艾爱安奥巴白班邦保贝本比彼毕宾波伯博勃布查茨达戴丹当道得德登狄迪蒂丁杜顿多厄恩尔法范菲芬费丰冯弗佛夫"
    "福盖甘冈高戈哥格葛古瓜圭哈海汉豪赫亨洪侯胡华惠霍基吉加贾简杰金卡凯坎康考柯科克肯孔库奎拉莱赖兰朗劳勒雷里"
    "丽利莉连廉良列林琳灵刘留卢鲁路伦罗洛吕马玛迈麦曼芒毛梅门蒙孟米密明缪摩莫默姆穆拿纳娜南内尼宁纽农努诺欧帕"
    "派潘庞佩彭蓬皮平珀普齐奇恰钱强乔切琴琼让热日荣瑞若萨塞赛三桑瑟森沙山尚绍舍申圣施史士斯思松苏索塔泰坦汤唐"
    "陶特滕提廷图托瓦万旺威韦维魏温沃乌武西希锡夏香肖谢辛欣兴休雅亚延扬耶叶伊易因英尤于约赞泽扎詹珍朱佐治"
)


class Found(NamedTuple):
    """A candidate name. `is_strong`: one occurrence is enough."""

    start: int
    end: int
    type: str
    is_strong: bool


def chinese_names(text: str, start: int, end: int) -> Iterator[Found]:
    """Candidate names of the sentence `text[start:end]`; they may overlap, the longest comes first."""
    sentence, places = joined(text[start:end])
    for found in _names(sentence):
        yield found._replace(start=start + places[found.start], end=start + places[found.end - 1] + 1)


def _names(sentence: str) -> Iterator[Found]:
    for match in _TITLE_MARKS.finditer(sentence):
        if not _is_everyday(match.group(1)):
            yield Found(match.start(1), match.end(1), "work", True)
    quoted = set()
    for match in _QUOTES.finditer(sentence):
        if not _is_everyday(match.group(1)):
            quoted.add(match.span(1))
            yield Found(match.start(1), match.end(1), "", False)
    words = _unglued(tagged(sentence))
    starts = {word.start for word in words}
    plain = "".join(word.text for word in words)
    if persons := cued_persons(plain, words):
        words = with_persons(plain, words, persons)
    for match in _ADDRESSED.finditer(plain):
        if match.start() in starts and not is_known(match.group()):  # 施工
            yield Found(match.start(), match.end(), "person", False)
    has_dots = any(dot in sentence for dot in _DOTS)
    limited = firms(words) if "公司" in plain or "集团" in plain else {}
    taken = -1
    for i, word in enumerate(words):
        if word.start < taken:
            continue
        found = (
            (has_dots and _dotted(words, i))
            or _firm(words, limited.get(i))
            or _headed(words, i)
            or _person(words, i)
            or _proper(words, i)
        )
        if found is not None:
            taken = found.end
            is_new = found.is_strong or found.type != "person" or found[:2] not in quoted  # 「林公井」
            if is_new and sentence[found.start : found.end] not in NO_NAMES:
                yield found


def _unglued(words: list[Word]) -> list[Word]:
    """The words, the verb or preposition that the tagger glued in front of a name cut off."""
    cut = []
    for i, word in enumerate(words):
        size = len(word.text)
        is_by = size > 1 and word.text[0] in "由经"  # no name begins with them
        is_glued = word.pos in _PROPER and size > 2 and word.text[0] in GLUED_CHARACTERS
        is_cut_off = word.pos == "n" and size == 2 and word.text[0] in "至于在到与和" and _goes_on(words, i)
        if word.pos in _PROPER and size > 2 and word.text.endswith("于"):  # 任教于
            word = word._replace(pos="v")
        elif (is_by or is_glued or is_cut_off) and not is_known(word.text):
            cut.append(Word(word.start, word.start + 1, word.text[0], "v"))
            word = Word(word.start + 1, word.end, word.text[1:], word.pos)
        cut.append(word)
    return cut


def _goes_on(words: list[Word], i: int) -> bool:
    """Whether a name goes on behind a word: 至雾 of 成都至雾山县."""
    return i + 1 < len(words) and words[i + 1].pos in _PROPER


def chinese_aliases(text: str) -> Iterator[tuple[str, str, str]]:
    """(long form, other name, reason) as brackets or a clause state them: 海星研究所（Starfish Institute）.

    The long form may carry words in front that do not belong to it: the caller cuts it to a known name.
    """
    read = simplified(text)
    for bracket in _BRACKETED.finditer(read):
        for called in _CALLED.finditer(read, *bracket.span(2)):
            for other in _called(text[slice(*called.span(1))]):
                yield text[slice(*bracket.span(1))], other, IN_BRACKETS
    for match in _SAID_ALIAS.finditer(read):
        for other in _called(text[slice(*match.span(2))]):
            yield text[slice(*match.span(1))], other, IN_CLAUSE
    for match in _GLOSS.finditer(text):
        yield match.group(1), match.group(2).strip(), "translation in brackets"


def _called(names: str) -> Iterator[str]:
    """The names in “瑞驰”或“瑞驰科技” that are no words of every contract."""
    for one in _EITHER.split(names):
        other = _OTHER.fullmatch(one)
        if other and simplified(other[1].strip()) not in NO_NAMES:
            yield other[1].strip()


def styled_names(text: str) -> Iterator[tuple[str, str]]:
    """(name, further name) of persons whom a text gives with their style and pen name: 沈鸿渐，字仲逸，号石帆."""
    for match in _STYLED.finditer(simplified(text)):
        if match["style"] in _UNKNOWN or is_known("字" + match["style"][0]):
            continue  # 字体, 字数
        given = [text[slice(*match.span(part))] for part in ("name", "surname", "given", "style", "by")]
        name = given[0] or given[1] + given[2]
        surname = given[1] or _surname(name)
        if surname and len(name) > len(surname):
            yield from ((name, other) for other in (given[3], surname + given[3], given[4]) if other)


def _surname(name: str) -> str:
    return name[: surname_size(simplified(name))]


def surname_addressed(name: str) -> str:
    """The surname of somebody who is called by it and a title, as 张 of 张总 and 张先生; "" of any other name."""
    surname = _surname(name)
    return surname if surname and simplified(name[len(surname) :]) in HONORIFICS else ""


def _proper(words: list[Word], i: int) -> Found | None:
    """A word that the tagger takes for a name, where its neighbours agree; the tagger alone errs often."""
    word = words[i]
    if word.text in KNOWN_PLACES:
        return Found(word.start, word.end, "place", True)
    if len(word.text) < 2 or word.text in ORDINARY_CHINESE or not HAN_RUN.fullmatch(word.text):
        return None
    if word.pos == "nt":
        if word.text[-1] in "员工人者":  # 普通员工
            return None
        return Found(word.start, word.end, "organization", len(word.text) > 2)
    if len(word.text) > 2 and all(c in _TRANSLITERATION for c in word.text) and word.pos in _PROPER:
        is_person = _is_person_here(words, i, i) and _before(words, i) not in _JOINING
        return Found(word.start, word.end, "person" if is_person else "", True)
    if word.pos == "ns" and _before(words, i) in PLACE_BEFORE:
        return Found(word.start, word.end, "place", True)
    return _guessed_person(words, i) if word.pos in ("nr", "nrt", "nrfg") else None


def _guessed_person(words: list[Word], i: int) -> Found | None:
    """What the tagger takes for a person: strong with a usual given name, and no longer word of the dictionary else."""
    word = words[i]
    if word.text[0] not in SURNAMES or word.text[-1] in "色性化部台法":
        return None
    is_long, is_name = len(word.text) > 2, is_given(word.text)
    is_titled = word.text[-1] in "帝后宗公" or word.text[1:] in HONORIFICS
    if is_long and not (is_name or is_titled) and is_known(word.text):  # 祖父母, 连接池
        return None
    is_here = _is_person_here(words, i, i)
    if len(word.text) <= (4 if word.text[:2] in DOUBLE_SURNAMES else 3) and (is_here or is_long):
        return Found(word.start, word.end, "person", is_long and (is_here or is_name))
    return None


def _is_everyday(title: str) -> bool:
    # 《大学》 is a book, but every other 大学 is none.
    return len(title) < 3 and is_known(title)


def _before(words: list[Word], i: int) -> str:
    return words[i - 1].text if i else ""


def _is_person_here(words: list[Word], first: int, last: int) -> bool:
    after = words[last + 1].text if last + 1 < len(words) else ""
    return _before(words, first) in PERSON_BEFORE or after in PERSON_AFTER


def _person(words: list[Word], i: int) -> Found | None:
    """A surname and one or two characters which the dictionary took for words, where the neighbours say a person."""
    first = words[i]
    if first.pos == PERSON:
        return Found(first.start, first.end, "person", True)
    if not _is_surname(first.text) or first.pos in ("p", "c", "d", "u", "m", "v") or i + 1 >= len(words):
        return None
    last = i + 1
    if len(words[last].text) == 1 and last + 1 < len(words) and len(words[last + 1].text) == 1:
        last += words[last + 1].pos in ("n", "nr", "ng", "a", "ag", "nz", "j", "b", "zg")
    for given in words[i + 1 : last + 1]:
        if not HAN_RUN.fullmatch(given.text) or given.pos not in _GIVEN:
            return None
    size = words[last].end - words[i + 1].start
    if size > 2 or not _is_person_here(words, i, last):
        return None
    name = "".join(word.text for word in words[i : last + 1])
    return Found(first.start, words[last].end, "person", size == 2 and is_given(name))


def _is_surname(text: str) -> bool:
    return 0 < surname_size(text) == len(text)


def _firm(words: list[Word], firm: Firm | None) -> Found | None:
    return firm and Found(words[firm.first].start, words[firm.last].end, "organization", firm.is_strong)


def _headed(words: list[Word], i: int) -> Found | None:
    """Words that end with the noun of an organisation, a place or an event: 白沙港, 海星研究所."""
    is_proper = is_national = words[i].text == "国家"
    if words[i].pos not in _FIRST or (words[i].text in ORDINARY_CHINESE and not is_national):
        return None
    best: Found | None = None
    within = -1  # what stands in brackets of a name: 瑞驰科技（上海）有限公司
    for j in range(i, min(i + _MOST_WORDS, len(words))):
        word = words[j]
        if j <= within:
            continue
        if j > i and (within_now := _bracketed_place(words, j)):
            within = within_now
            continue
        head = _head(word.text)
        if len(head) == 1 < len(word.text) and word.pos in _VERBAL:  # 调节
            head = ""
        if (
            word.pos not in _NOMINAL
            and not head
            and not _is_trade(words, j)
            and not (is_proper and _is_linked(words, j))
        ):
            break
        if word.text in _BEFORE_NAMES or _is_generic(words, i, j):
            break
        is_whole = j == i  # the dictionary, or its guess, knows the whole name
        if head and (not is_whole or (word.pos in ("ns", "nt") and len(word.text) > max(2, len(head)))):
            is_strong = is_proper or word.pos == "nt" or (is_whole and word.text not in ORDINARY_CHINESE)
            if (is_strong or len(head) > 1) and not (is_national and head not in _OFFICES):  # 国家公园
                best = Found(words[i].start, word.end, CHINESE_HEADS[head], is_strong)
        is_proper = is_proper or _is_proper(word)
    return best if best and best.end - best.start > 2 else None


def _bracketed_place(words: list[Word], j: int) -> int:
    """Index of the bracket that closes a place inside the name of a firm; 0 where there is none."""
    is_place = j + 3 < len(words) and words[j].text in "（(" and words[j + 1].pos in ("ns", "nr", "nz")
    if not is_place or words[j + 2].text not in "）)":
        return 0
    return j + 2 if any(_head(w.text) in _FIRMS for w in words[j + 3 : j + 5]) else 0


def _is_trade(words: list[Word], j: int) -> bool:
    """Whether a verb says what a firm does: 腾讯控股有限公司."""
    return j + 1 < len(words) and words[j].pos == "v" and words[j + 1].text in _FIRMS and len(words[j].text) == 2


def _is_linked(words: list[Word], j: int) -> bool:
    """Whether a name of an office goes on with a number, or with "and": 第八中学, 住房和城乡建设局."""
    word = words[j]
    if word.text != "和":
        return word.text in TRADES or _ORDINAL.fullmatch(word.text) is not None
    is_office = any(_head(w.text) in _OFFICES for w in words[j + 1 : j + 4])
    return is_office and not {words[j - 1].pos, words[j + 1].pos} & _PROPER


def _is_generic(words: list[Word], i: int, j: int) -> bool:
    """Whether a class noun stands for itself and ends no name: 子公司 in front of one, 墨西哥子公司."""
    text = words[j].text
    if text in _BRANCHES:
        return True
    return text in _CLASSES and (j == i or j + 1 >= len(words) or words[j + 1].text not in _FIRMS)


def _is_proper(word: Word) -> bool:
    return word.pos in _PROPER and len(word.text) > 1 and word.text not in ORDINARY_CHINESE


def _head(word: str) -> str:
    for size in (5, 4, 3, 2, 1):
        if len(word) >= size and word[-size:] in CHINESE_HEADS:
            return word[-size:]
    return ""


def _dotted(words: list[Word], i: int) -> Found | None:
    """A foreign name written with a middle dot: 大卫·休伯尔. The dictionary cuts transliterations anywhere."""
    j = i + (i + 1 < len(words) and words[i + 1].text in _DOTS and words[i].text.strip() != "")
    while j + 1 < len(words) and words[j].text not in _DOTS and _is_transliterated(words[j]) and j - i < 4:
        j += 1
    if j == i or words[j].text not in _DOTS:
        return None
    end = words[j].end
    while j + 1 < len(words) and words[j].text in _DOTS:
        j += 1
        while j < len(words) and words[j].text not in _DOTS and (size := _transliterated(words[j].text)):
            end = words[j].start + size
            j += 1
            if size < len(words[j - 1].text) or words[j - 1].text in KNOWN_PLACES:
                break
            if j < len(words) and words[j].pos in ("p", "v", "c", "u", "uj", "ul", "d", "m"):
                break
        if j >= len(words) or end != words[j].start:
            break
    return Found(words[i].start, end, "person", True) if end > words[i].end + 1 else None


def _is_transliterated(word: Word) -> bool:
    return word.pos not in ("p", "c", "u", "uj", "ul", "d", "m") and _transliterated(word.text) == len(word.text)


def _transliterated(word: str) -> int:
    """Length of the front part of `word` that is written in characters of transliteration, or not in Chinese."""
    size = 0
    while size < len(word) and (word[size] in _TRANSLITERATION or (word[size].isascii() and word[size].isalnum())):
        size += 1
    return size
