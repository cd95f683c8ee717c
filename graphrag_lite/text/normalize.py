"""One normal form of words and names, shared by the index, the matcher and the question.

A *word* is a run of letters and digits, folded (lower case, no accents, no possessive), or one like C++ and C#. A run
of Chinese, Japanese or Korean characters, which has no spaces to cut it at, is one word.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import accumulate, repeat
from typing import NamedTuple

from graphrag_lite.text.late import late
from graphrag_lite.text.lexicon import ARTICLES, DOCUMENT_PARTS, FUNCTION_WORDS, STOP_WORDS
from graphrag_lite.text.variants import simplified

CJK_RANGES = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003fa1f"
CHINESE_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_CJK = late(f"[{CJK_RANGES}]")
_WRAP = late(rf"(?<=[{CJK_RANGES}，、；：])[ \t\r]{{0,8}}\n[ \t]{{0,8}}(?=[{CJK_RANGES}“「《（])")
_WRAPPED_LINE = 20  # characters: a shorter line ends where its author ended it
_LATIN = rf"[^\W_{CJK_RANGES}]+"
# C++ and C# are other words than C; behind a "#" with a letter next to it stands a place in a page.
_SIGN = r"(?:\+\+(?<=[A-Za-z]..)|#(?<=[A-Za-z].)(?![A-Za-z0-9_#]))?"
# A group, so that splitting a text keeps the words between the gaps. Of ASCII, a shorter class says the same.
_TOKEN = late(rf"({_LATIN}{_SIGN}(?:['’]{_LATIN})*)")
_ASCII_TOKEN = late(f"([A-Za-z0-9]+{_SIGN}(?:'[A-Za-z0-9]+)*)")
_WORD = late(rf"{_LATIN}{_SIGN}(?:['’]{_LATIN})*|[{CJK_RANGES}]+")
_MARKS = late("[\u0300-\u036f]")
# Letters that Unicode does not decompose, and the apostrophes of typesetting.
_UNDECOMPOSED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ß": "ss", "’": "'", "ʼ": "'"})
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_BRACKETED = late(r"\s*(?:\([^)]*\)|（[^）]*）)\s*")
_NAME_EDGES = " \t\r\n\"'“”‘’「」『』《》〈〉【】()（）[]，。、；：,;:"
_FILE_NAME = late(r"\.(?:txt|md|html?|pdf|docx?|pptx?|xlsx?|csv|jsonl?|epub|log|xml)\b|[_/\\]|https?:", re.I)
# Written for machines: a line that names a file, a word with an inner underscore, an address.
_PATH_CHARACTERS = "[A-Za-z0-9_.%+/:?=&#~@-]"
# Only from its first character on: else a long string without spaces takes quadratic time.
_PATH = f"(?<!{_PATH_CHARACTERS}){_PATH_CHARACTERS}*"
_UNDERSCORED = late(
    r"^[^\n]{0,80}?[A-Za-z0-9]_[^\n]{0,120}?\.[a-z]{2,5}(?!\S)"
    rf"|{_PATH}[A-Za-z0-9]_+[A-Za-z0-9]{_PATH_CHARACTERS}*",
    re.MULTILINE,
)
# Of code, and no part of a path or an address.
_IDENTIFIER = late(r"(?<![\w./\\:@%#~-])[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+(?![\w/\\@-]|[.:]\w)")
_ADDRESS = late(rf"{_PATH}(?:://|www\.|[A-Za-z0-9]@[A-Za-z0-9]){_PATH_CHARACTERS}*")
COMMENT = late(r"<!--.*?-->", re.DOTALL)  # of Markdown: what no reader sees
_FILE = late(r"(?<!\S)[\w-]+\.(?:txt|html?|pdf|docx?|jsonl?|csv)\b")
_MOST_STEMS = 200_000  # some 20 MB
# What the stemmer takes for another word: nobody is borne at a place, what is found was not founded, and no authority
# is an author.
_APART = {"borne": "bear", "found": "find"} | dict.fromkeys(
    ("authorize", "authorizes", "authorized", "authorizing", "authorization", "authorizations"), "authoris"
)
_APART |= {"authority": "authorit", "authorities": "authorit"}


class Token(NamedTuple):
    """A word of a spaced script in a text: `text[start:end]`, possessive left out."""

    start: int
    end: int
    word: str
    is_capital: bool
    is_possessive: bool


def fold(text: str) -> str:
    """`text` in lower case, accents stripped, typographic apostrophes made plain."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.lower()).translate(_UNDECOMPOSED)
    return unicodedata.normalize("NFC", _MARKS.sub("", decomposed))


