"""Adapt the extraction prompt to a collection: its own types, relationships and an example, for a person to review.

One call for each language of the collection. What the model says is not believed: a type must be a short noun in the
language, a name of the example must stand in its passage. Nothing is used until the settings name the folder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from graphrag_lite.errors import InputError
from graphrag_lite.index.sample import choose_sample
from graphrag_lite.index.tune_reply import Proposal, TuneReply, find_problem, read_proposal
from graphrag_lite.llm.chat import model_price
from graphrag_lite.llm.counting import CountingChatModel
from graphrag_lite.llm.prices import price_usage
from graphrag_lite.llm.protocols import ChatModel, ChatRequest, prompt_messages
from graphrag_lite.llm.providers import find_provider
from graphrag_lite.llm.structured import ask
from graphrag_lite.llm.tokens import count_messages
from graphrag_lite.prompts import (
    divide,
    numbered,
    placeholders,
    prompt_language,
    read_prompt,
    render,
    settings_line,
)
from graphrag_lite.records import Chunk, Usage
from graphrag_lite.settings import Settings
from graphrag_lite.text.tokens import estimate_tokens

SAMPLE_TOKENS = 4000
REPLY_TOKENS = 1500
_USUAL_REPLY_TOKENS = 700
_LEAST_SHARE = 0.05  # a language with less of the collection is left as it is


@dataclass(frozen=True, slots=True)
class TuningCall:
    """The one call for a language: the passages it shows, and the request."""

    language: str
    chunks: tuple[Chunk, ...]
    request: ChatRequest


@dataclass(frozen=True, slots=True)
class TunedPrompt:
    """A tuned `extract.md`. `added_tokens` is what every call reads more; `example_title` the document it shows."""

    call: TuningCall
    text: str
    proposal: Proposal
    example_title: str
    added_tokens: int


@dataclass(frozen=True, slots=True)
class TuningPlan:
    """The calls that would be made, one a language; `titles` are those of documents by id."""

    calls: tuple[TuningCall, ...]
    titles: Mapping[str, str]
    usage: Usage


@dataclass(frozen=True, slots=True)
class TuningReport:
    """What was written: the files, the text of changes, what it cost, and what goes into grl.toml."""

    files: tuple[Path, ...]
    changes: str
    settings_line: str
    usage: Usage


def plan_tuning(
    chunks: Sequence[Chunk], titles: Mapping[str, str], settings: Settings, *, most: int = 20
) -> TuningPlan:
    """What tuning would ask a model, and cost.

    Args:
        chunks: Of the collection, in document order.
        titles: Of documents by id.
        settings: Types of today, prompts, model.
        most: Passages to show in one call.

    Raises:
        InputError: There is no text.
    """
    by_language: dict[str, list[Chunk]] = {}
    for chunk in chunks:
        by_language.setdefault(prompt_language(chunk.text), []).append(chunk)
    sizes = {language: sum(estimate_tokens(c.text) for c in group) for language, group in by_language.items()}
    if not sum(sizes.values()):
        raise InputError("there is no text to tune prompts to: name documents, or index some first")
    languages = sorted(name for name, size in sizes.items() if size >= _LEAST_SHARE * sum(sizes.values()))
    calls = tuple(_call(language, by_language[language], titles, settings, most) for language in languages)
    prompt = sum(count_messages(call.request.messages) for call in calls)
    llm = settings.llm
    price = model_price(llm, find_provider(llm.provider, llm.base_url, llm.model))
    priced = price_usage(price, prompt, _USUAL_REPLY_TOKENS * len(calls))
    return TuningPlan(calls, titles, replace(priced, calls=len(calls)))


def tune_prompts(plan: TuningPlan, model: ChatModel, settings: Settings, folder: Path) -> TuningReport:
    """Ask, check and write; nothing is written unless every language came out.

    Raises:
        InputError: There are such files already.
        ModelError: The model wrote nothing that can be used.
    """
    files = [folder / call.language / "extract.md" for call in plan.calls] + [folder / "CHANGES.md"]
    if there := [path for path in files if path.exists()]:  # perhaps somebody's work
        raise InputError(f"{there[0]} is there already: remove it, or name another folder with --out")
    counting = CountingChatModel(model)
    tuned = [tune(call, counting, plan.titles, settings) for call in plan.calls]
    changes = describe_changes(tuned, settings, folder)
    for path, text in zip(files, [*(one.text + "\n" for one in tuned), changes], strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return TuningReport(tuple(files), changes, settings_line(folder), counting.usage)


def _call(
    language: str, chunks: Sequence[Chunk], titles: Mapping[str, str], settings: Settings, most: int
) -> TuningCall:
    sample = choose_sample(chunks, most=most, budget_tokens=SAMPLE_TOKENS)
    shown = numbered((titles.get(chunk.document_id, ""), chunk.text) for chunk in sample)
    types = ", ".join(settings.extract.entity_types)
    prompt = render("tune", language, settings.llm.prompts, passages=shown, types=types)
    request = ChatRequest(prompt_messages(prompt), max_output_tokens=REPLY_TOKENS, purpose="tune")
    return TuningCall(language, tuple(sample), request)


def tune(call: TuningCall, model: ChatModel, titles: Mapping[str, str], settings: Settings) -> TunedPrompt:
    """The tuned prompt of one language.

    Raises:
        ModelError: The model wrote nothing that can be used, twice.
    """
    reply = ask(model, call.request, TuneReply, lambda value: find_problem(value, call.language))
    proposal = read_proposal(reply, [chunk.text for chunk in call.chunks], call.language)
    base = _base(call.language, settings)
    text = _text(base, proposal, call.language, settings)
    example = proposal.example
    source = titles.get(call.chunks[example.passage].document_id, "") if example else ""
    plain = base.replace("{{types}}", ", ".join(settings.extract.entity_types))
    return TunedPrompt(call, text, proposal, source, estimate_tokens(text) - estimate_tokens(plain))


def _base(language: str, settings: Settings) -> str:
    """The prompt to start from: the user's own, unless its types were fixed already."""
    own = read_prompt("extract", language, settings.llm.prompts)
    return own if "types" in placeholders(own) else read_prompt("extract", language)


