"""Names in Chinese text: parts of speech, quotation marks, class nouns at the end, surnames."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from graphrag_lite.text.lexicon import CHINESE_HEADS, DOUBLE_SURNAMES, SURNAMES

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HAN_RUN = re.compile(f"[{HAN}]+")
_KANA = re.compile("[\u3040-\u30ff]")
_TITLE_MARKS = re.compile(r"《([^《》\n]{1,40})》")
_QUOTES = re.compile(r"[「『“]([^「」『』“”\n，。！？；：、]{2,16})[」』”]")
_DOTTED = re.compile(f"[{HAN}]{{1,6}}(?:[·・•‧][{HAN}A-Z]{{1,8}})+")
_ALIAS = re.compile(
    rf"([{HAN}A-Za-z0-9·]{{3,24}})[（(](?:以下)?(?:简称|下称|又称|又名|也称|亦称|别名|别称|缩写|英文名?|英语|全称)[为是：:]?"
    rf"\s*[“「『\"《]?([{HAN}A-Za-z0-9· .&-]{{2,40}})[”」』\"》]?[）)]"
)
_GLOSS = re.compile(
    rf"([{HAN}·]{{2,24}})[》」』”]?[（(](?:英文|英语|英文名|英语名)?[：:]?\s*([A-Z][A-Za-z0-9'’.&-]*(?:[ ][A-Za-z0-9'’.&-]+){{0,7}})"
    r"(?:，[^）)]*|,[^）)]*|；[^）)]*)?[）)]"
)
_NOMINAL = frozenset("n nr ns nt nz nrt nrfg ng j eng vn b s an l a".split())
_PROPER = frozenset("nr ns nt nz nrt nrfg eng".split())
_POS_TYPES = {"nr": "person", "nrt": "person", "nrfg": "person", "ns": "place", "nt": "organization"}
# Characters that write foreign names, which the dictionary cuts anywhere.
_TRANSLITERATION = frozenset(
    "阿埃艾爱安奥巴白班邦保贝本比彼毕宾波伯博勃布查茨达戴丹当道得德登狄迪蒂丁杜顿多厄恩尔法范菲芬费丰冯弗佛夫福盖甘冈"
    "高戈哥格葛古瓜圭哈海汉豪赫亨洪侯胡华惠霍基吉加贾简杰金卡凯坎康考柯科克肯孔库奎拉莱赖兰朗劳勒雷里丽利莉连廉良列林"
    "琳灵刘留卢鲁路伦罗洛吕马玛迈麦曼芒毛梅门蒙孟米密明缪摩莫默姆穆拿纳娜南内尼宁纽农努诺欧帕派潘庞佩彭蓬皮平珀普齐"
    "奇恰钱强乔切琴琼让热日荣瑞若萨塞赛三桑瑟森沙山尚绍舍申圣施史士斯思松苏索塔泰坦汤唐陶特滕提廷图托瓦万旺威韦维魏温"
    "沃乌武西希锡夏香肖谢辛欣兴休雅亚延扬耶叶伊易因英尤于约赞泽扎詹珍朱佐治"
)


class Word(NamedTuple):
    """A Chinese word with its part of speech: `text[start:end]`."""

    start: int
    end: int
    text: str
    pos: str


class Found(NamedTuple):
    """A candidate name. `is_strong`: one occurrence is enough."""

    start: int
    end: int
    type: str
    is_strong: bool


def has_han(text: str) -> bool:
    """True for text that the Chinese dictionary can cut: Chinese characters and no kana."""
    return not text.isascii() and _HAN_RUN.search(text) is not None and _KANA.search(text) is None


def tagged(text: str, offset: int = 0) -> list[Word]:
    """The words of `text` with their parts of speech; places count from `offset`."""
    words, position = [], offset
    for word, pos in _segmenter().tag(text):
        words.append(Word(position, position + len(word), word, pos))
        position += len(word)
    return words


def chinese_names(text: str, start: int, end: int) -> Iterator[Found]:
    """Candidate names of the sentence `text[start:end]`; they may overlap, the longest comes first."""
    sentence = text[start:end]
    for match in _TITLE_MARKS.finditer(sentence):
        yield Found(start + match.start(1), start + match.end(1), "work", True)
    for match in _QUOTES.finditer(sentence):
        yield Found(start + match.start(1), start + match.end(1), "", False)
    words = tagged(sentence, start)
    taken = -1
    for i, word in enumerate(words):
        if word.start < taken:
            continue
        found = _dotted(words, i) or _headed(words, i) or _person(words, i) or _proper(word)
        if found is not None:
            yield found
            taken = found.end


def chinese_aliases(text: str) -> Iterator[tuple[str, str, str]]:
    """(long form, other name, reason) as brackets state them: 世界卫生组织（简称世卫组织）, 海星研究所（Starfish Institute）.

    The long form may carry words in front that do not belong to it: the caller cuts it to a known name.
    """
    for match in _ALIAS.finditer(text):
        yield match.group(1), match.group(2).strip(), "alias in brackets"
    for match in _GLOSS.finditer(text):
        yield match.group(1), match.group(2).strip(), "translation in brackets"


def boundaries(text: str) -> frozenset[int]:
    """Places where the dictionary sees a word begin or end."""
    return frozenset(w.start for w in tagged(text)) | {len(text)}


@cache
def _segmenter() -> Any:
    import rjieba

    return rjieba


def _proper(word: Word) -> Found | None:
    if len(word.text) < 2 or not _HAN_RUN.fullmatch(word.text):
        return None
    if word.pos in ("ns", "nt") or (word.pos == "nz" and _segmenter().has_word(word.text)):
        return Found(word.start, word.end, _POS_TYPES.get(word.pos, ""), word.pos != "nz")
    if word.pos in ("nr", "nrt", "nrfg"):
        is_name = word.text[0] in SURNAMES and len(word.text) > 1 or word.pos != "nr"
        return Found(word.start, word.end, "person", is_name and len(word.text) > 2)
    return None


def _person(words: list[Word], i: int) -> Found | None:
    """A surname and one or two characters which the dictionary took for words."""
    first = words[i]
    is_surname = (len(first.text) == 1 and first.text in SURNAMES) or first.text in DOUBLE_SURNAMES
    if not is_surname or first.pos in ("p", "c", "d", "u", "m") or i + 1 >= len(words):
        return None
    given = words[i + 1]
    if not _HAN_RUN.fullmatch(given.text) or given.pos in ("p", "c", "u", "ul", "uj", "d", "m", "x", "f", "v", "r", "q"):
        return None
    if len(given.text) == 1 and i + 2 < len(words):
        after = words[i + 2]
        if len(after.text) == 1 and after.pos in ("n", "nr", "ng", "a", "ag", "nz", "j", "b", "zg"):
            return Found(first.start, after.end, "person", False)
    return Found(first.start, given.end, "person", False) if len(given.text) <= 2 else None


def _headed(words: list[Word], i: int) -> Found | None:
    """Words that end with the noun of an organisation, a place or an event: 白沙港, 海星研究所."""
    best: Found | None = None
    is_proper = False
    for j in range(i, min(i + 6, len(words))):
        word = words[j]
        if word.pos not in _NOMINAL and word.text not in CHINESE_HEADS:
            break
        head = _head(word.text)
        if head and (j > i or len(word.text) > len(head)):
            is_dictionary = j == i and word.pos not in ("ns", "nt", "nz", "nr")
            if not is_dictionary and _HAN_RUN.fullmatch(words[i].text[:1]):
                is_strong = is_proper or word.pos in ("ns", "nt")
                best = Found(words[i].start, word.end, CHINESE_HEADS[head], is_strong)
        is_proper = is_proper or (word.pos in _PROPER and len(word.text) > 1)
    return best if best and best.end - best.start > 2 else None


def _head(word: str) -> str:
    for size in (5, 4, 3, 2, 1):
        if len(word) >= size and word[-size:] in CHINESE_HEADS:
            return word[-size:]
    return ""


def _dotted(words: list[Word], i: int) -> Found | None:
    """A foreign name written with a middle dot: 大卫·休伯尔."""
    if i + 2 >= len(words) or words[i + 1].text not in ("·", "・", "•", "‧") or not words[i].text.strip():
        return None
    end, j = words[i].end, i
    while j + 2 < len(words) and words[j + 1].text in ("·", "・", "•", "‧"):
        j += 2
        # The dictionary cuts transliterations anywhere: take what is written in their characters.
        while True:
            size = _transliterated(words[j].text)
            end = words[j].start + size
            if size < len(words[j].text) or end - words[i].start > 24:
                break
            if j + 1 >= len(words) or not _transliterated(words[j + 1].text) or words[j + 1].pos in ("p", "v", "ns"):
                break
            j += 1
    return Found(words[i].start, end, "person", True)


def _transliterated(word: str) -> int:
    """Length of the front part of `word` that is written in characters of transliteration, or not in Chinese."""
    size = 0
    while size < len(word) and (word[size] in _TRANSLITERATION or word[size].isascii() and word[size].isalnum()):
        size += 1
    return size