def has_cjk(text: str) -> bool:
    """True when `text` holds a Chinese, Japanese or Korean character."""
    return not text.isascii() and _CJK.search(text) is not None


def scan(text: str) -> list[Token]:
    """The words of spaced scripts with their places; a capital is an upper-case letter at or near the start."""
    # Columns rather than a loop over matches: this is where most of the time of indexing goes.
    parts = (_ASCII_TOKEN if text.isascii() else _TOKEN).split(text)
    edges = list(accumulate(map(len, parts)))
    starts, ends, raws = edges[::2], edges[1::2], parts[1::2]
    found = [raw.lower() if raw.isascii() else fold(raw) for raw in raws]
    capitals = [raw != word and _is_capital(raw) for raw, word in zip(raws, found, strict=True)]
    possessives = [False] * len(found)
    for i in [i for i, word in enumerate(found) if "'" in word]:
        if found[i].endswith("'s") and len(found[i]) > 2:
            possessives[i], found[i], ends[i] = True, found[i][:-2], ends[i] - 2
        found[i] = found[i].replace("'", "")
    # `Token(...)` would call a function of Python for every word.
    return list(map(tuple.__new__, repeat(Token), zip(starts, ends, found, capitals, possessives, strict=False)))


def mask_identifiers(text: str) -> str:
    """`text` of the same length, spaces in place of file names, addresses, words_with_underscores and comments.

    What ends a sentence or a clause after them stays.
    """
    if "<!--" in text:
        text = COMMENT.sub(_blank, text)
    if "_" in text:
        text = _UNDERSCORED.sub(_blank, text)
    if "://" in text or "www." in text or "@" in text:
        text = _ADDRESS.sub(_blank, text)
    return _FILE.sub(_blank, text) if "." in text else text


def identifier_spans(text: str) -> list[tuple[int, int]]:
    """Spans of the names of code in a text, in order: find_package, CMAKE_BUILD_TYPE."""
    return [match.span() for match in _IDENTIFIER.finditer(text)] if "_" in text else []


def _blank(match: re.Match[str]) -> str:
    name = match.group().rstrip(".,;:!?")
    return " " * len(name) + match.group()[len(name) :]


def words(text: str) -> list[str]:
    """Folded words in order, possessive 's removed; a run of CJK characters is one word."""
    if text.isascii():
        found = _ASCII_TOKEN.findall(text.lower())
        return [_plain(w) if "'" in w else w for w in found] if "'" in text else found
    pattern = _WORD if has_cjk(text) else _TOKEN
    folded = [raw.lower() if raw.isascii() else fold(raw) for raw in pattern.findall(text)]
    return [word for word in (_plain(w) if "'" in w else w for w in folded) if word]


def terms(text: str) -> list[str]:
    """Terms for lexical search, with repeats: stems of words that are no stop words, CJK characters and bigrams.

    Traditional characters are taken for simplified ones.
    """
    stems = _stems()
    if text.isascii():
        return [stems[word] for word in words(text) if word not in STOP_WORDS]
    found = words(_WRAP.sub("", text) if "\n" in text else text)
    plain, pieces = [], []
    for word in found:
        if has_cjk(word):
            word = simplified(word)
            pieces += [*word, *(word[i : i + 2] for i in range(len(word) - 1))]
        elif word not in STOP_WORDS:
            plain.append(stems[word])
    return plain + pieces


def unwrapped(text: str) -> str:
    """`text` without the line ends inside Chinese, Japanese and Korean lines, where no space stands for them."""
    if "\n" not in text or not has_cjk(text):
        return text
    return _WRAP.sub(lambda m: "" if m.start() - text.rfind("\n", 0, m.start()) > _WRAPPED_LINE else m.group(), text)