def _text(base: str, proposal: Proposal, language: str, settings: Settings) -> str:
    folder, example = settings.llm.prompts, proposal.example
    system, divider, user = divide(base)
    parts = [system.replace("{{types}}", _listed(proposal.types, language))]
    if proposal.relations:
        shown = _listed(proposal.relations, language)
        parts.append(render("tuned", language, folder, about=proposal.about, relations=shown).system)
    if example and not settings.extract.claims:  # an example without claims would teach to leave them out
        passage = numbered([("", example.excerpt)])
        parts.append(render("tuned_example", language, folder, passage=passage, reply=example.reply).system)
    text = "\n\n".join(parts) + f"\n{divider}\n{user}"
    assert placeholders(text) == placeholders(base) - {"types"}, "what a model says must not add placeholders"
    return text


def _listed(named: Mapping[str, str], language: str) -> str:
    opening, closing, comma = ("（", "）", "、") if language == "zh" else (" (", ")", ", ")
    return comma.join(f"{name}{opening}{meaning}{closing}" if meaning else name for name, meaning in named.items())


def describe_changes(tuned: Sequence[TunedPrompt], settings: Settings, folder: Path) -> str:
    """What was changed and how to use it, for the person who reviews it."""
    parts = [
        "# Prompts tuned to a collection",
        f"Proposed by {settings.llm.model}. Nothing is used until grl.toml says so; correct the files first.\n\n"
        f"```toml\n{settings_line(folder)}\n```",
        "Then the next `grl index` has every chunk read again: a fact belongs to the prompt that found it. "
        "`extract.entity_types` of the settings no longer matters where a prompt lists its own types.",
    ]
    return "\n\n".join([*parts, *(_describe(one, settings) for one in tuned)]) + "\n"


def _describe(one: TunedPrompt, settings: Settings) -> str:
    proposal, call = one.proposal, one.call
    usual = settings.extract.entity_types
    gone = [name for name in usual if name not in proposal.types]
    documents = len({chunk.document_id for chunk in call.chunks})
    lines = [
        f"## {call.language}/extract.md\n",
        f"From {len(call.chunks)} passages of {documents} documents: {proposal.about}\n",
        "Types\n",
        *(_item(f"{n}{'' if n in usual else ' (new)'}", meaning) for n, meaning in proposal.types.items()),
        f"- no longer asked for: {', '.join(gone)}" if gone else "",
        "\nRelationships to look for\n",
        *(_item(name, meaning) for name, meaning in proposal.relations.items()),
        f"\nExample, from {one.example_title or 'a document without title'}: {proposal.example.excerpt}"
        if proposal.example
        else "\nExample: none",
        f"\nEvery call reads {one.added_tokens} tokens more; it is the same beginning every time, which most providers"
        " bill at a fraction.",
    ]
    dropped = ["\nNot taken of what the model proposed\n", *(f"- {what}" for what in proposal.dropped)]
    return "\n".join(line for line in [*lines, *(dropped if proposal.dropped else [])] if line)


def _item(name: str, meaning: str) -> str:
    return f"- {name}: {meaning}" if meaning else f"- {name}"
