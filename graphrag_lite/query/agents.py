"""Who did something: lines that name them ("Author: Ada Quill", 译者：…), and sentences that leave them out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import dropwhile, islice, takewhile

from graphrag_lite.query.clauses import DETERMINERS
from graphrag_lite.text.fields import field_of
from graphrag_lite.text.forms import in_all_forms
from graphrag_lite.text.lexicon import ARTICLES, FUNCTION_WORDS, PARTICLES, word_set
from graphrag_lite.text.normalize import Token, has_cjk, scan, terms

_BYLINE = re.compile(r"(?im)^[*_–— ]{0,4}(?:(?:written|words|text|story) )?by (?P<name>[^\n:：;]{2,60}?)[*_ ]*$")
_WRITING = re.compile(r"(?i)\b(?:wrote|writ\w+|authors?|authored)\b")
# What a Chinese question says of somebody's work, and what labels call who did it.
_AGENTS_CJK = (
    ("[编撰]?写|[编撰]?著|撰", "作者|著者|著|撰文|撰稿|撰写|文"),
    ("翻?译", "译者|翻译|译"),
    ("主?编[写著辑]?", "编者|主编|编辑|编著|编"),
    ("插?[画图]|绘[画制图]?", "绘者|绘图|插图|插画|绘"),
)
_AGENTS = (
    (_WRITING, _BYLINE),
    *((re.compile(asking), re.compile(rf"(?m)^[-*• ]*(?:{label})\**[:：]")) for asking, label in _AGENTS_CJK),
)
_ACTS_FOR = re.compile(r"(?i)(?:signed )?(?:for|on behalf of)\b")
_WHO = re.compile(r"(?i)\bwho (?:(?:first|originally|now|currently|also) )?(?P<verb>[^\W\d_]+)")
_PASSIVE = word_set("is are was were be been being get gets got am")
_BETWEEN = word_set("not never also now then first been being currently originally")
_BEFORE_NOUN = word_set("in of for by from at on without with after before when while since until upon the a an this")
# What says of much else than a firm that it is founded: it has to be said of the very thing that is asked about.
_WIDE = frozenset(terms("begin began begun start create establish find"))
_MUTUAL = in_all_forms(terms("marry meet join fight divorce"))  # if Ada meets Ned, Ned meets Ada
_DOERS = ("er", "ers", "or", "ors")  # founders: of the verb to found
_PRONOUNS = word_set("i you he she we they who")
_IN_NAMES = PARTICLES | ARTICLES | {"and", "both"}
_INDEFINITE = word_set("a an another")
_STOP = re.compile(r"[.!?]\s")
_BESIDE = 5  # words from one who does it to a name
_BY = 25  # words from what is done to who does it
_OF_WHOM = word_set("for of with")  # "Ada is known for mending it"
_OF_NAME = ("name", "full name", "姓名")  # labels for whoever is asked for


def agents_asked(question: str, kept: frozenset[str]) -> Mapping[re.Pattern[str], frozenset[str]]:
    """Terms of a question for a person, by the pattern of the lines that say them by naming who did it.

    Args:
        question: As asked.
        kept: Its content terms.
    """
    found = {line: frozenset(terms(" ".join(asking.findall(question)))) & kept for asking, line in _AGENTS}
    return {line: said for line, said in found.items() if said}


def names_agent(
    line: str, roles: tuple[frozenset[str], frozenset[str]], signs: Mapping[re.Pattern[str], frozenset[str]]
) -> bool:
    """Whether a line is a label and a name behind it.

    Args:
        line: Of a passage.
        roles: The terms that a label may say, and those that one for whom somebody acts may.
        signs: Patterns of other lines that will do.
    """
    is_sign = any(sign.search(line) for sign in signs)
    if field := field_of(line):
        label, value = field
        said = frozenset(terms(label))
        own, principals = roles
        may_say = own | principals if _ACTS_FOR.match(label) else own
        is_asked = is_sign or bool(said and said <= may_say) or label.lower() in _OF_NAME
        return is_asked and (has_cjk(value) or _is_all_name(value))
    byline = _BYLINE.match(line) if is_sign else None
    return byline is not None and _is_all_name(byline["name"])


def leaves_out_agent(question: str, text: str) -> bool:
    """Whether `text` tells that what "Who mends the lamp?" asks is done, and each time not by whom.

    "The lamps are mended at night" and "in mending" name nobody, whatever names stand beside them.
    """
    match = _WHO.search(question)
    if match is None or match["verb"].lower() in _PASSIVE or not _MUTUAL.isdisjoint(terms(match["verb"])):
        return False
    forms = in_all_forms(terms(match["verb"]))
    if forms.isdisjoint(terms(text)):
        return False  # most texts, which need not be read word by word
    tokens = scan(text)
    places = [i for i, token in enumerate(tokens) if not forms.isdisjoint(terms(token.word))]
    known = frozenset(terms(question))
    named = _named_behind(question, match["verb"])
    done_to = _object(question, match.end())
    return bool(places) and all(
        _is_without_agent(text, tokens, at, known)
        or _is_done_to_other(text, tokens, at, named)
        or _is_done_by(tokens, at, done_to)
        for at in places
    )


def _object(question: str, end: int) -> frozenset[str]:
    """Terms of the word or name to which it is asked who did something, where nothing follows it."""
    tokens = [token for token in scan(question[end:]) if token.word not in ARTICLES]
    is_name = all(token.is_capital for token in tokens) or len(tokens) == 1
    return frozenset(terms(tokens[-1].word)) if tokens and is_name else frozenset()


def _is_done_by(tokens: Sequence[Token], at: int, done_to: frozenset[str]) -> bool:
    """Whether the thing to which it is asked who does something does it itself: "mawk writes its version"."""
    verb, before = tokens[at], tokens[at - 1] if at else None
    is_active = verb.word.endswith("s") and not verb.is_capital
    return before is not None and is_active and not done_to.isdisjoint(terms(before.word))


def _named_behind(question: str, verb: str) -> frozenset[str]:
    """Terms of the name to which it is asked who did something: Aurora of "Who founded the Aurora?"."""
    tokens = scan(question)
    behind = dropwhile(lambda token: token.word != verb.lower(), tokens)
    run = takewhile(lambda token: token.is_capital or token.word in ARTICLES, islice(behind, 1, None))
    return frozenset(terms(" ".join(token.word for token in run if token.is_capital)))


def _is_done_to_other(text: str, tokens: Sequence[Token], at: int, named: frozenset[str]) -> bool:
    """Whether another name or thing, and not the one asked about, follows what is done: "founding the Borealis"."""
    if not named or tokens[at].word.endswith(_DOERS) or (at and tokens[at - 1].word in _PASSIVE):
        return False
    if not _WIDE.isdisjoint(terms(tokens[at].word)):
        behind = [token.word for token in tokens[at + 1 : at + 1 + _BESIDE]]
        return "it" not in behind and named.isdisjoint(terms(" ".join(behind)))
    if at + 1 < len(tokens) and tokens[at + 1].word in _INDEFINITE:
        return named.isdisjoint(terms(_STOP.split(text[tokens[at].end :], maxsplit=1)[0]))  # "founded a school"
    run: list[Token] = []
    for token in tokens[at + 1 :]:
        gap = text[(run[-1] if run else tokens[at]).end : token.start].strip()
        if gap not in ("", ",", "&") or (gap and not run):
            break
        if not token.is_capital and token.word not in _IN_NAMES:
            break
        run.append(token)
    objects = [token for token in run if token.is_capital and token.word not in FUNCTION_WORDS]
    return bool(objects) and named.isdisjoint(terms(" ".join(token.word for token in objects)))


def _is_without_agent(text: str, tokens: Sequence[Token], at: int, asked: frozenset[str]) -> bool:
    if tokens[at].word.endswith(_DOERS):
        is_of_doer = at > 1 and tokens[at - 2].word == "of" and tokens[at - 1].word in DETERMINERS
        ahead = () if is_of_doer else tokens[max(0, at - _BESIDE) : at]  # "granddaughter of the founder"
        beside = (*ahead, *tokens[at + 1 : at + 1 + _BESIDE])
        return _is_of_other(tokens, at, asked) or not any(map(_may_be_agent, beside))
    start = at
    while start and (tokens[start - 1].word in _BETWEEN or tokens[start - 1].word.endswith("ly")):
        start -= 1
    before = tokens[start - 1].word if start else ""
    is_noun = tokens[at].word.endswith("ing")
    if before == "to" or (is_noun and before in _OF_WHOM):  # "Ned agreed to mend it" names him
        sentence = text.rfind(". ", 0, tokens[at].start)
        return not any(_may_be_agent(token) for token in tokens[: start - 1] if token.start > sentence)
    if is_noun:
        return before in _BEFORE_NOUN
    following = tokens[at + 1 : at + 1 + _BY]
    rest = takewhile(lambda token: "." not in text[tokens[at].end : token.start], following)
    return before in _PASSIVE and not any(token.word == "by" for token in rest)


def _is_of_other(tokens: Sequence[Token], at: int, asked: frozenset[str]) -> bool:
    """Whether it is "maintainers of" something that is not asked about."""
    following = [token.word for token in tokens[at + 1 : at + 5]]
    return following[:1] == ["of"] and asked.isdisjoint(terms(" ".join(following[1:])))


def _may_be_agent(token: Token) -> bool:
    return token.word in _PRONOUNS or (token.is_capital and token.word not in FUNCTION_WORDS)


def _is_all_name(text: str) -> bool:
    """Whether `text` is nothing but capitalised words up to a comma or bracket."""
    tokens = scan(re.split(r"[,;(（，；、]", text, maxsplit=1)[0])
    return bool(tokens) and all(token.is_capital or token.word in PARTICLES for token in tokens)
