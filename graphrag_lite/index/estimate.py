"""What model calls will cost, before any is made: calls, tokens, USD and minutes of each step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from graphrag_lite.index.extract_llm import Extraction, extraction_request
from graphrag_lite.index.packs import Pack
from graphrag_lite.index.refine_llm import LONG_TOKENS, PAIRS_PER_CALL, SHOWN_CHARACTERS, SUMMARY_TOKENS
from graphrag_lite.index.report_plan import LEAST_FACT_TOKENS, render_report
from graphrag_lite.index.resolve_doubts import MOST_PAIRS
from graphrag_lite.llm.prices import Price
from graphrag_lite.llm.tokens import MESSAGE_TOKENS, count_messages
from graphrag_lite.prompts import read_prompt
from graphrag_lite.settings import ReportSettings
from graphrag_lite.text.tokens import estimate_tokens

_WRITTEN_PER_READ = 1.2  # compact replies of an extraction, in tokens for a token of passages
_DESCRIBING_PER_READ = 0.2  # descriptions of entities in them
_DESCRIPTION_TOKENS = 15
_PAIRS_PER_NAME = 5
_REPORT_TOKENS = 350
_ASKED_AGAIN = 1.15  # malformed and cut-off replies
_COMMUNITIES_PER_CHUNK = 1.5
_TOKENS_PER_S = 50.0  # a usual model writes so fast
_FIRST_TOKEN_S = 1.0


@dataclass(frozen=True, slots=True)
class Calling:
    """How a model is called: price (None where nobody knows), calls under way at once, tokens thought for a call."""

    price: Price | None = None
    concurrency: int = 1
    thought_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Estimate:
    """The expected cost of one step, `at_most` an upper bound. `cost_usd` is None when nobody knows the price."""

    step: str
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    minutes: float
    at_most: bool = False


def estimate_extraction(packs: Sequence[Pack], extraction: Extraction, calling: Calling) -> Estimate:
    """The cost of extracting planned packs, gleanings included; replies in the cache would lower it."""
    prompt = completion = 0
    rounds = 1 + extraction.settings.gleanings
    for pack in packs:
        written = int(_WRITTEN_PER_READ * pack.tokens) + 40
        sent = count_messages(extraction_request(pack, extraction).messages)
        prompt += sum(sent + n * written for n in range(rounds))
        completion += written + (rounds - 1) * written // 2
    calls, prompt, completion = (int(_ASKED_AGAIN * number) for number in (len(packs) * rounds, prompt, completion))
    return _estimate("extract", calls, prompt, completion, calling)


def estimate_report_share(
    corpus_tokens: int,
    changed: float,
    chunk_count: int,
    settings: ReportSettings,
    calling: Calling,
) -> Estimate:
    """The cost of reports before there is a graph to write them from: what `reports.share` allows, at most.

    A small change touches many reports: an edit of one of 1,669 files 5% of them, of one of 60 files 14%, the removal
    of three of 60 files 45%.

    Args:
        corpus_tokens: Of all chunks.
        changed: The share of the corpus, 0 to 1, that is new or gone.
        chunk_count: Of the corpus; communities are seldom half as many again.
        settings: Of reports.
        calling: How the model is called.
    """
    changed = min(1.0, 2 * min(1.0, changed) ** 0.4)
    overhead = count_messages(render_report((), settings, "en", ""))
    prompt = int(changed * settings.share * corpus_tokens)
    calls = min(prompt // (overhead + LEAST_FACT_TOKENS), int(changed * _COMMUNITIES_PER_CHUNK * chunk_count))
    calls = int(_ASKED_AGAIN * calls)
    prompt = min(int(_ASKED_AGAIN * prompt), calls * (overhead + settings.max_tokens))
    return replace(_estimate("report", calls, prompt, calls * _REPORT_TOKENS, calling), at_most=True)


def estimate_decisions(new_tokens: int, calling: Calling) -> Estimate:
    """The cost, at most, of deciding which names of `new_tokens` of passages are one thing."""
    names = int(_DESCRIBING_PER_READ * new_tokens) // _DESCRIPTION_TOKENS
    pairs = min(MOST_PAIRS, _PAIRS_PER_NAME * names)
    calls = -(-pairs // PAIRS_PER_CALL)
    prompt = calls * _overhead("resolve") + pairs * (SHOWN_CHARACTERS // 2 + 2 * _DESCRIPTION_TOKENS)
    return replace(_estimate("resolve", calls, prompt, calls * 10 + pairs * 3, calling), at_most=True)


def estimate_summaries(new_tokens: int, corpus_tokens: int, calling: Calling) -> Estimate:
    """The cost, at most, of summarising descriptions: were those of the corpus all of entities that have too long ones.

    Args:
        new_tokens: Of the passages that will be read; they touch so many entities and no others.
        corpus_tokens: Of all passages.
        calling: How the model is called.
    """
    described = int(_DESCRIBING_PER_READ * corpus_tokens)
    calls = min(int(_DESCRIBING_PER_READ * new_tokens) // _DESCRIPTION_TOKENS, described // LONG_TOKENS)
    prompt = calls * _overhead("summarize") + (described if calls else 0)
    completion = calls * SUMMARY_TOKENS
    return replace(_estimate("summarise", calls, prompt, completion, calling), at_most=True)


def _overhead(prompt: str) -> int:
    return estimate_tokens(read_prompt(prompt, "en", "")) + 2 * MESSAGE_TOKENS


def _estimate(step: str, calls: int, prompt: int, completion: int, calling: Calling) -> Estimate:
    completion += calls * calling.thought_tokens
    cost = None if calling.price is None else calling.price.cost_usd(prompt, completion)
    seconds = (calls * _FIRST_TOKEN_S + completion / _TOKENS_PER_S) / max(1, min(calls, calling.concurrency))
    return Estimate(step, calls, prompt, completion, cost, seconds / 60)
