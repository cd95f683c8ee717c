"""One normal form of words and names, shared by the index, the matcher and the question.

A *word* is a run of letters and digits, folded (lower case, no accents, no possessive). A run of Chinese, Japanese
or Korean characters, which has no spaces to cut it at, is one word.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from typing import Any, NamedTuple

from graphrag_lite.text.lexicon import DOCUMENT_PARTS, STOP_WORDS

CJK_RANGES = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003fa1f"
_CJK = re.compile(f"[{CJK_RANGES}]")
_CJK_RUN = re.compile(f"[{CJK_RANGES}]+")
_LATIN = rf"[^\W_{CJK_RANGES}]+"
_TOKEN = re.compile(rf"{_LATIN}(?:['’]{_LATIN})*")
_WORD = re.compile(rf"{_LATIN}(?:['’]{_LATIN})*|[{CJK_RANGES}]+")
_MARKS = re.compile("[\u0300-\u036f]")
# Letters that Unicode does not decompose, and the apostrophes of typesetting.
_UNDECOMPOSED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ß": "ss", "’": "'", "ʼ": "'"})
_BRACKETED = re.compile(r"\s*(?:\([^)]*\)|（[^）]*）)\s*")
_NAME_EDGES = " \t\r\n\"'“”‘’「」『』《》〈〉【】()（）[]，。、；：,;:"
_ARTICLES = ("the", "a", "an")
_FILE_NAME = re.compile(r"\.(?:txt|md|html?|pdf|docx?|pptx?|xlsx?|csv|jsonl?|epub|log|xml)\b|[_/\\]|https?:", re.I)
# Written for machines: a line that names a file, a word with an inner underscore, an address.
_PATH_CHARACTERS = "[A-Za-z0-9_.%+/:?=&#~@-]"
# Only from its first character on: else a long string without spaces takes quadratic time.
_PATH = f"(?<!{_PATH_CHARACTERS}){_PATH_CHARACTERS}*"
_UNDERSCORED = re.compile(
    r"^[^\n]{0,80}?[A-Za-z0-9]_[^\n]{0,120}?\.[a-z]{2,5}(?!\S)"
    rf"|{_PATH}[A-Za-z0-9]_+[A-Za-z0-9]{_PATH_CHARACTERS}*",
    re.MULTILINE,
)
_ADDRESS = re.compile(rf"{_PATH}(?:://|www\.|[A-Za-z0-9]@[A-Za-z0-9]){_PATH_CHARACTERS}*")
_FILE = re.compile(r"(?<!\S)[\w-]+\.(?:txt|html?|pdf|docx?|jsonl?|csv)\b")
_local = threading.local()


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
    found = []
    for match in _TOKEN.finditer(text):
        raw = match.group()
        start, end = match.span()
        word = raw.lower() if raw.isascii() else fold(raw)
        is_possessive = False
        if "'" in word:
            if word.endswith("'s") and len(word) > 2:
                is_possessive, word, end = True, word[:-2], end - 2
            word = word.replace("'", "")
        found.append(Token(start, end, word, not raw.islower() and _is_capital(raw), is_possessive))
    return found


def mask_identifiers(text: str) -> str:
    """`text` of the same length, spaces in place of file names, addresses and words_with_underscores."""
    if "_" in text:
        text = _UNDERSCORED.sub(_blank, text)
    if "://" in text or "www." in text or "@" in text:
        text = _ADDRESS.sub(_blank, text)
    return _FILE.sub(_blank, text) if "." in text else text


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def words(text: str) -> list[str]:
    """Folded words in order, possessive 's removed; a run of CJK characters is one word."""
    return [w for w in (_plain(fold(m)) for m in _WORD.findall(text)) if w]


def terms(text: str) -> list[str]:
    """Terms for lexical search, with repeats: stems of words that are no stop words, CJK characters and bigrams."""
    plain, found = [], []
    for word in words(text):
        if has_cjk(word):
            found += [*word, *(word[i : i + 2] for i in range(len(word) - 1))]
        elif word not in STOP_WORDS:
            plain.append(word)
    stems: list[str] = _stemmer().stemWords(plain)
    return stems + found


def name_key(name: str) -> str:
    """The normal form of a name: its words without a leading article; a CJK name is itself, in NFKC."""
    if has_cjk(name):
        text = unicodedata.normalize("NFKC", name).strip(_NAME_EDGES).lower()
        return re.sub(rf"(?<=[{CJK_RANGES}])\s+|\s+(?=[{CJK_RANGES}])", "", text)
    found = words(name)
    while len(found) > 1 and found[0] in _ARTICLES:
        del found[0]
    return " ".join(found)


def title_keys(title: str) -> list[str]:
    """Keys of a document title: whole, without its brackets, before its first comma; best first, no repeats."""
    bare = _BRACKETED.sub(" ", title).strip()
    keys = [name_key(title), name_key(bare)] + ([name_key(bare.split(",")[0])] if "," in bare else [])
    return [k for k in dict.fromkeys(keys) if k and k not in STOP_WORDS]


def is_name_like(title: str) -> bool:
    """True for a title that can name a thing: short, no sentence, no file name, no part of a document."""
    text = title.strip()
    if not text or _FILE_NAME.search(text) or text.endswith(("。", "？", ";", ":", "：", ",")):
        return False
    if has_cjk(text):
        return len(text) <= 24 and text not in DOCUMENT_PARTS and not re.search("[，。！？；]", text)
    found = words(text)
    is_sentence = len(found) > 6 and text.endswith((".", "?", "!"))
    return 0 < len(found) <= 12 and not is_sentence and any(w not in DOCUMENT_PARTS and not w.isdigit() for w in found)


def _is_capital(raw: str) -> bool:
    # "iPhone" and "deGrasse" carry their capital inside.
    return raw[0].isupper() or (len(raw) > 2 and any(c.isupper() for c in raw[1:4]))


def _plain(word: str) -> str:
    return word.removesuffix("'s").replace("'", "")


def _stemmer() -> Any:
    # A stemmer keeps a cache and may not be shared by threads.
    if not hasattr(_local, "stemmer"):
        import Stemmer

        _local.stemmer = Stemmer.Stemmer("english")
    return _local.stemmer
