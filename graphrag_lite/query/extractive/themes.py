"""Themes as they are written: labels, sentences with their speakers and markers, and the line above them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from graphrag_lite.query.asked import Asked
from graphrag_lite.query.cite import citation_of
from graphrag_lite.query.extractive.answer import ExtractiveAnswer
from graphrag_lite.query.works import readable_title
from graphrag_lite.records import Citation, Passage
from graphrag_lite.text.fragments import fragment_factor
from graphrag_lite.text.informative import leans, quotable, telling_alone, without_speaker
from graphrag_lite.text.lexicon import FUNCTION_WORDS
from graphrag_lite.text.normalize import has_cjk, scan, terms

_SHARED_WORD = 0.35  # of the titles: a word in more of them tells none from another
# "JUDY ESTRIN: " at the start of a line.
_LABEL = re.compile(
    r"^(?:\[?\d{1,2}:\d{2}(?::\d{2})?\]?[ \t]*)?((?:[A-Z][A-Z.'’-]+)(?: [A-Z(][A-Z.'’)-]*){1,3}):\s", re.MULTILINE
)
_LISTED = {
    "theme": ("theme", "themes", "个方面"),
    "part": ("part", "parts in their order", "个部分"),
    "passage": ("passage", "passages", "处"),
    "person": ("person", "people", "个人物"),
    "organization": ("organisation", "organisations", "个机构"),
    "place": ("place", "places", "个地点"),
    "event": ("event", "events", "个事件"),
}
_NUMBERING = re.compile(r"(?i)(?:ep|v|vol|no|part)?[-_.]?(?!(?:1[5-9]|20)\d\d$)\d+|\(\d+\)|transcript|(?:ep|v)\d+")
_ENOUGH_TITLES = 4
LONGEST_SENTENCE = 420
LIKE = 0.5  # share of terms that makes two sentences the same point
FOREIGN = 0.2  # factor of a sentence in another language than the question
_LEANING = 0.2  # factor of a sentence that begins in the air
UNLABELLED = "\0"  # begins the key of statements that stand without a label


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence that may go into the answer."""

    text: str
    passage: Passage
    start: int
    end: int
    theme: str
    family: str
    said: frozenset[str]
    score: float


def unlabelled(statements: Iterable[Statement]) -> dict[str, list[Statement]]:
    """Each statement as a theme of its own that has no label."""
    return {f"{UNLABELLED}{number}": [statement] for number, statement in enumerate(statements)}


def labelled(
    themes: Mapping[str, list[Statement]],
    findings: Mapping[str, Sequence[str]],
    passages: Sequence[Passage],
) -> dict[str, list[Statement]]:
    """Themes under labels for reading: names with what is said about them; titles without what most of them share.

    Args:
        themes: Statements by the title of their report or document.
        findings: Sentences of each report, by its title.
        passages: That were searched, for the words that their titles share.
    """
    titles = list(dict.fromkeys(readable_title(p) for p in passages))
    counts = Counter(word for title in titles for word in set(title.split()))
    shared = {w for w, n in counts.items() if len(titles) >= _ENOUGH_TITLES and n >= _SHARED_WORD * len(titles)}
    found: dict[str, list[Statement]] = {}
    for theme, statements in themes.items():
        label = _with_matter(theme, findings[theme]) if theme in findings else _without_shared(theme, shared)
        found.setdefault(label or theme, []).extend(statements)
    return found


def _without_shared(title: str, shared: Collection[str]) -> str:
    """A title without what most share and numbers of parts, as far as these stand at its ends: between, they are it."""
    kept = title.split()
    while kept and (kept[-1] in shared or _NUMBERING.fullmatch(kept[-1])):
        del kept[-1]
    if len(kept) < len(title.split()):
        while kept and kept[-1].lower() in FUNCTION_WORDS:
            del kept[-1]
    whole = len(kept)
    while kept and (kept[0] in shared or _NUMBERING.fullmatch(kept[0])):
        del kept[0]
    while kept and len(kept) < whole and kept[0].lower() in FUNCTION_WORDS:
        del kept[0]
    return " ".join(kept)


