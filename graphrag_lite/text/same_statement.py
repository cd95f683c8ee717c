"""Whether one sentence plainly says what another one says.

Strict, since a wrong yes is worse than none: every word that means something, every name and every number has to be
there, in the same order or in that of the other voice ("Ned was taught by Ada"), and with the same word before it that
tells its part ("until 1902"). Beside them the other sentence may only tell more: a number, a place, what stands between
commas, an attribute behind an article, another clause. Whatever may turn a meaning, as "not" or "may", has to stand in
both. Paraphrases and translations say something else.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from graphrag_lite.text.amounts import Amount
from graphrag_lite.text.forms import FORMS
from graphrag_lite.text.lexicon import MONTHS, word_set
from graphrag_lite.text.normalize import has_cjk
from graphrag_lite.text.same_amounts import bears_out
from graphrag_lite.text.statements import PLACE, Statement, Term

_FEWEST = 6  # Chinese characters, or half as many words: less says too little to be told from something else
_MOST = 100  # terms of a sentence: a longer one is a list, a table, or a loop
_MOST_TRIED = 3  # places where a sentence may begin in another
_ADDING = PLACE | word_set("of from with for")  # before what a sentence may tell besides
_APART = PLACE | word_set("from to with for until till since before after through")  # before what may stand elsewhere
_LEADING_ON = word_set("who which that when while where")
_SUBORDINATE = re.compile(
    r"\b(?:that|if|whether|unless|although|though|because)\b|如果|若|说|称|认为|表示", re.IGNORECASE
)
_OPENS, _CLOSES = re.compile(r"\s*[,，、;；(（–—]"), re.compile(r"[,，、;；)）–—]\s*\Z")
_BREAK = re.compile(r"[,，、;；:：(（–—](?!\s?\d)")
_ASKED = re.compile(r"[?？]\W*\Z")
_CLAUSE = re.compile(r"[,，;；。！？、)）]\s*(?:(?:and|but|when|while|where)\b)?[\W]*\Z|\b(?:and|but)\b\W*\Z")
_AGENT = ("er", "or")  # a "teacher" is not "taught"
_SIGNS = "$€£¥￥"


def is_telling(sentence: Statement) -> bool:
    """Whether a sentence says enough to be found again: more than a few words, and not names and numbers alone."""
    weight = sum(1 if has_cjk(term.key) else 2 for term in sentence.terms)
    return weight >= _FEWEST and any(not term.number and not term.is_name for term in sentence.terms)


def says(source: Statement, sentence: Statement) -> bool:
    """Whether a source plainly says what a sentence does."""
    if max(len(source.terms), len(sentence.terms)) > _MOST or source.turning != sentence.turning:
        return False
    if _ASKED.search(source.text):
        return False
    held = [term.number for term in source.terms if term.number]
    said = [term.number for term in sentence.terms if term.number]
    if not is_telling(sentence) or not all(any(_is_same_amount(one, other) for one in held) for other in said):
        return False
    return any(_holds(source, sentence, places, verb) for places, verb in _alignments(source, sentence))


def _alignments(source: Statement, sentence: Statement) -> Iterator[tuple[dict[int, int], int]]:
    """Where each term of a sentence may stand in a source; and the verb around which it is turned, -1 where none is."""
    every = range(len(sentence.terms))
    moved = _in_order(sentence, {n: place for n in every if (place := _moved(source, sentence, n)) >= 0})
    is_turned = any(term.is_passive for term in (*source.terms, *sentence.terms))
    for apart in ({}, moved) if moved else ({},):
        core = [number for number in every if number not in apart]
        orders = [(core, -1)]
        if is_turned:  # who does it, and whom it is done to, change places
            orders += [([*core[at + 1 :], verb, *core[:at]], verb) for at, verb in enumerate(core)]
        for order, verb in orders:
            for places in _placed(source, sentence, order):
                yield places | apart, verb


def _moved(source: Statement, sentence: Statement, number: int) -> int:
    """Where a term of a phrase such as "in 1902", which may stand anywhere, does in a source; -1: it is of none."""
    term = sentence.terms[number]
    if term.role not in _APART:
        return -1
    for statement in (source, sentence):
        if sum(one.link == term.role for one in statement.terms) != 1:
            return -1
    found = (n for n, one in enumerate(source.terms) if one.role == term.role and _is_same(one, term))
    return next(found, -1)


def _in_order(sentence: Statement, moved: dict[int, int]) -> dict[int, int]:
    """Terms of phrases that stand elsewhere as a whole; only dates may be written in another order."""
    phrases: defaultdict[str, list[int]] = defaultdict(list)
    for number in moved:
        phrases[sentence.terms[number].role].append(number)
    kept = (
        phrase
        for phrase in phrases.values()
        if all(moved[one] < moved[other] for one, other in pairwise(phrase))
        or any(sentence.word(number) in MONTHS for number in phrase)
    )
    return {number: moved[number] for phrase in kept for number in phrase}


def _placed(source: Statement, sentence: Statement, order: Sequence[int]) -> Iterator[dict[int, int]]:
    """Places of terms in a source in a given order, each as near as can be to the one before."""
    if not order:
        yield {}
        return
    first = sentence.terms[order[0]]
    begun = [n for n, term in enumerate(source.terms) if _is_same(term, first)][:_MOST_TRIED]
    for at in begun:
        places = {order[0]: at}
        for number in order[1:]:
            term = sentence.terms[number]
            at = next((n for n in range(at + 1, len(source.terms)) if _is_same(source.terms[n], term)), -1)
            if at < 0:
                break
            places[number] = at
        else:
            yield places


def _holds(source: Statement, sentence: Statement, places: dict[int, int], verb: int) -> bool:
    """Whether terms that are found in a source play the same parts there, and nothing between them is left out."""
    found = sorted(places.values())
    if len(set(found)) < len(sentence.terms):
        return False
    for number, place in places.items():
        said, held = sentence.terms[number], source.terms[place]
        if said.is_possessive != held.is_possessive or (said.is_passive != held.is_passive) != (number == verb):
            return False
        leads_on = not said.link and _leads_on(source, place, found)
        if not leads_on and not _is_same_part(said, held, is_turned=verb >= 0):
            return False
    # "The pier was destroyed" does not tell by whom.
    is_agent_left_out = verb >= 0 and sentence.terms[verb].is_passive and all(t.link != "by" for t in sentence.terms)
    if not all(_adds(source, one, other) for one, other in pairwise(found)):
        return False
    return _begins(source, found[0], is_free=is_agent_left_out) and not _goes_on(source, found[-1])


def _is_same_part(said: Term, held: Term, *, is_turned: bool) -> bool:
    links = {said.link, held.link}
    if len(links) == 1 or said.role == held.role != "" or links <= PLACE or links <= {"", "and", "but"}:
        return True
    return is_turned and links == {"", "by"}


def _leads_on(source: Statement, place: int, found: Sequence[int]) -> bool:
    """Whether a word such as "which" leads on from what is found to a term, or begins the clause of all that is."""
    is_next = place - 1 in found or place == found[0]
    return is_next and source.terms[place].link in _LEADING_ON and _is_behind_comma(source, place)


def _is_behind_comma(source: Statement, place: int) -> bool:
    return place > 0 and bool(_OPENS.match(source.between(place - 1, place)))


def _adds(source: Statement, one: int, other: int) -> bool:
    """Whether what a source says between two terms only adds to them."""
    between = range(one + 1, other)
    if not between:
        return True
    if _goes_on(source, one):
        return False
    if _OPENS.match(source.between(one, one + 1)) and _CLOSES.search(source.between(other - 1, other)):
        return True
    within = source.text[source.terms[one].end : source.terms[other].start]
    return not _BREAK.search(within) and _is_addition(source, between)


def _is_addition(source: Statement, skipped: Sequence[int]) -> bool:
    """Whether each of some terms is a number, or of a phrase behind a preposition or an article."""
    adds = False
    for number in skipped:
        term = source.terms[number]
        is_joined = source.is_joined(number)
        is_attribute = term.is_led and not term.link and not _is_behind_comma(source, number)
        is_phrase = term.link in _ADDING or (bool(term.number) and (is_joined or term.role in _ADDING))
        adds = is_phrase or is_attribute or (adds and is_joined)
        if not adds:
            return False
    return True


def _begins(source: Statement, first: int, *, is_free: bool) -> bool:
    """Whether what a source says before its first term that counts leaves this as it is."""
    if not first:
        return True
    if _SUBORDINATE.search(source.text, 0, source.terms[first].start):
        return False
    return is_free or bool(_CLAUSE.search(source.between(first - 1, first))) or _is_addition(source, range(first))


def _goes_on(source: Statement, place: int) -> bool:
    """Whether the phrase of a term goes on behind it: "the board room" is no board."""
    if not source.is_joined(place + 1):
        return False
    return source.terms[place].is_name or not source.terms[place + 1].number


def _is_same(held: Term, said: Term) -> bool:
    if held.number and said.number:
        return _is_same_amount(held.number, said.number)
    if held.number or said.number:
        return False
    if held.key == said.key:
        return True
    is_form = held.key in FORMS.get(said.key, ()) and held.key[0] == said.key[0]
    return is_form and held.key.endswith(_AGENT) == said.key.endswith(_AGENT)


def _is_same_amount(held: Amount, said: Amount) -> bool:
    signs = {one.unit if one.unit in _SIGNS else "" for one in (held, said)}
    if held.is_marked != said.is_marked or len(signs) > 1:
        return False
    exact = [replace(one, is_rough=False) if one.is_rough else one for one in (held, said)]
    return bears_out(*exact)
