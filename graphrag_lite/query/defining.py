"""Whether a sentence says who or what something is: "Ada is an engineer", "Ada Quill, an engineer", …."""

from __future__ import annotations

import re
from collections.abc import Sequence

from graphrag_lite.query.predicates import is_predicate
from graphrag_lite.text.informative import without_speaker
from graphrag_lite.text.lexicon import (
    ARTICLES,
    COPULAS,
    DEFINING_NOUNS,
    FUNCTION_WORDS,
    JOB_ENDS,
    POLITE_TITLES,
    ROLES,
    word_set,
)
from graphrag_lite.text.normalize import Token, fold, has_cjk, scan, words
from graphrag_lite.text.variants import simplified

_STRONG, _FAIR, _WEAK = 2.4, 1.8, 1.35
_LATER = 0.8  # of that where the name does not open the sentence
_OPENING = 4  # words
_OPENING_CHARACTERS = 8
_REACH = 6  # words before the name among which a job is looked for
_ARTICLES = ARTICLES | {"one"}
_MEANING = word_set("means mean refers denotes designates")  # and "stands for"
_BETWEEN = word_set("also now currently probably still truly really perhaps just indeed both already known")
_JOBS = ROLES | JOB_ENDS | frozenset(DEFINING_NOUNS) | word_set("founder cofounder ceo cto chief inventor")
_AFTER_SUBJECTS = COPULAS | word_set("have had do did can could will would may might must should run")
_RELATED = frozenset({"had", "run"})  # which may as well follow as participles and nouns
_SECTION = re.compile(r"\d{1,2}$")  # "GZIP(1)", as pages of a manual are called
_BRACKETED = re.compile(r"\s*\([^()]*\)\s*")  # "(7 March 1881 – 19 June 1950)", before what somebody was
_QUOTES = tuple("\"'“‘")
_HEADED = re.compile(r"#{1,6} ([^\n]+)\n")
_ENTRY = re.compile(r"\W{0,3}\n(?: {2,}|[ ]*\t)")  # of a list of terms: below each one stands, indented, what it is
_SPEECH_ENDS = re.compile(",[\"'”’]")
_APPOSITION = (",", "(", "–", "—", "--", "-")
# Behind 将, 把 or 向 stands what is done with something else: 甲方将位于江北路的厂房出租.
_CHINESE = re.compile(
    r"\**(?:[（(：:]|[）)][：:]|，(?:就?是|指|即)|[^，。；将把向]{0,8}(?:就?是|为|简称|又称|指|位于|成立于))"
)
_OPENED = re.compile(r"[*#《“「『\s]*")  # what stands before the name where "，" follows it as an apposition
# What stands before it, or somebody, is called so: 提前离开者为早退, 有“海王”之称.
_CALLED = (
    "(?:[称誉](?:之?为|作)|叫[做作]|(?:者|行为)[，,]?即?[为是]|即为|视为|定义为)[“「《]?{0}[”」》]?(?=[，。；）]|$)"
    "|{0}[”」》]?之[称誉]"
)
# "What does Ada Quill do?" asks what she is: a sentence that says what somebody does hardly ever says "does".
_DOES = re.compile(
    r"^\s*what (?:does|do) (?P<subject>[^,;]+?)"
    r"(?:(?<! to) do(?: (?:for (?:a living|work)|professionally))?|(?<!\byou)(?<!\bthey)(?<!he) mean)[\s?]*$",
    re.IGNORECASE,
)
# Who does something, rather than what: ServerAliveInterval and E12 are no persons.
_PERSON = re.compile(r"(?:the )?[A-Z](?!\S*(?:[a-z][A-Z]|[_=\d])\S*$)")
_ASKED = re.compile(r"(?i)\s*(?P<asking>who|what)(?:'s| is| are| was| were)\s+(?=\S)")
_GIVEN = re.compile(r"(?i)(?:the|my|our|your|its|his|her|their|this|these)\b")


def as_definition(question: str) -> str:
    """A question that asks what somebody does or a word means as one that asks who or what that is; others as is."""
    return _DOES.sub(lambda m: f"{'Who' if _PERSON.match(m['subject']) else 'What'} is {m['subject']}?", question)


def asks_to_define(question: str) -> bool:
    """Whether an English question asks who or what something is: where nothing but its name follows."""
    asked = _ASKED.match(question)
    return asked is not None and not is_predicate(question[asked.end() :], of_person=asked["asking"].lower() == "who")


def subject_asked(question: str) -> str:
    """What an English question asks the definition of."""
    subject = _ASKED.sub("", question, count=1) if asks_to_define(question) else question
    return subject.strip(" ?.!\"'")


