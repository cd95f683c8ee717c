"""What a model is shown of the knowledge base: numbered sources packed by priority into a token budget."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from graphrag_lite.prompts import numbered
from graphrag_lite.query.by_model.generate import ContextItem
from graphrag_lite.query.headings import label_of
from graphrag_lite.query.reports import reports_for
from graphrag_lite.query.search import Search
from graphrag_lite.query.works import readable_title
from graphrag_lite.records import CommunityReport, Passage
from graphrag_lite.text.metadata import shown_metadata
from graphrag_lite.text.tokens import estimate_tokens

_ITEM_TOKENS = 8  # the line "#mark number title" beside the title
_BACKGROUND = 0.25  # of the budget, at most: what relationships, claims and reports say beyond the passages
_ENTITIES = 16
_DESCRIBED = 6  # of the entities
_REPORTS = 2
_GLOBAL_REPORTS = 24
_REPORTS_SHARE = 0.7  # of a global context; passages take what reports leave
MOST_PASSAGES = 60
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d{5})")  # alone, or at the begin of a date such as 20240305


@dataclass(frozen=True, slots=True)
class Source:
    """One numbered item, and the passages that it rests on: a citation of it stands for a sentence of theirs.

    `drawn_from` are the titles, with their metadata, of the items that a model drew a point from.
    """

    item: ContextItem
    passages: tuple[Passage, ...]
    drawn_from: tuple[str, ...] = ()

    @property
    def tokens(self) -> int:
        """Estimated tokens in the prompt."""
        return estimate_tokens(self.item.text) + estimate_tokens(self.item.title) + _ITEM_TOKENS

    @property
    def ground(self) -> str:
        """All that may bear out what it is cited for: its passages, their titles and files, and its own title.

        Not its text, which may be a model's, as that of a report is.
        """
        told = (part for p in self.passages for part in (p.title, p.source, p.text))
        return "\n".join(dict.fromkeys((self.item.title, *self.drawn_from, *told)))


@dataclass(frozen=True, slots=True)
class Context:
    """Numbered sources, the most important first; `sources[n - 1]` is number n."""

    sources: tuple[Source, ...]

    @property
    def items(self) -> list[ContextItem]:
        """What the model sees."""
        return [source.item for source in self.sources]

    @property
    def passages(self) -> tuple[Passage, ...]:
        """What the sources rest on, each passage once, in order."""
        return distinct(p for source in self.sources for p in source.passages)

    def of_same_passage(self) -> dict[int, int]:
        """By the index of a source that rests on one passage the first that does: what is cited is the passage."""
        first: dict[str, int] = {}
        alone = [
            (index, source.passages[0].chunk_id)
            for index, source in enumerate(self.sources)
            if len(source.passages) == 1
        ]
        return {index: first.setdefault(chunk_id, index) for index, chunk_id in alone}

    @property
    def text(self) -> str:
        """The whole as the model reads it."""
        return numbered(item.shown for item in self.items)


def local_context(
    search: Search, question: str, passages: Sequence[Passage], asked: Sequence[int], room: int
) -> Context:
    """The best passages, what the graph says around them, then as many further passages as fit.

    Args:
        search: What may be looked at.
        question: As asked, with the questions that it consists of.
        passages: Best first.
        asked: Entities that the question names; none leaves the graph out, as mode basic does.
        room: Tokens of all sources together.
    """
    k = search.session.settings.query.top_k
    best = passage_sources(search, passages[:k])
    shown = {p.chunk_id for p in passages[:k]}
    background: list[Source] = []
    if asked:
        background += _descriptions(search, asked, passages[:k])
        background += [*_statements(search, question, asked, shown), *_reports(search, question, shown)]
    rest = passage_sources(search, passages[k:])
    return Context(tuple(fit([*best, *fit(background, int(_BACKGROUND * room)), *rest], room)))


def distinct(passages: Iterable[Passage]) -> tuple[Passage, ...]:
    """Each passage once, where it came first, as a search found it: evidence of a report has no score and no path."""
    found: dict[str, Passage] = {}
    for passage in passages:
        if not (known := found.get(passage.chunk_id)) or (passage.score and not known.score):
            found[passage.chunk_id] = passage
    return tuple(found.values())


def basic_context(search: Search, passages: Sequence[Passage], room: int) -> Context:
    """As many passages as fit."""
    return Context(tuple(fit(passage_sources(search, passages), room)))


def passage_sources(search: Search, passages: Iterable[Passage]) -> list[Source]:
    """Passages as numbered sources, those of nameless documents under the first words of these."""
    keys = search.session.settings.query.metadata
    return [passage_source(passage, keys, _begun(search, passage)) for passage in passages]


def passage_source(passage: Passage, keys: Sequence[str] = (), begun: str = "") -> Source:
    """A passage as a numbered source, under what stands above it in its document: that may say who "he" is.

    What some keys of its metadata hold stands there too: it may say who writes, and when. `begun` is how its document
    begins, where nothing names it.
    """
    above = " > ".join(filter(None, (begun, shown_above(passage))))
    return Source(ContextItem(passage.text, _with_metadata(above, passage, keys)), (passage,))


def _begun(search: Search, passage: Passage) -> str:
    """What the document of a passage begins with, where nothing names it; "" for the beginning itself."""
    if label_of(passage) or not passage.start:
        return ""
    return readable_title(replace(passage, text=search.session.first_text(passage.chunk_id)))


def documents_shown(search: Search, source: Source) -> list[str]:
    """The documents that a source rests on: title, name of the file or first words, with metadata."""
    keys = search.session.settings.query.metadata
    return list(dict.fromkeys(_with_metadata(label_of(p) or _begun(search, p), p, keys) for p in source.passages))


def _with_metadata(title: str, passage: Passage, keys: Sequence[str]) -> str:
    stated = shown_metadata(passage.metadata, keys)
    return f"{title} ({stated})".lstrip() if stated else title


def shown_above(passage: Passage) -> str:
    """Title, or name of the file, and the headings above a passage, but for those that it or the title holds.

    A file name that holds a year stands beside the title: often nothing else says from when a document is.
    """
    name = PurePath(passage.source).stem
    title = label_of(passage)
    lines = {line.strip("#* \t") for line in passage.text.splitlines()}
    above = (heading for heading in passage.headings.split(" > ") if heading not in lines and heading not in title)
    shown = " > ".join(dict.fromkeys(filter(None, [title, *above])))
    tells_year = any(year not in shown for year in _YEAR.findall(name))
    return f"{shown} ({name})".lstrip() if tells_year else shown


def fit(sources: Iterable[Source], room: int) -> list[Source]:
    """The sources that fit, in order; one that is too long is left out, not cut."""
    chosen = []
    for source in sources:
        if source.tokens <= room:
            chosen.append(source)
            room -= source.tokens
    return chosen


def _descriptions(search: Search, asked: Sequence[int], shown: Sequence[Passage]) -> list[Source]:
    """What the question's entities are, where no shown passage says it in the same words."""
    return [
        Source(ContextItem(description, name), tuple(evidence))
        for name, description, evidence in search.descriptions(asked[:_DESCRIBED])
        if not any(description in passage.text for passage in shown)
    ]


