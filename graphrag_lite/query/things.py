"""Things that an English question speaks of, by where it says them: what knows nothing of one of them answers nothing.

What is done, or asked for, an answer may say in other words: "Keys are 4 euros" tells what they cost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from graphrag_lite.query.clauses import DETERMINERS, PERSONAL, PREPOSITIONS
from graphrag_lite.text.forms import PAST_FORMS
from graphrag_lite.text.lexicon import FUNCTION_WORDS, word_set
from graphrag_lite.text.normalize import Token, has_cjk, scan

_BEFORE = PREPOSITIONS | word_set("by about")
_DO, _BE = word_set("do does did"), word_set("is are was were")
_MAY = word_set("can could may might must should shall will would")
# Before these a thing ends: "the town where Ada was born" and "the place of birth" may well be called otherwise.
_AFTER = (_BEFORE - {"of"}) | _DO | _BE
_BREAK = re.compile(r"[^\s'’-]")


def things_asked(question: str) -> Iterator[str]:
    """The last word of what a preposition takes, "for a new lamp", or a verb; and one bare word that does something."""
    tokens = [] if has_cjk(question) else scan(question)
    for at, token in enumerate(tokens):
        if token.word in _DO | _MAY and (behind := _behind_verb(question, tokens[at + 1 :], is_first=not at)):
            yield behind
        start = next((i for i in range(at + 1, len(tokens)) if tokens[i].word not in DETERMINERS), len(tokens))
        run = _run(question, tokens[start:])
        if not run or not _ends(question, run[-1].end, tokens[start + len(run) :]):
            continue
        if token.word in _BEFORE:
            is_name_first = start == at + 1 and run[0].is_capital and not run[-1].is_capital  # "in Leith built"
            if not is_name_first:
                yield run[-1].word
        elif start == at + 1 and _is_done_by_one(token, run):
            yield run[0].word


def _behind_verb(text: str, tokens: Sequence[Token], *, is_first: bool) -> str:
    """The last word of what "I" do it to, "do I keep old lamps", or Ada, where yes or no is asked."""
    name = sum(1 for _ in takewhile(lambda token: token.is_capital or token.word.isdigit(), tokens))
    verb = 1 if tokens and tokens[0].word in PERSONAL else name if is_first else 0
    if not verb or len(tokens) <= verb or tokens[verb].word in FUNCTION_WORDS:
        return ""
    rest = tokens[verb + 1 :]
    start = next((i for i, token in enumerate(rest) if token.word not in DETERMINERS), len(rest))
    run = _run(text, rest[start:])
    ends = run and _ends(text, run[-1].end, rest[start + len(run) :]) and not run[-1].word.endswith("ly")
    return run[-1].word if ends else ""


def _run(text: str, tokens: Sequence[Token]) -> Sequence[Token]:
    """The first words that stand together, up to a function word."""
    end = 0
    while end < len(tokens) and tokens[end].word not in FUNCTION_WORDS:
        if end and _BREAK.search(text[tokens[end - 1].end : tokens[end].start]):
            break
        end += 1
    return tokens[:end]


def _ends(text: str, end: int, following: Sequence[Token]) -> bool:
    return not following or following[0].word in _AFTER or bool(_BREAK.search(text[end : following[0].start]))


def _is_done_by_one(auxiliary: Token, run: Sequence[Token]) -> bool:
    """Whether words behind "do" or "is" are one that names and one that says what it does: "do pumps stop"."""
    if len(run) != len(("pumps", "stop")):
        return False
    done = run[1].word
    return auxiliary.word in _DO or (auxiliary.word in _BE and (done.endswith(("ed", "en")) or done in PAST_FORMS))
