"""What model calls will cost, before any is made: calls, tokens, USD and minutes of each step.

Likely is what texts like these took, by their names and tokens. At most grants that there is as much to do as there can
be, that every call is made twice, and that twice as much is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

from graphrag_lite.index.extract_llm import Extraction, extraction_request
from graphrag_lite.index.names_ahead import NamesAhead
from graphrag_lite.index.packs import Pack
from graphrag_lite.index.refine_llm import LONG_TOKENS, PAIRS_PER_CALL, SHOWN_CHARACTERS, SUMMARY_TOKENS
from graphrag_lite.index.report_plan import count_reports, most_reports, render_report, report_tokens
from graphrag_lite.index.resolve_doubts import MOST_PAIRS
from graphrag_lite.llm.prices import Price, price_usage
from graphrag_lite.llm.tokens import MESSAGE_TOKENS, count_messages
from graphrag_lite.prompts import read_prompt
from graphrag_lite.records import Usage
from graphrag_lite.settings import ReportSettings
from graphrag_lite.text.tokens import estimate_tokens

# Tokens of a reply of extraction: an entity or two and relationships for a name, and things without a name besides.
_WRITTEN_PER_NAME = 33
_WRITTEN_PER_READ = 0.45
_WRITTEN_PER_CHUNK = 12
_CLAIMS_MORE = 1.25
_DESCRIPTION_TOKENS = 15
_LINE_TOKENS = 8  # "#mark number" before each of numbered things
_COMMUNITIES_PER_NAME = 0.2  # 0.18 to 0.23 in seven English corpora
_COMMUNITIES_PER_CHUNK = 0.15  # at least, where names have no capitals
_MORE_COMMUNITIES = 3  # at most for likely: a model finds more than names, and small communities are more
_MOST_LONG_PER_CHUNK = 0.05  # things with long descriptions, at least, at most for likely
_FACTS_TOKENS = 450  # of a report that may show all its facts
_REPORT_TOKENS = 350
_WORDIER = 2  # at most for likely, of what is written
_ASKED_AGAIN = 2  # times that a call is made at most: what is malformed twice is given up, what is cut off is halved
_OTHER_VOCABULARY = 1.25  # tokens that a server counts for one of ours
_TOKENS_PER_S = 50.0  # a usual model writes so fast
_FIRST_TOKEN_S = 1.0


@dataclass(frozen=True, slots=True)
class Calling:
    """How a model is called.

    Attributes:
        price: None where nobody knows it.
        concurrency: Calls under way at once.
        thought_tokens: Of a model that thinks, for a call.
        reply_tokens: The longest reply of a call.
    """

    price: Price | None = None
    concurrency: int = 1
    thought_tokens: int = 0
    reply_tokens: int = 4000


@dataclass(frozen=True, slots=True)
class Estimate:
    """The cost of one step: what is `likely`, with how long that takes, and the `most` it can be."""

    step: str
    likely: Usage
    most: Usage
    minutes: float


@dataclass(frozen=True, slots=True)
class _Amount:
    """Calls and tokens of a step."""

    calls: int = 0
    prompt: int = 0
    completion: int = 0


@dataclass(frozen=True, slots=True)
class Touched:
    """The share, 0 to 1, of all reports and summaries that is to be written anew: what is `likely`, and the `most`."""

    likely: float
    most: float


def touched(changed: float) -> Touched:
    """What is touched by a change of some share of the corpus.

    A small change touches many: an edit of one of 1,669 files 5% of the reports, of one of 60 files 14%, the removal of
    three of 60 files 45%, that of every fifth passage 87%.
    """
    changed = min(1.0, max(0.0, changed))
    return Touched(min(1.0, 2.5 * changed**0.6), min(1.0, 2 * changed**0.4))


def estimate_extraction(packs: Sequence[Pack], extraction: Extraction, names: NamesAhead, calling: Calling) -> Estimate:
    """The cost of extracting planned packs, gleanings included; replies in the cache would lower it."""
    likely, most = _Amount(), _Amount()
    for pack in packs:
        sent = count_messages(extraction_request(pack, extraction).messages)
        written = (_WRITTEN_PER_READ + _WRITTEN_PER_NAME * names.per_token) * pack.tokens
        written *= _CLAIMS_MORE if extraction.settings.claims else 1.0
        written += _WRITTEN_PER_CHUNK * len(pack.chunks)
        planned = (extraction.settings.gleanings, calling.reply_tokens)
        likely = _sum(likely, _reading(sent, pack.tokens, int(written), *planned, is_likely=True))
        whole = _with_repetitions(_reading(sent, pack.tokens, int(_WORDIER * written), *planned, is_likely=False))
        most = _sum(most, _larger(whole, _one_by_one(sent, pack, extraction.settings.gleanings)))
    return _estimate("extract", likely, most, calling)


def _reading(sent: int, passages: int, written: int, gleanings: int, most: int, *, is_likely: bool) -> _Amount:
    """What one pack takes. A reply longer than `most` comes in parts, at most after one that was cut off."""
    parts = max(1, -(-written // most))
    cut_off = most if parts > 1 and not is_likely else 0
    prompt = sent + (parts - 1) * (sent - passages)
    more = written // 2 if is_likely else written
    return _Amount(
        parts * (1 + gleanings),
        sum(prompt + n * written for n in range(1 + gleanings)),
        written + cut_off + gleanings * more,
    )


def _one_by_one(sent: int, pack: Pack, gleanings: int) -> _Amount:
    """What a pack takes of a model that reads one passage a call: what it leaves out is halved, and asked for again."""
    calls = (1 + gleanings) * len(pack.chunks)
    prompt = calls * (sent - pack.tokens) + (1 + gleanings) * len(pack.chunks).bit_length() * pack.tokens
    return _Amount(calls, ceil(_OTHER_VOCABULARY * prompt))


def estimate_reports(
    corpus_tokens: int,
    share: Touched,
    communities: tuple[int, int],
    settings: ReportSettings,
    calling: Calling,
    standing: int = 0,
    calls_beside: int = 0,
) -> Estimate:
    """The cost of reports before there is a graph to write them from: one for each community, as far as the share goes.

    At most it is all of them, whatever changes: once in a while communities are found anew.

    Args:
        corpus_tokens: Of all chunks.
        share: Of the reports.
        communities: How many there will be: likely, and at most.
        settings: Of reports.
        calling: How the model is called.
        standing: Reports that a run which was not whole has written: the others are missing.
        calls_beside: Those for summaries, which begin at the same time and fill the same rounds.
    """
    fit, room = most_reports(settings, corpus_tokens), report_tokens(settings, corpus_tokens)
    planned = count_reports(communities[0], settings, corpus_tokens, calling.concurrency, calls_beside)
    likely = max(share.likely, 1 - standing / planned) if standing else share.likely
    overhead = count_messages(render_report((), settings, "en", ""))
    calls, most_calls = round(likely * planned), min(fit, max(1, communities[1])) if share.most else 0
    prompt = min(int(likely * room), calls * (overhead + min(settings.max_tokens, _FACTS_TOKENS)))
    most_prompt = min(room, most_calls * (overhead + settings.max_tokens))
    return _estimate(
        "report",
        _Amount(calls, prompt, calls * _REPORT_TOKENS),
        _with_repetitions(_Amount(most_calls, most_prompt, _WORDIER * most_calls * _REPORT_TOKENS)),
        calling,
    )


def expected_communities(names: NamesAhead, chunk_count: int) -> tuple[int, int]:
    """How many communities the names of so many chunks fall into: likely, and at most."""
    likely = max(_COMMUNITIES_PER_NAME * names.distinct, _COMMUNITIES_PER_CHUNK * chunk_count)
    return int(likely), int(_MORE_COMMUNITIES * likely)


def estimate_decisions(share: Touched, names: NamesAhead, calling: Calling) -> Estimate:
    """The cost of deciding which names are one thing."""
    pairs = ceil(share.likely * min(MOST_PAIRS, names.distinct))
    calls, most_pairs = -(-pairs // PAIRS_PER_CALL), MOST_PAIRS if share.most else 0
    most_calls = -(-most_pairs // PAIRS_PER_CALL)
    prompt = calls * _overhead("resolve") + pairs * 2 * (_DESCRIPTION_TOKENS + _LINE_TOKENS)
    most_prompt = most_calls * _overhead("resolve") + most_pairs * 2 * (SHOWN_CHARACTERS // 4 + _DESCRIPTION_TOKENS)
    return _estimate(
        "resolve",
        _Amount(calls, prompt, calls * 10 + pairs * 3),
        _with_repetitions(_Amount(most_calls, most_prompt, _WORDIER * (most_calls * 10 + most_pairs * 3))),
        calling,
    )


def estimate_summaries(share: Touched, chunk_count: int, names: NamesAhead, calling: Calling) -> Estimate:
    """The cost of summarising descriptions: of names in so many chunks that theirs together are long.

    Args:
        share: Of the summaries.
        chunk_count: Of the corpus.
        names: Of the corpus.
        calling: How the model is called.
    """
    enough, fewest = LONG_TOKENS // _DESCRIPTION_TOKENS, LONG_TOKENS // (_WORDIER * _DESCRIPTION_TOKENS)
    long, described = names.frequent(enough)
    calls, described = round(share.likely * long), round(share.likely * described)
    most_long, most_described = names.frequent(fewest)
    # What has no capital has no name here, and may be described as often.
    most_calls = ceil(share.most * max(most_long, _MOST_LONG_PER_CHUNK * chunk_count))
    most_described = max(most_described, most_calls * enough)
    overhead = _overhead("summarize")
    return _estimate(
        "summarise",
        _Amount(calls, calls * overhead + described * (_DESCRIPTION_TOKENS + _LINE_TOKENS), calls * SUMMARY_TOKENS),
        _with_repetitions(
            _Amount(
                most_calls,
                most_calls * overhead + most_described * (_WORDIER * _DESCRIPTION_TOKENS + _LINE_TOKENS),
                _WORDIER * most_calls * SUMMARY_TOKENS,
            )
        ),
        calling,
    )


def estimate_embedding(texts: int, tokens: int, batch_size: int, calling: Calling) -> Estimate:
    """The cost of embedding so many texts with so many tokens together, `batch_size` of them a call."""
    calls = -(-texts // batch_size)
    return _estimate("embed", _Amount(calls, tokens), _Amount(calls, int(_OTHER_VOCABULARY * tokens)), calling)


def _overhead(prompt: str) -> int:
    return estimate_tokens(read_prompt(prompt, "en", "")) + 2 * MESSAGE_TOKENS


def _sum(one: _Amount, other: _Amount) -> _Amount:
    return _Amount(one.calls + other.calls, one.prompt + other.prompt, one.completion + other.completion)


def _larger(one: _Amount, other: _Amount) -> _Amount:
    return _Amount(max(one.calls, other.calls), max(one.prompt, other.prompt), max(one.completion, other.completion))


def _with_repetitions(once: _Amount) -> _Amount:
    """With every call made again, by the tokens of another vocabulary; what is written is twice as much already."""
    return _Amount(_ASKED_AGAIN * once.calls, ceil(_ASKED_AGAIN * _OTHER_VOCABULARY * once.prompt), once.completion)


def _estimate(step: str, likely: _Amount, most: _Amount, calling: Calling) -> Estimate:
    usage = _usage(likely, likely.calls * calling.thought_tokens, calling.price)
    seconds = usage.calls * _FIRST_TOKEN_S + usage.completion_tokens / _TOKENS_PER_S
    minutes = seconds / max(1, min(usage.calls, calling.concurrency)) / 60
    return Estimate(step, usage, _usage(most, _WORDIER * most.calls * calling.thought_tokens, calling.price), minutes)


def _usage(amount: _Amount, thought: int, price: Price | None) -> Usage:
    usage = price_usage(price, amount.prompt, amount.completion + thought)
    return replace(usage, calls=amount.calls) if amount.calls else Usage()