def joined(sentence: str) -> tuple[str, Sequence[int]]:
    """A sentence without the ends of wrapped lines inside Chinese, and where each of its characters stands in it."""
    if "\n" not in sentence:
        return sentence, range(len(sentence))
    cut = {at for match in _WRAP.finditer(sentence) for at in range(*match.span())}
    places = [at for at in range(len(sentence)) if at not in cut]
    return "".join(sentence[at] for at in places), places


@lru_cache(maxsize=30_000)  # most names are met in many places
def name_key(name: str) -> str:
    """The normal form of a name: its words without a leading article; a CJK name is itself, in NFKC and simplified."""
    if has_cjk(name):
        text = simplified(unicodedata.normalize("NFKC", name).strip(_NAME_EDGES).lower())
        return re.sub(rf"(?<=[{CJK_RANGES}])\s+|\s+(?=[{CJK_RANGES}])", "", text)
    found = words(name)
    while len(found) > 1 and found[0] in ARTICLES:
        del found[0]
    return " ".join(found)


def name_text(text: str) -> str:
    """`text` of the same length, written as `name_key` writes a CJK name: where keys stand in it."""
    lowered = text.translate(_HALF_WIDTH).lower()
    return simplified(lowered if len(lowered) == len(text) else text)


def title_keys(title: str) -> list[str]:
    """Keys of a document title: whole, without its brackets, before its first comma; best first, no repeats."""
    return list(title_forms(title))


def title_forms(title: str) -> dict[str, str]:
    """The keys of `title_keys` with the part of the title that each stands for."""
    bare = _BRACKETED.sub(" ", title).strip()
    forms: dict[str, str] = {}
    for form in (title.strip(), bare, bare.split(",")[0].strip()):
        forms.setdefault(name_key(form), form)
    return {key: form for key, form in forms.items() if key and key not in STOP_WORDS}


def is_name_like(title: str) -> bool:
    """True for a title that can name a thing: short, no sentence, no file name, no part of a document."""
    text = title.strip()
    if _IDENTIFIER.fullmatch(text.removesuffix("()")):
        return True
    if not text or _FILE_NAME.search(text) or text.endswith(("。", "？", ";", ":", "：", ",")):
        return False
    if has_cjk(text):
        return len(text) <= 24 and text not in DOCUMENT_PARTS and not re.search("[，。！？；]", text)
    found = words(text)
    is_sentence = len(found) > 6 and text.endswith((".", "?", "!"))
    return 0 < len(found) <= 12 and not is_sentence and any(w not in DOCUMENT_PARTS and not w.isdigit() for w in found)


@lru_cache(maxsize=20_000)
def names_of(text: str) -> frozenset[str]:
    """Words that seem to be names, folded: those with a capital, the first one left out unless a name follows."""
    tokens = scan(text)
    is_name = [t.is_capital and t.word not in FUNCTION_WORDS for t in tokens]
    return frozenset(
        t.word for i, t in enumerate(tokens) if is_name[i] and (t.start > 0 or (i + 1 < len(tokens) and is_name[i + 1]))
    )


@lru_cache(maxsize=20_000)
def title_names(title: str) -> frozenset[str]:
    """Capitalised words of a title, the first one too."""
    return frozenset(t.word for t in scan(title) if t.is_capital and t.word not in FUNCTION_WORDS)


def _is_capital(raw: str) -> bool:
    # "iPhone" and "deGrasse" carry their capital inside.
    return raw[0].isupper() or (len(raw) > 2 and any(c.isupper() for c in raw[1:4]))


def _plain(word: str) -> str:
    return word.removesuffix("'s").replace("'", "")


class _Stems(dict[str, str]):
    """Stems by word, as far as they were asked for: three times as quick as the stemmer's own cache."""

    def __init__(self) -> None:
        super().__init__()
        import Stemmer

        self._stemmer = Stemmer.Stemmer("english", 0)
        self._turn = threading.Lock()  # a stemmer may not be used by two threads at once

    def __missing__(self, word: str) -> str:
        with self._turn:
            stem: str = _APART.get(word) or self._stemmer.stemWord(word)
        if len(self) >= _MOST_STEMS:
            self.clear()
        self[word] = stem
        return stem


@cache
def _stems() -> _Stems:
    return _Stems()
