"""What a question says of somebody or something, told from a name: "on call", "leading the works", "kept in the attic".

"Who is Ada Quill?" asks who that is; "Who is on call?" asks of whom that is true.
"""

from __future__ import annotations

import re

from graphrag_lite.text.forms import PAST_FORMS
from graphrag_lite.text.lexicon import word_set

# Words of where, when and of another clause: what has one is told of somebody.
_CIRCUMSTANCES = word_set(
    "in at on during under over until till since before after behind beneath below above between among into "
    "when where which that is was are were today tonight tomorrow yesterday"
)
_TIME = re.compile(r"\b(?:this|next|last) (?:\w*day|week|month|year|morning|afternoon|evening|night|summer|winter)\b")
_DANGLING = re.compile(r"\b(?:of|for|from|to|with|by|about)[\s?]*$")  # "What are lamps made of?"
_BELONGING = re.compile(r"(?i)the\b.*\b(?:of|that|which|who|in|for)\b|.*['’]s\b")  # "the size of …", "Ada's sister"
_RELATED = re.compile(r"(?:not )?[a-z]+ (?:for|from|by|to|with)\b")  # "Who is responsible for the lamps?"
_OFFICE = re.compile(r"[a-z]+ of\b")  # "Who is head of the Works?": of things it may be a name, "rite of passage"
_DOES = re.compile(r".*[A-Z]\w+ [a-z]+ing\b")  # "What is Ada building?"
_DOING = re.compile(r"[a-z]+ing (?:the|an?|his|her|its|their|our|my|[A-Z]\w*)\b")  # "What is holding the bridge?"
_BETWEEN = word_set("not never now also still always already being")
_SHORTEST = 5  # letters of a participle: "red" and "shed" are none


def is_predicate(said: str, *, of_person: bool) -> bool:
    """Whether `said`, which follows "who is" or "what is", tells of somebody or something rather than naming it.

    Args:
        said: The rest of an English question.
        of_person: Whether "who" is asked.
    """
    words = [word.rstrip("?.!,") for word in said.split()]
    rules = (_BELONGING, _RELATED, _DOES, _DOING, *([_OFFICE] if of_person else []))
    if any(rule.match(said) for rule in rules) or _TIME.search(said) or _DANGLING.search(said):
        return True
    return not _CIRCUMSTANCES.isdisjoint(words) or _is_done(words, of_person=of_person)


def _is_done(words: list[str], *, of_person: bool) -> bool:
    """Whether it begins with a participle: "elected treasurer", "approved by Ned". Stored energy is a thing, though."""
    bare = words
    while len(bare) > 1 and (bare[0] in _BETWEEN or bare[0].endswith("ly")):
        bare = bare[1:]
    is_person_doing = of_person and bare[0].islower() and bare[0].endswith("ing")
    is_said_of = of_person or len(bare) == 1 or bare[1] == "by" or words[0] == "not"
    return is_person_doing or (is_said_of and _is_participle(bare[0]))


def _is_participle(word: str) -> bool:
    is_regular = word.endswith("ed") and not word.endswith("eed") and len(word) >= _SHORTEST
    return word.islower() and (is_regular or word in PAST_FORMS)