def is_given(subject: str) -> bool:
    """Whether a subject is one that is known to the asker: "the warranty", "our budget"."""
    return _GIVEN.match(subject) is not None


def defines(subject: str, sentence: str, around: str = "") -> float:
    """1 for a sentence that tells something else; up to 2.4 for one that begins with what the subject is.

    Args:
        subject: The name or the words that are asked about, in simplified characters.
        sentence: In which a part of the name will do where `around` gives it in full.
        around: Its passage, with the title.
    """
    if has_cjk(subject):
        sentence = simplified(sentence)
        at = sentence.find(subject, 0, _OPENING_CHARACTERS + len(subject))
        is_told = at >= 0 and (
            _CHINESE.match(sentence, at + len(subject))
            or (sentence.startswith("，", at + len(subject)) and _OPENED.fullmatch(sentence, 0, at))
        )
        return _STRONG if is_told or re.search(_CALLED.format(re.escape(subject)), sentence) else 1.0
    text = without_speaker(sentence)
    if text.rstrip("\"'”’) ").endswith(("!", "?")):
        return 1.0  # who is called or asked for is not told
    name = _bare_name(subject)
    is_known = bool(name) and " ".join(name) in " ".join(words(around))
    tokens = scan(text)
    places = _places(tokens, name, is_known)
    places = [span for span in places if not _is_addressed_otherwise(subject, tokens, span[0])]
    if name and not _PERSON.match(subject) and _is_labelled(text, tokens, name):
        return _STRONG
    return max((min(_at(text, tokens, span), _most(subject, tokens, span[0])) for span in places), default=1.0)


def _is_labelled(text: str, tokens: Sequence[Token], name: Sequence[str]) -> bool:
    """Whether a text begins with a name and a colon, as a list of codes or terms does: "**E12: no such page.**"."""
    begins = tokens[: len(name)]
    return [token.word for token in begins] == list(name) and re.match(
        r"[`*]*:[*]*\s", text[begins[-1].end :]
    ) is not None


def _is_addressed_otherwise(subject: str, tokens: Sequence[Token], start: int) -> bool:
    """Whether the name stands behind another title than asked: "Mrs. Quill" is not "Mr. Quill"."""
    titles = POLITE_TITLES.intersection(words(subject))
    before = tokens[start - 1].word if start else ""
    return bool(titles) and before in POLITE_TITLES and before not in titles


def _most(subject: str, tokens: Sequence[Token], start: int) -> float:
    """What a place can score: little where it is that of a Mrs., and the name is asked for without a title."""
    is_of_wife = start > 0 and tokens[start - 1].word == "mrs" and POLITE_TITLES.isdisjoint(words(subject))
    return _WEAK if is_of_wife else _STRONG


def tells_doing(subject: str, sentence: str) -> bool:
    """Whether an English sentence begins with a name and what it does: "Kubernetes orchestrates containers"."""
    tokens = [token for token in scan(without_speaker(sentence)) if token.word not in POLITE_TITLES]
    name = _bare_name(subject)
    begins, rest = tokens[: len(name)], tokens[len(name) :]
    if not name or [token.word for token in begins] != name or begins[-1].is_possessive or len(rest) < 2:
        return False
    verb, then = rest[0], rest[1]
    is_singular = verb.word.endswith("s") and not verb.word.endswith(("ss", "us", "is")) and not verb.is_capital
    is_noun = then.word in _AFTER_SUBJECTS  # "Kubernetes containers are cheap"
    return is_singular and not is_noun and verb.word not in FUNCTION_WORDS


def is_of(subject: str, text: str) -> bool:
    """Whether `text` gives the subject in full."""
    name = _bare_name(subject)
    return " ".join(name) in " ".join(words(text))


def _bare_name(subject: str) -> list[str]:
    """The words of a name without articles and titles."""
    return [word for word in words(subject) if word not in _ARTICLES and word not in POLITE_TITLES]


def _places(tokens: Sequence[Token], name: Sequence[str], is_known: bool) -> list[tuple[int, int]]:
    """Runs of tokens that are the name, or one of its words where it is known already."""
    found, size = [], len(name)
    for at, token in enumerate(tokens):
        if [t.word for t in tokens[at : at + size]] == list(name):
            found.append((at, at + size))
        elif is_known and token.word in (name[0], name[-1]) and token.is_capital:
            is_other = at > 0 and tokens[at - 1].is_capital and tokens[at - 1].word not in (*POLITE_TITLES, name[0])
            if not is_other:
                found.append((at, at + 1))
    return [(start, end) for start, end in found if not tokens[end - 1].is_possessive]