def _with_matter(title: str, texts: Sequence[str]) -> str:
    """A title of names with the two words that its findings repeat most."""
    if has_cjk(title):
        return title
    forms: dict[str, Counter[str]] = {}
    for text in texts:
        for token in scan(without_speaker(text)):
            if (
                token.word.isalpha()
                and not token.is_capital
                and len(token.word) > 3
                and token.word not in FUNCTION_WORDS
            ):
                for stem in terms(token.word):
                    forms.setdefault(stem, Counter())[token.word] += 1
    known = set(terms(title))
    rated = sorted((-c.total(), stem) for stem, c in forms.items() if stem not in known and c.total() > 1)
    best = [min(forms[stem], key=lambda w: (-forms[stem][w], w)) for _, stem in rated[:2]]
    return f"{title} – {', '.join(best)}" if best else title


def _spoken(statement: Statement) -> str:
    """The sentence, with its speaker in front where the text has labels of speakers."""
    before = statement.passage.text[: statement.start]
    own = _LABEL.match(statement.text)
    label = own or max(_LABEL.finditer(before), key=lambda m: m.start(), default=None)
    if label is None:
        return quotable(statement.text.lstrip("#>*•|- "))
    said = statement.text[own.end() :] if own else statement.text
    return f"{label.group(1).title()}: {quotable(said)}"


def telling(text: str) -> float:
    """How well a sentence makes a point that stands alone: 0 for a fragment, little where it begins in the air."""
    told = telling_alone(text)
    return told * fragment_factor(text) * (_LEANING if leans(text) else 1.0) if told else 0.0


def likeness(one: Statement, other: Statement) -> float:
    """Share of the terms of the shorter that the other says too."""
    return len(one.said & other.said) / max(1, min(len(one.said), len(other.said)))


def write(
    asked: Asked,
    themes: Mapping[str, list[Statement]],
    document_count: int,
    names: Sequence[str] = (),
    what: str = "theme",
) -> ExtractiveAnswer:
    """The answer: a line above, and a bullet for each theme.

    Args:
        asked: The question.
        themes: Statements by label, in order.
        document_count: Documents that were searched.
        names: That the collection names most often.
        what: The kind of thing that is listed: theme, part, a type of entity, or passage; of passages it is the
            quotations that are counted.
    """
    citations: list[Citation] = []
    lines = []
    for theme, statements in themes.items():
        said = []
        for statement in statements:
            citations.append(citation_of(statement.passage, str(len(citations) + 1), statement.start, statement.end))
            said.append(f"{_spoken(statement)} [{len(citations)}]")
        colon = "：" if has_cjk(theme) else ":"
        label = "" if theme.startswith(UNLABELLED) else f"**{theme}**{colon} "
        lines.append(f"- {label}{' '.join(said)}")
    shown = len({c.document_id for c in citations})
    number = len(citations) if what == "passage" else len(themes)
    lead = _lead(asked, (number, what), shown, max(shown, document_count), names)
    return ExtractiveAnswer("\n".join([lead, "", *lines]), tuple(citations), True)


def _lead(asked: Asked, listed: tuple[int, str], shown: int, count: int, names: Sequence[str]) -> str:
    number, what = listed
    if asked.is_chinese:
        named = f"共 {count} 篇文档，最常提到{'、'.join(names)}。\n\n" if names else ""
        of = f" {count} 篇文档中的 {shown} 篇" if count > 1 else " 1 篇文档"
        return f"{named}从{of}摘出 {number} {_LISTED[what][2]}："
    several = f"{number} {_LISTED[what][number > 1]}"
    documents = "1 document" if count == 1 else f"{count:,} documents"
    if not names:
        return f"{several}, quoted from {documents if count == 1 else f'{shown} of {documents}'}:"
    named = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    quoted = "quoted from it" if count == 1 else f"quoted from {shown} of them"
    return f"{documents}, most often about {named}. {several}, {quoted}:"
