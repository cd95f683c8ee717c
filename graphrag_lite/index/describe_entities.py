"""What is known of each entity in a few sentences: stated descriptions, summarised by a model where they are long."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from graphrag_lite.index.enrich import take
from graphrag_lite.index.entities import MentionColumns, entity_rows
from graphrag_lite.index.refine_llm import needs_summary, summarize_descriptions
from graphrag_lite.index.run import Run
from graphrag_lite.index.vocabulary import Vocabulary
from graphrag_lite.llm.dispatch import Dispatcher
from graphrag_lite.llm.prices import format_usd
from graphrag_lite.records import Entity, Facts
from graphrag_lite.store.writer import Writer

_SHOWN = 3  # descriptions that stand for an entity where no model summarises them
# Behind a name: "(1812-1870) is a", ", his clerk, was the", " was Marley's", "（简称易颉）是".
_DEFINES = re.compile(
    r"(?:\s*[(（][^()（）]{1,80}[)）]|,[^,]{1,80},)?"
    r"(?:\s+(?:is|was|are|were)\s+(?:an?|the|one|\w[\w.-]{0,40}['’]s?)\s|\s*[是为])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Described:
    """What the chunk of that row states of an entity."""

    text: str
    chunk: int


class EntityDescriptions:
    """Descriptions by entity key; the long ones are summarised while the rest of the run goes on.

    Args:
        run: The run.
        facts: What was stated.
        vocabulary: Names.
        beside: Where the summaries are made and written, one after the other.

    Attributes:
        calls: How many summaries the model is asked for.
    """

    def __init__(
        self, run: Run, facts: Iterable[Facts], vocabulary: Vocabulary, beside: Dispatcher[str, object]
    ) -> None:
        self._stated = _stated(facts, vocabulary)
        self.calls = 0
        self._beside = beside
        self._summaries: dict[str, str] = {}
        if run.asks_after("extract", "resolve") and "summarise" in run.recipe.steps:
            long = _long(self._stated, vocabulary)
            self.calls = len(long)
            beside.submit("summarise", lambda: self._summaries.update(_summarised(run, long)))

    def best(self, chunks: pa.Table) -> dict[str, list[Described]]:
        """By entity key what stands for an entity where there is no summary.

        What says what it is comes first, then what comes first in the documents, which tell of a thing when they first
        name it. The longest would be whatever happens in the longest sentences.
        """
        rows: dict[str, int] = {}
        if self._stated:
            for row, text_hash in enumerate(chunks["text_hash"].to_pylist()):
                rows.setdefault(text_hash, row)
        best = {}
        for key, stated in self._stated.items():
            found = [(not one.defines, rows[one.text_hash], one.text) for one in stated if one.text_hash in rows]
            if found:
                best[key] = [Described(text, row) for _, row, text in sorted(found)[:_SHOWN]]
        return best

    def write(self, writer: Writer, entities: Sequence[Entity], columns: MentionColumns) -> None:
        """Write the entities, once the summaries of those that were long are there."""
        self._beside.submit(
            "entities", lambda: writer.update_view("entities", entity_rows(entities, columns, self._summaries))
        )

    def wait(self) -> None:
        """Wait until they are written."""
        for outcome in self._beside.completed():
            outcome.result()


@dataclass(frozen=True, slots=True)
class _Stated:
    name: str
    text: str
    text_hash: str

    @property
    def defines(self) -> bool:
        """Whether it says what the named thing is."""
        end = len(self.name)
        return self.text[:end].lower() == self.name.lower() and bool(_DEFINES.match(self.text, end))


def _stated(facts: Iterable[Facts], vocabulary: Vocabulary) -> dict[str, list[_Stated]]:
    """The distinct descriptions of each entity key, longest first."""
    found: dict[str, dict[str, _Stated]] = {}
    for one in facts:
        for entity in one.entities:
            entry = vocabulary.named(entity.name)
            if entry and entity.description:
                stated = _Stated(entity.name, entity.description, one.text_hash)
                found.setdefault(entry.entity_key, {}).setdefault(entity.description, stated)
    return {key: sorted(texts.values(), key=lambda one: (-len(one.text), one.text)) for key, texts in found.items()}


def _long(stated: Mapping[str, Sequence[_Stated]], vocabulary: Vocabulary) -> dict[str, tuple[str, Sequence[str]]]:
    """By name the key and the descriptions of what needs a summary; of namesakes the first."""
    names = {key: vocabulary.entries[key].name if key in vocabulary.entries else key for key in stated}
    keys = {name: key for key, name in sorted(names.items(), reverse=True)}
    texts = {name: (key, [one.text for one in stated[key]]) for name, key in keys.items()}
    return {name: (key, found) for name, (key, found) in texts.items() if needs_summary(found)}


def _summarised(run: Run, long: Mapping[str, tuple[str, Sequence[str]]]) -> dict[str, str]:
    model = run.chat
    if model is None:
        return {}
    texts = {name: descriptions for name, (_, descriptions) in long.items()}
    found = {}
    with run.step("summarise", len(long)) as task:
        outcomes = summarize_descriptions(texts, model, concurrency=model.concurrency, prompts=run.settings.llm.prompts)
        for outcome in outcomes:
            if take(run, outcome, "summarise", outcome.key) and outcome.value:
                found[long[outcome.key][0]] = outcome.value
            task.advance(note=format_usd(model.usage.cost_usd))
            if run.stopped_at_budget:
                break
    return found
