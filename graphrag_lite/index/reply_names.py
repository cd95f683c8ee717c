"""What a model gives for a name, a type or a description, as its passage has it, or nothing where it says nothing.

Small models number what they list, mark it up, join its words, put pronouns and whole sentences for names, and fill
what they do not know with a word for nothing.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from graphrag_lite.text.lexicon import FUNCTION_WORDS, word_set
from graphrag_lite.text.normalize import has_cjk

_LONGEST_NAME = 150
_JOINERS = "\u200c\u200d"
_WORD = re.compile(r"\w+")
_PRONOUNS = word_set(
    "i me my you your he him his she her hers it its we us our they them their theirs "
    "我 我们 你 你们 您 他 他们 她 她们 它 它们 其 自己"
)
_NEVER_NAMES = word_set("i none null nil")  # "returns None" and "if I may" name nothing
_REVERED = word_set("me my you your he him his")  # of God with a capital, wherever they stand
_NOTHING = re.compile(
    r"(?:n/a|null|nil|none|undefined|unknown|unspecified|no descriptions?|string"
    r"|(?:no descriptions? |not )(?:specified|provided|available|mentioned|given|stated|applicable)"
    r"|无|未知|不详|未提及|未说明|未提供|暂无|空)?"
)
_LISTED = re.compile(r"(?:[-*•·>#]+|\d{1,3}[.)、]|[(（]\d{1,3}[)）])\s*(?=\S)")
_ADDED = re.compile(r"\s*(?:\([^()]*\)|（[^（）]*）)\Z")
_SEPARATOR = re.compile(r"[|;；、，]|,\s")
_ENDS = ".。!！?？"
_ARTICLES = ("a ", "an ", "the ")
_FEWEST_WORDS, _FEWEST_CJK = 5, 10  # of a sentence that could be no name, or no type


@lru_cache(maxsize=4096)  # a reply names the same things again and again
def key_of(name: str) -> str:
    """What two spellings of a name share."""
    return folded(name)


def folded(text: str) -> str:
    """A text as names are looked for in it."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("’", "'").split())


@lru_cache(maxsize=4096)
def read_name(text: str) -> str:
    """A name; "" for what can be none."""
    name = _printable(text).strip("\"'“”‘’` ")
    is_pronoun = name.casefold() in _PRONOUNS and not (len(name) > 1 and name.isupper())  # IT, US
    is_name = len(name) <= _LONGEST_NAME and any(c.isalnum() for c in name) and not is_pronoun
    return name if is_name and not says_nothing(name) else ""


def name_in_use(text: str, passage: str) -> str:
    """A pronoun or a word for nothing that its passage has for a name: the film She, the class String, 《她》; or "".

    That is as a title, in quotation marks, or with a capital amid a sentence where no longer name goes on.
    """
    name = _printable(text).strip("\"'“”‘’` ")
    may_be_name = name.isalpha() and (name[0].isupper() or has_cjk(name)) and name.casefold() not in _NEVER_NAMES
    if not may_be_name or len(name) > _LONGEST_NAME:
        return ""
    ways = [rf"(?:\A|^#+ |\S > ){name}(?=$| > )", f"[《〈]{name}[》〉]"]
    if not has_cjk(name):
        ways.append(rf"“{name}”|\"{name}\"|(?<!\w)[‘']{name}[’'](?!\w)")  # not of "It's fine."
        if name.casefold() not in _REVERED:
            ways.append(rf"\b[a-z]+ [*_]*{name}\b(?! [A-Z])")
    return name if re.search("|".join(ways), passage, re.MULTILINE) else ""


def read_type(text: str) -> str:
    """A type in lower case, the first of several; "" for none, or for a sentence in its place."""
    first = _SEPARATOR.split(_printable(text.casefold()), maxsplit=1)[0].strip()
    is_told = first.startswith(_ARTICLES) or len(first.split()) >= _FEWEST_WORDS
    is_told |= has_cjk(first) and len(first) >= _FEWEST_CJK
    return "" if is_told or says_nothing(first) else first


def read_text(text: str) -> str:
    """A description on one line; "" for none."""
    return "" if says_nothing(text) else _printable(text)


def read_description_of(name: str, text: str) -> str:
    """A description on one line; "" for none, or for the name alone."""
    told = read_text(text)
    is_name = len(told) <= len(name) + 1 and folded(told).rstrip(_ENDS) == key_of(name).rstrip(_ENDS)
    return "" if is_name else told


def says_nothing(text: str) -> bool:
    """True for a placeholder: only signs, or a word for nothing."""
    return len(text) < 40 and bool(_NOTHING.fullmatch(text.casefold().strip(" \t\n.…。-–—_*<>[]()\"'")))


def is_word_for_nothing(text: str) -> bool:
    """True for "N/A", "None" and the like, in place of a name: a model's way to say that there is none."""
    return says_nothing(text) and any(character.isalnum() for character in text)


def as_it_stands(name: str, text: str) -> str:
    """The form of a name that a folded text holds: without its place in a list, markup or an addition in brackets.

    A name that the text holds in no form stays as it is.
    """
    if key_of(name) in text:
        return name
    bare = _LISTED.sub("", name, count=1).strip("*_`#\"' ")
    spaced = bare.replace("_", " ")
    for form in (bare, spaced, _ADDED.sub("", spaced)):
        if read_name(form) and key_of(form) in text:
            return form
    return name


def is_sentence(name: str, text: str) -> bool:
    """True for a name that is a whole sentence of a text."""
    key = key_of(name).rstrip(_ENDS)
    if key.count(" ") + 1 < _FEWEST_WORDS and not (has_cjk(key) and len(key) >= _FEWEST_CJK):
        return False
    # Before it another sentence may end, or a heading, which has a line of its own.
    return any(_ends_and_begins(part, key) for part in map(folded, (text, *text.splitlines())))


def _ends_and_begins(text: str, key: str) -> bool:
    start = text.find(key)
    end = start + len(key)
    return start >= 0 and text[end : end + 1] in tuple(_ENDS) and text[:start].rstrip()[-1:] in ("", *_ENDS)


def holds(text: str, name: str) -> bool:
    """Whether a folded text holds a name as a word of its own, not within another."""
    key = key_of(name)
    at = text.find(key)
    if has_cjk(key):
        return at >= 0
    while at >= 0 and (_is_of_word(text[at - 1 : at]) or _is_of_word(text[at + len(key) : at + len(key) + 1])):
        at = text.find(key, at + 1)
    return at >= 0


def _is_of_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")  # Latin ends at Chinese, too


def stands_in(text: str, name: str) -> bool:
    """False for a name of which a text in the same script holds nothing: no word or its stem, and no acronym."""
    key = key_of(name)
    if has_cjk(key) != has_cjk(text) or holds(text, name):
        return True
    if has_cjk(key):
        return any(key[i : i + 2] in text for i in range(len(key) - 1))
    words = [word for word in _WORD.findall(key) if len(word) > 2 and word not in FUNCTION_WORDS]
    acronym = "".join(word[0] for word in _WORD.findall(key))
    return any(word[: max(4, len(word) - 3)] in text for word in words) or (len(acronym) > 1 and holds(text, acronym))


def _printable(text: str) -> str:
    """On one line, without what no reader sees and a terminal obeys; joiners shape some scripts."""
    if text.isprintable():  # nearly all are: a look at each character takes long
        return " ".join(text.split())
    kept = (c if c in _JOINERS or unicodedata.category(c)[0] != "C" else " " if c.isspace() else "" for c in text)
    return " ".join("".join(kept).split())
