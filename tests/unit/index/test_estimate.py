from __future__ import annotations

import pytest

from graphrag_lite.index.estimate import (
    Calling,
    Estimate,
    estimate_decisions,
    estimate_embedding,
    estimate_extraction,
    estimate_report_share,
    estimate_summaries,
)
from graphrag_lite.index.extract_llm import Extraction
from graphrag_lite.index.packs import Pack
from graphrag_lite.index.resolve_doubts import MOST_PAIRS
from graphrag_lite.llm.prices import Price
from graphrag_lite.records import Chunk
from graphrag_lite.settings import ExtractSettings, ReportSettings

PRICE = Price(1.0, 2.0)
CALLING = Calling(PRICE, 25)


def test_what_cannot_be_counted_before_is_an_upper_bound() -> None:
    found = [
        estimate_decisions(50_000, CALLING),
        estimate_summaries(50_000, 50_000, CALLING),
        estimate_report_share(50_000, 1.0, 200, ReportSettings(), CALLING),
    ]
    assert [(one.step, one.at_most) for one in found] == [("resolve", True), ("summarise", True), ("report", True)]
    assert all(one.calls and one.cost_usd and one.minutes for one in found)


def test_nothing_to_read_costs_nothing() -> None:
    assert estimate_decisions(0, CALLING).cost_usd == 0
    assert estimate_summaries(0, 10**6, CALLING).cost_usd == 0


def reading(calling: Calling = CALLING, *, packs: int = 2, gleanings: int = 0) -> Estimate:
    """What it costs to read packs of one passage."""
    text = "Ada Renn mended the lamp. " * 100
    planned = [Pack((Chunk(f"c{n}", "d", n, 0, len(text), text, f"h{n}"),)) for n in range(packs)]
    return estimate_extraction(planned, Extraction(ExtractSettings(gleanings=gleanings)), calling)


def test_every_call_has_its_price() -> None:
    assert estimate_embedding(9, 5_000, 4, Price(2.0)) == Estimate("embed", 3, 5_000, 0, 0.01, pytest.approx(0.05))
    found = reading()
    assert found.cost_usd == pytest.approx((found.prompt_tokens + 2 * found.completion_tokens) / 1e6)
    assert found.completion_tokens > 0


def test_a_gleaning_is_a_call_that_sends_the_first_reply_again() -> None:
    once, twice = reading(packs=20), reading(packs=20, gleanings=1)
    assert twice.calls == 2 * once.calls
    assert twice.prompt_tokens >= 2 * once.prompt_tokens + once.completion_tokens - 2
    assert once.completion_tokens < twice.completion_tokens < 2 * once.completion_tokens


def test_what_a_model_thinks_is_paid_for_with_every_call() -> None:
    plain, thinking = reading(), reading(Calling(PRICE, 25, thought_tokens=1000))
    assert thinking.completion_tokens == plain.completion_tokens + 1000 * plain.calls


def test_the_cost_of_calls_is_unknown_without_a_price_and_that_of_none_is_nothing() -> None:
    assert reading(Calling(None)).cost_usd is None
    assert reading(Calling(None), packs=0).cost_usd == 0


def test_calls_at_once_take_as_long_as_one() -> None:
    alone, at_once = reading(Calling(PRICE, 1), packs=20), reading(Calling(PRICE, 10), packs=20)
    assert alone.minutes == pytest.approx(10 * at_once.minutes)


def test_decisions_are_bounded_however_large_the_corpus() -> None:
    assert estimate_decisions(10**7, CALLING).calls == estimate_decisions(10**9, CALLING).calls == MOST_PAIRS // 20


@pytest.mark.parametrize(("new", "corpus"), [(1_000, 10**6), (10**6, 10**6)])
def test_summaries_are_no_more_than_names_read_or_long_descriptions(new: int, corpus: int) -> None:
    calls = estimate_summaries(new, corpus, CALLING).calls
    assert 0 < calls <= min(new // 75 + 1, corpus // 1500)