def _statements(search: Search, question: str, asked: Sequence[int], shown: set[str]) -> list[Source]:
    """What is stated of the question's entities in chunks that are not shown anyway, one source a chunk."""
    said: dict[str, tuple[Passage, list[str]]] = {}
    for passage, text in search.statements(asked[:_ENTITIES], question):
        if passage.chunk_id not in shown:
            said.setdefault(passage.chunk_id, (passage, []))[1].append(text)
    keys = search.session.settings.query.metadata
    return [
        Source(ContextItem("\n".join(dict.fromkeys(texts)), _with_metadata(passage.title, passage, keys)), (passage,))
        for passage, texts in said.values()
    ]


def _reports(search: Search, question: str, shown: set[str]) -> list[Source]:
    """The reports by a model on what the shown passages speak of."""
    found = []
    for report, relevance, _, evidence in search.reports(question):
        overlap = sum(p.chunk_id in shown for p in evidence)
        if overlap and report.extractor.startswith("llm/"):
            source = Source(ContextItem(report.summary, report.title), tuple(evidence))
            found.append((-overlap, -relevance, report.community_id, source))
    return [source for *_, source in sorted(found, key=lambda row: row[:3])[:_REPORTS]]


def global_sources(search: Search, question: str, passages: Sequence[Passage], room: int) -> list[Source]:
    """Reports that bear on the question, widely spread, then passages, as far as the tokens reach."""
    reports = []
    for hit in reports_for(search, question, limit=_GLOBAL_REPORTS):
        chunk_ids = dict.fromkeys(e.chunk_id for finding in hit.report.findings for e in finding.evidence)
        evidence = tuple(p for chunk_id in chunk_ids if (p := search.passage(chunk_id)))
        if evidence:
            reports.append(Source(ContextItem(report_text(hit.report), hit.report.title), evidence))
    shown = passage_sources(search, passages)
    return fit([*fit(reports, int(_REPORTS_SHARE * room)), *shown], room)


def report_text(report: CommunityReport) -> str:
    """The summary and the findings that say something else: a summary may quote its findings."""
    findings = dict.fromkeys(finding.text.strip() for finding in report.findings)
    return "\n".join([report.summary, *(text for text in findings if text not in report.summary)])
