"""Names in Chinese text: parts of speech, quotation marks, class nouns at the end, surnames."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from graphrag_lite.text.lexicon import word_set
from graphrag_lite.text.lexicon_zh import (
    CHINESE_HEADS,
    DOUBLE_SURNAMES,
    GLUED_CHARACTERS,
    KNOWN_PLACES,
    ORDINARY_CHINESE,
    PERSON_AFTER,
    PERSON_BEFORE,
    PLACE_BEFORE,
    SURNAMES,
)
from graphrag_lite.text.variants import simplified

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HAN_RUN = re.compile(f"[{HAN}]+")
_KANA = re.compile("[\u3040-\u30ff]")
_TITLE_MARKS = re.compile(r"《([^《》\n]{1,40})》")
_QUOTES = re.compile(r"[「『“]([^「」『』“”\n，。！？；：、]{2,16})[」』”]")
_ALIAS = re.compile(
    rf"([{HAN}A-Za-z0-9·]{{3,24}})[（(](?:以下)?(?:简称|下称|又称|又名|也称|亦称|别名|别称|缩写|英文名?|英语|全称)(?:署名)?[为是：:]?"
    rf"\s*[“「『\"《]?([{HAN}A-Za-z0-9· .&-]{{2,40}})[”」』\"》]?[）)]"
)
_GLOSS = re.compile(
    rf"([{HAN}·]{{2,24}})[》」』”]?[（(](?:英文|英语|英文名|英语名)?[：:]?\s*"
    r"([A-Z][A-Za-z0-9'’.&-]*(?:[ ][A-Za-z0-9'’.&-]+){0,7})"
    r"(?:，[^）)]*|,[^）)]*|；[^）)]*)?[）)]"
)
_NOMINAL = word_set("n nr ns nt nz nrt nrfg ng j eng vn b s an")
_FIRST = word_set("n nr ns nt nz nrt nrfg j eng")
_PROPER = word_set("nr ns nt nrt nrfg eng")
_GIVEN = word_set("n nr nrt nz ng a ag an j b zg ns")
_DOTS = ("·", "・", "•", "‧")
# Characters that write foreign names, which the dictionary cuts anywhere.
_TRANSLITERATION = frozenset(
    "阿埃艾爱安奥巴白班邦保贝本比彼毕宾波伯博勃布查茨达戴丹当道得德登狄迪蒂丁杜顿多厄恩尔法范菲芬费丰冯弗佛夫"
    "福盖甘冈高戈哥格葛古瓜圭哈海汉豪赫亨洪侯胡华惠霍基吉加贾简杰金卡凯坎康考柯科克肯孔库奎拉莱赖兰朗劳勒雷里"
    "丽利莉连廉良列林琳灵刘留卢鲁路伦罗洛吕马玛迈麦曼芒毛梅门蒙孟米密明缪摩莫默姆穆拿纳娜南内尼宁纽农努诺欧帕"
    "派潘庞佩彭蓬皮平珀普齐奇恰钱强乔切琴琼让热日荣瑞若萨塞赛三桑瑟森沙山尚绍舍申圣施史士斯思松苏索塔泰坦汤唐"
    "陶特滕提廷图托瓦万旺威韦维魏温沃乌武西希锡夏香肖谢辛欣兴休雅亚延扬耶叶伊易因英尤于约赞泽扎詹珍朱佐治"
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
    """The words of `text`, in simplified characters, with their parts of speech; places count from `offset`."""
    words, position = [], offset
    for word, pos in _segmenter().tag(simplified(text)):
        words.append(Word(position, position + len(word), word, pos))
        position += len(word)
    return words


def chinese_names(text: str, start: int, end: int) -> Iterator[Found]:
    """Candidate names of the sentence `text[start:end]`; they may overlap, the longest comes first."""
    sentence = text[start:end]
    for match in _TITLE_MARKS.finditer(sentence):
        if not _is_everyday(match.group(1)):
            yield Found(start + match.start(1), start + match.end(1), "work", True)
    for match in _QUOTES.finditer(sentence):
        if not _is_everyday(match.group(1)):
            yield Found(start + match.start(1), start + match.end(1), "", False)
    words = _unglued(tagged(sentence, start))
    taken = -1
    for i, word in enumerate(words):
        if word.start < taken:
            continue
        found = _dotted(words, i) or _headed(words, i) or _person(words, i) or _proper(words, i)
        if found is not None:
            yield found
            taken = found.end


def _unglued(words: list[Word]) -> list[Word]:
    """The words, the verb or preposition that the tagger glued in front of a name cut off."""
    cut = []
    for word in words:
        is_glued = word.pos in _PROPER and len(word.text) > 2 and word.text[0] in GLUED_CHARACTERS
        if is_glued and not _segmenter().has_word(word.text):
            cut.append(Word(word.start, word.start + 1, word.text[0], "v"))
            word = Word(word.start + 1, word.end, word.text[1:], word.pos)
        cut.append(word)
    return cut


def chinese_aliases(text: str) -> Iterator[tuple[str, str, str]]:
    """(long form, other name, reason) as brackets state them: 海星研究所（Starfish Institute）.

    The long form may carry words in front that do not belong to it: the caller cuts it to a known name.
    """
    read = simplified(text)
    for pattern, reason in ((_ALIAS, "alias in brackets"), (_GLOSS, "translation in brackets")):
        for match in pattern.finditer(read):
            yield text[slice(*match.span(1))], text[slice(*match.span(2))].strip(), reason


def boundaries(text: str) -> frozenset[int]:
    """Places where the dictionary sees a word begin or end."""
    return frozenset(w.start for w in tagged(text)) | {len(text)}


@cache
def _segmenter() -> Any:
    import rjieba

    return rjieba


def _proper(words: list[Word], i: int) -> Found | None:
    """A word that the tagger takes for a name, where its neighbours agree; the tagger alone errs often."""
    word = words[i]
    if word.text in KNOWN_PLACES:
        return Found(word.start, word.end, "place", True)
    if len(word.text) < 2 or word.text in ORDINARY_CHINESE or not _HAN_RUN.fullmatch(word.text):
        return None
    if word.pos == "nt":
        return Found(word.start, word.end, "organization", len(word.text) > 2)
    if len(word.text) > 2 and all(c in _TRANSLITERATION for c in word.text) and word.pos in _PROPER:
        return Found(word.start, word.end, "person" if _is_person_here(words, i, i) else "", True)
    if word.pos == "ns" and _before(words, i) in PLACE_BEFORE:
        return Found(word.start, word.end, "place", True)
    if word.pos in ("nr", "nrt", "nrfg") and word.text[0] in SURNAMES and word.text[-1] not in "色性化部台":
        is_here = _is_person_here(words, i, i)
        if len(word.text) <= (4 if word.text[:2] in DOUBLE_SURNAMES else 3) and (is_here or len(word.text) == 3):
            return Found(word.start, word.end, "person", is_here and len(word.text) > 2)
    return None


def _is_everyday(title: str) -> bool:
    # 《大学》 is a book, but every other 大学 is none.
    return len(title) < 3 and _segmenter().has_word(title)


def _before(words: list[Word], i: int) -> str:
    return words[i - 1].text if i else ""


def _is_person_here(words: list[Word], first: int, last: int) -> bool:
    after = words[last + 1].text if last + 1 < len(words) else ""
    return _before(words, first) in PERSON_BEFORE or after in PERSON_AFTER


def _person(words: list[Word], i: int) -> Found | None:
    """A surname and one or two characters which the dictionary took for words, where the neighbours say a person."""
    first = words[i]
    is_surname = (len(first.text) == 1 and first.text in SURNAMES) or first.text in DOUBLE_SURNAMES
    if not is_surname or first.pos in ("p", "c", "d", "u", "m", "v") or i + 1 >= len(words):
        return None
    last = i + 1
    if len(words[last].text) == 1 and last + 1 < len(words) and len(words[last + 1].text) == 1:
        last += words[last + 1].pos in ("n", "nr", "ng", "a", "ag", "nz", "j", "b", "zg")
    for given in words[i + 1 : last + 1]:
        if not _HAN_RUN.fullmatch(given.text) or given.pos not in _GIVEN:
            return None
    size = words[last].end - words[i + 1].start
    if size > 2 or not _is_person_here(words, i, last):
        return None
    return Found(first.start, words[last].end, "person", False)


def _headed(words: list[Word], i: int) -> Found | None:
    """Words that end with the noun of an organisation, a place or an event: 白沙港, 海星研究所."""
    if words[i].pos not in _FIRST or words[i].text in ORDINARY_CHINESE:
        return None
    best: Found | None = None
    is_proper = False
    for j in range(i, min(i + 6, len(words))):
        word = words[j]
        head = _head(word.text)
        if word.pos not in _NOMINAL and not head:
            break
        is_whole = j == i  # the dictionary, or its guess, knows the whole name
        if head and (not is_whole or (word.pos in ("ns", "nt") and len(word.text) > max(2, len(head)))):
            is_strong = is_proper or word.pos == "nt" or (is_whole and word.text not in ORDINARY_CHINESE)
            if is_strong or len(head) > 1:
                best = Found(words[i].start, word.end, CHINESE_HEADS[head], is_strong)
        is_proper = is_proper or _is_proper(word)
    return best if best and best.end - best.start > 2 else None


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
