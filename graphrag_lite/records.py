"""The nouns of the field as frozen records; every other module speaks in these.

Offsets are character offsets, half open: `text[start:end]`. Ids are opaque strings. Level 0 is the coarsest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Document:
    """One document, as given by a user or read from a source.

    `id` empty means: derived from the content. `pages[n]` is the offset in `text` at which page n+1 starts; empty
    where the format knows no pages. `offset_map` lists (offset in `text`, offset in the original text) wherever
    cleaning changed their difference; empty means that they are equal everywhere.
    """

    text: str
    id: str = ""
    title: str = ""
    source: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    pages: tuple[int, ...] = ()
    offset_map: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of one document: `document.text[start:end] == text`.

    `ordinal` counts from 0 inside the document. `text_hash` is the key of the facts. `headings` is the path of
    headings above the chunk, joined by " > ". `page` is that of the chunk's first character, from 1, or None.
    """

    id: str
    document_id: str
    ordinal: int
    start: int
    end: int
    text: str
    text_hash: str
    headings: str = ""
    page: int | None = None


@dataclass(frozen=True, slots=True)
class ExtractedEntity:
    """An entity as one chunk states it (by a model or an import, before resolution)."""

    name: str
    type: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class ExtractedRelationship:
    """A relationship as one chunk states it. `weight` is above 0; 1 is usual."""

    source: str
    target: str
    description: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class ExtractedClaim:
    """A claim (a covariate) as one chunk states it."""

    subject: str
    description: str
    object: str = ""
    type: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What one chunk text says according to one extractor; keyed by content, immutable."""

    text_hash: str
    extractor: str
    entities: tuple[ExtractedEntity, ...] = ()
    relationships: tuple[ExtractedRelationship, ...] = ()
    claims: tuple[ExtractedClaim, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """An entity named in a chunk: `chunk.text[start:end]`.

    `key` is the normalised name that matched, `entity_key` the canonical key after resolution (equal where nothing
    was merged). `sentence_start`, `sentence_end` bound the sentence inside the chunk text.
    """

    key: str
    entity_key: str
    start: int
    end: int
    sentence_start: int
    sentence_end: int


@dataclass(frozen=True, slots=True)
class Merge:
    """A recorded decision that two names are one entity. `scope` is a document id, or "" for everywhere."""

    id: str
    key: str
    into: str
    reason: str
    scope: str = ""
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Entity:
    """One real thing. `degree` counts relationships, `frequency` the chunks that mention it."""

    id: str
    name: str
    type: str = ""
    description: str = ""
    aliases: tuple[str, ...] = ()
    frequency: int = 0
    degree: int = 0
    chunk_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Relationship:
    """An undirected link of two entities; `source_id < target_id`. `chunk_ids` are its evidence."""

    id: str
    source_id: str
    target_id: str
    description: str = ""
    weight: float = 1.0
    chunk_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """What a chunk claims of an entity, as a model read it. `object_id` is "" where it names no second entity."""

    id: str
    subject_id: str
    description: str
    chunk_id: str
    object_id: str = ""
    type: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Community:
    """A group of entities at one level. `parent_id` is "" at level 0. The id is derived from the members."""

    id: str
    level: int
    entity_ids: tuple[str, ...]
    parent_id: str = ""
    child_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span of a chunk that supports a statement: `chunk.text[start:end]`."""

    chunk_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement of a community report, with the spans that support it."""

    text: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class CommunityReport:
    """What a community is about. `rating` is 0 to 10: a model's opinion, or the share of the corpus it covers."""

    community_id: str
    level: int
    title: str
    summary: str
    findings: tuple[Finding, ...] = ()
    rating: float = 0.0
    extractor: str = "extractive"


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step of an evidence path: `kind` is question, entity, passage or relationship."""

    kind: str
    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A ranked chunk. `start`, `end` count characters of the stored document text; `headings` is as in `Chunk`.

    `metadata` is that of its document.
    """

    document_id: str
    chunk_id: str
    text: str
    start: int
    end: int
    score: float
    path: tuple[PathStep, ...] = ()
    title: str = ""
    source: str = ""
    page: int | None = None
    headings: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Citation:
    """A verified quotation: `document.text[start:end] == text`. Several may stand behind one marker."""

    marker: str
    document_id: str
    chunk_id: str
    source: str
    page: int | None
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Model use. `cost_usd` is None when a model without a known price was called."""

    calls: int = 0
    cached_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = 0.0

    def __add__(self, other: Usage) -> Usage:
        known = self.cost_usd is not None and other.cost_usd is not None
        return Usage(
            self.calls + other.calls,
            self.cached_calls + other.cached_calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            (self.cost_usd or 0.0) + (other.cost_usd or 0.0) if known else None,
        )


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of a conversation and its answer."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class QuestionPart:
    """One of the simple questions that a question was split into, answers to earlier ones filled in by a model.

    `answer` is what passages told, where a later part needed it; "#2" in a question stands for an answer that was not
    found.
    """

    question: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with verified citations.

    `mode` is the mode that ran; `mode_reason` says why `auto` chose it, and what else a reader has to know, as that the
    sources of a text whose model gave none were found by comparing the words. `models` names what was used for
    {"retrieval", "answer"}: "none" means that no model took part. `timings` are seconds by stage. `context` is what
    a model was shown; `dropped_citations` counts markers of its text that cite nothing of it, or what does not bear the
    text out. `is_supported` is False when the text says that the answer is not known, `citations` then being passages
    that come close, or none; and when a model cites nothing that holds. `parts` are the questions it was split into,
    none where it was asked as a whole.
    """

    text: str
    citations: tuple[Citation, ...]
    mode: str
    passages: tuple[Passage, ...]
    usage: Usage = Usage()
    timings: Mapping[str, float] = field(default_factory=dict)
    snapshot: str = ""
    mode_reason: str = ""
    models: Mapping[str, str] = field(default_factory=dict)
    context: str = ""
    dropped_citations: int = 0
    is_supported: bool = True
    parts: tuple[QuestionPart, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be processed: a file, a document or a chunk, and why.

    `name` is what people call it where `source` is an id: the document, the place in it and the first words.
    """

    source: str
    reason: str
    step: str = "load"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an indexing run would do and cost.

    Attributes:
        changes: How many sources are added, changed, removed and unchanged.
        steps: By step the model calls that are likely: what texts like these took.
        minutes: What these take.
        at_most: By step how much that can be: all that there can be to do, every call made and as much written twice.
    """

    changes: Mapping[str, int]
    steps: Mapping[str, Usage] = field(default_factory=dict)
    minutes: float = 0.0
    at_most: Mapping[str, Usage] = field(default_factory=dict)

    @property
    def usage(self) -> Usage:
        """What is likely, all steps together."""
        return sum(self.steps.values(), Usage())

    @property
    def usage_at_most(self) -> Usage:
        """How much that can be."""
        return sum(self.at_most.values(), Usage())


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What an indexing run did. `counts` are totals in the new snapshot, `changes` what this run added or removed.

    `waiting` counts the model's replies that come with batches under way, for a later run to collect.
    """

    snapshot: str
    counts: Mapping[str, int]
    changes: Mapping[str, int]
    failures: tuple[Failure, ...] = ()
    notices: tuple[str, ...] = ()
    usage: Usage = Usage()
    timings: Mapping[str, float] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    stopped_at_budget: bool = False
    waiting: int = 0

    @property
    def is_whole(self) -> bool:
        """True when nothing failed and nothing was left out."""
        return not self.failures and not self.stopped_at_budget and not self.waiting
