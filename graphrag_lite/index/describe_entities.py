"""What is known of each entity in a few sentences: stated descriptions, summarised by a model where they are long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from graphrag_lite.index.enrich import take
from graphrag_lite.index.entities import MentionColumns, entity_rows
from graphrag_lite.index.refine_llm import needs_summary, summarize_descriptions
from graphrag_lite.index.run import Run
from graphrag_lite.index.vocabulary import Vocabulary
from graphrag_lite.llm.dispatch import Dispatcher
from graphrag_lite.llm.prices import format_usd
from graphrag_lite.records import Entity, Facts
from graphrag_lite.store.writer import Writer

_SHOWN = 3  # descriptions that are joined where no model summarises them


class EntityDescriptions:
    """Descriptions by entity key; the long ones are summarised while the rest of the run goes on.

    Args:
        run: The run.
        facts: What was stated.
        vocabulary: Names.
        beside: Where the summaries are made and written, one after the other.

    Attributes:
        joined: By entity key what stands where there is no summary.
        calls: How many summaries the model is asked for.
    """

    def __init__(
        self, run: Run, facts: Iterable[Facts], vocabulary: Vocabulary, beside: Dispatcher[str, object]
    ) -> None:
        stated = _stated(facts, vocabulary)
        self.joined: Mapping[str, str] = {key: _joined(texts) for key, texts in stated.items()}
        self.calls = 0
        self._beside = beside
        self._summaries: dict[str, str] = {}
        if run.asks_after("extract", "resolve") and "summarise" in run.recipe.steps:
            long = _long(stated, vocabulary)
            self.calls = len(long)
            beside.submit("summarise", lambda: self._summaries.update(_summarised(run, long)))

    def write(self, writer: Writer, entities: Sequence[Entity], columns: MentionColumns) -> None:
        """Write the entities, once the summaries of those that were long are there."""
        self._beside.submit(
            "entities", lambda: writer.update_view("entities", entity_rows(entities, columns, self._summaries))
        )

    def wait(self) -> None:
        """Wait until they are written."""
        for outcome in self._beside.completed():
            outcome.result()


def _stated(facts: Iterable[Facts], vocabulary: Vocabulary) -> dict[str, list[str]]:
    """The distinct descriptions of each entity key, longest first."""
    found: dict[str, set[str]] = {}
    for one in facts:
        for entity in one.entities:
            entry = vocabulary.named(entity.name)
            if entry and entity.description:
                found.setdefault(entry.entity_key, set()).add(entity.description)
    return {key: sorted(texts, key=lambda text: (-len(text), text)) for key, texts in found.items()}


def _joined(texts: Sequence[str]) -> str:
    return " ".join(texts[:_SHOWN])


def _long(stated: Mapping[str, Sequence[str]], vocabulary: Vocabulary) -> dict[str, tuple[str, Sequence[str]]]:
    """By name the key and the descriptions of what needs a summary; of namesakes the first."""
    names = {key: vocabulary.entries[key].name if key in vocabulary.entries else key for key in stated}
    keys = {name: key for key, name in sorted(names.items(), reverse=True)}
    return {name: (key, stated[key]) for name, key in keys.items() if needs_summary(stated[key])}


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