def _at(text: str, tokens: Sequence[Token], span: tuple[int, int]) -> float:
    start, end = span
    later = 1.0 if start < _OPENING else _LATER
    if text[: tokens[start].start].endswith("-"):  # an option: "--budget 0.50 is a cap", "--json prints JSON"
        if text.startswith("-", tokens[end - 1].end):
            return 1.0  # --batch-wait is not --batch
        end = next((at for at in range(end, len(tokens)) if not _is_value(text, tokens[at])), end)
        if start == 0 and end < len(tokens):
            return _STRONG
    end = _behind_brackets(text, tokens, end)
    following = tokens[end : end + 3]
    if following and text[tokens[end - 1].end : following[0].start].rstrip().endswith("?"):
        following = following[:0]
    if _says_meaning([token.word for token in following]):
        return _STRONG * later
    if following and following[0].word in COPULAS:
        rest = [t for t in following[1:] if t.word not in _BETWEEN]
        if rest and (rest[0].word in _ARTICLES or _is_job(rest[0].word)):
            return _STRONG * later
        return _WEAK if rest and rest[0].word not in FUNCTION_WORDS and start < _OPENING else 1.0
    between = text[tokens[end - 1].end : following[0].start] if following else ""
    if _SPEECH_ENDS.match(between) and text[tokens[start].start - 1 : tokens[start].start] not in _QUOTES:
        return 1.0  # "Do go on, Ada," said her niece: who is called, and what follows is of who calls
    gap = between.strip("\"'”’) ")
    if start == 0 and _ENTRY.match(between):
        return _STRONG
    if following and gap.startswith(_APPOSITION) and not _SECTION.match(following[0].word):
        if following[0].word in _ARTICLES and len(following) > 2 and following[2].word in _AFTER_SUBJECTS - _RELATED:
            return 1.0  # "When it calls X, the call may be forwarded": the other begins a clause
        if following[0].word in _ARTICLES or any(_is_job(t.word) for t in following):
            return _STRONG * later
        if following[0].word == "who" or (start < _OPENING and _is_owned(following)):
            return _FAIR * later
        return _WEAK if following[0].word not in FUNCTION_WORDS and not following[0].is_capital else 1.0
    return _FAIR if _follows_job(tokens[max(0, start - _REACH) : start]) else 1.0


def _behind_brackets(text: str, tokens: Sequence[Token], end: int) -> int:
    """Where the sentence goes on to say what the name is, if brackets stand between; else where the name ends."""
    if not (match := _BRACKETED.match(text, tokens[end - 1].end)):
        return end
    behind = next((at for at in range(end, len(tokens)) if tokens[at].start >= match.end()), end)
    return behind if behind < len(tokens) and tokens[behind].word in COPULAS else end


def _is_value(text: str, token: Token) -> bool:
    return token.word.isdigit() or text[token.start : token.end].isupper()


def _says_meaning(following: Sequence[str]) -> bool:
    verb = next((word for word in following if word not in ("shall", "generally", "usually", "here")), "")
    return verb in _MEANING or following[:2] == ["stands", "for"] or following[:2] == ["is", "defined"]


def _is_owned(following: Sequence[Token]) -> bool:
    """Whether it is "Ned's sister"."""
    return following[0].is_possessive and len(following) > 1 and not following[1].is_capital


def _follows_job(before: Sequence[Token]) -> bool:
    """Whether a job leads up to the name: "science fiction writer X", "the CEO of Fenn Pumps, X"."""
    for token in reversed(before):
        if _is_job(token.word) and token.word not in POLITE_TITLES:
            return True
        if not token.is_capital and token.word not in ("of", "at", "and", "the", "for", "from"):
            return False
    return False


def may_define(subject: str, text: str) -> bool:
    """Whether it is worth to look closer: the subject heads it, or a word of it stands before "is", "," or the like."""
    name = [re.escape(word) for word in _bare_name(subject)]
    if not name:
        return False
    headed = _HEADED.match(text)
    if headed and words(headed[1]) == words(subject):
        return True
    folded = fold(text)
    ends = f"(?:{name[0]}|{name[-1]})"
    return (
        re.search(rf"\b{ends}[\"'”’) ]*(?:[,(–—-]|\s+(?:is|was|are|were|means|shall mean|refers|stands)\s)", folded)
        is not None
    )


def _is_job(word: str) -> bool:
    return word in _JOBS or word.removesuffix("s") in _JOBS
